"""What stands beside roads and on them: trees, lamps, signs, rails, cars, houses."""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from engine.scenes.canvas import (
    Canvas,
    Chance,
    Colour,
    Picture,
    between,
    lit,
    mixed,
    often,
    pick,
    tinted,
)
from engine.scenes.ground import NEAREST_M, Ground
from engine.scenes.light import NIGHT, SNOW, Light

PAINTS: tuple[Colour, ...] = (
    (222, 222, 224), (34, 36, 40), (120, 124, 130), (168, 30, 34), (36, 66, 128), (196, 190, 170),
    (70, 84, 76), (210, 170, 40), (150, 152, 156),
)  # fmt: skip
_RED: Colour = (190, 24, 24)
_LAMP: Colour = (255, 246, 220)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something beside a road.

    Attributes:
        kind: ``tree``, ``fir``, ``bare``, ``bush``, ``pole``, ``lamp``, ``sign``, ``post``,
            ``house``, ``rock``, ``person``; cars: ``away``, ``oncoming``, and ``parked``, which
            stands.
        across_m: Right of the road's middle.
        ahead_m: From the camera, when it starts.
        size_m: Height.
        colour: In full light.
        shape: Numbers 0..1 that tell it from others of its kind.
    """

    kind: str
    across_m: float
    ahead_m: float
    size_m: float
    colour: Colour
    shape: tuple[float, ...] = field(default=())


def make_thing(chance: Chance, kind: str, across_m: float, ahead_m: float, light: Light) -> Thing:
    """Return a thing of a kind at a place; its size and colour are left to chance."""
    green: Colour = (74, 104, 52) if light.name != SNOW else (96, 104, 96)
    autumn = pick(chance, (green, green, green, (176, 120, 44), (150, 66, 36)))
    high_car = 3.2 if often(chance, 0.08) else 1.9
    sizes = {
        "tree": (4, 14, autumn), "fir": (5, 18, lit(green, 0.7)), "bare": (4, 11, (84, 72, 62)),
        "bush": (0.5, 2.4, green), "pole": (6, 10, (110, 96, 80)), "lamp": (5, 10, (120, 124, 128)),
        "sign": (1.8, 3.4, (210, 210, 210)), "post": (0.7, 1.2, (226, 226, 226)),
        "house": (4, 11, (196, 176, 150)), "rock": (0.6, 5, (128, 120, 110)),
        "away": (1.35, high_car, pick(chance, PAINTS)),
        "oncoming": (1.35, high_car, pick(chance, PAINTS)),
        "person": (1.5, 1.95, pick(chance, PAINTS)),
    }  # fmt: skip
    low, high, colour = sizes[kind]
    return Thing(
        kind, across_m, ahead_m, between(chance, low, high), tinted(chance, colour, 16),
        tuple(chance.random(12)),
    )  # fmt: skip


def paint_thing(canvas: Canvas, ground: Ground, light: Light, thing: Thing, ahead_m: float) -> None:
    """Paint a thing at a distance."""
    x, foot = ground.place(thing.across_m, 0, ahead_m)
    unit = ground.view.focal / ahead_m
    size = thing.size_m * unit
    if size < 1.5 or not -2 * size < x < canvas.width + 2 * size:
        return
    colour = light.far(thing.colour, ahead_m)
    if thing.kind in ("away", "oncoming", "parked"):
        _paint_car(canvas, ground, light, thing, ahead_m)
    elif thing.kind == "person":
        _paint_person(canvas, thing, (x, foot), size, light.far((206, 160, 130), ahead_m))
    elif thing.kind == "house":
        _paint_house(canvas, thing, light, (x, foot), size, colour)
    elif thing.kind in ("tree", "bush", "fir", "bare", "rock"):
        paint_plant(canvas, thing.kind, (x, foot), size, colour, thing.shape)
    else:
        _paint_post(canvas, ground, light, thing, (x, foot, size, unit, ahead_m))


def paint_plant(
    canvas: Canvas,
    kind: str,
    foot: tuple[float, float],
    size: float,
    colour: Colour,
    shape: tuple[float, ...],
) -> None:
    """Paint a ``tree``, ``fir``, ``bare`` tree, ``bush`` or ``rock`` that stands on ``foot``."""
    x, y = foot
    dark, bright = lit(colour, 0.68), lit(colour, 1.22)
    if kind == "rock":
        points = [
            (-0.6, 0),
            (-0.5 + 0.2 * shape[0], -0.7),
            (-0.1, -1),
            (0.4, -0.8 * shape[1]),
            (0.7, 0),
        ]
        canvas.area([(x + a * size, y + b * size) for a, b in points], colour)
        canvas.area([(x + a * size, y + b * size) for a, b in points[1:4]], bright)
        return
    trunk = mixed((86, 66, 50), colour, 0.35)
    if kind in ("tree", "fir", "bare"):
        thick = size * (0.02 + 0.03 * shape[0])
        canvas.area(
            [
                (x - thick, y),
                (x - thick / 2, y - 0.7 * size),
                (x + thick / 2, y - 0.7 * size),
                (x + thick, y),
            ],
            lit(trunk, 0.8),
        )
    if kind == "fir":
        for up, wide in ((0.1, 0.3), (0.35, 0.23), (0.6, 0.15)):
            half = wide * size * (0.7 + 0.5 * shape[1])
            canvas.area([(x - half, y - up * size), (x, y - (up + 0.4) * size),
                         (x + half, y - up * size)], mixed(colour, dark, up))  # fmt: skip
        return
    if kind == "bare":
        for part in range(9):
            up = 0.35 + 0.06 * part
            lean = (shape[part] - 0.5) * 1.1 + (0.25 if part % 2 else -0.25)
            canvas.line(
                [(x, y - up * size), (x + lean * size * 0.5, y - min(1.0, up + 0.3) * size)],
                trunk,
                size * 0.012,
            )
        return
    low = 0.3 if kind == "tree" else 0.0
    wide = 0.24 + 0.2 * shape[1] if kind == "tree" else 0.8
    for part in range(9):  # darker leaves below, brighter above
        share = part / 8
        across = (shape[part] - 0.5) * 2 * wide * (1 - 0.45 * share)
        up = low + (0.85 - low) * (0.15 + 0.7 * share)
        half = (0.13 + 0.1 * shape[(part + 5) % 12]) * (1 if kind == "tree" else 2)
        tint = mixed(dark, bright, share * 0.8 + 0.2 * shape[(part + 3) % 12])
        canvas.oval((x + across * size, y - up * size), (half * size * 1.15, half * size), tint)


def _paint_person(
    canvas: Canvas, thing: Thing, foot: tuple[float, float], size: float, skin: Colour
) -> None:
    x, y = foot
    coat, legs = lit(thing.colour, 0.6), lit(thing.colour, 0.3 + 0.4 * thing.shape[0])
    step = size * 0.09 * (0.4 + thing.shape[1])
    for side in (-step, step):
        canvas.line([(x, y - 0.48 * size), (x + side, y)], legs, size * 0.09)
    canvas.oval((x, y - 0.66 * size), (size * (0.11 + 0.04 * thing.shape[2]), size * 0.22), coat)
    canvas.oval((x, y - 0.93 * size), (size * 0.06, size * 0.075), skin)


def _paint_house(
    canvas: Canvas,
    thing: Thing,
    light: Light,
    foot: tuple[float, float],
    size: float,
    colour: Colour,
) -> None:
    x, y = foot
    half, wall = size * (0.5 + 0.7 * thing.shape[0]), size * 0.62
    canvas.box(x - half, y - wall, x + half, y, colour)
    roof = mixed(lit(colour, 0.6), (150, 70, 50), 0.4 * thing.shape[1])
    canvas.area([(x - half * 1.1, y - wall), (x - half * 0.7, y - size), (x + half * 0.7, y - size),
                 (x + half * 1.1, y - wall)], roof)  # fmt: skip
    pane = (230.0, 200.0, 130.0) if light.dark else mixed(lit(colour, 0.4), light.low, 0.3)
    for part in (-0.65, -0.1, 0.45):
        canvas.box(
            x + part * half, y - wall * 0.75, x + (part + 0.25) * half, y - wall * 0.35, pane
        )


def _paint_post(
    canvas: Canvas,
    ground: Ground,
    light: Light,
    thing: Thing,
    at: tuple[float, float, float, float, float],
) -> None:
    x, foot, size, unit, ahead_m = at
    colour = light.far(thing.colour, ahead_m)
    if thing.kind == "post":
        canvas.box(x - 0.06 * unit, foot - size, x + 0.06 * unit, foot, colour)
        canvas.box(x - 0.06 * unit, foot - 0.8 * size, x + 0.06 * unit, foot - 0.65 * size,
                   light.far((160, 50, 40), ahead_m))  # fmt: skip
        return
    canvas.line([(x, foot), (x, foot - size)], colour, 0.12 * unit)
    inwards = -1 if thing.across_m > 0 else 1
    if thing.kind == "sign":
        face = light.far(pick_face(thing.shape[0]), ahead_m)
        half = unit * (0.3 + 0.3 * thing.shape[1])
        middle = (x, foot - size)
        if thing.shape[2] < 0.4:
            canvas.oval(middle, (half, half), light.far(_RED, ahead_m))
            canvas.oval(middle, (half * 0.74, half * 0.74), light.far((236, 236, 236), ahead_m))
        elif thing.shape[2] < 0.6:
            canvas.area([(x - half, middle[1] + half), (x, middle[1] - half),
                         (x + half, middle[1] + half)], light.far(_RED, ahead_m))  # fmt: skip
        else:
            canvas.box(x - half * 1.4, middle[1] - half, x + half * 1.4, middle[1] + half, face)
    elif thing.kind == "lamp":
        head = (x + inwards * 1.4 * unit, foot - size - 0.1 * unit)
        canvas.line([(x, foot - size), head], colour, 0.1 * unit)
        if light.dark:
            glow = (255.0, 214.0, 150.0) if thing.shape[0] < 0.6 else (236.0, 240.0, 255.0)
            canvas.glow(head, 1.6 * unit + 6, glow, 0.9)
            canvas.glow(
                ground.place(thing.across_m + inwards * 1.4, 0, ahead_m), 2.2 * unit, glow, 0.4
            )
    else:
        for up in (0.94, 0.86):
            canvas.line(
                [(x - unit, foot - up * size), (x + unit, foot - up * size)], colour, 0.1 * unit
            )


def pick_face(number: float) -> Colour:
    """Return the colour of a sign's face: blue, green, yellow, white or brown."""
    faces: tuple[Colour, ...] = (
        (30, 70, 150),
        (24, 110, 70),
        (230, 190, 40),
        (232, 232, 232),
        (120, 80, 50),
    )
    return faces[min(4, int(number * 5))]


def _paint_car(canvas: Canvas, ground: Ground, light: Light, thing: Thing, ahead_m: float) -> None:
    """Paint a car from behind or before, with the side that can be seen."""
    if ahead_m < 3.5:
        return
    body = light.far(thing.colour, ahead_m)
    glass = mixed(lit(body, 0.3), light.far((80, 94, 104), ahead_m), 0.6)
    black = light.far((18, 18, 20), ahead_m)
    wider = math.hypot(1, ground.view.heading)
    half, tall = (0.86 + 0.14 * thing.shape[0]) * wider, thing.size_m
    waist, long = tall * 0.58, (3.6 + 1.4 * thing.shape[1]) / wider
    side = thing.across_m - half if thing.across_m > ground.view.aside_m else thing.across_m + half

    def at(across: float, up: float, back: float) -> tuple[float, float]:
        return ground.place(across, up, ahead_m + back)

    shadow = [
        at(thing.across_m - half * 1.1, 0, 0),
        at(thing.across_m + half * 1.1, 0, 0),
        at(thing.across_m + half * 1.1, 0, long),
        at(thing.across_m - half * 1.1, 0, long),
    ]
    canvas.area(shadow, light.far((36, 36, 40), ahead_m))
    canvas.area(
        [at(side, 0.25, 0), at(side, waist, 0), at(side, waist, long), at(side, 0.25, long)],
        lit(body, 0.75),
    )
    canvas.area(
        [
            at(side, waist, 0.12 * long),
            at(side * 0.98 + thing.across_m * 0.02, tall, 0.24 * long),
            at(side, tall, 0.67 * long),
            at(side, waist, 0.86 * long),
        ],
        glass,
    )
    for back in (0.17 * long, 0.8 * long):
        x, y = at(side, 0.3, back)
        radius = 0.32 * ground.view.focal / (ahead_m + back)
        canvas.oval((x, y), (radius * 0.45, radius), black)
    left, right = thing.across_m - half, thing.across_m + half
    for edge in (left, right - 0.22):
        canvas.area(
            [at(edge, 0, 0), at(edge, 0.4, 0), at(edge + 0.22, 0.4, 0), at(edge + 0.22, 0, 0)],
            black,
        )
    canvas.area(
        [at(left, 0.25, 0), at(left, waist, 0), at(right, waist, 0), at(right, 0.25, 0)], body
    )
    inner = half * 0.78
    canvas.area(
        [
            at(left, waist, 0.1),
            at(thing.across_m - inner, tall, 0.5),
            at(thing.across_m + inner, tall, 0.5),
            at(right, waist, 0.1),
        ],
        lit(body, 0.9),
    )
    canvas.area(
        [
            at(left + 0.14, waist + 0.05, 0.1),
            at(thing.across_m - inner + 0.06, tall - 0.1, 0.5),
            at(thing.across_m + inner - 0.06, tall - 0.1, 0.5),
            at(right - 0.14, waist + 0.05, 0.1),
        ],
        glass,
    )
    canvas.area(
        [
            at(thing.across_m - 0.26, 0.45, 0),
            at(thing.across_m - 0.26, 0.58, 0),
            at(thing.across_m + 0.26, 0.58, 0),
            at(thing.across_m + 0.26, 0.45, 0),
        ],
        lit(body, 1.3),
    )
    lamp = _LAMP if thing.kind == "oncoming" else _RED
    for edge in (left + 0.04, right - 0.3):
        shade = lamp if light.dark or light.name == "rain" else light.far(lamp, ahead_m)
        canvas.area(
            [
                at(edge, waist - 0.28, 0),
                at(edge, waist - 0.08, 0),
                at(edge + 0.26, waist - 0.08, 0),
                at(edge + 0.26, waist - 0.28, 0),
            ],
            shade,
        )
        if light.name == NIGHT:
            canvas.glow(
                at(edge + 0.13, waist - 0.18, 0), 1.1 * ground.view.focal / ahead_m + 4, shade, 0.85
            )


def paint_rail(
    canvas: Canvas, ground: Ground, light: Light, across_m: float, high_m: float
) -> None:
    """Paint a guard rail or low wall along the road."""
    places = np.geomspace(1.2, 160, 24)
    upper = [ground.place(across_m, high_m, float(z)) for z in places]
    lower = [ground.place(across_m, high_m * 0.55, float(z)) for z in places]
    canvas.area([*upper, *lower[::-1]], light.far((166, 170, 174), 15))
    canvas.line(upper, light.far((206, 208, 210), 15), 1)


def paint_wall(
    canvas: Canvas,
    ground: Ground,
    facade: Picture,
    across_m: float,
    near_m: float,
    far_m: float,
    high_m: float,
) -> None:
    """Lay a picture of a facade on a wall along the road from ``near_m`` to ``far_m``."""
    first = max(near_m, NEAREST_M + 0.2)
    if far_m <= first + 0.1:
        return
    columns = facade.shape[1]
    cut = int(columns * (first - near_m) / (far_m - near_m))
    shown = facade[:, min(cut, columns - 2) :]
    corners = np.array(
        [ground.place(across_m, up, z) for up, z in
         ((high_m, first), (high_m, far_m), (0, far_m), (0, first))], np.float32
    )  # fmt: skip
    left, top = np.maximum(np.floor(corners.min(0)), 0).astype(int)
    right, bottom = np.minimum(np.ceil(corners.max(0)), (canvas.width, canvas.height)).astype(int)
    if right - left < 1 or bottom - top < 2:
        return
    rows, wide = shown.shape[:2]
    source = np.array([(0, 0), (wide, 0), (wide, rows), (0, rows)], np.float32)
    onto = cv2.getPerspectiveTransform(source, corners - np.array((left, top), np.float32))
    part = np.ascontiguousarray(canvas.pixels[top:bottom, left:right])
    size = (int(right - left), int(bottom - top))
    cv2.warpPerspective(shown, onto, size, part, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    canvas.pixels[top:bottom, left:right] = part
