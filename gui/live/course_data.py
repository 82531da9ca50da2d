"""What the live charts draw beside the samples: rates, temperature and clocks over time."""

from bisect import insort
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gui.chart import Mark, Shape
from gui.live.scroll import HELD_S
from gui.live.values import RunMarks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gui.chart_data import Stack

SLOW = "slowed by heat"


class Series:
    """Values at times of the phone's clock, of the last ten minutes."""

    def __init__(self) -> None:
        """Start empty."""
        self._points: list[tuple[int, float]] = []

    def add(self, clock_ns: int, value: float | None) -> None:
        """Add a value, wherever in time; None is what was not told."""
        if value is None:
            return
        insort(self._points, (clock_ns, value))
        oldest = self._points[-1][0] - int(HELD_S * 1e9)
        while self._points[0][0] < oldest:
            self._points.pop(0)

    def clear(self) -> None:
        """Forget all."""
        self._points.clear()

    def last(self, edge_ns: int) -> float | None:
        """Return the newest value until a time; None without one."""
        return next((value for at, value in reversed(self._points) if at <= edge_ns), None)

    def ages(self, edge_ns: int, seconds: float) -> "NDArray[np.float64]":
        """Return shape (n, 2): seconds before the edge and value, of so many seconds and a bit."""
        least = edge_ns - int((seconds + 2) * 1e9)
        held = [
            ((edge_ns - at) / 1e9, value)
            for at, value in self._points
            if least <= at <= edge_ns + 1_000_000_000
        ]
        return np.array(held, np.float64).reshape(-1, 2)

    def most(self) -> float:
        """Return the largest value held; 0 without one."""
        return max((value for _at, value in self._points), default=0.0)


def marks_of(marks: RunMarks, edge_ns: int) -> list[Mark]:
    """Return what to draw over the samples of a run: warm-up, medians, and since when it is slow.

    Args:
        marks: The run's.
        edge_ns: The right end of the axis.
    """

    def age(at_ns: int | None) -> float:
        return 0.0 if at_ns is None else (edge_ns - at_ns) / 1e9

    drawn = []
    steady = marks.steady_ns if marks.steady_ns is not None else marks.end_ns
    drawn.append(Mark("hatch", age(marks.begin_ns), age(steady)))
    for level in marks.levels:
        low, high = level.interval_ms or (level.median_ms, level.median_ms)
        ends = (age(level.begin_ns), age(level.end_ns))
        drawn.append(Mark("band", *ends, low=low, high=high, value=level.median_ms))
    if marks.slow_ns is not None:
        drawn.append(Mark("rule", age(marks.slow_ns), age(marks.slow_ns), word=SLOW))
    return drawn


def stack_shapes(stack: "Stack", colours: Sequence[str]) -> list[Shape]:
    """Return the slowest samples as a line, then an area for each stage, uppermost first.

    Each reaches down to the axis and is covered by the next: half the points of a band.

    Args:
        stack: The columns.
        colours: One per stage, bottom first.
    """
    breaks = [0, *stack.gap.nonzero()[0].tolist(), len(stack.age_s)]
    pieces = [slice(low, high) for low, high in pairwise(breaks) if high > low]
    edges = [("faint", stack.slowest_ms, False)]
    edges += [(*each, True) for each in zip(colours, stack.edges_ms, strict=True)][::-1]
    shapes = []
    for colour, values, area in edges:
        points = np.empty((len(values), 2))
        points[:, 0], points[:, 1] = stack.age_s, values
        shapes.append(Shape(colour, [points[piece] for piece in pieces], area=area))
    return shapes
