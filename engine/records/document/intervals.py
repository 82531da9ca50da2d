"""Medians with their intervals below one another: who is faster, and who ties with whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.records.document.axes import Scale, roomy
from engine.records.document.drawing import (
    Drawing,
    Rect,
    Text,
    marker,
    segment,
    shorten,
    text_width,
)
from engine.records.document.frame import BOTTOM, RIGHT, WIDTH, Frame
from engine.records.document.palette import OTHER_COLOUR, alpha_colour

ROW = 24.0
TOP = 6.0
NAMES = 206.0


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One line of an interval chart.

    Attributes:
        name: What it is.
        value: Where its mark stands.
        interval: Its bar; None for none.
        text: Value and interval in words, with the unit.
        place: Its rank; equal numbers are ties; None for none.
        alpha: Width multiplier, its colour; None is grey.
        resolution: Its shape.
        precision: Its fill.
        grey: Whether it may only be looked at: it is drawn without colour.
    """

    name: str
    value: float
    interval: tuple[float, float] | None
    text: str
    place: int | None = None
    alpha: float | None = None
    resolution: int | None = None
    precision: str = "int8"
    grey: bool = False


def interval_chart(
    rows: Sequence[IntervalRow], *, x_label: str, title: str = "", zero: bool = True
) -> Drawing:
    """Draw rows as they come; neighbours of one place stand on common ground, marked as a tie.

    Args:
        rows: Top to bottom.
        x_label: With its unit.
        title: For who cannot see it.
        zero: Whether the axis begins at 0.
    """
    ends = [end for row in rows for end in (row.value, *(row.interval or ()))] or [0.0, 1.0]
    drawing = Drawing(WIDTH, TOP + ROW * max(1, len(rows)) + BOTTOM, title or x_label)
    after = max((text_width(each.text) for each in rows), default=0.0) + 12
    x = Scale(*roomy(min(ends), max(ends), zero=zero), NAMES, WIDTH - RIGHT - after)
    chart = Frame(drawing, x, Scale(0.0, 1.0, drawing.height - BOTTOM, TOP))
    _ties(drawing, rows)
    for value in x.ticks(6):
        drawing.add(segment(x(value), TOP, x(value), drawing.height - BOTTOM, stroke="border"))
    for index, row in enumerate(rows):
        _row(drawing, x, row, TOP + (index + 0.5) * ROW)
    chart.grid(x_label, "", x_ticks=6, y_ticks=0)
    return drawing


def _ties(drawing: Drawing, rows: Sequence[IntervalRow]) -> None:
    places = [row.place for row in rows]
    begin = 0
    while begin < len(rows):
        end = begin + 1
        while end < len(rows) and places[end] == places[begin] is not None:
            end += 1
        if end - begin > 1:
            top, height = TOP + begin * ROW + 1, (end - begin) * ROW - 2
            drawing.add(
                Rect(0, top, WIDTH, height, fill="raised", radius=5),
                segment(3, top + 5, 3, top + height - 5, stroke="accent", width=2.5),
            )
        begin = end


def _row(drawing: Drawing, x: Scale, row: IntervalRow, y: float) -> None:
    colour = OTHER_COLOUR if row.grey else alpha_colour(row.alpha)
    ink = "muted" if row.grey else "text"
    place = "" if row.place is None else str(row.place)
    drawing.add(
        Text(26, y + 4, "\N{EN DASH}" if row.grey else place, anchor="end", bold=not row.grey),
        Text(38, y + 4, shorten(row.name, NAMES - 50), colour=ink),
    )
    if row.interval:
        low, high = x(row.interval[0]), x(row.interval[1])
        drawing.add(segment(low, y, high, y, stroke=colour, width=2))
        for end in (low, high):
            drawing.add(segment(end, y - 4, end, y + 4, stroke=colour, width=1.4))
    drawing.add(
        *marker((x(row.value), y), 5.0, colour, row.resolution, row.precision),
        Text(WIDTH - RIGHT, y + 4, row.text, anchor="end", colour=ink),
    )
