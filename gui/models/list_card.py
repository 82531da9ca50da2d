"""The card with the table of models: filter, what comes in from files, and how work stands."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout

from gui.labels import ElidedLabel, Label
from gui.models.lines import LINE_ROLE, Line, LineFilter, LineTable
from gui.models.table import ModelsTable
from gui.models.work_line import WorkLine
from gui.parts import Button, Segments
from gui.theme import BODY, CAPTION, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.drop_card import DropCard
from gui.variant_list import FilterBox
from gui.variant_view import WholeRows

ALL, HERE = "all", "here"
SUFFIXES = (".tflite", ".h5", ".keras", ".zip")
NONE_HERE = (
    "No model is on this computer yet. Choose a network under “all” and build or fetch it, or "
    "drop a .tflite, a Keras file or an offline pack here."
)
CAPTION_TEXT = "MACs and parameters are counted; accuracies are published, of trained networks"


class ListCard(DropCard):
    """Lets the person choose lines, and bring files."""

    chosen = Signal()
    activated = Signal()  # Enter or double click: use it
    remove_pressed = Signal()
    import_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make an empty table; ``show_lines`` fills it."""
        super().__init__(theme, "Drop to keep", dropped_model)
        self.lines = LineTable(self)
        self.kept = LineFilter(self)
        self.kept.setSourceModel(self.lines)
        self.table = _Table(theme, self.kept)
        self.place = WholeRows(self.table)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())
        self.table.activated.connect(lambda _index: self.activated.emit())
        self.table.remove_pressed.connect(self.remove_pressed)
        self.which = Segments(theme, (ALL, HERE), "Which models are shown")
        self.which.chosen.connect(self._filter_anew)
        self.filter = FilterBox(theme)
        self.filter.setAccessibleName("Filter the models")
        self.filter.setToolTip("Words of a name: v2 0.50 fetched")
        self.filter.textChanged.connect(self._filter_anew)
        self.import_button = Button(theme, "Import", tip="A .tflite, a Keras file or a pack")
        self.import_button.clicked.connect(self.import_requested)
        self.nothing = Label(theme, "", BODY, tone="muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        self.work = WorkLine(theme)
        self.caption = ElidedLabel(theme, CAPTION_TEXT, CAPTION, tone="muted")
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(Label(theme, "Models", TITLE, SEMIBOLD))
        head.addWidget(self.which)
        head.addStretch(1)
        head.addWidget(self.filter, 2)
        head.addWidget(self.import_button)
        self.box.addLayout(head)
        self.box.addWidget(self.place, 1)
        self.box.addWidget(self.nothing, 1)
        self.box.addWidget(self.work)
        self.box.addWidget(self.caption)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines; what was chosen stays chosen where it can."""
        before = {line.id for line in self.table.lines()}
        current = self.table.line()
        place = max(0, self.table.currentIndex().row())
        scrolled = self.table.verticalScrollBar().value()
        self.lines.set_lines(lines)
        self._filter()
        self._choose_again(before, current.id if current is not None else "")
        self.table.verticalScrollBar().setValue(scrolled)
        if not self.table.lines() and self.kept.rowCount():
            self.table.selectRow(min(place, self.kept.rowCount() - 1))
        self.chosen.emit()

    def _choose_again(self, ids: set[str], current: str) -> None:
        selection = self.table.selectionModel()
        selection.clearSelection()  # with the keyboard on it Qt has chosen the first line
        rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in range(self.kept.rowCount()):
            index = self.kept.index(row, 0)
            line = index.data(LINE_ROLE)
            if line.id == current:
                selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            if line.id in ids:
                selection.select(index, rows)

    def choose(self, name: str) -> bool:
        """Choose a line alone, taking the filter away where that hides it."""
        if self.table.choose(name):
            return True
        self.filter.clear()
        self.which.choose(ALL)
        return self.table.choose(name)

    def _filter_anew(self) -> None:
        """Filter, and choose the first line where what was chosen is out of sight."""
        self._filter()
        if self.kept.rowCount() and not self.table.lines():
            self.table.selectRow(0)

    def _filter(self) -> None:
        here, text = self.which.choice == HERE, self.filter.text()
        self.kept.keep(text, here=here)
        empty = self.kept.rowCount() == 0 and bool(self.lines.lines)
        said = f"No model matches “{text}”." if text else NONE_HERE
        self.nothing.setText(said)
        self.nothing.setVisible(empty)
        if not empty and not self.table.lines():
            self.table.selectRow(0)
        self.place.setVisible(not empty)


class _Table(ModelsTable):
    """The table, with a key to remove what is chosen."""

    remove_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes; all else as everywhere."""
        if event.key() == Qt.Key.Key_Delete:
            self.remove_pressed.emit()
        else:
            super().keyPressEvent(event)


def dropped_model(data: QMimeData) -> Path | None:
    """Return the first model file or pack of what is dragged; None without one."""
    for url in data.urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and (path.suffix.lower() in SUFFIXES or path.is_dir()):
            return path
    return None
