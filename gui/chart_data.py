"""What the live charts draw: a ring of samples, and their decimation to columns of pixels."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SAMPLE_DTYPE, SampleArray

STAGES = ("infer", "convert", "post", "draw")
"""The stages of the stacked chart, bottom first: the lowest edge is the latency itself."""

RECENT = 256
"""Samples that tell how far apart they usually are."""
CAPACITY = 1 << 17
"""Ten minutes at 200 samples a second; memory is taken as they come."""


class Ring:
    """The newest samples, oldest first; what is beyond the capacity is forgotten."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Make an empty ring of at most ``capacity`` samples."""
        self._buffer = np.empty(2 * capacity, SAMPLE_DTYPE)
        self._times = np.empty(2 * capacity, np.uint64)  # a search in records would copy them all
        self._capacity = capacity
        self._start = self._end = 0

    def append(self, samples: SampleArray) -> None:
        """Add samples, oldest first."""
        samples = samples[-self._capacity :]
        if self._end + len(samples) > len(self._buffer):
            kept = self._buffer[self._start : self._end].copy()
            self._buffer[: len(kept)] = kept
            self._times[: len(kept)] = kept["finished_ns"]
            self._start, self._end = 0, len(kept)
        self._buffer[self._end : self._end + len(samples)] = samples
        self._times[self._end : self._end + len(samples)] = samples["finished_ns"]
        self._end += len(samples)
        self._start = max(self._start, self._end - self._capacity)

    def clear(self) -> None:
        """Forget all."""
        self._start = self._end = 0

    def since(self, time_ns: int) -> SampleArray:
        """Return the samples that were finished at or after a time, without a copy."""
        return self._buffer[self._place(time_ns) : self._end]

    def between(self, begin_ns: int, end_ns: int) -> SampleArray:
        """Return the samples that were finished from a time on and before another."""
        return self._buffer[self._place(begin_ns) : self._place(end_ns)]

    def _place(self, time_ns: int) -> int:
        held = self._times[self._start : self._end]
        return self._start + int(np.searchsorted(held, np.uint64(max(0, time_ns))))

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
    width_ns = _width_ns(seconds, columns)
    return _stack(_reduce(samples, width_ns), width_ns, now_ns, _usual_ns(samples))


class _Reduced(NamedTuple):
    """Columns that have samples: their numbers since the clock's begin, and what is drawn."""

    ids: NDArray[np.int64]
    edges_ms: NDArray[np.float64]
    slowest_ms: NDArray[np.float64]

    def part(self, chosen: slice) -> "_Reduced":
        return _Reduced(self.ids[chosen], self.edges_ms[:, chosen], self.slowest_ms[chosen])

    def joined(self, later: "_Reduced") -> "_Reduced":
        return _Reduced(
            np.concatenate((self.ids, later.ids)),
            np.concatenate((self.edges_ms, later.edges_ms), axis=1),
            np.concatenate((self.slowest_ms, later.slowest_ms)),
        )


class Columns:
    """Columns of a ring; those that can no longer change are reduced once, not at each paint."""

    def __init__(self) -> None:
        """Start with none."""
        self._width_ns = 0
        self._known: _Reduced | None = None
        self._begin = self._end = 0  # the numbers of columns that are known, end excluded

    def clear(self) -> None:
        """Forget all."""
        self._known = None

    def stack(self, ring: Ring, now_ns: int, *, seconds: float, columns: int) -> Stack | None:
        """Return what ``stack_columns`` would of the ring's samples until ``now_ns``."""
        width_ns = _width_ns(seconds, columns)
        first = (now_ns - int((seconds + 1) * 1e9)) // width_ns
        if self._known is None or width_ns != self._width_ns or first < self._begin:
            self._known, self._width_ns = None, width_ns
            self._begin = self._end = first
        last = now_ns // width_ns
        known = self._known
        if self._end > last and known is not None:  # scrolled to between the known ones
            known = known.part(slice(0, int(np.searchsorted(known.ids, last))))
        begin = min(self._end, last)
        fresh = ring.between(begin * width_ns, now_ns + 1)
        reduced = _reduce(fresh, width_ns)
        whole = reduced if known is None else known.joined(reduced)
        self._keep(whole, fresh, last)
        shown = whole.part(slice(int(np.searchsorted(whole.ids, first)), None))
        if not len(shown.ids):
            return None
        return _stack(shown, width_ns, now_ns, _usual_ns(ring.between(0, now_ns + 1)[-RECENT:]))

    def _keep(self, whole: _Reduced, fresh: SampleArray, last: int) -> None:
        """Keep the columns in which no sample can come any more."""
        if not len(fresh):
            return
        done = min(int(fresh["finished_ns"][-1]) // self._width_ns, last)
        if done > self._end or self._known is None:
            self._known = whole.part(slice(0, int(np.searchsorted(whole.ids, done))))
            self._end = max(done, self._begin)


def _width_ns(seconds: float, columns: int) -> int:
    return max(1, int(seconds * 1e9 / max(1, columns)))


def _reduce(samples: SampleArray, width_ns: int) -> _Reduced:
    """Return the median sample of each column, and the slowest."""
    column = (samples["finished_ns"] // np.uint64(width_ns)).astype(np.int64)
    stages = np.stack([samples[f"{name}_ns"] for name in STAGES]).astype(np.float64) / 1e6
    total = stages.sum(axis=0)
    order = np.lexsort((total, column))
    ordered = column[order]
    begins = np.ones(len(ordered), np.bool_)
    begins[1:] = ordered[1:] != ordered[:-1]
    first = begins.nonzero()[0]
    last = np.append(first[1:], len(ordered))[: len(first)] - 1
    middle = order[(first + last) // 2]
    return _Reduced(ordered[first], np.cumsum(stages[:, middle], axis=0), total[order[last]])


def _usual_ns(samples: SampleArray) -> float:
    times = np.sort(samples["finished_ns"].astype(np.int64))
    return _ranked(np.diff(times), 0.5) if len(times) > 1 else 0.0


def _stack(reduced: _Reduced, width_ns: int, now_ns: int, usual_ns: float) -> Stack:
    age_s = (now_ns - (reduced.ids + 0.5) * width_ns) / 1e9
    reach = max(1_000_000_000, 4 * usual_ns)
    gap = np.zeros(len(age_s), np.bool_)
    gap[1:] = np.diff(reduced.ids) * width_ns > reach
    return Stack(np.asarray(age_s, np.float64), reduced.edges_ms, reduced.slowest_ms, gap)


def axis_end(stack: Stack) -> float:
    """Return what the value axis must reach: all typical samples, and most slow ones.

    One very slow sample, as the first of a model is, runs out at the top instead of
    pressing all others flat.
    """
    return max(1.1 * _ranked(stack.slowest_ms, 0.98), 1.3 * _ranked(stack.edges_ms[-1], 0.98))


def _ranked(values: NDArray[Any], share: float) -> float:
    """Return the value that this share of them does not exceed, without numpy's slow quantile."""
    at = int(share * (len(values) - 1))
    return float(np.partition(values, at)[at])


def nice_top(value: float) -> float:
    """Return the axis top for a largest value: 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    for step in (1, 2, 3, 4, 5, 6, 8, 10):
        if value <= step * power * (1 + 1e-9):
            return float(step * power)
    return float(10 * power)
