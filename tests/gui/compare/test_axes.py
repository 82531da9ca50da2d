"""The axes hold every value and count in short numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.compare.axes import axis_over, percent_axis, tick_text

COSTS = st.floats(0.001, 1e9)


@given(st.lists(COSTS, min_size=1), st.booleans())
def test_every_value_lies_on_the_axis(values, log):
    axis = axis_over(values, "ms", log=log)
    assert all(-1e-9 <= axis.share(value) <= 1 + 1e-9 for value in values)


@given(st.lists(COSTS, min_size=1), st.booleans(), st.integers(2, 20))
def test_ticks_lie_within_and_are_not_too_many(values, log, most):
    axis = axis_over(values, "ms", log=log)
    ticks = axis.ticks(most)
    assert ticks == tuple(sorted(ticks))
    assert all(axis.low * 0.999 - 1e-9 <= tick <= axis.high * 1.001 for tick in ticks)
    assert len(ticks) <= max(2, most + 1)


@given(st.lists(st.floats(0, 100), min_size=1))
def test_percents_stay_within_0_and_100(values):
    axis = percent_axis(values, "%")
    assert 0 <= axis.low <= min(values)
    assert max(values) <= axis.high <= 100 or axis.high == axis.low + 10


def test_a_step_on_a_logarithmic_axis_is_a_factor():
    axis = axis_over([1, 100], "ms", log=True)
    one, ten, hundred = (axis.share(value) for value in (1, 10, 100))
    assert ten - one == pytest.approx(hundred - ten)
    assert set(axis.ticks(12)) >= {1, 2, 5, 10, 20, 50, 100}


def test_without_values_there_is_still_an_axis():
    assert axis_over([], "ms").ticks(5)
    assert axis_over([], "ms", log=True).ticks(5)


def test_ticks_are_short():
    assert [tick_text(value) for value in (0.5, 2.0, 20.0, 0.0)] == ["0.5", "2", "20", "0"]
