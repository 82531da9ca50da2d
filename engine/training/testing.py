"""Tries retrained models on the test pictures: each while the next one is being built."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.accuracy.evaluation import Evaluation, evaluate_pictures
from engine.accuracy.test_set import PictureSet
from engine.jobs import CancelToken, Progress, Report
from engine.models.inspector import inspect_model
from engine.models.pictures import read_picture
from engine.models.preprocessing import centre_square, resize_bilinear

STEP: Final = "test"


class Testing:
    """Evaluates models one after the other on a thread of its own.

    A picture is decoded once for all models and kept as small as they see it.
    """

    def __init__(self, known: PictureSet, cancel: CancelToken) -> None:
        """Begin nothing yet.

        Args:
            known: The test pictures.
            cancel: Obeyed between two pictures.
        """
        self._known = known
        self._cancel = cancel
        self._stop = CancelToken()
        self._held = ExitStack()
        self._pool = ThreadPoolExecutor(1, "test")
        self._begun: dict[str, Future[Evaluation]] = {}
        self._shares: dict[str, float] = {}
        self._report: Report = lambda _progress: None
        self._lock = threading.Lock()
        self._small: dict[tuple[Path, int], NDArray[np.uint8]] = {}

    def __enter__(self) -> "Testing":
        self._held.enter_context(self._cancel.closing(self._stop.cancel))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        self._stop.cancel()
        self._pool.shutdown(cancel_futures=True)
        return self._held.__exit__(kind, error, trace)

    def begin(self, name: str, model: Path) -> None:
        """Try a model as soon as those before it are done; does not wait."""
        self._begun[name] = self._pool.submit(self._evaluate, name, model)

    def results(self, report: Report) -> dict[str, Evaluation]:
        """Wait for all and return what came of them, in the order they were begun.

        Raises:
            LabError: If one of them cannot be tried.
            Cancelled: If it was cancelled.
        """
        with self._lock:
            self._report = report
        return {name: future.result() for name, future in self._begun.items()}

    def _evaluate(self, name: str, model: Path) -> Evaluation:
        side = inspect_model(model).inputs[0].shape[1]

        def told(progress: Progress) -> None:
            with self._lock:
                self._shares[name] = progress.fraction or 0.0
                share = sum(self._shares.values()) / len(self._begun)
                self._report(Progress(STEP, share, f"{name}, {progress.detail}"))

        return evaluate_pictures(
            model, self._known, read=self._reader(side), report=told, cancel=self._stop
        )

    def _reader(self, side: int) -> Callable[[Path], NDArray[np.uint8]]:
        def read(path: Path) -> NDArray[np.uint8]:
            small = self._small.get((path, side))
            if small is None:
                small = resize_bilinear(centre_square(read_picture(path)), side, side)
                self._small[path, side] = small
            return small

        return read
