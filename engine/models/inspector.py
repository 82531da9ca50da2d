"""Says what a ``.tflite`` is, from its bytes alone: nothing in it is run."""

import hashlib
import io
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
from engine.models.purpose import tell_task
from engine.models.tasks import (
    CLASSIFICATION,
    LOGITS,
    MASK_FORM,
    PROBABILITIES,
    SCORES_FORM,
    SEGMENTATION,
    TensorFacts,
    check_outputs,
    map_form,
    shape_text,
)

INPUT_DTYPES: Final = ("float32", "uint8", "int8")
"""What the lab and the phone app can fill with a picture."""

_MAX_LABELS_BYTES: Final = 1 << 20
_WEIGHED: Final = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"}


@dataclass(frozen=True)
class ModelFacts:
    """What a ``.tflite`` is.

    Attributes:
        path: The file, or just a name for a model that was never a file.
        size_bytes: Of the file.
        sha256: Of the file, hexadecimal.
        task: One of ``tasks.TASKS``, or ``unknown``.
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
    def scores_are(self) -> str:
        """What a classifier's output holds: ``probabilities`` or ``logits``; else nothing."""
        if not self.scores:
            return ""
        return LOGITS if self.scores == LOGITS else PROBABILITIES

    @property
    def classes(self) -> int:
        """How many classes a classifier or a map tells apart; 0 where the file does not say."""
        if self.task == CLASSIFICATION and self.outputs:
            return max(self.outputs[0].shape[-1:], default=0)
        if self.task == SEGMENTATION and self.outputs:
            form = map_form(self.outputs[0])
            return {SCORES_FORM: self.outputs[0].shape[-1], MASK_FORM: 2}.get(form, 0)
        return 0


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
    outputs = tuple(_tensor_facts(graph.tensors[i]) for i in graph.outputs)
    task, scores = tell_task(graph, outputs)
    marker_json = graph.metadata.get(MARKER_NAME)
    marker = Marker.from_json(marker_json) if marker_json is not None else None
    return ModelFacts(
        path=path,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        task=task,
        inputs=tuple(_tensor_facts(graph.tensors[i]) for i in graph.inputs),
        outputs=outputs,
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
    check_inputs(facts.inputs)
    check_outputs(facts.task, facts.outputs, settled=False)


def check_inputs(inputs: Sequence[TensorFacts]) -> None:
    """Make sure that one picture fills a model's inputs.

    Raises:
        LabError: Naming what does not fit.
    """
    if len(inputs) != 1:
        raise LabError(f"The model takes {len(inputs)} inputs; the lab has one picture.")
    taken = inputs[0]
    said = f"The model takes a {shape_text(taken.shape)} {taken.dtype} input"
    wanted = "the lab needs one square picture: (1, size, size, 3), float32, uint8 or int8."
    rank_fits = len(taken.shape) == 4 and taken.shape[0] == 1 and taken.shape[3] == 3
    if -1 in taken.shape:
        raise LabError(f"{said} of open size; {wanted}", "Convert it again with fixed sizes.")
    if not rank_fits or taken.dtype not in INPUT_DTYPES or not 8 <= taken.shape[1] <= 1024:
        raise LabError(f"{said}; {wanted}")
    if taken.shape[1] != taken.shape[2]:
        raise LabError(f"{said}; {wanted}")
    if not taken.is_real:
        raise LabError(f"{said} without a quantisation scale.", "Convert it again.")


def check_labels(facts: ModelFacts, labels: Sequence[str]) -> None:
    """Make sure that labels are this model's: others would name wrong things.

    Detectors, and segmentations that give classes themselves, do not say how many they have;
    no labels are no error.

    Raises:
        LabError: The model has more or fewer classes than there are labels.
    """
    if labels and facts.classes and len(labels) != facts.classes:
        raise LabError(
            f"The model has {facts.classes} classes, but {len(labels)} labels were given.",
            "Give one label per class, or none.",
        )


def _tensor_facts(tensor: Tensor) -> TensorFacts:
    single = len(tensor.scales) == 1
    return TensorFacts(
        tensor.name,
        tensor.shape,
        tensor.dtype,
        tensor.scales[0] if single else 0.0,
        tensor.zero_points[0] if single else 0,
    )


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
