"""Two kept runs compared, with what that comparison is worth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.measuring.comparison import Difference, compare_blocks
from engine.measuring.sweep_result import steady_ms
from engine.records.database import Database
from engine.records.values import RunRecord

STRETCHES = 10
LEAST_IN_STRETCH = 20
_ALIKE = {
    "serial": "phone",
    "model_sha256": "model",
    "delegate_applied": "delegate",
    "threads": "threads",
    "source": "source",
    "mirror": "mirror",
    "preset": "preset",
}


@dataclass(frozen=True, slots=True)
class RunComparison:
    """How one run compares with another.

    Attributes:
        difference: Of the second from the first, with its interval.
        blocks: How many blocks of each were compared; 0 where the runs stand alone and each was
            cut into stretches instead.
        differ: In what they differ besides their times, for a person.
        caveats: What to know before believing the difference, each a sentence.
    """

    difference: Difference
    blocks: tuple[int, int]
    differ: tuple[str, ...]
    caveats: tuple[str, ...]


def compare_runs(database: Database, first: int, second: int) -> RunComparison:
    """Compare the latency of two runs.

    Runs of one series stand for all repeats of their places: those are interleaved blocks, the
    fair way. Two runs that stand alone are cut into stretches of time; their interval holds what
    changes within a run, and knows nothing of what changes between two.

    Raises:
        LabError: A run is not there, is the other one, or has no steady part.
    """
    if first == second:
        raise LabError(f"Run {first} cannot be compared with itself.", "Choose another one.")
    a, b = database.load(first), database.load(second)
    names = (_called(a), _called(b))
    caveats = [
        f"Run {each.row.id} may not be ranked: {', '.join(_why_invalid(each))}."
        for each in (a, b)
        if not each.row.valid
    ]
    a_blocks, b_blocks = _repeats(database, a), _repeats(database, b)
    interleaved = _same_series(a, b) and len(a_blocks) > 1 and len(b_blocks) > 1
    if interleaved:
        counts = (len(a_blocks), len(b_blocks))
    else:
        counts = (0, 0)
        a_blocks, b_blocks = _stretches(a), _stretches(b)
        caveats.append(
            "Each was measured once: the interval says how sure these two runs are, not how "
            "much another pair of runs would differ. An A/B test tells."
        )
    difference = compare_blocks(a_blocks, b_blocks, names=names)
    sentence = difference.sentence[:1].upper() + difference.sentence[1:]
    difference = replace(difference, sentence=sentence)
    return RunComparison(difference, counts, _differences(a, b), tuple(caveats))


def _called(record: RunRecord) -> str:
    return f"run {record.row.id}"


def _why_invalid(record: RunRecord) -> tuple[str, ...]:
    flags = tuple(str(flag) for flag in record.row.flags if flag.invalidates)
    return flags or (str(record.row.end),)


def _same_series(a: RunRecord, b: RunRecord) -> bool:
    one, other = a.row.facts, b.row.facts
    return one.series_id is not None and (
        one.series_id == other.series_id and one.place != other.place
    )


def _repeats(database: Database, record: RunRecord) -> Sequence[NDArray[np.float64]]:
    """Return the steady latencies of each valid run of the run's place, itself included."""
    facts = record.row.facts
    if facts.series_id is None or not facts.place:
        return [_steady(record)]
    rows = [
        row
        for row in database.runs(series_id=facts.series_id)
        if row.facts.place == facts.place and (row.valid or row.id == record.row.id)
    ]
    ordered = sorted(rows, key=lambda row: row.facts.block or 0)
    return [_steady(database.load(row.id)) for row in ordered if row.sample_count]


def _steady(record: RunRecord) -> NDArray[np.float64]:
    if not record.analysis.parts:
        raise LabError(
            f"Run {record.row.id} has no samples after its warm-up.", "Choose a longer one."
        )
    return steady_ms(record)


def _stretches(record: RunRecord) -> Sequence[NDArray[np.float64]]:
    steady = _steady(record)
    count = max(1, min(STRETCHES, len(steady) // LEAST_IN_STRETCH))
    return np.array_split(steady, count)


def _differences(a: RunRecord, b: RunRecord) -> tuple[str, ...]:
    one, other = a.row.facts, b.row.facts
    return tuple(
        word for name, word in _ALIKE.items() if getattr(one, name) != getattr(other, name)
    )
