"""Land without roads: meadows and fields, water, woods, mountains, skies."""

import math
from dataclasses import replace
from typing import Final

import numpy as np

from engine.scenes.canvas import (
    CELLS,
    GRAIN,
    ROUGH,
    SOFT,
    Canvas,
    Chance,
    Colour,
    Field,
    between,
    field,
    mixed,
    noise,
    often,
    pick,
    smooth,
    tinted,
)
from engine.scenes.ground import Ground, View
from engine.scenes.light import DAY, DULL, DUSK, FOG, NIGHT, RAIN, SNOW, Light, make_light
from engine.scenes.roadside import make_thing, paint_plant, paint_thing
from engine.scenes.sky import paint_far, paint_ridge, paint_sky, paint_woods
from engine.scenes.still import Still, still_canvas

GREENS: Final[tuple[Colour, ...]] = (
    (92, 128, 54), (120, 140, 62), (156, 150, 80), (76, 104, 50), (176, 160, 96), (140, 120, 70),
)  # fmt: skip
ROCKS: Final[tuple[Colour, ...]] = (
    (112, 108, 104), (136, 120, 100), (90, 96, 108), (120, 92, 76), (150, 146, 140), (70, 86, 74),
)  # fmt: skip
_LIGHTS: Final = (DAY, DAY, DAY, DULL, DUSK, RAIN, FOG)


def open_view(chance: Chance, canvas: Canvas) -> View:
    """Return how someone looks over open land."""
    return View(
        canvas.width, canvas.height, canvas.height * between(chance, 0.6, 1.6),
        between(chance, 0.5, 6), canvas.height * between(chance, 0.15, 0.7), canvas.width / 2,
        heading=between(chance, -0.8, 0.8), climb=between(chance, -0.05, 0.1),
    )  # fmt: skip


def lay_ground(
    canvas: Canvas, chance: Chance, light: Light, ground: Ground, colour: Colour, kinds: str
) -> Field:
    """Paint open ground with two noises; returns the coarse one."""
    fine = ground.texture(
        noise(kinds, int(chance.integers(3))), between(chance, 8, 36), 0, between(chance, 0.5, 1)
    )
    coarse = ground.texture(noise(SOFT, int(chance.integers(3))), between(chance, 0.8, 6), 0)
    far = ground.texture(noise(ROUGH, int(chance.integers(3))), between(chance, 0.1, 0.7), 0)
    tone = 1 + fine * between(chance, 0.12, 0.4) + coarse * between(chance, 0.05, 0.25) + far * 0.15
    other = np.array(light.on(tinted(chance, pick(chance, GREENS), 18)), np.float32)
    base = np.array(light.on(colour), np.float32)
    share = smooth(far + 0.6 * coarse, between(chance, -1, 0.6), 1.2)[..., None]
    colours = (base + (other - base) * share) * tone[..., None]
    haze = 1 - np.exp(-ground.ahead / light.haze_m)[..., None]
    colours = colours + (np.array(light.low, np.float32) - colours) * haze
    canvas.pixels[ground.top :] = np.clip(colours, 0, 255)
    return coarse


def draw_meadow(chance: Chance, width: int, height: int) -> Still:
    """Make a meadow, a heath, a desert, a field of crops in rows, or land under snow."""
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, (*_LIGHTS, SNOW)))
    ground = Ground(open_view(chance, canvas))
    paint_sky(canvas, chance, light, ground.top + 1)
    paint_far(canvas, chance, light, ground.top + 1)
    colour = tinted(chance, pick(chance, GREENS), 18)
    if light.name == SNOW:
        colour = tinted(chance, (216, 220, 226), 8)
    lay_ground(canvas, chance, light, ground, colour, pick(chance, (GRAIN, CELLS, ROUGH)))
    if often(chance, 0.25):  # crops, or a ploughed field: rows that meet far away, as roads do
        rows = np.sin(ground.across * 2 * math.pi / between(chance, 0.5, 3)) * np.clip(
            ground.scale / 12, 0, 1
        )
        canvas.roughen((rows * between(chance, 0.1, 0.4)).astype(np.float32), ground.top)
    if often(chance, 0.4):
        _flowers(canvas, chance, light, ground)
    things = [
        make_thing(
            chance,
            kind,
            between(chance, -40, 40),
            between(chance, 4, 120) ** between(chance, 0.7, 1),
            light,
        )
        for kind in chance.choice(
            ("tree", "bush", "fir", "bare", "rock", "house", "post", "person"),
            int(chance.integers(0, 16)),
            p=(0.33, 0.2, 0.12, 0.1, 0.1, 0.05, 0.05, 0.05),
        )
    ]
    for thing in sorted(things, key=lambda each: -each.ahead_m):
        paint_thing(canvas, ground, light, thing, thing.ahead_m)
    paint_tufts(canvas, chance, light.on(colour))
    return Still(chance, canvas, (width, height))


def _flowers(canvas: Canvas, chance: Chance, light: Light, ground: Ground) -> None:
    colour = pick(chance, ((236, 206, 60), (230, 230, 226), (196, 60, 60), (140, 90, 180)))
    for _ in range(int(chance.integers(20, 160))):
        x, y = ground.place(between(chance, -12, 12), 0.1, between(chance, 1.5, 20))
        size = max(0.6, 0.012 * canvas.height * between(chance, 0.3, 1))
        canvas.oval((x, y), (size, size * 0.7), light.on(tinted(chance, colour, 12)))


def paint_tufts(canvas: Canvas, chance: Chance, colour: Colour) -> None:
    """Paint blades of grass before everything else, in some pictures."""
    if not often(chance, 0.3):
        return
    for _ in range(int(chance.integers(40, 160))):
        x, size = between(chance, 0, canvas.width), canvas.height * between(chance, 0.04, 0.2)
        lean = chance.normal(0, 0.3) * size
        canvas.line(
            [
                (x, canvas.height),
                (x + lean * 0.4, canvas.height - size * 0.6),
                (x + lean, canvas.height - size),
            ],
            tinted(chance, colour, 20),
            1.5,
        )


def draw_valley(chance: Chance, width: int, height: int) -> Still:
    """Make a valley seen from above, with a glacier or a river that winds through it."""
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, _LIGHTS))
    view = View(
        canvas.width, canvas.height, canvas.height * between(chance, 0.7, 1.5),
        between(chance, 12, 80), canvas.height * between(chance, 0.25, 0.55), canvas.width / 2,
        between(chance, -60, 60), float(chance.normal(0, 0.3)), float(chance.normal(0, 0.002)),
    )  # fmt: skip
    ground = Ground(view)
    paint_sky(canvas, chance, light, ground.top + 1)
    for layer in range(int(chance.integers(1, 4))):
        rock = light.far(
            tinted(chance, pick(chance, ROCKS), 16), light.haze_m * (0.8 - 0.2 * layer)
        )
        high = ground.top * between(chance, 0.2, 0.9) / (1 + layer)
        paint_ridge(canvas, chance, ground.top + 1, high, between(chance, 0.3, 1), rock,
                    between(chance, 0, 0.8))  # fmt: skip
    land = tinted(chance, pick(chance, (*ROCKS, *GREENS)), 14)
    coarse = lay_ground(canvas, chance, light, ground, land, pick(chance, (ROUGH, CELLS)))
    icy = often(chance, 0.5)
    wavy = ground.texture(noise(SOFT, 1), between(chance, 0.3, 1.2), 0) * between(chance, 4, 25)
    half = between(chance, 8, 50)
    inside = np.clip((half - np.abs(ground.across + wavy)) / half * 6, 0, 1).astype(np.float32)
    streaks = ground.texture(noise(ROUGH, 2), between(chance, 0.5, 2), 0, 0.2)
    colour = light.on((206, 216, 224)) if icy else mixed(light.low, light.on((70, 110, 130)), 0.5)
    tone = 1 + (0.25 if icy else 0.06) * (streaks + 0.4 * coarse)
    part = canvas.pixels[ground.top :].astype(np.float32)
    laid = part + (np.array(colour, np.float32) * tone[..., None] - part) * inside[..., None]
    canvas.pixels[ground.top :] = np.clip(laid, 0, 255)
    if often(chance, 0.5):
        for _ in range(int(chance.integers(2, 9))):
            x, size = between(chance, 0, canvas.width), canvas.height * between(chance, 0.1, 0.45)
            foot = (x, canvas.height * between(chance, 1.0, 1.1))
            paint_plant(canvas, pick(chance, ("fir", "fir", "bush", "rock")), foot, size,
                        light.on((50, 74, 46)), tuple(chance.random(12)))  # fmt: skip
    return Still(chance, canvas, (width, height))


def draw_mountain(chance: Chance, width: int, height: int) -> Still:
    """Make mountains, some under snow, or a glacier."""
    if often(chance, 0.25):
        return draw_valley(chance, width, height)
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, _LIGHTS))
    base = canvas.height * between(chance, 0.4, 0.95)
    paint_sky(canvas, chance, light, base)
    layers = int(chance.integers(1, 5))
    for layer in range(layers):
        rock = light.far(
            tinted(chance, pick(chance, ROCKS), 16), light.haze_m * (1.2 - layer * 0.3)
        )
        high = base * between(chance, 0.3, 1.0) / (1 + 0.5 * layer)
        snow = between(chance, 0.1, 0.9) if often(chance, 0.5) else 0.0
        paint_ridge(canvas, chance, base, high, between(chance, 0.3, 1), rock, snow)
    ground = Ground(replace(open_view(chance, canvas), horizon=base - 1, climb=0.0))
    soil = light.on(tinted(chance, pick(chance, (*ROCKS, *GREENS)), 14))
    canvas.fade(base, canvas.height, mixed(soil, light.low, 0.5), soil)
    front = chance.random()
    if front < 0.3:
        ice = field(chance, ROUGH, canvas.height - int(base), canvas.width, between(chance, 0.5, 2))
        canvas.fade(
            base,
            canvas.height,
            light.on((214, 224, 232)),
            light.on(tinted(chance, (190, 208, 220), 14)),
        )
        canvas.roughen(-np.abs(ice) * between(chance, 0.1, 0.5), int(base))
    elif front < 0.8:
        stone = tinted(chance, pick(chance, (*ROCKS, *GREENS)), 14)
        lay_ground(canvas, chance, light, ground, stone, pick(chance, (ROUGH, GRAIN, CELLS)))
        for _ in range(int(chance.integers(0, 9))):
            thing = make_thing(
                chance,
                pick(chance, ("rock", "fir", "bush")),
                between(chance, -20, 20),
                between(chance, 4, 60),
                light,
            )
            paint_thing(canvas, ground, light, thing, thing.ahead_m)
    else:
        paint_woods(
            canvas,
            chance,
            canvas.height + 2,
            canvas.height - base + canvas.height * 0.08,
            light.on((62, 84, 52)),
        )
    return Still(chance, canvas, (width, height))


def draw_sky(chance: Chance, width: int, height: int) -> Still:
    """Make a sky with clouds, birds or a plane, and perhaps roofs or tree tops below."""
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, (DAY, DAY, DUSK, DUSK, DULL, NIGHT)))
    paint_sky(canvas, chance, light, canvas.height)
    if often(chance, 0.5):
        low = light.far(tinted(chance, (50, 60, 50), 14), between(chance, 5, 80))
        paint = pick(chance, (paint_woods, _paint_hill))
        paint(canvas, chance, canvas.height + 1, canvas.height * between(chance, 0.05, 0.3), low)
    birds = (
        [chance.random(3) for _ in range(int(chance.integers(1, 9)))] if often(chance, 0.4) else []
    )
    size = canvas.height * between(chance, 0.01, 0.03)

    def fly(shown: Canvas, moment_s: float) -> None:
        for one, two, three in birds:
            x = ((one + 0.02 * moment_s) % 1.1) * shown.width
            y, flap = two * shown.height * 0.7, math.sin(9 * moment_s + 6 * three) * size * 0.6
            shown.line([(x - size, y - flap), (x, y), (x + size, y - flap)], (40, 40, 46), 1.5)

    return Still(chance, canvas, (width, height), fly)


def _paint_hill(canvas: Canvas, chance: Chance, base: float, height: float, colour: Colour) -> None:
    paint_ridge(canvas, chance, base, height, 0.3, colour)
