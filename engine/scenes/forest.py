"""Woods from inside."""

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
    Point,
    between,
    field,
    lit,
    mixed,
    noise,
    often,
    pick,
    smooth,
    tinted,
)
from engine.scenes.ground import Ground, View
from engine.scenes.light import DAY, DULL, DUSK, FOG, SNOW, make_light
from engine.scenes.nature import GREENS, lay_ground, paint_tufts
from engine.scenes.roadside import paint_plant
from engine.scenes.still import Still, still_canvas

LEAVES: Final[tuple[Colour, ...]] = (*GREENS, (176, 110, 40), (60, 84, 44))
SOILS: Final[tuple[Colour, ...]] = ((104, 84, 58), (84, 100, 52), (130, 100, 60), (92, 88, 50))
BARKS: Final[tuple[Colour, ...]] = ((70, 58, 48), (110, 100, 90), (50, 44, 40), (196, 192, 184))


def draw_forest(chance: Chance, width: int, height: int) -> Still:
    """Make the inside of a wood: trunks, leaves, undergrowth, light between them."""
    if often(chance, 0.5):
        return _draw_deep_wood(chance, width, height)
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, (DAY, DAY, DULL, DUSK, FOG, SNOW)))
    back = mixed(
        light.low, light.on(tinted(chance, pick(chance, GREENS), 14)), between(chance, 0.4, 1)
    )
    canvas.fade(
        0, canvas.height, lit(back, between(chance, 0.5, 1.3)), lit(back, between(chance, 0.4, 1))
    )
    leaf = tinted(chance, pick(chance, (*GREENS, (176, 110, 40), (60, 84, 44))), 14)
    _foliage(canvas, chance, light.on(leaf), 0, canvas.height, between(chance, -0.4, 0.6))
    floor = canvas.height * between(chance, 0.5, 1.0)
    soil = pick(
        chance,
        (
            (104, 84, 58),
            (84, 100, 52),
            (130, 100, 60),
            (222, 226, 230) if light.name == SNOW else (92, 88, 50),
        ),
    )
    earth = light.on(tinted(chance, soil, 14))
    canvas.fade(floor, canvas.height, mixed(earth, back, 0.4), earth)
    for layer in range(int(chance.integers(2, 5))):
        share = layer / 4
        bark = light.on(
            mixed(
                tinted(
                    chance,
                    pick(chance, ((70, 58, 48), (110, 100, 90), (50, 44, 40), (196, 192, 184))),
                    10,
                ),
                back,
                0.6 * (1 - share),
            )
        )
        for _ in range(int(chance.integers(3, 18) / (1 + layer))):
            half = canvas.width * between(chance, 0.004, 0.02) * (1 + 3 * share)
            foot = (between(chance, 0, canvas.width), floor + (canvas.height - floor) * share)
            _stem(canvas, chance, foot, half, chance.normal(0, 0.05) * canvas.height, bark)
        if often(chance, 0.5):
            _foliage(canvas, chance, light.on(leaf), 0, floor, between(chance, 0.4, 1.2))
    rows = canvas.height - max(0, int(floor))
    if rows > 2:
        canvas.roughen(
            field(
                chance,
                pick(chance, (CELLS, GRAIN, ROUGH)),
                rows,
                canvas.width,
                between(chance, 0.8, 3),
            )
            * 0.35,
            canvas.height - rows,
        )
    paint_tufts(canvas, chance, light.on(leaf))
    return Still(chance, canvas, (width, height))


def _draw_deep_wood(chance: Chance, width: int, height: int) -> Still:
    """Make a wood whose trees stand on its floor, near and far."""
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, (DAY, DAY, DULL, DUSK, FOG, SNOW)))
    view = View(
        canvas.width, canvas.height, canvas.height * between(chance, 0.7, 1.5),
        between(chance, 0.8, 3), canvas.height * between(chance, 0.3, 0.7), canvas.width / 2,
        climb=between(chance, -0.1, 0.25),
    )  # fmt: skip
    ground = Ground(view)
    leaf = tinted(chance, pick(chance, LEAVES), 14)
    glow = mixed(light.low, light.on(leaf), between(chance, 0.1, 0.8))
    canvas.fade(0, canvas.height, lit(glow, between(chance, 0.6, 1.2)), glow)
    _foliage(canvas, chance, light.on(leaf), 0, ground.top + 2, between(chance, -0.6, 0.8))
    soil = tinted(chance, pick(chance, SOILS), 14) if light.name != SNOW else (214, 218, 224)
    lay_ground(canvas, chance, light, ground, soil, pick(chance, (GRAIN, CELLS, ROUGH)))
    spots = ground.texture(noise(SOFT, 2), between(chance, 6, 20), 0, between(chance, 0.5, 1))
    canvas.roughen(spots * between(chance, 0, 0.5), ground.top)
    bark = tinted(chance, pick(chance, BARKS), 10)
    places = np.sort(chance.uniform(1.8, between(chance, 12, 45), int(chance.integers(10, 70))))
    trail = between(chance, 0, 1.5)  # a clearing in the middle leads nowhere
    for ahead in places[::-1]:
        across = between(chance, -1, 1) * ahead * 0.9
        if abs(across) < trail:
            continue
        x, foot = ground.place(across, 0, ahead)
        half = between(chance, 0.06, 0.3) * view.focal / ahead
        veil = 1 - 2.7 ** (-ahead / 18)
        colour = mixed(light.on(tinted(chance, bark, 10)), glow, veil * 0.8)
        lean = chance.normal(0, 0.04) * canvas.height
        _stem(canvas, chance, (x, foot), half, lean, colour)
        if often(chance, 0.15):
            size = between(chance, 0.5, 2) * view.focal / ahead
            paint_plant(canvas, "bush", (x + half * 4, foot), size,
                        mixed(light.on(leaf), glow, veil), tuple(chance.random(12)))  # fmt: skip
    if often(chance, 0.5):
        _foliage(canvas, chance, light.on(leaf), 0, ground.top * between(chance, 0.3, 1), 0.5)
    return Still(chance, canvas, (width, height))


def _stem(
    canvas: Canvas, chance: Chance, foot: Point, half: float, lean: float, bark: Colour
) -> None:
    """Paint a trunk that goes up beyond the picture, darker on one side, with branches."""
    (x, y), top = foot, -10.0
    edges = [(x - half * 1.2, y), (x - half * 0.8 + lean, top)]
    canvas.area([*edges, (x + half * 0.8 + lean, top), (x + half * 1.2, y)], bark)
    dark = [(x + half * 0.4, y), (x + half * 0.3 + lean, top)]
    canvas.area([*dark, (x + half * 0.8 + lean, top), (x + half * 1.2, y)], lit(bark, 0.65))
    for _ in range(int(chance.integers(0, 5))):
        up = y * between(chance, 0.05, 0.7)
        reach = pick(chance, (-1, 1)) * half * between(chance, 3, 14)
        start = (x + lean * (1 - up / max(1.0, y)), up)
        canvas.line(
            [start, (x + reach, up - abs(reach) * between(chance, 0.2, 1))], bark, half * 0.4
        )


def _foliage(
    canvas: Canvas, chance: Chance, colour: Colour, top: float, bottom: float, sparse: float
) -> None:
    first, last = int(top), int(bottom)
    fine = between(chance, 0.8, 3) * 480 / canvas.height
    leaves = field(chance, pick(chance, (CELLS, CELLS, ROUGH)), last - first, canvas.width, fine)
    clumps = field(chance, SOFT, last - first, canvas.width, fine * 0.3)
    cover = smooth(leaves + clumps, sparse, sparse + 0.25)
    shade = field(chance, CELLS, last - first, canvas.width, fine * 1.7)
    part = canvas.pixels[first:last].astype(np.float32)
    tint = np.array(colour, np.float32) * (1 + 0.45 * (shade + 0.5 * clumps)[..., None])
    canvas.pixels[first:last] = np.clip(part + (tint - part) * cover[..., None], 0, 255)
