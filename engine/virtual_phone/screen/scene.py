"""The cameras' pictures when there is no camera: a test drive, and a person; always the same."""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.scenes.draw import draw, find_kind

WIDTH, HEIGHT = 640, 480
SCENE_S = 4.0

Colour = tuple[int, int, int]

DRIVE: Final[tuple[tuple[str, int], ...]] = (
    ("road-day", 4), ("meadow", 6), ("street-day", 7), ("building", 11),
    ("curve", 1), ("water", 0), ("highway", 5), ("room", 0),
    ("road-rain", 4), ("forest", 9), ("track", 4), ("mountain", 9),
    ("road-snow", 9), ("desk", 7), ("street-night", 9), ("room", 4),
    ("road-dusk", 5), ("water", 6),
)  # fmt: skip
"""Kind and seed of each scene of the test drive. Chosen by eye, before any model saw them."""

_DRAWN: Final = (400, 300)
"""Scenes are drawn at this size and enlarged: the phone's time belongs to its model."""


def draw_scene(elapsed_s: float) -> tuple[NDArray[np.uint8], int]:
    """Return what the back camera sees of the test drive at a moment.

    Args:
        elapsed_s: Seconds since the camera started.

    Returns:
        RGB of shape (480, 640, 3), and the number of the scene, from 0 on.
    """
    number = int(elapsed_s // SCENE_S)
    kind, seed = DRIVE[number % len(DRIVE)]
    small = draw(kind, seed, elapsed_s % SCENE_S, *_DRAWN)
    rgb = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(rgb, np.uint8), number


def scene_truth(number: int) -> str:
    """Return what the scene of a number shows: ``road`` or ``not_road``."""
    return find_kind(DRIVE[number % len(DRIVE)][0]).truth


def _gradient(top: Colour, bottom: Colour) -> NDArray[np.uint8]:
    share = np.linspace(0.0, 1.0, HEIGHT, dtype=np.float32)[:, None, None]
    column = np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share
    return np.repeat(column.astype(np.uint8), WIDTH, axis=1)


def _polygon(picture: NDArray[np.uint8], points: list[tuple[float, float]], fill: Colour) -> None:
    cv2.fillPoly(
        picture, [np.array(points, np.float32).round().astype(np.int32)], fill, cv2.LINE_AA
    )


def draw_person(elapsed_s: float) -> tuple[NDArray[np.uint8], int]:
    """Return what the front camera sees: someone who sways and blinks, a shelf on one side.

    Args:
        elapsed_s: Seconds since the camera started.

    Returns:
        RGB of shape (480, 640, 3), and the number of the scene: always 0.
    """
    picture = _gradient((188, 200, 206), (150, 164, 172))
    cv2.rectangle(picture, (36, 70), (180, 250), (112, 92, 72), -1)  # a shelf on the left only
    for row, colours in enumerate(
        (((196, 84, 60), (70, 110, 150)), ((226, 178, 80), (90, 130, 96)))
    ):
        for column, colour in enumerate((*colours, colours[0])):
            left, top = 48 + 42 * column, 84 + 84 * row
            cv2.rectangle(picture, (left, top), (left + 30, top + 70), colour, -1)
    x = 340 + round(36 * math.sin(elapsed_s * 1.1))
    y = 210 + round(6 * math.sin(elapsed_s * 2.3))
    _ellipse(picture, (x, 470), (190, 150), (44, 86, 128))  # shoulders
    cv2.rectangle(picture, (x - 34, y + 80), (x + 34, y + 150), (206, 156, 124), -1)
    _ellipse(picture, (x, y - 14), (106, 122), (66, 46, 38))  # hair
    _ellipse(picture, (x, y + 12), (88, 108), (226, 178, 146))
    _polygon(
        picture,
        [(x - 92, y - 20), (x - 60, y - 96), (x + 60, y - 96), (x + 92, y - 20), (x, y - 58)],
        (66, 46, 38),
    )
    open_by = 2 if elapsed_s % 3.0 > 2.85 else 11
    for side in (-1, 1):
        _ellipse(picture, (x + side * 36, y + 6), (15, open_by), (250, 250, 250))
        _ellipse(picture, (x + side * 36, y + 6), (7, min(7, open_by)), (52, 66, 74))
    _polygon(picture, [(x - 5, y + 20), (x + 5, y + 20), (x + 12, y + 48), (x - 12, y + 48)],
             (208, 156, 124))  # fmt: skip
    smile = 14 + round(8 * math.sin(elapsed_s * 0.7))
    cv2.ellipse(picture, (x, y + 66), (30, smile), 0, 10, 170, (160, 66, 60), 6, cv2.LINE_AA)
    return picture, 0


def _ellipse(
    picture: NDArray[np.uint8], centre: tuple[int, int], axes: tuple[int, int], fill: Colour
) -> None:
    cv2.ellipse(picture, centre, axes, 0, 0, 360, fill, -1, cv2.LINE_AA)
