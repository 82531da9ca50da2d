"""Order, words, colours and figures of an APK's parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from gui.sizes.parts import (
    MEGA,
    Part,
    axis_end,
    colour_of,
    difference,
    fixed_rows,
    grouped,
    in_order,
    ink_on,
    megabytes,
    percent,
)

COUNTS = st.integers(0, 3_000_000_000)


def test_parts_come_in_the_views_order_and_none_is_lost(small):
    parts = in_order((*small.parts, ("something new", 7)))
    whats = [part.what for part in parts]
    assert whats[:2] == ["model", "native arm64-v8a"]
    assert whats[-1] == "something new"
    assert sum(part.size_bytes for part in parts) == small.total_bytes + 7


@given(st.lists(st.tuples(st.text(), COUNTS)))
def test_no_byte_is_lost_whatever_the_parts_are_called(parts):
    assert sorted(in_order(parts)) == sorted(Part(*each) for each in parts)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0.00 MB"),
        (4_096, "< 0.01 MB"),
        (5_612_000, "5.61 MB"),
        (33_500_000, "33.50 MB"),
        (105_000_000, "105.0 MB"),
    ],
)
def test_megabytes_are_a_million_bytes_with_their_unit(count, text):
    assert megabytes(count) == text


def test_a_difference_always_has_its_sign():
    assert difference(2_700_000) == "+2.70 MB"
    assert difference(-810_000) == "\N{MINUS SIGN}0.81 MB"
    assert difference(0).startswith("\N{PLUS-MINUS SIGN}")


def test_a_small_share_is_not_told_as_none():
    assert percent(1, 1_000_000) == "< 0.1"
    assert percent(0, 1_000_000) == "0.0"
    assert percent(1, 2) == "50.0"


@given(COUNTS)
def test_grouping_changes_no_digit(count):
    assert int("".join(each for each in grouped(count) if each.isdigit())) == count


@given(st.lists(COUNTS, max_size=5))
def test_the_axis_holds_every_bar(totals):
    assert axis_end(totals) * MEGA >= max(totals, default=0)


@pytest.mark.parametrize("dark", [False, True])
def test_every_part_has_a_colour_of_its_own_and_readable_ink(dark):
    colours = [colour_of(what, dark=dark).name() for what in fixed_rows()]
    assert len(set(colours)) == len(colours)
    for name in colours:
        assert contrast(QColor(name), ink_on(QColor(name))) >= 4.5


def contrast(one: QColor, other: QColor) -> float:
    def luminance(colour: QColor) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (colour.redF(), colour.greenF(), colour.blueF())
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)
