"""Charts are well-formed, small, and show all of their data where it belongs."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from engine.records.document.charts import (
    Band,
    Bar,
    Curve,
    IntervalRow,
    Mark,
    Point,
    bar_chart,
    histogram,
    interval_chart,
    line_chart,
    scatter_chart,
)
from engine.records.document.drawing import Lines, Rect, Text, hatch, marker, shorten, text_width
from engine.records.document.palette import DARK, LIGHT, alpha_colour

NASTY = "<script>&\"'\x00\ud800 Grüße °C"
SVG = "{http://www.w3.org/2000/svg}"


def line(count=1000, **more):
    x = np.linspace(0, 60, count)
    curve = Curve(x, 10 + np.sin(x), "latency")
    options = {"x_label": "time, s", "y_label": "latency, ms", "x_range": (0.0, 60.0)} | more
    return line_chart([curve], **options)


def curve_of(drawing):
    lines = (each for each in drawing.shapes if isinstance(each, Lines))
    return next(each for each in lines if each.stroke == "accent")


def texts(drawing):
    return [each.text for each in drawing.shapes if isinstance(each, Text)]


@pytest.mark.parametrize(
    "drawing",
    [
        line(bands=[Band(0, 2, NASTY, hatched=True), Band(40, 60, "hot")], title=NASTY),
        histogram(np.array([3.0]), x_label=NASTY),
        histogram(np.full(50, 7.0), x_label="ms", marks=[Mark(7.0, "median 7 ms", (7.0, 7.0))]),
        bar_chart([Bar(NASTY, (("a", 1.0, "infer"), ("b", 0.0, "post")), NASTY)], x_label="ms"),
        bar_chart([], x_label="ms"),
        interval_chart([], x_label="ms"),
        interval_chart([IntervalRow(NASTY, 3.0, None, "3 ms")], x_label="ms"),
        scatter_chart([], x_label="ms", y_label="%", log_x=True),
        scatter_chart([Point(NASTY, 1.0, 2.0, label=NASTY)], x_label="ms", y_label="%"),
    ],
)
def test_any_drawing_is_well_formed_svg(drawing):
    root = ET.fromstring(drawing.svg())
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == f"0 0 {drawing.width:g} {drawing.height:g}"
    assert "script" not in {each.tag.removeprefix(SVG) for each in root.iter()}
    ET.fromstring(drawing.svg(inline=True))
    assert "http" not in drawing.svg(inline=True)


def test_a_curve_fills_the_plot_from_edge_to_edge():
    drawing = line(y_range=(9.0, 11.0))
    points = np.vstack(curve_of(drawing).pieces)
    assert points[:, 0].min() == 54.0
    assert points[:, 0].max() == drawing.width - 14.0
    assert points[:, 1].min() == pytest.approx(26.0, abs=0.1)
    assert points[:, 1].max() == pytest.approx(drawing.height - 38.0, abs=0.1)


def test_a_million_samples_make_a_small_drawing_that_keeps_its_extremes():
    x, y = np.linspace(0, 600, 10**6), np.full(10**6, 10.0)
    y[123_456], y[654_321] = 30.0, 1.0
    drawing = line_chart(
        [Curve(x, y)], x_label="s", y_label="ms", x_range=(0.0, 600.0), y_range=(0.0, 30.0)
    )
    heights = np.vstack(curve_of(drawing).pieces)[:, 1]
    plot = drawing.height - 38.0 - 26.0
    assert heights.min() == 26.0
    assert heights.max() == pytest.approx(26.0 + plot * 29 / 30)
    assert len(drawing.svg()) < 60_000


def test_what_was_not_told_breaks_a_line():
    y = np.array([1.0, 2.0, np.nan, 3.0, 4.0])
    drawing = line_chart([Curve(np.arange(5.0), y)], x_label="s", y_label="°C", x_range=(0.0, 4.0))
    assert [len(each) for each in curve_of(drawing).pieces] == [2, 2]


def test_a_band_lies_where_it_says_and_its_lines_stay_within():
    drawing = line(bands=[Band(0.0, 30.0, "warm-up", hatched=True)])
    ground = next(each for each in drawing.shapes if isinstance(each, Rect))
    assert (ground.x, ground.x + ground.width) == (54.0, 54.0 + (720 - 14 - 54) / 2)
    assert "warm-up" in texts(drawing)
    pieces = np.vstack(hatch((10, 20, 100, 30), "faint").pieces)
    assert pieces.min(axis=0).tolist() == [10, 20]
    assert pieces.max(axis=0).tolist() == [110, 50]


def test_a_histogram_loses_no_sample():
    values = np.concatenate((np.random.default_rng(0).normal(10, 0.2, 990), np.full(10, 80.0)))
    drawing = histogram(values, x_label="latency, ms")
    counts = [int(each.title) for each in drawing.shapes if isinstance(each, Rect) and each.title]
    assert sum(counts) == 990
    assert any(each.startswith("10 slower, up to 80.0") for each in texts(drawing))


def test_the_label_of_the_longest_bar_fits_in_a_wide_font_too():
    drawing = bar_chart([Bar("a", (("x", 14.4, "infer"),), "14.4 ms")], x_label="ms")
    (label,) = [each for each in drawing.shapes if getattr(each, "text", "") == "14.4 ms"]
    dejavu_bold_em = 3 * 0.696 + 0.380 + 0.348 + 1.042 + 0.595
    assert label.x + 11 * dejavu_bold_em <= drawing.width


def test_bars_are_as_long_as_their_values():
    bars = [Bar("a", (("x", 2.0, "infer"), ("y", 1.0, "post"))), Bar("b", (("x", 6.0, "infer"),))]
    drawn = [each for each in bar_chart(bars, x_label="ms").shapes if getattr(each, "title", "")]
    two, one, six = (each.width for each in drawn)
    assert two == pytest.approx(2 * one)
    assert six == pytest.approx(6 * one)


def test_ties_stand_on_common_ground_and_no_others_do():
    rows = [
        IntervalRow(f"v{number}", number, (number - 0.5, number + 0.5), f"{number} ms", place)
        for number, place in ((1, 1), (2, 2), (3, 2), (4, 4))
    ]
    grounds = [
        each
        for each in interval_chart(rows, x_label="ms").shapes
        if isinstance(each, Rect) and each.fill == "raised"
    ]
    assert [round(each.height) for each in grounds] == [2 * 24 - 2]
    grey = [IntervalRow("v", 1, None, "1 ms", grey=True)] * 2
    assert "\N{EN DASH}" in texts(interval_chart(grey, x_label="ms"))


def test_a_scatter_tells_variants_apart_by_colour_shape_and_fill():
    points = [
        Point("a", 1.0, 50.0, 0.25, 128, "int8", x_interval=(0.9, 1.2)),
        Point("b", 2.0, 60.0, 1.0, 224, "float32", dominated=True, predicted=True),
        Point("c", 3.0, 55.0, reference=True, label="Pixel 3"),
    ]
    drawing = scatter_chart(
        points, x_label="latency, ms", y_label="top-1, %", front=("a", "b"), note="Not comparable."
    )
    outlines = [each for each in drawing.shapes if isinstance(each, Lines) and each.width == 1.6]
    sides = {}
    for each in outlines:  # the points are painted before the legend
        sides.setdefault((each.stroke, each.fill), len(each.pieces[0]) - 1)
    assert sides[alpha_colour(0.25), alpha_colour(0.25)] == 4
    assert sides[alpha_colour(1.0), "surface"] == 24
    explained = {"0.25", "1.00", "128 px", "224 px", "dominated", "predicted", "reference"}
    assert explained <= set(texts(drawing))
    assert {"Pixel 3", "best trade-off"} <= set(texts(drawing))
    assert "0.50" not in texts(drawing)


def test_points_that_a_log_axis_cannot_show_are_left_out():
    drawing = scatter_chart(
        [Point("zero", 0.0, 1.0), Point("one", 1.0, 2.0)], x_label="ms", y_label="%", log_x=True
    )
    assert [each.title for each in drawing.shapes if getattr(each, "title", "")] == ["one"]


def test_float16_is_filled_by_half():
    whole, half = marker((50.0, 50.0), 10.0, "#009E73", 224, "float16")
    assert whole.fill == "surface"
    assert half.pieces[0][:, 1].min() == pytest.approx(50.0)
    assert half.pieces[0][:, 1].max() == pytest.approx(60.0)


def test_a_text_is_cut_to_its_room():
    assert shorten("v1_0.50_128-int8", 500) == "v1_0.50_128-int8"
    cut = shorten("v1_0.50_128-int8, gpu, 4 threads", 100)
    assert cut.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert text_width(cut) <= 100


def test_every_colour_is_there_light_and_dark_and_text_can_be_read():
    assert set(LIGHT) == set(DARK)
    for scheme in (LIGHT, DARK):
        for ink in ("text", "muted", "ok", "warn", "fail", "accent"):
            assert contrast(scheme[ink], scheme["surface"]) >= 4.5
        for ground in ("ok-soft", "warn-soft", "fail-soft", "raised"):
            assert contrast(scheme["text"], scheme[ground]) >= 4.5


def contrast(one, other):
    def luminance(colour):
        parts = [int(each, 16) / 255 for each in re.findall("[0-9A-F]{2}", colour)]
        red, green, blue = (
            each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)
