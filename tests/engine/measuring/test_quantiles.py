"""Intervals of quantiles, judged by tables and by simulation with known truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.measuring.quantiles import (
    block_medians,
    independent_count,
    median_of,
    needed_count,
    quantile_interval,
    sorted_interval,
    sorted_quantile,
)
from tests.engine.measuring.known_runs import STANDARD, alike_neighbours, noise, true_quantile

TRIALS = 2000
QUANTILES = (0.5, 0.9, 0.95, 0.99)


@pytest.mark.parametrize(("q", "n"), [(0.5, 6), (0.9, 29), (0.95, 59), (0.99, 299)])
def test_a_quantile_needs_so_many_samples(q, n):
    assert needed_count(q) == n
    assert quantile_interval(np.arange(float(n)), q) is not None
    assert quantile_interval(np.arange(n - 1.0), q) is None


def test_no_samples_have_no_interval():
    assert quantile_interval(np.zeros(0), 0.5) is None


def test_the_least_count_spans_all_that_was_seen_above():
    low, high = quantile_interval(np.arange(1.0, 30), 0.9)
    assert high == 29
    assert 20 < low < 26


@pytest.mark.parametrize(
    ("n", "low", "high"),  # ranks from 1: a table of the sign test at 5 %
    [(8, 1, 8), (9, 2, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (50, 18, 33), (100, 40, 61)],
)
def test_the_median_lies_between_the_sign_tests_ranks_and_their_neighbours(n, low, high):
    found = sorted_interval(np.arange(1.0, n + 1), 0.5)
    assert low <= found[0] < low + 1
    assert high - 1 < found[1] <= high
    assert found[0] - 1 == pytest.approx(n - found[1])


def test_a_long_run_has_a_narrow_interval():
    low, high = quantile_interval(np.random.default_rng(3).normal(60, 3, 200_000), 0.5)
    assert 59.97 < low < high < 60.03  # by hand: 1.96 * 1.2533 * 3 / sqrt(200,000) is 0.016


@pytest.mark.parametrize("kind", ["normal", "log-normal", "bimodal", "drifting"])
@pytest.mark.parametrize("n", [30, 100, 400])
def test_every_interval_covers_its_truth_in_93_to_97_of_100_runs(kind, n):
    generator = np.random.default_rng([n, len(kind)])
    # the truth of a drifting run is the quantile of its whole mixture: 5 % more at its end
    drift = 1 + 0.05 * np.linspace(0, 1, n) if kind == "drifting" else np.ones(n)
    shape = "normal" if kind == "drifting" else kind
    runs = noise(shape, generator, (TRIALS, n)) * drift
    for q in QUANTILES:
        if n < needed_count(q):
            continue
        truth = true_quantile(shape, q, drift if kind == "drifting" else drift[:1])
        found = np.array([quantile_interval(run, q) for run in runs])
        covered = np.mean((found[:, 0] <= truth) & (truth <= found[:, 1]))
        assert 0.93 <= covered <= 0.97, (kind, n, q)


def test_neighbours_that_are_alike_widen_the_interval():
    runs = alike_neighbours(np.random.default_rng(6), (500, 1000), 0.6)
    truth = STANDARD.inv_cdf(0.5)

    def covered(intervals):
        found = np.array(intervals)
        return np.mean((found[:, 0] <= truth) & (truth <= found[:, 1]))

    assert covered([sorted_interval(np.sort(run), 0.5) for run in runs]) < 0.8  # as if independent
    assert covered([quantile_interval(run, 0.5) for run in runs]) > 0.89


def test_independent_samples_are_worth_what_they_are():
    runs = np.random.default_rng(4).normal(size=(400, 1000))
    less = [independent_count(run, 0.0) < 1000 for run in runs]
    assert np.mean(less) < 0.09  # 5 % in truth; four standard errors more


def test_a_slow_drift_does_not_make_samples_worth_less():
    generator = np.random.default_rng(5)
    run = 60 * (1 + 0.1 * np.linspace(0, 1, 5000)) + generator.normal(size=5000)
    assert independent_count(run, float(np.median(run))) == 5000


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=400), st.sampled_from(QUANTILES))
def test_an_interval_holds_its_quantile_and_nothing_unseen(values, q):
    ordered = np.sort(np.array(values))
    value = sorted_quantile(ordered, q)
    assert value == pytest.approx(np.quantile(ordered, q), rel=1e-9, abs=1e-6)
    found = sorted_interval(ordered, q)
    if found is not None:
        slack = 1e-9 * abs(value)
        assert ordered[0] <= found[0] <= value + slack
        assert value - slack <= found[1] <= ordered[-1]


@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=60), st.integers(1, 20))
def test_medians_are_numpys(values, block):
    array = np.array(values, np.uint64)
    assert median_of(array) == pytest.approx(float(np.median(array)))
    whole = len(values) // block * block
    expected = [np.median(array[i : i + block]) for i in range(0, whole, block)]
    assert block_medians(array, block).tolist() == pytest.approx(expected)
