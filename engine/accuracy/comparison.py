"""Two models on the same pictures: which is right more often, and is that more than chance?"""

from dataclasses import dataclass
from math import comb
from pathlib import Path

from engine.accuracy.evaluation import Answer, Evaluation
from engine.errors import LabError

SURE = 0.05
"""Least chance at which a difference is called chance, as is usual."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A picture on which two models do not say the same."""

    first: Answer
    second: Answer

    @property
    def path(self) -> Path:
        """Return the picture."""
        return self.first.path


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two evaluations on the same pictures.

    Attributes:
        first: Of one model.
        second: Of the other.
        differences: Where their first classes differ, in the order of the paths.
    """

    first: Evaluation
    second: Evaluation
    differences: tuple[Difference, ...]

    @property
    def only_first(self) -> int:
        """How many pictures only the first model tells right."""
        return sum(each.first.right and not each.second.right for each in self.differences)

    @property
    def only_second(self) -> int:
        """How many pictures only the second model tells right."""
        return sum(each.second.right and not each.first.right for each in self.differences)

    @property
    def agreement(self) -> float:
        """Return the fraction of pictures on which both say the same, 0..1."""
        return 1 - len(self.differences) / self.first.n

    @property
    def p_value(self) -> float:
        """Return the chance of a difference at least this large if neither is better.

        McNemar's exact test, two-sided: of the pictures that only one tells right, each model
        would get half. Pictures that both tell right or both wrong say nothing.

        Source: Q. McNemar, Psychometrika 12 (1947); exact binomial form.
        """
        n = self.only_first + self.only_second
        fewer = min(self.only_first, self.only_second)
        tail: int = sum(comb(n, k) for k in range(fewer + 1))
        return min(1.0, 2 * tail / (1 << n))

    @property
    def verdict(self) -> str:
        """Say in one sentence whether one is better."""
        n = self.only_first + self.only_second
        if not n:
            return "Both are right on the same pictures."
        better = self.first if self.only_first > self.only_second else self.second
        if self.p_value < SURE:
            return f"{better.model} is better (McNemar's exact test, p = {self.p_value:.2g})."
        return (
            f"These pictures do not tell which is better (McNemar's exact test, "
            f"p = {self.p_value:.2g}): more pictures might."
        )


def compare(first: Evaluation, second: Evaluation) -> Comparison:
    """Compare two evaluations, picture by picture.

    Raises:
        LabError: If they are not of the same pictures, or disagree on what those show.
    """
    others = {each.path: each for each in second.answers}
    if [each.path for each in first.answers] != list(others):
        raise LabError(
            "The two models were not tried on the same pictures.",
            "Name the same classes in both models' labels.",
        )
    names = [first.pictures.label, second.pictures.label]
    pairs = [(each, others[each.path]) for each in first.answers]
    if first.classes != second.classes and not (first.pictures.labels and second.pictures.labels):
        raise LabError(
            f"One model has {first.classes} classes, the other {second.classes}.",
            "Give the labels of both.",
        )
    said = [
        tuple(name(each.said[0]) for name, each in zip(names, pair, strict=True)) for pair in pairs
    ]
    return Comparison(
        first,
        second,
        tuple(
            Difference(*pair)
            for pair, (one, other) in zip(pairs, said, strict=True)
            if one != other
        ),
    )
