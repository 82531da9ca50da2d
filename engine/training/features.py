"""What a frozen backbone sees in pictures and their views, on all cores, once."""

import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.inspector import inspect_model
from engine.models.interpreter import HostModel
from engine.models.pictures import read_picture
from engine.models.tasks import EMBEDDING
from engine.training.dataset import Picture
from engine.training.feature_cache import FeatureCache, Floats, Key, as_kept
from engine.training.views import view

STEP: Final = "features"

_AHEAD: Final = 4
_KEEP_S: Final = 2.0
"""How much work a crash may cost."""


def compute_features(
    backbone: Path,
    pictures: Sequence[Picture],
    views: Mapping[int, int],
    *,
    root: Path | None = None,
    most_bytes: int = 0,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> dict[Key, Floats]:
    """Return the features of pictures' views; what is in the cache is not computed again.

    Args:
        backbone: A ``.tflite`` from a picture to a vector.
        pictures: All there are.
        views: For an index into ``pictures``, how many of its views.
        root: Folder of the caches.
        most_bytes: See ``FeatureCache``.
        report: Told of the pictures, under the step ``features``.
        cancel: Obeyed between two pictures; what was computed is kept.

    Raises:
        LabError: If a picture has changed since it was looked at, the backbone is none, or
            the disk is full. What was computed is kept as far as there was room.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    report(Progress(STEP, 0.0, "looking in the cache"))
    facts = inspect_model(backbone)
    if facts.task != EMBEDDING:
        raise LabError(f"{backbone.name} is no backbone: it does not end in features.")
    length, side = facts.outputs[0].shape[-1], facts.inputs[0].shape[1]
    keys = [(pictures[index].sha256, n) for index, count in views.items() for n in range(count)]
    with closing(FeatureCache(facts.sha256, length, root=root, most_bytes=most_bytes)) as cache:
        found = cache.find(keys)
        missing: dict[int, list[int]] = {}
        for index, count in views.items():
            lacking = [n for n in range(count) if (pictures[index].sha256, n) not in found]
            if lacking:
                missing[index] = lacking
        work = [(pictures[index], numbers) for index, numbers in missing.items()]
        total = sum(len(numbers) for _, numbers in work)
        fresh: list[tuple[Key, Floats]] = []
        kept_at = time.monotonic()
        try:
            for row in look_at(backbone, side, work, cancel):
                fresh += row
                if time.monotonic() - kept_at > _KEEP_S:
                    done, fresh = fresh, []
                    cache.keep(done)
                    found.update(done)
                    kept_at = time.monotonic()
                share = (len(found) + len(fresh) - len(keys) + total) / max(1, total)
                report(Progress(STEP, share, f"{round(share * total)} of {total} views"))
        finally:
            cache.keep(fresh)
            found.update(fresh)
    report(Progress(STEP, 1.0, f"{len(keys)} views"))
    return found


def look_at(
    backbone: Path,
    side: int,
    work: Sequence[tuple[Picture, Sequence[int]]],
    cancel: CancelToken,
) -> Iterator[list[tuple[Key, Floats]]]:
    """Yield what a network sees in each picture's views, in their order, on all cores.

    Args:
        backbone: A ``.tflite`` from a picture to a vector.
        side: Rows and columns of its input.
        work: Pictures, and the numbers of their views.
        cancel: Obeyed between two pictures.

    Raises:
        LabError: If a picture has changed since it was looked at.
        Cancelled: If it was cancelled.
    """
    if not work:
        return
    workers = os.cpu_count() or 1
    free: SimpleQueue[HostModel] = SimpleQueue()
    stop = threading.Event()

    def run(each: tuple[Picture, Sequence[int]]) -> list[tuple[Key, Floats]]:
        runner = free.get()
        try:
            return _look(runner, side, *each, stop)
        finally:
            free.put(runner)

    with ExitStack() as stack:
        for _ in range(workers):
            free.put(stack.enter_context(HostModel(backbone, task=EMBEDDING)))
        pool = stack.enter_context(ThreadPoolExecutor(workers, "features"))
        waiting = iter(work)
        begun: deque[Future[list[tuple[Key, Floats]]]] = deque(
            pool.submit(run, each) for each in islice(waiting, _AHEAD * workers)
        )
        try:
            while begun:
                cancel.check()
                yield begun.popleft().result()
                begun.extend(pool.submit(run, each) for each in islice(waiting, 1))
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _look(
    runner: HostModel,
    side: int,
    picture: Picture,
    numbers: Sequence[int],
    stop: threading.Event,
) -> list[tuple[Key, Floats]]:
    rgb = _read(picture)
    seen: list[tuple[Key, Floats]] = []
    for number in numbers:
        if stop.is_set():
            break
        vector = runner.predict(view(rgb, side, picture.sha256, number)).vector
        if vector is None:
            raise RuntimeError("the backbone gave no vector")
        seen.append(((picture.sha256, number), as_kept(vector)))
    return seen


def _read(picture: Picture) -> NDArray[np.uint8]:
    """Read a picture and make sure that it is still the one that was looked at."""
    rgb = read_picture(picture.path)
    try:
        changed = hashlib.sha256(picture.path.read_bytes()).hexdigest() != picture.sha256
    except OSError:
        changed = True
    if changed:
        raise LabError(
            f"{picture.path} has changed since it was looked at.", "Look at the folder again."
        )
    return rgb
