"""Is B faster than A? Both are measured in turns; "no detectable change" is an answer."""

from dataclasses import dataclass, replace

from engine.errors import LabError
from engine.measuring.comparison import Difference, compare_blocks
from engine.measuring.sweep_plan import Place, SweepPlan
from engine.measuring.sweep_result import Known, SweepResult, sweep_result, valid_blocks
from engine.records.database import Database

KIND = "ab"


@dataclass(frozen=True, slots=True)
class AbResult:
    """What an A/B test came to.

    Attributes:
        difference: From A to B.
        sweep: Both configurations with their blocks.
        a: The first configuration.
        b: The second.
    """

    difference: Difference
    sweep: SweepResult
    a: Place
    b: Place


def two_places(a: Place, b: Place) -> tuple[Place, Place]:
    """Return both as places of one plan; the same twice tells what chance alone makes."""
    return (replace(a, label="A"), replace(b, label="B")) if a == b else (a, b)


def ab_plan(plan: SweepPlan) -> SweepPlan:
    """Return the plan if it compares two configurations.

    Raises:
        LabError: It does not.
    """
    if len(plan.places) != 2:
        raise LabError(f"An A/B test compares two configurations, not {len(plan.places)}.")
    return plan


def ab_result(database: Database, series_id: int, *, known: Known | None = None) -> AbResult:
    """Return what came of an A/B test (a sweep of the kind ``ab``), from its records alone.

    Args:
        database: The records.
        series_id: Which one.
        known: See ``sweep_result``.

    Raises:
        LabError: There is no such series, or it is no A/B test.
    """
    if database.series.load(series_id).kind != KIND:
        raise LabError(f"Series {series_id} is no A/B test.", "See `mobilenet-lab runs series`.")
    known = {} if known is None else known
    result = sweep_result(database, series_id, known=known)
    a, b = ab_plan(result.plan).places
    rows = database.runs(series_id=series_id)
    blocks = [
        [block.latency_ms for block in valid_blocks(database, rows, place, known)]
        for place in (a, b)
    ]
    return AbResult(compare_blocks(*blocks, names=_names(a, b)), result, a, b)


def _names(a: Place, b: Place) -> tuple[str, str]:
    """Return the least that tells the two apart."""
    if a.short != b.short:
        return a.short, b.short
    apart = [pair for pair in zip(a.how, b.how, strict=True) if pair[0] != pair[1]]
    return ", ".join(first for first, _ in apart), ", ".join(second for _, second in apart)
