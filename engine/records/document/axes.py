"""Axes: where ticks go, what stands beside them, and where a value lands on the paper."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MINUS = "\N{MINUS SIGN}"
STEPS = (1.0, 2.0, 5.0, 10.0)


def ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Return round values within ``low``..``high``, about ``count`` of them, evenly spaced.

    The step is 1, 2 or 5 times a power of ten. An empty or unbounded range has none.
    """
    span = high - low
    if not math.isfinite(span) or span <= 0 or low + span / 64 <= low:
        return ()
    raw = span / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    if power == 0 or not math.isfinite(power):
        return ()
    step = power * next((each for each in STEPS if each * power >= raw * 0.999), 10.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(_clean(number * step, step) for number in range(first, last + 1))


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return round values within ``low``..``high``, both above 0, for a logarithmic axis."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    wide = math.log10(high / low) > 3
    fine = math.log10(high / low) < 0.7
    digits = (1,) if wide else (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9) if fine else (1, 2, 5)
    values = (digit * 10.0**decade for decade in decades for digit in digits)
    return tuple(_clean(each, each) for each in values if low * 0.999 <= each <= high * 1.001)


def tick_labels(values: Sequence[float]) -> tuple[str, ...]:
    """Write ticks with as many decimals as tell them apart, all with the same many."""
    apart = min((abs(b - a) for a, b in pairwise(values)), default=abs(sum(values)) * 1e-3)
    for decimals in range(16):
        if all(abs(round(value, decimals) - value) <= apart * 1e-3 for value in values):
            break
    return tuple(number(value, decimals) for value in values)


def number(value: float, decimals: int) -> str:
    """Write a number with a real minus sign, never a negative zero, thousands apart."""
    text = f"{value:,.{decimals}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if not any(each in "123456789" for each in text):
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values to pixels.

    Attributes:
        low: The value at ``begin``.
        high: The value at ``end``.
        begin: Pixels.
        end: Pixels; smaller than ``begin`` on a vertical axis.
        log: Whether it is logarithmic; then all values are above 0.
    """

    low: float
    high: float
    begin: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of a value, kept within the axis."""
        return float(self.many(np.array([value], np.float64))[0])

    def many(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the pixel of each value, kept within the axis."""
        low, high = self.low, self.high
        if self.log:
            low, high = math.log(low), math.log(high)
            values = np.log(np.maximum(values, np.finfo(np.float64).tiny))
        shares = np.clip((values - low) / (high - low), 0.0, 1.0)
        return self.begin + shares * (self.end - self.begin)

    def ticks(self, count: int = 5) -> tuple[float, ...]:
        """Return the ticks of this axis."""
        return log_ticks(self.low, self.high) if self.log else ticks(self.low, self.high, count)


def roomy(
    low: float, high: float, *, zero: bool = False, share: float = 0.06
) -> tuple[float, float]:
    """Return a range with a little room at both ends; never empty.

    Args:
        low: Smallest value.
        high: Largest value.
        zero: Whether it begins at 0, when no value lies below.
        share: Room at each end as a share of the range.
    """
    low = 0.0 if zero and low >= 0 else low
    room = (high - low) * share if high > low else abs(high) * 0.1 or 1.0
    return (low if zero and low == 0 else low - room), high + room


def thinned(
    x: NDArray[np.float64], y: NDArray[np.float64], scale: Scale
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Keep of each pixel column first, lowest, highest and last value: it looks the same.

    Args:
        x: Shape (n,), ascending.
        y: Shape (n,).
        scale: Of x.

    Returns:
        x and y of at most four points per column, in order.
    """
    columns = round(abs(scale.end - scale.begin))
    if len(x) <= 4 * columns:
        return x, y
    shares = np.clip((x - scale.low) / (scale.high - scale.low), 0, 1)
    place = np.minimum((shares * columns).astype(np.int64), columns - 1)
    starts = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
    ends = np.r_[starts[1:], len(x)] - 1
    lowest, highest = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    ys = np.column_stack((y[starts], lowest, highest, y[ends]))
    xs = np.column_stack((x[starts], x[starts], x[ends], x[ends]))
    return xs.ravel(), ys.ravel()


def _clean(value: float, step: float) -> float:
    """Take the noise of binary fractions from a round value."""
    digits = max(0, 12 - math.floor(math.log10(abs(step))))
    return round(value, min(digits, 300)) + 0.0
