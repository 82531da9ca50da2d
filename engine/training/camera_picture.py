"""Finds the camera's picture on the lab app's screen.

The app lays it on a dark ground between a bar and a panel of figures. Where they are depends
on the phone, so it is looked for: the largest block of rows, and of columns in them, that are
mostly neither dark nor flat. What has not a camera's proportions is none: by night a part of the
picture may be as dark and flat as the ground, and another frame shows more.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

DARK: Final = 44
"""The app's ground and panels are darker than this in each channel."""
_MOST_DARK: Final = 0.6
_GAP: Final = 0.01
_LEAST_SHARE: Final = 0.12
_PROPORTIONS: Final = (4 / 3, 3 / 4, 16 / 9, 9 / 16, 1.0)
_TOLERANCE: Final = 0.02


def find_camera_picture(rgb: NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of the picture; None if there is none to be seen.

    Args:
        rgb: The whole screen, shape (height, width, 3).
    """
    height, width = rgb.shape[:2]
    ground = _is_ground(rgb)
    top, bottom = _longest(ground.mean(axis=1) < _MOST_DARK, _gap(height))
    if bottom <= top:
        return None
    left, right = _longest(ground[top:bottom].mean(axis=0) < _MOST_DARK, _gap(width))
    across, down = right - left, bottom - top
    if across * down < _LEAST_SHARE * height * width or not _is_cameras(across / down):
        return None
    return left, top, right, bottom


def _is_cameras(proportion: float) -> bool:
    return any(abs(proportion / each - 1) <= _TOLERANCE for each in _PROPORTIONS)


def _is_ground(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether a pixel is dark and like one beside it: a camera's darkness has noise."""
    dark = rgb.max(axis=2) < DARK
    alike = np.abs(np.diff(rgb[..., 1].astype(np.int16), axis=1)) <= 2
    flat = np.zeros_like(dark)
    flat[:, 1:] |= alike
    flat[:, :-1] |= alike
    ground: NDArray[np.bool_] = dark & flat
    return ground


def _gap(length: int) -> int:
    return max(1, round(_GAP * length))


def _longest(good: NDArray[np.bool_], gap: int) -> tuple[int, int]:
    """Return begin and end of the longest run; gaps as long as ``gap`` do not break it."""
    best, begin, last = (0, 0), -1, -1
    for at in np.flatnonzero(good).tolist():
        if begin < 0 or at - last > gap + 1:
            begin = at
        last = at
        if at + 1 - begin > best[1] - best[0]:
            best = (begin, at + 1)
    return best
