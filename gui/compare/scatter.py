"""The scatter: hover tells, a click or Enter chooses, arrows walk from mark to mark."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.compare.drawing import Drawing, in_reading_order
from gui.compare.scene import APART, Marked, Scene
from gui.compare.stamps import Stamps
from gui.theme import CAPTION, MEDIUM, SPACE, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL = 18.0
REACH = 14.0
"""How near the pointer must be to a mark, logical pixels."""
WALK = {
    Qt.Key.Key_Right: (False, 1),
    Qt.Key.Key_Left: (False, -1),
    Qt.Key.Key_Up: (True, 1),
    Qt.Key.Key_Down: (True, -1),
}


class Scatter(QWidget):
    """Draws what it is given. What stands still is painted once into a pixmap."""

    picked = Signal(str)  # a model's name
    looked_at = Signal(str)  # what is said of the mark under the pointer or the arrows

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.scene: Scene | None = None  # NumPy comes after the first paint
        self.marked = Marked()
        self.at: int | None = None
        self._ground: QPixmap | None = None
        self._drawing: Drawing | None = None
        self._stamps: Stamps | None = None
        self.setAccessibleName("Top-1 against cost")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        """A calm size."""
        return QSize(80 * SPACE, 60 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """Marks may stand close, never on top of the legend."""
        return QSize(40 * SPACE, 36 * SPACE)

    def show_scene(self, scene: Scene) -> None:
        """Show other marks; what was looked at is kept where it is there by its name."""
        before = self.name_at()
        self.scene = scene
        names = list(scene.names) if before else []
        self.at = names.index(before) if before in names else None
        self._forget()

    def show_marked(self, marked: Marked) -> None:
        """Point out limits and names; what stands still is not painted again."""
        self.marked = marked
        self.update()

    def name_at(self) -> str:
        """Return the model that is looked at; empty for none."""
        return "" if self.at is None or self.scene is None else self.scene.names[self.at]

    def drawing(self) -> Drawing | None:
        """Return the scene as it is laid out now; None before there is one."""
        if self._drawing is None and self.scene is not None:
            font = self.theme.font(CAPTION)
            self._drawing = Drawing(self.scene, QRectF(self.rect()), self.theme.colours, font)
        return self._drawing

    def _forget(self) -> None:
        self._ground = self._drawing = None
        self.update()

    def resizeEvent(self, _event: object) -> None:
        """Lay it out anew."""
        self._forget()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what stands still from its pixmap, and over it what moves."""
        painter = QPainter(self)
        drawing = self.drawing()
        if drawing is not None:
            painter.drawPixmap(0, 0, self._painted_ground(drawing))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_limits(painter, drawing)
            self._paint_labels(painter, drawing)
            if self.at is not None:
                self._paint_cursor(painter, drawing, self.at)

    def _painted_ground(self, drawing: Drawing) -> QPixmap:
        ratio = self.devicePixelRatioF()
        if self._ground is None or self._ground.devicePixelRatio() != ratio:
            looks = drawing.scene.looks
            self._ground = QPixmap((self.size() * ratio).expandedTo(QSize(1, 1)))
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(QColor(self.theme.colours.surface))
            grey = QColor(self.theme.colours.faint)
            key = (tuple(looks), drawing.radius, ratio, grey.name())
            if self._stamps is None or self._stamps.key != key:
                self._stamps = Stamps(looks, drawing.radius, ratio, grey)
            painter = QPainter(self._ground)
            drawing.paint(painter, self._stamps)
            painter.end()
        return self._ground

    def _paint_limits(self, painter: QPainter, drawing: Drawing) -> None:
        """Shade what lies outside of the budget."""
        plot, c = drawing.plot, self.theme.colours
        shade = QColor(c.warn)
        shade.setAlphaF(0.10)
        pen = QPen(QColor(c.warn), 1.5)
        if self.marked.most_x is not None:
            x = drawing.at_x(self.marked.most_x)
            painter.fillRect(QRectF(x, plot.top(), plot.right() - x, plot.height()), shade)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        if self.marked.least_y is not None:
            y = drawing.at_y(self.marked.least_y)
            painter.fillRect(QRectF(plot.left(), y, plot.width(), plot.bottom() - y), shade)
            painter.setPen(pen)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))

    def _paint_labels(self, painter: QPainter, drawing: Drawing) -> None:
        """Write beside the recommended and the runner-up what they are."""
        c = self.theme.colours
        font = self.theme.font(CAPTION, MEDIUM)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        names = list(drawing.scene.names)
        taken: list[QRectF] = []
        for name, word in self.marked.labels:
            if name not in names:
                continue
            size = QSizeF(metrics.horizontalAdvance(word) + SPACE, LABEL)
            box = drawing.free_box(names.index(name), size, taken)
            taken.append(box)
            painter.setPen(QPen(QColor(c.accent), 1))
            painter.setBrush(QColor(c.surface))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            painter.setPen(QColor(c.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)

    def _paint_cursor(self, painter: QPainter, drawing: Drawing, index: int) -> None:
        c = self.theme.colours
        spot = QPointF(float(drawing.x[index]), float(drawing.y[index]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(c.accent if self.hasFocus() else c.muted), 2))
        reach = drawing.radius + 6
        painter.drawRoundedRect(
            QRectF(spot.x() - reach, spot.y() - reach, 2 * reach, 2 * reach), 4, 4
        )

    def look_at(self, index: int | None) -> None:
        """Look at a mark, or at none."""
        if index == self.at:
            return
        self.at = index
        text = "" if index is None or self.scene is None else self.scene.tips[index]
        self.setAccessibleDescription(text)
        self.looked_at.emit(text)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Look at what is under the pointer."""
        found = self._under(event.position())
        if found is not None or not self.hasFocus():
            self.look_at(found)
        hand = found is not None and bool(self.name_at())
        self.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, _event: object) -> None:
        """Look away, unless the arrows are used."""
        if not self.hasFocus():
            self.look_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.look_at(self._under(event.position()))
            self._pick()

    def _under(self, spot: QPointF) -> int | None:
        drawing = self.drawing()
        return drawing.nearest(spot, REACH) if drawing is not None else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrows, choose with Enter."""
        key, scene = Qt.Key(event.key()), self.scene
        walks = scene is not None and len(scene.x) > 0
        if walks and key in WALK:
            upwards, step = WALK[key]
            self.look_at(_next(in_reading_order(scene.x, scene.y, upwards=upwards), self.at, step))
        elif walks and key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            order = in_reading_order(scene.x, scene.y, upwards=False)
            self.look_at(order[0 if key == Qt.Key.Key_Home else -1])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._pick()
        else:
            super().keyPressEvent(event)

    def _pick(self) -> None:
        if self.name_at():
            self.picked.emit(self.name_at())

    def focusInEvent(self, _event: QFocusEvent) -> None:
        """Show where the arrows are."""
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        """Show that they are elsewhere."""
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tell what lies under the pointer, and the legend's cut lines in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            drawing, spot = self.drawing(), QPointF(event.pos())
            text, found = "", self._under(spot)
            if drawing is not None and found is not None:
                text = drawing.scene.tips[found].replace(APART, "\n")
            elif drawing is not None and spot.y() > drawing.plot.bottom():
                text = "\n".join(drawing.scene.notes)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


def _next(order: "Sequence[int]", at: int | None, step: int) -> int:
    if at is None:
        return order[0 if step > 0 else -1]
    place = list(order).index(at) + step
    return order[min(max(place, 0), len(order) - 1)]
