"""Axes of the scatter: a range of short numbers, linear or logarithmic, and its ticks."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEPS = (1.0, 2.0, 5.0)


class Axis(NamedTuple):
    """A range of values.

    Attributes:
        title: With its unit.
        low: Where it begins; above 0 on a logarithmic axis.
        high: Where it ends.
        log: Whether it is logarithmic.
    """

    title: str
    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """Return where a value lies, 0..1 from the axis' beginning to its end."""
        if self.log:
            return math.log(max(value, 1e-12) / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def shares(self, values: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return the same of many values."""
        import numpy as np

        if self.log:
            return np.log(np.maximum(values, 1e-12) / self.low) / math.log(self.high / self.low)
        return (values - self.low) / (self.high - self.low)

    def ticks(self, most: int) -> tuple[float, ...]:
        """Return at most so many short numbers within the range (never fewer than two)."""
        if self.log:
            return _thinned(tuple(_decades(self.low, self.high)), most)
        step = _short_above((self.high - self.low) / max(1, most))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return tuple(step * number for number in range(first, last + 1))


def axis_over(values: Iterable[float], title: str, *, log: bool = False) -> Axis:
    """Return an axis that holds all values, from zero where it is linear."""
    known = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not known:
        return Axis(title, 1.0, 100.0, log=True) if log else Axis(title, 0.0, 100.0)
    low, high = min(known), max(known)
    if log:
        return Axis(title, _short_below(low / 1.1), _short_above(high * 1.1), log=True)
    return Axis(title, 0.0, _even_above(high * 1.04 or 1.0))


def percent_axis(values: Iterable[float], title: str) -> Axis:
    """Return an axis of percents around all values, in fives, within 0 to 100."""
    known = list(values)
    if not known:
        return Axis(title, 40.0, 80.0)
    low = max(0.0, 5 * math.floor((min(known) - 1.5) / 5))
    high = min(100.0, 5 * math.ceil((max(known) + 1.5) / 5))
    return Axis(title, low, max(high, low + 10))


def tick_text(value: float) -> str:
    """Return a tick's number as short as it can be."""
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:g}"


def _decades(low: float, high: float) -> Iterable[float]:
    power = math.floor(math.log10(low) + 1e-9)
    while 10.0**power <= high * 1.000001:
        for step in STEPS:
            value = step * 10.0**power
            if low * 0.999999 <= value <= high * 1.000001:
                yield value
        power += 1


def _thinned(ticks: tuple[float, ...], most: int) -> tuple[float, ...]:
    """Leave out fives, then twos, where there is no room."""
    for kept in (STEPS, (1.0, 2.0), (1.0,)):
        found = tuple(t for t in ticks if any(_digit(t) == step for step in kept))
        if len(found) <= most and len(found) >= 2:
            return found
    return (ticks[0], ticks[-1]) if len(ticks) > most and len(ticks) > 1 else ticks


def _digit(value: float) -> float:
    return round(value / 10.0 ** math.floor(math.log10(value) + 1e-9))


def _short_above(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(s * power for s in (*STEPS, 10.0) if s * power >= value * 0.999999)


def _short_below(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(s * power for s in reversed(STEPS) if s * power <= value * 1.000001)


def _even_above(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        s * power for s in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0) if s * power >= value
    )
