"""The phone's screen: paints the newest frame 1:1, hands mouse and keys to the phone."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.mirror_notice import Notice
from gui.parts import Button
from gui.phone_keys import HOME, is_right_control, keycode, typed_text
from gui.phone_outline import BEZEL, BODY, paint_outline, round_corners
from gui.theme import CAPTION, MEDIUM, SEMIBOLD, SPACE, Theme

if TYPE_CHECKING:
    from engine.mirror.frames import Frame, FrameSlot

FOOT = 4 * SPACE
"""Height of the line below the phone."""
SHAPE = 19.5 / 9
"""Height by width of the drawn phone while its own shape is not known."""


class MirrorView(QWidget):
    """Shows frames and states; what the person does here goes out as signals."""

    target_changed = Signal(int, int)  # physical pixels
    touched = Signal(str, float, float)  # down, move, up at fractions 0..1
    scrolled = Signal(float, float, float, float)  # x, y, horizontal, vertical notches
    key_changed = Signal(int, bool)  # Android key code, down
    typed = Signal(str)
    back_requested = Signal()
    left = Signal()  # the keyboard is the lab's again
    reconnect_requested = Signal()
    _frame_waits = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the view without a phone."""
        super().__init__()
        self.theme = theme
        self.state = "none"
        self.text = ""
        self.frames_painted = 0
        self._slot: FrameSlot | None = None
        self._frame: Frame | None = None
        self._image: QImage | None = None
        self._down = False
        self._target = (0, 0)
        self.again = Button(theme, "Reconnect", "primary")
        self.again.setParent(self)
        self.again.clicked.connect(self.reconnect_requested)
        self.again.hide()
        self.setAccessibleName("Phone screen")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._frame_waits.connect(self.take_frame, Qt.ConnectionType.QueuedConnection)
        theme.changed.connect(self.update)

    def wake(self) -> None:
        """Tell the view, from any thread, that a frame waits in its slot."""
        self._frame_waits.emit()

    def show_slot(self, slot: "FrameSlot | None") -> None:
        """Take frames from this slot from now on; None forgets the last frame too."""
        if self._slot is not None:
            self._slot.on_frame = _wake_nobody
        self._slot = slot
        if slot is None:
            self._frame = self._image = None
            self.update()
        else:
            slot.on_frame = self.wake
            self.take_frame()

    @Slot()
    def take_frame(self) -> None:
        """Paint the newest frame, if one waits."""
        frame = self._slot.take() if self._slot is not None else None
        if frame is not None:
            self.show_frame(frame)

    def show_frame(self, frame: "Frame") -> None:
        """Paint a frame."""
        same = self._frame is not None and (self._frame.width, self._frame.height) == (
            frame.width,
            frame.height,
        )
        self._frame = frame  # owns the pixels that the image only points to
        self._image = QImage(
            frame.bgra.data, frame.width, frame.height, 4 * frame.width, QImage.Format.Format_RGB32
        )
        self._image.setDevicePixelRatio(self.devicePixelRatioF())
        if not same:
            self._place_button()
        self.update(self.picture_box().toAlignedRect() if same else self.rect())

    @Slot(str, str)
    def show_state(self, state: str, text: str) -> None:
        """Show a state: ``none``, ``waiting``, ``connecting``, ``live``, ``paused``,
        ``measuring``, ``stopped``, ``failed`` or ``left``, with a sentence.
        """  # noqa: D205
        self.state = state
        self.text = text
        self.again.setVisible(state in {"failed", "stopped"})
        self._place_button()
        self.setAccessibleDescription(f"{state} {text}".strip())
        self.update()

    def picture(self) -> QImage | None:
        """Return a copy of what is shown of the phone; None before the first frame."""
        return None if self._image is None else self._image.copy()

    def picture_box(self) -> QRectF:
        """Return where the phone's screen is painted, in logical pixels."""
        room = self._room()
        if self._image is not None:
            size = self._image.deviceIndependentSize()
            width, height = size.width(), size.height()
            scale = min(1.0, room.width() / width, room.height() / height)
            width, height = width * scale, height * scale
        else:
            height = min(room.height(), room.width() * SHAPE)
            width = height / SHAPE
        ratio = self.devicePixelRatioF()
        x = round((room.center().x() - width / 2) * ratio) / ratio
        y = round((room.center().y() - height / 2) * ratio) / ratio
        return QRectF(x, y, width, height)

    def _room(self) -> QRectF:
        edge = BEZEL + 4
        return QRectF(self.rect()).adjusted(edge, edge, -edge, -edge - FOOT)

    def sizeHint(self) -> QSize:
        """A phone's shape."""
        return QSize(36 * SPACE, 72 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """The state's sentence must fit."""
        return QSize(24 * SPACE, 32 * SPACE)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Ask for frames of the new size."""
        self._tell_target()
        self._place_button()

    def showEvent(self, _event: QShowEvent) -> None:
        """Ask for frames of this size."""
        self._tell_target()

    def _tell_target(self) -> None:
        room, ratio = self._room(), self.devicePixelRatioF()
        target = (max(1, int(room.width() * ratio)), max(1, int(room.height() * ratio)))
        if target != self._target:
            self._target = target
            self.target_changed.emit(*target)

    @property
    def target(self) -> tuple[int, int]:
        """Width and height to fill, physical pixels."""
        return self._target

    def _place_button(self) -> None:
        if not self.again.isHidden():
            self.again.resize(self.again.sizeHint())
            spot = self._notice().button_spot(self.again.width(), self.again.height())
            self.again.move(spot.toPoint())

    def _notice(self) -> Notice:
        area = QRectF(self.rect())
        area.moveCenter(self.picture_box().center())
        area.setWidth(min(area.width(), max(self.picture_box().width(), 28 * SPACE)))
        area.moveCenter(self.picture_box().center())
        button = 0 if self.again.isHidden() else self.again.sizeHint().height()
        notice = Notice(self.theme, area, self.state, self.text, button)
        if self._image is not None:
            notice.stand_clear(self.picture_box(), self.height())
        return notice

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture; outline and foot only where they are asked for."""
        painter = QPainter(self)
        screen = self.picture_box()
        if not screen.toAlignedRect().contains(event.rect()):
            painter.fillRect(event.rect(), QColor(self.theme.colours.window))
            paint_outline(painter, self.theme.colours, screen, focused=self.hasFocus())
            self._paint_foot(painter)
        if self._image is not None:
            if abs(self._image.deviceIndependentSize().width() - screen.width()) < 0.5:
                painter.drawImage(screen.topLeft(), self._image)
            else:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(screen, self._image)
            self.frames_painted += 1
        else:
            painter.fillRect(screen.toAlignedRect(), QColor(self.theme.colours.raised))
        round_corners(painter, screen)
        if self.state != "live":
            self._paint_state(painter, screen)

    def _paint_foot(self, painter: QPainter) -> None:
        c = self.theme.colours
        if self.state != "live":
            return
        focused = self.hasFocus()
        text = "Keys go to phone · right Ctrl leaves" if focused else "Click to control the phone"
        painter.setFont(self.theme.font(CAPTION, SEMIBOLD if focused else MEDIUM))
        painter.setPen(QColor(c.accent if focused else c.muted))
        top = self.picture_box().bottom() + BEZEL + 4
        box = QRectF(0, top, self.width(), FOOT - 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_state(self, painter: QPainter, screen: QRectF) -> None:
        if self._image is not None:
            shade = QColor(BODY)
            shade.setAlpha(190)
            painter.fillRect(screen, shade)
        self._notice().paint(painter, raised=self._image is not None)

    # what the person does goes to the phone

    def _fraction(self, position: QPointF) -> tuple[float, float]:
        screen = self.picture_box()
        x = (position.x() - screen.left()) / max(1.0, screen.width())
        y = (position.y() - screen.top()) / max(1.0, screen.height())
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def _takes_input(self, position: QPointF) -> bool:
        return (
            self.state == "live"
            and self._image is not None
            and self.picture_box().contains(position)
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Touch; right is Back, middle is Home."""
        if not self._takes_input(event.position()):
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._down = True
            self.touched.emit("down", *self._fraction(event.position()))
        elif event.button() == Qt.MouseButton.RightButton:
            self.back_requested.emit()
        elif event.button() == Qt.MouseButton.MiddleButton:
            self.key_changed.emit(HOME, True)
            self.key_changed.emit(HOME, False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the finger."""
        if self._down:
            self.touched.emit("move", *self._fraction(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift the finger, wherever the mouse is by now."""
        if self._down and event.button() == Qt.MouseButton.LeftButton:
            self._down = False
            self.touched.emit("up", *self._fraction(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll on the phone; 120 units are a notch."""
        if self._takes_input(event.position()):
            turn = event.angleDelta()
            self.scrolled.emit(*self._fraction(event.position()), turn.x() / 120, turn.y() / 120)
            event.accept()

    def event(self, event: QEvent) -> bool:
        """Keep keys that go to the phone from becoming shortcuts of the lab."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.state == "live"
            and (keycode(event) is not None or typed_text(event))
        ):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Let Tab go to the phone."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send a key or its text; right Ctrl gives the keyboard back."""
        if is_right_control(event):
            self.clearFocus()
            self.left.emit()
            return
        code, text = keycode(event), typed_text(event)
        if self.state != "live" or (code is None and not text):
            super().keyPressEvent(event)
        elif code is not None:
            self.key_changed.emit(code, True)
        else:
            self.typed.emit(text)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Release a key; repeats count as presses only."""
        code = keycode(event)
        if self.state == "live" and code is not None and not event.isAutoRepeat():
            self.key_changed.emit(code, False)
        else:
            super().keyReleaseEvent(event)

    def focusInEvent(self, _event: QFocusEvent) -> None:
        """Show that keys go to the phone."""
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        """Show that they do not."""
        self.update()


def _wake_nobody() -> None:
    """Stand in for a view that no longer shows a slot, on the decoding thread."""
