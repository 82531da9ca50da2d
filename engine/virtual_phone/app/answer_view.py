"""Draws what the model says: classes or boxes with bars, a map's legend, a vector's strip."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.virtual_phone.app.numbers import Answer, LabView
from engine.virtual_phone.app.picture_view import cell_colour, class_colour, worth_drawing
from engine.virtual_phone.app.words import digits, name_of
from engine.virtual_phone.screen.paint import (
    BRIGHT,
    DIM,
    INK,
    MEDIUM,
    ORANGE,
    PANEL,
    REGULAR,
    SKY,
    Canvas,
    Colour,
    Rect,
)

FAINT: Colour = (70, 110, 140)
SHOWN = 3
LEGEND_ROWS = 5

Row = tuple[str, float, Colour]
"""A name, a share of 1, and the colour of its bar or swatch."""


def draw_answer(canvas: Canvas, rect: Rect, view: LabView, words: Mapping[str, str]) -> None:
    """Draw the newest answer into ``rect``."""
    canvas.fill(rect, INK)
    answer = view.answer
    if view.source == "loop":
        _say(canvas, rect, words["unread"])
    elif answer is None:
        _say(canvas, rect, words["looking"])
    elif answer.vector is not None:
        _draw_vector(canvas, rect, answer.vector, words)
    elif answer.cells is not None:
        _draw_legend(canvas, rect, _class_rows(answer, words))
    elif answer.kind == "boxes":
        rows = [
            (name, box.score, class_colour(box.index)) for name, box in worth_drawing(answer, words)
        ]
        if rows:
            _draw_bars(canvas, rect, rows)
        else:
            _say(canvas, rect, words["nothing"])
    else:
        best, colours = _class_rows(answer, words)[:SHOWN], (SKY, FAINT, FAINT)
        rows = [(*row[:2], colour) for row, colour in zip(best, colours, strict=False)]
        _draw_bars(canvas, rect, rows)


def _class_rows(answer: Answer, words: Mapping[str, str]) -> list[Row]:
    return [
        (name_of(label, one.index, words), one.score, cell_colour(one.index))
        for label, one in answer.entries
    ]


def _say(canvas: Canvas, rect: Rect, text: str) -> None:
    for row, line in enumerate(canvas.wrap(text, 36, rect.width)[:3]):
        canvas.text((rect.left, rect.top + 48 + 48 * row), line, 36, DIM)


def _draw_bars(canvas: Canvas, rect: Rect, rows: Sequence[Row]) -> None:
    step = rect.height // SHOWN
    size = min(42, step * 9 // 20)
    for number, (name, share, colour) in enumerate(rows[:SHOWN]):
        bar = Rect(rect.left, rect.top + (number + 1) * step - step // 4, rect.width, step // 7)
        weight, ink = (MEDIUM, BRIGHT) if number == 0 else (REGULAR, DIM)
        base = bar.top - size // 2 + 2
        percent = canvas.text(
            (rect.right, base), f"{share * 100:.0f} %", size, ink, MEDIUM, "right"
        )
        said = canvas.cut(name, size, rect.width - percent - 32, weight)
        canvas.text((rect.left, base), said, size, ink, weight)
        canvas.pill(bar, PANEL, bar.height // 2)
        length = round(rect.width * min(max(share, 0.0), 1.0))
        if length >= bar.height:
            canvas.pill(Rect(bar.left, bar.top, length, bar.height), colour, bar.height // 2)


def _draw_legend(canvas: Canvas, rect: Rect, rows: Sequence[Row]) -> None:
    """Show how much of the map each class takes: one bar of all, and a line for each."""
    bar = Rect(rect.left, rect.top + 8, rect.width, rect.height // 9)
    canvas.fill(bar, PANEL)
    left = bar.left
    step = (rect.bottom - bar.bottom - 8) // LEGEND_ROWS
    size = min(36, step * 3 // 4)
    for number, (name, share, colour) in enumerate(rows[:LEGEND_ROWS]):
        right = min(bar.right, left + round(share * bar.width))
        canvas.fill(Rect(left, bar.top, right - left, bar.height), colour)
        left = right
        base = bar.bottom + 8 + number * step + (step + size) // 2 - size // 6
        swatch = Rect(rect.left, base - size * 13 // 16, size, size)
        canvas.pill(swatch, colour, 8)
        ink, weight = (BRIGHT, MEDIUM) if number == 0 else (DIM, REGULAR)
        percent = canvas.text(
            (rect.right, base), f"{share * 100:.0f} %", size, ink, MEDIUM, "right"
        )
        room = rect.width - percent - size - 48
        canvas.text(
            (swatch.right + 18, base), canvas.cut(name, size, room, weight), size, ink, weight
        )


def _draw_vector(
    canvas: Canvas, rect: Rect, vector: NDArray[np.float32], words: Mapping[str, str]
) -> None:
    """Show a vector as a strip of bars about zero, with its length and norm."""
    finite = np.nan_to_num(vector.astype(np.float64), posinf=0.0, neginf=0.0)
    size = min(42, rect.height // 5)
    base = rect.top + size + 4
    canvas.text((rect.left, base), words["vector"].format(count=len(vector)), size, BRIGHT, MEDIUM)
    norm = f"{words['norm']} {digits(float(np.sqrt(np.square(finite).sum())), words)}"
    canvas.text((rect.right, base), norm, size, BRIGHT, MEDIUM, "right")
    strip = Rect(rect.left, base + size // 2, rect.width, rect.bottom - base - size * 3 // 2 - 8)
    canvas.pill(strip, PANEL, 8)
    low, high = min(0.0, float(finite.min())), max(0.0, float(finite.max()))
    _draw_strip(canvas, strip.inset(6), finite, low, high)
    small = size * 3 // 4
    canvas.text((rect.left, rect.bottom - 6), digits(low, words), small, DIM)
    canvas.text((rect.right, rect.bottom - 6), digits(high, words), small, DIM, REGULAR, "right")


def _draw_strip(
    canvas: Canvas, rect: Rect, values: NDArray[np.float64], low: float, high: float
) -> None:
    """Draw each value, or the strongest of each column's, as a bar up or down from zero."""
    edges = np.linspace(0, len(values), rect.width + 1).astype(int)
    firsts = np.minimum(edges[:-1], len(values) - 1)
    peaks = np.maximum.reduceat(values, firsts)
    pits = np.minimum.reduceat(values, firsts)
    strongest = np.where(peaks >= -pits, peaks, pits)
    span = (high - low) or 1.0
    zero = round(rect.height * high / span)
    reach = np.round(strongest * rect.height / span).astype(int)
    row = np.arange(rect.height)[:, np.newaxis]
    part = canvas.pixels[rect.top : rect.bottom, rect.left : rect.right]
    part[(row < zero) & (row >= zero - reach)] = SKY
    part[(row >= zero) & (row < zero - reach)] = ORANGE
