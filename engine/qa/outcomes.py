"""What a step comes to: values against limits, with the interval of each."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import geometric_mean, median

from engine.measuring.comparison import Difference
from engine.measuring.plan import LimitKind
from engine.measuring.sweep_result import block_interval


class Outcome(StrEnum):
    """What came of a step, or of a whole session."""

    PASS = "PASS"  # noqa: S105 - no password
    WARNING = "WARNING"
    FAIL = "FAIL"
    ERROR = "ERROR"
    ABORTED = "ABORTED"


WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.ABORTED, Outcome.WARNING, Outcome.PASS)
"""A limit that was not kept is the worst: it is known. What could not be decided comes next."""


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of them; of none, that nothing was decided: ``ERROR``."""
    found = set(outcomes)
    return next((each for each in WORST_FIRST if each in found), Outcome.ERROR)


@dataclass(frozen=True, slots=True)
class Value:
    """What was measured of one thing.

    Attributes:
        value: In the unit of its limit; None where there is none.
        interval: Its 95 % interval; of what is exact, the value twice. None where there is none.
        why: Why there is no value or no interval; else empty.
    """

    value: float | None
    interval: tuple[float, float] | None = None
    why: str = ""

    @classmethod
    def exact(cls, value: float) -> "Value":
        """Return what was counted, not estimated."""
        return cls(value, (value, value))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A value against its limit.

    Attributes:
        name: The key of the limit, or ``baseline``.
        title: For a person.
        unit: Of value and limit.
        limit: The most or the least; None where nothing was asked and the value is told only.
        most: Whether the limit is the most.
        value: See ``Value``.
        low: Lower end of its interval.
        high: Upper end.
        outcome: What it came to.
        sentence: Why, for a person.
    """

    name: str
    title: str
    unit: str
    limit: float | None
    most: bool
    value: float | None
    low: float | None
    high: float | None
    outcome: Outcome
    sentence: str


def judge_limit(kind: LimitKind, limit: float, measured: Value, margin_percent: float) -> Verdict:
    """Hold a value against its limit.

    ``PASS`` when the whole 95 % interval keeps the limit by at least the margin, ``FAIL`` when
    the whole interval is beyond the limit, ``WARNING`` (marginal) between the two: the limit is
    in the interval, or so near that the next phone or the next day may be beyond. Without an
    interval nothing is known: ``ERROR``. The margin never turns what is surely beyond into a
    warning.

    Args:
        kind: What was measured.
        limit: The most or the least allowed.
        measured: The value.
        margin_percent: Of the limit.
    """
    low, high = measured.interval or (None, None)
    outcome, sentence = Outcome.ERROR, measured.why or "There is no interval."
    if measured.value is not None and low is not None and high is not None:
        outcome, sentence = _compare(kind, limit, (measured.value, low, high), margin_percent)
    return Verdict(
        name=kind.name,
        title=kind.title,
        unit=kind.unit,
        limit=limit,
        most=kind.most,
        value=measured.value,
        low=low,
        high=high,
        outcome=outcome,
        sentence=sentence,
    )


def _compare(
    kind: LimitKind, limit: float, known: tuple[float, float, float], margin_percent: float
) -> tuple[Outcome, str]:
    value, low, high = known
    sign = 1 if kind.most else -1
    near, far = (low, high) if kind.most else (high, low)  # the end that is nearer to good
    inside = limit * (1 - sign * margin_percent / 100)
    told = f"{_number(value)} {kind.unit}"
    if low != high:
        told += f" ({_number(low)} to {_number(high)})"
    aim = f"{'at most' if kind.most else 'at least'} {_number(limit)} {kind.unit}"
    if sign * near > sign * limit:
        return Outcome.FAIL, f"{told}, allowed is {aim}."
    if sign * far > sign * limit:
        return Outcome.WARNING, f"Marginal: {told}; the limit, {aim}, is within the interval."
    if sign * far > sign * inside:
        return Outcome.WARNING, f"Marginal: {told} is within {margin_percent:g} % of {aim}."
    return Outcome.PASS, f"{told}, allowed is {aim}."


def judge_change(difference: Difference, regression_percent: float) -> Verdict:
    """Hold the change since the baseline against what may be slower.

    ``FAIL`` when the whole interval is more than that slower, ``WARNING`` when it is detectably
    slower but may be less than that, ``PASS`` when no change is detectable or it is faster. Without
    two blocks on each side there is no interval: ``ERROR``.

    Args:
        difference: From the baseline to now.
        regression_percent: More than that slower fails.
    """
    low, high = (100 * (end - 1) for end in difference.interval)
    known = math.isfinite(high) and math.isfinite(difference.ratio)
    outcome = Outcome.PASS
    if not known:
        outcome = Outcome.ERROR
    elif difference.detectable and low > regression_percent:
        outcome = Outcome.FAIL
    elif difference.detectable and low > 0:
        outcome = Outcome.WARNING
    return Verdict(
        name="baseline",
        title="Change since the baseline",
        unit="%",
        limit=regression_percent,
        most=True,
        value=100 * (difference.ratio - 1) if known else None,
        low=low if known else None,
        high=high if known else None,
        outcome=outcome,
        sentence=difference.sentence,
    )


def value_of_blocks(
    values: Sequence[float], own: Sequence[tuple[float, float] | None] = ()
) -> Value:
    """Return what the blocks of one configuration amount to.

    The value is their geometric mean, the interval Student's t on their logarithms: the block is
    the unit, not the thousand inferences in it. It is never narrower than what the blocks' own
    intervals make: three blocks that agree by luck prove nothing.

    Args:
        values: One per block, over 0.
        own: The 95 % interval of each within its block, where it has one.
    """
    if not values:
        return Value(None, why="Nothing was measured that counts.")
    if min(values) <= 0:
        return Value(median(values), why="A time of 0 has no interval.")
    middle, interval = geometric_mean(values), block_interval(values)
    if interval is None:
        return Value(middle, why="One block has no interval: measure two at least.")
    half = math.log(interval[1] / interval[0]) / 2
    within = [math.log(each[1] / each[0]) / 2 for each in own if each is not None and each[0] > 0]
    if within:
        half = max(half, math.sqrt(sum(each**2 for each in within)) / len(within))
    return Value(middle, (middle * math.exp(-half), middle * math.exp(half)))


def _number(value: float) -> str:
    """Return a number with three digits or more where it has them."""
    if value == round(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"
