"""From a folder of pictures to models that tell them apart, tested and described."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from engine.accuracy.evaluation import Answer, Evaluation
from engine.accuracy.test_set import KnownPicture, PictureSet
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.inspector import inspect_model
from engine.models.tuned import TuneOptions
from engine.models.weights import Layer
from engine.training.corrections import Corrected, correct
from engine.training.dataset import Dataset, scan
from engine.training.describing import Made, describe
from engine.training.feature_cache import Floats, Key
from engine.training.features import compute_features
from engine.training.head import (
    Epoch,
    Head,
    HeadOptions,
    OnEpoch,
    Sample,
    TrainedHead,
    train_head,
)
from engine.training.learned import Learned, learned_key
from engine.training.model_card import ModelCard
from engine.training.networks import Networks
from engine.training.second_stage import MAPS_SHARE, SecondStage, tune
from engine.training.split import Split, split
from engine.training.testing import SmallPictures, Testing
from engine.training.views import PLAIN

STEPS: Final = ("look", "split", "backbone", "features", "train", "tune", "build", "test")
"""In the order they are made and reported; ``tune`` only where it is asked for."""

MOST_VIEWS: Final = 10
LEAST_VIEWS: Final = 5
VIEWS_IN_ALL: Final = 22_000
"""Of the pictures that are learned from: more pictures need fewer views of each."""
CALIBRATION: Final = 48
"""Pictures that int8 ranges are measured on."""
_TOP: Final = 5


@dataclass(frozen=True, slots=True)
class RetrainOptions:
    """How to retrain.

    Attributes:
        head: How the head is trained.
        tune: How the last blocks are trained afterwards, if at all.
        views: Of each picture, itself included; 0 for as many as the folder's size suggests.
    """

    head: HeadOptions = field(default_factory=HeadOptions)
    views: int = 0
    tune: TuneOptions = field(default_factory=TuneOptions)

    def __post_init__(self) -> None:
        """Reject what cannot be trained with."""
        if not 0 <= self.views <= 100:
            raise LabError(f"A picture cannot have {self.views} views.", "Choose 1 to 100.")


@dataclass(frozen=True, slots=True)
class Retrained:
    """What came of retraining.

    Attributes:
        models: The file of each precision.
        card: To go with them.
        dataset: As the folders say: hand it to the next ``retrain`` with corrections.
        corrected: The same with the corrections, and which picture served what.
        trained: The first stage: the head and all passes.
        second: The second stage; None where it was not asked for.
        evaluations: Of each precision, on the test pictures.
        answers: What the network says of the pictures for training and validation as they are,
            to find those in the wrong folder; indices into ``dataset.pictures``.
        seconds: Of each of ``STEPS``, wall time.
    """

    models: dict[str, Path]
    card: ModelCard
    dataset: Dataset
    corrected: Corrected
    trained: TrainedHead
    second: SecondStage | None
    evaluations: dict[str, Evaluation]
    answers: dict[int, Answer]
    seconds: dict[str, float]


def retrain(  # noqa: PLR0913 - one option each
    folder: Path,
    *,
    variant: str,
    weights: Path | None,
    networks: Networks,
    precisions: Sequence[str] = ("int8",),
    seed: int = 0,
    options: RetrainOptions | None = None,
    dataset: Dataset | None = None,
    excluded: Collection[Path] = (),
    relabelled: Mapping[Path, str] | None = None,
    resume: bool = False,
    learned: Learned | None = None,
    features: Path | None = None,
    small: SmallPictures | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
    on_epoch: OnEpoch | None = None,
) -> Retrained:
    """Retrain a variant on the pictures of a folder of class folders.

    The backbone stays as it is; what it sees in each picture is computed once and kept. If
    training is cancelled, the best head until then is kept too: ``resume`` goes on from it,
    and with ``HeadOptions(epochs=0)`` uses it as it is. With ``TuneOptions(blocks=2)`` the last
    blocks are trained afterwards, and used if validation says so. Nothing in ``folder`` is
    changed.

    Args:
        folder: One folder per class in it.
        variant: ``v1_0.50_128``.
        weights: A file to take the backbone's weights from; None for random ones.
        networks: Makes the backbone and the models.
        precisions: Of the models.
        seed: Of the split; the same pictures, settings and seed give the same files.
        options: How to train.
        dataset: What ``scan`` found in the folder, to spare looking again.
        excluded: Pictures to leave out.
        relabelled: The class, by name, of pictures that lie in the wrong folder.
        resume: Go on from a training that was cancelled, if there was one.
        learned: Where a cancelled training's head is kept.
        features: Where features are kept.
        small: Test pictures that are decoded already, from an earlier call.
        report: Told of progress, under each of ``STEPS``.
        cancel: Obeyed within a second.
        on_epoch: Told of each pass, on this thread.

    Raises:
        LabError: If the pictures, the weights or the disk will not do.
        Cancelled: If it was cancelled.
    """
    work = _Work(networks, variant, weights, options or RetrainOptions(), cancel or CancelToken())
    clock = _Clock(report, work.cancel)
    with clock.step("look") as told:
        dataset = dataset or scan(folder, report=told, cancel=work.cancel)
    with clock.step("split"):
        divided = split(dataset, seed=seed)
        corrected = correct(dataset, divided, excluded, relabelled or {})
    with clock.step("backbone") as told:
        backbone = networks.backbone(variant, weights, report=told, cancel=work.cancel)
        backbone_sha256 = inspect_model(backbone).sha256
    views = work.options.views or views_for(len(divided.train))
    with clock.step("features") as told:
        seen = compute_features(
            backbone,
            dataset.pictures,
            dict.fromkeys((*corrected.split.train, *corrected.split.validation), views),
            root=features,
            report=told,
            cancel=work.cancel,
        )
    key = learned_key(dataset.folder, variant, backbone_sha256, dataset.classes)
    kept = learned or Learned()
    with clock.step("train") as told:
        start = kept.find(key) if resume else None
        trained = work.train(corrected, seen, views, start, _both(told, on_epoch))
        kept.keep(key, trained.head)
        if trained.cancelled:
            raise Cancelled
    second = None
    if work.options.tune.blocks:
        with clock.step("tune") as told:
            second = work.tune(corrected, trained.head, views, seed, told, on_epoch)
    head = second.head if second is not None else trained.head
    blocks = second.layers if second is not None else ()
    calibration = calibration_pictures(dataset, divided)
    with Testing(_test_pictures(corrected), work.cancel, small) as testing:
        with clock.step("build") as told:
            models = work.build(
                precisions,
                head,
                blocks,
                dataset.classes,
                calibration,
                seed=seed,
                report=told,
                built=testing.begin,
            )
        with clock.step("test") as told:
            evaluations = testing.results(told)
    answers = _answers(corrected, trained.head, seen, second)
    made = Made(
        variant, weights, backbone_sha256, work.options.head, views, len(calibration), models
    )
    card = describe(made, corrected, trained, second, evaluations, answers)
    kept.forget(key)
    return Retrained(
        models, card, dataset, corrected, trained, second, evaluations, answers, clock.seconds
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """The steps that take time, with what all of them need."""

    networks: Networks
    variant: str
    weights: Path | None
    options: RetrainOptions
    cancel: CancelToken

    def train(
        self,
        corrected: Corrected,
        seen: Mapping[Key, Floats],
        views: int,
        start: Head | None,
        on_epoch: OnEpoch,
    ) -> TrainedHead:
        return train_head(
            _sample(corrected, corrected.split.train, seen, views),
            _sample(corrected, corrected.split.validation, seen, views),
            corrected.dataset.classes,
            self.options.head,
            start=start,
            on_epoch=on_epoch,
            cancel=self.cancel,
        )

    def tune(
        self,
        corrected: Corrected,
        head: Head,
        views: int,
        seed: int,
        report: Report,
        on_epoch: OnEpoch | None,
    ) -> SecondStage:
        def told(epoch: Epoch) -> None:
            detail = f"pass {epoch.number}, {100 * epoch.validation_accuracy:.1f} % on validation"
            share = MAPS_SHARE + (1 - MAPS_SHARE) * epoch.number / max(1, epoch.of)
            report(Progress("tune", share, detail))
            if on_epoch is not None:
                on_epoch(epoch)

        return tune(
            self.networks,
            self.variant,
            self.weights,
            corrected,
            head,
            self.options.tune,
            most_views=views,
            class_weights=self.options.head.class_weights,
            seed=seed,
            report=report,
            on_epoch=told,
            cancel=self.cancel,
        )

    def build(  # noqa: PLR0913 - what models are made of is many things
        self,
        precisions: Sequence[str],
        head: Head,
        blocks: Sequence[Layer],
        labels: Sequence[str],
        calibration: Sequence[Path],
        *,
        seed: int,
        report: Report,
        built: Callable[[str, Path], None],
    ) -> dict[str, Path]:
        """Build one model after the other; ``built`` is told of each at once."""
        models = {}
        for at, precision in enumerate(precisions):
            models[precision] = self.networks.retrained(
                self.variant,
                self.weights,
                head,
                labels,
                precision,
                calibration if precision == "int8" else (),
                blocks=blocks,
                seed=seed,
                report=_part(report, at, len(precisions)),
                cancel=self.cancel,
            )
            built(precision, models[precision])
        return models


def views_for(pictures: int) -> int:
    """Return how many views of each picture are worth their time."""
    return min(MOST_VIEWS, max(LEAST_VIEWS, VIEWS_IN_ALL // max(1, pictures)))


def calibration_pictures(dataset: Dataset, divided: Split) -> tuple[Path, ...]:
    """Return training pictures to measure int8 ranges on, in turn of each class.

    Corrections do not change them: the frozen part then need not be quantised anew.
    """
    chance = np.random.default_rng(divided.seed)
    rows = [
        [at for at in divided.train if dataset.pictures[at].label == label]
        for label in range(len(dataset.classes))
    ]
    rows = [[row[at] for at in chance.permutation(len(row))] for row in rows]
    longest = max(map(len, rows))
    turns = [row[turn] for turn in range(longest) for row in rows if turn < len(row)]
    return tuple(dataset.pictures[at].path for at in turns[:CALIBRATION])


class _Clock:
    """Times the steps and reports under their names."""

    def __init__(self, report: Report, cancel: CancelToken) -> None:
        self.seconds: dict[str, float] = {}
        self._report = report
        self._cancel = cancel

    @contextmanager
    def step(self, name: str) -> Iterator[Report]:
        self._cancel.check()
        begun = time.monotonic()
        self._report(Progress(name, 0.0))
        yield lambda progress: self._report(Progress(name, progress.fraction, progress.detail))
        self._report(Progress(name, 1.0))
        self.seconds[name] = time.monotonic() - begun


def _part(report: Report, at: int, of: int) -> Report:
    """Report one of several equal parts of a step."""

    def told(progress: Progress) -> None:
        share = None if progress.fraction is None else (at + progress.fraction) / of
        report(Progress(progress.step, share, progress.detail))

    return told


def _both(report: Report, on_epoch: OnEpoch | None) -> OnEpoch:
    def told(epoch: Epoch) -> None:
        detail = f"pass {epoch.number}, {100 * epoch.validation_accuracy:.1f} % on validation"
        report(Progress("train", epoch.number / max(1, epoch.of), detail))
        if on_epoch is not None:
            on_epoch(epoch)

    return told


def _sample(
    corrected: Corrected, side: Sequence[int], seen: Mapping[Key, Floats], views: int
) -> Sample:
    pictures = [corrected.dataset.pictures[at] for at in side]
    return Sample(
        np.stack([seen[each.sha256, n] for each in pictures for n in range(views)]),
        np.repeat([each.label for each in pictures], views),
    )


def _test_pictures(corrected: Corrected) -> PictureSet:
    pictures = [corrected.dataset.pictures[at] for at in corrected.split.test]
    return PictureSet(
        corrected.dataset.folder,
        tuple(KnownPicture(each.path, each.label) for each in pictures),
        corrected.dataset.classes,
        "the folders' names, the test side of the split",
    )


def _answers(
    corrected: Corrected, head: Head, seen: Mapping[Key, Floats], second: SecondStage | None
) -> dict[int, Answer]:
    """What the network says of the pictures for training and validation as they are."""
    side = (*corrected.split.train, *corrected.split.validation)
    pictures = [corrected.dataset.pictures[at] for at in side]
    if second is not None and second.scores:
        scores = np.stack([second.scores[at] for at in side])
    else:
        scores = head.probabilities(np.stack([seen[each.sha256, PLAIN] for each in pictures]))
    order = np.argsort(-scores, axis=1, kind="stable")[:, :_TOP]
    return {
        at: Answer(
            path=picture.path,
            truth=picture.label,
            said=tuple(int(label) for label in order[row]),
            score=float(scores[row, order[row, 0]]),
            truth_score=float(scores[row, picture.label]),
        )
        for row, (at, picture) in enumerate(zip(side, pictures, strict=True))
    }
