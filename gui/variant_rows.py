"""The rows of the variant list: what is chosen from, as a table for Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QSortFilterProxyModel,
    Qt,
)

from gui.rowed_view import Index, NamedColumns
from gui.theme import NO_VALUE


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One line of the list.

    Attributes:
        name: ``v1_0.50_128``, or the file's name for the person's own model.
        alpha: Width multiplier; None for an own model.
        resolution: Input side in pixels; None if unknown.
        top1: Published top-1 accuracy, fraction 0..1.
        macs: Multiply-accumulates of one inference.
        params: Number of parameters.
        size_bytes: Of the ``.tflite`` by precision, where it is known.
        top1_by: Published top-1 of one precision where it differs from ``top1``.
        top1_said: ``(precision, what was published where)`` of the top-1 figures.
        sources: ``(what, where from)`` of the figures, for the card.
        reference: ``(text, where from)``, a published latency; empty if there is none.
        path: The file of an own model.
        precision: Of an own model; the list's switch decides for the others.
        kind: Of an own model: what it is, in words.
    """

    name: str
    alpha: float | None = None
    resolution: int | None = None
    top1: float | None = None
    macs: float | None = None
    params: float | None = None
    size_bytes: tuple[tuple[str, int], ...] = ()
    top1_by: tuple[tuple[str, float], ...] = ()
    top1_said: tuple[tuple[str, str], ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    reference: tuple[tuple[str, str, str], ...] = ()
    path: Path | None = None
    precision: str = ""
    kind: str = "your own model"

    def size(self, precision: str) -> int | None:
        """Return the file's size at that precision in bytes, if it is known."""
        return dict(self.size_bytes).get(self.precision or precision)

    def accuracy(self, precision: str) -> float | None:
        """Return the top-1 to show at that precision, fraction 0..1."""
        return dict(self.top1_by).get(precision, self.top1)

    def accuracy_said(self, precision: str) -> str:
        """Return whose accuracy that is, and where it was published; empty if unknown."""
        return dict(self.top1_said).get(precision, "")

    @property
    def title(self) -> str:
        """Return how people say it: ``0.50 @ 128``."""
        if self.alpha is None or self.resolution is None:
            return self.name
        return f"{self.alpha:.2f} @ {self.resolution}"


COLUMNS = ("alpha", "px", "top-1 %", "M MACs", "M par.", "MB")
WHAT = (
    "Width multiplier alpha. Colour is alpha, shape the resolution, filling the precision",
    "Side of the input picture in pixels",
    "Published accuracy of the trained network on ImageNet, percent; not measured here",
    "Multiply-accumulates of one inference, millions",
    "Parameters, millions",
    "Size of the model file, 10^6 bytes",
)
TOP1_COLUMN = 2
ROW_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1


class VariantTable(NamedColumns):
    """The rows at the precision that is switched on."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(COLUMNS, WHAT, parent)
        self.rows: list[VariantRow] = []
        self.precision = "int8"

    def set_rows(self, rows: Sequence[VariantRow]) -> None:
        """Show these rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def set_precision(self, precision: str) -> None:
        """Show the figures of another precision."""
        self.precision = precision
        if self.rows:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1)
            )

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, its row or the number to sort by."""
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        number = self.number(row, index.column())
        if role == SORT_ROLE:
            return -1.0 if number is None else number
        text = self.text(row, index.column(), number)
        answers = {
            Qt.ItemDataRole.DisplayRole: text,
            Qt.ItemDataRole.AccessibleTextRole: f"{COLUMNS[index.column()]} {text}",
            Qt.ItemDataRole.ToolTipRole: self.tip(row, index.column()),
        }
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(index.column())
        return answers.get(Qt.ItemDataRole(role))

    def number(self, row: VariantRow, column: int) -> float | None:
        """Return the value of a cell in the column's unit; None if it is not known."""
        size, top1 = row.size(self.precision), row.accuracy(self.precision)
        return (
            row.alpha,
            row.resolution,
            None if top1 is None else 100 * top1,
            None if row.macs is None else row.macs / 1e6,
            None if row.params is None else row.params / 1e6,
            None if size is None else size / 1e6,
        )[column]

    def tip(self, row: VariantRow, column: int) -> str | None:
        """Return what a cell has no room for: an own model's name, or whose figure it is."""
        if row.path is not None:
            return str(row.path) if column <= TOP1_COLUMN else None
        return row.accuracy_said(self.precision) or None if column == TOP1_COLUMN else None

    def text(self, row: VariantRow, column: int, number: float | None) -> str:
        """Return a cell's text; a dash where the figure is not known."""
        if column == 0 and row.alpha is None:
            return row.name
        if number is None:
            return NO_VALUE
        digits = (2, 0, 1, 0 if number >= 10 else 1, 2, 1)[column]
        return f"{number:.{digits}f}"


class VariantFilter(QSortFilterProxyModel):
    """Keeps the rows in which every typed word occurs, sorted by any column."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Keep all."""
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self.setSortRole(SORT_ROLE)

    def set_words(self, text: str) -> None:
        """Keep only rows that hold every word of ``text`` at the start of a figure."""
        self.beginFilterChange()
        self._words = tuple(text.lower().replace("@", " ").split())
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, _parent: Index) -> bool:
        """Return whether each word begins the name, the alpha or the resolution."""
        table = self.sourceModel()
        row = table.rows[source_row] if isinstance(table, VariantTable) else None
        if row is None:
            return True
        texts = [row.name.lower(), row.title.lower()]
        if row.alpha is not None:
            texts += [f"{row.alpha:.2f}", str(row.resolution)]
        return all(
            any(text.startswith(word) or (len(word) > 3 and word in text) for text in texts)
            for word in self._words
        )
