"""Temperature and clocks of a whole run, on the same axis as its latency above."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.history.run_chart import LEFT
from gui.live.values import Heat, Line
from gui.theme import CAPTION, SPACE, Theme

HEAD, PLOT, APART = 18, 4 * SPACE, SPACE
SIDE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
LEAST_C = 4.0
"""The temperature's axis spans at least so many degrees."""


class HeatCourse(QWidget):
    """Two strips: the battery's temperature, and the fastest clock with what was allowed."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.heat: Heat | None = None
        self._end_s = 1.0
        self.slow_s: float | None = None
        self.setAccessibleName("Battery temperature and clocks over the run")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_heat(self, heat: Heat | None, end_s: float, slow_s: float | None) -> None:
        """Show a run's heat; ``slow_s`` is since when it slows the run down."""
        self.heat, self._end_s, self.slow_s = heat, max(end_s, 1e-3), slow_s
        self.setVisible(heat is not None)
        self.update()

    def sizeHint(self) -> QSize:
        """Two strips with their names."""
        return QSize(50 * SPACE, 2 * (HEAD + PLOT) + APART)

    def minimumSizeHint(self) -> QSize:
        """As high as it is."""
        return QSize(24 * SPACE, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the strips."""
        heat = self.heat
        if heat is None:
            return
        painter = QPainter(self)
        low, high = _range_of(heat.celsius)
        said = "battery" + _said(heat.celsius, "°C", 1)
        self._paint_strip(painter, 0, said, low, high, [(heat.celsius, "warn", False)])
        top = max((float(each.values.max()) for each in heat[1:] if len(each.values)), default=1.0)
        said = "fastest core" + _said(heat.ghz, "GHz", 2) + "; dotted: the most allowed"
        lines = [(heat.allowed_ghz, "muted", True), (heat.ghz, "accent", False)]
        self._paint_strip(painter, HEAD + PLOT + APART, said, 0.0, 1.05 * top, lines)

    def _paint_strip(
        self,
        painter: QPainter,
        y: int,
        said: str,
        low: float,
        high: float,
        lines: list[tuple[Line, str, bool]],
    ) -> None:
        c = self.theme.colours
        plot = QRectF(LEFT, y + HEAD, max(1, self.width() - LEFT), PLOT)
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(c.muted))
        painter.drawText(QRectF(LEFT, y, plot.width(), HEAD), WORDS, said)
        for value, at in ((high, plot.top()), (low, plot.bottom())):
            painter.setPen(QPen(QColor(c.border), 1))
            painter.drawLine(QPointF(plot.left(), at), QPointF(plot.right(), at))
            painter.setPen(QColor(c.muted))
            box = QRectF(0, at - 9, LEFT - SPACE, 18)
            painter.drawText(box, SIDE, f"{value:.0f}" if high >= 10 else f"{value:.1f}")
        for line, colour, dotted in lines:
            style = Qt.PenStyle.DotLine if dotted else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(getattr(c, colour)), 1.5, style))
            points = [
                QPointF(
                    plot.left() + plot.width() * min(1.0, float(at) / self._end_s),
                    plot.bottom() - plot.height() * (float(value) - low) / (high - low),
                )
                for at, value in zip(line.seconds, line.values, strict=True)
            ]
            painter.drawPolyline(QPolygonF(points))
        if self.slow_s is not None:
            x = plot.left() + plot.width() * self.slow_s / self._end_s
            painter.setPen(QPen(QColor(c.warn), 2))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))


def _range_of(line: Line) -> tuple[float, float]:
    """Return whole degrees around a temperature, wide enough to make no mountain of a tenth."""
    if not len(line.values):
        return 20.0, 40.0
    low, high = float(line.values.min()), float(line.values.max())
    room = max(0.0, LEAST_C - (high - low)) / 2
    return float(int(low - room)), float(int(high + room) + 1)


def _said(line: Line, unit: str, digits: int) -> str:
    if not len(line.values):
        return ", not told"
    first, last = float(line.values[0]), float(line.values[-1])
    return f", {first:.{digits}f} to {last:.{digits}f} {unit}"
