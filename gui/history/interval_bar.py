"""A difference with its interval, drawn on an axis of percent with no change in the middle."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import CAPTION, SPACE, Theme

HEIGHT = 7 * SPACE
ENDS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


class IntervalBar(QWidget):
    """Shows a ratio's interval as percent more or less; what lies beyond ends in an arrow."""

    def __init__(self, theme: Theme) -> None:
        """Make it without a difference."""
        super().__init__()
        self.theme = theme
        self.percent: tuple[float, float, float] | None = None
        self.end = ENDS[0]
        self.setAccessibleName("Difference with its 95 % interval")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_ratio(self, ratio: float, interval: tuple[float, float]) -> None:
        """Show how many times as slow the second is, with the interval of that."""
        low, middle, high = (100 * (each - 1) for each in (interval[0], ratio, interval[1]))
        self.percent = (low, middle, high) if math.isfinite(middle) else None
        reach = max(abs(each) for each in (low, middle, high) if math.isfinite(each))
        if not math.isfinite(low) or not math.isfinite(high) or low <= -100:
            reach = max(20.0, 2 * abs(middle))
        self.end = next((each for each in ENDS if each >= reach), ENDS[-1])
        self.setAccessibleDescription(f"{middle:+.1f} %, from {low:+.1f} to {high:+.1f} %")
        self.update()

    def sizeHint(self) -> QSize:
        """A calm size."""
        return QSize(40 * SPACE, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the axis, the line of no change, the interval and the difference."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = QRectF(3 * SPACE, SPACE, self.width() - 6 * SPACE, 3 * SPACE)
        painter.setFont(self.theme.font(CAPTION))
        for part in (-1.0, -0.5, 0.0, 0.5, 1.0):
            x = plot.center().x() + part * plot.width() / 2
            painter.setPen(QPen(QColor(c.muted if part == 0 else c.border), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QColor(c.muted))
            word = "same" if part == 0 else f"{part * self.end:+g} %".replace("-", "\N{MINUS SIGN}")
            painter.drawText(QRectF(x - 32, plot.bottom() + 4, 64, 18), CENTRE, word)
        if self.percent is None:
            return
        low, middle, high = (self._x(plot, each) for each in self.percent)
        y = plot.center().y()
        painter.setPen(QPen(QColor(c.accent), 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        painter.setPen(QPen(QColor(c.surface), 2))
        painter.setBrush(QColor(c.text))
        painter.drawEllipse(QPointF(middle, y), 6, 6)

    def _x(self, plot: QRectF, percent: float) -> float:
        share = max(-1.0, min(1.0, percent / self.end))
        return plot.center().x() + share * plot.width() / 2
