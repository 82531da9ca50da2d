"""What came of a sweep, from its records alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.measuring.comparison import LEAST_MS, Rank, rank, spread, t_quantile
from engine.measuring.sweep_plan import Place, SweepPlan
from engine.records.database import Database
from engine.records.values import End, RunRecord, RunRow, Series

KINDS = ("sweep", "ab")
"""Kinds of series that are sweeps."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What a valid run says of its place.

    Attributes:
        latency_ms: Of the steady part, milliseconds.
        pipeline_fps: None where there is none.
    """

    latency_ms: NDArray[np.float64]
    pipeline_fps: float | None


NAMED = 3
"""How many of those who share the first rank the sentence names, where they are many."""

Known = dict[int, Block | None]
"""Runs that were loaded before, by their numbers; None where nothing of one counts."""


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """What one configuration came to.

    Attributes:
        place: The configuration.
        runs: Numbers of all its runs, also of those that do not count.
        blocks_ms: Median latency of each valid block, milliseconds, in order.
        median_ms: Geometric mean of those; None where none is valid.
        interval_ms: Its 95 % interval by the blocks' own spread; None under two of them.
        pipeline_fps: Median over valid blocks; None where there is none.
        within: Relative spread within a block.
        between: Relative spread between blocks.
        rank: Its place among all, from 1; those that cannot be told apart share one. None
            where nothing of it is valid, and while nothing has a second block.
        tied: Who else has that rank.
        troubles: Why blocks of it lack a run that counts, each reason once.
    """

    place: Place
    runs: tuple[int, ...]
    blocks_ms: tuple[float, ...]
    median_ms: float | None
    interval_ms: tuple[float, float] | None
    pipeline_fps: float | None
    within: float
    between: float
    rank: int | None
    tied: tuple[str, ...]
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep came to so far.

    Attributes:
        series: The series; it can be resumed while its outcome is empty.
        plan: What was to be measured.
        places: Fastest first, then those of which nothing counts.
        measured: Runs that were completed, valid or not.
        planned: Runs in all.
    """

    series: Series
    plan: SweepPlan
    places: tuple[PlaceResult, ...]
    measured: int
    planned: int

    @property
    def sentence(self) -> str:
        """The answer for a person."""
        ranked = [each for each in self.places if each.rank == 1]
        if not ranked and any(each.blocks_ms for each in self.places):
            return "Too early to rank: nobody knows yet what two blocks of the same differ by."
        if not ranked:
            return "Nothing was measured that counts."
        several = len({each.place.short for each in self.places}) == len(self.places)
        names = [each.place.short if several else each.place.name for each in ranked]
        if len(names) > NAMED + 1:
            names = [", ".join(names[:NAMED]), f"{len(names) - NAMED} more"]
        best = " and ".join(names)
        count = "" if self.measured >= self.planned else f" of {self.measured} of {self.planned}"
        if len(ranked) > 1:
            return f"Fastest{count}, not to be told apart: {best}."
        return f"Fastest{count}: {best}, {ranked[0].median_ms:.2f} ms."


def sweep_result(database: Database, series_id: int, *, known: Known | None = None) -> SweepResult:
    """Return what came of a sweep or an A/B test, finished or not.

    Only completed runs without an invalidating flag count; the latest one of each block.

    Args:
        database: The records.
        series_id: Which one.
        known: For who asks again after each run: filled here, so that each is loaded once.

    Raises:
        LabError: There is no such series, or it is of another kind.
    """
    series = database.series.load(series_id)
    if series.kind not in KINDS:
        raise LabError(f"Series {series_id} is no sweep.", "See `mobilenet-lab runs series`.")
    plan = SweepPlan.from_json(series.plan)
    rows = database.runs(series_id=series_id)
    refused = {
        str(step.facts.get("place")): step.comment for step in database.series.steps(series_id)
    }
    blocks = {place.name: valid_blocks(database, rows, place, known) for place in plan.places}
    ranks: tuple[Rank, ...] = ()
    if any(len(found) > 1 for found in blocks.values()):
        ranks = rank({name: [each.latency_ms for each in found] for name, found in blocks.items()})
    places = [
        _place_result(place, rows, blocks[place.name], ranks, refused.get(place.name, ""))
        for place in plan.places
    ]
    places.sort(key=lambda each: each.median_ms or math.inf)
    done = {(row.facts.place, row.facts.block) for row in rows if row.end is End.COMPLETED}
    return SweepResult(series, plan, tuple(places), len(done), len(plan.turns))


def valid_blocks(
    database: Database, rows: Sequence[RunRow], place: Place, known: Known | None = None
) -> tuple[Block, ...]:
    """Return the latest valid run of each block of a place, in the order of blocks."""
    known = {} if known is None else known
    latest = {
        row.facts.block: row.id
        for row in sorted(rows, key=lambda row: row.id)
        if row.facts.place == place.name and row.valid
    }
    found = []
    for _block, run_id in sorted(latest.items(), key=lambda item: item[0] or 0):
        if run_id not in known:
            known[run_id] = _block_of(database.load(run_id))
        found.append(known[run_id])
    return tuple(block for block in found if block is not None)


def _block_of(record: RunRecord) -> Block | None:
    if not record.analysis.parts:
        return None
    fps = record.summary.pipeline_fps if record.summary is not None else None
    return Block(steady_ms(record), fps)


def steady_ms(record: RunRecord) -> NDArray[np.float64]:
    """Return the latencies of a run's steady part, milliseconds."""
    part = record.analysis.parts[0]
    latency: NDArray[np.float64] = record.samples["infer_ns"][part.begin : part.end] / 1e6
    return latency


def block_interval(medians_ms: Sequence[float]) -> tuple[float, float] | None:
    """Return the 95 % interval of the geometric mean of block medians; None under two.

    Student's t on their logarithms: what one block differs from the next is the unit, not the
    thousand inferences in it.
    """
    if len(medians_ms) < 2:
        return None
    logs = np.log(medians_ms)
    half = t_quantile(0.975, len(logs) - 1) * float(logs.std(ddof=1)) / math.sqrt(len(logs))
    middle = float(logs.mean())
    return math.exp(middle - half), math.exp(middle + half)


def _place_result(
    place: Place,
    rows: Sequence[RunRow],
    blocks: Sequence[Block],
    ranks: Sequence[Rank],
    refused: str,
) -> PlaceResult:
    own = [row for row in reversed(rows) if row.facts.place == place.name]
    latencies = [block.latency_ms for block in blocks]
    medians = tuple(max(float(np.median(each)), LEAST_MS) for each in latencies)
    known = [block.pipeline_fps for block in blocks if block.pipeline_fps is not None]
    within, between = spread(latencies)
    share = next((each for each in ranks if place.name in each.names), None)
    return PlaceResult(
        place=place,
        runs=tuple(row.id for row in own),
        blocks_ms=medians,
        median_ms=math.exp(float(np.log(medians).mean())) if medians else None,
        interval_ms=block_interval(medians),
        pipeline_fps=float(np.median(known)) if known else None,
        within=within,
        between=between,
        rank=share.place if share else None,
        tied=tuple(name for name in share.names if name != place.name) if share else (),
        troubles=_troubles(own, refused),
    )


def _troubles(rows: Sequence[RunRow], refused: str) -> tuple[str, ...]:
    """Say why blocks lack a run that counts, each reason once."""
    good = {row.facts.block for row in rows if row.valid}
    lost = [row for row in rows if row.facts.block not in good]
    flags = [str(flag) for row in lost for flag in row.flags if flag.invalidates]
    return tuple(dict.fromkeys([refused] * bool(refused) + flags))
