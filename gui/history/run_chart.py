"""The latency of a whole run: warm-up hatched, the median with its interval, heat shaded."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.history.values import Curve
from gui.theme import CAPTION, MEDIUM, SPACE, Theme

LEFT, BOTTOM, TOP = 5 * SPACE, 3 * SPACE, 10
MINUTES_FROM = 180.0
"""From how many seconds on the axis counts in minutes."""
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600, 7200, 21_600, 86_400)
EMPTY = "No samples were kept"
CENTRE = Qt.AlignmentFlag.AlignCenter


class RunChart(QWidget):
    """Draws one run, from its begin to its end."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.curve: Curve | None = None
        self.setAccessibleName("Latency over the run")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A calm size."""
        return QSize(50 * SPACE, 20 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """Two grid lines must fit."""
        return QSize(24 * SPACE, 14 * SPACE)

    def show_curve(self, curve: Curve | None) -> None:
        """Show a run; None one without samples."""
        self.curve = curve
        self.setAccessibleDescription(EMPTY if curve is None else said_of(curve))
        self.setToolTip("" if curve is None else said_of(curve))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint grid, warm-up, heat, samples, and the median with its interval."""
        painter = QPainter(self)
        plot = QRectF(LEFT, TOP, max(1, self.width() - LEFT), self.height() - TOP - BOTTOM)
        curve = self.curve
        if curve is None:
            painter.setPen(QColor(self.theme.colours.muted))
            painter.setFont(self.theme.font(CAPTION))
            painter.drawText(self.rect(), CENTRE, EMPTY)
            return
        self._paint_grid(painter, plot, curve)
        painter.save()
        painter.setClipRect(plot)
        self._paint_slow(painter, plot, curve)
        self._paint_samples(painter, plot, curve)
        self._paint_warm_up(painter, plot, curve)
        self._paint_median(painter, plot, curve)
        painter.restore()

    def _paint_grid(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        c = self.theme.colours
        painter.setFont(self.theme.font(CAPTION))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in value_ticks(curve.top_ms, int(plot.height() // 28)):
            y = round(_y(plot, curve, value))
            painter.setPen(QPen(QColor(c.border), 1))
            painter.drawLine(int(plot.left()), y, int(plot.right()), y)
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(0, y - 9, LEFT - SPACE, 18), side, f"{value:g}")
        for seconds, words in time_ticks(curve.end_s, int(plot.width() // 64)):
            x = _x(plot, curve, seconds)
            box = QRectF(x - 40, plot.bottom() + 4, 80, 18)
            if seconds == 0:
                box.moveLeft(x)
                painter.drawText(box, Qt.AlignmentFlag.AlignLeft, words)
            elif x + 24 <= plot.right():
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, words)

    def _paint_slow(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        """Shade what heat slowed down; the words stand in it."""
        if curve.slow_s is None:
            return
        c = self.theme.colours
        left = _x(plot, curve, curve.slow_s)
        shade = QColor(c.warn)
        shade.setAlphaF(0.16)
        painter.fillRect(QRectF(left, plot.top(), plot.right() - left, plot.height()), shade)
        painter.setPen(QPen(QColor(c.warn), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(left, plot.top()), QPointF(left, plot.bottom()))
        painter.setPen(QColor(c.text))
        painter.setFont(self.theme.font(CAPTION, MEDIUM))
        room = QRectF(left + 4, plot.bottom() - 20, plot.right() - left - 8, 18)
        words = "slowed by heat"
        if painter.fontMetrics().horizontalAdvance(words) <= room.width():
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft, words)

    def _paint_warm_up(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        """Hatch what counts nowhere."""
        if not curve.warm_up_s:
            return
        c = self.theme.colours
        right = _x(plot, curve, curve.warm_up_s)
        box = QRectF(plot.left(), plot.top(), max(2.0, right - plot.left()), plot.height())
        painter.fillRect(box, QBrush(QColor(c.faint), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(QColor(c.faint), 1))
        painter.drawLine(box.topRight(), box.bottomRight())

    def _paint_samples(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        """Fill from each column's fastest to its slowest sample, and draw its median."""
        c = self.theme.colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        band = QColor(c.accent)
        band.setAlphaF(0.28)
        for low, high in _pieces(curve):
            xs = [_x(plot, curve, float(at)) for at in curve.seconds[low:high]]
            over = [_y(plot, curve, float(value)) for value in curve.high_ms[low:high]]
            under = [_y(plot, curve, float(value)) for value in curve.low_ms[low:high]]
            middle = [_y(plot, curve, float(value)) for value in curve.middle_ms[low:high]]
            edge = [QPointF(x, y) for x, y in zip(xs, over, strict=True)]
            edge += [QPointF(x, y) for x, y in reversed(list(zip(xs, under, strict=True)))]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(band)
            painter.drawPolygon(QPolygonF(edge))
            painter.setPen(QPen(QColor(c.accent), 1))
            line = [QPointF(x, y) for x, y in zip(xs, middle, strict=True)]
            painter.drawPolyline(QPolygonF(line))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _paint_median(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        if curve.median_ms is None:
            return
        c = self.theme.colours
        left = _x(plot, curve, curve.warm_up_s)
        right = _x(plot, curve, curve.end_s if curve.slow_s is None else curve.slow_s)
        if curve.interval_ms is not None:
            top, bottom = (_y(plot, curve, value) for value in reversed(curve.interval_ms))
            shade = QColor(c.text)
            shade.setAlphaF(0.22)
            painter.fillRect(QRectF(left, top, right - left, max(1.0, bottom - top)), shade)
        painter.setPen(QPen(QColor(c.text), 1, Qt.PenStyle.DashLine))
        y = _y(plot, curve, curve.median_ms)
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        if curve.later_ms is not None:
            y = _y(plot, curve, curve.later_ms)
            painter.drawLine(QPointF(right, y), QPointF(plot.right(), y))


def said_of(curve: Curve) -> str:
    """Return the chart in words."""
    parts = [f"{curve.end_s:.0f} s"]
    if curve.warm_up_s:
        parts.append(f"hatched: {curve.warm_up_s:.1f} s of warm-up, counted nowhere")
    if curve.median_ms is not None:
        parts.append(f"dashed: the median, {curve.median_ms:.2f} ms, with its 95 % interval")
    if curve.slow_s is not None:
        parts.append(f"shaded: slowed down by heat from {curve.slow_s:.0f} s on")
    if curve.later_ms is not None:
        parts.append(f"there the median is {curve.later_ms:.2f} ms")
    return "; ".join(parts)


def value_ticks(top: float, most: int) -> list[float]:
    """Return round values from 0 to the axis' end, at most so many steps."""
    power = 10.0 ** (len(f"{top:.0f}") - 1) if top >= 1 else 0.1
    for step in (power / 5, power / 2, power, 2 * power, 5 * power, 10 * power):
        count = round(top / step)
        if count <= max(1, most) and abs(count * step - top) < 1e-6 * top:
            return [round(number * step, 6) for number in range(count + 1)]
    return [0.0, top]


def time_ticks(end_s: float, most: int) -> list[tuple[float, str]]:
    """Return the times to write below, with their words: ``20 s``, ``5 min``."""
    step = next((each for each in STEPS if end_s / each <= max(1, most)), STEPS[-1])
    minutes = end_s >= MINUTES_FROM and step % 60 == 0
    ticks = []
    for number in range(int(end_s // step) + 1):
        value = number * step
        shown = value // 60 if minutes else value
        unit = "" if not number else " min" if minutes else " s"
        ticks.append((float(value), f"{shown}{unit}"))
    return ticks


def _pieces(curve: Curve) -> Iterator[tuple[int, int]]:
    yield from pairwise((0, *(at for at in curve.breaks if at), len(curve.seconds)))


def _x(plot: QRectF, curve: Curve, seconds: float) -> float:
    return plot.left() + plot.width() * seconds / curve.end_s


def _y(plot: QRectF, curve: Curve, value: float) -> float:
    return plot.bottom() - plot.height() * value / curve.top_ms
