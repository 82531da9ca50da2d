"""A sentence across the window that must stay in sight, and the line at its foot."""

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.labels import ElidedLabel
from gui.marks import draw_state
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme


class Banner(QWidget):
    """Shows what the phone says of itself; hidden while it says nothing."""

    def __init__(self, theme: Theme) -> None:
        """Make it hidden."""
        super().__init__()
        self.theme = theme
        self.text = ""
        self.setFont(theme.font(BODY, MEDIUM))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.hide()

    @Slot(str)
    def show_text(self, text: str) -> None:
        """Show a sentence; empty hides the banner."""
        self.text = text[:1].upper() + text[1:]
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(40 * SPACE, 5 * SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint shape and sentence."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.banner))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        draw_state(painter, QRectF(14, self.height() / 2 - 8, 16, 16), "warn", QColor(c.warn))
        painter.setPen(QColor(c.banner_text))
        painter.setFont(self.font())
        box = self.rect().adjusted(42, 0, -SPACE, 0)
        text = self.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class StatusLine(QWidget):
    """The foot of the window: the last thing that happened, and the adb server."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.said = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.adb = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.adb.setAlignment(Qt.AlignmentFlag.AlignRight)
        box = QHBoxLayout(self)
        box.setContentsMargins(SPACE // 2, 0, SPACE // 2, 0)
        box.setSpacing(2 * SPACE)
        box.addWidget(self.said, 1)
        box.addWidget(self.adb)
        self.setFixedHeight(3 * SPACE)

    def show_adb(self, version: str, port: int, phones: int) -> None:
        """Show the adb server and how many phones it sees."""
        count = "1 phone" if phones == 1 else f"{phones} phones"
        self.adb.setText(f"adb {version} · server {port} · {count}")
        self.adb.updateGeometry()

    @Slot(str)
    def show_said(self, text: str) -> None:
        """Show the last thing that happened."""
        self.said.setText(text)
