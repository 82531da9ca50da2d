"""What a model is for, and what its outputs must be for that.

As ``packaging/android/PROTOCOL.md`` has it under "Tasks".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import LabError

CLASSIFICATION: Final = "classification"
DETECTION: Final = "detection"
EMBEDDING: Final = "embedding"
SEGMENTATION: Final = "segmentation"
UNKNOWN: Final = "unknown"
TASKS: Final = (CLASSIFICATION, DETECTION, EMBEDDING, SEGMENTATION)

PROBABILITIES: Final = "probabilities"
LOGITS: Final = "logits"
SCORES: Final = (PROBABILITIES, LOGITS)

MAX_VECTOR: Final = 65_536
MAX_CELLS: Final = 262_144
MAX_SIDE: Final = 65_535
MAX_MAP_CLASSES: Final = 256
"""What a ``RESULT`` has room for."""

SCORES_FORM: Final = "scores"
MASK_FORM: Final = "mask"
CLASSES_FORM: Final = "classes"

_OFFSETS: Final = {"uint8": 0, "int8": -128}
_DETECTOR: Final = (
    "a detector gives boxes (1, n, 4), classes (1, n), scores (1, n) and a count, all float32."
)


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """One input or output of a model.

    Attributes:
        name: As in the file.
        shape: Sizes; -1 where the file leaves one open.
        dtype: ``float32``, ``uint8``, ``int8``, ...
        scale: Real value of one quantisation step; 0.0 if not quantised (or per channel).
        zero_point: The quantised value of real 0.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float = 0.0
    zero_point: int = 0

    @property
    def elements(self) -> int:
        """Number of elements; 0 if a size is open."""
        return math.prod(max(size, 0) for size in self.shape)

    @property
    def is_vector(self) -> bool:
        """Whether all sizes but the last are 1."""
        return bool(self.shape) and self.shape[-1] > 0 and all(s == 1 for s in self.shape[:-1])

    @property
    def is_real(self) -> bool:
        """Whether it holds real numbers: float32, or uint8 or int8 with one scale."""
        scaled = self.scale > 0 and math.isfinite(self.scale)
        return self.dtype == "float32" or (self.dtype in _OFFSETS and scaled)

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and highest real value; infinite for float32."""
        if self.dtype not in _OFFSETS:
            return -math.inf, math.inf
        lowest = self.scale * (_OFFSETS[self.dtype] - self.zero_point)
        return lowest, lowest + 255 * self.scale


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape for a person: ``(1, 224, 224, 3)``, with ``?`` for an open size."""
    return "(" + ", ".join("?" if size < 0 else str(size) for size in shape) + ")"


def tensors_text(tensors: Sequence[TensorFacts]) -> str:
    """Write shapes and types for a person."""
    return ", ".join(f"{shape_text(each.shape)} {each.dtype}" for each in tensors) or "nothing"


def map_form(output: TensorFacts) -> str:
    """Say how an output holds a map of classes.

    Returns:
        ``scores`` of each class, a ``mask``, the ``classes`` themselves, or nothing if it is
        no map.
    """
    shape = output.shape
    if len(shape) not in (3, 4) or shape[0] != 1 or min(shape) < 1:
        return ""
    whole = output.dtype in ("int32", "int64") or (output.dtype == "uint8" and not output.scale)
    if whole and (len(shape) == 3 or shape[3] == 1):
        return CLASSES_FORM
    if len(shape) == 3 or not output.is_real:
        return ""
    if shape[3] == 1:
        return MASK_FORM
    return SCORES_FORM if shape[3] <= MAX_MAP_CLASSES else ""


def boxes_at(outputs: Sequence[TensorFacts]) -> int | None:
    """Return which of a detector's outputs is the boxes; None if these are not a detector's."""
    if len(outputs) != 4 or any(output.dtype != "float32" for output in outputs):
        return None
    for at in (0, 1):
        shape = outputs[at].shape
        if len(shape) == 3 and shape[2] == 4:
            return at if _is_detector(outputs, at) else None
    return None


def detector_order(at: int) -> tuple[int, int, int, int]:
    """Return where boxes, classes, scores and count are, of a detector with its boxes ``at``."""
    return (1, 3, 0, 2) if at else (0, 1, 2, 3)


def _is_detector(outputs: Sequence[TensorFacts], at: int) -> bool:
    boxes, classes, scores, count = (outputs[i] for i in detector_order(at))
    capacity = boxes.shape[1]
    return (
        boxes.shape[0] == 1
        and classes.elements == scores.elements == capacity > 0
        and count.elements == 1
    )


def task_of_outputs(outputs: Sequence[TensorFacts]) -> str:
    """Say what a model is for when nothing but its outputs tells."""
    if boxes_at(outputs) is not None:
        return DETECTION
    if len(outputs) == 1 and map_form(outputs[0]) and _cells(outputs[0]) > 1:
        return SEGMENTATION
    return CLASSIFICATION


def check_outputs(task: str, outputs: Sequence[TensorFacts], *, settled: bool = True) -> None:
    """Make sure that a task's answer can be read from these outputs.

    Args:
        task: One of ``TASKS``, or ``unknown``.
        outputs: In the model's order.
        settled: Whether these are the shapes that an interpreter allocated. A detector's file
            leaves its shapes to the interpreter: then types and number must do.

    Raises:
        LabError: Naming what does not fit.
    """
    said = f"The model gives {tensors_text(outputs)}"
    if task == CLASSIFICATION:
        _check_vector(said, outputs, "a classifier gives one vector of scores")
    elif task == EMBEDDING:
        _check_vector(said, outputs, f"an embedding is one vector of at most {MAX_VECTOR:,}")
        if outputs[0].elements > MAX_VECTOR:
            raise LabError(f"{said}; an embedding is one vector of at most {MAX_VECTOR:,}.")
    elif task == DETECTION:
        alike = len(outputs) == 4 and all(output.dtype == "float32" for output in outputs)
        open_shapes = not settled and all(output.shape == () for output in outputs)
        if boxes_at(outputs) is None and not (alike and open_shapes):
            raise LabError(f"{said}; {_DETECTOR}")
    elif task == SEGMENTATION:
        _check_map(said, outputs)
    else:
        raise LabError(
            f"{said}: neither classes, boxes, a vector nor a map that the lab can read.",
            "The lab runs classifiers, SSD detectors, embeddings and segmentations.",
        )


def _check_vector(said: str, outputs: Sequence[TensorFacts], wanted: str) -> None:
    if len(outputs) != 1 or not outputs[0].is_vector:
        raise LabError(f"{said}; {wanted}.")
    if outputs[0].dtype in _OFFSETS and not outputs[0].is_real:
        raise LabError(f"{said} without a quantisation scale.", "Convert it again.")
    if not outputs[0].is_real:
        raise LabError(f"{said}; the lab reads float32, uint8 and int8.")


def _check_map(said: str, outputs: Sequence[TensorFacts]) -> None:
    if len(outputs) != 1 or not map_form(outputs[0]):
        raise LabError(
            f"{said}; a segmentation gives one map: (1, rows, columns, 2 to {MAX_MAP_CLASSES}) "
            "scores, (1, rows, columns, 1) of a mask, or (1, rows, columns) classes."
        )
    rows, columns = outputs[0].shape[1:3]
    if rows * columns > MAX_CELLS or max(rows, columns) > MAX_SIDE:
        raise LabError(
            f"The model gives a map of {columns} x {rows} cells; the lab reads at most "
            f"{MAX_CELLS:,}.",
            "Convert it with a smaller output.",
        )


def _cells(output: TensorFacts) -> int:
    return output.shape[1] * output.shape[2]
