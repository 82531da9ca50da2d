"""The phone's picture with a frame that says which part of it is kept."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import BODY, SPACE, Theme

START = QRectF(0.0, 0.12, 1.0, 0.34)
"""Where the camera's picture stands on the screen of the lab's app, as fractions, about."""
LEAST = 0.12
GRIP = 14
"""Logical pixels around the lower right corner that resize instead of moving."""
NUDGE = 0.02


class FramePicker(QWidget):
    """Shows a picture whole; the frame is moved by dragging, resized at its corner."""

    frame_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it without a picture."""
        super().__init__()
        self.theme = theme
        self.image: QImage | None = None
        self.empty = ""
        self.frame = QRectF(START)
        self._moved = False
        self._grabbed: tuple[QPointF, QRectF, bool] | None = None
        self.setAccessibleName("Which part of the picture is kept")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_frame(self, frame: QRectF) -> None:
        """Put the frame there, in fractions, unless somebody has moved it already."""
        if not self._moved:
            self.frame = QRectF(frame)
            self.update()

    def start_with(self, *, whole: bool) -> None:
        """Put the frame around the whole picture, or where the app shows its camera's."""
        self._moved = False
        self.show_frame(QRectF(0, 0, 1, 1) if whole else START)

    def show_image(self, image: QImage | None, empty: str = "") -> None:
        """Show a picture; without one say why."""
        self.image, self.empty = image, empty
        self.update()

    def kept(self) -> QImage | None:
        """Return what is inside the frame; None without a picture."""
        if self.image is None:
            return None
        width, height = self.image.width(), self.image.height()
        part = QRectF(
            self.frame.left() * width,
            self.frame.top() * height,
            self.frame.width() * width,
            self.frame.height() * height,
        )
        return self.image.copy(part.toAlignedRect())

    def sizeHint(self) -> QSize:
        """A calm size."""
        return QSize(34 * SPACE, 30 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """The frame must stay within reach."""
        return QSize(20 * SPACE, 18 * SPACE)

    def _box(self) -> QRectF:
        """Return where the picture is painted, logical pixels."""
        if self.image is None:
            return QRectF(self.rect())
        width, height = self.image.width(), self.image.height()
        scale = min(self.width() / width, self.height() / height)
        box = QRectF(0, 0, width * scale, height * scale)
        box.moveCenter(QRectF(self.rect()).center())
        return box

    def _frame_box(self) -> QRectF:
        box = self._box()
        return QRectF(
            box.left() + self.frame.left() * box.width(),
            box.top() + self.frame.top() * box.height(),
            self.frame.width() * box.width(),
            self.frame.height() * box.height(),
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture, darker outside the frame."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self.image is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.raised))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
            painter.setPen(QColor(c.muted))
            painter.setFont(self.theme.font(BODY))
            words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            edge = 2 * SPACE
            painter.drawText(self.rect().adjusted(edge, edge, -edge, -edge), words, self.empty)
            return
        box, frame = self._box(), self._frame_box()
        painter.drawImage(box, self.image)
        shade = QColor(c.window)
        shade.setAlpha(170)
        for part in (
            QRectF(box.left(), box.top(), box.width(), frame.top() - box.top()),
            QRectF(box.left(), frame.bottom(), box.width(), box.bottom() - frame.bottom()),
            QRectF(box.left(), frame.top(), frame.left() - box.left(), frame.height()),
            QRectF(frame.right(), frame.top(), box.right() - frame.right(), frame.height()),
        ):
            painter.fillRect(part, shade)
        painter.setPen(QPen(QColor(c.accent), 3 if self.hasFocus() else 2))
        painter.drawRect(frame)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.accent))
        painter.drawEllipse(frame.bottomRight(), GRIP / 2, GRIP / 2)

    def _at_grip(self, spot: QPointF) -> bool:
        away = spot - self._frame_box().bottomRight()
        return max(abs(away.x()), abs(away.y())) <= GRIP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the frame or of its corner."""
        spot = event.position()
        if self.image is not None and (self._at_grip(spot) or self._frame_box().contains(spot)):
            self._grabbed = (spot, QRectF(self.frame), self._at_grip(spot))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move or resize what is held."""
        if self._grabbed is None:
            return
        spot, before, resizes = self._grabbed
        box = self._box()
        by = event.position() - spot
        moved = QPointF(by.x() / box.width(), by.y() / box.height())
        self._take(before, moved, resizes=resizes)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._grabbed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows; with Shift they resize."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        by = QPointF(step[0] * NUDGE, step[1] * NUDGE)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._take(QRectF(self.frame), by, resizes=shift)

    def _take(self, before: QRectF, by: QPointF, *, resizes: bool) -> None:
        left, top = before.left(), before.top()
        width, height = before.width(), before.height()
        if resizes:
            width = min(1 - left, max(LEAST, width + by.x()))
            height = min(1 - top, max(LEAST, height + by.y()))
        else:
            left = min(1 - width, max(0.0, left + by.x()))
            top = min(1 - height, max(0.0, top + by.y()))
        self._moved = True
        self.frame = QRectF(left, top, width, height)
        self.update()
        self.frame_changed.emit()


_STEPS = {
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
}
