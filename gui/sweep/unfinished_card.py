"""Series that were not finished: each can be resumed or closed."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.labels import ElidedLabel, Label
from gui.parts import Button, Card, StateShape
from gui.sweep.values import Unfinished
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

MOST = 2


class UnfinishedCard(Card):
    """Takes no room while there is none."""

    resume_requested = Signal(object)  # Unfinished
    close_requested = Signal(object)

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__(theme)
        self.rows: list[UnfinishedRow] = []
        self.series: tuple[Unfinished, ...] = ()
        self._ready = (False, "")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(SPACE)
        self.more = Label(theme, "", CAPTION, tone="muted")
        self.box.addLayout(self._lines)
        self.box.addWidget(self.more)
        self.hide()

    def show_series(self, series: Sequence[Unfinished]) -> None:
        """Offer these, newest first."""
        if tuple(series) == self.series:
            return
        self.series = tuple(series)
        for row in self.rows:
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [UnfinishedRow(self.theme, each) for each in series[:MOST]]
        for row in self.rows:
            row.resume_button.clicked.connect(
                lambda _on=False, each=row.series: self.resume_requested.emit(each)
            )
            row.close_button.clicked.connect(
                lambda _on=False, each=row.series: self.close_requested.emit(each)
            )
            self._lines.addWidget(row)
        left = len(series) - MOST
        self.more.setText(f"and {left} more" if left > 0 else "")
        self.more.setVisible(left > 0)
        self.setVisible(bool(series))
        self.show_ready(*self._ready)

    def show_ready(self, ready: bool, why: str) -> None:
        """Say whether one can be resumed now, else why not."""
        self._ready = (ready, why)
        for row in self.rows:
            row.resume_button.setEnabled(ready)
            row.resume_button.setToolTip("Measures the rest" if ready else why)


class UnfinishedRow(QWidget):
    """One series with its two buttons."""

    def __init__(self, theme: Theme, series: Unfinished) -> None:
        """Show it."""
        super().__init__()
        self.series = series
        shape = StateShape(theme)
        shape.show_state("warn")
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(ElidedLabel(theme, series.sentence, BODY, MEDIUM))
        texts.addWidget(ElidedLabel(theme, series.title, CAPTION, tone="muted"))
        self.resume_button = Button(theme, "Resume", "secondary")
        self.resume_button.setAccessibleName(f"Resume {series.sentence}")
        self.close_button = Button(
            theme, "Close it", "quiet", "Finishes it as it is; its runs are kept"
        )
        self.close_button.setAccessibleName(f"Close {series.sentence}")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE)
        line.addWidget(shape)
        line.addLayout(texts, 1)
        line.addWidget(self.resume_button)
        line.addWidget(self.close_button)
