"""Three large digits: what the variant costs on this phone, readable from the back row."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.parts import Button, Chip
from gui.theme import BODY, CAPTION, HUGE, LARGE, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme

HEIGHT, LOW = 17 * SPACE, 15 * SPACE
"""How high it is, and where the window is low."""
BELOW = 7 * SPACE
"""From the digits' baseline to the lower edge."""


class HeadlineDigits(QWidget):
    """Median latency with its interval, pipeline FPS, APK size. Draws what it is given."""

    live_requested = Signal()  # let go of a run's figures

    def __init__(self, theme: Theme) -> None:
        """Make the digits without values."""
        super().__init__()
        self.theme = theme
        self._values: list[tuple[str, str, str, str]] = [
            (NO_VALUE, "ms", "median latency", ""),
            (NO_VALUE, "fps", "pipeline", ""),
            (NO_VALUE, "MB", "APK", ""),
        ]
        self._low = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Headline figures")
        self.chip = Chip(theme)
        self.back = Button(theme, "Back to live", "quiet")
        self.back.setFont(theme.font(CAPTION, MEDIUM))
        self.back.setFixedHeight(3 * SPACE)
        self.back.clicked.connect(self.live_requested)
        line = QHBoxLayout()
        line.setSpacing(SPACE // 2)
        line.addWidget(self.chip)
        line.addWidget(self.back)
        line.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, 0)
        box.addLayout(line)
        box.addStretch(1)
        self.show_origin("")
        theme.changed.connect(self.update)

    @Slot(str)
    def show_origin(self, text: str, tip: str = "", state: str = "busy") -> None:
        """Say where the figures come from: what runs now, or a run that is held.

        Args:
            text: ``live, last 30 s`` or ``run 3, 30 s``.
            tip: What more there is to say.
            state: ``busy`` while it runs; ``ok`` or ``warn`` for a run, as it ended.
        """
        self.chip.show_state(state, text)
        self.chip.setToolTip(tip)
        self.chip.setVisible(bool(text))
        self.back.setVisible(state != "busy")

    @Slot(object, object, int)
    def show_latency(self, median_ms: float | None, half_ms: float | None, count: int) -> None:
        """Show the median latency, half its interval's width and the sample count."""
        note = "" if not count else f"n {count:,}".replace(",", " ")
        if half_ms is not None:
            half = "< 0.01" if half_ms < 0.005 else _number(half_ms, fine=True)
            note = f"± {half} ms · {note}"
        self._set(0, median_ms, note, fine=True)

    @Slot(object, object)
    def show_fps(self, pipeline_fps: float | None, engine_fps: float | None) -> None:
        """Show results per second, and what the engine alone could do."""
        note = "" if engine_fps is None else f"engine {_number(engine_fps)} fps"
        self._set(1, pipeline_fps, note)

    @Slot(object, object)
    def show_apk(
        self, size_bytes: int | None, model_bytes: int | None, *, swapped: bool = False
    ) -> None:
        """Show the size of the APK that is installed and of the model that runs, bytes.

        A model that was ``swapped`` in is none of the APK's bytes.
        """
        note = ""
        if model_bytes is not None:
            size = "< 0.01" if model_bytes < 5_000 else _number(model_bytes / 1e6)
            note = f"model {size} MB"
        note += ", swapped in" if swapped else ""
        self._set(2, None if size_bytes is None else size_bytes / 1e6, note)

    def texts(self) -> tuple[str, ...]:
        """Return what is shown, one text per digit: ``41.2 ms``."""
        return tuple(f"{value} {unit}" for value, unit, _name, _note in self._values)

    def _set(self, at: int, value: float | None, note: str, *, fine: bool = False) -> None:
        _old, unit, name, _note = self._values[at]
        text = NO_VALUE if value is None else _number(value, fine=fine)
        if self._values[at] != (text, unit, name, note):
            self._values[at] = (text, unit, name, note)
            self.setAccessibleDescription(", ".join(self.texts()))
            self.update()

    def sizeHint(self) -> QSize:
        """The large size with two lines beneath."""
        return QSize(64 * SPACE, LOW if self._low else HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Below this the digits shrink to the next size of the scale."""
        return QSize(40 * SPACE, self.sizeHint().height())

    def show_low(self, low: bool) -> None:
        """Take less height with smaller digits: the window is low."""
        if low != self._low:
            self._low = low
            self.updateGeometry()
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint three panels in equal columns."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.border), 1))
        painter.setBrush(QColor(c.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 12, 12)
        column = self.width() / 3
        size = self._digit_size(column - 3 * SPACE)
        for at in range(3):
            box = QRectF(at * column + 2 * SPACE, 0, column - 2 * SPACE, self.height())
            if at:
                painter.setPen(QPen(QColor(c.border), 1))
                x = round(at * column) + 0.5
                painter.drawLine(int(x), 5 * SPACE, int(x), self.height() - 2 * SPACE)
            self._paint_one(painter, box, at, size)

    def _digit_size(self, room: float) -> int:
        for size in (LARGE,) if self._low else (HUGE, LARGE):
            metrics = QFontMetricsF(self.theme.font(size, SEMIBOLD))
            unit = QFontMetricsF(self.theme.font(TITLE, MEDIUM))
            widths = (
                metrics.horizontalAdvance(value) + 6 + unit.horizontalAdvance(word)
                for value, word, _name, _note in self._values
            )
            if max(widths) <= room:
                return size
        return LARGE

    def _paint_one(self, painter: QPainter, box: QRectF, at: int, size: int) -> None:
        c = self.theme.colours
        value, unit, name, note = self._values[at]
        known = value != NO_VALUE
        digits = self.theme.font(size if known else LARGE, SEMIBOLD)
        baseline = float(self.height() - BELOW)
        painter.setFont(digits)
        painter.setPen(QColor(c.text if known else c.faint))
        bearing = 0.0 if not known else 2.0 * size / HUGE
        painter.drawText(QPointF(box.left() - bearing, baseline), value)
        x = box.left() + QFontMetricsF(digits).horizontalAdvance(value) + 6
        painter.setFont(self.theme.font(TITLE, MEDIUM))
        painter.setPen(QColor(c.muted))
        painter.drawText(QPointF(x, baseline), unit)
        painter.setFont(self.theme.font(BODY, MEDIUM))
        painter.setPen(QColor(c.text))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(box.left(), baseline + 8, box.width(), 20), left, name)
        small = self.theme.font(CAPTION)
        painter.setFont(small)
        painter.setPen(QColor(c.muted))
        text = QFontMetricsF(small).elidedText(
            note, Qt.TextElideMode.ElideRight, box.width() - SPACE
        )
        painter.drawText(QRectF(box.left(), baseline + 28, box.width(), 18), left, text)


def _number(value: float, *, fine: bool = False) -> str:
    """Three significant digits where it is short, never an exponent."""
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.2f}" if (fine and value < 10) or value < 0.995 else f"{value:.1f}"
