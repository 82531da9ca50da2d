"""Faces of buildings, as flat pictures: windows, doors, shops, brick and glass."""

from engine.scenes.canvas import (
    GRAIN,
    ROUGH,
    STREAK,
    Canvas,
    Chance,
    Colour,
    Picture,
    between,
    field,
    lit,
    mixed,
    often,
    pick,
    tinted,
)
from engine.scenes.light import Light

WALLS: tuple[Colour, ...] = (
    (196, 176, 150), (222, 210, 190), (150, 78, 60), (172, 108, 84), (206, 206, 202),
    (140, 140, 138),
    (214, 190, 120), (180, 196, 190), (188, 132, 120), (110, 100, 92), (120, 140, 170),
    (232, 228, 220),
)  # fmt: skip
SHOPS: tuple[Colour, ...] = (
    (150, 30, 34), (28, 80, 60), (30, 54, 110), (60, 40, 30), (200, 160, 40), (30, 30, 34),
    (120, 60, 110),
)  # fmt: skip


def draw_facade(
    chance: Chance, light: Light, floors: int, columns: int, cell: int = 14, shop: bool = False
) -> Picture:
    """Draw a building's face.

    Args:
        chance: Its looks.
        light: Time of day and weather.
        floors: Rows of windows.
        columns: Windows in a row.
        cell: Pixels from window to window, across; 1.2 times as many upwards.
        shop: Whether there is a shop on the ground floor.

    Returns:
        RGB of shape (floors * 1.2 cell, columns * cell, 3), about.
    """
    up = cell * 1.2
    wall = light.on(tinted(chance, pick(chance, WALLS), 14))
    canvas = Canvas(columns * cell, round(floors * up), wall)
    height, width = canvas.height, canvas.width
    kind = pick(chance, (ROUGH, GRAIN, STREAK))
    canvas.roughen(
        field(chance, kind, height, width, between(chance, 0.5, 2)) * between(chance, 0.02, 0.16)
    )
    style = chance.random()
    if style < 0.16:
        _glass_front(canvas, chance, light, cell, up)
    else:
        _windows(canvas, chance, light, (floors, columns), (cell, up))
    if shop:
        _shop(canvas, chance, light, height - up * 1.15, cell)
    if often(chance, 0.5):
        canvas.box(0, 0, width, up * 0.16, lit(wall, between(chance, 0.6, 1.25)))
    return canvas.pixels


def _pane(chance: Chance, light: Light) -> Colour:
    if light.dark:
        warm = pick(chance, ((250, 214, 140), (236, 190, 110), (220, 224, 214)))
        return warm if often(chance, 0.35) else tinted(chance, (20, 24, 32), 6)
    glass = tinted(chance, (64, 76, 88), 20)
    return mixed(light.on(glass), light.low, between(chance, 0, 0.5) ** 2)


def _windows(
    canvas: Canvas,
    chance: Chance,
    light: Light,
    counts: tuple[int, int],
    steps: tuple[float, float],
) -> None:
    floors, columns = counts
    cell, up = steps
    wide, tall = cell * between(chance, 0.3, 0.72), up * between(chance, 0.4, 0.74)
    frame = light.on(
        tinted(chance, pick(chance, ((230, 226, 218), (90, 70, 56), (160, 160, 160))), 14)
    )
    band, bars = often(chance, 0.4), often(chance, 0.6)
    balcony = often(chance, 0.25)
    shutter = light.on(tinted(chance, pick(chance, SHOPS), 16)) if often(chance, 0.2) else None
    rim = max(1.0, cell * 0.06)
    for floor in range(floors):
        y = floor * up + (up - tall) * 0.45
        if band:
            canvas.box(
                0, (floor + 1) * up - rim, columns * cell, (floor + 1) * up, lit(frame, 0.86)
            )
        for column in range(columns):
            x = column * cell + (cell - wide) / 2
            canvas.box(x - rim, y - rim, x + wide + rim, y + tall + rim, frame)
            canvas.box(x, y, x + wide, y + tall, _pane(chance, light))
            if bars and cell > 8:
                canvas.box(x + wide / 2 - rim / 3, y, x + wide / 2 + rim / 3, y + tall, frame)
                canvas.box(x, y + tall * 0.4, x + wide, y + tall * 0.4 + rim * 0.7, frame)
            if shutter is not None:
                for left in (x - wide * 0.35, x + wide * 1.05):
                    canvas.box(left, y, left + wide * 0.3, y + tall, shutter)
            if balcony and column % 2 == 0:
                canvas.box(
                    x - wide * 0.3, y + tall * 0.75, x + wide * 1.3, y + tall + rim, lit(frame, 0.5)
                )


def _glass_front(canvas: Canvas, chance: Chance, light: Light, cell: float, up: float) -> None:
    tint = tinted(chance, pick(chance, ((70, 100, 124), (60, 84, 90), (120, 130, 140))), 16)
    y = 0.0
    while y < canvas.height:
        x = 0.0
        while x < canvas.width:
            share = between(chance, 0, 0.7)
            pane = (
                mixed(light.on(tint), light.low, share) if not light.dark else _pane(chance, light)
            )
            canvas.box(x + 1, y + 1, x + cell, y + up, pane)
            x += cell
        y += up


def _shop(canvas: Canvas, chance: Chance, light: Light, top: float, cell: float) -> None:
    sign = light.on(tinted(chance, pick(chance, SHOPS), 16))
    if light.dark:
        sign = tinted(chance, (220, 190, 130), 20)
    x = 0.0
    while x < canvas.width:
        end = x + cell * between(chance, 1.5, 3.5)
        canvas.box(x, top, end, top + cell * 0.34, sign)
        for letter in range(int((end - x) / (cell * 0.24))):
            if often(chance, 0.7):
                left = x + cell * (0.2 + 0.24 * letter)
                canvas.box(
                    left, top + cell * 0.1, left + cell * 0.14, top + cell * 0.25, lit(sign, 2.2)
                )
        glass = _pane(chance, light) if not light.dark else (240.0, 214.0, 150.0)
        canvas.box(x + 1, top + cell * 0.42, end - 2, canvas.height - cell * 0.12, glass)
        door = x + (end - x) * between(chance, 0.1, 0.7)
        canvas.box(door, top + cell * 0.46, door + cell * 0.4, canvas.height, lit(sign, 0.6))
        if often(chance, 0.3):
            awning = light.on(tinted(chance, pick(chance, SHOPS), 20))
            canvas.box(x, top + cell * 0.34, end, top + cell * 0.55, awning)
        sign = light.on(tinted(chance, pick(chance, SHOPS), 16)) if often(chance, 0.6) else sign
        x = end
