"""No phone yet: what the place is for, three steps, and a way to try without one."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.labels import Label
from gui.marks import draw_icon
from gui.parts import Button, Card
from gui.theme import BODY, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme

STEPS = (
    (
        "Switch on USB debugging",
        "In Developer options; seven taps on Build number in About phone show them.",
    ),
    ("Plug the phone in", "Choose file transfer if it asks what the cable is for."),
    ("Tap Allow on the phone", "It asks once whether this computer may debug it."),
)


class EmptyState(Card):
    """Shown where the phone's screen would be while there is no phone."""

    virtual_phone_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the page."""
        super().__init__(theme, padding=3 * SPACE)
        self.try_button = Button(theme, "Try with a virtual phone", "primary")
        self.try_button.setToolTip("A phone that is a program; its speed is this computer's")
        self.try_button.clicked.connect(self._request)
        self.note = Label(theme, "", BODY, tone="muted", wrap=True)
        self.box.setSpacing(2 * SPACE)
        self.box.addStretch(1)
        self.box.addWidget(_Drawing(theme), 0, Qt.AlignmentFlag.AlignHCenter)
        title = Label(theme, "Connect a phone", TITLE, SEMIBOLD)
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.box.addWidget(title)
        purpose = Label(
            theme,
            "See its screen here and measure which MobileNet it runs fast enough.",
            BODY,
            tone="muted",
            wrap=True,
        )
        purpose.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.box.addWidget(purpose)
        self.box.addSpacing(SPACE)
        for number, (what, how) in enumerate(STEPS, start=1):
            self.box.addLayout(_step(theme, number, what, how))
        self.box.addStretch(1)
        self.box.addWidget(self.try_button)
        self.box.addWidget(self.note)
        self.note.hide()

    def show_note(self, text: str, *, waiting: bool = False) -> None:
        """Say how the virtual phone's start goes."""
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.try_button.setEnabled(not waiting)

    def _request(self) -> None:
        self.show_note("Starting the virtual phone…", waiting=True)
        self.virtual_phone_requested.emit()


def _step(theme: Theme, number: int, what: str, how: str) -> QHBoxLayout:
    texts = QVBoxLayout()
    texts.setSpacing(0)
    texts.addWidget(Label(theme, what, BODY, MEDIUM, wrap=True))
    texts.addWidget(Label(theme, how, BODY, tone="muted", wrap=True))
    line = QHBoxLayout()
    line.setSpacing(2 * SPACE)
    line.addWidget(_Number(theme, number), 0, Qt.AlignmentFlag.AlignTop)
    line.addLayout(texts, 1)
    return line


class _Number(QWidget):
    """A step's number in a circle."""

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__()
        self.theme = theme
        self.number = number
        self.setFixedSize(QSize(28, 28))

    def paintEvent(self, _event: QPaintEvent) -> None:
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.selected))
        painter.drawEllipse(QPointF(14, 14), 14, 14)
        painter.setPen(QColor(c.accent))
        painter.setFont(self.theme.font(BODY, SEMIBOLD))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self.number))


class _Drawing(QWidget):
    """A phone, drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setFixedSize(QSize(64, 64))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_icon(painter, QRectF(4, 4, 56, 56), "phone", QColor(self.theme.colours.accent))
