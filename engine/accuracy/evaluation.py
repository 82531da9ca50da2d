"""Run a model on pictures whose class is known, on all cores, and count how often it is right."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.accuracy.shares import Share
from engine.accuracy.test_set import KnownPicture, PictureSet, read_picture_set
from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.inspector import ModelFacts, check_labels, inspect_model
from engine.models.interpreter import HostModel
from engine.models.pictures import read_picture
from engine.models.tasks import CLASSIFICATION

BINS: Final = 10
"""Of the calibration curve: 0..10 %, 10..20 %, ..."""
TOP: Final = 5
_AHEAD: Final = 4
"""Pictures in work per thread: enough to keep all busy, few enough to stop at once."""

Read = Callable[[Path], NDArray[np.uint8]]
"""From a file to an upright picture, shape (height, width, 3); raises ``LabError``."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said of one picture.

    Attributes:
        path: The picture.
        truth: Its class.
        said: The model's classes, best first, at most 5.
        score: Of the first, 0..1.
        truth_score: What the model gave the picture's own class, 0..1.
    """

    path: Path
    truth: int
    said: tuple[int, ...]
    score: float
    truth_score: float

    @property
    def right(self) -> bool:
        """Whether the model's first class is the picture's."""
        return self.said[0] == self.truth


@dataclass(frozen=True, slots=True)
class Bin:
    """Pictures of whose class the model was about equally sure.

    Attributes:
        low: Least score, 0..1.
        high: Greatest score.
        n: How many pictures.
        mean_score: Mean score; 0 if there is no picture.
        right: How many were right.
    """

    low: float
    high: float
    n: int
    mean_score: float
    right: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How often a model is right on a person's own pictures; never ILSVRC's figure.

    Attributes:
        model: Its name.
        model_sha256: 64 hex digits.
        pictures: What it was tried on.
        answers: One per picture that could be read, in the order of the paths.
        unreadable: Pictures that could not be read, and why.
        preprocessing: How a picture became the model's input, in words.
        classes: How many the model has.
        seconds: Wall time of the whole.
        threads: How many pictures were in work at once.
    """

    model: str
    model_sha256: str
    pictures: PictureSet
    answers: tuple[Answer, ...]
    unreadable: tuple[tuple[Path, str], ...]
    preprocessing: str
    classes: int
    seconds: float
    threads: int

    @property
    def n(self) -> int:
        """How many pictures count."""
        return len(self.answers)

    @property
    def top1(self) -> Share:
        """How often the first class is right."""
        return Share(sum(each.right for each in self.answers), self.n)

    @property
    def top5(self) -> Share:
        """How often one of the first five is right."""
        return Share(sum(each.truth in each.said for each in self.answers), self.n)

    @property
    def seen(self) -> tuple[int, ...]:
        """Return the classes that occur, as truth or as answer, lowest first."""
        return tuple(sorted({c for each in self.answers for c in (each.truth, each.said[0])}))

    @property
    def one_answer(self) -> int | None:
        """Return the class that pictures of several classes were all taken for; else None."""
        said = {each.said[0] for each in self.answers}
        several = len({each.truth for each in self.answers}) > 1
        return said.pop() if several and len(said) == 1 else None

    def per_class(self) -> dict[int, Share]:
        """Return how often each class that has pictures was told right."""
        hits: dict[int, list[bool]] = {}
        for each in self.answers:
            hits.setdefault(each.truth, []).append(each.right)
        return {index: Share(sum(hits[index]), len(hits[index])) for index in sorted(hits)}

    def confusion(self) -> NDArray[np.int64]:
        """Return counts, shape (k, k) for the k classes of ``seen``: rows truth, columns said."""
        place = {index: at for at, index in enumerate(self.seen)}
        counts = np.zeros((len(place), len(place)), np.int64)
        for each in self.answers:
            counts[place[each.truth], place[each.said[0]]] += 1
        return counts

    def mistakes(self) -> tuple[Answer, ...]:
        """Return the wrong answers, those the model was surest of first."""
        wrong = (each for each in self.answers if not each.right)
        return tuple(sorted(wrong, key=lambda each: (-each.score, str(each.path))))

    def calibration(self) -> tuple[Bin, ...]:
        """Return how right the model is where it is how sure: ``BINS`` equal ranges of score."""
        scores = np.array([each.score for each in self.answers])
        right = np.array([each.right for each in self.answers])
        which = np.clip((scores * BINS).astype(int), 0, BINS - 1)
        bins = []
        for at in range(BINS):
            here = which == at
            n = int(here.sum())
            mean = float(scores[here].mean()) if n else 0.0
            bins.append(Bin(at / BINS, (at + 1) / BINS, n, mean, int(right[here].sum())))
        return tuple(bins)


def evaluate(  # noqa: PLR0913 - one option each
    model: Path,
    folder: Path,
    *,
    labels: Sequence[str] = (),
    truth: Path | None = None,
    fit: str = "",
    threads: int = 0,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Evaluation:
    """Try a classifier on pictures whose class is known.

    Args:
        model: A ``.tflite``.
        folder: See ``read_picture_set``.
        labels: One per class; those in the model if none.
        truth: A list of pictures and classes; see ``read_picture_set``.
        fit: How a picture is fitted into the input; the task's own way if empty.
        threads: Pictures in work at once; 0 for one per core.
        report: Told of each picture, under the step ``evaluate``.
        cancel: Obeyed between two pictures.

    Raises:
        LabError: If the model is no classifier, or the pictures cannot be used.
        Cancelled: If it was cancelled.
    """
    facts = _classifier(model, labels)
    known = read_picture_set(folder, labels or facts.labels, facts.classes, truth)
    return evaluate_pictures(
        model, known, labels=labels, fit=fit, threads=threads, report=report, cancel=cancel
    )


def evaluate_pictures(  # noqa: PLR0913 - one option each
    model: Path,
    known: PictureSet,
    *,
    labels: Sequence[str] = (),
    fit: str = "",
    threads: int = 0,
    read: Read = read_picture,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Evaluation:
    """Try a classifier on pictures that were chosen already; see ``evaluate``.

    ``read`` is what reads them, on several threads: who tries several models need not decode a
    picture for each.
    """
    facts = _classifier(model, labels)
    cancel = cancel or CancelToken()
    workers = threads or os.cpu_count() or 1
    begun = time.monotonic()
    with ExitStack() as stack:
        runners = [
            stack.enter_context(HostModel(model, labels=labels, fit=fit)) for _ in range(workers)
        ]
        tried = list(_try_all(runners, known.pictures, read, report, cancel))
        used = runners[0].fit
    answers = tuple(each for each in tried if isinstance(each, Answer))
    if not answers:
        raise LabError(f"None of the {len(tried)} pictures in {known.folder} can be read.")
    side = facts.inputs[0].shape[1]
    return Evaluation(
        model=facts.name,
        model_sha256=facts.sha256,
        pictures=known,
        answers=answers,
        unreadable=tuple(each for each in tried if not isinstance(each, Answer)),
        preprocessing=f"{used} to {side} x {side}, bilinear",
        classes=facts.classes,
        seconds=time.monotonic() - begun,
        threads=workers,
    )


def _classifier(model: Path, labels: Sequence[str]) -> ModelFacts:
    facts = inspect_model(model)
    if facts.task != CLASSIFICATION:
        raise LabError(
            f"{model.name} is for {facts.task}; only classifiers can be evaluated.",
            "Choose a model that names classes.",
        )
    check_labels(facts, labels)
    return facts


def _try_all(
    runners: Sequence[HostModel],
    pictures: Sequence[KnownPicture],
    read: Read,
    report: Report,
    cancel: CancelToken,
) -> Iterator[Answer | tuple[Path, str]]:
    """Yield what comes of each picture, in their order; one picture per runner at a time."""
    free: SimpleQueue[HostModel] = SimpleQueue()
    for runner in runners:
        free.put(runner)

    def run(known: KnownPicture) -> Answer | tuple[Path, str]:
        runner = free.get()
        try:
            return _try(runner, known, read)
        finally:
            free.put(runner)

    waiting = iter(pictures)
    with ThreadPoolExecutor(len(runners), "evaluate") as pool:
        begun: deque[Future[Answer | tuple[Path, str]]] = deque(
            pool.submit(run, known) for known in islice(waiting, _AHEAD * len(runners))
        )
        for done in range(1, len(pictures) + 1):
            try:
                cancel.check()
                yield begun.popleft().result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            report(Progress("evaluate", done / len(pictures), f"{done} of {len(pictures)}"))
            begun.extend(pool.submit(run, known) for known in islice(waiting, 1))


def _try(runner: HostModel, known: KnownPicture, read: Read) -> Answer | tuple[Path, str]:
    try:
        rgb = read(known.path)
    except LabError as error:
        return known.path, error.what
    said = runner.predict(rgb).entries
    return Answer(
        path=known.path,
        truth=known.truth,
        said=tuple(each.index for each in said),
        score=said[0].score,
        truth_score=float(runner.scores()[known.truth]),
    )
