"""Towns without a carriageway: faces of buildings, and squares."""

import math

import cv2
import numpy as np

from engine.scenes.canvas import (
    CELLS,
    GRAIN,
    SOFT,
    Canvas,
    Chance,
    Colour,
    between,
    noise,
    often,
    pick,
    tinted,
)
from engine.scenes.facades import draw_facade
from engine.scenes.ground import Ground, View
from engine.scenes.light import DAY, DULL, DUSK, NIGHT, RAIN, SNOW, Light, make_light
from engine.scenes.nature import GREENS, lay_ground
from engine.scenes.roadside import make_thing, paint_plant, paint_thing
from engine.scenes.sky import paint_far, paint_sky
from engine.scenes.still import Still, still_canvas

_LIGHTS = (DAY, DAY, DULL, DUSK, NIGHT, RAIN, SNOW)
PAVINGS: tuple[Colour, ...] = ((176, 166, 150), (196, 190, 182), (160, 120, 100), (140, 138, 136))


def draw_building(chance: Chance, width: int, height: int) -> Still:
    """Make the face of a building, straight or from below, alone or with neighbours."""
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, _LIGHTS))
    style = chance.random()
    if style < 0.4:
        _paint_blocks(canvas, chance, light)
        return Still(chance, canvas, (width, height))
    paint_sky(canvas, chance, light, canvas.height)
    if style < 0.7:
        _paint_front(canvas, chance, light)
    else:
        for _ in range(int(chance.integers(1, 4))):
            _paint_tower(canvas, chance, light)
    if often(chance, 0.35):
        green = light.on(tinted(chance, (70, 96, 50), 16))
        for _ in range(int(chance.integers(1, 5))):
            foot = (between(chance, 0, canvas.width), canvas.height * between(chance, 1.0, 1.2))
            paint_plant(
                canvas,
                pick(chance, ("tree", "bush", "bare", "fir")),
                foot,
                canvas.height * between(chance, 0.2, 0.8),
                green,
                tuple(chance.random(12)),
            )
    return Still(chance, canvas, (width, height))


def _paint_blocks(canvas: Canvas, chance: Chance, light: Light) -> None:
    """Paint buildings that stand on lawn, gravel, a yard or water, seen at an angle."""
    w, h = canvas.width, canvas.height
    view = View(w, h, h * between(chance, 0.7, 1.6), between(chance, 1.2, 6),
                h * between(chance, 0.55, 0.9), w / 2)  # fmt: skip
    ground = Ground(view)
    paint_sky(canvas, chance, light, ground.top + 1)
    paint_far(canvas, chance, light, ground.top + 1)
    soil = tinted(chance, pick(chance, (*GREENS, *GREENS, *PAVINGS, (176, 160, 130))), 14)
    lay_ground(canvas, chance, light, ground, soil, pick(chance, (GRAIN, CELLS)))
    glow = (255.0, 190.0, 90.0) if light.dark and often(chance, 0.6) else None  # floodlit
    for ahead in sorted(chance.uniform(14, 90, int(chance.integers(1, 5))))[::-1]:
        corner = between(chance, -0.5, 0.5) * ahead * w / view.focal
        turned = between(chance, 0.15, 1.4)
        floors = int(chance.integers(1, 14)) if ahead > 30 else int(chance.integers(1, 6))
        long = between(chance, 8, 30)
        cell = 14 if floors > 5 else 22
        face = draw_facade(chance, light, floors, max(2, round(long / 3)), cell)
        other = (face * between(chance, 0.5, 0.9)).astype(np.uint8)
        if glow is not None:
            face = np.clip(face + np.array(glow) * 0.4, 0, 255).astype(np.uint8)
        high = floors * between(chance, 3, 4)
        right = (corner + long * math.cos(turned), ahead + long * math.sin(turned))
        left = (corner - long * math.sin(turned), ahead + long * math.cos(turned))
        for far, shown in ((left, other), (right, face)):
            ends = [left, (corner, ahead)] if far is left else [(corner, ahead), right]
            tops = [ground.place(x, high, z) for x, z in ends]
            feet = [ground.place(x, 0, z) for x, z in ends[::-1]]
            _warp(canvas, shown, [*tops, *feet])
    for _ in range(int(chance.integers(0, 12))):
        kind = pick(chance, ("tree", "bush", "fir", "bare", "person", "lamp", "post"))
        thing = make_thing(chance, kind, between(chance, -20, 20), between(chance, 5, 40), light)
        paint_thing(canvas, ground, light, thing, thing.ahead_m)


def _paint_front(canvas: Canvas, chance: Chance, light: Light) -> None:
    """Lay one facade over most of the picture; below it, perhaps, a strip of lawn or steps."""
    floors, columns = int(chance.integers(1, 9)), int(chance.integers(2, 12))
    cell = int(np.clip(canvas.width / columns * 0.8, 14, 90))
    facade = draw_facade(chance, light, floors, columns, cell, shop=False)
    w, h = canvas.width, canvas.height
    top, bottom = h * between(chance, -0.3, 0.35), h * between(chance, 0.78, 1.3)
    left, right = w * between(chance, -0.4, 0.25), w * between(chance, 0.75, 1.4)
    lean = [chance.normal(0, 0.07) * h for _ in range(4)]
    corners = [
        (left, top + lean[0]),
        (right, top + lean[1]),
        (right, bottom + lean[2]),
        (left, bottom + lean[3]),
    ]
    if often(chance, 0.4):  # a roof
        roof = light.on(
            tinted(chance, pick(chance, ((120, 60, 46), (84, 84, 88), (100, 80, 64))), 14)
        )
        peak = top - h * between(chance, 0.1, 0.35)
        inset = w * between(chance, 0.0, 0.3)
        canvas.area(
            [
                (left - 6, top + lean[0]),
                (left + inset, peak),
                (right - inset, peak),
                (right + 6, top + lean[1]),
            ],
            roof,
        )
    _warp(canvas, facade, corners)
    if bottom < h:
        lawn = light.on(
            tinted(
                chance,
                pick(chance, ((92, 120, 60), (150, 140, 126), (110, 130, 80), (170, 164, 152))),
                14,
            )
        )
        canvas.area([(0, bottom + lean[3]), (w, bottom + lean[2]), (w, h + 9), (0, h + 9)], lawn)
        for _ in range(int(chance.integers(0, 9))):
            paint_plant(
                canvas,
                "bush",
                (between(chance, 0, w), bottom + h * 0.04),
                h * between(chance, 0.05, 0.2),
                light.on(tinted(chance, (76, 104, 54), 14)),
                tuple(chance.random(12)),
            )


def _paint_tower(canvas: Canvas, chance: Chance, light: Light) -> None:
    """Paint a building as it is seen by someone who looks up at its corner."""
    w, h = canvas.width, canvas.height
    floors, columns = int(chance.integers(4, 30)), int(chance.integers(3, 10))
    corner = w * between(chance, 0.1, 0.9)
    top, bottom = h * between(chance, -0.2, 0.35), h * between(chance, 0.95, 1.4)
    lean = (w / 2 - corner) * between(chance, 0, 0.4)
    first = draw_facade(chance, light, floors, columns, 12)
    second = (first * between(chance, 0.5, 0.85)).astype(np.uint8)
    for side, face in ((-1, first), (1, second)):
        wide = side * w * between(chance, 0.12, 0.6)
        drop = h * between(chance, 0.0, 0.35)
        far = [(corner + lean + wide * 0.8, top + drop), (corner + wide, bottom)]
        near = [(corner + lean, top), (corner, bottom)]
        corners = (
            [far[0], near[0], near[1], far[1]] if side < 0 else [near[0], far[0], far[1], near[1]]
        )
        _warp(canvas, face, corners)


def _warp(canvas: Canvas, face: np.ndarray, corners: list[tuple[float, float]]) -> None:
    rows, columns = face.shape[:2]
    source = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    onto = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    size = (canvas.width, canvas.height)
    cv2.warpPerspective(face, onto, size, canvas.pixels, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)


def draw_square(chance: Chance, width: int, height: int) -> Still:
    """Make a paved square or a yard, closed by houses; nobody is there, nor a carriageway."""
    canvas = still_canvas(width, height)
    light = make_light(chance, pick(chance, _LIGHTS))
    w, h = canvas.width, canvas.height
    view = View(
        w,
        h,
        h * between(chance, 0.7, 1.3),
        between(chance, 1.3, 3),
        h * between(chance, 0.4, 0.6),
        w / 2,
        heading=between(chance, -1, 1),
    )
    ground = Ground(view)
    paint_sky(canvas, chance, light, ground.top + 1)
    paint_far(canvas, chance, light, ground.top + 1)
    stone = light.on(tinted(chance, pick(chance, PAVINGS), 14))
    size = between(chance, 0.3, 1.6)
    joints = np.zeros_like(ground.across)
    for place in (ground.across, np.broadcast_to(ground.ahead, ground.across.shape)):
        edge = np.abs(np.mod(place, size) - size / 2) * ground.scale
        joints = np.maximum(
            joints,
            np.clip(1.5 - (size / 2 * ground.scale - edge), 0, 1)
            * np.clip(ground.scale * size / 10, 0, 1),
        )
    checks = (np.floor(ground.across / size) + np.floor(ground.ahead / size)) % 2
    tone = (
        1
        - 0.3 * joints
        + between(chance, 0, 0.25) * (checks - 0.5) * np.clip(ground.scale * size / 6, 0, 1)
    )
    tone = (
        tone
        + 0.1 * ground.texture(noise(GRAIN), 20, 0)
        + 0.1 * ground.texture(noise(SOFT, 1), 3, 0)
    )
    canvas.pixels[ground.top :] = np.clip(np.array(stone, np.float32) * tone[..., None], 0, 255)
    x, distance = -0.1 * w, between(chance, 14, 60)
    foot = ground.place(0, 0, distance)[1]
    unit = view.focal / distance
    while x < w:
        floors, columns = int(chance.integers(2, 6)), int(chance.integers(3, 9))
        wide, tall = columns * 3.2 * unit, floors * 3.3 * unit
        face = draw_facade(chance, light, floors, columns, 18, shop=often(chance, 0.4))
        _warp(
            canvas, face, [(x, foot - tall), (x + wide, foot - tall), (x + wide, foot), (x, foot)]
        )
        x += wide * (1.0 if often(chance, 0.8) else 1.2)
    for _ in range(int(chance.integers(0, 9))):
        kind = pick(chance, ("lamp", "tree", "bush", "post", "bare", "person"))
        thing = make_thing(chance, kind, 0, between(chance, 5, distance), light)
        aside = between(chance, 0, w) - ground.place(0, 0, thing.ahead_m)[0]
        shift = aside * thing.ahead_m / view.focal
        paint_thing(
            canvas,
            ground,
            light,
            make_thing(chance, kind, shift, thing.ahead_m, light),
            thing.ahead_m,
        )
    if often(chance, 0.4):  # a monument
        middle, size = (
            (w * between(chance, 0.3, 0.7), h * between(chance, 0.65, 0.85)),
            h * between(chance, 0.2, 0.5),
        )
        colour = light.on(tinted(chance, (150, 146, 138), 16))
        canvas.box(
            middle[0] - size * 0.2,
            middle[1] - size * 0.35,
            middle[0] + size * 0.2,
            middle[1],
            colour,
        )
        canvas.oval((middle[0], middle[1] - size * 0.6), (size * 0.1, size * 0.32), colour)
    return Still(chance, canvas, (width, height))
