"""The window's own small controls: card, button, segments, chip, combo box."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QSizePolicy,
    QStyleOptionComboBox,
    QVBoxLayout,
    QWidget,
)

from gui.marks import draw_icon, draw_state
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

BUTTON_HEIGHT = 5 * SPACE


class Card(QWidget):
    """A rounded surface with a layout inside."""

    def __init__(self, theme: Theme, *, padding: int = 2 * SPACE) -> None:
        """Make an empty card; add to ``self.box``."""
        super().__init__()
        self.theme = theme
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(padding, padding, padding, padding)
        self.box.setSpacing(SPACE)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the surface."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.colours.border), 1))
        painter.setBrush(QColor(self.theme.colours.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 12, 12)


class Button(QAbstractButton):
    """A push button: ``primary`` (one per view), ``secondary``, ``quiet`` or ``danger``."""

    def __init__(self, theme: Theme, text: str, kind: str = "secondary", tip: str = "") -> None:
        """Make the button; ``tip`` names its shortcut."""
        super().__init__()
        self.theme = theme
        self.kind = kind
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setFont(theme.font(BODY, MEDIUM))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Text with two grid steps on either side."""
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + 4 * SPACE, BUTTON_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Allow tighter sides where the window is small."""
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + 2 * SPACE, BUTTON_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint face, focus ring and text."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        over = self.underMouse() or self.isDown()
        edge, face, ink = c.border, c.raised, c.text
        if self.kind == "primary":
            edge = face = c.accent_hover if over else c.accent
            ink = c.on_accent
        elif self.kind == "danger":
            edge = ink = c.danger
            face = c.trouble if over else c.raised
        elif self.kind == "quiet":
            edge = face = c.hover if over else "transparent"
        elif over:
            face = c.hover
        if not self.isEnabled():
            edge, face, ink = c.border, "transparent", c.faint
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(face))
        painter.drawRoundedRect(box, 8, 8)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = c.text if self.kind == "primary" else c.accent
            painter.setPen(QPen(QColor(ring), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 7, 7)
        painter.setPen(QColor(ink))
        painter.setFont(self.font())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press on Enter as well as on Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)


class IconButton(QAbstractButton):
    """An icon that can be pressed; its name is its tool tip."""

    def __init__(self, theme: Theme, icon: str, name: str) -> None:
        """Make the button."""
        super().__init__()
        self.theme = theme
        self.icon_name = icon
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(QSize(4 * SPACE, 4 * SPACE))
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the icon, and a face while it can be pressed."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown() or self.hasFocus():
            painter.setPen(QPen(QColor(c.accent if self.hasFocus() else c.hover), 1))
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        ink = QColor(c.muted if self.isEnabled() else c.faint)
        draw_icon(painter, QRectF(self.rect()).adjusted(6, 6, -6, -6), self.icon_name, ink)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press on Enter as well as on Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)


class Segments(QWidget):
    """A row of words of which one is chosen; arrows move it."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, words: Sequence[str], name: str) -> None:
        """Make the row; ``name`` is read out by screen readers."""
        super().__init__()
        self.theme = theme
        self.words = tuple(words)
        self.choice = self.words[0]
        self._over = -1
        self.setAccessibleName(name)
        self.setAccessibleDescription(self.choice)
        self.setFont(theme.font(CAPTION, MEDIUM))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_words(self, words: Sequence[str], choice: str) -> None:
        """Offer other words, of which ``choice`` is chosen; nothing is told."""
        self.words, self.choice = tuple(words), choice
        self.setAccessibleDescription(choice)
        self.updateGeometry()
        self.update()

    def choose(self, word: str) -> None:
        """Choose a word and tell it."""
        if word != self.choice and word in self.words:
            self.choice = word
            self.setAccessibleDescription(word)
            self.update()
            self.chosen.emit(word)

    def sizeHint(self) -> QSize:
        """Each word with a grid step and a half around it."""
        widest = max(self.fontMetrics().horizontalAdvance(word) for word in self.words)
        return QSize((widest + 2 * SPACE) * len(self.words), 4 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """Never clip a word."""
        return self.sizeHint()

    def _cell(self, index: int) -> QRectF:
        width = self.width() / len(self.words)
        return QRectF(index * width, 0, width, self.height())

    def _at(self, position: QPointF) -> int:
        index = int(position.x() * len(self.words) / max(1, self.width()))
        return min(max(index, 0), len(self.words) - 1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the trough, the chosen cell and the words."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        painter.setPen(QPen(QColor(c.accent if self.hasFocus() else c.border), 1))
        painter.setBrush(QColor(c.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        for index, word in enumerate(self.words):
            cell = self._cell(index)
            taken = word == self.choice
            if taken:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(c.accent if self.isEnabled() else c.border))
                painter.drawRoundedRect(cell.adjusted(3, 3, -3, -3), 6, 6)
            ink = c.on_accent if taken else c.text if index == self._over else c.muted
            painter.setPen(QColor(ink if self.isEnabled() else c.muted))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, word)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked."""
        self.choose(self.words[self._at(event.position())])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up what is under the pointer."""
        self._over = self._at(event.position())
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up what is under the pointer."""
        self._over = self._at(event.position())
        self.update()

    def leaveEvent(self, _event: object) -> None:
        """Put the light out."""
        self._over = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        index = self.words.index(self.choice) + step
        self.choose(self.words[min(max(index, 0), len(self.words) - 1)])


class Chip(QWidget):
    """A state: a shape and a word, in a rounded outline."""

    def __init__(self, theme: Theme, text: str = "", state: str = "none") -> None:
        """Make the chip; see ``show_state``."""
        super().__init__()
        self.theme = theme
        self.setFont(theme.font(CAPTION, MEDIUM))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.show_state(state, text)

    def show_state(self, state: str, text: str) -> None:
        """Show a word with its shape: ``ok``, ``warn``, ``fail``, ``busy`` or ``none``."""
        self.state = state
        self.text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Shape, word and room around them."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text) + 36, 3 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """Never clip the word."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint outline, shape and word."""
        c = self.theme.colours
        colours = {"ok": c.ok, "warn": c.warn, "fail": c.fail, "busy": c.accent}
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.border), 1))
        painter.setBrush(QColor(c.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 12, 12)
        shape = QRectF(8, self.height() / 2 - 6, 12, 12)
        draw_state(painter, shape, self.state, QColor(colours.get(self.state, c.muted)))
        painter.setPen(QColor(c.text))
        painter.setFont(self.font())
        painter.drawText(
            self.rect().adjusted(26, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text
        )


class StateShape(QWidget):
    """The shape of a state beside its sentence; nothing for ``none``."""

    def __init__(self, theme: Theme) -> None:
        """Make it hidden."""
        super().__init__()
        self.theme = theme
        self.state = "none"
        self.setFixedSize(QSize(16, 20))
        self.hide()

    def show_state(self, state: str) -> None:
        """Show ``ok``, ``fail``, ``warn``, ``busy`` or ``none``."""
        self.state = state
        self.setVisible(state != "none")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the shape."""
        c = self.theme.colours
        colours = {"ok": c.ok, "warn": c.warn, "fail": c.fail, "busy": c.accent}
        box = QRectF(1, 3, 14, 14)
        draw_state(QPainter(self), box, self.state, QColor(colours.get(self.state, c.muted)))


class Combo(QComboBox):
    """A combo box with the lab's own arrow."""

    def __init__(self, theme: Theme) -> None:
        """Make an empty box."""
        super().__init__()
        self.theme = theme
        self.setFont(theme.font(BODY, MEDIUM))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """End what does not fit in an ellipsis."""
        super().initStyleOption(option)
        room = self.width() - 7 * SPACE  # padding and arrow
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the stock box and the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        box = QRectF(self.width() - 28, self.height() / 2 - 8, 16, 16)
        draw_icon(painter, box, "chevron", QColor(self.theme.colours.muted))


class ThinBar(QWidget):
    """A thin bar of how much is done."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.share = 0.0
        self.setFixedHeight(SPACE // 2)
        theme.changed.connect(self.update)

    def show_share(self, share: float) -> None:
        """Show a share of the whole, 0..1."""
        self.share = min(1.0, max(0.0, share))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rail and what is done."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(QColor(self.theme.colours.border))
        box = QRectF(self.rect())
        painter.drawRoundedRect(box, 2, 2)
        if self.share > 0:
            painter.setBrush(QColor(self.theme.colours.accent))
            box.setWidth(max(4.0, box.width() * self.share))
            painter.drawRoundedRect(box, 2, 2)
