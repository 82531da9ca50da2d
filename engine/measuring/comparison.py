"""Whether one thing is faster than another: blocks are compared, not single times.

Inferences of one block share its luck (where the app's memory lies, which cores it got, how warm
it was), so that a thousand of them say nothing about the next block. The unit is the block, its
value the logarithm of its median.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.measuring.quantiles import median_of

LEFT_OUT = 0.05
MOST_FREEDOM = 200.0
"""More make no difference: 1.97 instead of 1.96 deviations."""
LEAST_MS = 1e-6
"""One nanosecond: what a time of 0 is taken for."""

Blocks = Sequence[NDArray[np.float64]]
"""The latencies of each block in milliseconds, warm-up left out."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How B compares with A.

    Attributes:
        a_ms: Geometric mean of A's block medians.
        b_ms: The same of B.
        ratio: ``b_ms / a_ms``: 1.05 is 5 % slower.
        interval: 95 % interval of the ratio; from 0 to infinity where there is one block only.
        detectable: Whether the interval leaves out 1.
        sentence: The same for a person.
    """

    a_ms: float
    b_ms: float
    ratio: float
    interval: tuple[float, float]
    detectable: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in a ranking.

    Attributes:
        place: From 1; as many as share a place are left out after it.
        names: Who share it, fastest first: no difference among them was shown.
    """

    place: int
    names: tuple[str, ...]


def compare_blocks(a: Blocks, b: Blocks, *, names: tuple[str, str] = ("A", "B")) -> Difference:
    """Compare two things that were measured in interleaved blocks.

    Welch's t interval on the logarithms of block medians: with 3 blocks a permutation has no 5 %
    to find, and a bootstrap of 3 values is far too narrow. The variance is taken as no smaller
    than what the spread within blocks alone makes, so that three medians that agree by luck
    prove nothing.

    Args:
        a: A's blocks, in the order they were measured.
        b: B's.
        names: What to call them.
    """
    a_logs, b_logs = _logs(a), _logs(b)
    if not len(a_logs) or not len(b_logs):
        nan = math.nan
        return Difference(nan, nan, nan, (0.0, math.inf), detectable=False, sentence="Not measured")
    off = float(b_logs.mean() - a_logs.mean())
    half = _half_width(a_logs, b_logs, _own_variance(a) + _own_variance(b))
    interval = (math.exp(off - half), math.exp(off + half) if off + half < 700 else math.inf)
    detectable = bool(abs(off) > half)
    return Difference(
        a_ms=math.exp(float(a_logs.mean())),
        b_ms=math.exp(float(b_logs.mean())),
        ratio=math.exp(off),
        interval=interval,
        detectable=detectable,
        sentence=_sentence(names, math.exp(off), interval, detectable=detectable),
    )


def rank(groups: Mapping[str, Blocks]) -> tuple[Rank, ...]:
    """Rank by median latency, fastest first; who cannot be told from a place's first share it.

    All pairs are tested at 5 % together (Bonferroni), with the variance between blocks of all
    groups as one.

    Args:
        groups: Blocks of each name; who has none is left out.
    """
    logs = {name: found for name, blocks in groups.items() if len(found := _logs(blocks))}
    order = sorted(logs, key=lambda name: float(logs[name].mean()))
    pairs = max(1, len(order) * (len(order) - 1) // 2)
    freedom = sum(len(each) - 1 for each in logs.values())
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in logs.values())
    places: list[list[str]] = []
    for name in order:
        if places:
            first = places[-1][0]
            apart = float(logs[name].mean() - logs[first].mean())
            share = 1 / len(logs[name]) + 1 / len(logs[first])
            own = _own_variance(groups[name]) + _own_variance(groups[first])
            variance = max(squares / freedom * share, own) if freedom else math.inf
            half = t_quantile(1 - LEFT_OUT / pairs / 2, freedom) * math.sqrt(variance)
            if apart <= half:
                places[-1].append(name)
                continue
        places.append([name])
    starts = np.cumsum([1, *(len(each) for each in places)])
    return tuple(
        Rank(int(start), tuple(names)) for start, names in zip(starts, places, strict=False)
    )


def spread(blocks: Blocks) -> tuple[float, float]:
    """Return the relative spread (within, between) blocks, as standard deviations.

    Within: the median over blocks of their scaled median absolute deviation by their median.
    Between: that of the logarithms of block medians; 0 for one block.
    """
    logs = _logs(blocks)
    if not len(logs):
        return 0.0, 0.0
    within = float(np.median([_deviation(block) for block in blocks if len(block)]))
    return within, float(logs.std(ddof=1)) if len(logs) > 1 else 0.0


def t_quantile(chance: float, freedom: float) -> float:
    """Return the quantile of Student's t distribution, for a chance over 1/2.

    With t = sqrt(freedom) * cot(angle) its density is sin(angle)^(freedom - 1), which is summed
    up from the far end.

    Args:
        chance: Over 0.5, under 1.
        freedom: Degrees of freedom, need not be whole; under 1 there is no interval: infinity.
    """
    if freedom < 1:
        return math.inf
    freedom = min(freedom, MOST_FREEDOM)
    angle = np.linspace(0, 1, 1001) ** 3 * (math.pi / 2)
    density = np.sin(angle) ** (freedom - 1)
    pieces = (density[1:] + density[:-1]) / 2 * np.diff(angle)
    tail = np.concatenate(([0.0], np.cumsum(pieces))) / (2 * pieces.sum())
    found = float(np.interp(1 - chance, tail, angle))
    return math.sqrt(freedom) / math.tan(found)


def _logs(blocks: Blocks) -> NDArray[np.float64]:
    medians = [max(median_of(block), LEAST_MS) for block in blocks if len(block)]
    return np.log(np.array(medians, np.float64))


def _deviation(block: NDArray[np.float64]) -> float:
    """Return the relative spread of one block."""
    median = median_of(block)
    return 1.4826 * median_of(np.abs(block - median)) / max(median, LEAST_MS)


def _own_variance(blocks: Blocks) -> float:
    """Return the variance of the mean log median that the spread within blocks makes alone."""
    used = [block for block in blocks if len(block)]
    each = [math.pi / 2 * _deviation(block) ** 2 / len(block) for block in used]
    return sum(each) / len(used) ** 2


def _half_width(a: NDArray[np.float64], b: NDArray[np.float64], least: float) -> float:
    """Return half the 95 % interval of the difference of two means, by Welch."""
    if len(a) < 2 or len(b) < 2:
        return math.inf
    a_part, b_part = float(a.var(ddof=1)) / len(a), float(b.var(ddof=1)) / len(b)
    variance = a_part + b_part
    both = a_part**2 / (len(a) - 1) + b_part**2 / (len(b) - 1)
    freedom = variance**2 / both if both else len(a) + len(b) - 2
    return t_quantile(1 - LEFT_OUT / 2, freedom) * math.sqrt(max(variance, least))


def _sentence(
    names: tuple[str, str], ratio: float, interval: tuple[float, float], *, detectable: bool
) -> str:
    a, b = names
    if math.isinf(interval[1]):
        return (
            f"No detectable change: {a} and {b} need two blocks each, to see what blocks differ by."
        )
    low, high = (100 * (end - 1) for end in interval)
    if detectable:
        slower = ratio > 1
        near, far = (low, high) if slower else (-high, -low)
        word = "slower" if slower else "faster"
        return (
            f"{b} is {100 * abs(ratio - 1):.1f} % {word} than {a}"
            f" (95 % interval {near:.1f} to {far:.1f} %)."
        )
    return (
        f"No detectable change: {b} is between {abs(low):.1f} % faster and {high:.1f} % slower"
        f" than {a} (95 % interval)."
    )
