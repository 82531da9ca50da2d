"""Has a child process look at pictures, retrain and evaluate, and keeps it warm."""

import contextlib
import itertools
import pickle
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.training.orders import Cancel, Crashed, Done, Order, Refused, Stopped
from engine.warm_process import WarmProcess

if TYPE_CHECKING:
    from engine.accuracy.evaluation import Evaluation
    from engine.training.dataset import Dataset
    from engine.training.head import Epoch, OnEpoch
    from engine.training.retraining import Retrained, RetrainOptions

IDLE_S: Final = 600.0
"""How long the child waits for the next order."""
OBEYS_S: Final = 0.8
"""A child that does not stop within this time is ended."""
_WAIT_S: Final = 0.05


class Trainer:
    """One child process that trains, or none yet; safe to use from any thread.

    Orders wait for each other. Nothing of what the child learned lives in it alone: features,
    heads and models are on the disk, and a child that was ended loses a moment's work.
    """

    def __init__(self, idle_s: float = IDLE_S) -> None:
        """Start nothing yet.

        Args:
            idle_s: After how many seconds without work the child is ended.
        """
        self._process = WarmProcess("engine.training.child", idle_s, background=True)
        self._numbers = itertools.count(1)
        self._turn = threading.Lock()
        self._writing = threading.Lock()

    @property
    def pid(self) -> int:
        """The child's number; 0 while there is none."""
        return self._process.pid

    def scan(
        self,
        folder: Path,
        *,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> "Dataset":
        """Look at a folder's pictures; see ``dataset.scan``."""
        found: Dataset = self._ask("scan", {"folder": folder}, report, None, cancel)
        return found

    def retrain(  # noqa: PLR0913 - see retraining.retrain
        self,
        folder: Path,
        *,
        variant: str,
        weights: Path | None,
        precisions: Sequence[str],
        seed: int,
        options: "RetrainOptions",
        dataset: "Dataset",
        excluded: frozenset[Path],
        relabelled: Mapping[Path, str],
        resume: bool,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        on_epoch: "OnEpoch | None" = None,
    ) -> "Retrained":
        """Retrain into the lab's own store; see ``retraining.retrain``.

        Raises:
            LabError: If it cannot be done, or the child was ended from outside.
            Cancelled: If it was cancelled: within a second, and what was learned is kept.
        """
        given = {
            "folder": folder,
            "variant": variant,
            "weights": weights,
            "precisions": tuple(precisions),
            "seed": seed,
            "options": options,
            "dataset": dataset,
            "excluded": excluded,
            "relabelled": dict(relabelled),
            "resume": resume,
        }
        made: Retrained = self._ask("retrain", given, report, on_epoch, cancel)
        return made

    def evaluate(
        self,
        model: Path,
        folder: Path,
        *,
        labels: Sequence[str] = (),
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> "Evaluation":
        """Try a model on a folder; see ``evaluation.evaluate``."""
        given = {"model": model, "folder": folder, "labels": tuple(labels)}
        found: Evaluation = self._ask("evaluate", given, report, None, cancel)
        return found

    def close(self) -> None:
        """End the child, whatever it does."""
        self._process.close()

    def _ask(
        self,
        what: str,
        given: dict[str, Any],
        report: Report,
        on_epoch: "OnEpoch | None",
        cancel: CancelToken | None,
    ) -> Any:
        cancel = cancel or CancelToken()
        with self._one_at_a_time(cancel):
            process = self._process.take()
            order = Order(next(self._numbers), what, given)
            answer: object = None
            try:
                with (
                    _timers() as timers,
                    cancel.closing(lambda: self._stop(process, order.number, timers)),
                ):
                    answer = self._converse(process, order, report, on_epoch)
                    if answer is None:
                        process.wait()
                if answer is None:
                    cancel.check()
                    raise _broken(process.returncode, self._process.said())
            finally:
                if answer is None:
                    self._process.close()
                else:
                    self._process.rest()
        return _result(answer)

    @contextlib.contextmanager
    def _one_at_a_time(self, cancel: CancelToken) -> Iterator[None]:
        while not self._turn.acquire(timeout=_WAIT_S):
            cancel.check()
        try:
            cancel.check()
            yield
        finally:
            self._turn.release()

    def _stop(
        self, process: "subprocess.Popen[bytes]", number: int, timers: list[threading.Timer]
    ) -> None:
        """Ask the child to stop, and end it if it does not; does not block."""
        timer = threading.Timer(OBEYS_S, process.kill)
        timer.daemon = True
        timers.append(timer)
        timer.start()
        if process.stdin is not None and self._writing.acquire(blocking=False):
            try:
                _write(process, Cancel(number))
            finally:
                self._writing.release()

    def _converse(
        self,
        process: "subprocess.Popen[bytes]",
        order: Order,
        report: Report,
        on_epoch: "OnEpoch | None",
    ) -> object:
        """Send an order and hear the child out; its last word, None if it ended without."""
        with self._writing:
            if not _write(process, order):
                return None
        while True:
            try:
                message = pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301
            except (EOFError, OSError, pickle.UnpicklingError, ValueError):
                return None
            if isinstance(message, Progress):
                report(message)
            elif isinstance(message, (Done, Refused, Stopped, Crashed)):
                return message
            elif on_epoch is not None:
                epoch: Epoch = message
                on_epoch(epoch)


@contextlib.contextmanager
def _timers() -> Iterator[list[threading.Timer]]:
    """Hold the timers that end the child if it does not obey."""
    timers: list[threading.Timer] = []
    try:
        yield timers
    finally:
        for timer in timers:
            timer.cancel()


def _write(process: "subprocess.Popen[bytes]", message: object) -> bool:
    """Send a message; whether the child is there to read it."""
    if process.stdin is None:
        raise RuntimeError("the child was started without pipes")
    try:
        pickle.dump(message, process.stdin, pickle.HIGHEST_PROTOCOL)
        process.stdin.flush()
    except OSError:
        return False
    return True


def _result(answer: object) -> Any:
    if isinstance(answer, Done):
        return answer.result
    if isinstance(answer, Refused):
        raise LabError(answer.what, answer.advice, detail=answer.detail)
    if isinstance(answer, Stopped):
        raise Cancelled
    raise RuntimeError(answer.trace if isinstance(answer, Crashed) else repr(answer))


def _broken(code: int, said: str) -> LabError:
    """Return the sentence for a child that ended without a last word."""
    advice = "What was learned so far is kept: try again. The log has the details."
    if code in (-9, 137):
        advice = (
            "The system ended it, perhaps for lack of memory: close other programs and try again. "
            "What was computed so far is kept."
        )
    return LabError(
        "The process that looks at the pictures and trains has ended before it was done.",
        advice,
        detail=f"exit code {code}\n{said}",
    )
