"""Asks once more before something is lost, in its place and without a dialog."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.labels import Label
from gui.parts import Button
from gui.theme import BODY, SPACE, Theme


class Confirm(QWidget):
    """A sentence that names what goes, and two buttons. Hidden until it is asked."""

    confirmed = Signal()
    declined = Signal()

    def __init__(self, theme: Theme, *, space: int = SPACE) -> None:
        """Make it hidden; ``space`` is left between the sentence and the buttons, pixels."""
        super().__init__()
        self.sentence = Label(theme, "", BODY, wrap=True)
        self.yes = Button(theme, "Go on", "danger")
        self.no = Button(theme, "Keep it")
        self.yes.clicked.connect(self._confirm)
        self.no.clicked.connect(self._decline)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.yes, 1)
        buttons.addWidget(self.no)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(space)
        box.addWidget(self.sentence)
        box.addLayout(buttons)
        self.hide()

    def ask(self, sentence: str, action: str) -> None:
        """Ask; the keyboard is on the button that changes nothing."""
        self.sentence.setText(sentence)
        self.yes.setText(action)
        self.yes.setAccessibleName(action)
        self.yes.updateGeometry()
        self.show()
        self.no.setFocus()

    def _confirm(self) -> None:
        self.hide()
        self.confirmed.emit()

    def _decline(self) -> None:
        self.hide()
        self.declined.emit()
