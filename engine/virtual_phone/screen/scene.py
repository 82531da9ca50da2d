"""The camera's picture when there is no camera: drawn scenes that move, the same every time."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 480
SCENE_S = 4.0

Colour = tuple[int, int, int]


def draw_scene(elapsed_s: float) -> tuple[NDArray[np.uint8], int]:
    """Return the scene at a moment.

    Args:
        elapsed_s: Seconds since the camera started.

    Returns:
        RGB of shape (480, 640, 3), and the number of the scene: even is a road, odd a room.
    """
    number = int(elapsed_s // SCENE_S)
    moment = elapsed_s % SCENE_S
    return (_road(moment) if number % 2 == 0 else _room(moment)), number


def _gradient(top: Colour, bottom: Colour) -> NDArray[np.uint8]:
    share = np.linspace(0.0, 1.0, HEIGHT, dtype=np.float32)[:, None, None]
    column = np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share
    return np.repeat(column.astype(np.uint8), WIDTH, axis=1)


def _polygon(picture: NDArray[np.uint8], points: list[tuple[float, float]], fill: Colour) -> None:
    cv2.fillPoly(
        picture, [np.array(points, np.float32).round().astype(np.int32)], fill, cv2.LINE_AA
    )


def _road(moment: float) -> NDArray[np.uint8]:
    """Draw a straight road; the dashes come nearer with time."""
    horizon = 200.0
    picture = _gradient((120, 170, 220), (215, 228, 240))
    for centre, width, height in ((90, 340, 80), (330, 420, 60), (560, 360, 95)):
        _polygon(
            picture,
            [
                (centre - width / 2, horizon),
                (centre, horizon - height),
                (centre + width / 2, horizon),
            ],
            (128, 148, 150),
        )
    cv2.rectangle(picture, (0, int(horizon)), (WIDTH, HEIGHT), (92, 128, 72), -1)
    _polygon(picture, [(306, horizon), (334, horizon), (640, 480), (0, 480)], (84, 86, 92))
    for near in range(9):
        depth = (near + 1 - (moment * 1.5) % 1.0) / 9
        _dash(picture, horizon, depth, min(1.0, depth + 0.045))
    return picture


def _dash(picture: NDArray[np.uint8], horizon: float, far: float, near: float) -> None:
    corners: list[tuple[float, float]] = []
    for depth, sides in ((far, (-1, 1)), (near, (1, -1))):
        y = horizon + (HEIGHT - horizon) * depth**1.8
        half = 1 + 11 * depth**1.8
        corners += [(320 + side * half, y) for side in sides]
    _polygon(picture, corners, (236, 232, 214))


def _room(moment: float) -> NDArray[np.uint8]:
    """Draw a room in which a ball hops along a table."""
    picture = _gradient((214, 204, 188), (190, 178, 160))
    cv2.rectangle(picture, (0, 390), (WIDTH, HEIGHT), (120, 88, 62), -1)
    cv2.rectangle(picture, (70, 60), (250, 220), (238, 240, 242), -1)
    cv2.rectangle(picture, (84, 74), (236, 206), (148, 190, 226), -1)
    cv2.line(picture, (160, 74), (160, 206), (238, 240, 242), 8)
    cv2.rectangle(picture, (110, 330), (530, 352), (146, 100, 60), -1)
    for left in (130, 490):
        cv2.rectangle(picture, (left, 352), (left + 20, 450), (118, 78, 46), -1)
    cv2.rectangle(picture, (430, 250), (490, 330), (70, 110, 130), -1)
    cv2.ellipse(picture, (460, 250), (30, 9), 0, 0, 360, (104, 146, 164), -1, cv2.LINE_AA)
    across = 150 + 240 * moment / SCENE_S
    up = abs(math.sin(moment * math.pi * 1.5)) * 110
    centre = (round(across), round(302 - up))
    cv2.circle(picture, centre, 28, (214, 94, 0), -1, cv2.LINE_AA)
    cv2.circle(picture, (centre[0] - 9, centre[1] - 10), 7, (240, 160, 90), -1, cv2.LINE_AA)
    return picture


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
