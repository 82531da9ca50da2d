"""Other looks at the same picture: turned a little, darker, in rain, without colour.

A head that has only seen one folder's light learns that light. These views are chosen for
pictures from quite other sources: a folder left out of training is the judge, see
``tests/benchmarks/retraining.py``. All arithmetic is on bytes, so that a view costs less
than looking at it.
"""

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.models.preprocessing import centre_square, resize_bilinear

VIEWS_VERSION: Final = 2
"""Counted up when the same number shall give another view."""
PLAIN: Final = 0
"""The picture as the deployed model sees it."""
MIRRORED: Final = 1

Pixels = NDArray[np.uint8]

_KINDS: Final = ("day", "night", "rain", "grey")
_TILE: Final = 512
_TILE_SPREAD: Final = 32.0
_LEVELS: Final = np.arange(256, dtype=np.float32) / 255


def view(rgb: Pixels, side: int, sha256: str, number: int) -> Pixels:
    """Return a view of a picture, the same for the same picture and number.

    After the first two, four numbers in a row are by day, at night, in rain and grey; which
    comes first differs among pictures, so that a few views of each hold as many of all.

    Args:
        rgb: Shape (height, width, 3), upright.
        side: Rows and columns of the view.
        sha256: Of the picture's file: where chance comes from.
        number: ``PLAIN``, ``MIRRORED``, or more.
    """
    if number in (PLAIN, MIRRORED):
        pixels = resize_bilinear(centre_square(rgb), side, side)
        return pixels if number == PLAIN else np.ascontiguousarray(pixels[:, ::-1])
    import cv2

    chance = np.random.default_rng([int(sha256[:16], 16), number])
    kind = kind_of(sha256, number)
    pixels = _placed(rgb, side, chance)
    colour = 0.0 if kind == "grey" else chance.uniform(0.3, 1.5)
    if kind == "rain":
        colour *= chance.uniform(0.2, 0.7)
    pixels = cv2.LUT(_coloured(pixels, colour), _tones(kind, chance))
    if kind == "night":
        pixels = _with_lamps(pixels, chance)
    elif kind == "rain":
        pixels = _with_rain(pixels, chance)
    pixels = _through_a_poor_lens(pixels, chance)
    return _coloured(pixels, 0.0) if kind == "grey" else pixels


def kind_of(sha256: str, number: int) -> str:
    """Return what a view from number 2 on shows: ``day``, ``night``, ``rain`` or ``grey``."""
    return _KINDS[(number + int(sha256[-8:], 16)) % len(_KINDS)]


def _placed(rgb: Pixels, side: int, chance: np.random.Generator) -> Pixels:
    """Cut a random piece out, mirror it every other time, turn and stretch it a little."""
    import cv2

    height, width = rgb.shape[:2]
    size = chance.uniform(0.6, 1.0) * min(height, width)
    wide = math.exp(chance.uniform(-0.16, 0.16) / 2)
    across, down = min(width, size * wide), min(height, size / wide)
    left = chance.uniform(0, width - across)
    top = chance.uniform(0, height - down)
    turn = math.radians(chance.normal(0, 4))
    mirror = -1 if chance.random() < 0.5 else 1
    cos, sin = math.cos(turn), math.sin(turn)
    turned = np.array(
        [
            [mirror * cos * across / side, -sin * down / side],
            [mirror * sin * across / side, cos * down / side],
        ]
    )
    middle = (side - 1) / 2
    centre = np.array([left + (across - 1) / 2, top + (down - 1) / 2])
    shift = centre - turned @ np.array([middle, middle])
    placed: Pixels = cv2.warpAffine(
        rgb,
        np.column_stack([turned, shift]),
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return placed


def _coloured(pixels: Pixels, colour: float) -> Pixels:
    """Return the picture with its colours ``colour`` times as strong; 0 is grey."""
    import cv2

    grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    mixed: Pixels = cv2.addWeighted(pixels, colour, grey, 1 - colour, 0)
    return mixed


def _tones(kind: str, chance: np.random.Generator) -> Pixels:
    """Draw what each of the 256 levels becomes in each channel, shape (1, 256, 3)."""
    levels = _LEVELS ** math.exp(chance.normal(0, 0.3))
    levels = (levels - 0.5) * math.exp(chance.normal(0, 0.25)) + 0.5 + chance.normal(0, 0.08)
    tint = np.exp(chance.normal(0, 0.08, 3)) if kind != "grey" else np.ones(3)
    tones = np.outer(levels, tint).clip(0, 1)
    if kind == "night":
        lamp = ((1.15, 1.0, 0.75), (0.85, 0.95, 1.2), (1.0, 1.0, 1.0))[chance.integers(3)]
        tones = tones ** chance.uniform(1.1, 2.2) * chance.uniform(0.3, 0.9) * np.array(lamp)
    elif kind == "rain":
        veil = chance.uniform(0.15, 0.5)
        tones = (tones * (1 - veil) + chance.uniform(0.4, 0.75) * veil) * chance.uniform(0.7, 1)
    table: Pixels = (255 * tones + 0.5).clip(0, 255).astype(np.uint8)
    return table[np.newaxis]


def _with_lamps(pixels: Pixels, chance: np.random.Generator) -> Pixels:
    import cv2

    side = len(pixels)
    lamps = np.zeros_like(pixels)
    for _ in range(int(chance.integers(0, 5))):
        centre = (int(chance.uniform(0, side)), int(chance.uniform(0, 0.7 * side)))
        radius = max(1, round(chance.uniform(0.01, 0.05) * side))
        level = chance.uniform(120, 255)
        cv2.circle(lamps, centre, radius, (level, 0.9 * level, 0.7 * level), -1)
    if lamps.any():
        glow = cv2.GaussianBlur(lamps, (0, 0), 0.02 * side)
        pixels = cv2.add(pixels, glow)
    return pixels


def _with_rain(pixels: Pixels, chance: np.random.Generator) -> Pixels:
    import cv2

    side = len(pixels)
    slant = chance.uniform(-0.3, 0.3)
    for x, y, length in chance.uniform(0, side, (int(chance.integers(10, 60)), 3)):
        long = 0.04 * side + 0.08 * length
        end = (int(x + slant * long), int(y + long))
        streak = np.zeros(4)
        streak[:3] = pixels[min(side - 1, int(y)), min(side - 1, int(x))] * 0.8 + 45
        cv2.line(pixels, (int(x), int(y)), end, streak.tolist(), 1, cv2.LINE_AA)
    return pixels


def _through_a_poor_lens(pixels: Pixels, chance: np.random.Generator) -> Pixels:
    """Blur, few pixels and noise, each every third time."""
    import cv2

    side = len(pixels)
    blurred, coarse, noisy = chance.random(3) < 1 / 3
    if blurred:
        pixels = cv2.GaussianBlur(pixels, (0, 0), side / 128 * chance.uniform(0.4, 1.3))
    if coarse:
        few = max(8, int(side * chance.uniform(0.4, 0.9)))
        small = cv2.resize(pixels, (few, few), interpolation=cv2.INTER_AREA)
        pixels = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)
    if noisy:
        grain = _grain(side + _TILE)
        x, y = chance.integers(0, _TILE, 2)
        strength = chance.uniform(2, 14) / _TILE_SPREAD
        piece = grain[y : y + side, x : x + side]
        pixels = cv2.addWeighted(pixels, 1, piece, strength, -128 * strength)
    return pixels


@lru_cache(maxsize=4)
def _grain(side: int) -> Pixels:
    """Return noise around 128; pieces of it serve all pictures."""
    noise = np.random.default_rng(0).normal(128, _TILE_SPREAD, (side, side, 3))
    grain: Pixels = noise.clip(0, 255).astype(np.uint8)
    grain.flags.writeable = False
    return grain
