"""What a person said of single pictures: that is another class, that one does not count."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import LabError
from engine.training.dataset import LEAST_PER_CLASS, Dataset
from engine.training.split import Split


@dataclass(frozen=True, slots=True)
class Corrected:
    """A dataset and its split as they count.

    Attributes:
        dataset: All pictures, relabelled ones with their new class.
        split: Without those that are left out. Nothing has changed sides: what was tested
            with before is never learned from afterwards.
        excluded: How many pictures are left out by hand.
        relabelled: How many have another class than their folder.
        in_test: How many of both are on the test side.
    """

    dataset: Dataset
    split: Split
    excluded: int
    relabelled: int
    in_test: int


def correct(
    dataset: Dataset, split: Split, excluded: Collection[Path], relabelled: Mapping[Path, str]
) -> Corrected:
    """Apply corrections to a dataset that was split.

    Args:
        dataset: As the folders say.
        split: Of it.
        excluded: Pictures to leave out.
        relabelled: The class, by name, of pictures that lie in the wrong folder.

    Raises:
        LabError: If there is no such picture or class, or too few are left of one.
    """
    places = {each.path: at for at, each in enumerate(dataset.pictures)}
    for path in (*excluded, *relabelled):
        if path not in places:
            raise LabError(f"{path} is not among the pictures.", "Look at the folder again.")
    out = {places[path] for path in excluded}
    pictures = list(dataset.pictures)
    changed = set()
    for path, name in relabelled.items():
        if name not in dataset.classes:
            raise LabError(f"There is no class {name!r}.", f"Choose {_listed(dataset.classes)}.")
        at, label = places[path], dataset.classes.index(name)
        if at not in out and pictures[at].label != label:
            changed.add(at)
            pictures[at] = replace(pictures[at], label=label)
    corrected = replace(dataset, pictures=tuple(pictures))
    left = replace(
        split,
        train=tuple(at for at in split.train if at not in out),
        validation=tuple(at for at in split.validation if at not in out),
        test=tuple(at for at in split.test if at not in out),
    )
    _check_sides(corrected, left)
    return Corrected(
        corrected,
        left,
        len(out),
        len(changed),
        len((out | changed) & set(split.test)),
    )


def _check_sides(dataset: Dataset, split: Split) -> None:
    sides = (split.train, split.validation, split.test)
    for label, name in enumerate(dataset.classes):
        counts = [sum(dataset.pictures[at].label == label for at in side) for side in sides]
        if sum(counts) < LEAST_PER_CLASS or not all(counts):
            raise LabError(
                f"Too few pictures of {name} are left: {counts[0]} to learn from, "
                f"{counts[1]} to validate and {counts[2]} to test.",
                "Take a correction back, or add pictures.",
            )


def _listed(names: Collection[str]) -> str:
    return " or ".join(list(names)[:5])
