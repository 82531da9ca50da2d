"""A small switch with its word: on or off."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from gui.theme import CAPTION, MEDIUM, SPACE, Theme

BOX = 16


class Toggle(QAbstractButton):
    """A box with a tick and a word beside it."""

    def __init__(self, theme: Theme, word: str, tip: str, *, on: bool = True) -> None:
        """Make the switch; ``toggled`` tells each change."""
        super().__init__()
        self.theme = theme
        self.setText(word)
        self.setAccessibleName(word)
        self.setToolTip(tip)
        self.setCheckable(True)
        self.setChecked(on)
        self.setFont(theme.font(CAPTION, MEDIUM))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Box, word and room around them."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + BOX + 20, 4 * SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint box, tick, word and focus ring."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - BOX) / 2
        box = QRectF(4.5, top + 0.5, BOX - 1, BOX - 1)
        face = c.accent if self.isChecked() else c.hover if self.underMouse() else c.raised
        if self.isChecked() and not self.isEnabled():
            face = c.faint
        edge = c.accent if self.isChecked() and self.isEnabled() else c.faint
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(face))
        painter.drawRoundedRect(box, 4, 4)
        if self.isChecked():
            painter.setPen(QPen(QColor(c.on_accent), 2))
            left, middle = box.left(), box.center().y()
            tick = [(4.0, 0.0), (7.0, 3.0), (11.5, -3.5)]
            painter.drawPolyline(QPolygonF([QPointF(left + x, middle + y) for x, y in tick]))
        painter.setPen(QColor(c.text if self.isEnabled() else c.faint))
        painter.setFont(self.font())
        words = self.rect().adjusted(BOX + 10, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 3, -1, -3), 6, 6)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Switch on Enter as well as on Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)
