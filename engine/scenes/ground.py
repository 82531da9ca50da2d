"""The ground in perspective: where each pixel lies on it, and where a thing on it appears."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.scenes.canvas import TILE, Field, Point, sample

NEAREST_M: Final = 0.5
_FURTHEST_M: Final = 3000.0
_KNEE_M: Final = 80.0
"""Distance at which a climb has reached half its steepness."""


@dataclass(frozen=True, slots=True)
class View:
    """How the camera looks along a road.

    Attributes:
        width: Columns of the picture.
        height: Rows.
        focal: Focal length in pixels.
        eye_m: Camera above the ground.
        horizon: Row of the eye's height.
        middle: Column of straight ahead.
        aside_m: Camera to the right of the road's middle.
        heading: Metres to the right that the road goes per metre ahead.
        bend: Curvature, 1/m; to the right where positive.
        climb: Steepness that the road tends to far away, metres per metre.
    """

    width: int
    height: int
    focal: float
    eye_m: float
    horizon: float
    middle: float
    aside_m: float = 0.0
    heading: float = 0.0
    bend: float = 0.0
    climb: float = 0.0

    def centre(self, ahead: Any) -> Any:
        """Return the road's middle, in metres to the right of the camera; of numbers or arrays."""
        return self.heading * ahead + 0.5 * self.bend * ahead * ahead - self.aside_m

    def rise(self, ahead: Any) -> Any:
        """Return how high the ground lies, in metres; of numbers or arrays."""
        return self.climb * ahead * ahead / (ahead + _KNEE_M)


class Ground:
    """The part of a picture that shows the ground.

    Attributes:
        view: How it is seen.
        top: First row of the ground.
        ahead: Metres ahead for each row from ``top``, shape (rows, 1).
        scale: Pixels per metre for each row, shape (rows, 1).
        across: Metres to the right of the road's middle, shape (rows, width).
        aim: Metres to the right of the camera, shape (rows, width).
    """

    def __init__(self, view: View) -> None:
        """Find out where each pixel lies."""
        self.view = view
        ahead = np.geomspace(NEAREST_M, _FURTHEST_M, 800)
        rows = view.horizon + view.focal * (view.eye_m - view.rise(ahead)) / ahead
        seen = rows <= np.minimum.accumulate(rows)  # what lies behind a crest is hidden
        ahead, rows = ahead[seen], rows[seen]
        self.top = int(np.clip(np.ceil(rows[-1]), 1, view.height - 2))
        wanted = np.arange(self.top, view.height)
        distance = np.interp(wanted, rows[::-1], ahead[::-1])
        self.ahead: Field = distance.astype(np.float32)[:, None]
        self.scale: Field = np.asarray(view.focal / self.ahead, np.float32)
        columns = np.arange(view.width, dtype=np.float32)[None] - view.middle
        self.aim: Field = columns / self.scale
        self.across: Field = np.asarray(self.aim - view.centre(self.ahead), np.float32)

    def texture(self, tile: Field, per_metre: float, travelled_m: float, along: float = 1) -> Field:
        """Lay a tile of noise on the ground; it fades where it is finer than the pixels.

        Args:
            tile: From ``noise``.
            per_metre: Pixels of the tile per metre.
            travelled_m: How far the camera has come.
            along: Less than 1 draws it out along the road.
        """
        rows = np.mod((self.ahead + travelled_m) * (per_metre * along), TILE)
        found = sample(tile, *np.broadcast_arrays(self.across * per_metre, rows))
        return np.asarray(found * np.clip(self.scale / per_metre, 0, 1), np.float32)

    def band(self, left_m: float, right_m: float) -> Field:
        """Return how much of each pixel lies between two lines along the road, 0..1."""
        return np.asarray(
            np.clip((self.across - left_m) * self.scale + 0.5, 0, 1)
            * np.clip((right_m - self.across) * self.scale + 0.5, 0, 1),
            np.float32,
        )

    def dashes(self, length_m: float, gap_m: float, travelled_m: float) -> Field:
        """Return how much of each row lies in a dash of a broken line, shape (rows, 1)."""
        period = length_m + gap_m
        place = np.mod(self.ahead + travelled_m, period)
        deep = self.ahead * self.ahead / (self.view.focal * self.view.eye_m)  # metres per row
        edge = np.minimum(place, length_m - place) / deep + 0.5
        sharp = np.clip(edge, 0, 1)
        blur = np.clip((deep / period - 0.3) / 0.4, 0, 1)
        return np.asarray(sharp + (length_m / period - sharp) * blur, np.float32)

    def place(self, across_m: float, up_m: float, ahead_m: float) -> Point:
        """Return column and row of a point beside, above and along the road."""
        ahead_m = max(ahead_m, NEAREST_M)
        view = self.view
        scale = view.focal / ahead_m
        right = float(view.centre(ahead_m)) + across_m
        below = view.eye_m - float(view.rise(ahead_m)) - up_m
        return view.middle + right * scale, view.horizon + below * scale
