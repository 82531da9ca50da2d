"""Child processes that hold TensorFlow and stay warm between conversions.

TensorFlow takes seconds to load, a conversion takes one: a worker converts many recipes. It is
started with the first, killed to cancel, replaced when it broke, and ended when nothing was
asked of it for some minutes, or when the lab goes.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import engine
from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report
from engine.models.recipe import Recipe

STEP: Final = "model"
"""The step that progress is reported under."""

IDLE_S: Final = 180.0
"""A worker holds about 1 GB."""

_DETAIL_BYTES: Final = 6_000
_WAIT_S: Final = 0.1


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
    """One child process, or none yet; one thread uses it at a time."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        """Start nothing yet; see ``Workers``."""
        self._idle_s = idle_s
        self._process: subprocess.Popen[bytes] | None = None
        self._noise: IO[bytes] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    @property
    def warm(self) -> bool:
        """Whether its process runs."""
        process = self._process
        return process is not None and process.poll() is None

    def convert(self, recipe: Recipe, report: Report, cancel: CancelToken) -> bytes:
        """Convert one recipe; see ``Workers.convert``."""
        cancel.check()
        with tempfile.TemporaryDirectory(prefix="mobilenet-lab-") as folder:
            output = Path(folder) / "model.tflite"
            request = json.dumps({"recipe": asdict(recipe), "output": str(output)})
            process = self._take()
            kept = False
            try:
                with cancel.closing(process.kill):
                    answer = _converse(process, request, report)
                    if answer is None:
                        process.wait()
                cancel.check()
                kept = answer is not None
                self._check(answer, process)
                return output.read_bytes()
            finally:
                self._rest() if kept else self.close()

    def close(self) -> None:
        """End the process if there is one."""
        with self._lock:
            self._stop_timer()
            process, self._process = self._process, None
            noise, self._noise = self._noise, None
        if process is not None:
            _end(process)
        if noise is not None:
            noise.close()

    def _take(self) -> "subprocess.Popen[bytes]":
        """Return a process that runs: the warm one or a new one."""
        with self._lock:
            self._stop_timer()
            warm = self._process if self.warm else None
            if warm is not None and self._noise is not None:
                self._noise.seek(0)  # the child shares the position: it writes from here
                self._noise.truncate()
                return warm
        self.close()
        noise = tempfile.TemporaryFile(prefix="mobilenet-lab-", buffering=0)  # noqa: SIM115
        try:
            process = _start_child(noise)
        except LabError:
            noise.close()
            raise
        with self._lock:
            self._process, self._noise = process, noise
        return process

    def _rest(self) -> None:
        with self._lock:
            timer = threading.Timer(self._idle_s, lambda: self._end_idle(timer))
            timer.daemon = True
            self._timer = timer
            timer.start()

    def _end_idle(self, timer: threading.Timer) -> None:
        with self._lock:
            if self._timer is not timer:  # taken again at the last moment
                return
            process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self, answer: dict[str, Any] | None, process: "subprocess.Popen[bytes]") -> None:
        if answer is not None and "what" in answer:
            raise LabError(answer["what"], answer["advice"], detail=answer["detail"])
        if answer == {"done": True}:
            return
        code = process.returncode
        advice = "The log has the details."
        if code in (-9, 137):
            advice = "The system ended it, perhaps for lack of memory."
        raise LabError(
            "The conversion broke off before the model was done.",
            advice,
            detail=f"exit code {code}\n{_tail(self._noise)}",
        )


def _start_child(noise: IO[bytes]) -> "subprocess.Popen[bytes]":
    environment = os.environ | {
        "PYTHONPATH": str(Path(engine.__file__).resolve().parents[1]),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "engine.models.conversion"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            env=environment,
        )
    except OSError as error:
        raise LabError("The converter cannot be started.", detail=str(error)) from error


def _converse(
    process: "subprocess.Popen[bytes]", request: str, report: Report
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
        if "fraction" not in message:
            return message
        report(Progress(STEP, message["fraction"], message["detail"]))
    return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _tail(noise: IO[bytes] | None) -> str:
    if noise is None:
        return ""
    size = noise.seek(0, os.SEEK_END)
    noise.seek(max(0, size - _DETAIL_BYTES))
    return noise.read().decode("utf-8", "replace")
