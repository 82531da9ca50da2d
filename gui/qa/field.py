"""One field of the plan's form: its name, what is typed, and what is wrong with it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gui.labels import Label
from gui.parts import Combo, StateShape
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme


class Complaints(QWidget):
    """Says what is wrong at one place, with its shape; empty it takes no room."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.text = ""
        shape = StateShape(theme)
        shape.show_state("fail")
        self._label = Label(theme, "", CAPTION, tone="danger", wrap=True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE // 2)
        line.addWidget(shape, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._label, 1)
        self.hide()

    def say(self, text: str) -> None:
        """Say it; empty takes it back."""
        self.text = text
        self._label.setText(f"{text[:1].upper()}{text[1:]}")
        self.setVisible(bool(text))


class Field(QWidget):
    """A name above a line to type into, or a list to choose from."""

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        *,
        words: Sequence[str] = (),
        hint: str = "",
        tip: str = "",
        unit: str = "",
    ) -> None:
        """Make it empty.

        Args:
            theme: The look.
            title: Its name.
            words: What can be chosen; none for a line to type into.
            hint: Stands in the empty line.
            tip: Its tool tip.
            unit: Behind the line.
        """
        super().__init__()
        self.complaint = Complaints(theme)
        self.line = QLineEdit()
        self.combo = Combo(theme)
        self._words = tuple(words)
        control = self.combo if words else self.line
        for each in (self.line, self.combo):
            each.setAccessibleName(f"{title}, {unit}" if unit else title)
            each.setToolTip(tip)
        self.line.setFont(theme.font(BODY))
        self.line.setPlaceholderText(hint)
        self.combo.addItems(list(words))
        self.line.textEdited.connect(lambda _text: self.changed.emit())
        self.combo.activated.connect(lambda _index: self.changed.emit())
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(control, 1)
        if unit:
            words_after = Label(theme, unit, BODY, tone="muted")
            words_after.setFixedWidth(4 * SPACE)  # the same everywhere: the lines stay in a column
            row.addWidget(words_after)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(Label(theme, title, CAPTION, MEDIUM, "muted"))
        box.addLayout(row)
        box.addWidget(self.complaint)
        self._other = self.combo if control is self.line else self.line
        self._other.hide()
        self._other.setParent(self)

    def text(self) -> str:
        """Return what is typed or chosen."""
        return self.combo.currentText() if self._words else self.line.text().strip()

    def number(self) -> object:
        """Return what is typed as a number, or as it is; None where nothing is."""
        return number_of(self.text())

    def show_text(self, text: str) -> None:
        """Show a value; nothing is told."""
        if self._words:
            if self.combo.findText(text) < 0:
                self.combo.addItem(text)
            self.combo.setCurrentText(text)
        else:
            self.line.setText(text)


def number_of(text: str) -> object:
    """Return a number as a person types it; the text itself where it is none, None where empty."""
    text = text.strip()
    if not text:
        return None
    for kind in (int, float):
        try:
            return kind(text.replace(",", "."))
        except ValueError:
            continue
    return text


def text_of(value: object) -> str:
    """Return a plan's value for a line; empty for none."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
