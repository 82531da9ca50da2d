"""How many leading inferences are warm-up: found in the run, not assumed."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray
from engine.measuring.quantiles import block_medians
from engine.measuring.trend import noise_of

LEAST_COUNT = 5
LEAST_NS = 500_000_000
"""Source: "keep at least 0.5 s and 5 runs" (FIELD section 4), as the TFLite benchmark."""
BLOCK_NS = 500_000_000
BLOCK_COUNT = 5
"""A block is half a second of samples, and at least so many."""
FEWEST_BLOCKS = 8
"""Below this many blocks the test says nothing."""
HORIZON = 120
"""Blocks that a leading block is compared with: a minute, later ones have no say."""
BOOST_NS = 10_000_000_000
"""A start that is faster than the rest is a boost that ends by then, or else no warm-up: then it
is the rest that became slower."""
DEVIATIONS = 4.0
"""How far the leading block's median may lie from the rest's, in their robust deviations."""
FALL = 5.0
"""How far apart the halves of what is left may be, in deviations that chance makes."""
SIGN = 1.645
"""And how far over half of its samples must lie on one side, in deviations of a fair coin."""
LENGTHS = (1, 2, 4, 8, 16)
"""How long blocks are tried, in shortest ones: longer ones see smaller differences that last."""
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
    the first one that is left does not differ from those of the rest (of its later half, where
    a slow settling has faded most), at every length of blocks.

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
    for size in (block * length for length in LENGTHS):
        if len(latency) < FEWEST_BLOCKS * size:
            break
        found = _Blocks(latency, size).unsteady((n // 2 - least) // size, boost // size)
        settled = settled and found is not None
        dropped = max(dropped, n // 2 - least if found is None else found * size)
    if settled:
        settled = not _falls(block_medians(latency[dropped:], block)[:HORIZON])
    count = least + dropped
    ended = int(finished[count - 1]) if count else begin
    return WarmUp(count, settled, max(0, ended - begin) / 1e9)


def _falls(medians: NDArray[np.float64]) -> bool:
    """Return whether the first half of blocks is slower than the second: it still warms up."""
    half = len(medians) // 2
    early, late = float(np.median(medians[:half])), float(np.median(medians[half:]))
    chance = noise_of(medians) * math.sqrt(math.pi / half)  # a median of normal values, twice
    return early - late > max(FALL * chance, RELEVANT * late)


class _Blocks:
    """A run in blocks of equally many samples."""

    def __init__(self, latency: NDArray[np.float64], size: int) -> None:
        self._rows = latency[: len(latency) // size * size].reshape(-1, size)
        self._medians = block_medians(latency, size)
        self._far_share = 0.5 + SIGN / 2 / math.sqrt(size)

    def unsteady(self, most: int, boost: int) -> int | None:
        """Return how many leading blocks are unlike the rest; None when all that may go are."""
        slow = next((b for b in range(most + 1) if self._difference(b) <= 0), None)
        if slow is None or slow:
            return slow
        return next((b for b in range(min(most, boost) + 1) if self._difference(b) >= 0), 0)

    def _difference(self, at: int) -> int:
        """Return whether a block is slower (1) or faster (-1) than the rest, or like it (0).

        Its median must be far from those of the rest by how they scatter, and its samples so much
        on that side that no coin would fall so: where latency jumps between two levels, the
        median of a block jumps as well.
        """
        upto = min(at + 1 + HORIZON, len(self._medians))
        rest = self._medians[(at + 1 + upto) // 2 : upto]
        middle = float(np.median(rest))
        off = float(self._medians[at]) - middle
        deviation = 1.4826 * float(np.median(np.abs(rest - middle)))
        if abs(off) <= max(DEVIATIONS * deviation, RELEVANT * middle):
            return 0
        sign = 1 if off > 0 else -1
        share = float(np.mean(sign * (self._rows[at] - middle) > 0))
        return sign if share > self._far_share else 0
