"""Paints a scene with its axes, front and legend onto anything: a widget, a picture, an SVG."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from gui.colours import Colours
from gui.compare.axes import tick_text
from gui.compare.legend import Legend
from gui.compare.scene import Scene
from gui.compare.stamps import Stamps, draw_look, radius_for
from gui.theme import SPACE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 42
CENTRE = Qt.AlignmentFlag.AlignCenter
BAR_CAP = 3.0


class Drawing:
    """A scene laid out in a box of logical pixels."""

    def __init__(self, scene: Scene, box: QRectF, colours: Colours, font: QFont) -> None:
        """Lay it out; the legend takes what it needs at the bottom."""
        self.scene, self.box, self.colours, self.font = scene, box, colours, font
        self.legend = Legend(scene, colours, font)
        foot = self.legend.height(box.width() - SPACE)
        self.plot = QRectF(
            box.left() + LEFT,
            box.top() + TOP,
            max(1.0, box.width() - LEFT - RIGHT),
            max(1.0, box.height() - TOP - BOTTOM - foot),
        )
        self.x = self.plot.left() + scene.x_axis.shares(scene.x) * self.plot.width()
        self.y = self.plot.bottom() - scene.y_axis.shares(scene.y) * self.plot.height()
        self.radius = radius_for(len(scene.x))

    def at_x(self, value: float) -> float:
        """Return where a cost lies, kept within the plot."""
        share = min(1.0, max(0.0, self.scene.x_axis.share(value)))
        return self.plot.left() + share * self.plot.width()

    def at_y(self, value: float) -> float:
        """Return where a top-1 lies, kept within the plot."""
        share = min(1.0, max(0.0, self.scene.y_axis.share(value)))
        return self.plot.bottom() - share * self.plot.height()

    def nearest(self, spot: QPointF, reach: float) -> int | None:
        """Return which mark is nearest to a spot, none if all are further than ``reach``."""
        import numpy as np

        if not len(self.x):
            return None
        away = (self.x - spot.x()) ** 2 + (self.y - spot.y()) ** 2
        index = int(np.argmin(away))
        return index if away[index] <= reach * reach else None

    def free_box(self, index: int, size: QSizeF, taken: Sequence[QRectF]) -> QRectF:
        """Return where beside a mark a label of that size hides least."""
        reach, spot = self.radius + SPACE, self._spot(index)
        offsets = (
            QPointF(0, -reach - size.height() / 2),
            QPointF(0, reach + size.height() / 2),
            QPointF(reach + size.width() / 2, 0),
            QPointF(-reach - size.width() / 2, 0),
        )
        boxes = [QRectF(QPointF(0, 0), size) for _ in offsets]
        for box, offset in zip(boxes, offsets, strict=True):
            box.moveCenter(spot + offset)

        def hidden(box: QRectF) -> float:
            near = abs(self.x - box.center().x()) < box.width() / 2 + self.radius
            near &= abs(self.y - box.center().y()) < box.height() / 2 + self.radius
            beyond = not self.plot.adjusted(0, -SPACE, 0, 0).contains(box)
            return float(near.sum()) + 100.0 * (beyond or any(box.intersects(t) for t in taken))

        return min(boxes, key=hidden)

    def paint(self, painter: QPainter, stamps: Stamps | None = None) -> None:
        """Paint all of it.

        Args:
            painter: Where to.
            stamps: Marks to stamp with; None draws each as lines, for vectors.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_grid(painter)
        self._paint_front(painter)
        self._paint_bars(painter)
        if stamps is not None:
            stamps.stamp(painter, self.x, self.y, self.scene.look)
        else:
            grey = QColor(self.colours.faint)
            looks = self.scene.looks
            for x, y, look in zip(self.x, self.y, self.scene.look, strict=True):
                draw_look(painter, QPointF(x, y), self.radius, looks[look], grey)
        self._paint_rings(painter)
        self._paint_crosses(painter)
        self.legend.paint(
            painter,
            QRectF(
                self.box.left() + SPACE,
                self.plot.bottom() + BOTTOM,
                self.box.width() - SPACE,
                self.box.bottom() - self.plot.bottom() - BOTTOM,
            ),
        )
        if not len(self.x) and self.scene.empty:
            painter.setPen(QColor(self.colours.muted))
            painter.setFont(self.font)
            flags = int(CENTRE | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.plot.adjusted(SPACE, 0, -SPACE, 0), flags, self.scene.empty)

    def _paint_grid(self, painter: QPainter) -> None:
        c, plot = self.colours, self.plot
        painter.setFont(self.font)
        for value in self.scene.y_axis.ticks(max(2, int(plot.height() / 44))):
            y = round(self.at_y(value)) + 0.5
            painter.setPen(QPen(QColor(c.border), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(c.muted))
            box = QRectF(self.box.left(), y - 9, LEFT - SPACE, 18)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, tick_text(value))
        for value in self.scene.x_axis.ticks(max(2, int(plot.width() / 52))):
            x = round(self.at_x(value)) + 0.5
            painter.setPen(QPen(QColor(c.border), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(x - 30, plot.bottom() + 3, 60, 18), CENTRE, tick_text(value))
        title = QRectF(plot.left(), plot.bottom() + 20, plot.width(), 18)
        painter.setPen(QColor(c.text))
        painter.drawText(title, CENTRE, self.scene.x_axis.title)
        room = QFontMetricsF(self.font).horizontalAdvance(self.scene.y_axis.title) + SPACE
        head = QRectF(plot.left() + 1, plot.top() - 2, room, 18)
        painter.fillRect(head, QColor(c.surface))
        painter.drawText(head, CENTRE, self.scene.y_axis.title)

    def _paint_front(self, painter: QPainter) -> None:
        """Join the front by steps: between two of them nothing better is known."""
        front = self.scene.front
        if len(front) < 2:
            return
        steps = QPolygonF([self._spot(front[0])])
        for index in front[1:]:
            steps.append(QPointF(self.x[index], steps[steps.size() - 1].y()))
            steps.append(self._spot(index))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self.colours.accent), 1.5, Qt.PenStyle.DashLine))
        painter.drawPolyline(steps)

    def _paint_bars(self, painter: QPainter) -> None:
        lines: list[QLineF] = []
        for index, low, high in self.scene.x_bars:
            left, right, y = self.at_x(low), self.at_x(high), float(self.y[index])
            lines.append(QLineF(left, y, right, y))
            lines += [QLineF(x, y - BAR_CAP, x, y + BAR_CAP) for x in (left, right)]
        for index, low, high in self.scene.y_bars:
            top, bottom, x = self.at_y(high), self.at_y(low), float(self.x[index])
            lines.append(QLineF(x, top, x, bottom))
            lines += [QLineF(x - BAR_CAP, y, x + BAR_CAP, y) for y in (top, bottom)]
        painter.setPen(QPen(QColor(self.colours.faint), 1))
        painter.drawLines(lines)

    def _paint_rings(self, painter: QPainter) -> None:
        painter.setPen(QPen(QColor(self.colours.muted), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index in self.scene.ringed:
            painter.drawEllipse(self._spot(index), self.radius + 4, self.radius + 4)

    def _paint_crosses(self, painter: QPainter) -> None:
        reach = self.radius + 2
        lines = []
        for index in self.scene.crossed:
            x, y = float(self.x[index]), float(self.y[index])
            lines += [
                QLineF(x - reach, y - reach, x + reach, y + reach),
                QLineF(x - reach, y + reach, x + reach, y - reach),
            ]
        painter.setPen(QPen(QColor(self.colours.text), 1.2))
        painter.drawLines(lines)

    def _spot(self, index: int) -> QPointF:
        return QPointF(float(self.x[index]), float(self.y[index]))


def in_reading_order(
    x: "NDArray[np.float64]", y: "NDArray[np.float64]", *, upwards: bool
) -> Sequence[int]:
    """Return the marks as arrows walk them: by cost, or by top-1."""
    import numpy as np

    keys = (x, y) if upwards else (-y, x)
    return [int(index) for index in np.lexsort(keys)]
