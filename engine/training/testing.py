"""Tries retrained models on the test pictures: each while the next one is being built."""

import threading
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
MOST_BYTES: Final = 256 << 20
"""Of decoded pictures: 5,000 of 128 x 128."""


class SmallPictures:
    """Pictures as small as a model sees them, decoded once; safe to use from several threads.

    A file that has changed since is decoded again.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Hold none yet, and at most ``most_bytes`` of them."""
        self._most = most_bytes
        self._held: dict[tuple[Path, int], tuple[tuple[int, int], NDArray[np.uint8]]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def read(self, path: Path, side: int) -> NDArray[np.uint8]:
        """Return a picture's middle square, ``side`` x ``side``.

        Raises:
            LabError: If it cannot be read.
        """
        key, state = (path, side), _state(path)
        held = self._held.get(key)
        if held is not None and held[0] == state:
            return held[1]
        small = resize_bilinear(centre_square(read_picture(path)), side, side)
        with self._lock:
            if self._bytes + small.nbytes <= self._most or held is not None:
                self._bytes += 0 if held is not None else small.nbytes
                self._held[key] = (state, small)
        return small


def _state(path: Path) -> tuple[int, int]:
    """Return what changes when a file does; nothing of one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


class Testing:
    """Evaluates models one after the other on a thread of its own."""

    def __init__(
        self, known: PictureSet, cancel: CancelToken, small: SmallPictures | None = None
    ) -> None:
        """Begin nothing yet.

        Args:
            known: The test pictures.
            cancel: Obeyed between two pictures.
            small: Where they are decoded already.
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
        self._small = small or SmallPictures()

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
            model,
            self._known,
            read=lambda path: self._small.read(path, side),
            report=told,
            cancel=self._stop,
        )
