"""What a model says of a picture, wherever it ran: on this computer or on a phone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_BOX = 0.4
"""Boxes below this score are not shown, here as on the phone's screen."""


def worth_showing(score: float, *, box: bool) -> bool:
    """Return whether to show an entry: faint boxes are noise, a faint class is an answer."""
    return not box or score >= LEAST_BOX


@dataclass(frozen=True, slots=True)
class ClassScore:
    """A class and how sure the model is of it, or how much of a map it takes: 0..1."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class Box:
    """An object found: class, score 0..1, and edges as fractions of the model's input."""

    index: int
    score: float
    top: float
    left: float
    bottom: float
    right: float


@dataclass(frozen=True, eq=False, slots=True)
class Recognition:
    """What a model said of one picture, and what it took.

    Attributes:
        kind: ``classes``, ``boxes``, ``vector`` or ``map``.
        entries: Highest score first; at most 5 classes or 25 boxes, none for a vector. Of a map
            the classes that take most of it, at most 5.
        convert_ns: Picture to input tensor.
        infer_ns: The interpreter's ``invoke`` alone: this is latency.
        post_ns: Output tensor to entries.
        vector: Shape (n,), of the kind ``vector``.
        cells: Shape (rows, columns), the class of each cell of the kind ``map``; it lies on the
            model's input.
    """

    kind: str
    entries: tuple[ClassScore, ...] | tuple[Box, ...]
    convert_ns: int
    infer_ns: int
    post_ns: int
    vector: NDArray[np.float32] | None = None
    cells: NDArray[np.uint8] | None = None
