"""Quantiles of latencies, each with an interval that assumes no distribution.

The interval lies between two order statistics. How many of n samples lie below the true quantile
is binomial, whatever the distribution, and that gives the ranks (Hoefler and Belli, "Scientific
Benchmarking of Parallel Computing Systems", 2015, rule 5). Between two ranks it is interpolated,
so that it covers what it says instead of at least that (Hettmansperger and Sheather 1986 for the
median, Nyblom 1992 for every quantile).

Neighbours that are alike (a governor's slow second makes a dozen inferences slow) are worth fewer
samples than they are; ``independent_count`` says how many. Latency that drifts through the run
makes the interval of the run's own quantile too wide, never too narrow.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEFT_OUT = 0.05
"""Chance that a 95 % interval misses."""
BATCHES = 50
BATCH_COUNT = 10
LEAST_BATCHES = 10


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


def median_of(values: NDArray[Any]) -> float:
    """Return the median of at least one value; ten times as fast as numpy's for a million."""
    half = len(values) // 2
    parted = np.partition(values, half)
    upper = float(parted[half])
    return upper if len(values) % 2 else (float(parted[:half].max()) + upper) / 2


def block_medians(values: NDArray[Any], block: int) -> NDArray[np.float64]:
    """Return the medians of as many whole blocks of that many values as there are."""
    blocks = np.sort(values[: len(values) // block * block].reshape(-1, block), axis=1)
    low, high = blocks[:, (block - 1) // 2], blocks[:, block // 2]
    return (low.astype(np.float64) + high.astype(np.float64)) / 2


def quantile_interval(values: NDArray[np.float64], q: float) -> tuple[float, float] | None:
    """Return the 95 % interval of a quantile; None under ``needed_count`` samples.

    Args:
        values: Shape (n,), in the order they were measured.
        q: 0..1: 0.5 is the median.
    """
    if not len(values):
        return None
    ordered = np.sort(values)
    return sorted_interval(ordered, q, independent_count(values, sorted_quantile(ordered, q)))


def sorted_quantile(ordered: NDArray[np.float64], q: float) -> float:
    """Return a quantile of ascending values, linearly between two, as numpy's default does."""
    return _at_rank(ordered, (len(ordered) - 1) * q + 1)


def sorted_interval(
    ordered: NDArray[np.float64], q: float, count: int | None = None
) -> tuple[float, float] | None:
    """Return the 95 % interval of a quantile of values in ascending order.

    Args:
        ordered: Shape (n,), ascending.
        q: 0..1.
        count: How many independent samples they are worth; None: all of them. The interval is
            as wide as theirs, but at most from the smallest to the largest value.
    """
    n = len(ordered)
    if count is not None:
        n = min(n, max(count, needed_count(q)))
    above, below = q**n, (1 - q) ** n
    if n < 1 or above + below > LEFT_OUT:
        return None
    # half of what may be missed at each end, unless an end needs more: so p90 has one from 29 on
    low_chance = min(max(LEFT_OUT / 2, below), LEFT_OUT - above)
    low = _lower_rank(n, q, low_chance)
    high = n + 1 - _lower_rank(n, 1 - q, LEFT_OUT - low_chance)
    stretch = (len(ordered) + 1) / (n + 1)
    return _at_rank(ordered, low * stretch), _at_rank(ordered, high * stretch)


def independent_count(values: NDArray[np.float64], quantile: float) -> int:
    """Return how many independent samples these are worth for one of their quantiles.

    The share of values up to the quantile is taken for each of about 50 batches. How much it
    jumps from batch to batch (von Neumann's squared successive differences, which a slow drift
    does not touch) is compared with what independent values would do; the samples are worth less
    by that factor where it is more than chance does in 1 of 20 runs.

    Args:
        values: Shape (n,), in the order they were measured.
        quantile: The value of the quantile.
    """
    n = len(values)
    batch = max(BATCH_COUNT, n // BATCHES)
    batches = n // batch
    if batches < LEAST_BATCHES:
        return n
    upto = (values[: batches * batch] <= quantile).reshape(batches, batch)
    shares = upto.mean(axis=1)
    share = float(shares.mean())
    if not 0 < share < 1:
        return n
    jumps = float((np.diff(shares) ** 2).sum()) / (2 * (batches - 1))
    factor = batch * jumps / (share * (1 - share))
    return n if factor < 1 + 1.645 * math.sqrt(3 / batches) else max(1, int(n / factor))


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
