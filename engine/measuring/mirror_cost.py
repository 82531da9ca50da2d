"""What mirroring the phone's screen costs its inferences: measured with and without, in turns."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.measuring.comparison import Blocks, Difference, compare_blocks
from engine.measuring.preparation import MeasureOptions
from engine.measuring.presets import PRESETS, RunStatus
from engine.measuring.run import measure
from engine.measuring.sweep_result import steady_ms
from engine.records.database import Database
from engine.records.values import End, RunRecord

if TYPE_CHECKING:
    from engine.session import Session

KIND = "mirror-cost"
ON, PAUSED = "mirror on", "mirror paused"
LEAST_BLOCKS = 3
LIVE_S = 20.0
"""How long the mirror may take to show its first picture."""
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class MirrorCost:
    """What the mirror costs.

    Attributes:
        difference: From the paused mirror (A) to the one that is on (B).
        series_id: The series that the runs are kept in.
        runs: Their numbers, in the order they were measured.
        sentence: The answer for a person.
    """

    difference: Difference
    series_id: int
    runs: tuple[int, ...]
    sentence: str


def measure_mirror_cost(  # noqa: PLR0913 - as ``measure``, and two of its own
    session: "Session",
    options: MeasureOptions | None = None,
    *,
    database: Database,
    blocks: int = LEAST_BLOCKS,
    seed: int = 0,
    on_status: Callable[[RunStatus], None] | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> MirrorCost:
    """Measure in turns with the mirror on and paused (step ``mirror cost``).

    In each block both are measured once, in random order, so that a phone that becomes warmer
    is no slower for the one than for the other. Every run is kept, also of a series that was
    cancelled; those with the mirror on are never ranked.

    Args:
        session: An open session with its mirror, whose app is running.
        options: How to measure; None is the preset ``quick``. What it says of mirror and series
            does not count.
        database: Where the runs are kept.
        blocks: How many, at least 3.
        seed: Of the order.
        on_status: Told about each run as ``measure`` does.
        report: Told which run it is and how far.
        cancel: Ends it; what was measured is kept.

    Raises:
        LabError: There is no mirror, it shows nothing, or the runs cannot be kept.
        LinkError: As ``measure`` does; or a run ended before it was complete.
        Cancelled: It was cancelled.
    """
    if blocks < LEAST_BLOCKS:
        raise LabError(f"The mirror's cost needs at least {LEAST_BLOCKS} blocks, not {blocks}.")
    cancel = cancel or CancelToken()
    options = options or MeasureOptions(preset=PRESETS["quick"])
    if session.mirror is None:
        raise LabError("There is no mirror whose cost could be measured.", "Switch it on first.")
    order = _order(blocks, seed)
    plan = {"blocks": blocks, "seed": seed, "preset": options.stop.name, "order": order}
    model = session.need_link().model
    title = f"Mirror cost: {model.name if model else session.serial}"
    series_id = database.series.begin(KIND, title, plan)
    try:
        for number, place in enumerate(order):
            told = _told(report, number, len(order), place)
            told(Progress("settle"))
            if place == ON:
                _wait_until_live(session, cancel)
            wish = replace(
                options,
                pause_mirror=place == PAUSED,
                series_id=series_id,
                block=number // 2 + 1,
                place=place,
            )
            record = measure(
                session, wish, database=database, on_status=on_status, report=told, cancel=cancel
            )
            cancel.check()
            _check(session, record, place)
    except BaseException as error:
        database.series.finish(series_id, "cancelled" if isinstance(error, Cancelled) else "failed")
        raise
    database.series.finish(series_id, "completed")
    report(Progress("mirror cost", 1.0))
    return mirror_cost_result(database, series_id)


def mirror_cost_result(database: Database, series_id: int) -> MirrorCost:
    """Return what came of a series, from its runs alone.

    Raises:
        LabError: There is no such series, or it is of another kind.
    """
    series = database.series.load(series_id)
    if series.kind != KIND:
        raise LabError(f"Series {series_id} is no {KIND}.", "See `mobilenet-lab runs series`.")
    rows = [each for each in database.runs(series_id=series_id) if each.end is End.COMPLETED]
    records = [database.load(each.id) for each in sorted(rows, key=lambda each: each.id)]
    difference = compare_blocks(
        _blocks(records, PAUSED), _blocks(records, ON), names=("paused", "on")
    )
    return MirrorCost(
        difference=difference,
        series_id=series_id,
        runs=tuple(each.row.id for each in records),
        sentence=_sentence(difference),
    )


def _order(blocks: int, seed: int) -> list[str]:
    """Return the places in the order to measure them: both in each block, shuffled."""
    shuffled = random.Random(seed)  # noqa: S311 - to be repeatable, not secret
    return [place for _ in range(blocks) for place in shuffled.sample([ON, PAUSED], 2)]


def _told(report: Report, number: int, count: int, place: str) -> Report:
    """Return what turns the progress of one run into that of all."""

    def tell(progress: Progress) -> None:
        share = progress.fraction or 0.0 if progress.step == "measure" else 0.0
        detail = f"run {number + 1} of {count}, {place}"
        if progress.detail:
            detail = f"{detail}: {progress.detail}"
        report(Progress("mirror cost", (number + share) / count, detail))

    return tell


def _wait_until_live(session: "Session", cancel: CancelToken) -> None:
    deadline = time.monotonic() + LIVE_S
    while session.mirror is None or not session.mirror.live:
        if time.monotonic() >= deadline:
            raise LabError(
                "The mirror does not show the phone's screen, so its cost cannot be measured.",
                "Unlock the phone and switch its screen on, then try again.",
            )
        cancel.wait(LOOK_S)


def _check(session: "Session", record: RunRecord, place: str) -> None:
    """Stop at a run that says nothing of the mirror."""
    if record.row.end is not End.COMPLETED:
        raise LabError(
            f"A run ended early: {record.row.end}.",
            f"Series {record.row.facts.series_id} keeps all runs so far; try again.",
        )
    if place == ON and not (session.mirror is not None and session.mirror.live):
        raise LabError(
            "The mirror ended in the middle of a run, so its cost is not known.",
            f"Run {record.row.id} is kept; try again.",
        )


def _blocks(records: list[RunRecord], place: str) -> Blocks:
    """Return the steady latencies of each run with the mirror like that."""
    return [
        steady_ms(record)
        for record in records
        if record.row.facts.place == place and record.analysis.parts
    ]


def _sentence(difference: Difference) -> str:
    low, high = (100 * (end - 1) for end in difference.interval)
    if not difference.detectable:
        if high == float("inf"):
            return "Nothing can be said of the mirror's cost: too few runs were completed."
        return (
            "The mirror costs nothing that could be detected: latency changes by "
            f"{low:+.1f} to {high:+.1f} % (95 % interval)."
        )
    return (
        f"With the mirror on, latency is {difference.b_ms:.2f} instead of "
        f"{difference.a_ms:.2f} ms: {100 * (difference.ratio - 1):+.1f} % "
        f"(95 % interval {low:+.1f} to {high:+.1f} %)."
    )
