"""What folds away: a line that says how things stand and opens what can be changed."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.marks import draw_icon
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

INSET = SPACE
"""Between the line's edge, which shows under the pointer, and its words."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CHEVRON = 16


class FoldLine(QAbstractButton):
    """A name and what is set, with a chevron; checked while ``inside`` is open."""

    def __init__(self, theme: Theme, name: str, inside: QWidget, *, height: int) -> None:
        """Make it folded; a click shows or hides ``inside``."""
        super().__init__()
        self.theme = theme
        self.inside = inside
        self.setText(name)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setFixedHeight(height)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.said = ""
        inside.hide()
        self.toggled.connect(inside.setVisible)
        theme.changed.connect(self.update)

    def show_said(self, text: str) -> None:
        """Say what is set."""
        if text != self.said:
            self.said = text
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Ask for the whole line."""
        width = self.fontMetrics().horizontalAdvance(f"{self.text()}  {self.said}")
        return QSize(width + 4 * SPACE, self.height())

    def minimumSizeHint(self) -> QSize:
        """Allow any width; what does not fit ends in an ellipsis."""
        return QSize(12 * SPACE, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint name, what is set, and the chevron."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.underMouse() or self.hasFocus():
            painter.setPen(QColor(c.accent if self.hasFocus() else c.hover))
            painter.setBrush(QColor(c.hover if self.underMouse() else "transparent"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        box.adjust(INSET, 0, -INSET, 0)
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(c.muted))
        painter.drawText(box, LEFT, self.text())
        room = box.adjusted(
            QFontMetricsF(painter.font()).horizontalAdvance(self.text()) + SPACE,
            0,
            -CHEVRON - SPACE,
            0,
        )
        painter.setFont(self.theme.font(BODY, MEDIUM))
        painter.setPen(QColor(c.text))
        said = QFontMetricsF(painter.font()).elidedText(
            self.said, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, LEFT, said)
        spot = QRectF(0, 0, CHEVRON, CHEVRON)
        spot.moveCenter(box.center())
        spot.moveRight(box.right())
        if self.isChecked():
            painter.translate(spot.center())
            painter.rotate(180)
            painter.translate(-spot.center())
        draw_icon(painter, spot, "chevron", QColor(c.muted))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on Enter as well as on Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)
