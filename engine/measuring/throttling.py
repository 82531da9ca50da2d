"""Whether and when a run was slowed down by heat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray
from engine.measuring.conditions import Condition
from engine.measuring.quantiles import block_medians
from engine.measuring.trend import Slope, Step, largest_step, theil_sen

BASE_NS = 10_000_000_000
"""What a run does in its first 10 s is what it could do."""
CLOCK_FALL = 0.15
"""Source: cactus pull request 494, by FIELD section 4."""
STEADY_NS = 5_000_000_000
"""A clock counts as its median over so long: a core that idles for a second is no heat."""
SLOPE_PER_MINUTE = 0.01
STEP = 0.05
"""A step up by less is noise or of no interest; 5 % is the limit of the Delegate Performance
Benchmark (FIELD section 3)."""
STEP_SCORE = 3.5
"""Standard deviations of the rank sum test at the best of all places."""
LEFT_START = 0.02
"""A drift counts from where it has left its start by what a median is to be known to."""
LEAST_DRIFT_S = 30.0
MOST_BINS = 600
WARMTH = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")


@dataclass(frozen=True, slots=True)
class Throttling:
    """A slow-down by heat.

    Attributes:
        at_ns: When it began, on the phone's clock.
        reasons: Why it is believed, each a sentence's part, earliest first.
    """

    at_ns: int
    reasons: tuple[str, ...]


def find_throttling(
    samples: SampleArray, conditions: Sequence[Condition] = ()
) -> Throttling | None:
    """Find out whether and when heat slowed the run down.

    Four signs, any of which is enough: Android's thermal status; clocks more than 15 % below
    those of the first 10 s; latency that rises by more than 1 % per minute (Theil-Sen over the
    medians of seconds, its 99 % interval without 0); latency that steps up by over 5 %.

    Args:
        samples: Shape (n,), oldest first, warm-up left out.
        conditions: In time order, on the same clock; those of before the samples count as begin.
    """
    if not len(samples):
        return None
    begin = int(samples["captured_ns"][0])
    signs = [
        _warm(conditions, begin),
        _clock_fall(conditions, begin),
        _slower(samples, begin),
    ]
    found = sorted(sign for sign in signs if sign is not None)
    if not found:
        return None
    return Throttling(found[0][0], tuple(reason for _, reason in found))


def _warm(conditions: Sequence[Condition], begin: int) -> tuple[int, str] | None:
    hot = [each for each in conditions if (each.thermal or 0) > 0]
    if not hot:
        return None
    at = max(begin, hot[0].clock_ns)
    worst = max(each.thermal or 0 for each in hot)
    word = WARMTH[min(worst, len(WARMTH) - 1)]
    return at, f"thermal status {word} from {_seconds(at, begin)} on"


def _clock_fall(conditions: Sequence[Condition], begin: int) -> tuple[int, str] | None:
    """Find a fall of what cores may run at, or of the fastest core.

    Limits are compared core by core, because only heat (or a saver) lowers them. Present clocks
    only as the fastest of all cores: the scheduler lets single ones idle and moves work.
    """
    limits = [each for each in conditions if each.cpu_max_khz]
    cores = min((len(each.cpu_max_khz) for each in limits), default=0)
    series: list[tuple[str, list[Condition], Callable[[Condition], int]]] = [
        (f"limit of core {core}", limits, lambda each, core=core: each.cpu_max_khz[core])  # type: ignore[misc]
        for core in range(cores)
    ]
    running = [each for each in conditions if each.cpu_khz]
    series.append(("clock of the fastest core", running, lambda each: max(each.cpu_khz)))
    falls = (_fall(name, told, value, begin) for name, told, value in series)
    return min((fall for fall in falls if fall is not None), default=None)


def _fall(
    name: str, told: list[Condition], value: Callable[[Condition], int], begin: int
) -> tuple[int, str] | None:
    times = np.array([each.clock_ns for each in told], np.int64)
    clocks = np.array([value(each) for each in told], np.float64)
    first = clocks[times <= begin + BASE_NS]
    if not len(first):
        return None
    base = float(np.median(first))
    ends = np.searchsorted(times, times + STEADY_NS, side="left")
    whole = np.flatnonzero(times + STEADY_NS <= times[-1] + STEADY_NS // 5)
    for start in whole:
        median = float(np.median(clocks[start : ends[start]]))
        if median < (1 - CLOCK_FALL) * base and clocks[start] < (1 - CLOCK_FALL) * base:
            at = max(begin, int(times[start]))
            fallen = f"{base / 1e6:.2f} to {median / 1e6:.2f} GHz"
            return at, f"{name} fell from {fallen} at {_seconds(at, begin)}"
    return None


def _slower(samples: SampleArray, begin: int) -> tuple[int, str] | None:
    """Find latency that drifts or steps up; whichever describes it better."""
    times, medians = _bins(samples)
    if len(medians) < 2 or medians.min() <= 0:
        return None
    seconds = (times - begin) / 1e9
    step = _believed_step(times, medians, begin)
    slope = _believed_slope(seconds, medians)
    if step is not None and slope is not None:
        level = np.where(np.arange(len(medians)) < step.index, step.before, step.after)
        line = slope.start + slope.value * seconds
        if np.abs(medians - level).sum() <= np.abs(medians - line).sum():
            slope = None
        else:
            step = None
    if step is not None:
        at = _edge(times, step.index)
        more = 100 * (step.after / step.before - 1)
        return at, f"latency {more:.0f} % higher from {_seconds(at, begin)} on"
    if slope is not None:
        start = slope.start + slope.value * seconds[0]
        per_minute = 100 * 60 * slope.value / start
        at = begin + round((seconds[0] + LEFT_START * start / slope.value) * 1e9)
        at = min(at, int(times[-1]))
        return at, f"latency rises by {per_minute:.1f} % per minute"
    return None


def _believed_step(
    times: NDArray[np.int64], medians: NDArray[np.float64], begin: int
) -> Step | None:
    lead = int(np.searchsorted(times, begin + BASE_NS))
    step = largest_step(medians, max(lead, 5), 5)
    if step is None or step.score < STEP_SCORE or step.after < (1 + STEP) * step.before:
        return None
    return step


def _believed_slope(seconds: NDArray[np.float64], medians: NDArray[np.float64]) -> Slope | None:
    if seconds[-1] - seconds[0] < LEAST_DRIFT_S:
        return None
    slope = theil_sen(seconds, medians)
    if slope is None or slope.interval[0] <= 0:
        return None
    start = slope.start + slope.value * seconds[0]
    return slope if start > 0 and 60 * slope.value / start > SLOPE_PER_MINUTE else None


def _bins(samples: SampleArray) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return middle times and median latencies (ms) of equal counts of about a second each."""
    finished = samples["finished_ns"].astype(np.int64)
    n = len(samples)
    span_s = max((int(finished[-1]) - int(finished[0])) / 1e9, 1e-9)
    count = max(round(n / span_s), 1, -(-n // MOST_BINS))
    whole = n // count * count
    times = finished[:whole].reshape(-1, count)[:, count // 2]
    return times, block_medians(samples["infer_ns"], count) / 1e6


def _edge(times: NDArray[np.int64], index: int) -> int:
    """Return the time between two bins."""
    return (int(times[index - 1]) + int(times[index])) // 2


def _seconds(at: int, begin: int) -> str:
    return f"{(at - begin) / 1e9:.0f} s"
