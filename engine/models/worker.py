"""Child processes that hold TensorFlow and stay warm between conversions.

TensorFlow takes seconds to load, a conversion takes one: a worker converts many recipes. It is
started with the first, killed to cancel, replaced when it broke, and ended when nothing was
asked of it for some minutes, or when the lab goes.
"""

import contextlib
import json
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report
from engine.models.recipe import Recipe
from engine.models.tune_order import TuneOrder
from engine.warm_process import WarmProcess

STEP: Final = "model"
"""The step that progress is reported under."""

IDLE_S: Final = 180.0
"""A worker holds about 1 GB."""

OnEpoch = Callable[[dict[str, Any]], object]
"""Told of each pass of a training, on the asking thread."""

_WAIT_S: Final = 0.1
_ENVIRONMENT: Final = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "KERAS_BACKEND": "tensorflow",
    "CUDA_VISIBLE_DEVICES": "-1",
}


class Workers:
    """A few workers for all who convert; safe to use from any thread."""

    def __init__(self, count: int = 2, idle_s: float = IDLE_S) -> None:
        """Start nothing yet.

        Args:
            count: How many may run at once; each keeps one processor core busy.
            idle_s: After how many seconds without work a worker is ended.
        """
        self._free = [Worker(idle_s) for _ in range(count)]
        self._all = tuple(self._free)
        self._changed = threading.Condition()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def count(self) -> int:
        """How many may run at once."""
        return len(self._all)

    def convert(self, recipe: Recipe, report: Report, cancel: CancelToken) -> bytes:
        """Convert a recipe in a worker that is free; waits for one.

        Raises:
            LabError: If the ingredients cannot be read, or the conversion failed.
            Cancelled: If it was cancelled; the worker is killed.
        """
        with self._one(cancel) as worker:
            return worker.convert(recipe, report, cancel)

    def tune(
        self, order: TuneOrder, report: Report, on_epoch: OnEpoch, cancel: CancelToken
    ) -> None:
        """Train the last blocks of a network in a worker that is free; waits for one.

        Raises:
            LabError: If the ingredients cannot be read, or the training broke.
            Cancelled: If it was cancelled; the worker is killed.
        """
        with self._one(cancel) as worker:
            worker.tune(order, report, on_epoch, cancel)

    def close(self) -> None:
        """End all workers; one that is at work is killed."""
        for worker in self._all:
            worker.close()

    @contextlib.contextmanager
    def _one(self, cancel: CancelToken) -> "Iterator[Worker]":
        with self._changed:
            while not self._free:
                cancel.check()
                self._changed.wait(_WAIT_S)
            # a warm one if there is one
            worker = max(self._free, key=lambda each: each.warm)
            self._free.remove(worker)
        try:
            yield worker
        finally:
            with self._changed:
                self._free.append(worker)
                self._changed.notify()


class Worker:
    """One child process that holds TensorFlow, or none yet; one thread uses it at a time."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        """Start nothing yet; see ``Workers``."""
        self._process = WarmProcess("engine.models.conversion", idle_s, _ENVIRONMENT)

    @property
    def warm(self) -> bool:
        """Whether its process runs."""
        return self._process.warm

    @property
    def pid(self) -> int:
        """Its process's number; 0 while there is none."""
        return self._process.pid

    def convert(self, recipe: Recipe, report: Report, cancel: CancelToken) -> bytes:
        """Convert one recipe; see ``Workers.convert``."""
        with tempfile.TemporaryDirectory(prefix="mobilenet-lab-") as folder:
            output = Path(folder) / "model.tflite"
            request = {"recipe": asdict(recipe), "output": str(output)}
            self._ask(request, report, _ignore, cancel, "The conversion")
            return output.read_bytes()

    def tune(
        self, order: TuneOrder, report: Report, on_epoch: OnEpoch, cancel: CancelToken
    ) -> None:
        """Train the last blocks; see ``Workers.tune``."""
        self._ask({"tune": asdict(order)}, report, on_epoch, cancel, "The second stage")

    def close(self) -> None:
        """End the process if there is one."""
        self._process.close()

    def _ask(
        self,
        request: dict[str, Any],
        report: Report,
        on_epoch: OnEpoch,
        cancel: CancelToken,
        what: str,
    ) -> None:
        cancel.check()
        process = self._process.take()
        kept = False
        try:
            with cancel.closing(process.kill):
                answer = _converse(process, json.dumps(request), report, on_epoch)
                if answer is None:
                    process.wait()
            cancel.check()
            kept = answer is not None
            self._check(answer, process, what)
        finally:
            if kept:
                self._process.rest()
            else:
                self.close()

    def _check(
        self, answer: dict[str, Any] | None, process: "subprocess.Popen[bytes]", what: str
    ) -> None:
        if answer is not None and "what" in answer:
            raise LabError(answer["what"], answer["advice"], detail=answer["detail"])
        if answer == {"done": True}:
            return
        code = process.returncode
        advice = "The log has the details."
        if code in (-9, 137):
            advice = "The system ended it, perhaps for lack of memory."
        raise LabError(
            f"{what} broke off before it was done.",
            advice,
            detail=f"exit code {code}\n{self._process.said()}",
        )


def _converse(
    process: "subprocess.Popen[bytes]", request: str, report: Report, on_epoch: OnEpoch
) -> dict[str, Any] | None:
    """Send a request and read lines of JSON up to the last word; None if the child ended."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the child was started without pipes")
    try:
        process.stdin.write(request.encode() + b"\n")
        process.stdin.flush()  # left open: its end tells the child that we are gone
    except BrokenPipeError:
        return None
    for line in process.stdout:
        message: dict[str, Any] = json.loads(line)
        if "epoch" in message:
            on_epoch(message["epoch"])
        elif "fraction" in message:
            report(Progress(STEP, message["fraction"], message["detail"]))
        else:
            return message
    return None


def _ignore(_epoch: dict[str, Any]) -> None:
    """Tell nobody."""
