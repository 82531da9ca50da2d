"""What the Train view shows and what it asks for, as plain values."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.accuracy.evaluation import Answer, Evaluation
    from engine.accuracy.shares import Share

PRECISIONS = ("float32", "float16", "int8")
SIDES = (("training", "accent"), ("validation", "convert"), ("test", "post"))
"""What a picture serves, and the colour of that."""


class ClassLine(NamedTuple):
    """One class and how its pictures are divided.

    Attributes:
        name: Of the folder.
        train: Pictures that are learned from.
        validation: Pictures that decide when to stop.
        test: Pictures that are tested with, once.
    """

    name: str
    train: int
    validation: int
    test: int

    @property
    def total(self) -> int:
        """All pictures of the class."""
        return self.train + self.validation + self.test


class Looked(NamedTuple):
    """What was found in a folder.

    Attributes:
        folder: Where the pictures lie.
        classes: In the order of the model's output.
        warnings: What makes the result worth less, in sentences.
        problems: Files that are left out, and why.
        near_copies: Pictures with a near-copy; each is on the side of its copy.
        seed: Of the split.
    """

    folder: Path
    classes: tuple[ClassLine, ...]
    warnings: tuple[str, ...] = ()
    problems: tuple[tuple[Path, str], ...] = ()
    near_copies: int = 0
    seed: int = 0


class TrainWish(NamedTuple):
    """How to retrain.

    Attributes:
        variant: ``v1_0.50_128``.
        weights: The file that the frozen part's weights are taken from; None for random ones.
        seed: Of the split.
        blocks: How many of the last blocks are trained in a second stage; 0 for none.
    """

    variant: str
    weights: Path | None
    seed: int = 0
    blocks: int = 0


class Told(NamedTuple):
    """What a model said of some pictures.

    Attributes:
        word: Which of several it is: a precision, or a side of the split.
        names: Of the classes that occur, by index.
        answers: One per picture.
        share: How often it was right; None where that is no measure of anything.
    """

    word: str
    names: dict[int, str]
    answers: "tuple[Answer, ...]"
    share: "Share | None"

    @classmethod
    def of(cls, word: str, evaluation: "Evaluation") -> "Told":
        """Return what an evaluation holds."""
        names = {index: evaluation.pictures.label(index) for index in evaluation.seen}
        return cls(word, names, evaluation.answers, evaluation.top1)

    def cells(self) -> "dict[tuple[int, int], tuple[Answer, ...]]":
        """Return the answers by truth and by what was said, the surest first."""
        found: dict[tuple[int, int], list[Answer]] = {}
        for each in self.answers:
            found.setdefault((each.truth, each.said[0]), []).append(each)
        return {
            cell: tuple(sorted(answers, key=lambda each: -each.score))
            for cell, answers in found.items()
        }


class Result(NamedTuple):
    """A result: of a retraining, or of a model that was tried on pictures.

    Attributes:
        title: What it is of.
        said: Where the figure comes from, beside the interval.
        told: One per precision, or just one.
        learned: Of the pictures that were learned from; None for a model that was tried.
        notice: What a person must know, for instance of a collapse; else empty.
        tried: Whether it is a model tried on a person's pictures, not a retraining.
        evaluations: As the engine made them, for the report; in the order of ``told``.
    """

    title: str
    said: str
    told: tuple[Told, ...]
    learned: Told | None = None
    notice: str = ""
    tried: bool = False
    evaluations: "tuple[Evaluation, ...]" = ()


def worst_classes(told: Told, most: int) -> tuple[int, ...]:
    """Return the classes to show, in their order: all, or those with the most mistakes."""
    wrong = dict.fromkeys(sorted(told.names), 0)
    for each in told.answers:
        if not each.right:
            wrong[each.truth] += 1
            wrong[each.said[0]] += 1
    kept = sorted(wrong, key=lambda index: (-wrong[index], index))[:most]
    return tuple(sorted(kept))


def interval_said(share: "Share") -> str:
    """Return a share's interval in percent, for instance ``95.2 to 98.7 %``."""
    low, high = share.interval
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def seconds_said(seconds: float) -> str:
    """Return a time as one says it: seconds, from two minutes on minutes."""
    if seconds >= 120:
        return f"{seconds / 60:.0f} min"
    return f"{max(1, round(seconds))} s"


def listed(names: Iterable[str], most: int = 4) -> str:
    """Return names with commas, the rest counted."""
    all_names = list(names)
    if len(all_names) <= most:
        return ", ".join(all_names)
    return f"{', '.join(all_names[:most])} and {len(all_names) - most} more"
