"""Water: seas, beaches, lakes and rivers, with waves that roll and boats that sail."""

import math
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from engine.scenes.canvas import (
    GRAIN,
    ROUGH,
    SOFT,
    STREAK,
    Canvas,
    Chance,
    Colour,
    Field,
    between,
    mixed,
    noise,
    often,
    pick,
    sample,
    smooth,
    tinted,
)
from engine.scenes.ground import Ground
from engine.scenes.light import DAY, DULL, DUSK, FOG, NIGHT, RAIN, Light, make_light
from engine.scenes.nature import ROCKS, lay_ground, open_view
from engine.scenes.sky import paint_ridge, paint_sky, paint_town, paint_woods
from engine.scenes.still import Mover, Still, still_canvas

WATERS: Final[tuple[Colour, ...]] = (
    (44, 92, 128), (30, 70, 96), (70, 140, 160), (84, 104, 110), (40, 84, 84), (110, 120, 100),
)  # fmt: skip


def draw_water(chance: Chance, width: int, height: int) -> Still:
    """Make a sea, a beach, a lake or a river; its waves move."""
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, (DAY, DAY, DULL, DUSK, DUSK, RAIN, FOG, NIGHT)))
    view = replace(open_view(chance, canvas), climb=0.0)
    ground = Ground(view)
    paint_sky(canvas, chance, light, ground.top + 1)
    shore = chance.random()
    if shore < 0.45:
        for layer in range(int(chance.integers(1, 4))):
            rock = light.far(
                tinted(chance, pick(chance, ROCKS), 14), light.haze_m * (0.9 - 0.25 * layer)
            )
            paint_ridge(
                canvas,
                chance,
                ground.top + 1,
                canvas.height * between(chance, 0.03, 0.3),
                between(chance, 0, 1),
                rock,
                between(chance, 0, 0.4) if often(chance, 0.3) else 0,
            )
    elif shore < 0.6:
        paint_woods(canvas, chance, ground.top + 1, canvas.height * between(chance, 0.03, 0.15),
                    light.far((60, 84, 54), 60))  # fmt: skip
    elif shore < 0.75:
        paint_town(canvas, chance, light, ground.top + 1)
    water = light.on(tinted(chance, pick(chance, WATERS), 14))
    calm = between(chance, 0, 1)
    mirrored = _mirrored(canvas, ground) if often(chance, 0.5) else None
    mover = _waves(chance, light, ground, water, calm, mirrored)
    if often(chance, 0.4):
        _beach(canvas, chance, light, ground)
        beach = canvas.pixels[ground.top :].copy()
        edge = _coast(chance, ground)
        mover = _behind(mover, ground.top, beach, edge)
    for _ in range(int(chance.integers(0, 3)) if often(chance, 0.4) else 0):
        mover = _with_boat(mover, chance, light, ground)
    return Still(chance, canvas, (width, height), mover)


def _mirrored(canvas: Canvas, ground: Ground) -> Field:
    """Return what is above the water, upside down and blurred by small waves."""
    rows = ground.top - 1 - np.arange(canvas.height - ground.top)
    found = canvas.pixels[np.clip(rows, 0, None)]
    size = canvas.height / 480
    return np.asarray(cv2.GaussianBlur(found, (0, 0), 1.2 * size, sigmaY=5 * size), np.float32)


def _waves(
    chance: Chance,
    light: Light,
    ground: Ground,
    water: Colour,
    calm: float,
    mirrored: Field | None,
) -> Mover:
    tile, other = noise(STREAK, int(chance.integers(3))), noise(SOFT, int(chance.integers(3)))
    size, pace = between(chance, 3, 18), between(chance, 0.3, 1.4)
    swell, foam = between(chance, 0.08, 0.35) * (1.2 - calm), often(chance, 0.4)
    sky = np.array(mixed(light.low, light.top, 0.35), np.float32)
    grazing = np.clip(ground.ahead / (ground.ahead + between(chance, 3, 30)), 0, 1)[
        ..., None
    ] * between(chance, 0.3, 0.9)
    seen = sky if mirrored is None else mirrored
    base = np.array(water, np.float32) * (1 - grazing) + seen * grazing
    glare = between(chance, 0, 0.6) if light.name in (DUSK, DAY) and often(chance, 0.4) else 0.0
    path = np.exp(-((ground.aim / (0.5 + 0.15 * ground.ahead)) ** 2)) * glare
    flat = ground.aim * size, np.log(ground.ahead) * size * 9

    def move(canvas: Canvas, moment_s: float) -> None:
        first = sample(
            np.ascontiguousarray(tile.T),
            *np.broadcast_arrays(flat[0] * 0.35, flat[1] + 9 * pace * moment_s),
        )
        second = sample(other, *np.broadcast_arrays(flat[0] * 0.8 + 4 * moment_s, flat[1] * 2))
        lift = (first + 0.6 * second) * swell
        colours = base * (1 + lift[..., None])
        colours += (path * np.clip(1 + 3 * lift, 0, 3))[..., None] * np.array(
            (255, 226, 170), np.float32
        )
        if foam:
            colours += (smooth(first + second * 0.5, 1.0, 1.5) * 90)[..., None]
        canvas.pixels[ground.top :] = np.clip(colours, 0, 255)

    return move


def _beach(canvas: Canvas, chance: Chance, light: Light, ground: Ground) -> None:
    sand = tinted(
        chance,
        pick(chance, ((206, 184, 144), (170, 150, 120), (130, 124, 116), (190, 190, 184))),
        12,
    )
    lay_ground(canvas, chance, light, ground, sand, pick(chance, (GRAIN, ROUGH)))


def _coast(chance: Chance, ground: Ground) -> Field:
    """Return where there is land, 0..1: near the camera or on one side."""
    wavy = ground.texture(noise(SOFT, int(chance.integers(3))), between(chance, 0.8, 4), 0)
    if often(chance, 0.5):
        reach = ground.view.eye_m * between(chance, 1.2, 5)
        land = (reach - ground.ahead) / reach * 3 + wavy
    else:
        land = (ground.across * pick(chance, (-1.0, 1.0)) - between(chance, -3, 4)) * 0.5 + wavy
    return smooth(np.asarray(land, np.float32), -0.05, 0.1)


def _behind(mover: Mover, top: int, land: np.ndarray, cover: Field) -> Mover:
    def move(canvas: Canvas, moment_s: float) -> None:
        mover(canvas, moment_s)
        part = canvas.pixels[top:].astype(np.float32)
        edge = np.clip(4 * cover * (1 - cover), 0, 1)[..., None] * 60
        canvas.pixels[top:] = np.clip(part + (land - part) * cover[..., None] + edge, 0, 255)

    return move


def _with_boat(mover: Mover, chance: Chance, light: Light, ground: Ground) -> Mover:
    ahead, start = between(chance, 15, 150), between(chance, -0.4, 0.4)
    hull, sail = (
        light.far(tinted(chance, (170, 70, 60), 40), ahead),
        light.far((236, 232, 224), ahead),
    )
    speed, sails = between(chance, -1, 1), often(chance, 0.6)

    def move(canvas: Canvas, moment_s: float) -> None:
        mover(canvas, moment_s)
        x, y = ground.place(0, 0, ahead)
        unit = ground.view.focal / ahead
        x = ground.view.middle + start * canvas.width + speed * moment_s * unit
        y += math.sin(moment_s * 1.7) * 0.15 * unit
        canvas.area(
            [
                (x - 2.6 * unit, y - unit),
                (x + 2.6 * unit, y - unit),
                (x + 1.9 * unit, y),
                (x - 1.9 * unit, y),
            ],
            hull,
        )
        if sails:
            canvas.area(
                [(x, y - 7 * unit), (x + 2.3 * unit, y - 1.3 * unit), (x, y - 1.3 * unit)], sail
            )
            canvas.area(
                [
                    (x - 0.2 * unit, y - 6.2 * unit),
                    (x - 0.2 * unit, y - 1.3 * unit),
                    (x - 1.8 * unit, y - 1.3 * unit),
                ],
                sail,
            )
        else:
            canvas.box(x - unit, y - 2.2 * unit, x + unit, y - unit, sail)

    return move
