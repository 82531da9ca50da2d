"""Names of classes: one per line, in the order of the model's output."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from engine.errors import LabError

_MAX_BYTES: Final = 4 << 20
_MAX_LABELS: Final = 100_000
_BACKGROUND: Final = "???"
_NUMBERED: Final = re.compile(r"^(\d{1,6})(?:\s*:\s*|\s+)(\S.*)$")


def read_labels(path: Path) -> tuple[str, ...]:
    """Read a labels file.

    Either one label per line, or ``number name`` on each line (gaps become empty labels).
    A first line ``???`` is left out: the label map that came with the COCO detector of 2018
    has it for the background, which the detector's classes do not count.

    Raises:
        LabError: If the file is unreadable, not UTF-8 text, or has no labels.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise LabError(
            f"The labels file {path} cannot be read.", "Check the name.", detail=str(error)
        ) from error
    try:
        return parse_labels(raw)
    except LabError as error:
        raise LabError(f"{path.name}: {error.what}", error.advice, detail=error.detail) from error


def parse_labels(raw: bytes) -> tuple[str, ...]:
    """Read labels from the bytes of a labels file; see ``read_labels``."""
    advice = "A labels file has one class name per line, in UTF-8."
    if len(raw) > _MAX_BYTES:
        raise LabError("The labels file is far too big.", advice)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabError("The labels file is not text.", advice, detail=str(error)) from error
    if "\0" in text:
        raise LabError("The labels file is not text.", advice)
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text)]
    while lines and not lines[-1]:
        lines.pop()
    if lines[:1] == [_BACKGROUND]:
        del lines[0]
    if not any(lines):
        raise LabError("The labels file is empty.", advice)
    if len(lines) > _MAX_LABELS:
        raise LabError(f"The labels file has {len(lines)} lines.", advice)
    return _by_number(lines) or tuple(lines)


def label_of(labels: Sequence[str], index: int) -> str:
    """Return the name of a class, or ``class 7`` where there is none."""
    if 0 <= index < len(labels) and labels[index]:
        return labels[index]
    return f"class {index}"


def _by_number(lines: list[str]) -> tuple[str, ...]:
    """Labels of ``number name`` lines; empty unless every line is one and numbers rise."""
    matches = [_NUMBERED.match(line) for line in lines if line]
    numbers = [int(match[1]) for match in matches if match]
    rising = all(low < high for low, high in pairwise(numbers))
    if len(numbers) != len(matches) or not rising or numbers[-1] >= _MAX_LABELS:
        return ()
    labels = [""] * (numbers[-1] + 1)
    for match in matches:
        if match:
            labels[int(match[1])] = match[2]
    return tuple(labels)
