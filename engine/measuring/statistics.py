"""What a run's latencies amount to: median and percentiles with intervals, frames per second."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray
from engine.measuring.frames import frame_times_ms, low_fps, pipeline_fps, split_gap
from engine.measuring.quantiles import (
    independent_count,
    median_of,
    needed_count,
    quantile_interval,
    sorted_interval,
    sorted_quantile,
)
from engine.measuring.warm_up import WarmUp, detect_warm_up

__all__ = ["STAGES", "Percentile", "Summary", "quantile_interval", "summarise_samples"]

STAGES = ("camera", "convert", "infer", "post", "draw")
PERCENTILES = (0.9, 0.95, 0.99)
OUTLIER_MADS = 14.826
"""Source: hyperfine, src/outlier_detection.rs: ten standard deviations of a normal spread."""
LEAST_MAD = 0.005
"""Of the median: where half of the times are equal, a hair's breadth is no outlier."""
SCATTER = 0.1
FAR = 0.5
FAR_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Percentile:
    """One quantile of latency.

    Attributes:
        q: 0..1: 0.9 is p90.
        value_ms: Linearly interpolated.
        interval_ms: Its 95 % interval by order statistics; None where there are too few samples.
            A percentile without one is not shown as a result.
        needed: How many samples give it an interval: 29 for p90, 59 for p95, 299 for p99.
    """

    q: float
    value_ms: float
    interval_ms: tuple[float, float] | None
    needed: int

    @property
    def earned(self) -> bool:
        """Whether there are enough samples to show it."""
        return self.interval_ms is not None


@dataclass(frozen=True, slots=True)
class Summary:
    """What the samples of a run amount to, after warm-up.

    Attributes:
        count: Samples counted.
        warm_up: Leading samples left out.
        median_ms: Median latency: ``Interpreter.run`` alone.
        interval_ms: 95 % interval of the median by order statistics; None under 6 samples.
        percentiles: p90, p95 and p99.
        minimum_ms: Fastest.
        maximum_ms: Slowest.
        mean_ms: Arithmetic mean.
        sd_ms: Sample standard deviation; 0 for one sample.
        engine_fps: 1000 / median latency.
        pipeline_fps: Results per wall second on the phone's clock; None under 2 samples.
        stages_ms: Median of each stage: camera, convert, infer, post, draw.
        unstable: Why the numbers are unstable, in words; empty when they are not.
        outliers: Samples farther from the median than 14.8 median absolute deviations; they are
            counted here and kept in every figure.
        low_1_fps: Results per second over the slowest 1 % of them; None under 100 frames.
        frame_p95_ms: 95th percentile of the times between results; None under 60 samples.
        settled: Whether the warm-up was seen to end.
        gap_ms: Where the time between results goes besides inference, by ``split_gap``.
    """

    count: int
    warm_up: int
    median_ms: float
    interval_ms: tuple[float, float] | None
    percentiles: tuple[Percentile, ...]
    minimum_ms: float
    maximum_ms: float
    mean_ms: float
    sd_ms: float
    engine_fps: float
    pipeline_fps: float | None
    stages_ms: dict[str, float]
    unstable: str
    outliers: int = 0
    low_1_fps: float | None = None
    frame_p95_ms: float | None = None
    settled: bool = True
    gap_ms: dict[str, float] = field(default_factory=dict)

    def percentile(self, q: float) -> Percentile:
        """Return the percentile of that ``q``."""
        return next(each for each in self.percentiles if each.q == q)

    @property
    def relative_half_width(self) -> float | None:
        """Half the width of the median's interval, by the median; None without an interval."""
        if self.interval_ms is None or not self.median_ms:
            return None
        return (self.interval_ms[1] - self.interval_ms[0]) / 2 / self.median_ms


def summarise_samples(
    samples: SampleArray, *, warm_up: int | None = None, settled: bool = True
) -> Summary:
    """Summarise the samples of one run.

    Args:
        samples: Shape (n,), oldest first, all of one generation.
        warm_up: Leading samples to leave out; None finds it with ``detect_warm_up``.
        settled: What is known of the warm-up that is given.

    Raises:
        ValueError: If no sample is left after warm-up.
    """
    found = detect_warm_up(samples) if warm_up is None else WarmUp(warm_up, settled)
    counted = samples[found.count :]
    if not len(counted):
        raise ValueError("no sample is left after warm-up")
    latency_ms = counted["infer_ns"] / 1e6
    ordered = np.sort(latency_ms)
    median = _percentile(latency_ms, ordered, 0.5)
    frames_ms = frame_times_ms(counted)
    return Summary(
        count=len(counted),
        warm_up=found.count,
        median_ms=median.value_ms,
        interval_ms=median.interval_ms,
        percentiles=tuple(_percentile(latency_ms, ordered, q) for q in PERCENTILES),
        minimum_ms=float(ordered[0]),
        maximum_ms=float(ordered[-1]),
        mean_ms=float(latency_ms.mean()),
        sd_ms=float(latency_ms.std(ddof=1)) if len(latency_ms) > 1 else 0.0,
        engine_fps=1000 / median.value_ms if median.value_ms else math.inf,
        pipeline_fps=pipeline_fps(counted),
        stages_ms={stage: median_of(counted[f"{stage}_ns"]) / 1e6 for stage in STAGES},
        unstable=_why_unstable(ordered, median.value_ms),
        outliers=_outliers(ordered, median.value_ms),
        low_1_fps=low_fps(frames_ms),
        frame_p95_ms=_frame_p95(frames_ms),
        settled=found.settled,
        gap_ms=split_gap(counted),
    )


def _percentile(
    latency_ms: NDArray[np.float64], ordered: NDArray[np.float64], q: float
) -> Percentile:
    value = sorted_quantile(ordered, q)
    interval = sorted_interval(ordered, q, independent_count(latency_ms, value))
    return Percentile(q, value, interval, needed_count(q))


def _frame_p95(frames_ms: NDArray[np.float64]) -> float | None:
    if len(frames_ms) < needed_count(0.95):
        return None
    return sorted_quantile(np.sort(frames_ms), 0.95)


def _outliers(ordered: NDArray[np.float64], median: float) -> int:
    mad = max(median_of(np.abs(ordered - median)), LEAST_MAD * median)
    below, above = _beyond(ordered, median - OUTLIER_MADS * mad, median + OUTLIER_MADS * mad)
    return below + above


def _beyond(ordered: NDArray[np.float64], low: float, high: float) -> tuple[int, int]:
    """Return how many of ascending values are under ``low`` and over ``high``."""
    below = int(np.searchsorted(ordered, low, side="left"))
    return below, len(ordered) - int(np.searchsorted(ordered, high, side="right"))


def _why_unstable(ordered: NDArray[np.float64], median: float) -> str:
    """Say why the latencies are unstable; empty when they are not.

    pyperf's limits (a spread over 10 %, a time more than 50 % off), but of what a tester sees
    again: its minimum, maximum and standard deviation grow with the length of the run, and one
    pause of the system in ten thousand inferences would make every long run unstable. So the
    spread is that of the middle 90 % (of a normal distribution the same), and times far off
    count when they are surely more than one in a hundred: more than chance makes of one in a
    hundred in 99 of 100 runs.
    """
    if median <= 0:
        return "The times are unstable: half of them are 0." if ordered[-1] > 0 else ""
    low, high = sorted_quantile(ordered, 0.05), sorted_quantile(ordered, 0.95)
    scatter = (high - low) / (2 * 1.6449)
    reasons = []
    if scatter > SCATTER * median:
        reasons.append(f"they scatter by {100 * scatter / median:.0f} % of their median")
    usual = FAR_SHARE * len(ordered)
    few = 1 + usual + 2.33 * math.sqrt(usual)
    fast, slow = _beyond(ordered, (1 - FAR) * median, (1 + FAR) * median)
    if slow > few:
        share = 100 * slow / len(ordered)
        reasons.append(f"{share:.0f} % of them take over 1.5 times the median")
    if fast > few:
        share = 100 * fast / len(ordered)
        reasons.append(f"{share:.0f} % of them take less than half the median")
    return f"The times are unstable: {', '.join(reasons)}." if reasons else ""
