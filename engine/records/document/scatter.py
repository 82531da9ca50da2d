"""The scatter of variants: what each costs against what it gives."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.catalog.variants import PRECISIONS, RESOLUTIONS
from engine.records.document.axes import roomy
from engine.records.document.drawing import (
    Circle,
    Drawing,
    Lines,
    Rect,
    Shape,
    Text,
    marker,
    segment,
    shorten,
    text_width,
)
from engine.records.document.frame import LINE, RIGHT, TOP, WIDTH, Frame, frame
from engine.records.document.palette import ALPHA_COLOURS, OTHER_COLOUR, alpha_colour

RADIUS = 6.5
LEGEND = 132.0

Sign = Callable[[float, float], tuple[Shape, ...]]
"""Draws what an entry of the legend explains, around a point."""
Entry = tuple[str, Sign | None]


@dataclass(frozen=True, slots=True)
class Point:
    """One variant in a scatter.

    Attributes:
        name: What it is called; ``front`` of ``scatter_chart`` speaks of it by this.
        alpha: Width multiplier, its colour; None is grey.
        resolution: Input side in pixels, its shape; None is a hexagon.
        precision: float32 hollow, float16 half filled, int8 filled.
        x_interval: Lower and upper end, drawn as a bar; None for none.
        y_interval: The same upwards.
        dominated: Whether another is better in both: it is crossed out.
        predicted: Whether it was not measured: it is ringed.
        reference: Not comparable: drawn grey and small.
        label: What to write beside it; empty for nothing.
        title: What a pointer over it is told; empty takes the name.
    """

    name: str
    x: float
    y: float
    alpha: float | None = None
    resolution: int | None = None
    precision: str = "int8"
    x_interval: tuple[float, float] | None = None
    y_interval: tuple[float, float] | None = None
    dominated: bool = False
    predicted: bool = False
    reference: bool = False
    label: str = ""
    title: str = ""


def scatter_chart(  # noqa: PLR0913 - one argument for each thing that can be seen
    points: Sequence[Point],
    *,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    front: Collection[str] = (),
    title: str = "",
    size: tuple[float, float] = (WIDTH, 420.0),
    note: str = "",
) -> Drawing:
    """Draw variants; colour = width multiplier, shape = resolution, fill = precision.

    Args:
        points: In the order in which they are painted; references are painted first.
        x_label: With its unit.
        y_label: With its unit.
        log_x: Whether x is logarithmic; points with x <= 0 are left out then.
        front: Names of the points that no other dominates; a stepped line joins them.
        title: For who cannot see it.
        size: Pixels, legend included.
        note: What a reader must know, below the legend, for instance why the grey ones are
            not comparable; empty for nothing.
    """
    shown = [each for each in points if not log_x or each.x > 0]
    chart = _frame(shown, title or f"{y_label} against {x_label}", size, log_x=log_x)
    for value in chart.x.ticks(7):
        x = chart.x(value)
        chart.drawing.add(segment(x, chart.y.begin, x, chart.y.end, stroke="grid"))
    chart.grid(x_label, y_label, x_ticks=7, y_ticks=6)
    _front(chart, [each for each in shown if each.name in front])
    for each in sorted(shown, key=lambda each: not each.reference):
        _point(chart, each)
    _labels(chart, shown)
    _legend(chart.drawing, shown, chart.x.end + 22, note, joined=bool(front))
    if not shown:
        left, top, width, height = chart.box
        middle = Text(left + width / 2, top + height / 2, "nothing to show", anchor="middle")
        chart.drawing.add(middle)
    return chart.drawing


def _frame(points: Sequence[Point], title: str, size: tuple[float, float], *, log_x: bool) -> Frame:
    xs = [x for each in points for x in (each.x, *(each.x_interval or ()))]
    ys = [y for each in points for y in (each.y, *(each.y_interval or ()))]
    xs = [x for x in xs if not log_x or x > 0] or [1.0, 10.0]
    if log_x:
        low, high = min(xs) / 1.25, max(xs) * 1.25
    else:
        low, high = roomy(min(xs), max(xs), share=0.08)
        low = max(low, 0.0) if min(xs) >= 0 else low
    chart = frame(title, size, (low, high), roomy(*_ends(ys), share=0.08), logs=(log_x, False))
    x = chart.x
    narrower = type(x)(x.low, x.high, x.begin, size[0] - RIGHT - LEGEND, x.log)
    return Frame(chart.drawing, narrower, chart.y)


def _ends(values: list[float]) -> tuple[float, float]:
    return (min(values), max(values)) if values else (0.0, 1.0)


def _front(chart: Frame, front: Sequence[Point]) -> None:
    """Join what is not dominated by steps: between two of them nothing better is known."""
    if len(front) < 2:
        return
    ordered = sorted(front, key=lambda each: (each.x, each.y))
    corners = [(chart.x(ordered[0].x), chart.y(ordered[0].y))]
    for each in ordered[1:]:
        x, y = chart.x(each.x), chart.y(each.y)
        corners += [(x, corners[-1][1]), (x, y)]
    chart.drawing.add(
        Lines((np.array(corners, np.float64),), stroke="muted", width=1.4, dash=(5, 3))
    )


def _point(chart: Frame, point: Point) -> None:
    drawing = chart.drawing
    x, y = chart.x(point.x), chart.y(point.y)
    colour = OTHER_COLOUR if point.reference else alpha_colour(point.alpha)
    radius = RADIUS * (0.7 if point.reference else 1.0)
    for low, high in filter(None, (point.x_interval,)):
        drawing.add(segment(chart.x(low), y, chart.x(high), y, stroke=colour, width=1.4))
    for low, high in filter(None, (point.y_interval,)):
        drawing.add(segment(x, chart.y(low), x, chart.y(high), stroke=colour, width=1.4))
    if point.predicted:
        drawing.add(Circle(x, y, radius + 4.5, stroke="muted", width=1.2))
    drawing.add(*marker((x, y), radius, colour, point.resolution, point.precision))
    if point.dominated:
        reach = radius + 2.5
        drawing.add(segment(x - reach, y + reach, x + reach, y - reach, stroke="text", width=1.4))
    # what a pointer finds, over all of the mark
    box = (x - radius, y - radius, 2 * radius, 2 * radius)
    drawing.add(Rect(*box, fill="surface", opacity=0.0, title=point.title or point.name))


def _labels(chart: Frame, points: Sequence[Point]) -> None:
    """Write the labels beside the marks, where they cover no mark and no other label."""
    taken = [_extent(chart, each) for each in points]
    left, top, width, height = chart.box
    for point in points:
        if not point.label:
            continue
        x, y = chart.x(point.x), chart.y(point.y)
        wide = text_width(point.label, 10)
        begin, _, length, _ = _extent(chart, point)
        places = (
            (begin + length + 4, y + 3.5), (begin - 4 - wide, y + 3.5),
            (x - wide / 2, y - 11), (x - wide / 2, y + 18),
            (x + 8, y - 8), (x + 8, y + 15),
        )  # fmt: skip
        for place in places:
            box = (place[0], place[1] - 9, wide, 12.0)
            inside = left <= box[0] and box[0] + wide <= left + width and top <= box[1]
            if inside and box[1] + 12 <= top + height and not any(_meet(box, t) for t in taken):
                chart.drawing.add(
                    Rect(box[0] - 1, box[1], wide + 2, 12, fill="surface", opacity=0.75),
                    Text(*place, point.label, size=10),
                )
                taken.append(box)
                break


def _extent(chart: Frame, point: Point) -> tuple[float, float, float, float]:
    """Return the box of a mark with its horizontal interval: x, y, width, height."""
    reach = RADIUS + (5 if point.predicted else 0)
    low, high = point.x_interval or (point.x, point.x)
    left = min(chart.x(low), chart.x(point.x) - reach)
    right = max(chart.x(high), chart.x(point.x) + reach)
    return left, chart.y(point.y) - reach, right - left, 2 * reach


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _legend(
    drawing: Drawing, points: Sequence[Point], left: float, note: str, *, joined: bool
) -> None:
    """Say what colours, shapes and fills mean: those that are there."""
    y = TOP + 4.0
    for group in _legend_groups(points, joined=joined):
        for text, sign in group:
            if sign is None:
                drawing.add(Text(left - 6, y + 4, text, colour="text", bold=True, size=10.5))
            else:
                drawing.add(*sign(left, y), Text(left + 14, y + 4, shorten(text, LEGEND - 24)))
            y += LINE
        y += 6
    for line in _wrapped(note, LEGEND - 6):
        drawing.add(Text(left - 6, y + 4, line, size=10))
        y += 13


def _legend_groups(points: Sequence[Point], *, joined: bool) -> list[list[Entry]]:
    """Return what to explain; an entry without a sign is the heading of its group."""
    own = [each for each in points if not each.reference]
    groups: list[list[Entry]] = [
        [("Width multiplier", None)]
        + [
            (f"{alpha:.2f}", partial(_mark_sign, colour, 224, "int8"))
            for alpha, colour in ALPHA_COLOURS.items()
            if any(each.alpha == alpha for each in own)
        ],
        [("Resolution", None)]
        + [
            (f"{side} px", partial(_mark_sign, OTHER_COLOUR, side, "int8"))
            for side in RESOLUTIONS
            if any(each.resolution == side for each in own)
        ],
        [("Precision", None)]
        + [
            (precision, partial(_mark_sign, OTHER_COLOUR, 224, precision))
            for precision in PRECISIONS
            if any(each.precision == precision for each in own)
        ],
    ]
    states: list[tuple[bool, Entry]] = [
        (joined, ("best trade-off", _front_sign)),
        (any(each.dominated for each in points), ("dominated", _dominated_sign)),
        (any(each.predicted for each in points), ("predicted", _predicted_sign)),
        (len(own) < len(points), ("reference", partial(_mark_sign, OTHER_COLOUR, 224, "float32"))),
    ]
    groups = [group for group in groups if len(group) > 1]
    return [*groups, [entry for there, entry in states if there]]


def _mark_sign(
    colour: str, resolution: int, precision: str, x: float, y: float
) -> tuple[Shape, ...]:
    return marker((x, y), 5, colour, resolution, precision)


def _front_sign(x: float, y: float) -> tuple[Shape, ...]:
    return (segment(x - 7, y, x + 7, y, stroke="muted", width=1.4, dash=(5, 3)),)


def _dominated_sign(x: float, y: float) -> tuple[Shape, ...]:
    return (segment(x - 5, y + 5, x + 5, y - 5, stroke="text", width=1.4),)


def _predicted_sign(x: float, y: float) -> tuple[Shape, ...]:
    return (Circle(x, y, 6.5, stroke="muted", width=1.2),)


def _wrapped(text: str, room: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", 10) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
