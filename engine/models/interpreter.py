"""One model on this computer's CPU, by LiteRT."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.inspector import (
    DETECTION,
    ModelFacts,
    TensorFacts,
    check_runnable,
    inspect_bytes,
    read_model,
)
from engine.models.preprocessing import to_tensor
from engine.models.recognition import Box, ClassScore, Recognition

TOP_CLASSES: Final = 5
MOST_BOXES: Final = 25
DELEGATES: Final = ("xnnpack", "cpu")
"""``cpu``: the interpreter's own kernels."""


class HostModel:
    """A model that is open and ready; one thread uses it at a time.

    Attributes:
        facts: What the model is.
        labels: One per class, or none: those given, else those in the file.
        threads: Threads of the kernels.
        delegate: What executes the graph: ``xnnpack`` or ``cpu``.
        load_ms: Creation of the interpreter and allocation of its tensors.
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 1,
        labels: Sequence[str] = (),
        delegate: str = "xnnpack",
    ) -> None:
        """Open a model file.

        Raises:
            LabError: If the file is no sound model or one that the lab cannot feed.
        """
        self._open(read_model(path), path, threads, labels, delegate)

    @classmethod
    def from_bytes(
        cls,
        data: bytes,
        *,
        name: str = "model",
        threads: int = 1,
        labels: Sequence[str] = (),
        delegate: str = "xnnpack",
    ) -> "HostModel":
        """Open a model that is in memory, for instance out of an APK; see ``__init__``."""
        model = cls.__new__(cls)
        model._open(data, Path(f"{name}.tflite"), threads, labels, delegate)
        return model

    def _open(
        self, data: bytes, path: Path, threads: int, labels: Sequence[str], delegate: str
    ) -> None:
        if threads < 1:
            raise LabError(f"A model cannot run on {threads} threads.")
        if delegate not in DELEGATES:
            raise LabError(f"This computer has no delegate {delegate!r}: xnnpack or cpu.")
        self.facts: ModelFacts = inspect_bytes(data, path)
        check_runnable(self.facts)
        self.labels: tuple[str, ...] = tuple(labels) or self.facts.labels
        self.threads = threads
        self.delegate = delegate
        begun = time.perf_counter_ns()
        self._interpreter: Any = _create(data, threads, delegate)
        self.load_ms = (time.perf_counter_ns() - begun) / 1e6
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs: list[int] = [
            detail["index"] for detail in self._interpreter.get_output_details()
        ]

    def __enter__(self) -> "HostModel":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the interpreter's memory; the model cannot be used afterwards."""
        self._interpreter = None

    def predict(self, rgb: NDArray[np.uint8]) -> Recognition:
        """Recognise one upright picture, shape (height, width, 3).

        Raises:
            LabError: If the picture is empty or the model fails on it.
        """
        begun = time.perf_counter_ns()
        self._fill(to_tensor(rgb, self.facts.inputs[0], self.facts.task))
        converted = time.perf_counter_ns()
        infer_ns = self.time_once()
        inferred = time.perf_counter_ns()
        entries: tuple[ClassScore, ...] | tuple[Box, ...]
        if self.facts.task == DETECTION:
            kind, entries = "boxes", self._boxes()
        else:
            kind, entries = "classes", self._classes()
        post_ns = time.perf_counter_ns() - inferred
        return Recognition(kind, entries, converted - begun, infer_ns, post_ns)

    def time_once(self) -> int:
        """Run the model once on the tensor of the last picture; return nanoseconds.

        Raises:
            LabError: If the model fails.
        """
        begun = time.perf_counter_ns()
        try:
            self._ready().invoke()
        except RuntimeError as error:
            raise LabError("The model failed while it ran.", detail=str(error)) from error
        return time.perf_counter_ns() - begun

    def scores(self) -> NDArray[np.float64]:
        """Return the last picture's scores of all classes, shape (classes,), dequantised.

        A model that ends in logits is softmaxed.
        """
        scores = self._read(0)
        return _softmax(scores) if self.facts.scores == "logits" else scores

    def _ready(self) -> Any:
        if self._interpreter is None:
            raise LabError("The model was closed.")
        return self._interpreter

    def _fill(self, values: NDArray[np.generic]) -> None:
        try:
            self._ready().set_tensor(self._input, values)
        except ValueError as error:  # the file says one shape and LiteRT finds another
            raise LabError("The model does not take a picture.", detail=str(error)) from error

    def _read(self, output: int) -> NDArray[np.float64]:
        raw = self._ready().get_tensor(self._outputs[output]).astype(np.float64).reshape(-1)
        return _dequantise(raw, self.facts.outputs[output])

    def _classes(self) -> tuple[ClassScore, ...]:
        scores = self.scores()
        order = np.argsort(-scores, kind="stable")[:TOP_CLASSES]
        return tuple(ClassScore(int(index), float(scores[index])) for index in order)

    def _boxes(self) -> tuple[Box, ...]:
        """Read TFLite_Detection_PostProcess: boxes, classes, scores, count."""
        edges = self._read(0)
        edges = edges[: len(edges) // 4 * 4].reshape(-1, 4)
        classes, scores, counted = self._read(1), self._read(2), self._read(3)
        count = int(counted[0]) if counted.size and np.isfinite(counted[0]) else 0
        count = max(0, min(count, len(edges), len(classes), len(scores)))
        sound = np.isfinite(scores[:count] + classes[:count] + edges[:count].sum(axis=1))
        order = np.argsort(-scores[:count], kind="stable")
        order = order[sound[order]][:MOST_BOXES]
        return tuple(
            Box(int(classes[i]), float(scores[i]), *(float(edge) for edge in edges[i]))
            for i in order
        )


def _create(data: bytes, threads: int, delegate: str) -> Any:
    resolver = OpResolverType.BUILTIN
    if delegate == "cpu":
        resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        interpreter = Interpreter(
            model_content=data, num_threads=threads, experimental_op_resolver_type=resolver
        )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise LabError(
            "LiteRT cannot open the model.",
            "It may be damaged or use operations that LiteRT does not have.",
            detail=str(error),
        ) from error
    return interpreter


def _dequantise(raw: NDArray[np.float64], tensor: TensorFacts) -> NDArray[np.float64]:
    if tensor.dtype == "float32" or not tensor.scale:
        return raw
    return (raw - tensor.zero_point) * tensor.scale


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), np.float64)
