"""One model on this computer's CPU, by LiteRT."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypedDict, Unpack

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.decoding import class_scores, decode
from engine.models.inspector import ModelFacts, check_inputs, inspect_bytes, read_model
from engine.models.preprocessing import check_fit, default_fit, to_tensor
from engine.models.recognition import Recognition
from engine.models.tasks import (
    CLASSIFICATION,
    SCORES,
    TASKS,
    UNKNOWN,
    TensorFacts,
    check_outputs,
    task_of_outputs,
)

BY_OUTPUTS: Final = "outputs"
"""Said for task or scores: the outputs alone decide, as for the phone app that is not told."""

DELEGATES: Final = ("xnnpack", "cpu")
"""``cpu``: the interpreter's own kernels."""


class Opening(TypedDict, total=False):
    """How to open a model: see ``HostModel``."""

    threads: int
    labels: Sequence[str]
    delegate: str
    fit: str
    task: str
    scores: str


class HostModel:
    """A model that is open and ready; one thread uses it at a time.

    Attributes:
        facts: What the model is.
        task: What its answers are read as, one of ``tasks.TASKS``.
        fit: How pictures are laid into its input, one of ``preprocessing.FITS``.
        labels: One per class, or none: those given, else those in the file.
        threads: Threads of the kernels.
        delegate: What executes the graph: ``xnnpack`` or ``cpu``.
        load_ms: Creation of the interpreter and allocation of its tensors.
    """

    def __init__(  # noqa: PLR0913 - one option each
        self,
        path: Path,
        *,
        data: bytes | None = None,
        threads: int = 1,
        labels: Sequence[str] = (),
        delegate: str = "xnnpack",
        fit: str = "",
        task: str = "",
        scores: str = "",
    ) -> None:
        """Open a model file.

        Args:
            path: The ``.tflite`` file.
            data: What is in it, if that was read already; then ``path`` only names it.
            threads: Of the kernels.
            labels: One per class; else those in the file.
            delegate: ``xnnpack`` or ``cpu``.
            fit: How pictures are laid into the input; the task's own way if empty.
            task: What the model is for; as its graph says if empty, and as its outputs alone
                say for ``BY_OUTPUTS``.
            scores: ``probabilities`` or ``logits``: what a classifier's output holds; told as
                the task is if empty, and by the output alone for ``BY_OUTPUTS``.

        Raises:
            LabError: If the file is no sound model, or one that the lab cannot feed or read.
        """
        _check_options(threads, delegate, fit, task, scores)
        data = read_model(path) if data is None else data
        self.facts: ModelFacts = inspect_bytes(data, path)
        check_inputs(self.facts.inputs)
        if not task and self.facts.task == UNKNOWN:
            check_outputs(UNKNOWN, self.facts.outputs)
        self.labels: tuple[str, ...] = tuple(labels) or self.facts.labels
        self.threads = threads
        self.delegate = delegate
        begun = time.perf_counter_ns()
        self._interpreter: Any = _create(data, threads, delegate)
        self.load_ms = (time.perf_counter_ns() - begun) / 1e6
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        details = self._interpreter.get_output_details()
        self._outputs: list[int] = [detail["index"] for detail in details]
        # The interpreter's shapes: a detector's file leaves them to it.
        self._facts_of_outputs = [_tensor_facts(detail) for detail in details]
        self.task = self._told_task(task)
        self.fit = fit or default_fit(self.task)
        told = scores or (BY_OUTPUTS if task == BY_OUTPUTS else self.facts.scores_are)
        self._scores_are = "" if told == BY_OUTPUTS else told
        check_outputs(self.task, self._facts_of_outputs)

    @classmethod
    def from_bytes(cls, data: bytes, *, name: str = "model", **how: Unpack[Opening]) -> "HostModel":
        """Open a model that is in memory, for instance out of an APK; see ``__init__``."""
        return cls(Path(f"{name}.tflite"), data=data, **how)

    def _told_task(self, task: str) -> str:
        if task == BY_OUTPUTS:
            return task_of_outputs(self._facts_of_outputs)
        return task or self.facts.task

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
        self._fill(to_tensor(rgb, self.facts.inputs[0], self.fit))
        converted = time.perf_counter_ns()
        infer_ns = self.time_once()
        inferred = time.perf_counter_ns()
        seen = decode(self.task, self._scores_are, self.outputs(), self._facts_of_outputs)
        return Recognition(
            seen.kind,
            seen.entries,
            convert_ns=converted - begun,
            infer_ns=infer_ns,
            post_ns=time.perf_counter_ns() - inferred,
            vector=seen.vector,
            cells=seen.cells,
        )

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

    def outputs(self) -> list[NDArray[Any]]:
        """Return copies of the output tensors as the last run left them."""
        interpreter = self._ready()
        return [interpreter.get_tensor(index) for index in self._outputs]

    def scores(self) -> NDArray[np.float64]:
        """Return the last picture's scores of all classes, shape (classes,), dequantised.

        A classifier that ends in logits is softmaxed.

        Raises:
            LabError: If the model is no classifier.
        """
        if self.task != CLASSIFICATION:
            raise LabError(f"The model's task is {self.task}: it has no scores of classes.")
        return class_scores(self.outputs()[0], self._facts_of_outputs[0], self._scores_are)

    def _ready(self) -> Any:
        if self._interpreter is None:
            raise LabError("The model was closed.")
        return self._interpreter

    def _fill(self, values: NDArray[np.generic]) -> None:
        try:
            self._ready().set_tensor(self._input, values)
        except ValueError as error:  # the file says one shape and LiteRT finds another
            raise LabError("The model does not take a picture.", detail=str(error)) from error


def _check_options(threads: int, delegate: str, fit: str, task: str, scores: str) -> None:
    if threads < 1:
        raise LabError(f"A model cannot run on {threads} threads.")
    if delegate not in DELEGATES:
        raise LabError(f"This computer has no delegate {delegate!r}: xnnpack or cpu.")
    if fit:
        check_fit(fit)
    if task not in ("", BY_OUTPUTS, *TASKS):
        raise LabError(f"There is no task {task!r}.", f"Choose one of {', '.join(TASKS)}.")
    if scores not in ("", BY_OUTPUTS, *SCORES):
        raise LabError(f"Scores cannot be {scores!r}: {' or '.join(SCORES)}.")


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


def _tensor_facts(detail: dict[str, Any]) -> TensorFacts:
    scales = detail["quantization_parameters"]["scales"]
    zero_points = detail["quantization_parameters"]["zero_points"]
    single = len(scales) == 1
    return TensorFacts(
        detail["name"],
        tuple(int(size) for size in detail["shape"]),
        np.dtype(detail["dtype"]).name,
        float(scales[0]) if single else 0.0,
        int(zero_points[0]) if single else 0,
    )
