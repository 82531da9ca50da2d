"""What the live charts draw: a ring of samples, and their decimation to columns of pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SAMPLE_DTYPE, SampleArray

STAGES = ("infer", "convert", "post", "draw")
"""The stages of the stacked chart, bottom first: the lowest edge is the latency itself."""

CAPACITY = 1 << 17
"""Ten minutes at 200 samples a second; memory is taken as they come."""


class Ring:
    """The newest samples, oldest first; what is beyond the capacity is forgotten."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Make an empty ring of at most ``capacity`` samples."""
        self._buffer = np.empty(2 * capacity, SAMPLE_DTYPE)
        self._capacity = capacity
        self._start = self._end = 0

    def append(self, samples: SampleArray) -> None:
        """Add samples, oldest first."""
        samples = samples[-self._capacity :]
        if self._end + len(samples) > len(self._buffer):
            kept = self._buffer[self._start : self._end].copy()
            self._buffer[: len(kept)] = kept
            self._start, self._end = 0, len(kept)
        self._buffer[self._end : self._end + len(samples)] = samples
        self._end += len(samples)
        self._start = max(self._start, self._end - self._capacity)

    def clear(self) -> None:
        """Forget all."""
        self._start = self._end = 0

    def since(self, time_ns: int) -> SampleArray:
        """Return the samples that were finished at or after a time, without a copy."""
        held = self._buffer[self._start : self._end]
        return held[np.searchsorted(held["finished_ns"], max(0, time_ns)) :]

    def between(self, begin_ns: int, end_ns: int) -> SampleArray:
        """Return the samples that were finished from a time on and before another."""
        held = self.since(begin_ns)
        return held[: np.searchsorted(held["finished_ns"], max(0, end_ns))]

    @property
    def oldest_ns(self) -> int | None:
        """When the oldest sample was finished; None without one."""
        return int(self._buffer[self._start]["finished_ns"]) if len(self) else None

    def __len__(self) -> int:
        return self._end - self._start


@dataclass(frozen=True, slots=True)
class Stack:
    """Stacked stages, one entry per column of pixels that has samples.

    Attributes:
        age_s: Shape (n,), seconds before now of the column's middle, descending.
        edges_ms: Shape (len(STAGES), n): upper edge of each stage, cumulated.
        slowest_ms: Shape (n,): the slowest sample of the column, all stages.
        gap: Shape (n,): whether samples are missing before this column.
    """

    age_s: NDArray[np.float64]
    edges_ms: NDArray[np.float64]
    slowest_ms: NDArray[np.float64]
    gap: NDArray[np.bool_]


def stack_columns(
    samples: SampleArray, now_ns: int, *, seconds: float, columns: int
) -> Stack | None:
    """Reduce samples to columns: the median sample of each, and its slowest one.

    The median sample is a real one, so its stages add up. Columns are fixed in the phone's
    time, not on the screen: what was drawn once keeps its shape while it moves left.

    Args:
        samples: Oldest first.
        now_ns: The right edge, on the phone's clock.
        seconds: Width of the axis.
        columns: How many columns the axis has.

    Returns:
        The columns, oldest first; None if there are no samples.
    """
    if not len(samples):
        return None
    width_ns = max(1, int(seconds * 1e9 / max(1, columns)))
    column = (samples["finished_ns"] // np.uint64(width_ns)).astype(np.int64)
    stages = np.stack([samples[f"{name}_ns"] for name in STAGES]).astype(np.float64) / 1e6
    total = stages.sum(axis=0)
    order = np.lexsort((total, column))
    ordered = column[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    last = np.r_[first[1:], len(ordered)] - 1
    middle = order[(first + last) // 2]
    ids = ordered[first]
    age_s = (now_ns - (ids + 0.5) * width_ns) / 1e9
    times = np.sort(samples["finished_ns"].astype(np.int64))
    usual_ns = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    reach = max(1_000_000_000, 4 * usual_ns)
    gap = np.r_[False, np.diff(ids) * width_ns > reach]
    edges_ms = np.cumsum(stages[:, middle], axis=0)
    return Stack(np.asarray(age_s, np.float64), edges_ms, total[order[last]], gap)


def axis_end(stack: Stack) -> float:
    """Return what the value axis must reach: all typical samples, and most slow ones.

    One very slow sample, as the first of a model is, runs out at the top instead of
    pressing all others flat.
    """
    usual = float(np.quantile(stack.slowest_ms, 0.98))
    typical = float(np.quantile(stack.edges_ms[-1], 0.98))
    return max(1.1 * usual, 1.3 * typical)


def nice_top(value: float) -> float:
    """Return the axis top for a largest value: 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    for step in (1, 2, 3, 4, 5, 6, 8, 10):
        if value <= step * power * (1 + 1e-9):
            return float(step * power)
    return float(10 * power)
