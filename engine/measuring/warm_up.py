"""How many leading inferences are warm-up: found in the run, not assumed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray

LEAST_COUNT = 5
LEAST_NS = 500_000_000
"""Source: "keep at least 0.5 s and 5 runs" (FIELD section 4), as the TFLite benchmark."""
BLOCK_NS = 500_000_000
BLOCK_COUNT = 5
"""A block is half a second of samples, and at least so many."""
FEWEST_BLOCKS = 8
"""Below this many blocks the test says nothing."""
HORIZON = 120
"""Blocks that a leading block is compared with: what comes a minute later is no warm-up."""
BOOST_NS = 10_000_000_000
"""A start that is faster than the rest is a boost that ends by then, or else no warm-up: then it
is the rest that became slower."""
DEVIATIONS = 4.0
"""How far the leading block's median may lie from the rest's, in their robust deviations."""
RELEVANT = 0.01
"""A start that differs by less biases the median by far less than its interval is wide."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The leading samples that do not count.

    Attributes:
        count: How many; at most half of all.
        settled: Whether the rest was shown to be steady; False when the start never came to rest,
            and when there are too few samples to tell.
        seconds: How long they took on the phone's clock.
    """

    count: int
    settled: bool
    seconds: float = 0.0


def detect_warm_up(samples: SampleArray) -> WarmUp:
    """Find the warm-up of a run.

    At least half a second and 5 inferences; then leading blocks are dropped until the median of
    the first one that is left does not differ from those of the rest.  The same is asked with
    blocks twice, four times, ... as long, which see smaller differences that last longer.

    Args:
        samples: Shape (n,), oldest first, all of one generation, from the run's begin.
    """
    n = len(samples)
    if not n:
        return WarmUp(0, settled=False)
    finished = samples["finished_ns"].astype(np.int64)
    begin = int(samples["captured_ns"][0])
    least = min(max(int(np.count_nonzero(finished - begin < LEAST_NS)), LEAST_COUNT), n // 2)
    latency = samples["infer_ns"][least:].astype(np.float64)
    span = max(int(finished[-1]) - int(finished[0]), 1)
    block = max(BLOCK_COUNT, round(BLOCK_NS * (n - 1) / span))
    block = max(BLOCK_COUNT, min(block, len(latency) // (2 * FEWEST_BLOCKS)))
    boost = int(np.searchsorted(finished, begin + BOOST_NS)) - least
    dropped, settled = 0, len(latency) >= FEWEST_BLOCKS * block
    while len(latency) >= FEWEST_BLOCKS * block:
        found = _unsteady(_block_medians(latency, block), (n // 2 - least) // block, boost // block)
        settled = settled and found is not None
        dropped = max(dropped, n // 2 - least if found is None else found * block)
        block *= 2
    count = least + dropped
    ended = int(finished[count - 1]) if count else begin
    return WarmUp(count, settled, max(0, ended - begin) / 1e9)


def _block_medians(values: NDArray[np.float64], block: int) -> NDArray[np.float64]:
    whole = len(values) // block * block
    return np.asarray(np.median(values[:whole].reshape(-1, block), axis=1))


def _unsteady(medians: NDArray[np.float64], most: int, boost: int) -> int | None:
    """Return how many leading blocks are unlike the rest; None when all that may go are."""
    slow = next((b for b in range(most + 1) if _difference(medians, b) <= 0), None)
    if slow is None or slow:
        return slow
    return next((b for b in range(min(most, boost) + 1) if _difference(medians, b) >= 0), 0)


def _difference(medians: NDArray[np.float64], at: int) -> int:
    """Return whether a block is slower (1) or faster (-1) than the rest, or like it (0)."""
    rest = medians[at + 1 : at + 1 + HORIZON]
    if len(rest) < 3:
        return 0
    middle = float(np.median(rest))
    deviation = 1.4826 * float(np.median(np.abs(rest - middle)))
    limit = max(DEVIATIONS * deviation, RELEVANT * middle)
    off = float(medians[at]) - middle
    return int(np.sign(off)) if abs(off) > limit else 0
