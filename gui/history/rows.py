"""The runs as the rows of a table that sorts and narrows 10,000 of them at once."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    Qt,
)

from gui.history.values import Listing
from gui.rowed_view import Index, NamedColumns
from gui.theme import NO_VALUE

if TYPE_CHECKING:
    from engine.records.values import RunRow


COLUMNS = (
    "when", "model", "phone", "preset", "median ms", "p90 ms", "fps", "n", "state", "tags",
    "series",
)  # fmt: skip
WHAT = (
    "When it began, this computer's time",
    "The model that was measured",
    "The phone it ran on",
    "What said when it was enough; without a preset how long it was to take",
    "Median latency and half its 95 % interval: Interpreter.run alone",
    "90th percentile of latency, where there are samples enough",
    "Results per wall second",
    "Samples counted, without warm-up",
    "Whether it may be ranked against other runs, and why not",
    "Your own marks",
    "The sweep, test or session that it belongs to",
)
(WHEN, MODEL, PHONE, PRESET, MEDIAN, P90, FPS, COUNT, STATE, TAGS, SERIES) = range(11)
NUMBERS = frozenset({MEDIAN, P90, FPS, COUNT})
ROW_ROLE = Qt.ItemDataRole.UserRole
ENDS = {"killed": "lab ended", "link lost": "link lost", "cancelled": "stopped"}
_BUILT = re.compile(r"_(\d\.\d\d)_(\d+)(?:-(\w+))?$")


class State(NamedTuple):
    """A run's state: the name of its shape, and a word."""

    shape: str
    word: str


def state_of(row: "RunRow") -> State:
    """Return whether a run may be ranked, in a shape and a word."""
    end = row.end.value
    if end == "running":
        return State("busy", "running")
    if end != "completed":
        return State("fail", ENDS.get(end, end))
    against = [flag.value for flag in row.flags if flag.invalidates]
    if not against:
        return State("ok", "valid")
    more = f" +{len(against) - 1}" if len(against) > 1 else ""
    return State("warn", f"{against[0]}{more}")


def mark_of(name: str) -> tuple[float | None, int | None, str]:
    """Return alpha, resolution and precision that a built model's name tells."""
    found = _BUILT.search(name)
    if found is None:
        return None, None, "int8"
    return float(found.group(1)), int(found.group(2)), found.group(3) or "int8"


def local_time(utc: str) -> str:
    """Return a record's time as this computer's: ``2026-05-01 10:03``."""
    return f"{datetime.fromisoformat(utc).astimezone():%Y-%m-%d %H:%M}"


def preset_of(row: "RunRow") -> str:
    """Return the preset's name, or how long the run was to take."""
    return row.facts.preset or f"{row.facts.seconds_asked:g} s"


class RunTable(NamedColumns):
    """The runs that match, sorted."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty; the newest run comes first."""
        super().__init__(COLUMNS, WHAT, parent)
        self.listing = Listing()
        self.rows: list[RunRow] = []
        self._keep: Callable[[RunRow], bool] = lambda _row: True
        self._column, self._down = WHEN, True

    def show_listing(self, listing: Listing) -> None:
        """Show these runs, as far as they match."""
        self.listing = listing
        self._fill()

    def keep(self, ids: Collection[int] | None, *, valid: bool) -> None:
        """Show only the runs of these numbers (None: all), and only valid ones if asked."""
        self._keep = lambda row: (ids is None or row.id in ids) and (row.valid or not valid)
        self._fill()

    def _fill(self) -> None:
        self.beginResetModel()
        self.rows = self._sorted(row for row in self.listing.rows if self._keep(row))
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; a column of -1 puts the newest first again."""
        newest = column < 0
        self._column = WHEN if newest else column
        self._down = newest or order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        before = self.rows
        self.rows = self._sorted(before)
        places = {row.id: place for place, row in enumerate(self.rows)}
        held = self.persistentIndexList()
        moved = [self.index(places[before[at.row()].id], at.column()) for at in held]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _sorted(self, rows: "Any") -> "list[RunRow]":
        known: list[tuple[Any, int, RunRow]] = []
        unknown: list[RunRow] = []
        for row in rows:
            key = self._key(row)
            if key is None:
                unknown.append(row)
            else:
                known.append((key, row.id, row))
        known.sort(key=lambda each: each[:2], reverse=self._down)
        return [row for _key, _id, row in known] + unknown  # what is not known comes last

    def _key(self, row: "RunRow") -> Any:
        column = self._column
        if column == WHEN:
            return row.facts.started_utc
        if column in NUMBERS:
            return self._number(row, column)
        return self.text(row, column).casefold()

    @staticmethod
    def _number(row: "RunRow", column: int) -> float | None:
        digest = row.digest
        if digest is None:
            return None
        numbers = {
            MEDIAN: digest.median_ms,
            P90: digest.p90_ms,
            FPS: digest.pipeline_fps,
            COUNT: digest.count,
        }
        return numbers[column]

    def text(self, row: "RunRow", column: int) -> str:
        """Return what a cell says."""
        if column in NUMBERS:
            return self._figure(row, column)
        words: dict[int, Callable[[], str]] = {
            WHEN: lambda: local_time(row.facts.started_utc),
            MODEL: lambda: row.facts.name,
            PHONE: lambda: row.phone_name,
            PRESET: lambda: preset_of(row),
            STATE: lambda: state_of(row).word,
            TAGS: lambda: ", ".join(row.tags),
            SERIES: lambda: self.listing.series.get(row.facts.series_id or 0, ""),
        }
        return words[column]()

    def _figure(self, row: "RunRow", column: int) -> str:
        value, digest = self._number(row, column), row.digest
        if value is None or digest is None:
            return NO_VALUE
        if column == COUNT:
            return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        if column == FPS:
            return f"{value:.1f}"
        if column == P90:
            return f"{value:.2f}"
        if digest.low_ms is None or digest.high_ms is None:
            return f"{value:.2f}"
        half = (digest.high_ms - digest.low_ms) / 2
        return f"{value:.2f} \N{PLUS-MINUS SIGN}{half:.2f}"

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of runs shown."""
        return 0 if parent.isValid() else len(self.rows)

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Return where a column's text stands."""
        side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, or its run."""
        row, column = self.rows[index.row()], index.column()
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{COLUMNS[column]} {self.text(row, column)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(column)
        return self._tip(row, column) if role == Qt.ItemDataRole.ToolTipRole else None

    def _tip(self, row: "RunRow", column: int) -> str | None:
        if column == STATE:
            return ", ".join(flag.value for flag in row.flags) or None
        if column == WHEN:
            return f"run {row.id}, {row.facts.started_utc}"
        return self.text(row, column) or None

    def place_of(self, run_id: int) -> int:
        """Return the row of a run; -1 if it is not shown."""
        return next((at for at, row in enumerate(self.rows) if row.id == run_id), -1)

    def ids(self) -> Sequence[int]:
        """Return the numbers of the runs shown, from the top."""
        return [row.id for row in self.rows]
