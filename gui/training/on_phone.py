"""What the retrained model says on the phone now, in one line."""

from PySide6.QtWidgets import QHBoxLayout

from gui.labels import ElidedLabel, Label
from gui.parts import Card, StateShape
from gui.recognised import Answer
from gui.theme import BODY, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme


class OnPhone(Card):
    """Shown only while the retrained model is what runs there."""

    def __init__(self, theme: Theme) -> None:
        """Make it hidden."""
        super().__init__(theme, padding=SPACE + SPACE // 2)
        self.word = ElidedLabel(theme, NO_VALUE, TITLE, SEMIBOLD)
        self.figure = Label(theme, "", TITLE, SEMIBOLD)
        shape = StateShape(theme)
        shape.show_state("ok")
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        line.addWidget(shape)
        line.addWidget(Label(theme, "On the phone now", BODY, tone="muted"))
        line.addWidget(self.word, 1)
        line.addWidget(self.figure)
        self.box.addLayout(line)
        self.hide()

    def show_answer(self, answer: Answer | None) -> None:
        """Show the best class; nothing while there is none."""
        entry = answer.entries[0] if answer is not None and answer.entries else None
        self.word.setText(entry[0] if entry else NO_VALUE)
        self.figure.setText(f"{100 * entry[1]:.0f} %" if entry else "")
        self.setAccessibleName(f"On the phone now {self.word.text()} {self.figure.text()}".strip())
