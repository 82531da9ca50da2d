"""What a run's latencies amount to: median with its interval, percentiles, frames per second."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray

STAGES = ("camera", "convert", "infer", "post", "draw")
PERCENTILES = (0.9, 0.95, 0.99)
WARM_UP_RUNS = 5
WARM_UP_NS = 500_000_000
TAIL = 0.025
"""Chance that is left out at each end of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """One quantile of latency.

    Attributes:
        q: 0..1: 0.9 is p90.
        value_ms: Linearly interpolated.
        earned: Whether there are enough samples for a finite 95 % upper bound: 29 for p90,
            59 for p95, 299 for p99. One that is not earned is not shown as a result.
    """

    q: float
    value_ms: float
    earned: bool


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

    def percentile(self, q: float) -> Percentile:
        """Return the percentile of that ``q``."""
        return next(each for each in self.percentiles if each.q == q)


def summarise_samples(samples: SampleArray, *, warm_up: int | None = None) -> Summary:
    """Summarise the samples of one run.

    Args:
        samples: Shape (n,), oldest first, all of one generation.
        warm_up: Leading samples to leave out; None finds it with ``warm_up_count``.

    Raises:
        ValueError: If no sample is left after warm-up.
    """
    left_out = warm_up_count(samples) if warm_up is None else warm_up
    counted = samples[left_out:]
    if not len(counted):
        raise ValueError("no sample is left after warm-up")
    latency_ms = counted["infer_ns"] / 1e6
    median = float(np.median(latency_ms))
    mean = float(latency_ms.mean())
    sd = float(latency_ms.std(ddof=1)) if len(latency_ms) > 1 else 0.0
    minimum, maximum = float(latency_ms.min()), float(latency_ms.max())
    return Summary(
        count=len(counted),
        warm_up=left_out,
        median_ms=median,
        interval_ms=median_interval(latency_ms),
        percentiles=tuple(_percentile(latency_ms, q) for q in PERCENTILES),
        minimum_ms=minimum,
        maximum_ms=maximum,
        mean_ms=mean,
        sd_ms=sd,
        engine_fps=1000 / median if median else math.inf,
        pipeline_fps=pipeline_fps(counted),
        stages_ms={stage: float(np.median(counted[f"{stage}_ns"])) / 1e6 for stage in STAGES},
        unstable=_why_unstable(mean, sd, minimum, maximum),
    )


def warm_up_count(samples: SampleArray) -> int:
    """Return how many leading samples to leave out: 5 and half a second, at most half of all.

    Source: FIELD practice "keep at least 0.5 s and 5 runs" (the TFLite benchmark's 0.5 s).
    """
    if not len(samples):
        return 0
    finished = samples["finished_ns"].astype(np.int64)
    begin = int(samples["captured_ns"][0])
    in_time = int(np.count_nonzero(finished - begin < WARM_UP_NS))
    return min(max(in_time, WARM_UP_RUNS), len(samples) // 2)


def median_interval(latency_ms: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the 95 % interval of the median by order statistics; None under 6 samples.

    Distribution-free: the ranks come from the binomial distribution with p = 1/2 (Hoefler
    and Belli, "Scientific Benchmarking of Parallel Computing Systems", rule 5).

    Args:
        latency_ms: Shape (n,), in any order, milliseconds.
    """
    n = len(latency_ms)
    if n < 6:
        return None
    log_factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1)))))
    below = np.arange(n // 2 + 1)
    log_chances = log_factorials[n] - log_factorials[below] - log_factorials[n - below]
    tail = np.cumsum(np.exp(log_chances - n * math.log(2)))
    low = int(np.searchsorted(tail, TAIL, side="right")) - 1
    ordered = np.sort(latency_ms)
    return float(ordered[low]), float(ordered[n - 1 - low])


def pipeline_fps(samples: SampleArray) -> float | None:
    """Return the results per wall second on the phone's clock; None under 2 samples."""
    if len(samples) < 2:
        return None
    span_ns = int(samples["finished_ns"][-1]) - int(samples["finished_ns"][0])
    return (len(samples) - 1) * 1e9 / span_ns if span_ns > 0 else None


def _percentile(latency_ms: NDArray[np.float64], q: float) -> Percentile:
    # the largest of n samples lies above the quantile with chance 1 - q^n
    earned = q ** len(latency_ms) <= 0.05
    return Percentile(q, float(np.quantile(latency_ms, q)), earned)


def _why_unstable(mean: float, sd: float, minimum: float, maximum: float) -> str:
    """Say why the latencies are unstable, by pyperf's rules; empty when they are not."""
    reasons = []
    if sd > 0.1 * mean:
        reasons.append(f"they scatter by {100 * sd / mean:.0f} % of their mean")
    if maximum > 1.5 * mean:
        reasons.append(f"the slowest takes {maximum / mean:.1f} times the mean")
    if minimum < 0.5 * mean:
        reasons.append(f"the fastest takes {minimum / mean:.2f} times the mean")
    return f"The times are unstable: {', '.join(reasons)}." if reasons else ""
