"""What is near: rooms, corridors, tables with things on them, surfaces, animals."""

import math

import numpy as np

from engine.scenes.canvas import (
    CELLS,
    GRAIN,
    ROUGH,
    SOFT,
    STREAK,
    Canvas,
    Chance,
    Colour,
    between,
    field,
    lit,
    mixed,
    often,
    pick,
    tinted,
)
from engine.scenes.light import DAY, DULL, DUSK, make_light
from engine.scenes.objects import BRIGHT, FURS, PALE, WOODS, paint_object
from engine.scenes.still import Still, still_canvas


def draw_room(chance: Chance, width: int, height: int) -> Still:
    """Make a room or a corridor: walls, floor, furniture."""
    canvas = still_canvas(width, height)
    w, h = canvas.width, canvas.height
    wall, floor = tinted(chance, pick(chance, PALE), 14), tinted(chance, pick(chance, WOODS), 16)
    left, right = w * between(chance, -0.2, 0.35), w * between(chance, 0.65, 1.2)
    top, bottom = h * between(chance, -0.1, 0.3), h * between(chance, 0.5, 0.8)
    canvas.fade(0, h, lit(wall, between(chance, 0.85, 1.1)), lit(wall, between(chance, 0.7, 1)))
    canvas.area(
        [(0, 0), (left, top), (left, bottom), (0, h)], lit(wall, between(chance, 0.6, 0.95))
    )
    canvas.area(
        [(w, 0), (right, top), (right, bottom), (w, h)], lit(wall, between(chance, 0.7, 1.1))
    )
    canvas.area(
        [(0, 0), (w, 0), (right, top), (left, top)], lit(tinted(chance, (226, 224, 220), 8), 0.95)
    )
    floor_area = [(left, bottom), (right, bottom), (w + 4, h + 4), (-4, h + 4)]
    if left < 0:
        floor_area = [(-4, bottom), (w + 4, bottom), (w + 4, h + 4), (-4, h + 4)]
    canvas.area(floor_area, floor)
    _boards(canvas, chance, floor, bottom)
    canvas.line([(max(0, left), bottom), (min(w, right), bottom)], lit(wall, 1.15), h * 0.012)
    for _ in range(int(chance.integers(0, 4))):
        _on_wall(canvas, chance, max(0, left), min(w, right), top, bottom)
    for _ in range(int(chance.integers(1, 6))):
        _furniture(canvas, chance, bottom)
    if often(chance, 0.5):
        place = (between(chance, 0.1, 0.9) * w, between(chance, 0, 0.4) * h)
        canvas.glow(
            place, h * between(chance, 0.2, 0.7), (255, 236, 196), between(chance, 0.3, 0.8)
        )
    if often(chance, 0.25):  # evening
        canvas.pixels[:] = (
            canvas.pixels * np.array((0.6, 0.5, 0.4)) * between(chance, 0.5, 1)
        ).astype(np.uint8)
    return Still(chance, canvas, (width, height))


def _boards(canvas: Canvas, chance: Chance, floor: Colour, bottom: float) -> None:
    w, h = canvas.width, canvas.height
    style = chance.random()
    meet = w * between(chance, 0.2, 0.8), bottom - h * between(chance, 0.05, 0.4)
    seam = lit(floor, between(chance, 0.75, 0.95))
    if style < 0.6:
        step = w * between(chance, 0.06, 0.3)
        for x in np.arange(-2 * w, 3 * w, step):
            share = (bottom - meet[1]) / (h - meet[1])
            canvas.line([(meet[0] + (x - meet[0]) * share, bottom), (x, h)], seam, 1)
    if 0.35 < style < 0.6:
        for n in range(1, 9):
            y = meet[1] + (h - meet[1]) * 0.8**n
            if y > bottom:
                canvas.line([(0, y), (w, y)], seam, 1)
    rows = max(2, h - int(bottom))
    canvas.roughen(
        field(chance, pick(chance, (STREAK, SOFT, GRAIN)), rows, w, between(chance, 0.4, 2))
        * between(chance, 0.02, 0.12),
        h - rows,
    )
    if often(chance, 0.3):
        rug = tinted(chance, pick(chance, BRIGHT), 16)
        canvas.oval(
            (w * between(chance, 0.2, 0.8), (bottom + h) / 2 + h * 0.05),
            (w * between(chance, 0.15, 0.4), h * between(chance, 0.04, 0.12)),
            rug,
        )


def _on_wall(
    canvas: Canvas, chance: Chance, left: float, right: float, top: float, bottom: float
) -> None:
    wide, tall = (
        canvas.width * between(chance, 0.08, 0.3),
        (bottom - top) * between(chance, 0.2, 0.65),
    )
    x, y = (
        between(chance, left, max(left + 1, right - wide)),
        between(chance, top, max(top + 1, bottom - tall)),
    )
    frame = tinted(chance, pick(chance, ((240, 240, 238), (90, 64, 44), (40, 40, 40))), 10)
    rim = canvas.height * 0.014
    kind = chance.random()
    if kind < 0.25:  # a door
        y, tall = bottom - (bottom - top) * 0.85, (bottom - top) * 0.85
        canvas.box(x - rim, y - rim, x + wide + rim, bottom, frame)
        canvas.box(x, y, x + wide, bottom, tinted(chance, pick(chance, WOODS), 12))
        canvas.oval((x + wide * 0.88, y + tall * 0.5), (rim, rim), (210, 200, 160))
        return
    canvas.box(x - rim, y - rim, x + wide + rim, y + tall + rim, frame)
    if kind < 0.6:  # a window
        sky = make_light(chance, pick(chance, (DAY, DULL, DUSK)))
        canvas.fade(y, y + 1, sky.top, sky.top)
        canvas.box(x, y, x + wide, y + tall, mixed(sky.top, sky.low, 0.7))
        canvas.box(
            x,
            y + tall * between(chance, 0.5, 0.9),
            x + wide,
            y + tall,
            tinted(chance, (90, 120, 80), 20),
        )
        canvas.box(x + wide / 2 - rim / 2, y, x + wide / 2 + rim / 2, y + tall, frame)
        if often(chance, 0.5):
            cloth = tinted(chance, pick(chance, BRIGHT), 20)
            for side in (x - wide * 0.2, x + wide * 0.85):
                canvas.box(side, y - 2 * rim, side + wide * 0.35, y + tall * 1.2, cloth)
    elif kind < 0.85:  # a picture
        canvas.box(x, y, x + wide, y + tall, tinted(chance, pick(chance, BRIGHT), 20))
        canvas.oval(
            (x + wide / 2, y + tall * 0.6),
            (wide * 0.3, tall * 0.25),
            tinted(chance, pick(chance, PALE), 20),
        )
    else:  # shelves
        canvas.box(x, y, x + wide, y + tall, tinted(chance, pick(chance, WOODS), 10))
        for shelf in range(3):
            for n in range(int(chance.integers(3, 9))):
                left_edge = x + wide * (0.05 + 0.1 * n)
                canvas.box(
                    left_edge,
                    y + tall * (shelf / 3 + 0.06),
                    left_edge + wide * 0.08,
                    y + tall * (shelf + 0.92) / 3,
                    tinted(chance, pick(chance, BRIGHT), 20),
                )


def _furniture(canvas: Canvas, chance: Chance, bottom: float) -> None:
    w, h = canvas.width, canvas.height
    foot = bottom + (h - bottom) * between(chance, 0.1, 0.9)
    size = h * between(chance, 0.15, 0.45) * (0.6 + (foot - bottom) / (h - bottom))
    x = between(chance, -0.1, 0.9) * w
    wide = size * between(chance, 0.6, 2.2)
    colour = tinted(chance, pick(chance, (*WOODS, *BRIGHT)), 14)
    kind = chance.random()
    canvas.oval((x + wide / 2, foot), (wide * 0.55, size * 0.07), lit(colour, 0.45))
    if kind < 0.35:  # a table or chair
        for leg in (x + wide * 0.04, x + wide * 0.9):
            canvas.box(leg, foot - size * 0.9, leg + wide * 0.05, foot, lit(colour, 0.7))
        canvas.area(
            [
                (x - wide * 0.05, foot - size * 0.85),
                (x + wide * 0.15, foot - size),
                (x + wide * 0.95, foot - size),
                (x + wide * 1.05, foot - size * 0.85),
            ],
            colour,
        )
        paint_object(
            canvas,
            chance,
            (x + wide * between(chance, 0.2, 0.8), foot - size * 0.92),
            size * between(chance, 0.2, 0.5),
        )
    elif kind < 0.7:  # a sofa or bed
        canvas.box(x, foot - size * 0.8, x + wide, foot - size * 0.1, colour)
        canvas.box(x - wide * 0.08, foot - size * 0.5, x + wide * 0.08, foot, lit(colour, 0.8))
        canvas.box(x + wide * 0.92, foot - size * 0.5, x + wide * 1.08, foot, lit(colour, 0.8))
        canvas.box(
            x + wide * 0.06,
            foot - size * 0.42,
            x + wide * 0.94,
            foot - size * 0.08,
            lit(colour, 1.12),
        )
    else:  # a cupboard
        canvas.box(x, foot - size * 1.6, x + wide, foot, colour)
        for n in range(3):
            canvas.box(
                x + wide * 0.06,
                foot - size * (1.52 - 0.5 * n),
                x + wide * 0.94,
                foot - size * (1.1 - 0.5 * n),
                lit(colour, 1.12),
            )


def draw_desk(chance: Chance, width: int, height: int) -> Still:
    """Make one or more things on a table, or before a plain ground."""
    canvas = still_canvas(width, height)
    w, h = canvas.width, canvas.height
    ground = chance.random()
    if ground < 0.5:
        plain = pick(
            chance,
            ((255, 255, 255), (250, 250, 248), (0, 0, 0), tinted(chance, pick(chance, PALE), 16)),
        )
        canvas.box(-1, -1, w + 1, h + 1, plain)
        if often(chance, 0.4):
            canvas.fade(0, h, plain, lit(plain, between(chance, 0.6, 0.95)))
    else:
        edge = h * between(chance, -0.1, 0.6)
        top, table = tinted(chance, pick(chance, PALE), 20), tinted(chance, pick(chance, WOODS), 18)
        canvas.fade(0, h, top, lit(top, 0.8))
        canvas.fade(edge, h, lit(table, 0.85), lit(table, 1.1))
        rows = h - max(0, int(edge))
        canvas.roughen(
            field(chance, pick(chance, (STREAK, SOFT, GRAIN)), rows, w, between(chance, 0.4, 2))
            * between(chance, 0.03, 0.2),
            h - rows,
        )
    for _ in range(int(chance.integers(1, 3)) if ground < 0.5 else int(chance.integers(2, 10))):
        size = h * (between(chance, 0.4, 0.9) if ground < 0.5 else between(chance, 0.12, 0.5))
        foot = (w * between(chance, 0.15, 0.85), h * between(chance, 0.6, 0.98))
        if ground >= 0.5:
            canvas.oval(foot, (size * 0.5, size * 0.08), (50, 40, 34))
        paint_object(canvas, chance, foot, size)
    return Still(chance, canvas, (width, height))


def draw_surface(chance: Chance, width: int, height: int) -> Still:
    """Make a surface seen from near: cloth, leaves, bark, bricks, tiles, fur, sand."""
    canvas = still_canvas(width, height)
    w, h = canvas.width, canvas.height
    colour = tinted(chance, pick(chance, (*PALE, *WOODS, *BRIGHT, *FURS, (90, 120, 60))), 20)
    other = tinted(chance, pick(chance, (*PALE, *WOODS, *BRIGHT, *FURS, (90, 120, 60))), 20)
    canvas.box(-1, -1, w + 1, h + 1, colour)
    kind = pick(chance, (SOFT, ROUGH, STREAK, CELLS, CELLS))
    shape = field(chance, kind, h, w, between(chance, 0.3, 3) * 480 / h)
    if often(chance, 0.4):
        shape = np.ascontiguousarray(field(chance, kind, w, h, between(chance, 0.3, 3) * 480 / h).T)
    canvas.blend(np.clip(0.5 + shape * 0.5, 0, 1), other)
    style = chance.random()
    if style < 0.25:  # bricks or tiles
        size = h * between(chance, 0.05, 0.25)
        joint = tinted(chance, (180, 176, 168), 20)
        shift = between(chance, 0, 1)
        for row in range(int(h / size) + 2):
            canvas.line([(0, row * size), (w, row * size)], joint, size * 0.08)
            for x in np.arange((row % 2) * shift * size, w + size, size * 2):
                canvas.line([(x, row * size), (x, (row + 1) * size)], joint, size * 0.08)
    elif style < 0.5:  # leaves, stones, buttons
        for _ in range(int(chance.integers(20, 150))):
            size = h * between(chance, 0.02, 0.12)
            canvas.oval(
                (between(chance, 0, w), between(chance, 0, h)),
                (size, size * between(chance, 0.3, 1)),
                tinted(chance, mixed(colour, other, between(chance, 0, 1)), 26),
                between(chance, 0, 180),
            )
    canvas.roughen(
        field(chance, pick(chance, (GRAIN, ROUGH)), h, w, between(chance, 0.5, 2))
        * between(chance, 0.05, 0.4)
    )
    return Still(chance, canvas, (width, height))


def draw_animal(chance: Chance, width: int, height: int) -> Still:
    """Make an animal, or a flower or statue, before grass, snow, leaves or nothing."""
    canvas = still_canvas(width, height)
    w, h = canvas.width, canvas.height
    back = tinted(
        chance,
        pick(
            chance,
            (
                (110, 140, 70),
                (214, 220, 226),
                (180, 160, 120),
                (255, 255, 255),
                (90, 110, 90),
                (120, 150, 180),
            ),
        ),
        16,
    )
    canvas.fade(0, h, lit(back, between(chance, 0.6, 1.3)), lit(back, between(chance, 0.7, 1.2)))
    if often(chance, 0.75):
        canvas.roughen(
            field(chance, pick(chance, (SOFT, CELLS, GRAIN)), h, w, between(chance, 0.4, 2))
            * between(chance, 0.1, 0.45)
        )
    fur = tinted(chance, pick(chance, FURS), 16)
    size = h * between(chance, 0.25, 0.6)
    x, y = w * between(chance, 0.35, 0.65), h * between(chance, 0.5, 0.7)
    phase, facing = between(chance, 0, 6), pick(chance, (-1, 1))
    legs, spots = often(chance, 0.7), often(chance, 0.3)
    long, neck = between(chance, 0.5, 0.9), between(chance, 0.2, 0.7)
    ears = between(chance, 0.05, 0.22)

    def move(shown: Canvas, moment_s: float) -> None:
        sway = math.sin(2 * moment_s + phase) * size * 0.02
        head = (x + facing * size * long * 0.75, y - size * neck + sway)
        if legs:
            for part in (-0.6, -0.4, 0.35, 0.55):
                foot = x + part * size * long + sway * (1 if part > 0 else -1)
                shown.line(
                    [(x + part * size * long, y), (foot, y + size * 0.6)],
                    lit(fur, 0.75),
                    size * 0.09,
                )
        shown.oval((x, y), (size * long * 0.75, size * 0.33), fur)
        shown.line([(x + facing * size * long * 0.5, y - size * 0.1), head], fur, size * 0.2)
        shown.line(
            [
                (x - facing * size * long * 0.7, y - size * 0.1),
                (x - facing * size * long, y + sway),
            ],
            fur,
            size * 0.07,
        )
        shown.oval(head, (size * 0.2, size * 0.16), lit(fur, 1.08))
        shown.oval(
            (head[0] + facing * size * 0.17, head[1] + size * 0.05),
            (size * 0.1, size * 0.08),
            lit(fur, 0.85),
        )
        for side in (-0.1, 0.08):
            shown.oval(
                (head[0] + side * size, head[1] - size * 0.16),
                (size * 0.05, size * ears),
                lit(fur, 0.8),
            )
        shown.oval(
            (head[0] + facing * size * 0.06, head[1] - size * 0.03),
            (size * 0.025, size * 0.025),
            (14, 14, 14),
        )
        if spots:
            for n in range(9):
                place = (
                    x + math.sin(n * 2.4) * size * long * 0.55,
                    y + math.cos(n * 1.7) * size * 0.2,
                )
                shown.oval(place, (size * 0.07, size * 0.05), lit(fur, 0.45))

    return Still(chance, canvas, (width, height), move)
