"""Runs of the same thing as one, and things in order of their latency, ties told as ties."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.catalog.variants import ModelName
from engine.errors import LabError
from engine.measuring import sweep_result
from engine.measuring.comparison import LEAST_MS, rank
from engine.records.document.charts import IntervalRow, interval_chart
from engine.records.document.content import Cell, Column, Figure, Table
from engine.records.pages.words import NONE, interval_ms, ms, phone_name
from engine.records.values import RunFacts, RunRecord, RunRow

BLOCKS_NOTE = (
    "Repeats are compared, not single inferences. Who shares a place cannot be told apart: the "
    "difference may be chance (all pairs together at 5 %)."
)
SINGLE_NOTE = (
    "Each was measured once: who shares a place has intervals that overlap. What another run "
    "of the same would give is not known; repeats tell."
)
Pick = Callable[[RunFacts], str]
MODEL = "model {}"
DIFFERENCES: tuple[tuple[str, Pick], ...] = (
    ("on {}", lambda facts: phone_name(facts.phone, facts.serial)),
    ("{}", lambda facts: facts.phone_note or "its own times"),
    ("{}", lambda facts: facts.delegate_applied),
    ("{} threads", lambda facts: str(facts.threads)),
    ("from {}", lambda facts: f"{facts.camera} {facts.source}".strip()),
    ("mirror {}", lambda facts: facts.mirror),
    (MODEL, lambda facts: facts.model_sha256[:8]),
)
"""What tells apart runs of one model's name, and how it is written after that."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Runs of the same thing.

    Attributes:
        name: What it is, told apart from the others.
        rows: Its runs, oldest first.
        blocks: The steady latencies of each run that may be ranked, milliseconds.
        median_ms: Of one run its median, of several the geometric mean of theirs; those that
            may not be ranked only where no other is; None where nothing was counted.
        interval_ms: Of that, 95 %; None where it is not known.
        fps: Results per second of the app: the median of its runs; None where it is not known.
        place: From 1; None where it may not be ranked.
    """

    name: str
    rows: tuple[RunRow, ...]
    blocks: tuple[NDArray[np.float64], ...]
    median_ms: float | None
    interval_ms: tuple[float, float] | None
    fps: float | None
    place: int | None = None

    @property
    def facts(self) -> RunFacts:
        """What its runs have in common, as the first of them has it."""
        return self.rows[0].facts

    @property
    def why_not(self) -> str:
        """Why it may not be ranked; empty when it may."""
        if self.place is not None:
            return ""
        reasons = {str(flag) for row in self.rows for flag in row.flags if flag.invalidates}
        ends = {str(row.end) for row in self.rows if not reasons}
        return ", ".join(sorted(reasons or ends))


def steady_ms(record: RunRecord) -> NDArray[np.float64]:
    """Return the latencies of the first part of a run, milliseconds; maybe none."""
    return sweep_result.steady_ms(record) if record.analysis.parts else np.zeros(0)


def rank_runs(
    members: Mapping[str, Sequence[RunRow]], steady: Mapping[int, NDArray[np.float64]]
) -> tuple[tuple[Group, ...], str]:
    """Put things in order, fastest first; what may not be ranked stands last.

    Args:
        members: The runs of each thing.
        steady: The steady latencies of each run, by its number.

    Returns:
        The groups, and what their order is worth in a sentence.
    """
    groups = [_group(name, rows, steady) for name, rows in members.items()]
    ranked = {each.name: each for each in groups if each.blocks}
    repeated = any(len(each.blocks) > 1 for each in ranked.values())
    places = _by_blocks(ranked) if repeated else _by_overlap(ranked)
    placed = [replace(ranked[name], place=place) for name, place in places]
    rest = sorted((each for each in groups if not each.blocks), key=_median_last)
    return (*placed, *rest), BLOCKS_NOTE if repeated else SINGLE_NOTE


def named_apart(rows: Iterable[RunRow]) -> dict[str, list[RunRow]]:
    """Group runs of the same thing, oldest first, by a name that tells it from the others.

    What most of the runs have in common is not part of the name.
    """
    ordered = sorted(rows, key=lambda row: row.id)
    varied = [(words, pick, _usual(ordered, pick)) for words, pick in _told_apart(ordered)]
    groups: dict[str, list[RunRow]] = {}
    for row in ordered:
        told = [
            words.format(value)
            for words, pick, usual in varied
            if (value := pick(row.facts)) != usual
        ]
        groups.setdefault(", ".join((row.facts.name, *told)), []).append(row)
    return groups


def _told_apart(rows: Sequence[RunRow]) -> list[tuple[str, Pick]]:
    """Return in what runs differ; models of different names differ in their files anyway."""
    found = []
    for words, pick in DIFFERENCES:
        by_name: dict[str, set[str]] = {}
        for row in rows:
            key = row.facts.name if words == MODEL else ""
            by_name.setdefault(key, set()).add(pick(row.facts))
        if any(len(values) > 1 for values in by_name.values()):
            found.append((words, pick))
    return found


def _usual(rows: Sequence[RunRow], pick: Pick) -> str:
    """Return what more than half of the runs have; empty where there is no such thing."""
    value, times = Counter(pick(row.facts) for row in rows).most_common(1)[0]
    return value if 2 * times > len(rows) else ""


def ranking_figure(groups: Sequence[Group], title: str, *, ranked: bool = True) -> Figure | None:
    """Draw the medians with their intervals; None where there is none.

    Args:
        groups: In the order to draw.
        title: Above it.
        ranked: Whether their places matter, and who may not be ranked is grey.
    """
    rows = []
    for each in groups:
        if each.median_ms is None:
            continue
        text = f"{ms(each.median_ms, each.interval_ms)} ms"
        if each.interval_ms:
            text += f" ({interval_ms(each.interval_ms)})"
        look = model_look(each.facts.name)
        place = each.place if ranked else None
        grey = ranked and each.place is None
        rows.append(
            IntervalRow(each.name, each.median_ms, each.interval_ms, text, place, *look, grey)
        )
    if not rows:
        return None
    drawing = interval_chart(rows, x_label="median latency, ms", title=title)
    note = "Bars and brackets are 95 % intervals"
    return Figure(drawing, title, f"{note}; a line at the left ties." if ranked else f"{note}.")


def ranking_table(groups: Sequence[Group], title: str, note: str) -> Table:
    """Return the same as a table, with why some may not be ranked."""
    rows = tuple(
        (
            Cell(NONE if each.place is None else str(each.place), each.place),
            Cell(each.name),
            _ms_cell(each.median_ms, each.interval_ms),
            interval_cell(each.interval_ms),
            Cell(NONE if each.fps is None else f"{each.fps:.1f}", each.fps),
            Cell(f"{each.facts.model_size_bytes / 1e6:.2f}", each.facts.model_size_bytes),
            Cell(", ".join(str(row.id) for row in each.rows)),
            _ranked(each),
        )
        for each in groups
    )
    columns = (
        Column("Place", number=True),
        Column("What"),
        Column("Median", "ms", number=True),
        Column("95 % interval", "ms", number=True),
        Column("Pipeline", "FPS", number=True),
        Column("Model", "MB", number=True),
        Column("Runs"),
        Column("Ranked"),
    )
    return Table(title, columns, rows, note)


def model_look(name: str) -> tuple[float | None, int | None, str]:
    """Return width multiplier, resolution and precision of a model's name, as marks show them."""
    try:
        parsed = ModelName.parse(name)
    except LabError:
        return None, None, "int8"
    alpha = parsed.alpha if parsed.variant.startswith("v1_") else None
    return alpha, parsed.resolution, parsed.precision


def _ranked(group: Group) -> Cell:
    if group.why_not:
        return Cell(group.why_not, state="fail")
    if len(group.blocks) < len(group.rows):
        return Cell(f"by {len(group.blocks)} of {len(group.rows)} runs", state="warn")
    return Cell("yes")


def interval_cell(interval: tuple[float, float] | None) -> Cell:
    """Return a table's cell of an interval in milliseconds, sorted by its lower end."""
    return Cell(interval_ms(interval), interval[0] if interval else None)


def _ms_cell(value: float | None, interval: tuple[float, float] | None) -> Cell:
    return Cell(NONE) if value is None else Cell(ms(value, interval), value)


def _group(name: str, rows: Sequence[RunRow], steady: Mapping[int, NDArray[np.float64]]) -> Group:
    valid = [row for row in rows if row.valid and len(steady.get(row.id, ()))]
    told = [row.digest for row in valid or rows if row.digest]
    fps = [each.pipeline_fps for each in told if each.pipeline_fps is not None]
    median, interval = None, None
    if len(told) == 1 and told[0].low_ms is not None and told[0].high_ms is not None:
        interval = (told[0].low_ms, told[0].high_ms)
    if told:
        medians = [max(each.median_ms, LEAST_MS) for each in told]
        median = math.exp(float(np.log(medians).mean()))
    if len(told) > 1:
        interval = sweep_result.block_interval(medians)
    return Group(
        name=name,
        rows=tuple(rows),
        blocks=tuple(steady[row.id] for row in valid),
        median_ms=median,
        interval_ms=interval,
        fps=float(np.median(fps)) if fps else None,
    )


def _by_blocks(groups: Mapping[str, Group]) -> list[tuple[str, int]]:
    ranks = rank({name: each.blocks for name, each in groups.items()})
    return [(name, each.place) for each in ranks for name in each.names]


def _by_overlap(groups: Mapping[str, Group]) -> list[tuple[str, int]]:
    """Rank by median; who overlaps the first of a place shares it."""
    order = sorted(groups.values(), key=_median_last)
    places: list[tuple[str, int]] = []
    first: Group | None = None
    for index, each in enumerate(order, 1):
        if first is None or not _overlap(first.interval_ms, each.interval_ms):
            first, place = each, index
        places.append((each.name, place))
    return places


def _overlap(a: tuple[float, float] | None, b: tuple[float, float] | None) -> bool:
    """Whether two intervals overlap; one that is not known may reach anywhere."""
    return a is None or b is None or (a[0] <= b[1] and b[0] <= a[1])


def _median_last(group: Group) -> tuple[float, str]:
    return (math.inf if group.median_ms is None else group.median_ms, group.name)
