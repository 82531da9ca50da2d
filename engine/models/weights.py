"""The trained weights inside a MobileNet v1 ``.tflite``, float or 8-bit."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import LabError
from engine.models.architectures import Layer
from engine.models.graph import Graph, Operator, Tensor, parse_graph
from engine.models.inspector import constant_source, inspect_bytes, read_model

_BLOCKS = 13
_ORDER = ("CONV_2D", *("DEPTHWISE_CONV_2D", "CONV_2D") * _BLOCKS, "CLASSIFIER")


@dataclass(frozen=True)
class FoldedWeights:
    """Kernels and biases of a MobileNet v1, batch norm folded in.

    Attributes:
        layers: In the order they run, in Keras's layouts: convolutions (h, w, in, out),
            depthwise (h, w, channels, 1).
        alpha: The width multiplier the kernels are made for.
        resolution: The input side of the file they come from.
        classes: Outputs of the classifier.
        untrained: Whether the file says that its weights are random.
        sha256: Of the file.
        labels: One per class if the file carries them, else none.
    """

    layers: tuple[Layer, ...]
    alpha: float
    resolution: int
    classes: int
    untrained: bool
    sha256: str
    labels: tuple[str, ...] = ()


def read_weights(path: Path) -> FoldedWeights:
    """Read the weights of a MobileNet v1 classifier, dequantised where need be.

    Raises:
        LabError: If the file is unreadable or holds another network.
    """
    data = read_model(path)
    facts = inspect_bytes(data, path)
    graph = parse_graph(data)
    weighed = [
        operator
        for operator in graph.operators
        if operator.name in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
    ]
    other = LabError(
        f"{path.name} does not hold the weights of a MobileNet v1.",
        "Choose a MobileNet v1 .tflite file.",
        detail=", ".join(f"{name} {count}" for name, count in facts.ops.items()),
    )
    names = [operator.name for operator in weighed]
    if names[:-1] != list(_ORDER[:-1]) or names[-1] not in ("CONV_2D", "FULLY_CONNECTED"):
        raise other
    layers = tuple(_layer(graph, operator, other) for operator in weighed)
    alpha = layers[0][1].size / 32
    if not _chained(layers, alpha) or len(facts.inputs) != 1:
        raise other
    return FoldedWeights(
        layers=layers,
        alpha=alpha,
        resolution=(*facts.inputs[0].shape, 0, 0)[1],
        classes=layers[-1][1].size,
        untrained=facts.untrained,
        sha256=facts.sha256,
        labels=facts.labels if len(facts.labels) == layers[-1][1].size else (),
    )


def _layer(graph: Graph, operator: Operator, other: LabError) -> Layer:
    tensors: list[Tensor] = []
    for index in operator.inputs[1:3]:
        source = constant_source(graph, index) if index >= 0 else None
        if source is None:
            raise other
        tensors.append(graph.tensors[source])
    if len(tensors) != 2:
        raise other
    with np.errstate(all="ignore"):  # damaged weights are told below
        kernel, bias = (tensor.values().astype(np.float32) for tensor in tensors)
    if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
        raise LabError("The model file is damaged: some weights are no numbers.")
    if operator.name == "FULLY_CONNECTED" and kernel.ndim == 2:
        kernel = kernel[:, np.newaxis, np.newaxis, :]
    if kernel.ndim != 4 or bias.ndim != 1:
        raise other
    # (out, h, w, in) -> (h, w, in, out), and depthwise (1, h, w, channels) -> (h, w, channels, 1)
    return np.ascontiguousarray(kernel.transpose(1, 2, 3, 0)), bias


def _chained(layers: tuple[Layer, ...], alpha: float) -> bool:
    """Whether the shapes are those of MobileNet v1 of that width."""
    filters = (64, 128, 128, 256, 256, *(512,) * 6, 1024, 1024)
    channels = int(32 * alpha)
    expected = [(3, 3, 3, channels)]
    for wide in (int(count * alpha) for count in filters):
        expected += [(3, 3, channels, 1), (1, 1, channels, wide)]
        channels = wide
    expected.append((1, 1, channels, layers[-1][1].size))
    return [kernel.shape for kernel, _ in layers] == expected
