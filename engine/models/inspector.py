"""Says what a ``.tflite`` is, from its bytes alone: nothing in it is run."""

import hashlib
import io
import math
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import LabError
from engine.models.graph import MAX_MODEL_BYTES, Graph, Operator, Tensor, parse_graph
from engine.models.labels import parse_labels
from engine.models.marker import MARKER_NAME, Marker

CLASSIFICATION: Final = "classification"
DETECTION: Final = "detection"
EMBEDDING: Final = "embedding"
UNKNOWN: Final = "unknown"

INPUT_DTYPES: Final = ("float32", "uint8", "int8")
"""What the lab and the phone app can fill with a picture."""

_DETECTION_OP: Final = "TFLite_Detection_PostProcess"
_MAX_LABELS_BYTES: Final = 1 << 20
_PASSED_THROUGH: Final = {"RESHAPE", "SQUEEZE", "QUANTIZE", "DEQUANTIZE", "CAST"}
_SCORES: Final = {"SOFTMAX": "softmax", "LOGISTIC": "sigmoid"}
_POOLED: Final = {"MEAN", "AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_NORMALIZATION", "SUM"}
_WEIGHED: Final = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"}


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


@dataclass(frozen=True)
class ModelFacts:
    """What a ``.tflite`` is.

    Attributes:
        path: The file, or just a name for a model that was never a file.
        size_bytes: Of the file.
        sha256: Of the file, hexadecimal.
        task: ``classification``, ``detection``, ``embedding`` or ``unknown``.
        inputs: What a caller fills.
        outputs: What a caller reads.
        ops: Operation name -> how often it occurs.
        macs: Multiply-accumulates of one inference: convolutions and fully connected layers.
        params: Weights and biases of those layers, after batch norm was folded into them.
        precision: ``float32``, ``float16``, ``int8``, ``uint8`` or ``mixed``.
        scores: How the scores come about: ``softmax``, ``sigmoid``, ``logits`` (to be
            softmaxed by the reader); empty unless the task is classification.
        labels: One per class as packed in the file, or none.
        marker: The lab's own note if the lab built the file.
    """

    path: Path
    size_bytes: int
    sha256: str
    task: str
    inputs: tuple[TensorFacts, ...]
    outputs: tuple[TensorFacts, ...]
    ops: dict[str, int]
    macs: int
    params: int
    precision: str
    scores: str = ""
    labels: tuple[str, ...] = ()
    marker: Marker | None = None

    @property
    def untrained(self) -> bool:
        """Whether the lab built it with random weights: its answers mean nothing."""
        return self.marker is not None and self.marker.untrained

    @property
    def name(self) -> str:
        """The model's name for a person: ``v1_0.50_128-int8`` if ours, else the file's."""
        if self.marker is not None:
            return f"{self.marker.variant}-{self.marker.precision}"
        return self.path.stem

    @property
    def classes(self) -> int:
        """How many classes a classification model tells apart; 0 for other tasks."""
        if self.task != CLASSIFICATION or not self.outputs:
            return 0
        return max(self.outputs[0].shape[-1:], default=0)


def inspect_model(path: Path) -> ModelFacts:
    """Read a model file.

    Raises:
        LabError: If the file cannot be read, or is not a sound TensorFlow Lite model.
    """
    return inspect_bytes(read_model(path), path)


def read_model(path: Path) -> bytes:
    """Return the bytes of a model file.

    Raises:
        LabError: If the file is missing, unreadable or too big to be meant.
    """
    try:
        size = path.stat().st_size
        if size > MAX_MODEL_BYTES:
            raise LabError(
                f"The model file {path.name} is {size / 1e6:.0f} MB; the lab takes at most "
                f"{MAX_MODEL_BYTES / 1e6:.0f} MB."
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise LabError(
            f"The model file {path} cannot be read.", "Check the name.", detail=str(error)
        ) from error


def inspect_bytes(data: bytes, path: Path = Path("model.tflite")) -> ModelFacts:
    """Read a model from memory; ``path`` only names it.

    Raises:
        LabError: If this is not a sound TensorFlow Lite model.
    """
    graph = parse_graph(data)
    task, scores = _task(graph)
    marker_json = graph.metadata.get(MARKER_NAME)
    marker = Marker.from_json(marker_json) if marker_json is not None else None
    return ModelFacts(
        path=path,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        task=task,
        inputs=tuple(_tensor_facts(graph.tensors[i]) for i in graph.inputs),
        outputs=tuple(_tensor_facts(graph.tensors[i]) for i in graph.outputs),
        ops=dict(Counter(operator.name for operator in graph.operators)),
        macs=sum(_macs(graph, operator) for operator in graph.operators),
        params=_params(graph),
        precision=_precision(graph),
        scores=scores,
        labels=(marker.labels if marker and marker.labels else _packed_labels(data)),
        marker=marker,
    )


def check_runnable(facts: ModelFacts) -> None:
    """Make sure that the lab and the phone app can feed the model and read its answer.

    Raises:
        LabError: Naming what does not fit.
    """
    if len(facts.inputs) != 1:
        raise LabError(f"The model takes {len(facts.inputs)} inputs; the lab has one picture.")
    taken = facts.inputs[0]
    said = f"The model takes a {_shape(taken.shape)} {taken.dtype} input"
    wanted = "the lab needs one square picture: (1, size, size, 3), float32, uint8 or int8."
    rank_fits = len(taken.shape) == 4 and taken.shape[0] == 1 and taken.shape[3] == 3
    if -1 in taken.shape:
        raise LabError(f"{said} of open size; {wanted}", "Convert it again with fixed sizes.")
    if not rank_fits or taken.dtype not in INPUT_DTYPES or not 8 <= taken.shape[1] <= 1024:
        raise LabError(f"{said}; {wanted}")
    if taken.shape[1] != taken.shape[2]:
        raise LabError(f"{said}; {wanted}")
    if taken.dtype != "float32" and not (taken.scale > 0 and math.isfinite(taken.scale)):
        raise LabError(f"{said} without a quantisation scale.", "Convert it again.")
    _check_outputs(facts)


def check_labels(facts: ModelFacts, labels: Sequence[str]) -> None:
    """Make sure that labels are this model's: others would name wrong things.

    A detection model does not say how many classes it has; no labels are no error.

    Raises:
        LabError: A classification model has more or fewer classes than there are labels.
    """
    if labels and facts.task == CLASSIFICATION and len(labels) != facts.classes:
        raise LabError(
            f"The model has {facts.classes} classes, but {len(labels)} labels were given.",
            "Give one label per class, or none.",
        )


def _check_outputs(facts: ModelFacts) -> None:
    if facts.task == DETECTION:
        if len(facts.outputs) != 4 or any(o.dtype != "float32" for o in facts.outputs):
            raise LabError(
                "The detection model must give boxes, classes, scores and a count as float32."
            )
        return
    if facts.task != CLASSIFICATION:
        given = ", ".join(f"{_shape(o.shape)} {o.dtype}" for o in facts.outputs) or "nothing"
        raise LabError(
            f"The model gives {given}: neither classes nor boxes.",
            "The lab runs classifiers and SSD detectors.",
        )
    output = facts.outputs[0]
    if output.dtype not in INPUT_DTYPES or (output.dtype != "float32" and not output.scale > 0):
        raise LabError(f"The model's scores are of type {output.dtype}; the lab cannot read them.")


def _shape(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join("?" if size < 0 else str(size) for size in shape) + ")"


def _tensor_facts(tensor: Tensor) -> TensorFacts:
    single = len(tensor.scales) == 1
    return TensorFacts(
        tensor.name,
        tensor.shape,
        tensor.dtype,
        tensor.scales[0] if single else 0.0,
        tensor.zero_points[0] if single else 0,
    )


def _task(graph: Graph) -> tuple[str, str]:
    """Tell what the model is for, from its last operations."""
    if any(operator.name == _DETECTION_OP for operator in graph.operators):
        return DETECTION, ""
    if len(graph.outputs) != 1 or not _is_vector(graph.tensors[graph.outputs[0]].shape):
        return UNKNOWN, ""
    last = _last_operation(graph)
    if last in _SCORES:
        return CLASSIFICATION, _SCORES[last]
    if last in _WEIGHED:
        return CLASSIFICATION, "logits"
    return (EMBEDDING if last in _POOLED else UNKNOWN), ""


def _last_operation(graph: Graph) -> str:
    """Name what computes the output, looking through operations that only reshape it."""
    index = graph.outputs[0]
    for _ in graph.operators:  # at most once around: a damaged file may hold a circle
        operator = graph.producers.get(index)
        if operator is None:
            return ""
        if operator.name not in _PASSED_THROUGH or not operator.inputs:
            return operator.name
        index = operator.inputs[0]
    return ""


def _is_vector(shape: tuple[int, ...]) -> bool:
    return bool(shape) and shape[-1] > 0 and all(size == 1 for size in shape[:-1])


def _weight_tensors(graph: Graph, operator: Operator) -> list[int]:
    """Indices of an operator's constants, looking through a float16 file's DEQUANTIZE."""
    found = []
    for index in operator.inputs[1:]:
        if index < 0:
            continue
        source = constant_source(graph, index)
        if source is not None:
            found.append(source)
    return found


def constant_source(graph: Graph, index: int) -> int | None:
    """Return the constant behind a tensor, or None if it is computed from the picture."""
    if graph.tensors[index].constant:
        return index
    operator = graph.producers.get(index)
    if operator is None or operator.name != "DEQUANTIZE" or not operator.inputs:
        return None
    source = operator.inputs[0]
    return source if source >= 0 and graph.tensors[source].constant else None


def _macs(graph: Graph, operator: Operator) -> int:
    if operator.name not in _WEIGHED or len(operator.inputs) < 2 or not operator.outputs:
        return 0
    if min(operator.inputs[:2]) < 0:
        return 0
    weights = graph.tensors[operator.inputs[1]]
    output = graph.tensors[operator.outputs[0]]
    if operator.name == "TRANSPOSE_CONV":  # inputs: output shape, weights, picture
        picture = operator.inputs[2] if len(operator.inputs) > 2 else -1
        taken = graph.tensors[picture].elements if picture >= 0 else 0
        per_input = weights.elements // max(weights.shape[-1:], default=0) if taken else 0
        return taken * per_input
    per_output = weights.shape[1:]
    if operator.name == "DEPTHWISE_CONV_2D":
        per_output = weights.shape[1:3]
    count = output.elements
    for size in per_output:
        count *= max(size, 0)
    return count


def _params(graph: Graph) -> int:
    # Per layer: the converter stores equal tensors (biases that are all zero) only once.
    return sum(
        graph.tensors[index].elements
        for operator in graph.operators
        if operator.name in _WEIGHED
        for index in _weight_tensors(graph, operator)
    )


def _precision(graph: Graph) -> str:
    """Name the type of the weights; a layer's bias may be wider and does not count."""
    types: set[str] = set()
    for operator in graph.operators:
        if operator.name in _WEIGHED:
            weights = _weight_tensors(graph, operator)[:1]
            types.update(graph.tensors[index].dtype for index in weights)
    return types.pop() if len(types) == 1 else "mixed"


def _packed_labels(data: bytes) -> tuple[str, ...]:
    """Labels from the zip that TFLite Metadata appends to a model; none if there is no such."""
    if b"PK\x05\x06" not in data[-66_000:]:
        return ()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = [i for i in archive.infolist() if i.filename.lower().endswith(".txt")]
            texts.sort(key=lambda i: ("label" not in i.filename.lower(), i.filename))
            if not texts or texts[0].file_size > _MAX_LABELS_BYTES:
                return ()
            with archive.open(texts[0]) as packed:
                return parse_labels(packed.read(_MAX_LABELS_BYTES))
    except (zipfile.BadZipFile, LabError, *_BROKEN_ZIP):
        return ()


_BROKEN_ZIP: Final = (ValueError, OSError, EOFError, RuntimeError, NotImplementedError)
