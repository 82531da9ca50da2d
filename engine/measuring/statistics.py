"""What a run's latencies amount to: median with its interval, percentiles, frames per second."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray


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
    """Summarise the samples of one run; ``warm_up`` None finds it with ``warm_up_count``.

    Raises:
        ValueError: If no sample is left after warm-up.
    """
    raise NotImplementedError


def median_interval(latency_ms: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the 95 % interval of the median by order statistics; None under 6 samples."""
    raise NotImplementedError
