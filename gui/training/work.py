"""What the Train view's jobs do, each on a thread of its own; heavy imports happen here."""

import logging
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import LabError
from engine.files import replacing
from engine.jobs import CancelToken, Progress, Report
from engine.paths import ASSETS, data_dir
from gui.training.corrections import Marks
from gui.training.values import PRECISIONS, ClassLine, Looked, Result, Told, TrainWish

if TYPE_CHECKING:
    from engine.accuracy.evaluation import Evaluation
    from engine.records.database import Database
    from engine.training.dataset import Dataset
    from engine.training.head import Epoch
    from engine.training.model_card import ModelCard
    from engine.training.retraining import Retrained
    from engine.training.split import Split
    from engine.training.trainer import Trainer

logger = logging.getLogger(__name__)

SAMPLE = ASSETS / "sample"
LONGEST_NAME = 60
STEP_OF = {"head": "train", "blocks": "tune"}
"""The step that each stage's passes are told under."""


class Found(NamedTuple):
    """A folder that was looked at: as the engine has it, and as it is shown."""

    dataset: "Dataset"
    looked: Looked


@dataclass(frozen=True, slots=True)
class Passed(Progress):
    """Progress that tells of one more pass."""

    epoch: "Epoch" = field(kw_only=True)


class Done(NamedTuple):
    """A retraining that ended well.

    Attributes:
        result: To show.
        models: The file of each precision, in a place of its own.
        card: How they came about.
        kept: The pass whose head is used, the best on validation.
        seconds: Of the whole, wall time.
        lines: The classes as they counted, corrections included.
        second: How the second stage ended, after a blank; empty where there was none.
    """

    result: Result
    models: dict[str, Path]
    card: "ModelCard"
    kept: int
    seconds: float
    lines: tuple[ClassLine, ...]
    second: str = ""


class Origin(NamedTuple):
    """A file that weights can be taken from.

    Attributes:
        words: What people call it.
        path: The file.
        alpha: Its width multiplier.
        resolution: Its input side, pixels.
    """

    words: str
    path: Path
    alpha: float
    resolution: int


class Engine:
    """The engine's side of the view. Each method is called on a job's thread."""

    def __init__(self, records: "Callable[[], Database] | None" = None) -> None:
        """Start nothing yet; ``records`` is where judgements are kept, if anywhere."""
        self._records = records
        self._trainer: Trainer | None = None
        self._trials: Trainer | None = None  # trying a model does not wait for a training

    def look(self, folder: Path, seed: int, report: Report, cancel: CancelToken) -> Found:
        """Look at the pictures of a folder and divide them.

        Raises:
            LabError: They cannot be learned from.
            Cancelled: ``cancel`` was cancelled.
        """
        return self.divide(self._training().scan(folder, report=report, cancel=cancel), seed)

    def divide(self, dataset: "Dataset", seed: int) -> Found:
        """Divide pictures that were looked at by another seed."""
        from engine.training.split import split

        divided = split(dataset, seed=seed)
        problems = tuple((each.path, each.what) for each in dataset.problems)
        looked = Looked(
            dataset.folder,
            class_lines(dataset, divided),
            tuple(each for each in dataset.warnings if "left out" not in each),
            problems,
            divided.near_copies,
            seed,
        )
        return Found(dataset, looked)

    def retrain(
        self,
        wish: TrainWish,
        found: Found,
        marks: Marks,
        *,
        resume: bool,
        report: Report,
        cancel: CancelToken,
    ) -> Done:
        """Retrain, and put the models where the person finds them.

        Raises:
            LabError: It cannot be done.
            Cancelled: ``cancel`` was cancelled; what was learned is kept.
        """
        from engine.models.tuned import TuneOptions
        from engine.training.retraining import RetrainOptions

        def passed(epoch: "Epoch") -> None:
            report(Passed(STEP_OF[epoch.stage], epoch.number / max(1, epoch.of), epoch=epoch))

        made = self._training().retrain(
            found.dataset.folder,
            variant=wish.variant,
            weights=wish.weights,
            precisions=PRECISIONS,
            seed=wish.seed,
            options=RetrainOptions(tune=TuneOptions(blocks=wish.blocks)),
            dataset=found.dataset,
            excluded=marks.excluded,
            relabelled=dict(marks.relabelled),
            resume=resume,
            report=report,
            cancel=cancel,
            on_epoch=passed,
        )
        models = _put_in_place(made, wish.variant)
        for precision, tested in made.evaluations.items():
            self._remember(tested, models[precision].stem)
        return Done(
            result_of(made),
            models,
            made.card,
            made.card.kept,
            sum(made.seconds.values()),
            class_lines(made.corrected.dataset, made.corrected.split),
            _second_said(made),
        )

    def evaluate(
        self,
        model: Path,
        labels: Sequence[str],
        folder: Path,
        report: Report,
        cancel: CancelToken,
    ) -> "Evaluation":
        """Try a model on a folder of class folders.

        Raises:
            LabError: It is no classifier, or the pictures cannot be used.
            Cancelled: ``cancel`` was cancelled.
        """
        if self._trials is None:
            self._trials = _trainer()
        tried = self._trials.evaluate(model, folder, labels=labels, report=report, cancel=cancel)
        self._remember(tried, model.stem)
        return tried

    def _remember(self, evaluation: "Evaluation", name: str) -> None:
        """Record how often a model was right, for the other views."""
        from engine.accuracy.judging import judged_of

        if self._records is not None:
            self._records().record_judged(judged_of(evaluation, name))

    def _training(self) -> "Trainer":
        if self._trainer is None:
            self._trainer = _trainer()
        return self._trainer

    def origin(self, path: Path) -> Origin:
        """Return what weights a file holds.

        Raises:
            LabError: It holds none that a MobileNet v1 can take.
        """
        from engine.models.weights import read_weights

        taken = read_weights(path)
        return Origin(path.stem, path, taken.alpha, taken.resolution)

    def origins(self) -> tuple[Origin, ...]:
        """Return the files of weights that are on this computer: the sample, what was fetched."""
        from engine.models.store import ModelStore

        files = [(f"sample: {path.stem}", path) for path in sorted(SAMPLE.glob("*.tflite"))]
        files += [(each.name, each.path) for each in ModelStore().list() if not each.built]
        found = []
        for words, path in files:
            try:
                found.append(self.origin(path)._replace(words=words))
            except LabError as error:  # another network: not for this
                logger.info("%s holds no weights for this: %s", path.name, error)
        return tuple(found)

    def close(self) -> None:
        """End the child processes."""
        for trainer in (self._trainer, self._trials):
            if trainer is not None:
                trainer.close()


def _trainer() -> "Trainer":
    from engine.training.trainer import Trainer

    return Trainer()


def class_lines(dataset: "Dataset", divided: "Split") -> tuple[ClassLine, ...]:
    """Return how many pictures of each class serve what."""
    sides = (divided.train, divided.validation, divided.test)
    counts = [[0] * len(sides) for _ in dataset.classes]
    for at, side in enumerate(sides):
        for index in side:
            counts[dataset.pictures[index].label][at] += 1
    return tuple(ClassLine(name, *row) for name, row in zip(dataset.classes, counts, strict=True))


def result_of(made: "Retrained") -> Result:
    """Return a retraining's result as it is shown."""
    names = dict(enumerate(made.dataset.classes))
    card = made.card
    return Result(
        title=card.title,
        said=(
            f"{card.variant}{_tuned_said(card.tuned_blocks)}: learned from {card.real} pictures "
            f"and {card.augmented} views; tested on others"
        ),
        told=tuple(
            Told(precision, names, each.answers, each.top1)
            for precision, each in made.evaluations.items()
        ),
        learned=Told("learned from", names, tuple(made.answers.values()), None),
        notice=" ".join(card.notices),
        evaluations=tuple(made.evaluations.values()),
    )


def _second_said(made: "Retrained") -> str:
    if made.second is None:
        return ""
    verdict = made.second.verdict
    pictures = f"{verdict.right_before} to {verdict.right_after} of {verdict.n} right on validation"
    if verdict.kept:
        return f" The second stage is used: {pictures}."
    return f" The second stage is not used: {verdict.short}."


def _tuned_said(blocks: int) -> str:
    """Say which part learned, where it is more than the head."""
    if not blocks:
        return ""
    return ", head and last block" if blocks == 1 else f", head and last {blocks} blocks"


def tried_result(evaluation: "Evaluation", name: str, *, warning: str = "") -> Result:
    """Return the result of a model that was tried; never mixed with what is published."""
    folder = evaluation.pictures.folder.name
    how = evaluation.preprocessing
    left = sum(count for _name, count in evaluation.pictures.left_out)
    rest = f" {left} pictures of classes that it does not know are left out." if left else ""
    return Result(
        title=f"{name} on {folder}",
        said=(
            f"Measured on your pictures, n = {evaluation.n}; no published figure. "
            f"{how[:1].upper()}{how[1:]}.{rest}"
        ),
        told=(Told.of("tried", evaluation),),
        notice=warning,
        tried=True,
        evaluations=(evaluation,),
    )


def save_report(evaluation: "Evaluation", path: Path) -> Path:
    """Write an evaluation as one page and return where."""
    from engine.accuracy.report import write_report

    write_report(evaluation, path)
    return path


def save_card(card: "ModelCard", path: Path) -> Path:
    """Write a model card to read, and the same as JSON beside it; return the first."""
    from engine.training.reporting import write_card

    name = path.name.removesuffix(path.suffix).removesuffix(".card")
    return write_card(card, path.with_name(name))


def _put_in_place(made: "Retrained", variant: str) -> dict[str, Path]:
    """Copy the models out of the store, under a name that says what they are."""
    folder = data_dir() / "retrained"
    folder.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[^\w.-]+", "_", made.dataset.folder.name)[:LONGEST_NAME] or "pictures"
    placed = {}
    for precision, path in made.models.items():
        target = folder / f"{plain}-{variant}-{precision}.tflite"
        with replacing(target) as part:
            shutil.copyfile(path, part)
        placed[precision] = target
    return placed
