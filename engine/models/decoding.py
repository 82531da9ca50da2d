"""From output tensors to what they mean, as ``packaging/android/PROTOCOL.md`` defines it.

Pure: arrays in, values out. ``tests/vectors/tasks`` holds what must come out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.models.recognition import Box, ClassScore
from engine.models.tasks import (
    CLASSES_FORM,
    DETECTION,
    EMBEDDING,
    LOGITS,
    MASK_FORM,
    PROBABILITIES,
    SEGMENTATION,
    TensorFacts,
    boxes_at,
    detector_order,
    map_form,
)

TOP_CLASSES: Final = 5
MOST_BOXES: Final = 25

_SLACK: Final = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class Decoded:
    """What a model's outputs mean; the fields are those of ``Recognition``."""

    kind: str
    entries: tuple[ClassScore, ...] | tuple[Box, ...] = ()
    vector: NDArray[np.float32] | None = None
    cells: NDArray[np.uint8] | None = None


def decode(
    task: str,
    scores_are: str,
    arrays: Sequence[NDArray[Any]],
    outputs: Sequence[TensorFacts],
) -> Decoded:
    """Read a task's answer.

    Args:
        task: What ``tasks.check_outputs`` accepted these outputs for.
        scores_are: ``probabilities`` or ``logits`` of a classifier; empty to tell by the
            output itself.
        arrays: The outputs' contents, each of its shape and dtype.
        outputs: What they are, in the same order.
    """
    if task == DETECTION:
        return Decoded("boxes", _boxes(arrays, outputs))
    if task == EMBEDDING:
        vector = dequantise(arrays[0], outputs[0]).astype(np.float32).reshape(-1)
        return Decoded("vector", vector=vector)
    if task == SEGMENTATION:
        cells = _cells(arrays[0], outputs[0])
        return Decoded("map", _shares(cells), cells=cells)
    return Decoded("classes", _best(class_scores(arrays[0], outputs[0], scores_are)))


def dequantise(array: NDArray[Any], output: TensorFacts) -> NDArray[np.float64]:
    """Return real values in the array's shape."""
    values = array.astype(np.float64)
    if output.dtype == "float32" or not output.scale:
        return values
    return (values - output.zero_point) * output.scale


def class_scores(array: NDArray[Any], output: TensorFacts, scores_are: str) -> NDArray[np.float64]:
    """Return a classifier's scores as probabilities, shape (classes,); logits are softmaxed."""
    scores = dequantise(array, output).reshape(-1)
    return _softmax(scores) if (scores_are or _look_like(scores, output)) == LOGITS else scores


def _look_like(scores: NDArray[np.float64], output: TensorFacts) -> str:
    if output.dtype == "float32":
        if not (scores.min() >= -_SLACK and scores.max() <= 1 + _SLACK):
            return LOGITS
        return PROBABILITIES if abs(scores.sum() - 1) <= _SLACK else LOGITS
    lowest, highest = output.limits
    return PROBABILITIES if lowest >= -_SLACK and highest <= 1 + _SLACK else LOGITS


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # infinite logits become NaN, which is left out
        powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), np.float64)


def _best(scores: NDArray[np.float64]) -> tuple[ClassScore, ...]:
    order = np.argsort(-scores, kind="stable")[:TOP_CLASSES]  # NaN comes last
    return tuple(ClassScore(int(i), float(scores[i])) for i in order if np.isfinite(scores[i]))


def _boxes(arrays: Sequence[NDArray[Any]], outputs: Sequence[TensorFacts]) -> tuple[Box, ...]:
    """Read TFLite_Detection_PostProcess, whichever order its outputs are in."""
    order = detector_order(boxes_at(outputs) or 0)
    edges, classes, scores, counted = (arrays[i].astype(np.float64).reshape(-1) for i in order)
    told = counted[0] if np.isfinite(counted[0]) else 0
    count = int(min(max(told, 0), len(scores)))
    columns = (classes[:count], scores[:count], edges.reshape(-1, 4)[:count])
    found = np.column_stack(columns)
    found = found[np.isfinite(found).all(axis=1)]
    best = found[np.argsort(-found[:, 1], kind="stable")[:MOST_BOXES]]
    return tuple(Box(max(int(index), 0), score, *places) for index, score, *places in best.tolist())


def _cells(array: NDArray[Any], output: TensorFacts) -> NDArray[np.uint8]:
    """Return the class of each cell, shape (rows, columns)."""
    form = map_form(output)
    shape = output.shape[1:3]
    if form == CLASSES_FORM:
        cells = np.clip(array, 0, 255)
    elif form == MASK_FORM:
        cells = dequantise(array, output) > 0.5
    else:
        cells = _highest(array.reshape(-1, output.shape[3]))
    return np.asarray(cells, np.uint8).reshape(shape)


def _highest(scores: NDArray[Any]) -> NDArray[np.intp]:
    """Return the column of each row's highest value, the first among equals; NaN is lowest."""
    if scores.dtype == np.float32 and np.isnan(scores).any():
        scores = np.where(np.isnan(scores), -np.inf, scores)
    return np.asarray(scores.argmax(axis=1))


def _shares(cells: NDArray[np.uint8]) -> tuple[ClassScore, ...]:
    counts = np.bincount(cells.reshape(-1), minlength=256)
    order = np.argsort(-counts, kind="stable")[:TOP_CLASSES]
    return tuple(ClassScore(int(i), float(counts[i] / cells.size)) for i in order if counts[i])
