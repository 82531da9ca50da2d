"""The lines of the table of models: a network, and below it what is on this computer of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QSortFilterProxyModel,
    Qt,
)

from gui.rowed_view import Index, NamedColumns
from gui.theme import NO_VALUE

if TYPE_CHECKING:
    from engine.model_table import Kept, ModelTable, Network


COLUMNS = (
    "model", "weights", "M MACs", "M par.", "top-1 %", "8-bit %", "top-5 %", "8-bit %",
    "MB f32", "MB f16", "MB 8-bit", "yours %",
)  # fmt: skip
WHAT = (
    "A network, and indented below it the models of it on this computer",
    "Of a network how many models of it are here; of a model where its weights are from",
    "Multiply-accumulates of one inference, millions, counted from the graph",
    "Parameters, millions, counted from the graph",
    "Published top-1 accuracy of the float network on ILSVRC-2012; not measured here",
    "Published top-1 accuracy of the 8-bit network on ILSVRC-2012; not measured here",
    "Published top-5 accuracy of the float network on ILSVRC-2012; not measured here",
    "Published top-5 accuracy of the 8-bit network on ILSVRC-2012; not measured here",
    "Size of the float32 file, 10\N{SUPERSCRIPT SIX} bytes",
    "Size of the float16 file, 10\N{SUPERSCRIPT SIX} bytes",
    "Size of the int8 file (of what was imported, of its 8 bits), 10\N{SUPERSCRIPT SIX} bytes",
    "Top-1 measured on your own pictures, newest first; never ILSVRC's",
)
(NAME, WEIGHTS, MACS, PARAMS, TOP1, TOP1_8, TOP5, TOP5_8, FLOAT32, FLOAT16, INT8, YOURS) = range(12)
SIZE_COLUMNS = {"float32": FLOAT32, "float16": FLOAT16, "int8": INT8, "uint8": INT8}
LINE_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
_DIGITS = (0, 0, 0, 2, 1, 1, 1, 1, 1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a network, or a model that is here.

    Attributes:
        id: Stays the same while the table changes around it.
        title: For a person.
        name: ``v1_0.50_128``, or what the store calls the model.
        network: The network, also of a model that is here; None for others' models.
        kept: The model; None on a network's own line.
        values: The numbers of the columns, each in its column's unit; None if unknown.
    """

    id: str
    title: str
    name: str
    network: "Network | None"
    kept: "Kept | None"
    values: tuple[float | None, ...]

    @property
    def alpha(self) -> float | None:
        """Width multiplier where the network has one."""
        words = self.network.name.split("_") if self.network is not None else []
        return next((float(word) for word in words if "." in word), None)

    @property
    def resolution(self) -> int | None:
        """Input side in pixels."""
        return self.network.entry.resolution if self.network is not None else None

    @property
    def name_of_network(self) -> str:
        """``v1_0.50_128``; empty for others' models."""
        return self.network.name if self.network is not None else ""

    @property
    def state(self) -> str:
        """What the last column says."""
        if self.kept is not None:
            return self.kept.weights
        count = len(self.network.models) if self.network is not None else 0
        return f"{count} here" if count else ""

    @property
    def trained(self) -> bool:
        """Whether it is a model here whose answers mean something."""
        return self.kept is not None and self.kept.weights not in {"untrained", "damaged"}

    @property
    def judgeable(self) -> bool:
        """Whether it is a classifier here that can be tried on pictures."""
        facts = self.kept.facts if self.kept is not None else None
        return facts is not None and facts.task == "classification"


def lines_of(table: "ModelTable") -> list[Line]:
    """Return the lines of the table, each network followed by what is here of it."""
    lines = []
    for network in table.networks:
        lines.append(_network_line(network))
        lines += [_kept_line(kept, network) for kept in network.models]
    return lines + [_kept_line(kept, None) for kept in table.others]


def network_title(name: str) -> str:
    """Return how people say a network's name: ``v1 0.50 @ 128``."""
    *words, side = name.split("_")
    said = " ".join(words)
    for word, better in (("ssd mobilenet", "SSD MobileNet"), ("inception", "Inception")):
        said = said.replace(word, better)
    return f"{said} @ {side}"


def _network_line(network: "Network") -> Line:
    from engine.model_table import counted, published

    entry = network.entry
    values: list[float | None] = [None] * len(COLUMNS)
    for column, quantity in ((MACS, "macs"), (PARAMS, "params")):
        figure = counted(entry, quantity)
        values[column] = figure.value / 1e6 if figure is not None else None
    for column, quantity, kind in (
        (TOP1, "top1", "float"),
        (TOP1_8, "top1", "quant"),
        (TOP5, "top5", "float"),
        (TOP5_8, "top5", "quant"),
    ):
        figures = published(entry, quantity, kind)
        values[column] = 100 * figures[0].value if figures else None
    for precision, size in network.sizes.items():
        values[SIZE_COLUMNS[precision]] = size / 1e6
    title = network_title(network.name)
    return Line(network.name, title, network.name, network, None, tuple(values))


def _kept_line(kept: "Kept", network: "Network | None") -> Line:
    values: list[float | None] = [None] * len(COLUMNS)
    if kept.facts is not None:
        values[MACS] = kept.facts.macs / 1e6 or None
        values[PARAMS] = kept.facts.params / 1e6 or None
        column = SIZE_COLUMNS.get(kept.precision, FLOAT32)
        values[column] = kept.facts.size_bytes / 1e6
    if kept.judged:
        values[YOURS] = 100 * kept.judged[0].top1 / kept.judged[0].pictures
    return Line(kept.key or str(kept.path), kept.name, kept.name, network, kept, tuple(values))


class LineTable(NamedColumns):
    """The lines as Qt wants them."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(COLUMNS, WHAT, parent)
        self.lines: list[Line] = []

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Return where a column's text stands."""
        side = {NAME, WEIGHTS}
        left = Qt.AlignmentFlag.AlignLeft if column in side else Qt.AlignmentFlag.AlignRight
        return left | Qt.AlignmentFlag.AlignVCenter

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, its line, or what to sort by."""
        line, column = self.lines[index.row()], index.column()
        if role in {LINE_ROLE, SORT_ROLE}:
            return line if role == LINE_ROLE else _sorted_by(line, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return text_of(line, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{COLUMNS[column]} {text_of(line, column)}"
        return tip_of(line, column) if role == Qt.ItemDataRole.ToolTipRole else None


def text_of(line: Line, column: int) -> str:
    """Return a cell's text; a dash where a figure is not known."""
    if column == NAME:
        return line.title
    if column == WEIGHTS:
        return line.state
    value = line.values[column]
    if value is None:
        return "" if line.kept is not None or column == YOURS else NO_VALUE
    digits = _DIGITS[column] if column != MACS or value >= 100 else 1
    return f"{value:.{digits}f}"


def tip_of(line: Line, column: int) -> str | None:
    """Return what a cell has no room for."""
    kept = line.kept
    if column == YOURS and kept is not None and kept.judged:
        newest = kept.judged[0]
        return f"Measured on your pictures, n = {newest.pictures}: {newest.folder}"
    if column == NAME:
        return kept.name if kept is not None else line.name
    if column == WEIGHTS and kept is not None:
        return kept.source or None
    return None


def _sorted_by(line: Line, column: int) -> Any:
    if column == NAME:
        return line.title.lower()
    if column == WEIGHTS:
        return line.state
    value = line.values[column]
    return -1.0 if value is None else value


class LineFilter(QSortFilterProxyModel):
    """Keeps the lines in which every typed word occurs; only models here if asked."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Keep all."""
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._here = False
        self.setSortRole(SORT_ROLE)

    def keep(self, text: str, *, here: bool) -> None:
        """Keep the lines that hold every word; with ``here`` only models on this computer."""
        self.beginFilterChange()
        self._words = tuple(text.lower().replace("@", " ").split())
        self._here = here
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, _parent: Index) -> bool:
        """Return whether a line is kept."""
        table = self.sourceModel()
        if not isinstance(table, LineTable):
            return True
        line = table.lines[source_row]
        if self._here and line.kept is None:
            return False
        text = f"{line.title} {line.name} {line.state}".lower()
        if line.network is not None:
            text += f" {line.network.entry.network} {line.network.name}".lower()
        return all(word in text for word in self._words)
