"""Pictures whose class is known: from folders named by class, from names, or from a list."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import LabError
from engine.models.labels import label_of
from engine.models.pictures import SUFFIXES, find_pictures

_SYNSET: Final = re.compile(r"^n\d{8}_(.+)$")
_LINE: Final = re.compile(
    rf"^(.+?(?:{'|'.join(map(re.escape, SUFFIXES))}))[\s,;]+(\S.*)$", re.IGNORECASE
)
_MOST_PICTURES: Final = 100_000
_MOST_LIST_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """A picture with its class.

    Attributes:
        path: The file.
        truth: Class as the model counts them.
    """

    path: Path
    truth: int


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Pictures whose class is known.

    Attributes:
        folder: Where they lie.
        pictures: In the order of their paths.
        labels: One per class of the model; may be none.
        how: Where the truth comes from, in words.
        left_out: How many pictures belong to no class of the model, by their class's name.
    """

    folder: Path
    pictures: tuple[KnownPicture, ...]
    labels: tuple[str, ...]
    how: str
    left_out: tuple[tuple[str, int], ...] = ()

    def label(self, index: int) -> str:
        """Return the name of a class."""
        return label_of(self.labels, index)


def read_picture_set(
    folder: Path, labels: Sequence[str], classes: int, truth: Path | None = None
) -> PictureSet:
    """List the pictures of a folder with the class of each.

    In this order: a list that names each picture's class; folders named by class; pictures
    named ``<synset>_<class>``, as samples of ImageNet are. Names are compared without case,
    ``_`` and ``-`` count as blanks, and each of a label's names (between commas) will do.

    Args:
        folder: Folders of pictures, or pictures.
        labels: The model's, one per class; without them folders are its classes in the
            order of their names.
        classes: How many the model has.
        truth: A text file with ``picture class`` on each line; the class by name or number.

    Raises:
        LabError: If there are no pictures, or none of a class that the model knows.
    """
    if not folder.is_dir():
        raise LabError(f"There is no folder {folder}.", "Name a folder of pictures.")
    try:
        files = find_pictures(folder)
    except OSError as error:
        raise LabError(f"The folder {folder} cannot be read.", detail=str(error)) from error
    if not files:
        raise LabError(f"There are no pictures in {folder}.", "Use JPEG or PNG files.")
    if len(files) > _MOST_PICTURES:
        raise LabError(
            f"There are {len(files)} pictures in {folder}.",
            f"Choose a folder of at most {_MOST_PICTURES}.",
        )
    names = _Names(labels, classes)
    if truth is not None:
        named = _by_list(folder, truth)
        how = f"the list {truth.name}"
    elif folders := _folders(folder, files):
        named = [
            (path, path.relative_to(folder).parts[0]) for path in files if path.parent in folders
        ]
        how = "the folders' names"
        if not labels:
            names = _Names(sorted({name for _, name in named}), classes)
            how = "the folders, in the order of their names"
    else:
        named = [(path, found[1]) for path in files if (found := _SYNSET.match(path.stem))]
        how = "the pictures' names"
    return _known(folder, named, names, how)


def _folders(folder: Path, files: Sequence[Path]) -> set[Path]:
    return {path.parent for path in files if path.parent != folder}


def _known(
    folder: Path, named: Sequence[tuple[Path, str]], names: "_Names", how: str
) -> PictureSet:
    if not named:
        raise LabError(
            f"It is not known what the pictures in {folder} show.",
            "Put the pictures of each class into a folder with the class's name, or give a list.",
        )
    pictures, left_out = [], Counter[str]()
    for path, name in named:
        index = names.find(name)
        if index is None:
            left_out[name] += 1
        else:
            pictures.append(KnownPicture(path, index))
    if not pictures:
        some = ", ".join(list(left_out)[:3])
        raise LabError(
            f"The model has no class {some}.",
            "Name the folders as the model's labels, or give the labels that belong to it.",
        )
    return PictureSet(folder, tuple(pictures), names.labels, how, tuple(sorted(left_out.items())))


def _by_list(folder: Path, truth: Path) -> list[tuple[Path, str]]:
    """Read ``picture class`` lines; pictures are named from the folder on."""
    advice = "Each line has a picture's name, a blank, and its class."
    try:
        if truth.stat().st_size > _MOST_LIST_BYTES:
            raise LabError(f"The list {truth.name} is far too big.", advice)
        text = truth.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise LabError(f"The list {truth} cannot be read.", advice, detail=str(error)) from error
    named = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _LINE.match(line.strip())
        if found is None:
            raise LabError(f"Line {number} of {truth.name} names no class.", advice)
        path = folder / found[1]
        if not path.resolve().is_relative_to(folder.resolve()):
            raise LabError(f"Line {number} of {truth.name} leaves the folder.", advice)
        if not path.is_file():
            raise LabError(f"Line {number} of {truth.name}: there is no picture {found[1]}.")
        named.append((path, found[2]))
    return named


class _Names:
    """Finds a class by one of its names, or by its number."""

    def __init__(self, labels: Sequence[str], classes: int) -> None:
        self.labels = tuple(labels)
        self._classes = classes
        self._found: dict[str, int] = {}
        for index, label in enumerate(labels):
            for name in (label, *label.split(",")):
                self._found.setdefault(_plain(name), index)
        self._found.pop("", None)

    def find(self, name: str) -> int | None:
        """Return the class, or None if the model has none of that name."""
        synset = _SYNSET.match(name)
        index = self._found.get(_plain(synset[1] if synset else name))
        if index is None and name.isdecimal() and len(name) < 9:
            index = int(name)
        return index if index is not None and index < self._classes else None


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[_-]", " ", name).casefold().split())
