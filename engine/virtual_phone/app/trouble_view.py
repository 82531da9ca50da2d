"""Draws why the lab's app does nothing at the moment, and what to do about it."""

from collections.abc import Mapping

from engine.virtual_phone.app.numbers import Trouble
from engine.virtual_phone.screen.paint import (
    BRIGHT,
    DIM,
    INK,
    MEDIUM,
    PANEL,
    REGULAR,
    SKY,
    VERMILION,
    Canvas,
    Colour,
    Rect,
)

TOLD_BY_THE_MODEL = ("bad_model", "inference", "no_camera")
"""Troubles whose own sentence says more than their title."""


def draw_trouble(canvas: Canvas, rect: Rect, trouble: Trouble, words: Mapping[str, str]) -> None:
    """Draw a card: what is wrong, in its own words where it has any, and what to do."""
    x, y, room = _draw_card(canvas, rect, VERMILION)
    big, small = (46, 35) if rect.width > 600 else (38, 29)
    _draw_sign(canvas, (x + 36, y + 34), "camera" in trouble.code)
    y += 34 + big * 3 // 8
    title = canvas.wrap(words.get(trouble.code, words["wrong"]), big, room - 96)[:2]
    y -= (len(title) - 1) * big // 2
    for line in title:
        canvas.text((x + 96, y), line, big, BRIGHT, MEDIUM)
        y += big * 5 // 4
    y = max(y, rect.top + 110) + small
    advice = canvas.wrap(words.get(f"{trouble.code} advice", ""), small, room)[:3]
    if trouble.code in TOLD_BY_THE_MODEL:
        left = (rect.bottom - 24 - y) // (small * 4 // 3) - len(advice)
        for line in canvas.wrap(trouble.text, small, room)[: max(0, min(left, 6))]:
            canvas.text((x, y), line, small, DIM, REGULAR)
            y += small * 4 // 3
        y += small // 2
    for line in advice:
        canvas.text((x, y), line, small, BRIGHT, REGULAR)
        y += small * 4 // 3


def draw_opening(canvas: Canvas, rect: Rect, words: Mapping[str, str]) -> None:
    """Draw that the first model is being opened."""
    x, y, room = _draw_card(canvas, rect, SKY)
    canvas.text((x, y + 54), canvas.cut(words["opening"], 46, room, MEDIUM), 46, BRIGHT, MEDIUM)


def _draw_card(canvas: Canvas, rect: Rect, colour: Colour) -> tuple[int, int, int]:
    """Return where its text begins, and how wide it may be."""
    canvas.pill(rect, PANEL, 24)
    canvas.fill(Rect(rect.left, rect.top + 24, 8, rect.height - 48), colour)
    return rect.left + 44, rect.top + 36, rect.width - 84


def _draw_sign(canvas: Canvas, centre: tuple[int, int], of_camera: bool) -> None:
    """Draw a crossed camera, or an exclamation mark in a disc."""
    x, y = centre
    if not of_camera:
        canvas.disc(centre, 34, VERMILION)
        canvas.pill(Rect(x - 4, y - 20, 9, 26), INK, 4)
        canvas.disc((x, y + 16), 5, INK)
        return
    canvas.pill(Rect(x - 34, y - 22, 68, 48), VERMILION, 10)
    canvas.fill(Rect(x - 12, y - 30, 24, 10), VERMILION)
    canvas.disc((x, y + 2), 15, PANEL)
    canvas.disc((x, y + 2), 8, VERMILION)
    canvas.line([(x - 34, y + 34), (x + 34, y - 34)], PANEL, 12)
    canvas.line([(x - 36, y + 32), (x + 32, y - 36)], BRIGHT, 5)
