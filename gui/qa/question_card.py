"""A manual step: what to do, what it is to look like, the phone's screen, and three answers."""

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from gui.labels import Label
from gui.parts import Button, Card
from gui.qa.values import QuestionShown
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme

ANSWERS = (("P", "Pass"), ("F", "Fail"), ("S", "Skip"))
TALL = 7 * SPACE


class QuestionCard(Card):
    """Asks; ``answered`` tells the key and the comment."""

    answered = Signal(str, str)  # P, F or S; comment

    def __init__(self, theme: Theme) -> None:
        """Make it hidden."""
        super().__init__(theme)
        self.shown: QuestionShown | None = None
        self.where = Label(theme, "", CAPTION, MEDIUM, "accent")
        self.title = Label(theme, "", TITLE, SEMIBOLD, wrap=True)
        self.instruction = Label(theme, "", BODY, wrap=True)
        self.expects = Label(theme, "", BODY, tone="muted", wrap=True)
        self.more = Label(theme, "", CAPTION, tone="muted")
        self.picture = Still(theme, "How it is to look", "no picture")
        self.phone_screen = Still(theme, "The phone's screen", "photographed in a moment")
        self.comment = QLineEdit()
        self.comment.setFont(theme.font(BODY))
        self.comment.setPlaceholderText("Comment, may stay empty")
        self.comment.setAccessibleName("Comment")
        self.buttons: dict[str, Button] = {}
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(SPACE)
        for part in (self.where, self.title, self.instruction, self.expects):
            words.addWidget(part)
        words.addStretch(1)
        words.addWidget(self.comment)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        for key, word in ANSWERS:
            button = Button(self.theme, f"{key}   {word}", "primary" if key == "P" else "secondary")
            button.setAccessibleName(word)
            button.setToolTip(f"{key}")
            button.setFixedHeight(TALL)
            button.clicked.connect(partial(self._answer, key))
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(button.click)
            self.buttons[key] = button
            row.addWidget(button, 1)
        words.addLayout(row)
        words.addWidget(self.more)
        whole = QHBoxLayout()
        whole.setSpacing(2 * SPACE)
        whole.addLayout(words, 3)
        whole.addWidget(self.picture, 2)
        whole.addWidget(self.phone_screen, 2)
        self.box.addLayout(whole)

    def show_question(self, shown: QuestionShown | None) -> None:
        """Ask; None asks nothing more. The keyboard is on the answers where it was not typing."""
        other = shown is not None and (
            self.shown is None
            or (shown.serial, shown.number) != (self.shown.serial, self.shown.number)
        )
        self.shown = shown
        self.setVisible(shown is not None)
        if shown is None:
            return
        self.where.setText(f"{shown.phone}  {shown.serial}  \N{MIDDLE DOT}  step {shown.number}")
        self.title.setText(shown.title)
        self.instruction.setText(shown.instruction)
        self.expects.setText(f"Expected: {shown.expects}" if shown.expects else "")
        self.expects.setVisible(bool(shown.expects))
        waits = f"{shown.waiting} more wait behind it" if shown.waiting > 1 else ""
        self.more.setText("One more waits behind it" if shown.waiting == 1 else waits)
        self.phone_screen.show_png(shown.screen)
        if other:
            self.picture.show_file(shown.picture)
            self.picture.setVisible(bool(shown.picture))
            self.comment.clear()
            self.buttons["P"].setFocus()

    def show_screen(self, png: bytes) -> None:
        """Show the phone's screen as it is now."""
        self.phone_screen.show_png(png)

    def _answer(self, key: str, _checked: bool = False) -> None:
        if self.shown is not None:
            self.answered.emit(key, self.comment.text().strip())


class Still(QWidget):
    """A picture that fits, with its name beneath."""

    def __init__(self, theme: Theme, name: str, missing: str) -> None:
        """Make it without a picture."""
        super().__init__()
        self.theme = theme
        self.name, self.missing = name, missing
        self.image = QImage()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_png(self, data: bytes) -> None:
        """Show a PNG; nothing leaves what was there."""
        image = QImage.fromData(data) if data else QImage()
        if not image.isNull():
            self.image = image
            self.update()

    def show_file(self, name: str) -> None:
        """Show a file; one that cannot be read shows nothing."""
        self.image = QImage(name) if name else QImage()
        self.update()

    def forget(self) -> None:
        """Show nothing."""
        self.image = QImage()
        self.update()

    def sizeHint(self) -> QSize:
        """A phone, upright."""
        return QSize(22 * SPACE, 36 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """Still to be seen."""
        return QSize(16 * SPACE, 34 * SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture, or that there is none, and the name."""
        c = self.theme.colours
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(0, 0, 0, -22)
        painter.setFont(self.theme.font(CAPTION))
        if self.image.isNull():
            painter.setPen(QColor(c.border))
            painter.setBrush(QColor(c.raised))
            painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
            painter.setPen(QColor(c.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.missing)
        else:
            size = self.image.size().scaled(
                room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio
            )
            left = room.left() + (room.width() - size.width()) / 2
            top = room.top() + (room.height() - size.height()) / 2
            image = self.image.scaled(  # smoothly: text on a screen stays to be read
                size * self.devicePixelRatio(),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            painter.drawImage(QRectF(left, top, size.width(), size.height()), image)
        painter.setPen(QColor(c.muted))
        low = QRectF(0, room.bottom() + 4, self.width(), 18)
        painter.drawText(low, Qt.AlignmentFlag.AlignCenter, self.name)
