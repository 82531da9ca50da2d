"""What all scenes are drawn with: chance, colours, noise and shapes with soft edges."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]
Colour = tuple[float, float, float]
Point = tuple[float, float]
Chance = np.random.Generator

TILE: Final = 256
"""Side of a tile of noise, in its own pixels; it repeats without a seam."""
SOFT, ROUGH, GRAIN, STREAK, CELLS = "soft", "rough", "grain", "streak", "cells"
_SUB: Final = 4  # bits of a pixel's fraction, so that what moves does not hop
_FURTHEST: Final = 20_000.0  # pixels; cv2 counts coordinates in 32 bits, fractions included
_T = TypeVar("_T")


def pick(chance: Chance, choices: Sequence[_T]) -> _T:
    """Return one of the choices."""
    return choices[int(chance.integers(len(choices)))]


def between(chance: Chance, low: float, high: float) -> float:
    """Return a number between two."""
    return float(chance.uniform(low, high))


def often(chance: Chance, share: float) -> bool:
    """Return True in ``share`` of all cases."""
    return bool(chance.random() < share)


def tinted(chance: Chance, colour: Colour, spread: float = 14.0) -> Colour:
    """Return a colour near another: brighter or darker, and a little of another hue."""
    brighter = chance.normal(0, spread)
    red, green, blue = (
        min(255.0, max(0.0, part + brighter + chance.normal(0, spread / 3))) for part in colour
    )
    return red, green, blue


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """Return ``first`` with ``share`` of ``second``."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def lit(colour: Colour, factor: float) -> Colour:
    """Return a colour brighter or darker by a factor."""
    red, green, blue = (min(255.0, part * factor) for part in colour)
    return red, green, blue


@lru_cache(maxsize=32)
def noise(kind: str, number: int = 0) -> Field:
    """Return a tile of noise, mean 0, most of it within -1..1; nobody may write to it.

    Args:
        kind: ``SOFT`` as clouds, ``ROUGH`` as rock, ``GRAIN`` as gravel, ``STREAK`` as wood,
            ``CELLS`` as leaves.
        number: Which of them.
    """
    chance = np.random.default_rng((number, *kind.encode()))
    down = np.fft.fftfreq(TILE)[:, None] * TILE
    across = np.fft.rfftfreq(TILE)[None] * TILE
    if kind == STREAK:
        across = across * 0.12
    distance = np.hypot(down, across)
    distance[0, 0] = 1.0
    slope = {SOFT: 1.9, ROUGH: 1.25, GRAIN: 0.45, STREAK: 1.1, CELLS: 0.0}[kind]
    strength = distance**-slope
    if kind == CELLS:
        strength = np.exp(-(((distance - 22) / 14) ** 2))
    if kind == GRAIN:
        strength *= np.exp(-((distance / 100) ** 2))
    strength[0, 0] = 0.0
    white = np.fft.rfft2(chance.normal(size=(TILE, TILE)))
    tile = np.fft.irfft2(white * strength, s=(TILE, TILE))
    scaled: Field = (tile / (2 * tile.std())).astype(np.float32)
    scaled.flags.writeable = False
    return scaled


def field(chance: Chance, kind: str, height: int, width: int, cells: float) -> Field:
    """Return noise that fills a picture.

    Args:
        chance: Which noise, and which part of it.
        kind: As in ``noise``.
        height: Rows.
        width: Columns.
        cells: Pixels of the tile per pixel of the picture: large is fine, small coarse.
    """
    tile = noise(kind, int(chance.integers(3)))
    if height < 1 or width < 1:
        return np.zeros((max(0, height), max(0, width)), np.float32)
    left, top = chance.uniform(0, TILE, 2)
    columns = np.arange(width, dtype=np.float32) * cells + left
    rows = np.arange(height, dtype=np.float32) * cells + top
    return sample(tile, *np.broadcast_arrays(columns[None], rows[:, None]))


def sample(tile: Field, columns: Field, rows: Field) -> Field:
    """Return the tile's values at places in its own pixels; it repeats on all sides."""
    found = cv2.remap(
        tile,
        np.ascontiguousarray(columns, np.float32),
        np.ascontiguousarray(rows, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    return np.asarray(found, np.float32)


def smooth(values: Field, low: float, high: float) -> Field:
    """Return 0 below ``low``, 1 above ``high`` and a soft step between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


class Canvas:
    """A picture that shapes are laid on. Places are in pixels, from the top left corner.

    Attributes:
        pixels: RGB, shape (height, width, 3).
        width: Columns.
        height: Rows.
    """

    def __init__(self, width: int, height: int, colour: Colour = (0, 0, 0)) -> None:
        """Begin with one colour."""
        self.width, self.height = width, height
        self.pixels: Picture = np.empty((height, width, 3), np.uint8)
        self.pixels[:] = np.array(colour, np.uint8)

    def fade(self, top: float, bottom: float, upper: Colour, lower: Colour) -> None:
        """Fill rows with a gradient."""
        first, last = max(0, round(top)), min(self.height, round(bottom))
        if last <= first:
            return
        share = (np.arange(first, last) - top) / max(1.0, bottom - top)
        rows = np.array(upper) + (np.array(lower) - np.array(upper)) * share[:, None]
        self.pixels[first:last] = np.clip(rows, 0, 255).astype(np.uint8)[:, None]

    def area(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        corners = np.clip(np.array(points, np.float64), -_FURTHEST, _FURTHEST)
        whole = np.round(corners * (1 << _SUB)).astype(np.int32)
        cv2.fillPoly(self.pixels, [whole], colour, cv2.LINE_AA, _SUB)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.area([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def oval(self, centre: Point, half: Point, colour: Colour, turned: float = 0.0) -> None:
        """Fill an ellipse of half axes ``half``, turned by degrees."""
        middle = [round(part * (1 << _SUB)) for part in centre]
        axes = [max(1, round(part * (1 << _SUB))) for part in half]
        if max(map(abs, middle + axes)) < _FURTHEST * (1 << _SUB):
            cv2.ellipse(self.pixels, middle, axes, turned, 0, 360, colour, -1, cv2.LINE_AA, _SUB)

    def line(self, points: Sequence[Point], colour: Colour, thick: float) -> None:
        """Draw a line of at least one pixel."""
        corners = np.clip(np.array(points, np.float64), -_FURTHEST, _FURTHEST)
        whole = np.round(corners * (1 << _SUB)).astype(np.int32)
        size = min(200, max(1, round(thick)))
        cv2.polylines(self.pixels, [whole], False, colour, size, cv2.LINE_AA, _SUB)

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float) -> None:
        """Add light around a point; it fades to nothing at ``radius``."""
        left, right = (int(np.clip(centre[0] + s * radius, 0, self.width)) for s in (-1, 1))
        top, bottom = (int(np.clip(centre[1] + s * radius, 0, self.height)) for s in (-1, 1))
        if right - left < 2 or bottom - top < 2:
            return
        x = (np.arange(left, right, dtype=np.float32) - centre[0])[None] / radius
        y = (np.arange(top, bottom, dtype=np.float32) - centre[1])[:, None] / radius
        share = np.clip(1 - np.sqrt(x * x + y * y), 0, 1) ** 2 * strength
        self.blend(share, colour, top, left)

    def blend(self, share: Field, colour: Colour, top: int = 0, left: int = 0) -> None:
        """Lay a colour over a part of the picture, by a share (0..1) for each pixel."""
        rows, columns = share.shape
        part = self.pixels[top : top + rows, left : left + columns]
        tint = np.array(colour, np.float32)
        part[:] = (part + (tint - part) * share[..., None]).astype(np.uint8)

    def roughen(self, tone: NDArray[np.floating[Any]], top: int = 0) -> None:
        """Brighten and darken rows from ``top`` on by noise: 0.1 is ten percent."""
        part = self.pixels[top : top + tone.shape[0]]
        part[:] = np.clip(part * (1 + tone[..., None]), 0, 255).astype(np.uint8)
