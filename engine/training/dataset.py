"""A folder of class folders: which pictures there are, and what is wrong with some of them.

Nothing is moved, changed or deleted: what cannot be used is listed.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.pictures import SUFFIXES, check_picture, decode_picture

MOST_FILES: Final = 100_000
LEAST_PER_CLASS: Final = 5
"""Fewer cannot be divided among training, validation and test."""
FEW_PER_CLASS: Final = 50
"""Fewer than this and the test's interval is wider than most differences."""
UNBALANCED: Final = 3.0
"""Largest class over smallest beyond which a warning is given."""
STEP: Final = "look"

_UNUSED: Final = (".gif", ".heic", ".heif", ".avif")
_BATCH: Final = 64
_HASH_SIDE: Final = 32
_HASH_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture that can be used.

    Attributes:
        path: The file.
        label: Its class, an index into ``Dataset.classes``.
        sha256: Of the file, hexadecimal.
        look: 64 bits that change little when the picture does; see ``look_of``.
        width: Columns, as it stands upright.
        height: Rows.
    """

    path: Path
    label: int
    sha256: str
    look: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that is not used, and why."""

    path: Path
    what: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The pictures of a folder.

    Attributes:
        folder: Where they lie.
        classes: Names of the class folders, in order.
        pictures: Usable ones, in the order of class and path.
        problems: Files that are left out, with the reason.
    """

    folder: Path
    classes: tuple[str, ...]
    pictures: tuple[Picture, ...]
    problems: tuple[Problem, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Return how many usable pictures each class has."""
        counted = Counter(each.label for each in self.pictures)
        return tuple(counted[label] for label in range(len(self.classes)))

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what makes the result worth less, in sentences."""
        said = []
        fewest, most = min(self.counts), max(self.counts)
        scarce = self.classes[self.counts.index(fewest)]
        if fewest < FEW_PER_CLASS:
            said.append(
                f"{scarce} has only {fewest} pictures: the accuracy will be known only roughly."
            )
        if most > UNBALANCED * fewest:
            common = self.classes[self.counts.index(most)]
            said.append(
                f"{common} has {most / fewest:.0f} times as many pictures as {scarce}: rare "
                "classes count more in training, but more pictures of them would be better."
            )
        if self.problems:
            said.append(f"{len(self.problems)} files are left out.")
        return tuple(said)


def scan(
    folder: Path, *, report: Report = ignore_progress, cancel: CancelToken | None = None
) -> Dataset:
    """Look at every picture of a folder of class folders.

    Args:
        folder: Has one folder per class; pictures may lie in folders within these. Links to
            folders are not followed.
        report: Told of the pictures, under the step ``look``.
        cancel: Obeyed between two pictures.

    Raises:
        LabError: If there are not two classes with ``LEAST_PER_CLASS`` pictures each, or more
            than ``MOST_FILES`` files.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    classes = _class_folders(folder)
    files: list[tuple[Path, int]] = []
    problems: list[Problem] = []
    for label, name in enumerate(classes):
        for path in _files(folder / name, len(files), cancel):
            if path.suffix.lower() in SUFFIXES:
                files.append((path, label))
            elif path.suffix.lower() in _UNUSED:
                problems.append(Problem(path, "is of a kind that the lab does not read"))
    looked: list[Picture | Problem] = []
    with ThreadPoolExecutor(os.cpu_count(), "look") as pool:
        for first in range(0, len(files), _BATCH):
            cancel.check()
            batch = files[first : first + _BATCH]
            looked += pool.map(lambda file: _look(file, cancel), batch)
            report(Progress(STEP, len(looked) / len(files), f"{len(looked)} of {len(files)}"))
    problems += [each for each in looked if isinstance(each, Problem)]
    pictures, copies = _without_copies([p for p in looked if isinstance(p, Picture)], classes)
    dataset = Dataset(folder, classes, tuple(pictures), (*problems, *copies))
    _check_counts(dataset)
    return dataset


def _class_folders(folder: Path) -> tuple[str, ...]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            )
    except OSError as error:
        raise LabError(
            f"The folder {folder} cannot be read.", "Check the name.", detail=str(error)
        ) from error
    if len(names) < 2:
        said = f"There is only the class {names[0]}" if names else "There are no class folders"
        raise LabError(
            f"{said} in {folder}.",
            "Make one folder per class in it, with that class's pictures.",
        )
    for name in names:
        if not name.isprintable() or not _is_text(name):
            raise LabError(f"The class folder {name!a} has no proper name.", "Rename it.")
    return tuple(names)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _files(folder: Path, before: int, cancel: CancelToken) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders by name; refuses too many."""
    for place, folders, names in os.walk(folder):  # which does not follow links
        cancel.check()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        before += len(names)
        if before > MOST_FILES:
            raise LabError(
                f"There are more than {MOST_FILES:,} files in {folder.parent}.",
                "Choose a smaller folder.",
            )
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(place) / name


def _look(file: tuple[Path, int], cancel: CancelToken) -> Picture | Problem:
    cancel.check()
    path, label = file
    try:
        data = path.read_bytes()
        check_picture(data)
        rgb = decode_picture(data)
    except LabError as error:
        return Problem(path, error.what)
    except OSError as error:
        return Problem(path, f"cannot be read: {error.strerror}")
    height, width = rgb.shape[:2]
    return Picture(path, label, hashlib.sha256(data).hexdigest(), look_of(rgb), width, height)


def look_of(rgb: NDArray[np.uint8]) -> int:
    """Return 64 bits of how a picture looks: near-copies differ in few of them.

    The signs, against their median, of the lowest 8 x 8 frequencies of the picture's
    brightness at 32 x 32 pixels (a "perceptual hash").
    """
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_HASH_SIDE, _HASH_SIDE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small.astype(np.float32))[:_HASH_KEPT, :_HASH_KEPT].ravel()
    bits = low > np.median(low[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _without_copies(
    pictures: Sequence[Picture], classes: Sequence[str]
) -> tuple[list[Picture], list[Problem]]:
    """Leave out files with the same bytes; those that lie in two classes in both."""
    labels: dict[str, set[int]] = {}
    for each in pictures:
        labels.setdefault(each.sha256, set()).add(each.label)
    kept: dict[str, Picture] = {}
    copies = []
    for each in pictures:
        if len(labels[each.sha256]) > 1:
            names = " and ".join(classes[label] for label in sorted(labels[each.sha256]))
            copies.append(Problem(each.path, f"is in {names}: keep it in one"))
        elif each.sha256 in kept:
            copies.append(Problem(each.path, f"is the same as {kept[each.sha256].path.name}"))
        else:
            kept[each.sha256] = each
    return list(kept.values()), copies


def _check_counts(dataset: Dataset) -> None:
    for name, count in zip(dataset.classes, dataset.counts, strict=True):
        if count < LEAST_PER_CLASS:
            reasons = [each for each in dataset.problems if name in each.path.parts]
            why = f" {reasons[0].path.name} {reasons[0].what}." if reasons else ""
            raise LabError(
                f"The class {name} has {count} usable pictures.{why}",
                f"Each class needs at least {LEAST_PER_CLASS}; a hundred is a good start.",
            )
