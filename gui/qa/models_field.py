"""Which models a plan measures: a list that is added to and taken from."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gui.labels import ElidedLabel, Label
from gui.parts import Button
from gui.qa.field import Complaints
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme


class ModelsField(QWidget):
    """The chosen models, a line that completes names, and a way to a file."""

    changed = Signal()
    file_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it without models."""
        super().__init__()
        self.theme = theme
        self.models: tuple[str, ...] = ()
        self.complaint = Complaints(theme)
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(lambda _text: self.add_typed())
        self.line = QLineEdit()
        self.line.setFont(theme.font(BODY))
        self.line.setPlaceholderText("Name a model, for instance v1_0.50_128-int8")
        self.line.setAccessibleName("Add a model")
        self.line.setCompleter(completer)
        self.line.returnPressed.connect(self.add_typed)
        self.add_button = Button(theme, "Add", tip="Enter")
        self.add_button.clicked.connect(self.add_typed)
        self.file_button = Button(theme, "File\N{HORIZONTAL ELLIPSIS}")
        self.file_button.setToolTip("A .tflite of your own")
        self.file_button.clicked.connect(self.file_requested)
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE // 2)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self.line, 1)
        row.addWidget(self.add_button)
        row.addWidget(self.file_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE // 2)
        box.addWidget(Label(theme, "Models, measured in turns", CAPTION, MEDIUM, "muted"))
        box.addLayout(self._list)
        box.addLayout(row)
        box.addWidget(self.complaint)

    def show_names(self, names: Sequence[str]) -> None:
        """Complete these names."""
        self._names.setStringList(list(names))

    def show_models(self, models: Sequence[str]) -> None:
        """Show the chosen models; nothing is told."""
        self.models = tuple(models)
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for model in self.models:
            self._list.addWidget(self._line_of(model))

    def add(self, model: str) -> None:
        """Add a model and tell it; one that is there already stays once."""
        if model and model not in self.models:
            self.show_models((*self.models, model))
            self.changed.emit()

    def add_typed(self) -> None:
        """Add what is typed."""
        text = self.line.text().strip()
        self.add(text)
        self.line.clear()

    def _remove(self, model: str) -> None:
        self.show_models([each for each in self.models if each != model])
        self.line.setFocus()
        self.changed.emit()

    def _line_of(self, model: str) -> QWidget:
        line = QWidget()
        box = QHBoxLayout(line)
        box.setContentsMargins(SPACE, 0, 0, 0)
        box.setSpacing(SPACE)
        name = ElidedLabel(self.theme, model, BODY, MEDIUM)
        remove = Button(self.theme, "Remove", "quiet")
        remove.setAccessibleName(f"Remove {model}")
        remove.clicked.connect(partial(self._remove, model))
        box.addWidget(name, 1)
        box.addWidget(remove)
        return line
