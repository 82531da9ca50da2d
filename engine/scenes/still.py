"""Scenes that are painted once and then looked at with a hand that is never quite still."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from engine.scenes.canvas import Canvas, Chance, Picture, between

MARGIN = 1.12
"""A still scene is painted larger than it is shown by this factor."""

Mover = Callable[[Canvas, float], None]
"""Paints what moves, at a moment, on a copy of the scene."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How the camera moves over a still scene; fractions of the margin, and radians."""

    across: float
    down: float
    pace: float
    turn: float


class Still:
    """A painted scene with a camera that drifts over it."""

    def __init__(
        self, chance: Chance, canvas: Canvas, size: tuple[int, int], mover: Mover | None = None
    ) -> None:
        """Take over the painting.

        Args:
            chance: How the camera drifts.
            canvas: The painting, larger than ``size`` by ``MARGIN``.
            size: Width and height that are shown.
            mover: Paints what moves.
        """
        self._canvas, self._size, self._mover = canvas, size, mover
        self._drift = Drift(
            between(chance, -0.8, 0.8), between(chance, -0.5, 0.5), between(chance, 0.3, 0.7),
            between(chance, 0, 6.28),
        )  # fmt: skip

    def at(self, moment_s: float) -> Picture:
        """Return the picture at a moment."""
        shown: Canvas = self._canvas
        if self._mover is not None:
            shown = Canvas(shown.width, shown.height)
            shown.pixels[:] = self._canvas.pixels
            self._mover(shown, moment_s)
        width, height = self._size
        drift, room = self._drift, ((shown.width - width) / 2, (shown.height - height) / 2)
        angle = drift.turn + drift.pace * moment_s
        left = room[0] * (1 + drift.across * math.sin(angle))
        top = room[1] * (1 + drift.down * math.sin(1.3 * angle))
        shift = np.array([[1, 0, -left], [0, 1, -top]], np.float32)
        moved = cv2.warpAffine(shown.pixels, shift, (width, height), flags=cv2.INTER_LINEAR)
        return np.asarray(moved, np.uint8)


def still_canvas(width: int, height: int) -> Canvas:
    """Return a canvas for a picture of a size, with the margin."""
    return Canvas(round(width * MARGIN), round(height * MARGIN))
