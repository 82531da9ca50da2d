"""Whether values drift or step up over time, and from when on; no distribution assumed."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST = 10
"""Values under which nothing is said."""
RISE_SCORE = 5.0


@dataclass(frozen=True, slots=True)
class Slope:
    """A Theil-Sen line: the median of the slopes between all pairs.

    Attributes:
        value: Per unit of time.
        interval: 99 % interval (Sen 1968).
        start: The line at time 0.
    """

    value: float
    interval: tuple[float, float]
    start: float


@dataclass(frozen=True, slots=True)
class Step:
    """Where values become larger.

    Attributes:
        index: Of the first larger value.
        before: Median until then.
        after: Median from then on.
        score: How far from chance that is, in standard deviations.
    """

    index: int
    before: float
    after: float
    score: float


def theil_sen(times: NDArray[np.float64], values: NDArray[np.float64]) -> Slope | None:
    """Fit a line that outliers do not bend; None under 10 values or when time stands.

    The interval widens where neighbours are alike (Hamed and Rao 1998, of the first lag only).

    Args:
        times: Shape (n,), ascending; n^2 slopes are computed, so n is to be hundreds.
        values: Shape (n,).
    """
    n = len(values)
    if n < FEWEST:
        return None
    first, second = np.triu_indices(n, 1)
    spans = times[second] - times[first]
    apart = spans > 0
    slopes = np.sort((values[second] - values[first])[apart] / spans[apart])
    if not len(slopes):
        return None
    value = float(np.median(slopes))
    rest = values - value * times
    start = float(np.median(rest))
    deviation = math.sqrt(n * (n - 1) * (2 * n + 5) / 18 * inflation(rest))
    reach = 2.5758 * deviation
    low = max(0, int((len(slopes) - reach) / 2))
    high = min(len(slopes) - 1, int((len(slopes) + reach) / 2) + 1)
    return Slope(value, (float(slopes[low]), float(slopes[high])), start)


def largest_step(values: NDArray[np.float64], lead: int, tail: int) -> Step | None:
    """Find where the values after are larger than those before most clearly.

    The rank sum of the values before is compared at every place with what it would be by chance
    (Pettitt 1979, standardised). Outliers count by their rank alone.

    Args:
        values: Shape (n,), oldest first.
        lead: Fewest values before.
        tail: Fewest values after.
    """
    n = len(values)
    places = np.arange(lead, n - tail + 1)
    if not len(places) or n < FEWEST:
        return None
    ranks = _ranks(values)
    sums = np.cumsum(ranks)[places - 1]
    expected = places * (n + 1) / 2
    spread = np.sqrt(places * (n - places) * (n + 1) / 12)
    scores = (expected - sums) / spread
    best = int(np.argmax(scores))
    index = int(places[best])
    before, after = float(np.median(values[:index])), float(np.median(values[index:]))
    rest = np.concatenate((values[:index] - before, values[index:] - after))
    return Step(index, before, after, float(scores[best]) / math.sqrt(inflation(rest)))


def rise(values: NDArray[np.float64], lead: int, length: int, factor: float) -> Step | None:
    """Find the first stretch where values are higher than at the beginning, though it may pass.

    Args:
        values: Shape (n,), oldest first.
        lead: How many first values are the beginning.
        length: Of the stretch.
        factor: How far its median must be above that of the beginning; besides, as far as noise
            does not reach: ``RISE_SCORE`` deviations.
    """
    if len(values) < lead + length:
        return None
    before = float(np.median(values[:lead]))
    medians = np.median(np.lib.stride_tricks.sliding_window_view(values[lead:], length), axis=1)
    chance = noise_of(values) * math.sqrt(math.pi / 2 * (1 / lead + 1 / length))
    limit = max(factor * before, before + RISE_SCORE * chance)
    above = np.flatnonzero(medians > limit)
    if not len(above):
        return None
    index = lead + int(above[0])
    after = float(medians[above[0]])
    while index < len(values) - 1 and values[index] <= (before + after) / 2:
        index += 1  # a median is above as soon as half of its values are
    return Step(index, before, after, (after - before) / chance if chance else math.inf)


def noise_of(values: NDArray[np.float64]) -> float:
    """Return the standard deviation of values around whatever level or trend they have.

    By how much neighbours differ, but for the largest tenth of the differences.

    Args:
        values: Shape (n,), n at least 2.
    """
    return float(np.quantile(np.abs(np.diff(values)), 0.9)) / (1.645 * math.sqrt(2))


def inflation(rest: NDArray[np.float64]) -> float:
    """Return by how much alike neighbours widen the variance of a mean: 1 for independent ones.

    Args:
        rest: Shape (n,): what is left of the values after the trend.
    """
    ranks = _ranks(rest) - (len(rest) + 1) / 2
    total = float(ranks @ ranks)
    alike = float(ranks[:-1] @ ranks[1:]) / total if total else 0.0
    alike = min(alike, 0.9)
    return (1 + alike) / (1 - alike) if alike > 1.645 / math.sqrt(len(rest)) else 1.0


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 1; equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse])
