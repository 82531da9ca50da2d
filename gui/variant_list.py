"""The variants to choose from: filter, precision switch, table, and a place to drop a model."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from gui.labels import ElidedLabel, Label
from gui.marks import draw_icon
from gui.parts import Card, Segments, StateShape
from gui.theme import BODY, CAPTION, SEMIBOLD, SPACE, TITLE, Theme
from gui.variant_rows import ROW_ROLE, VariantFilter, VariantRow, VariantTable
from gui.variant_view import VariantView, WholeRows

PRECISIONS = ("float32", "float16", "int8")
BREAK = "\N{ZERO WIDTH SPACE}"
"""Where the long names of files may be broken."""
CAPTION_TEXT = "top-1: published figures of the trained networks"


class VariantList(Card):
    """Lets the person choose a variant and a precision, or bring a model of their own."""

    chosen = Signal(object)  # VariantRow
    precision_chosen = Signal(str)
    activated = Signal()  # Enter or double click: deploy it
    model_dropped = Signal(Path)

    def __init__(self, theme: Theme) -> None:
        """Make an empty list; ``show_variants`` fills it."""
        super().__init__(theme)
        self.setAcceptDrops(True)
        self._drop_note = ""
        self.table = VariantTable(self)
        self.kept = VariantFilter(self)
        self.kept.setSourceModel(self.table)
        self.filter = FilterBox(theme)
        self.filter.textChanged.connect(self._filter)
        self.precision = Segments(theme, PRECISIONS, "Precision of all variants")
        self.precision.choose("int8")
        self.precision.chosen.connect(self._switch)
        self.view = VariantView(theme, self.table, self.kept)
        self.place = WholeRows(self.view)
        self.view.selectionModel().currentRowChanged.connect(self._tell)
        self.view.activated.connect(self.activated)
        self.view.clicked.connect(lambda _index: self.show_trouble(""))
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(Label(theme, "Variants", TITLE, SEMIBOLD))
        head.addStretch(1)
        head.addWidget(self.filter, 2)
        self.nothing = Label(theme, "", BODY, tone="muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        self.trouble = Label(theme, "", BODY, wrap=True)
        self.trouble.hide()
        self.trouble_shape = StateShape(theme)
        said = QHBoxLayout()
        said.setSpacing(SPACE)
        said.addWidget(self.trouble_shape, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.trouble, 1)
        self.caption = ElidedLabel(theme, CAPTION_TEXT, CAPTION, tone="muted")
        self.box.addLayout(head)
        self.box.addWidget(self.precision)
        self.box.addLayout(said)
        self.box.addWidget(self.place, 1)
        self.box.addWidget(self.nothing, 1)
        self.box.addWidget(self.caption)

    @Slot(object)
    def show_variants(self, rows: Sequence[VariantRow]) -> None:
        """Show these rows; the choice stays where it can."""
        before = self.choice()
        self.table.set_rows(rows)
        if before is not None:
            self.choose(before.name)
        elif rows:
            self.view.selectRow(0)

    def add_own(self, row: VariantRow) -> None:
        """Put the person's own model first and choose it; one of the same file is replaced."""
        self.filter.clear()
        others = [
            other for other in self.table.rows if other.path is None or other.path != row.path
        ]
        self.table.set_rows([row, *others])
        self.choose(row.name)

    @Slot(str)
    def show_trouble(self, text: str) -> None:
        """Say why a model was not taken; empty takes it back."""
        self.trouble.setText(text.replace("_", "_" + BREAK))
        self.trouble.setVisible(bool(text))
        self.trouble_shape.show_state("fail" if text else "none")

    def choose(self, name: str) -> bool:
        """Choose a row by its name; False if it is not there."""
        for number, row in enumerate(self.table.rows):
            if row.name == name:
                index = self.kept.mapFromSource(self.table.index(number, 0))
                self.view.setCurrentIndex(index)
                self.view.scrollTo(index)
                return index.isValid()
        return False

    def choice(self) -> VariantRow | None:
        """Return what is chosen."""
        index = self.view.currentIndex()
        row = index.data(ROW_ROLE) if index.isValid() else None
        return row if isinstance(row, VariantRow) else None

    def _tell(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        if row is not None:
            self.chosen.emit(row)

    def _switch(self, precision: str) -> None:
        self.table.set_precision(precision)
        self.precision_chosen.emit(precision)

    def _filter(self, text: str) -> None:
        self.kept.set_words(text)
        empty = self.kept.rowCount() == 0 and bool(self.table.rows)
        self.nothing.setText(f"No variant matches “{text}”. Try 0.50, 128 or a file's name.")
        self.nothing.setVisible(empty)
        self.place.setVisible(not empty)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up and name the action, for a file that is a model."""
        path = _dropped_model(event)
        if path is not None:
            event.acceptProposedAction()
            self._drop_note = f"Drop to add {path.name}"
            self._relight()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._drop_note = ""
        self._relight()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the model."""
        path = _dropped_model(event)
        self._drop_note = ""
        self._relight()
        if path is not None:
            event.acceptProposedAction()
            self.model_dropped.emit(path)

    def _relight(self) -> None:
        self.view.note = self._drop_note
        self.view.viewport().update()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card, lit up while something hangs over it."""
        super().paintEvent(event)
        if self._drop_note:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self.theme.colours.accent), 3))
            painter.setBrush(QColor(self.theme.colours.selected))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 11, 11)


def _dropped_model(event: QDropEvent) -> Path | None:
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if path.suffix.lower() == ".tflite":
            return path
    return None


class FilterBox(QLineEdit):
    """A line to type into, with a magnifying glass."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.setFont(theme.font(BODY))
        self.setPlaceholderText("Filter")
        self.setAccessibleName("Filter the variants")
        self.setToolTip("Words that begin an alpha, a resolution or a name: 0.5 128")
        self.setTextMargins(2 * SPACE + 4, 0, 0, 0)
        self.setMinimumWidth(12 * SPACE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line and the glass."""
        super().paintEvent(event)
        box = QRectF(10, self.height() / 2 - 8, 16, 16)
        draw_icon(QPainter(self), box, "search", QColor(self.theme.colours.muted))
