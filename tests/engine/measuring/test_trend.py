"""Slopes, steps and rises against shapes that are known."""

import numpy as np
import pytest

from engine.measuring.trend import inflation, largest_step, noise_of, rise, theil_sen
from tests.engine.measuring.known_runs import alike_neighbours

TIMES = np.arange(100.0)


def test_the_slope_of_a_line_is_exact_and_outliers_do_not_bend_it():
    values = 5 + 0.25 * TIMES
    values[::10] = 1000
    slope = theil_sen(TIMES, values)
    assert slope.value == pytest.approx(0.25, rel=0.02)
    clean = theil_sen(TIMES, 5 + 0.25 * TIMES)
    assert clean.value == pytest.approx(0.25)
    assert clean.start == pytest.approx(5)
    assert clean.interval == pytest.approx((0.25, 0.25))


def test_the_slopes_interval_holds_the_truth_99_times_in_100():
    generator = np.random.default_rng(2)
    times = np.arange(40.0)
    found = [theil_sen(times, 0.1 * times + generator.normal(size=40)) for _ in range(500)]
    hits = np.mean([each.interval[0] <= 0.1 <= each.interval[1] for each in found])
    assert hits > 0.97  # four standard errors


def test_few_values_and_a_clock_that_stands_have_no_slope():
    assert theil_sen(TIMES[:9], TIMES[:9]) is None
    assert theil_sen(np.zeros(20), np.arange(20.0)) is None


def test_a_step_is_found_where_it_is():
    values = np.where(TIMES < 70, 10.0, 12.0) + np.random.default_rng(1).normal(0, 0.3, 100)
    step = largest_step(values, 5, 5)
    assert abs(step.index - 70) <= 1
    assert step.before == pytest.approx(10, abs=0.1)
    assert step.after == pytest.approx(12, abs=0.2)
    assert step.score > 5


def test_a_step_down_does_not_score():
    assert largest_step(np.where(TIMES < 70, 12.0, 10.0), 5, 5).score < 0


def test_equal_values_have_no_step():
    step = largest_step(np.full(50, 3.0), 5, 5)
    assert step.score == 0


def test_too_few_values_have_no_step():
    assert largest_step(np.arange(9.0), 2, 2) is None
    assert largest_step(np.arange(20.0), 15, 10) is None


def test_a_rise_that_passes_is_found_at_its_begin():
    values = 10 + np.random.default_rng(1).normal(0, 0.1, 100)
    values[50:65] += 1
    found = rise(values, 10, 10, 1.05)
    assert found.index == 50
    assert found.after == pytest.approx(11, abs=0.3)
    assert rise(values[:60], 10, 20, 1.05) is None  # 10 of 20 are no majority


def test_noise_is_measured_around_any_level():
    values = np.random.default_rng(3).normal(0, 2, 5000) + np.linspace(0, 100, 5000)
    values[2500:] += 50
    assert noise_of(values) == pytest.approx(2, rel=0.1)


def test_alike_neighbours_widen_and_independent_ones_do_not():
    generator = np.random.default_rng(4)
    alike = [inflation(alike_neighbours(generator, (200,), 0.6)) for _ in range(50)]
    assert 3 < np.median(alike) < 5  # (1 + 0.6) / (1 - 0.6) is 4
    assert np.median([inflation(generator.normal(size=200)) for _ in range(50)]) == 1
