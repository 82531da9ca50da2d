"""Ticks are round, even and within the axis; thinning keeps what can be seen."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.records.document.axes import (
    Scale,
    log_ticks,
    number,
    roomy,
    thinned,
    tick_labels,
    ticks,
)

VALUES = st.floats(-1e9, 1e9)


@given(VALUES, st.floats(1e-3, 1e9), st.integers(1, 12))
def test_ticks_are_few_round_even_and_within_the_axis(low, span, count):
    assume(span > abs(low) * 1e-6)  # closer ones differ by the noise of binary fractions
    found = ticks(low, low + span, count)
    room = span * 1e-6
    assert all(low - room <= each <= low + span + room for each in found)
    assert len(found) <= 2.5 * count + 2
    if len(found) > 1:
        steps = np.diff(found)
        assert steps.max() - steps.min() <= 1e-6 * steps.max() + 1e-9 * abs(low)
        digits = steps.mean() / 10 ** math.floor(math.log10(steps.mean() * 1.0001))
        assert min(abs(digits - each) for each in (1, 2, 5, 10)) < 1e-3


@given(VALUES, st.floats(1e-3, 1e9), st.integers(1, 12))
def test_no_two_ticks_are_written_alike(low, span, count):
    labels = tick_labels(ticks(low, low + span, count))
    assert len(set(labels)) == len(labels)
    assert len({len(each.partition(".")[2]) for each in labels}) <= 1


@given(st.floats(1e-6, 1e6), st.floats(1.05, 1e8))
def test_log_ticks_ascend_within_the_axis(low, ratio):
    found = log_ticks(low, low * ratio)
    assert list(found) == sorted(set(found))
    assert all(low * 0.998 <= each <= low * ratio * 1.002 for each in found)
    assert len(found) < 40
    if ratio >= 10:
        assert found


@pytest.mark.parametrize("span", [(1.0, 1.0), (2.0, 1.0), (0.0, math.inf), (1e17, 1e17 + 16)])
def test_an_axis_without_room_has_no_ticks(span):
    assert ticks(*span) == ()


def test_numbers_have_a_real_minus_and_no_negative_zero():
    assert number(-1234.5, 1) == "\N{MINUS SIGN}1\N{NARROW NO-BREAK SPACE}234.5"
    assert number(-0.01, 1) == "0.0"


@given(VALUES, VALUES, st.booleans())
def test_a_range_always_has_room(one, other, zero):
    low, high = roomy(min(one, other), max(one, other), zero=zero)
    assert low < high
    assert low <= min(one, other) <= max(one, other) <= high


@given(st.integers(1, 3000), st.integers(0, 2**32 - 1))
def test_thinning_keeps_ends_and_extremes_in_order(count, seed):
    chance = np.random.default_rng(seed)
    x, y = np.sort(chance.uniform(0, 10, count)), chance.normal(size=count)
    scale = Scale(0, 10, 0, 50)
    xs, ys = thinned(x, y, scale)
    assert len(xs) == len(ys) <= max(4 * 50, 1)
    assert np.all(np.diff(xs) >= 0)
    assert (ys.min(), ys.max()) == (y.min(), y.max())
    assert (xs[0], ys[0], xs[-1], ys[-1]) == (x[0], y[0], x[-1], y[-1])


def test_values_beyond_an_axis_lie_on_its_edge():
    scale = Scale(1, 100, 0, 200, log=True)
    assert [scale(each) for each in (0, 1, 10, 100, 1000)] == [0, 0, 100, 200, 200]
