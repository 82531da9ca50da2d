"""Skies and what stands at the end of the land: hills, mountains, woods, towns."""

import cv2
import numpy as np

from engine.scenes.canvas import (
    ROUGH,
    SOFT,
    Canvas,
    Chance,
    Colour,
    Field,
    between,
    field,
    lit,
    mixed,
    often,
    pick,
    smooth,
    tinted,
)
from engine.scenes.light import DAY, DUSK, NIGHT, SNOW, Light

_COARSE = 4  # clouds are drawn at a quarter of the size


def paint_sky(canvas: Canvas, chance: Chance, light: Light, horizon: float) -> None:
    """Fill the picture down to ``horizon`` (row) with sky, clouds, and a sun or stars."""
    canvas.fade(0, horizon, light.top, light.low)
    rows = min(canvas.height, max(1, round(horizon)))
    if light.name in (DAY, DUSK) and often(chance, 0.4):
        _paint_sun(canvas, chance, light, horizon)
    if light.name == NIGHT:
        _paint_stars(canvas, chance, rows)
    if light.cloud > 0.05:
        _paint_clouds(canvas, chance, light, rows)


def _paint_sun(canvas: Canvas, chance: Chance, light: Light, horizon: float) -> None:
    size = canvas.height
    low = 0.9 if light.name == DUSK else 0.6
    place = (between(chance, 0, canvas.width), horizon * between(chance, 0.05, low))
    glare = (255.0, 226.0, 170.0) if light.name == DUSK else (255.0, 252.0, 236.0)
    canvas.glow(place, size * between(chance, 0.3, 0.9), glare, between(chance, 0.5, 0.95))
    radius = size * between(chance, 0.012, 0.03)
    canvas.oval(place, (radius, radius), (255, 250, 228))


def _paint_stars(canvas: Canvas, chance: Chance, rows: int) -> None:
    for _ in range(int(chance.integers(0, 60))):
        x, y = int(chance.integers(canvas.width)), int(chance.integers(rows))
        canvas.pixels[y, x] = int(chance.integers(90, 230))
    if often(chance, 0.3):
        place = (between(chance, 0, canvas.width), between(chance, 0, rows))
        radius = canvas.height * between(chance, 0.015, 0.04)
        canvas.glow(place, radius * 6, (190, 196, 214), 0.5)
        canvas.oval(place, (radius, radius), (232, 232, 220))


def _paint_clouds(canvas: Canvas, chance: Chance, light: Light, rows: int) -> None:
    height, width = max(2, rows // _COARSE), max(2, canvas.width // _COARSE)
    fine = between(chance, 0.4, 1.4) * 480 / canvas.height
    shape = field(chance, SOFT, height, width, fine) + 0.35 * field(
        chance, ROUGH, height, width, fine * 2
    )
    edge = 0.9 - 1.8 * light.cloud
    cover = smooth(shape, edge, edge + between(chance, 0.3, 1.1))
    shade = smooth(field(chance, SOFT, height, width, fine * 0.8), -0.8, 0.8)
    bright = lit(light.low, 1.12) if light.name != NIGHT else lit(light.low, 0.8)
    if light.name == DUSK:
        bright = mixed(bright, (255, 170, 110), 0.4)
    dim = mixed(light.top, light.low, 0.45)
    cover, shade = (cv2.resize(part, (canvas.width, rows)) for part in (cover, shade))
    part = canvas.pixels[:rows].astype(np.float32)
    tint = np.array(dim) + (np.array(bright) - np.array(dim)) * shade[..., None]
    strength = cover[..., None] * between(chance, 0.5, 1.0)
    canvas.pixels[:rows] = np.clip(part + (tint - part) * strength, 0, 255).astype(np.uint8)


def skyline(chance: Chance, width: int, roughness: float) -> Field:
    """Return heights 0..1 along the horizon: hills, or ragged peaks as roughness grows to 1."""
    x = np.linspace(0, 1, width, dtype=np.float32)
    total = np.zeros(width, np.float32)
    weight = 1.0
    for octave in range(8):
        knots = chance.uniform(0, 1, 3 + 2**octave)
        total += weight * np.interp(x * (len(knots) - 1), np.arange(len(knots)), knots)
        weight *= 0.32 + 0.24 * roughness
    total -= total.min()
    return np.asarray(total / (total.max() + 1e-6), np.float32)


def paint_ridge(
    canvas: Canvas,
    chance: Chance,
    base: float,
    height: float,
    roughness: float,
    colour: Colour,
    snow: float = 0.0,
) -> None:
    """Paint a range of hills or mountains that stands on row ``base``.

    Args:
        canvas: Where to.
        chance: Its shape.
        base: Row of its foot.
        height: Rows from foot to top.
        roughness: 0 for gentle hills, 1 for peaks.
        colour: Of its rock or woods.
        snow: The part, from the top, that lies under snow, 0..1.
    """
    heights = skyline(chance, canvas.width, roughness) * height
    top = base - heights
    first, last = max(0, int(base - height)), min(canvas.height, round(base) + 1)
    if last <= first:
        return
    rows = np.arange(first, last, dtype=np.float32)[:, None]
    cover = np.clip(rows - top[None] + 0.5, 0, 1)
    size = (last - first, canvas.width)
    relief = field(chance, ROUGH, *size, between(chance, 0.4, 1.5) * 480 / canvas.height)
    slope = relief - np.roll(relief, pick(chance, (-3, 3)), axis=1)  # lit from one side
    tone = 1 + relief * between(chance, 0.05, 0.25) + slope * between(chance, 0, 0.5)
    tint = np.broadcast_to(np.array(colour, np.float32), (*size, 3))
    if snow > 0:
        up = (base - rows) / max(1.0, height)
        patchy = between(chance, 0.1, 0.5)
        white = smooth(up + patchy * relief, 1 - snow - 0.06, 1 - snow + 0.06)
        bright = np.array(lit(colour, 1.0), np.float32) * 0.3 + np.array((172, 178, 186))
        tint = tint + (bright - tint) * white[..., None]
    part = canvas.pixels[first:last].astype(np.float32)
    laid = part + (tint * tone[..., None] - part) * cover[..., None]
    canvas.pixels[first:last] = np.clip(laid, 0, 255).astype(np.uint8)


def paint_far(canvas: Canvas, chance: Chance, light: Light, horizon: float) -> None:
    """Paint what stands on the horizon of an ordinary land: hills, woods or a town."""
    size = canvas.height
    for layer in range(int(chance.integers(0, 4))):
        colour = tinted(chance, (96, 112, 110), 16)
        colour = light.far(colour, light.haze_m * (1.4 - 0.35 * layer))
        high = size * between(chance, 0.02, 0.2) / (1 + 0.4 * layer)
        snow = 0.3 if often(chance, 0.12) else 0.0
        paint_ridge(canvas, chance, horizon, high, between(chance, 0, 0.9), colour, snow)
    if often(chance, 0.55):
        green = (70, 92, 60) if light.name != SNOW else (120, 124, 124)
        paint_woods(canvas, chance, horizon, size * between(chance, 0.02, 0.12),
                    light.far(tinted(chance, green, 16), light.haze_m * 0.3))  # fmt: skip
    if often(chance, 0.25):
        paint_town(canvas, chance, light, horizon)


def paint_woods(canvas: Canvas, chance: Chance, base: float, height: float, colour: Colour) -> None:
    """Paint the edge of a wood, seen from afar, that stands on row ``base``."""
    x = np.arange(canvas.width, dtype=np.float32)
    crowns = np.zeros(canvas.width, np.float32)
    for _ in range(int(chance.integers(12, 60))):
        middle, half = chance.uniform(0, canvas.width), height * chance.uniform(0.2, 0.9)
        up = height * chance.uniform(0.35, 1) * (1 - ((x - middle) / half) ** 2)
        crowns = np.maximum(crowns, up)
    first, last = max(0, int(base - height)), min(canvas.height, round(base) + 1)
    if last <= first:
        return
    rows = np.arange(first, last, dtype=np.float32)[:, None]
    cover = np.clip(rows - (base - crowns)[None] + 0.5, 0, 1)
    leaves = field(chance, "cells", last - first, canvas.width, between(chance, 1, 2.5))
    tint = np.array(colour, np.float32) * (1 + 0.22 * leaves[..., None])
    part = canvas.pixels[first:last].astype(np.float32)
    laid = part + (tint - part) * cover[..., None]
    canvas.pixels[first:last] = np.clip(laid, 0, 255).astype(np.uint8)


def paint_town(canvas: Canvas, chance: Chance, light: Light, horizon: float) -> None:
    """Paint houses or towers far away."""
    tall = canvas.height * between(chance, 0.04, 0.22)
    x = between(chance, -0.2, 0.6) * canvas.width
    end = x + between(chance, 0.2, 1.0) * canvas.width
    while x < end:
        wide = tall * between(chance, 0.15, 0.6)
        high = tall * between(chance, 0.3, 1)
        colour = light.far(tinted(chance, (150, 142, 136), 30), light.haze_m * 0.6)
        canvas.box(x, horizon - high, x + wide, horizon, colour)
        pane = lit(colour, 0.75) if not light.dark else (228.0, 196.0, 122.0)
        step = max(4.0, wide / 4)
        y = horizon - high + step * 0.5
        while y < horizon - step:
            for column in np.arange(x + step * 0.4, x + wide - step * 0.6, step):
                if often(chance, 0.4 if light.dark else 0.85):
                    canvas.box(column, y, column + step * 0.4, y + step * 0.5, pane)
            y += step
        x += wide * between(chance, 0.9, 1.5)
