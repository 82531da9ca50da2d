"""Whether a phone is as fast after minutes as it was at the beginning."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.measuring.comparison import Difference, compare_blocks
from engine.records.values import RunRecord

LEAST_S = 240.0
"""A shorter run says nothing of what a phone holds out."""
MINUTE_S = 60.0
BLOCK_S = 10.0


def drift_of(record: RunRecord) -> Difference | None:
    """Compare the last minute of a run with its first after warm-up, in blocks of 10 s.

    The whole run counts here, its throttled part too: how much is lost is the question.

    Returns:
        None of a run under 4 minutes.
    """
    counted = record.samples[record.analysis.warm_up.count :]
    if len(counted) < 2:
        return None
    finished = counted["finished_ns"].astype(np.int64)
    seconds = (finished - finished[0]) / 1e9
    end_s = float(seconds[-1])
    if end_s < LEAST_S:
        return None
    latency_ms = counted["infer_ns"] / 1e6

    def blocks(begin_s: float) -> list[NDArray[np.float64]]:
        edges = np.searchsorted(seconds, begin_s + np.arange(0, MINUTE_S + 1, BLOCK_S))
        return [latency_ms[a:b] for a, b in pairwise(edges) if b > a]

    return compare_blocks(
        blocks(0.0), blocks(end_s - MINUTE_S), names=("the first minute", "the last minute")
    )
