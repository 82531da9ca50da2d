"""The trained weights inside a MobileNet v1 ``.tflite``, float or 8-bit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.graph import Graph, Operator, Tensor, parse_graph
from engine.models.inspector import constant_source, inspect_bytes, read_model
from engine.models.preprocessing import takes_raw_pixels, value_table
from engine.models.tasks import TensorFacts

Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Kernel and bias: (h, w, in, out), depthwise (h, w, channels, 1)."""

Range = tuple[float, float]
"""The lowest and the highest real value that 8 bits of a tensor stand for."""

FLOAT_INPUT: Final = TensorFacts("picture", (1, 1, 1, 3), "float32")
INT8_INPUT: Final = TensorFacts("picture", (1, 1, 1, 3), "int8", 1 / 127, 0)
"""The inputs of the models that the lab builds, but for their sides.

Steps of 1/127, not of 2/255: with those each pixel value would lie halfway between two
steps, and the last bit of a division would say which one it becomes.
"""

INPUT_RANGE: Final[Range] = (-128 / 127, 1.0)
"""What the 8 bits of ``INT8_INPUT`` stand for."""

_KERAS_SUFFIXES: Final = (".h5", ".hdf5", ".keras")
_BLOCKS: Final = 13
WEIGHED: Final = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_POOLS: Final = ("AVERAGE_POOL_2D", "MEAN")
_ORDER: Final = ("CONV_2D", *("DEPTHWISE_CONV_2D", "CONV_2D") * _BLOCKS, "CLASSIFIER")
_LOWEST: Final = {"uint8": 0, "int8": -128}
_PIXELS: Final = np.arange(256, dtype=np.float64)


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
        ranges: What the 8 bits of each result stand for: of the 27 convolutions, of the
            pooled features, of the classifier; None for each in a float file.
        steps: The distance of neighbouring weights of each layer, 0 where they are no
            multiples of one number.
        pixels: Slope and intercept of what the first layer sees of pixel values 0..255.
    """

    layers: tuple[Layer, ...]
    alpha: float
    resolution: int
    classes: int
    untrained: bool = False
    sha256: str = ""
    labels: tuple[str, ...] = ()
    ranges: tuple[Range | None, ...] = (None,) * (len(_ORDER) + 1)
    steps: tuple[float, ...] = (0.0,) * len(_ORDER)
    pixels: tuple[float, float] = (1 / 127.5, -1.0)

    def fed_by(self, tensor: TensorFacts) -> "FoldedWeights":
        """Return the same network for another input.

        A file of 2018 sees (v - 128) / 128 of a pixel value, the lab's graphs see
        (v - 127.5) / 127.5: the first layer takes up the difference. (At the borders it pads
        with other zeros then; they lie half a pixel value apart.)

        Args:
            tensor: ``FLOAT_INPUT`` or ``INT8_INPUT``.
        """
        seen = _seen(tensor)
        theirs = self.pixels[0] * _PIXELS + self.pixels[1]
        slope, intercept = (float(part) for part in np.polyfit(seen, theirs, 1))
        if math.isclose(slope, 1, abs_tol=1e-9) and math.isclose(intercept, 0, abs_tol=1e-9):
            return self
        kernel, bias = self.layers[0]
        first = (
            (kernel * slope).astype(np.float32),
            (bias + intercept * kernel.sum((0, 1, 2))).astype(np.float32),
        )
        fit = np.polyfit(_PIXELS, seen, 1)
        return replace(
            self,
            layers=(first, *self.layers[1:]),
            steps=(self.steps[0] * slope, *self.steps[1:]),
            pixels=(float(fit[0]), float(fit[1])),
        )

    def with_head(
        self, kernel: NDArray[np.floating[Any]], bias: NDArray[np.floating[Any]]
    ) -> "FoldedWeights":
        """Return the same network with another classifier.

        Args:
            kernel: Shape (features, classes), on the pooled features.
            bias: Shape (classes,).

        Raises:
            LabError: If they do not fit the network.
        """
        features = self.layers[-1][0].shape[2]
        if kernel.shape != (features, bias.size) or bias.ndim != 1:
            raise LabError(
                f"A head of shape {kernel.shape} does not fit {features} features.",
                detail=f"bias {bias.shape}",
            )
        if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
            raise LabError("The head holds weights that are no numbers.", "Train it again.")
        head = (
            np.ascontiguousarray(kernel, np.float32)[np.newaxis, np.newaxis],
            np.ascontiguousarray(bias, np.float32),
        )
        return replace(
            self,
            layers=(*self.layers[:-1], head),
            classes=bias.size,
            labels=(),
            ranges=(*self.ranges[:-1], None),
            steps=(*self.steps[:-1], 0.0),
        )

    def with_last_layers(self, layers: Sequence[Layer]) -> "FoldedWeights":
        """Return the same network with other weights before its classifier.

        Nothing is known of their ranges and steps then.

        Args:
            layers: Of the last convolutions, in the order they run.

        Raises:
            LabError: If they do not fit the network.
        """
        first, end = len(self.layers) - 1 - len(layers), len(self.layers) - 1
        old = self.layers[first:end]
        if [k.shape for k, _ in old] != [k.shape for k, _ in layers] or not all(
            np.isfinite(part).all() for layer in layers for part in layer
        ):
            raise LabError("The trained blocks do not fit the network.", "Train them again.")
        unknown = len(layers)
        return replace(
            self,
            layers=(*self.layers[:first], *layers, self.layers[-1]),
            ranges=(*self.ranges[:first], *(None,) * (unknown + 1), self.ranges[-1]),
            steps=(*self.steps[:first], *(0.0,) * unknown, self.steps[-1]),
        )


def read_weights(path: Path) -> FoldedWeights:
    """Read the weights of a MobileNet v1 classifier, dequantised where need be.

    Raises:
        LabError: If the file is unreadable or holds another network.
    """
    data = read_model(path)
    facts = inspect_bytes(data, path)
    graph = parse_graph(data)
    weighed = [operator for operator in graph.operators if operator.name in WEIGHED]
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
    pooled = [operator for operator in graph.operators if operator.name in _POOLS]
    results = [*weighed[:-1], pooled[0] if len(pooled) == 1 else None, weighed[-1]]
    return FoldedWeights(
        layers=layers,
        alpha=alpha,
        resolution=(*facts.inputs[0].shape, 0, 0)[1],
        classes=layers[-1][1].size,
        untrained=facts.untrained,
        sha256=facts.sha256,
        labels=facts.labels if len(facts.labels) == layers[-1][1].size else (),
        ranges=tuple(_range(graph, operator) for operator in results),
        steps=tuple(_step(graph, operator) for operator in weighed),
        pixels=_pixels(facts.inputs[0]),
    )


def is_keras_file(path: Path) -> bool:
    """Whether only Keras can read a file of weights."""
    return path.suffix.lower() in _KERAS_SUFFIXES


def check_width(taken: FoldedWeights, path: Path, variant: str, alpha: float) -> None:
    """Make sure that weights fit a variant.

    Raises:
        LabError: They are made for another alpha.
    """
    if taken.alpha != alpha:
        raise LabError(
            f"{path.name} holds weights for alpha {taken.alpha:.2f}; "
            f"{variant} needs alpha {alpha:.2f}.",
            f"Choose a variant v1_{taken.alpha:.2f} or another file.",
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


def _range(graph: Graph, operator: Operator | None) -> Range | None:
    """What the 8 bits of an operator's result stand for; None if they say nothing sound."""
    tensor = graph.tensors[operator.outputs[0]] if operator and operator.outputs else None
    if tensor is None or tensor.dtype not in _LOWEST or len(tensor.scales) != 1:
        return None
    lowest = (_LOWEST[tensor.dtype] - tensor.zero_points[0]) * tensor.scales[0]
    highest = lowest + 255 * tensor.scales[0]
    sound = math.isfinite(lowest) and math.isfinite(highest) and lowest <= 0 < highest < 1e6
    return (lowest, highest) if sound else None


def _step(graph: Graph, operator: Operator) -> float:
    scales = graph.tensors[operator.inputs[1]].scales
    sound = len(scales) == 1 and math.isfinite(scales[0]) and scales[0] > 0
    return float(scales[0]) if sound else 0.0


def _pixels(tensor: TensorFacts) -> tuple[float, float]:
    """Slope and intercept of what a file's first layer sees of pixel values."""
    slope, intercept = np.polyfit(_PIXELS, _seen(tensor), 1)
    return float(slope), float(intercept)


def _seen(tensor: TensorFacts) -> NDArray[np.float64]:
    """What a first layer sees of each of the 256 pixel values."""
    if tensor.dtype == "float32":
        return (_PIXELS - 127.5) / 127.5
    if takes_raw_pixels(tensor):
        return (_PIXELS - tensor.zero_point) * tensor.scale
    steps: NDArray[np.float64] = value_table(tensor).astype(np.float64)
    return (steps - tensor.zero_point) * tensor.scale


def layer_shapes(alpha: float, classes: int) -> list[tuple[int, int, int, int]]:
    """Return the shapes of MobileNet v1's kernels, in Keras's layouts, in the order they run."""
    filters = (64, 128, 128, 256, 256, *(512,) * 6, 1024, 1024)
    channels = int(32 * alpha)
    shapes = [(3, 3, 3, channels)]
    for wide in (int(count * alpha) for count in filters):
        shapes += [(3, 3, channels, 1), (1, 1, channels, wide)]
        channels = wide
    return [*shapes, (1, 1, channels, classes)]


def _chained(layers: Sequence[Layer], alpha: float) -> bool:
    """Whether the shapes are those of MobileNet v1 of that width."""
    return [kernel.shape for kernel, _ in layers] == layer_shapes(alpha, layers[-1][1].size)
