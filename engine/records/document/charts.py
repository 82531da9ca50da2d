"""Charts as drawings: over time, distribution, shares, intervals, and the scatter of variants."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.records.document.axes import roomy, thinned
from engine.records.document.drawing import (
    Drawing,
    Lines,
    Rect,
    Text,
    hatch,
    segment,
    shorten,
    text_width,
)
from engine.records.document.frame import TOP, WIDTH, Frame, frame, legend, note
from engine.records.document.intervals import IntervalRow, interval_chart
from engine.records.document.scatter import Point, scatter_chart

__all__ = [
    "Band",
    "Bar",
    "Curve",
    "Drawing",
    "IntervalRow",
    "Mark",
    "Point",
    "bar_chart",
    "histogram",
    "interval_chart",
    "line_chart",
    "scatter_chart",
]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One line of a chart over time.

    Attributes:
        x: Shape (n,), ascending.
        y: Shape (n,); NaN breaks the line.
        name: In the legend; empty for none.
        colour: A role of the palette or ``#RRGGBB``.
        steps: Whether a value holds until the next one.
    """

    x: Values
    y: Values
    name: str = ""
    colour: str = "accent"
    width: float = 1.0
    steps: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the x axis that is not like the rest.

    Attributes:
        begin: In the axis' unit.
        end: In the axis' unit.
        text: What it is, written into it; may be empty.
        hatched: Hatched (left out of the figures) or else tinted (kept apart).
    """

    begin: float
    end: float
    text: str
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that is worth a line across the chart.

    Attributes:
        value: On the y axis; in a histogram on the x axis.
        text: What it is, with its value and unit.
        interval: Drawn as a tint around it; None for none.
        span: From where to where on the x axis it is true; None for all of it.
    """

    value: float
    text: str
    interval: tuple[float, float] | None = None
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar made of parts.

    Attributes:
        name: Written before it.
        parts: Name, value and colour of each part, left to right.
        text: Written after it, with its unit.
    """

    name: str
    parts: tuple[tuple[str, float, str], ...]
    text: str = ""


def line_chart(  # noqa: PLR0913 - one argument for each thing that can be seen
    curves: Sequence[Curve],
    *,
    x_label: str,
    y_label: str,
    x_range: tuple[float, float],
    y_range: tuple[float, float] | None = None,
    bands: Sequence[Band] = (),
    marks: Sequence[Mark] = (),
    title: str = "",
    height: float = 220.0,
    zero: bool = False,
) -> Drawing:
    """Draw curves over a common axis; long ones by extremes per pixel column.

    Args:
        curves: In the order in which they are painted.
        x_label: With its unit.
        y_label: With its unit.
        x_range: Lowest and highest x, so that charts below one another share their axis.
        y_range: Lowest and highest y; None finds it. Values beyond it lie on the edge.
        bands: Parts of x that are not like the rest.
        marks: Lines across.
        title: For who cannot see it.
        height: Pixels.
        zero: Whether y begins at 0.
    """
    low, high = x_range if x_range[1] > x_range[0] else (x_range[0], x_range[0] + 1.0)
    chart = frame(
        title or f"{y_label} over {x_label}",
        (WIDTH, height),
        (low, high),
        y_range or _y_range(curves, marks, zero=zero),
    )
    for band in bands:
        _band(chart, band)
    chart.grid(x_label, y_label)
    for mark in marks:
        _across(chart, mark)
    for curve in curves:
        _curve(chart, curve)
    for mark in marks:
        y, (begin, end) = chart.y(mark.value), _ends(chart, mark)
        chart.drawing.add(segment(begin, y, end, y, stroke="text", dash=(4, 3)))
        note(chart.drawing, mark.text, end - 6, y - 6, anchor="end")
    for band in bands:
        if band.text:
            _band_text(chart, band)
    named = [(each.colour, each.name) for each in curves if each.name]
    if len(named) > 1:
        legend(chart.drawing, named, chart.x.end, TOP - 10)
    return chart.drawing


def histogram(
    values: Values, *, x_label: str, marks: Sequence[Mark] = (), title: str = ""
) -> Drawing:
    """Draw how often values occur; a long tail is counted at the right edge, never dropped.

    Args:
        values: Shape (n,), n >= 1.
        x_label: With its unit.
        marks: Values that are worth a line.
        title: For who cannot see it.
    """
    low, high = float(values.min()), float(values.max())
    far = float(np.quantile(values, 0.99))
    middle = float(np.median(values))
    cut = min(high, middle + 2.5 * max(far - middle, (middle - low) / 2))
    cut = max([cut, *(each.value for each in marks)])
    shown = values[values <= cut]
    counts, edges = np.histogram(shown, bins=_bins(shown), range=roomy(low, cut, share=0.02))
    most = float(counts.max()) or 1.0
    span = (float(edges[0]), float(edges[-1]))
    chart = frame(title or f"How often: {x_label}", (WIDTH, 210.0), span, (0.0, most * 1.25))
    chart.grid(x_label, "inferences", y_ticks=min(4, int(most)))  # half an inference is none
    for mark in marks:
        if mark.interval:
            begin, end = chart.x(mark.interval[0]), chart.x(mark.interval[1])
            _tint(chart, begin, end, "accent-soft")
    for count, left, right in zip(counts.tolist(), edges[:-1], edges[1:], strict=True):
        if count:
            begin, end, y = chart.x(left), chart.x(right), chart.y(count)
            box = (begin + 0.4, y, max(0.8, end - begin - 0.8), chart.y.begin - y)
            chart.drawing.add(Rect(*box, fill="accent", title=f"{count}"))
    _upright_marks(chart, marks)
    beyond = len(values) - len(shown)
    if beyond:
        text = f"{beyond} slower, up to {high:.1f} \N{RIGHTWARDS ARROW}"
        note(chart.drawing, text, chart.x.end - 4, chart.y.begin - 8, anchor="end")
    return chart.drawing


def bar_chart(bars: Sequence[Bar], *, x_label: str, title: str = "") -> Drawing:
    """Draw bars below one another, made of parts whose colours the legend explains.

    Args:
        bars: Top to bottom.
        x_label: With its unit.
        title: For who cannot see it.
    """
    room, row = 170.0, 26.0
    after = max((text_width(each.text, bold=True) for each in bars), default=0) + 14
    longest = max((sum(value for _, value, _ in each.parts) for each in bars), default=1.0)
    chart = frame(
        title or x_label,
        (WIDTH, TOP + row * max(1, len(bars)) + 38),
        (0.0, longest or 1.0),
        (0.0, 1.0),
    )
    x = type(chart.x)(0.0, longest or 1.0, room, WIDTH - after)
    seen: dict[str, str] = {}
    for index, bar in enumerate(bars):
        top, edge, total = TOP + index * row + 4, room, 0.0
        name = shorten(bar.name, room - 14)
        chart.drawing.add(Text(room - 8, top + 13, name, anchor="end", colour="text"))
        for part, value, colour in bar.parts:
            seen.setdefault(part, colour)
            total += value
            wide = x(total) - edge
            tip = f"{part}: {value:.2f}"
            chart.drawing.add(Rect(edge, top, max(wide, 0.0), row - 8, fill=colour, title=tip))
            edge = x(total)
        chart.drawing.add(Text(edge + 7, top + 13, bar.text, colour="text", bold=True))
    below = Frame(chart.drawing, x, chart.y)
    below.grid(x_label, "", x_ticks=6, y_ticks=0)
    if len(seen) > 1:
        legend(chart.drawing, [(colour, name) for name, colour in seen.items()], WIDTH - 14, 14)
    return chart.drawing


def _y_range(curves: Sequence[Curve], marks: Sequence[Mark], *, zero: bool) -> tuple[float, float]:
    values = np.concatenate([each.y for each in curves] or [np.zeros(0)])
    values = values[np.isfinite(values)]
    ends = [*(each.value for each in marks)]
    if len(values):
        ends += [float(values.min()), float(values.max())]
    return roomy(min(ends), max(ends), zero=zero) if ends else (0.0, 1.0)


def _curve(chart: Frame, curve: Curve) -> None:
    pieces = []
    broken = np.flatnonzero(~np.isfinite(curve.y))
    for x, y in zip(np.split(curve.x, broken), np.split(curve.y, broken), strict=True):
        there = np.isfinite(y)
        if not there.any():
            continue
        xs, ys = thinned(x[there], y[there], chart.x)
        if curve.steps:
            xs, ys = np.repeat(xs, 2)[1:], np.repeat(ys, 2)[:-1]
        pieces.append(np.column_stack((chart.x.many(xs), chart.y.many(ys))))
    if pieces:
        shape = Lines(tuple(pieces), stroke=curve.colour, width=curve.width)
        chart.drawing.add(shape)


def _band(chart: Frame, band: Band) -> None:
    begin, end = chart.x(band.begin), chart.x(band.end)
    if end <= begin:
        return
    _, top, _, height = chart.box
    if band.hatched:
        chart.drawing.add(Rect(begin, top, end - begin, height, fill="raised"))
        chart.drawing.add(hatch((begin, top, end - begin, height), "faint"))
    else:
        _tint(chart, begin, end, "fail-soft")
    chart.drawing.add(
        segment(
            end if band.hatched else begin,
            top,
            end if band.hatched else begin,
            top + height,
            stroke="muted",
            dash=(2, 2),
        )
    )


def _band_text(chart: Frame, band: Band) -> None:
    begin, end = chart.x(band.begin), chart.x(band.end)
    left, top, width, _ = chart.box
    if text_width(band.text) + 8 < left + width - begin:
        note(chart.drawing, band.text, begin + 5, top + 13)
    else:
        note(chart.drawing, band.text, end - 5, top + 13, anchor="end")


def _across(chart: Frame, mark: Mark) -> None:
    if mark.interval:
        begin, end = _ends(chart, mark)
        top, bottom = chart.y(mark.interval[1]), chart.y(mark.interval[0])
        box = (begin, top, end - begin, max(bottom - top, 1.0))
        chart.drawing.add(Rect(*box, fill="accent-soft"))


def _ends(chart: Frame, mark: Mark) -> tuple[float, float]:
    low, high = mark.span or (chart.x.low, chart.x.high)
    return chart.x(low), chart.x(high)


def _tint(chart: Frame, begin: float, end: float, colour: str) -> None:
    _, top, _, height = chart.box
    chart.drawing.add(Rect(begin, top, max(end - begin, 1.0), height, fill=colour))


def _upright_marks(chart: Frame, marks: Sequence[Mark]) -> None:
    """Draw marks with their texts on lines of their own, so that none covers another."""
    for index, mark in enumerate(sorted(marks, key=lambda each: each.value)):
        x = chart.x(mark.value)
        y = chart.y.end + 10 + 15 * (index % 4)
        chart.drawing.add(
            segment(x, y - 9, x, chart.y.begin, stroke="text", dash=() if index == 0 else (4, 3))
        )
        fits = x + text_width(mark.text) + 8 < chart.x.end
        note(
            chart.drawing, mark.text, x + 6 if fits else x - 6, y, anchor="start" if fits else "end"
        )


def _bins(values: Values) -> int:
    """Return how many bins: Freedman and Diaconis' rule, between 24 and 90."""
    spread = float(np.subtract(*np.percentile(values, (75, 25))))
    span = float(values.max() - values.min())
    if spread <= 0 or span <= 0:
        return 24
    return int(np.clip(np.ceil(span / (2 * spread / len(values) ** (1 / 3))), 24, 90))
