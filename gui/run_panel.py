"""What is recognised now, and the buttons of a timed run."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.jobs import Ended, Outcome, Progress
from engine.models.recognition import worth_showing
from gui.labels import Label
from gui.parts import Button, Card, Chip
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, Theme

TOP = 3


class Recognised(Card):
    """The best three labels with their scores."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__(theme)
        self.untrained = Chip(theme, "untrained", "warn")
        self.untrained.setToolTip("Random weights: speed is real, answers mean nothing")
        self.untrained.hide()
        self.bars = _Bars(theme)
        head = QHBoxLayout()
        head.addWidget(Label(theme, "Recognised", BODY, SEMIBOLD))
        head.addStretch(1)
        head.addWidget(self.untrained)
        self.box.addLayout(head)
        self.box.addWidget(self.bars, 1)

    @Slot(object, bool, bool)
    def show_answer(
        self, entries: Sequence[tuple[str, float]] | None, untrained: bool, boxes: bool
    ) -> None:
        """Show the newest answer, as the phone does.

        Args:
            entries: ``(label, score)`` pairs, best first; scores are fractions 0..1. None
                while there is no answer.
            untrained: Whether the weights are random.
            boxes: Whether these are things found, of which faint ones do not count.
        """
        self.untrained.setVisible(untrained)
        shown = [each for each in entries or () if worth_showing(each[1], box=boxes)]
        empty = "Nothing yet" if entries is None else "Nothing found"
        self.bars.show_entries(tuple(shown)[:TOP], empty)

    def clear(self) -> None:
        """Show nothing."""
        self.show_answer(None, untrained=False, boxes=False)


class _Bars(QWidget):
    """Rows of label, bar and percent; their places are fixed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.entries: tuple[tuple[str, float], ...] = ()
        self.empty = "Nothing yet"
        self.setAccessibleName("Recognised labels")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_entries(self, entries: tuple[tuple[str, float], ...], empty: str) -> None:
        if (entries, empty) != (self.entries, self.empty):
            self.entries, self.empty = entries, empty
            self.setToolTip("\n".join(f"{100 * score:.0f} %  {label}" for label, score in entries))
            said = ", ".join(f"{label} {score:.0%}" for label, score in entries)
            self.setAccessibleDescription(said)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(26 * SPACE, TOP * 3 * SPACE)

    def minimumSizeHint(self) -> QSize:
        return QSize(18 * SPACE, TOP * 3 * SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self.height() / TOP
        if not self.entries:
            painter.setPen(QColor(c.muted))
            painter.setFont(self.theme.font(BODY))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.empty)
        for at, (label, score) in enumerate(self.entries):
            row = QRectF(0, at * height, self.width(), height)
            share = min(1.0, max(0.0, score))
            face = row.adjusted(0, 2, -6 * SPACE, -2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.raised))
            painter.drawRoundedRect(face, 4, 4)
            painter.setBrush(QColor(c.selected))
            fill = QRectF(face)
            fill.setWidth(max(4.0, face.width() * share))
            painter.drawRoundedRect(fill, 4, 4)
            painter.setFont(self.theme.font(BODY, MEDIUM if at == 0 else self.font().weight()))
            painter.setPen(QColor(c.text if at == 0 else c.muted))
            room = face.adjusted(SPACE, 0, -SPACE, 0)
            text = painter.fontMetrics().elidedText(
                label, Qt.TextElideMode.ElideRight, int(room.width())
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(row, right, f"{100 * score:.0f} %")


class RunPanel(Card):
    """Starts and stops a timed run and exports it. Knows nothing of measuring."""

    measure_requested = Signal(float)  # seconds
    stop_requested = Signal()
    export_requested = Signal()

    def __init__(self, theme: Theme, seconds: float = 30.0) -> None:
        """Make the panel at rest."""
        super().__init__(theme)
        self.running = False
        self.seconds = seconds
        self._kept = ""
        self.measure_button = Button(theme, "Measure", "primary", "Ctrl+R")
        self.stop_button = Button(theme, "Stop", "secondary", "Esc")
        self.export_button = Button(theme, "Export", "secondary", "Ctrl+E")
        self.measure_button.clicked.connect(lambda: self.measure_requested.emit(self.seconds))
        self.stop_button.clicked.connect(self.stop_requested)
        self.export_button.clicked.connect(self.export_requested)
        for button in (self.measure_button, self.stop_button, self.export_button):
            button.setEnabled(False)
        self.stop_button.hide()  # it takes the place of Measure while a run goes
        self.title = Label(theme, "Timed run", BODY, SEMIBOLD)
        self.left = Label(theme, "", BODY, MEDIUM, "accent")
        self.bar = _Bar(theme)
        self.said = Label(theme, "Deploy first", CAPTION, tone="muted", wrap=True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.left)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.measure_button, 1)
        buttons.addWidget(self.stop_button, 1)
        buttons.addWidget(self.export_button)
        self.box.addLayout(head)
        self.box.addWidget(_TwoLines(self.said))
        self.box.addWidget(self.bar)
        self.box.addStretch(1)
        self.box.addLayout(buttons)

    def show_ready(self, ready: bool, text: str) -> None:
        """Say at rest whether a run can start."""
        if not self.running:
            self.measure_button.setEnabled(ready)
            self.said.setText(self._kept or text)

    def show_started(self) -> None:
        """Show that a run began."""
        self.running = True
        self._kept = ""
        self._show_buttons()
        self.bar.show_share(0.0)
        self.said.setText("The mirror rests meanwhile")

    def _show_buttons(self) -> None:
        had_focus = self.measure_button.hasFocus() or self.stop_button.hasFocus()
        self.measure_button.setVisible(not self.running)
        self.stop_button.setVisible(self.running)
        self.stop_button.setEnabled(self.running)
        if had_focus:
            (self.stop_button if self.running else self.measure_button).setFocus()

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show how far the run is, and what is left of it."""
        if not self.running:
            return
        self.title.setText("Measuring" if progress.step == "measure" else "Settling")
        if progress.fraction is not None and progress.step == "measure":
            left = self.seconds * (1 - progress.fraction)
            self.left.setText(f"{left:.0f} s left")
            self.bar.show_share(progress.fraction)
        if progress.detail:
            self.said.setText(progress.detail)

    @Slot(Ended)
    def show_ended(self, ended: Ended, text: str = "", tip: str = "") -> None:
        """Show how the run ended; ``text`` is what a kept one says, ``tip`` all of it."""
        self.running = False
        self.measure_button.setEnabled(True)
        self._show_buttons()
        self.title.setText("Timed run")
        self.left.setText("")
        if ended.outcome is Outcome.COMPLETED:
            self.export_button.setEnabled(True)
            self.bar.show_share(1.0)
            self._kept = text or "Kept"
        elif ended.outcome is Outcome.CANCELLED:
            self.bar.show_share(0.0)
            self._kept = "Stopped before the first sample; nothing was kept"
        else:
            self.bar.show_share(0.0)
            self._kept = ended.message
        self.said.setText(self._kept)
        self.said.setToolTip(tip)

    def forget(self) -> None:
        """Forget how the last run ended: something else is being started."""
        if not self.running:
            self._kept = ""
            self.said.setText("")
            self.said.setToolTip("")
            self.bar.show_share(0.0)


class _TwoLines(QWidget):
    """Keeps room for two lines, so that a second one moves nothing."""

    def __init__(self, label: Label) -> None:
        super().__init__()
        self.setMinimumHeight(2 * label.fontMetrics().lineSpacing())
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(label)


class _Bar(QWidget):
    """A thin bar of how much is done."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.share = 0.0
        self.setFixedHeight(SPACE // 2)
        theme.changed.connect(self.update)

    def show_share(self, share: float) -> None:
        self.share = min(1.0, max(0.0, share))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(QColor(self.theme.colours.border))
        box = QRectF(self.rect())
        painter.drawRoundedRect(box, 2, 2)
        if self.share > 0:
            painter.setBrush(QColor(self.theme.colours.accent))
            box.setWidth(max(4.0, box.width() * self.share))
            painter.drawRoundedRect(box, 2, 2)
