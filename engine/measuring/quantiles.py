"""Quantiles of latencies, each with an interval that assumes no distribution.

The interval lies between two order statistics. How many of n samples lie below the true quantile
is binomial, whatever the distribution, and that gives the ranks (Hoefler and Belli, "Scientific
Benchmarking of Parallel Computing Systems", 2015, rule 5). Between two ranks it is interpolated,
so that it covers what it says instead of at least that (Hettmansperger and Sheather 1986 for the
median, Nyblom 1992 for every quantile).
"""

import math

import numpy as np
from numpy.typing import NDArray

LEFT_OUT = 0.05
"""Chance that a 95 % interval misses."""


def needed_count(q: float) -> int:
    """Return the fewest samples that give the quantile a 95 % interval.

    All n samples lie below it with chance q^n and above it with (1 - q)^n; no two of them can
    bound it with more certainty than is left: 6 for the median, 29 for p90, 59 for p95, 299 for
    p99.
    """
    n = 1
    while q**n + (1 - q) ** n > LEFT_OUT:
        n += 1
    return n


def quantile_interval(values: NDArray[np.float64], q: float) -> tuple[float, float] | None:
    """Return the 95 % interval of a quantile; None under ``needed_count`` samples.

    Args:
        values: Shape (n,), in any order.
        q: 0..1: 0.5 is the median.
    """
    return sorted_interval(np.sort(values), q)


def sorted_interval(
    ordered: NDArray[np.float64], q: float, count: int | None = None
) -> tuple[float, float] | None:
    """Do the same with values in ascending order.

    Args:
        ordered: Shape (n,), ascending.
        q: 0..1.
        count: How many independent samples they are worth, at most n; None: all of them.
    """
    n = len(ordered) if count is None else min(count, len(ordered))
    above, below = q**n, (1 - q) ** n
    if n < 1 or above + below > LEFT_OUT:
        return None
    # half of what may be missed at each end, unless an end needs more: so p90 has one from 29 on
    low_chance = min(max(LEFT_OUT / 2, below), LEFT_OUT - above)
    low = _lower_rank(n, q, low_chance)
    high = n + 1 - _lower_rank(n, 1 - q, LEFT_OUT - low_chance)
    stretch = (len(ordered) + 1) / (n + 1)
    return _at_rank(ordered, low * stretch), _at_rank(ordered, high * stretch)


def _lower_rank(n: int, q: float, chance: float) -> float:
    """Return the rank from 1, with a fraction, that lies above the quantile with that chance."""
    first, cumulative = _binomial(n, q)
    found = int(np.searchsorted(cumulative, chance, side="right"))
    rank = max(1, first + found)
    if found == 0 or found == len(cumulative) or rank >= n:
        return float(min(rank, n))
    # the sample of a rank lies above when fewer than that many lie below
    short, over = chance - float(cumulative[found - 1]), float(cumulative[found]) - chance
    if short <= 0:
        return float(rank)
    return rank + 1 / (1 + rank * (1 - q) * over / ((n - rank) * q * short))


def _binomial(n: int, q: float) -> tuple[int, NDArray[np.float64]]:
    """Return P(K <= k) for k from the first number that is returned, where chances count."""
    middle = int(n * q)
    reach = 10 + int(9 * math.sqrt(n * q * (1 - q)))
    first, last = max(0, middle - reach), min(n, middle + reach)
    k = np.arange(first, last)
    steps = np.log((n - k) / (k + 1)) + math.log(q / (1 - q))
    logs = np.concatenate(([0.0], np.cumsum(steps)))
    chances = np.exp(logs - logs.max())
    return first, np.cumsum(chances / chances.sum())


def _at_rank(ordered: NDArray[np.float64], rank: float) -> float:
    """Return the value at a rank from 1, linearly between two."""
    place = min(max(rank - 1, 0.0), len(ordered) - 1.0)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))
