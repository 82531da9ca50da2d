"""The pipeline's pace: results per second, times between results, and where those go."""

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray

LOW_SHARE = 0.01
LOW_COUNT = 100
"""Frames that "Low 1 %" needs: one in a hundred must be one at least."""


def frame_times_ms(samples: SampleArray) -> NDArray[np.float64]:
    """Return the times between results: shape (n - 1,), milliseconds."""
    return np.asarray(np.diff(samples["finished_ns"].astype(np.int64)) / 1e6)


def pipeline_fps(samples: SampleArray) -> float | None:
    """Return the results per wall second on the phone's clock; None under 2 samples."""
    if len(samples) < 2:
        return None
    span_ns = int(samples["finished_ns"][-1]) - int(samples["finished_ns"][0])
    return (len(samples) - 1) * 1e9 / span_ns if span_ns > 0 else None


def low_fps(frames_ms: NDArray[np.float64]) -> float | None:
    """Return "Low 1 %": frames per second over the slowest 1 % of frames.

    The frames divided by the time they took together, so that one long pause counts for as long
    as it was. None under 100 frames, and where the clock stood.

    Source: GameBench's definition (FIELD section 3).
    """
    if len(frames_ms) < LOW_COUNT:
        return None
    slowest = max(1, round(LOW_SHARE * len(frames_ms)))
    mean = float(np.partition(frames_ms, -slowest)[-slowest:].mean())
    return 1000 / mean if mean > 0 else None


def split_gap(samples: SampleArray) -> dict[str, float]:
    """Return where the time between results goes besides inference, mean milliseconds.

    ``camera`` is the wait for a picture that the app did not hold yet when it was done with the
    one before: a camera works meanwhile, so that its own delay is mostly hidden. ``convert``,
    ``post`` and ``draw`` are the stages; drawing that overlaps with the next picture counts only
    as far as there is time left. ``waiting`` is the rest. Means, because only they add up: to the
    mean time between results less the mean latency.

    Returns:
        Empty under 2 samples.
    """
    if len(samples) < 2:
        return {}

    def column(name: str) -> NDArray[np.int64]:
        return np.asarray(samples[name].astype(np.int64))

    finished = column("finished_ns")
    convert, post = column("convert_ns")[1:], column("post_ns")[1:]
    left = np.diff(finished) - column("infer_ns")[1:] - convert - post
    draw = np.minimum(column("draw_ns")[1:], np.maximum(left, 0))
    late = (column("captured_ns") + column("camera_ns"))[1:] - finished[:-1]
    camera = np.minimum(np.maximum(late, 0), np.maximum(left - draw, 0))
    parts = {"camera": camera, "convert": convert, "post": post, "draw": draw}
    gap = {name: float(each.mean()) / 1e6 for name, each in parts.items()}
    gap["waiting"] = float((left - draw - camera).mean()) / 1e6
    return gap
