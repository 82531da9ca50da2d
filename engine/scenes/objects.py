"""Things of daily life, and the colours that rooms and things have."""

import math
from typing import Final

import numpy as np

from engine.scenes.canvas import Canvas, Chance, Colour, Point, between, lit, pick, tinted

PALE: Final[tuple[Colour, ...]] = (
    (226, 216, 200), (200, 210, 214), (214, 204, 180), (190, 200, 180), (232, 230, 226),
    (170, 160, 150),
    (150, 170, 190),
)  # fmt: skip
WOODS: Final[tuple[Colour, ...]] = (
    (146, 104, 66), (112, 76, 48), (184, 146, 100), (90, 66, 50), (170, 170, 168), (200, 180, 150),
)  # fmt: skip
BRIGHT: Final[tuple[Colour, ...]] = (
    (190, 50, 44), (40, 90, 160), (226, 170, 50), (60, 130, 80), (120, 70, 140), (230, 230, 230),
    (40, 40, 46), (220, 120, 60),
)  # fmt: skip
FURS: Final[tuple[Colour, ...]] = (
    (150, 104, 62), (70, 56, 48), (206, 190, 166), (40, 38, 38), (180, 120, 60), (226, 222, 214),
    (130, 126, 122),
)  # fmt: skip


def paint_object(canvas: Canvas, chance: Chance, foot: Point, size: float) -> None:
    """Paint some thing of daily life that stands on ``foot``."""
    colour = tinted(chance, pick(chance, (*BRIGHT, *WOODS, *FURS)), 18)
    paint = pick(chance, (_cup, _bottle, _ball, _box, _plant, _screen, _flower, _tool))
    paint(canvas, chance, foot, size * between(chance, 0.2, 0.6), size, colour)


def _cup(
    canvas: Canvas, _chance: Chance, foot: Point, half: float, size: float, colour: Colour
) -> None:
    x, y = foot
    low = half * 0.7
    canvas.area([(x - half, y - size), (x + half, y - size), (x + low, y), (x - low, y)], colour)
    canvas.oval((x, y - size), (half, half * 0.3), lit(colour, 0.7))


def _bottle(
    canvas: Canvas, _chance: Chance, foot: Point, half: float, size: float, colour: Colour
) -> None:
    x, y = foot
    canvas.box(x - half * 0.5, y - size * 0.65, x + half * 0.5, y, colour)
    canvas.box(x - half * 0.18, y - size, x + half * 0.18, y - size * 0.6, lit(colour, 0.8))
    canvas.box(x - half * 0.5, y - size * 0.45, x + half * 0.5, y - size * 0.2, lit(colour, 1.5))


def _ball(
    canvas: Canvas, _chance: Chance, foot: Point, half: float, _size: float, colour: Colour
) -> None:
    x, y = foot
    canvas.oval((x, y - half), (half, half), colour)
    canvas.oval((x - half * 0.3, y - half * 1.35), (half * 0.3, half * 0.25), lit(colour, 1.5))


def _box(
    canvas: Canvas, _chance: Chance, foot: Point, half: float, size: float, colour: Colour
) -> None:
    x, y = foot
    left, right, top = x - half, x + half * 1.3, y - size * 0.5
    canvas.area(
        [(left, top), (x, top - size * 0.2), (right, top), (right, y), (left, y)], lit(colour, 0.8)
    )
    canvas.box(left, top, right, y, colour)


def _plant(
    canvas: Canvas, chance: Chance, foot: Point, half: float, size: float, colour: Colour
) -> None:
    x, y = foot
    for turn in np.linspace(-1.2, 1.2, 7):
        tip = (x + math.sin(turn) * half * 1.6, y - size * 0.4 - math.cos(turn) * size * 0.6)
        canvas.line([(x, y - size * 0.3), tip], tinted(chance, (70, 120, 60), 16), size * 0.09)
    rim, low, top = half * 0.7, half * 0.5, y - size * 0.35
    canvas.area([(x - rim, top), (x + rim, top), (x + low, y), (x - low, y)], colour)


def _screen(
    canvas: Canvas, _chance: Chance, foot: Point, half: float, size: float, colour: Colour
) -> None:
    x, y = foot
    canvas.box(x - half * 1.5, y - size, x + half * 1.5, y - size * 0.2, (30, 30, 34))
    canvas.box(x - half * 1.4, y - size * 0.95, x + half * 1.4, y - size * 0.27, colour)
    canvas.box(x - half * 0.4, y - size * 0.2, x + half * 0.4, y, (70, 70, 74))


def _flower(
    canvas: Canvas, chance: Chance, foot: Point, half: float, _size: float, colour: Colour
) -> None:
    x, y = foot[0], foot[1] - half * 1.5
    for turn in np.linspace(0, 2 * math.pi, int(chance.integers(5, 15)), endpoint=False):
        petal = (x + math.cos(turn) * half, y + math.sin(turn) * half)
        canvas.oval(petal, (half * 0.6, half * 0.32), colour, math.degrees(turn))
    canvas.oval((x, y), (half * 0.5, half * 0.5), tinted(chance, (120, 80, 30), 20))


def _tool(
    canvas: Canvas, chance: Chance, foot: Point, half: float, size: float, colour: Colour
) -> None:
    for _ in range(int(chance.integers(3, 8))):
        middle = (foot[0] + chance.normal(0, half), foot[1] - size * between(chance, 0, 1))
        axes = (size * between(chance, 0.05, 0.35), size * between(chance, 0.03, 0.2))
        canvas.oval(middle, axes, tinted(chance, colour, 24), between(chance, 0, 180))
