"""Draws the lab app's picture: what the model saw, and where in it lies what it says."""

import colorsys
import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.models.preprocessing import input_area
from engine.models.recognition import LEAST_BOX, Box
from engine.virtual_phone.app.layout import fit_inside
from engine.virtual_phone.app.numbers import Answer, LabView
from engine.virtual_phone.app.words import name_of
from engine.virtual_phone.screen.paint import (
    BRIGHT,
    DIM,
    INK,
    MEDIUM,
    ORANGE,
    PANEL,
    SKY,
    WHITE,
    Canvas,
    Colour,
    Rect,
)

PALETTE: tuple[Colour, ...] = (
    (230, 159, 0), (86, 180, 233), (64, 205, 160), (240, 228, 66), (225, 120, 180),
    (240, 120, 50), (90, 130, 240),
)  # fmt: skip
"""Okabe and Ito's, some of them lighter: they stand on a dark ground."""
GROUND: Colour = (104, 118, 130)
LIGHT = 0.62
UNSEEN = 0.4
"""What is left of the light where the model does not look."""
TINT = 0.55
"""How much of a map's colour covers the picture."""
LABEL_HEIGHT = 44
LINE = 5


def class_colour(index: int) -> Colour:
    """Return a class's colour, the same in every picture: chosen ones, then hues far apart."""
    if index < len(PALETTE):
        return PALETTE[index]
    turn = index * 0.618034  # the golden ratio: neighbours are never alike
    red, green, blue = colorsys.hsv_to_rgb(turn % 1.0, 0.7 - 0.3 * (index % 2), 0.95)
    # Blues are dark at any value: as much white goes in as ink on it needs to be read.
    pale = max(0.0, (LIGHT - (0.3 * red + 0.59 * green + 0.11 * blue))) / LIGHT
    return (
        round(255 * (red + (1 - red) * pale)),
        round(255 * (green + (1 - green) * pale)),
        round(255 * (blue + (1 - blue) * pale)),
    )


def cell_colour(index: int) -> Colour:
    """Return a class's colour on a map: class 0, mostly the ground, is grey."""
    return GROUND if index == 0 else class_colour(index - 1)


COLOURS = np.array([cell_colour(index) for index in range(256)], np.uint8).reshape(1, 256, 3)


def worth_drawing(answer: Answer, words: Mapping[str, str]) -> tuple[tuple[str, Box], ...]:
    """Return the boxes that are drawn, with names; all of them went to the lab."""
    return tuple(
        (name_of(label, box.index, words), box)
        for label, box in answer.entries
        if isinstance(box, Box) and box.score >= LEAST_BOX
    )


def draw_picture(
    canvas: Canvas, rect: Rect, view: LabView, fixed: NDArray[np.uint8], words: Mapping[str, str]
) -> None:
    """Draw the source's newest picture with all that lies on it; ``fixed`` is the loop's."""
    shown = fixed if view.source == "loop" else view.preview
    if shown is None:
        canvas.fill(rect, PANEL)
        _draw_badges(canvas, rect, view, words)
        return
    whole = fit_inside(rect, shown.shape[1], shown.shape[0])
    if whole != rect:
        canvas.fill(rect, INK)
    canvas.place(cv2.flip(shown, 1) if view.mirrored else shown, whole)
    if view.source == "loop" or view.trouble is not None:
        canvas.shade(whole, UNSEEN)
    elif view.model.columns:
        _draw_answer(canvas, whole, _input_on(whole, shown, view), view, words)
    _draw_badges(canvas, rect, view, words)


def _input_on(whole: Rect, picture: NDArray[np.uint8], view: LabView) -> Rect:
    """Return where the model's input lies on the screen; a letterbox's bars lie outside."""
    model, (height, width) = view.model, picture.shape[:2]
    left, top, right, bottom = input_area(model.fit, width, height, model.columns, model.rows)
    if view.mirrored:
        left, right = 1 - right, 1 - left
    x, y = whole.left + round(left * whole.width), whole.top + round(top * whole.height)
    return Rect(
        x,
        y,
        whole.left + round(right * whole.width) - x,
        whole.top + round(bottom * whole.height) - y,
    )


def _draw_answer(
    canvas: Canvas, whole: Rect, area: Rect, view: LabView, words: Mapping[str, str]
) -> None:
    answer = view.answer
    if answer is not None and answer.cells is not None:
        cells = answer.cells[:, ::-1] if view.mirrored else answer.cells
        _tint(canvas, whole, area, cells)
    _mark_input(canvas, whole, area)
    if answer is not None:
        _draw_boxes(canvas, whole, area, worth_drawing(answer, words), mirrored=view.mirrored)


def _mark_input(canvas: Canvas, whole: Rect, area: Rect) -> None:
    """Darken what the model does not see."""
    seen = whole.cut(area)
    if seen == whole:
        return
    for rect in (
        Rect(whole.left, whole.top, seen.left - whole.left, whole.height),
        Rect(seen.right, whole.top, whole.right - seen.right, whole.height),
        Rect(seen.left, whole.top, seen.width, seen.top - whole.top),
        Rect(seen.left, seen.bottom, seen.width, whole.bottom - seen.bottom),
    ):
        if rect.width > 0 and rect.height > 0:
            canvas.shade(rect, UNSEEN)
    arm, inset = min(40, seen.width // 4, seen.height // 4), 4
    for x, inward in ((seen.left + inset, 1), (seen.right - 1 - inset, -1)):
        for y, down in ((seen.top + inset, 1), (seen.bottom - 1 - inset, -1)):
            canvas.line([(x, y + down * arm), (x, y), (x + inward * arm, y)], WHITE, 4)


def _tint(canvas: Canvas, whole: Rect, area: Rect, cells: NDArray[np.uint8]) -> None:
    """Lay a map's colours over the picture; class 0 has none."""
    seen = whole.cut(area)
    if seen.width < 1 or seen.height < 1:
        return
    size = (area.width, area.height)
    laid = cv2.resize(np.ascontiguousarray(cells), size, interpolation=cv2.INTER_NEAREST)
    left, top = seen.left - area.left, seen.top - area.top
    classes = np.ascontiguousarray(laid[top : top + seen.height, left : left + seen.width])
    ground = canvas.pixels[seen.top : seen.bottom, seen.left : seen.right]
    colours = cv2.LUT(cv2.merge([classes] * 3), COLOURS)
    cv2.copyTo(cv2.addWeighted(ground, 1 - TINT, colours, TINT, 0.0), classes, ground)


def _draw_boxes(
    canvas: Canvas,
    whole: Rect,
    area: Rect,
    boxes: Sequence[tuple[str, Box]],
    *,
    mirrored: bool,
) -> None:
    room, labels = whole.inset(LINE), list[tuple[Rect, str, Colour]]()
    for name, box in reversed(boxes):  # the best one lies on top
        sides = (1 - box.right, 1 - box.left) if mirrored else (box.left, box.right)
        left, right = (area.left + round(side * area.width) for side in sides)
        top, bottom = (area.top + round(edge * area.height) for edge in (box.top, box.bottom))
        place = room.cut(Rect(left, top, right - left, bottom - top))
        if place.width < 8 or place.height < 8:
            continue
        colour = class_colour(box.index)
        canvas.frame(place, colour, LINE)
        labels.append((place, f"{name}  {box.score * 100:.0f} %", colour))
    taken: list[Rect] = []
    for place, text, colour in reversed(labels):
        taken.append(_draw_label(canvas, whole, place, text, colour, taken))


def _draw_label(
    canvas: Canvas, whole: Rect, box: Rect, text: str, colour: Colour, taken: Sequence[Rect]
) -> Rect:
    """Name a box, all of it inside the picture and, as far as there is room, beside the others."""
    text = canvas.cut(text, 30, whole.width - 24, MEDIUM)
    width = canvas.text_width(text, 30, MEDIUM) + 24
    left = max(whole.left, min(box.left - LINE // 2, whole.right - width))
    above, inside = box.top - LABEL_HEIGHT, box.top
    below = [inside + step * LABEL_HEIGHT for step in range(8)]
    tops = [top for top in (above, *below) if whole.top <= top <= whole.bottom - LABEL_HEIGHT]
    places = [Rect(left, top, width, LABEL_HEIGHT) for top in tops]
    free = [one for one in places if not any(one.touches(other) for other in taken)]
    place = next(iter(free or places), Rect(left, whole.top, width, LABEL_HEIGHT))
    canvas.fill(place, colour)
    canvas.text((place.left + 12, place.top + 33), text, 30, INK, MEDIUM)
    return place


def _draw_badges(canvas: Canvas, rect: Rect, view: LabView, words: Mapping[str, str]) -> None:
    """Say below left where the picture comes from, above left what is to be known of it."""
    badges = []
    if view.model.untrained:
        badges.append((words["untrained"], ORANGE))
    if view.settings.paused:
        badges.append((words["paused"], SKY))
    for row, (text, colour) in enumerate(badges):
        _draw_badge(canvas, rect, rect.top + 20 + row * 64, text, colour)
    if view.preview is not None or view.trouble is None:
        _draw_badge(canvas, rect, rect.bottom - 20 - 52, source_text(view, words), BRIGHT)


def source_text(view: LabView, words: Mapping[str, str]) -> str:
    """Name the source for a person."""
    if view.source == "camera":
        return words[view.settings.camera]
    if view.source == "pictures" and view.preview_number:
        return words["picture"].format(number=view.preview_number, count=view.pictures)
    return words[view.source]


def _draw_badge(canvas: Canvas, rect: Rect, top: int, text: str, colour: Colour) -> None:
    text = canvas.cut(text, 28, rect.width - 180, MEDIUM)
    place = Rect(rect.left + 20, top, canvas.text_width(text, 28, MEDIUM) + 44, 52)
    canvas.pill(place, INK, 26)
    canvas.text((place.left + 22, place.top + 36), text, 28, colour, MEDIUM)


def draw_camera_button(canvas: Canvas, rect: Rect, *, held: bool) -> None:
    """Draw the round button that takes the other camera: two arrows around a lens."""
    x, y = rect.middle
    ground, sign = (SKY, INK) if held else (INK, BRIGHT)
    canvas.disc((x, y), rect.width // 2, ground)
    canvas.disc((x, y), rect.width // 2 - 1, sign if held else DIM, 2)
    canvas.disc((x, y), 9, sign)
    for turn in (0, 180):
        canvas.arc((x, y), 25, (turn + 20, turn + 130), sign, 5)
        canvas.polygon(_arrow_head(x, y, 25, turn + 130), sign)


def _arrow_head(x: int, y: int, radius: int, degrees: int) -> list[tuple[int, int]]:
    """Return a triangle at the clockwise end of an arc about (x, y)."""
    corners = ((0, -10), (0, 10), (30, 0))  # degrees along the arc, pixels from it
    turns = [(math.radians(degrees + along), radius + off) for along, off in corners]
    return [(round(x + far * math.cos(a)), round(y + far * math.sin(a))) for a, far in turns]
