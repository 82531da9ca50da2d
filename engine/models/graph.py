"""Reads the graph out of a ``.tflite`` flatbuffer, without running it and without trusting it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from engine.errors import LabError

MAX_MODEL_BYTES: Final = 512 * 1024 * 1024
"""Larger files are refused: the largest baseline of the lab is 51 MB."""

_MAX_ITEMS: Final = 50_000  # tensors, operators, buffers; Inception v4 has some 700 tensors
_MAX_RANK: Final = 8
_IDENTIFIER: Final = b"TFL3"

# What flatbuffers' reader and numpy raise when offsets in the file lead astray.
_ASTRAY = (
    struct.error, ValueError, IndexError, TypeError, OverflowError, AttributeError, KeyError,
    MemoryError,
)  # fmt: skip


def _names_of(enum: type[Any]) -> dict[int, str]:
    return {value: name for name, value in vars(enum).items() if not name.startswith("_")}


_OP_NAMES: Final = _names_of(schema.BuiltinOperator)
_ACTIVATION_NAMES: Final = _names_of(schema.ActivationFunctionType)
_ACTIVATED: Final = {
    schema.BuiltinOptions.Conv2DOptions: schema.Conv2DOptions,
    schema.BuiltinOptions.DepthwiseConv2DOptions: schema.DepthwiseConv2DOptions,
    schema.BuiltinOptions.FullyConnectedOptions: schema.FullyConnectedOptions,
}
_DTYPE_NAMES: Final = {
    number: name.lower() for number, name in _names_of(schema.TensorType).items()
}
_NUMPY_DTYPES: Final = {
    "float32": "<f4", "float16": "<f2", "int32": "<i4", "uint8": "u1", "int8": "i1",
    "int64": "<i8", "int16": "<i2", "float64": "<f8", "bool": "?",
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """One tensor of the graph.

    Attributes:
        name: As in the file.
        shape: Sizes; -1 where the file leaves a size other than the batch open.
        dtype: TensorFlow Lite's name in lower case: ``float32``, ``uint8``.
        scales: Quantisation scales: none, one, or one per channel.
        zero_points: As many as scales.
        axis: The dimension the scales run along when there are several.
        data: Raw bytes of a constant; empty for what is computed.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int
    data: NDArray[np.uint8]

    @property
    def elements(self) -> int:
        """Number of elements; 0 if a size is open."""
        count = 1
        for size in self.shape:
            count *= max(size, 0)
        return count

    @property
    def constant(self) -> bool:
        """Whether the file holds its values."""
        return self.data.size > 0

    def values(self) -> NDArray[np.float64]:
        """Return a constant's real values in its shape.

        Raises:
            LabError: If the bytes do not fit shape, dtype or scales.
        """
        dtype = _NUMPY_DTYPES.get(self.dtype)
        if dtype is None:
            raise LabError(f"The weights of {self.name!r} are of type {self.dtype}.")
        try:
            stored = np.frombuffer(self.data.tobytes(), dtype).reshape(self.shape)
            if not self.scales or self.dtype.startswith("float"):
                return stored.astype(np.float64)
            along = [1] * len(self.shape)
            if len(self.scales) > 1:
                along[self.axis] = len(self.scales)
            scales = np.array(self.scales, np.float64).reshape(along or ())
            zeros = np.array(self.zero_points, np.float64).reshape(along or ())
            return (stored.astype(np.float64) - zeros) * scales
        except _ASTRAY as error:
            raise LabError(
                "The model file is damaged: its weights do not fit their shapes.",
                "Get the file again.",
                detail=f"{self.name}: {error!r}",
            ) from error


@dataclass(frozen=True)
class Operator:
    """One operation of the graph.

    Attributes:
        name: TensorFlow Lite's name, ``CONV_2D``, or the custom operation's own name.
        custom: Whether it is a custom operation.
        inputs: Indices of tensors; -1 for an optional one that is left out.
        outputs: Indices of tensors.
        activation: What a convolution or a fully connected layer applies to its result,
            ``RELU6``; empty if nothing.
    """

    name: str
    custom: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    activation: str = ""


@dataclass(frozen=True)
class Graph:
    """The main graph of a model.

    Attributes:
        tensors: All tensors, by index.
        operators: In the order they run.
        inputs: Indices of the tensors that a caller fills.
        outputs: Indices of the tensors that a caller reads.
        metadata: Named blobs that the file carries beside the graph.
        description: What the converter wrote into the file.
    """

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    metadata: dict[str, bytes]
    description: str

    @cached_property
    def producers(self) -> dict[int, Operator]:
        """Which operator computes a tensor."""
        return {index: operator for operator in self.operators for index in operator.outputs}


def parse_graph(data: bytes) -> Graph:
    """Read the first graph of a model.

    Args:
        data: The whole ``.tflite`` file.

    Raises:
        LabError: If this is no TensorFlow Lite model or a damaged one.
    """
    if not data:
        raise LabError("The model file is empty.", "Get the file again.")
    if len(data) > MAX_MODEL_BYTES:
        raise LabError(
            f"The model file is {len(data) / 1e6:.0f} MB; the lab takes at most "
            f"{MAX_MODEL_BYTES / 1e6:.0f} MB."
        )
    if data[4:8] != _IDENTIFIER:
        raise LabError(
            "The file is not a TensorFlow Lite model.",
            "A .tflite file carries TFL3 at its fifth byte.",
            detail=f"bytes 0-7: {data[:8]!r}",
        )
    try:
        graph = _Reader(data).read()
    except _ASTRAY as error:
        raise LabError(
            "The model file is damaged or cut short.", "Get the file again.", detail=repr(error)
        ) from error
    _check_indices(graph)
    return graph


class _Reader:
    """Reads one model and never more than the file can honestly hold.

    In a damaged file many vectors may overlap: what is read is counted against the size of
    the file, so that no small file takes hours or gigabytes.
    """

    def __init__(self, data: bytes) -> None:
        self._model = schema.Model.GetRootAsModel(data, 0)
        self._left = 2 * len(data) + 65_536  # scales and zero points are read, buffers shared
        self._buffers = self._model.BuffersLength()

    def read(self) -> Graph:
        model = self._model
        if not model.SubgraphsLength():
            raise ValueError("no subgraph")
        main = model.Subgraphs(0)
        codes = [self._op_name(code) for code in self._items(model, "OperatorCodes")]
        return Graph(
            tensors=tuple(self._tensor(tensor) for tensor in self._items(main, "Tensors")),
            operators=tuple(self._operator(o, codes) for o in self._items(main, "Operators")),
            inputs=self._numbers(main, "Inputs"),
            outputs=self._numbers(main, "Outputs"),
            metadata={
                self._text(entry.Name()): self._buffer(entry.Buffer()).tobytes()
                for entry in self._items(model, "Metadata")
            },
            description=self._text(model.Description()),
        )

    def _tensor(self, tensor: Any) -> Tensor:
        shape = self._numbers(tensor, "Shape", _MAX_RANK)
        signature = self._numbers(tensor, "ShapeSignature", _MAX_RANK)
        scales: tuple[float, ...] = ()
        zeros: tuple[int, ...] = ()
        axis = 0
        quantization = tensor.Quantization()
        if quantization is not None and quantization.ScaleLength():
            scales = tuple(self._vector(quantization, "Scale").tolist())
            zeros = (0,) * len(scales)
            if quantization.ZeroPointLength():
                zeros = tuple(self._vector(quantization, "ZeroPoint").tolist())
            axis = quantization.QuantizedDimension()
            if len(zeros) != len(scales):
                raise ValueError("as many zero points as scales")
        return Tensor(
            name=self._text(tensor.Name()),
            shape=_settled(shape, signature),
            dtype=_DTYPE_NAMES[tensor.Type()],
            scales=scales,
            zero_points=zeros,
            axis=axis,
            data=self._buffer(tensor.Buffer()),
        )

    def _operator(self, operator: Any, codes: list[tuple[str, bool]]) -> Operator:
        name, custom = codes[operator.OpcodeIndex()]
        inputs, outputs = self._numbers(operator, "Inputs"), self._numbers(operator, "Outputs")
        return Operator(name, custom, inputs, outputs, _activation(operator))

    def _op_name(self, code: Any) -> tuple[str, bool]:
        # Files older than schema 3a keep the code in the deprecated byte alone.
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        if number == schema.BuiltinOperator.CUSTOM:
            return self._text(code.CustomCode()) or "CUSTOM", True
        return _OP_NAMES[number], False

    def _buffer(self, index: int) -> NDArray[np.uint8]:
        if not 0 <= index < self._buffers:
            raise IndexError("buffer")
        buffer = self._model.Buffers(index)
        if not buffer.DataLength():
            return np.empty(0, np.uint8)
        return self._vector(buffer, "Data")

    def _items(self, table: Any, field: str) -> Iterator[Any]:
        count = getattr(table, f"{field}Length")()
        if count > _MAX_ITEMS:
            raise ValueError(f"{count} {field}")
        for index in range(count):
            yield getattr(table, field)(index)

    def _numbers(self, table: Any, field: str, limit: int = _MAX_ITEMS) -> tuple[int, ...]:
        count = getattr(table, f"{field}Length")()
        if count > limit:
            raise ValueError(f"{count} {field}")
        return tuple(self._vector(table, field).tolist()) if count else ()

    def _vector(self, table: Any, field: str) -> NDArray[Any]:
        values = getattr(table, f"{field}AsNumpy")()
        if not isinstance(values, np.ndarray):  # flatbuffers answers 0 for an absent vector
            raise TypeError(field)
        self._spend(values.nbytes)
        return values

    def _text(self, raw: bytes | None) -> str:
        self._spend(len(raw or b""))
        return (raw or b"").decode("utf-8", "replace")

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ValueError("the file names more than it holds")


def _activation(operator: Any) -> str:
    kind, table = operator.BuiltinOptionsType(), operator.BuiltinOptions()
    if kind not in _ACTIVATED or table is None:
        return ""
    options = _ACTIVATED[kind]()
    options.Init(table.Bytes, table.Pos)
    name = _ACTIVATION_NAMES[options.FusedActivationFunction()]
    return "" if name == "NONE" else name


def _settled(shape: tuple[int, ...], signature: tuple[int, ...]) -> tuple[int, ...]:
    """Mark open sizes; an open batch runs as the one picture that the file allocates."""
    if len(signature) != len(shape):
        return shape
    pairs = enumerate(zip(shape, signature, strict=True))
    return tuple(-1 if asked < 0 and (i or size != 1) else size for i, (size, asked) in pairs)


def _check_indices(graph: Graph) -> None:
    """Make sure that every index of a tensor leads to one."""
    count = len(graph.tensors)
    asked = [*graph.inputs, *graph.outputs]
    for operator in graph.operators:
        asked += [index for index in operator.inputs if index != -1]
        asked += operator.outputs
    if any(not 0 <= index < count for index in asked):
        raise LabError(
            "The model file is damaged: an operation names a tensor that is not there.",
            "Get the file again.",
        )
