"""One chart with fixed axes, painted without a plotting library: 1 px pens, no antialiasing cost.

A plotting library takes half a second to import and repaints its axes at each tick; here
the axes stand still, are painted once into a pixmap, and only the curves move.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QByteArray, QDataStream, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import CAPTION, MEDIUM, SPACE, Theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Piece = NDArray[np.float64]

LEFT, BOTTOM, TOP = 5 * SPACE, 3 * SPACE, SPACE
SECONDS = 30
HATCH = 6
"""Pixels between slanted lines."""
MINUS = "\N{MINUS SIGN}"
AGES = (30, 20, 10, 0)
"""Where the time axis has words, seconds before its right end."""
WORDS = (f"{MINUS}30 s", f"{MINUS}20", f"{MINUS}10", "now")


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled area or a line.

    Attributes:
        colour: The name of a colour of the theme.
        pieces: Unbroken pieces, each of shape (n, 2): age in seconds and value, oldest first.
        area: Whether to fill it down to the axis; what is painted later covers it.
        dashed: Whether a line is dashed.
    """

    colour: str
    pieces: "Sequence[Piece]"
    area: bool = False
    dashed: bool = False


class Mark(NamedTuple):
    """What is drawn over the curves.

    Attributes:
        kind: ``hatch`` (what does not count), ``band`` (a value with its interval) or ``rule``
            (a moment, with a word).
        begin_s: Seconds before the right end where it begins.
        end_s: Where it ends; a moment's is the same.
        low: Lower end of a band.
        high: Its upper end.
        value: The value within.
        word: Beside a moment.
    """

    kind: str
    begin_s: float
    end_s: float
    low: float = 0.0
    high: float = 0.0
    value: float = 0.0
    word: str = ""


class Chart(QWidget):
    """Draws shapes over the last 30 s. The value axis only grows, or shrinks by half."""

    def __init__(self, theme: Theme, *, top: float, low: float = 0.0, axis: bool = True) -> None:
        """Make an empty chart from ``low`` to ``top``; ``axis`` writes the seconds below."""
        super().__init__()
        self.theme = theme
        self.low = low
        self.top = top
        self.axis = axis
        self.shapes: Sequence[Shape] = ()
        self.marks: Sequence[Mark] = ()
        self.words: tuple[str, ...] = WORDS
        self.empty = ""
        self._grounds: tuple[object, QPixmap, QPixmap] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else the card paints below
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A calm size."""
        return QSize(60 * SPACE, 20 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """Two grid lines must fit."""
        return QSize(20 * SPACE, 8 * SPACE if self.axis else 4 * SPACE)

    def plot_width(self) -> int:
        """Return the width of the plot in physical pixels."""
        return max(1, round((self.width() - LEFT) * self.devicePixelRatioF()))

    def show_shapes(self, shapes: Sequence[Shape], top: float, marks: Sequence[Mark] = ()) -> None:
        """Draw shapes; ``top`` is the value axis' wanted end, taken when it must be."""
        if top > self.top or top <= self.top / 2:
            self.top = top
        self.shapes, self.marks = shapes, marks
        self.update()

    def show_words(self, words: tuple[str, ...]) -> None:
        """Write these below, at ``AGES``."""
        if words != self.words:
            self.words = words
            self.update()

    def clear(self, text: str = "") -> None:
        """Draw only the axes, and a sentence over them."""
        self.shapes = self.marks = ()
        self.empty = text
        self.update()

    def _plot(self) -> QRectF:
        foot = BOTTOM if self.axis else TOP
        return QRectF(LEFT, TOP, max(1, self.width() - LEFT), max(1, self.height() - TOP - foot))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint grid, curves and labels."""
        painter = QPainter(self)
        plot = self._plot()
        ground, hatched = self._pixmaps(plot)
        painter.drawPixmap(0, 0, ground)
        painter.save()
        painter.setClipRect(plot)
        for shape in self.shapes:
            self._paint_shape(painter, plot, shape)
        for mark in self.marks:
            self._paint_mark(painter, plot, mark, hatched)
        painter.restore()
        if not self.shapes and self.empty:
            painter.setPen(QColor(self.theme.colours.muted))
            painter.setFont(self.theme.font(CAPTION))
            centre = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            box = QRectF(painter.boundingRect(plot.toRect(), int(centre), self.empty))
            surface = QColor(self.theme.colours.surface)
            painter.fillRect(box.adjusted(-SPACE, -2, SPACE, 2), surface)
            painter.drawText(plot, centre, self.empty)

    def _pixmaps(self, plot: QRectF) -> tuple[QPixmap, QPixmap]:
        """Return surface, grid and labels, and the hatched plot; made when they look different."""
        ratio = self.devicePixelRatioF()
        looks = (self.size(), ratio, self.low, self.top, self.words, self.theme.colours)
        if self._grounds is not None and self._grounds[0] == looks:
            return self._grounds[1:]
        made = []
        for ink in (QColor(self.theme.colours.surface), QColor(0, 0, 0, 0)):
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(ink)
            made.append(pixmap)
        ground, hatched = made
        painter = QPainter(ground)
        self._paint_grid(painter, plot)
        painter.end()
        painter = QPainter(hatched)
        painter.setPen(QPen(QColor(self.theme.colours.muted), 1))
        painter.drawLines(_hatching(plot))
        painter.end()
        self._grounds = (looks, ground, hatched)
        return ground, hatched

    def _paint_grid(self, painter: QPainter, plot: QRectF) -> None:
        c = self.theme.colours
        painter.setFont(self.theme.font(CAPTION))
        count = _ticks(self.top - self.low, int(plot.height() // 28))
        for number in range(count + 1):
            y = round(plot.bottom() - plot.height() * number / count)
            painter.setPen(QPen(QColor(c.border), 1))
            painter.drawLine(int(plot.left()), y, int(plot.right()), y)
            painter.setPen(QColor(c.muted))
            text = _tick(self.low + (self.top - self.low) * number / count)
            box = QRectF(0, y - 9, LEFT - SPACE, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        if not self.axis:
            return
        for age, text in zip(AGES, self.words, strict=True):
            x = plot.right() - plot.width() * age / SECONDS
            box = QRectF(x - 40, plot.bottom() + 4, 80, 18)
            side = Qt.AlignmentFlag.AlignHCenter
            if age == SECONDS:
                box.moveLeft(x)
                side = Qt.AlignmentFlag.AlignLeft
            elif age == 0:
                box.moveRight(x)
                side = Qt.AlignmentFlag.AlignRight
            painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_shape(self, painter: QPainter, plot: QRectF, shape: Shape) -> None:
        colour = QColor(getattr(self.theme.colours, shape.colour))
        if shape.area:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for piece in shape.pieces:
                painter.drawPolygon(self._place(plot, piece, foot=True))
            return
        style = Qt.PenStyle.DashLine if shape.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 1, style))
        for piece in shape.pieces:
            painter.drawPolyline(self._place(plot, piece))

    def _paint_mark(self, painter: QPainter, plot: QRectF, mark: Mark, hatched: QPixmap) -> None:
        c = self.theme.colours
        scale = plot.width() / SECONDS
        left, right = (plot.right() - age * scale for age in (mark.begin_s, mark.end_s))
        if right < plot.left() or left > plot.right():
            return
        if mark.kind == "hatch":
            painter.save()
            box = QRectF(left, plot.top(), right - left, plot.height())
            painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
            painter.drawPixmap(0, 0, hatched)  # its lines stand still while the box moves
            painter.restore()
        elif mark.kind == "band":
            top, middle, bottom = (
                self._y(plot, each) for each in (mark.high, mark.value, mark.low)
            )
            shade = QColor(c.text)
            shade.setAlphaF(0.28)
            painter.fillRect(QRectF(left, top - 1, right - left, bottom - top + 2), shade)
            painter.setPen(QPen(QColor(c.text), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        else:
            painter.setPen(QPen(QColor(c.warn), 2))
            painter.drawLine(QPointF(left, plot.top()), QPointF(left, plot.bottom()))
            self._paint_word(painter, plot, left, mark.word)

    def _paint_word(self, painter: QPainter, plot: QRectF, x: float, word: str) -> None:
        """Write beside a moment, on whichever side there is room."""
        if not word:
            return
        c = self.theme.colours
        painter.setFont(self.theme.font(CAPTION, MEDIUM))
        width = painter.fontMetrics().horizontalAdvance(word) + SPACE
        box = QRectF(x + 4, plot.top() + 2, width, 18)
        if box.right() > plot.right():
            box.moveRight(x - 4)
        painter.fillRect(box, QColor(c.surface))
        painter.setPen(QColor(c.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)

    def _y(self, plot: QRectF, value: float) -> float:
        return plot.bottom() - (value - self.low) * plot.height() / (self.top - self.low)

    def _place(self, plot: QRectF, piece: "Piece", *, foot: bool = False) -> QPolygonF:
        """Return points in pixels, written into the polygon's own memory; ``foot`` closes it below.

        One by one costs thirty times as much.
        """
        import numpy as np

        count = len(piece)
        placed = np.empty((count + 2 * foot, 2), ">f8")  # as QDataStream reads a polygon
        placed[:count, 0] = plot.right() - piece[:, 0] * (plot.width() / SECONDS)
        scale = plot.height() / (self.top - self.low)
        placed[:count, 1] = plot.bottom() - (piece[:, 1] - self.low) * scale
        if foot:
            placed[count:, 0] = placed[count - 1, 0], placed[0, 0]
            placed[count:, 1] = plot.bottom()
        stream = QDataStream(QByteArray(len(placed).to_bytes(4, "big") + placed.tobytes()))
        polygon = QPolygonF()
        stream >> polygon
        return polygon


def _hatching(box: QRectF) -> list[QLineF]:
    """Return slanted lines over a box: a pattern brush costs ten times as much."""
    low, high = int(box.left() - box.height()), int(box.right())
    return [QLineF(x, box.bottom(), x + box.height(), box.top()) for x in range(low, high, HATCH)]


def _ticks(span: float, most: int) -> int:
    """Return into how many equal parts to divide the axis, so that each end is a short number."""
    digit = int(f"{span:e}"[0])
    parts = {1: (5, 2), 2: (4, 2), 3: (3,), 4: (4, 2), 5: (5,), 6: (6, 3, 2), 8: (4, 2)}
    return next((count for count in parts.get(digit, ()) if count <= most), 1)


def _tick(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
