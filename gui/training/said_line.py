"""How things stand in one place: a shape, a sentence, advice, and the button that mends it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.jobs import Ended
from gui.labels import Label
from gui.parts import Button, StateShape
from gui.theme import BODY, MEDIUM, SPACE, Theme
from gui.variant_list import BREAK


class SaidLine(QWidget):
    """Says a state in words where it happened; empty it takes no room."""

    mend_pressed = Signal()

    def __init__(self, theme: Theme, mend: str = "") -> None:
        """Make it empty; ``mend`` is the text of the button shown beside a failure."""
        super().__init__()
        self.state = "none"
        self.shape = StateShape(theme)
        self.what = Label(theme, "", BODY, MEDIUM, wrap=True)
        self.advice = Label(theme, "", BODY, tone="muted", wrap=True)
        self.aside = Label(theme, "", BODY, tone="muted")
        self.button = Button(theme, mend) if mend else None
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.what)
        words.addWidget(self.advice)
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        line.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addWidget(self.aside, 0, Qt.AlignmentFlag.AlignTop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE)
        box.addLayout(line)
        if self.button is not None:
            self.button.clicked.connect(self.mend_pressed)
            box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.say("none", "")

    def say(self, state: str, what: str, advice: str = "", aside: str = "") -> None:
        """Say a sentence with its state: ``none``, ``busy``, ``ok``, ``warn`` or ``fail``."""
        self.state = state
        self.shape.show_state(state)
        self.what.setText(_breakable(what))
        self.what.set_tone("muted" if state == "none" else "text")
        self.advice.setText(_breakable(advice))
        self.advice.setVisible(bool(advice))
        self.aside.setText(aside)
        self.aside.setVisible(bool(aside))
        if self.button is not None:
            self.button.setVisible(state == "fail")
        self.setVisible(bool(what))
        self.setAccessibleName(f"{what} {advice}".strip())

    def say_failed(self, ended: Ended) -> None:
        """Say why a job failed."""
        error = ended.error
        self.say("fail", error.what if error else ended.message, error.advice if error else "")


def _breakable(text: str) -> str:
    """Let the long names of files and folders be broken where they have joints."""
    for joint in "_/":
        text = text.replace(joint, joint + BREAK)
    return text
