"""The source ``pictures``: those of the APK in their order, round and round."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class PictureRound:
    """Gives one picture after the other; one thread uses it."""

    def __init__(self, pictures: Sequence[NDArray[np.uint8]]) -> None:
        """Begin before the first."""
        self._pictures = tuple(pictures)
        self._turns = 0

    def __len__(self) -> int:
        return len(self._pictures)

    def begin_anew(self) -> None:
        """Let the first come next."""
        self._turns = 0

    def next(self) -> tuple[int, NDArray[np.uint8]]:
        """Return the next picture and its number, from 1; there must be one."""
        index = self._turns % len(self._pictures)
        self._turns += 1
        return index + 1, self._pictures[index]
