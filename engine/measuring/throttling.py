"""Whether and when a run was slowed down by heat."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray
from engine.measuring.conditions import Condition
from engine.measuring.quantiles import block_medians
from engine.measuring.trend import Slope, Step, largest_step, noise_of, rise, theil_sen

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
LEAST_BINS = 5
RISE_BINS = 10
"""Seconds on end that a slow-down must last which passes again."""
LEFT_START = 0.02
"""A drift counts from where it has left its start by what a median is to be known to."""
LEAST_DRIFT_S = 30.0
LEAST_PER_BIN = 5
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
    samples: SampleArray, conditions: Sequence[Condition] = (), *, warm_up: int = 0
) -> Throttling | None:
    """Find out whether and when heat slowed the run down.

    Four signs, any of which is enough: Android's thermal status; clocks more than 15 % below
    those of the first 10 s; latency that rises by more than 1 % per minute (Theil-Sen over the
    medians of seconds, its 99 % interval without 0); latency that is over 5 % higher from some
    moment on, or for ten seconds on end.

    Args:
        samples: Shape (n,), oldest first, from the run's begin; sentences count seconds from it.
        conditions: In time order, on the same clock; those of before the samples count as begin.
        warm_up: Leading samples whose latency says nothing.
    """
    if len(samples) <= warm_up:
        return None
    begin = int(samples["captured_ns"][0])
    signs = [
        _warm(conditions, begin),
        _clock_fall(conditions, begin),
        _slower(samples[warm_up:], begin),
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
    limits = [(each.clock_ns, each.cpu_max_khz) for each in conditions if each.cpu_max_khz]
    running = [(each.clock_ns, max(each.cpu_khz)) for each in conditions if each.cpu_khz]
    falls = [_fall("the fastest core's clock", running, begin)]
    cores = {len(each) for _, each in limits}
    if len(cores) == 1:
        for core in range(cores.pop()):
            told = [(at, each[core]) for at, each in limits]
            falls.append(_fall(f"the limit of core {core}", told, begin))
    else:  # cores that come and go have no fixed place in the list
        told = [(at, max(each)) for at, each in limits]
        falls.append(_fall("the limit of the fastest core", told, begin))
    return min((fall for fall in falls if fall is not None), default=None)


def _fall(name: str, told: list[tuple[int, int]], begin: int) -> tuple[int, str] | None:
    """Find from when on a clock's median over 5 s is too far below that of the first 10 s."""
    times = np.array([at for at, _ in told], np.int64)
    clocks = np.array([clock for _, clock in told], np.float64)
    first = clocks[times <= begin + BASE_NS]
    if not len(first):
        return None
    base = float(np.median(first))
    limit = (1 - CLOCK_FALL) * base
    ends = np.searchsorted(times, times + STEADY_NS, side="left")
    whole = times + STEADY_NS <= times[-1] + STEADY_NS // 5  # readings are a second apart
    for start in np.flatnonzero((clocks < limit) & whole):
        median = float(np.median(clocks[start : ends[start]]))
        if median < limit:
            at = max(begin, int(times[start]))
            ghz = f"{base / 1e6:.2f} to {median / 1e6:.2f} GHz"
            return at, f"{name} fell from {ghz} at {_seconds(at, begin)}"
    return None


def _slower(samples: SampleArray, begin: int) -> tuple[int, str] | None:
    """Find latency that drifts or steps up; whichever describes it better."""
    times, medians = _bins(samples)
    if len(medians) < 2 or medians.min() <= 0:
        return None
    seconds = (times - begin) / 1e9
    lead = max(int(np.searchsorted(times, times[0] + BASE_NS)), LEAST_BINS)
    step = _believed_step(medians, lead)
    slope = _believed_slope(seconds, medians)
    if step is not None and slope is not None:
        level = np.where(np.arange(len(medians)) < step.index, step.before, step.after)
        line = slope.start + slope.value * seconds
        if np.abs(medians - level).sum() <= np.abs(medians - line).sum():
            slope = None
        else:
            step = None
    if slope is not None:
        per_minute = 100 * 60 * slope.value / (slope.start + slope.value * seconds[0])
        at = int(times[_departure(medians, lead)])
        return at, f"latency rises by {per_minute:.1f} % per minute"
    step = step or rise(medians, lead, RISE_BINS, 1 + STEP)
    if step is None:
        return None
    at = _edge(samples, times, _begin_of(medians, step), (step.before + step.after) / 2)
    more = 100 * (step.after / step.before - 1)
    return at, f"latency {more:.0f} % higher from {_seconds(at, begin)} on"


def _believed_step(medians: NDArray[np.float64], lead: int) -> Step | None:
    step = largest_step(medians, lead, LEAST_BINS)
    if step is None or step.score < STEP_SCORE or step.after < (1 + STEP) * step.before:
        return None
    return step


def _departure(medians: NDArray[np.float64], lead: int) -> int:
    """Return where drifting values leave their start for good."""
    limit = (1 + LEFT_START) * float(np.median(medians[:lead]))
    length = min(RISE_BINS, len(medians))
    levels = np.median(np.lib.stride_tricks.sliding_window_view(medians, length), axis=1)
    near = np.flatnonzero(levels <= limit)
    return min(int(near[-1]) + length // 2 if len(near) else 0, len(medians) - 1)


def _begin_of(medians: NDArray[np.float64], step: Step) -> int:
    """Return where values left the level before a step that came by and by."""
    left = max((1 + LEFT_START) * step.before, step.before + 2 * noise_of(medians))
    left = min(left, (step.before + step.after) / 2)
    first = step.index
    while first > 1 and np.median(medians[first - 1 : first + 2]) > left:
        first -= 1
    while first < step.index and medians[first] <= left:
        first += 1
    return first


def _believed_slope(seconds: NDArray[np.float64], medians: NDArray[np.float64]) -> Slope | None:
    if seconds[-1] - seconds[0] < LEAST_DRIFT_S:
        return None
    slope = theil_sen(seconds, medians)
    if slope is None or slope.interval[0] <= 0:
        return None
    start = slope.start + slope.value * seconds[0]
    return slope if start > 0 and 60 * slope.value / start > SLOPE_PER_MINUTE else None


def _edge(samples: SampleArray, times: NDArray[np.int64], first: int, middle_ms: float) -> int:
    """Return when the first sample over the step finished, which lies in or before that bin."""
    finished = samples["finished_ns"].astype(np.int64)
    begin, end = np.searchsorted(finished, [times[first - 1], times[first]])
    over = np.cumsum(samples["infer_ns"][begin:end] / 1e6 - middle_ms)
    after = int(np.argmin(np.concatenate(([0.0], over))))  # the least where the level changes
    return int(finished[begin + after])


def _bins(samples: SampleArray) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return middle times and median latencies (ms) of equal counts of about a second each."""
    finished = samples["finished_ns"].astype(np.int64)
    n = len(samples)
    span_s = max((int(finished[-1]) - int(finished[0])) / 1e9, 1e-9)
    count = max(round(n / span_s), LEAST_PER_BIN, -(-n // MOST_BINS))
    whole = n // count * count
    times = finished[:whole].reshape(-1, count)[:, count // 2]
    return times, block_medians(samples["infer_ns"], count) / 1e6


def _seconds(at: int, begin: int) -> str:
    return f"{(at - begin) / 1e9:.0f} s"
