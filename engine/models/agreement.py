"""How often two classifiers say the same of the same pictures."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.models.interpreter import HostModel


def agreement(
    source: HostModel, other: HostModel, pictures: Iterable[NDArray[np.uint8]]
) -> tuple[int, int]:
    """Count the pictures whose top-1 answer is the same.

    An 8-bit output has coarse steps, and often several classes share its highest score (on 4
    to 10 of 100 photographs with the files of 2018). Which of them comes first in the list
    says nothing: two answers agree if a class that is highest in one is highest in the other.

    Args:
        source: A classifier.
        other: A classifier with as many classes.
        pictures: Upright, RGB, each of shape (height, width, 3).

    Returns:
        How many agree, and of how many.
    """
    agreed = count = 0
    for rgb in pictures:
        agreed += bool(_highest(source, rgb) & _highest(other, rgb))
        count += 1
    return agreed, count


def _highest(model: HostModel, rgb: NDArray[np.uint8]) -> set[int]:
    model.predict(rgb)
    scores = model.outputs()[0].ravel()
    return set(np.flatnonzero(scores == scores.max()).tolist())
