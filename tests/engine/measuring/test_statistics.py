"""What latencies amount to, against numbers known from elsewhere."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.link.messages import SAMPLE_DTYPE
from engine.measuring.statistics import (
    median_interval,
    pipeline_fps,
    summarise_samples,
    warm_up_count,
)


def samples(latency_ms, *, period_ms=50):
    array = np.zeros(len(latency_ms), SAMPLE_DTYPE)
    array["sequence"] = np.arange(len(latency_ms))
    array["infer_ns"] = np.round(np.asarray(latency_ms, float) * 1e6)
    array["captured_ns"] = 10**9 + np.arange(len(latency_ms)) * period_ms * 10**6
    array["finished_ns"] = array["captured_ns"] + 40 * 10**6
    return array


def test_the_median_has_no_interval_under_6_samples():
    assert median_interval(np.arange(5.0)) is None
    assert median_interval(np.arange(6.0)) == (0, 5)


@pytest.mark.parametrize(
    ("n", "low", "high"),  # ranks from 1: a table of the sign test at 5 %
    [(8, 1, 8), (9, 2, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (50, 18, 33), (100, 40, 61)],
)
def test_the_interval_has_the_ranks_of_the_sign_test(n, low, high):
    values = np.random.default_rng(1).permutation(np.arange(1.0, n + 1))
    assert median_interval(values) == (low, high)


def test_the_interval_covers_the_median_of_any_shape_at_least_95_times_in_100():
    generator = np.random.default_rng(7)
    true = math.log(2)
    hits = 0
    for _ in range(2000):
        low, high = median_interval(generator.exponential(size=30))
        hits += low <= true <= high
    assert hits / 2000 > 0.94  # 0.9572 in truth; its standard error here is 0.0045


def test_a_long_run_has_a_narrow_interval():
    low, high = median_interval(np.random.default_rng(3).normal(60, 3, 200_000))
    assert 59.9 < low < high < 60.1


@pytest.mark.parametrize(("q", "enough"), [(0.9, 29), (0.95, 59), (0.99, 299)])
def test_a_percentile_is_earned_at_its_sample_count(q, enough):
    assert summarise_samples(samples([1.0] * enough), warm_up=0).percentile(q).earned
    assert not summarise_samples(samples([1.0] * (enough - 1)), warm_up=0).percentile(q).earned


def test_engine_fps_is_one_over_the_median_latency():
    summary = summarise_samples(samples([10, 20, 90]), warm_up=0)
    assert summary.median_ms == 20
    assert summary.engine_fps == 50


def test_pipeline_fps_is_results_per_wall_second():
    summary = summarise_samples(samples([5.0] * 11, period_ms=100), warm_up=0)
    assert summary.pipeline_fps == pytest.approx(10)
    assert summary.engine_fps == 200


def test_pipeline_fps_is_unknown_for_one_sample_or_a_clock_that_stands():
    assert pipeline_fps(samples([1.0])) is None
    assert pipeline_fps(samples([1.0, 1.0], period_ms=0)) is None


def test_warm_up_samples_do_not_count():
    summary = summarise_samples(samples([500.0] * 5 + [10.0] * 20), warm_up=5)
    assert summary.maximum_ms == 10
    assert (summary.warm_up, summary.count) == (5, 20)


def test_warm_up_is_five_samples_and_half_a_second():
    assert warm_up_count(samples([1.0] * 100, period_ms=200)) == 5
    assert warm_up_count(samples([1.0] * 100, period_ms=10)) == 46


def test_warm_up_takes_at_most_half():
    assert warm_up_count(samples([1.0] * 6)) == 3
    assert warm_up_count(samples([1.0])) == 0
    assert warm_up_count(samples([])) == 0


def test_nothing_to_summarise_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="no sample"):
        summarise_samples(samples([]))


@pytest.mark.parametrize(
    ("latency_ms", "word"),
    [
        ([10.0] * 20 + [30.0] * 20, "scatter"),
        ([10.0] * 200 + [16.0], "slowest"),
        ([10.0] * 200 + [4.0], "fastest"),
        ([10.0, 10.2] * 50, ""),
    ],
)
def test_unstable_times_are_said_in_words(latency_ms, word):
    said = summarise_samples(samples(latency_ms), warm_up=0).unstable
    assert word in said
    assert bool(said) == bool(word)


def test_stages_are_medians_in_milliseconds():
    array = samples([10.0] * 3)
    array["convert_ns"] = [1_000_000, 2_000_000, 9_000_000]
    assert summarise_samples(array, warm_up=0).stages_ms["convert"] == 2


@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=300))
def test_every_summary_is_in_order(infer_ns):
    array = samples([0.0] * len(infer_ns))
    array["infer_ns"] = infer_ns
    summary = summarise_samples(array)
    p90, p95, p99 = (each.value_ms for each in summary.percentiles)
    slack = 1e-9 * summary.maximum_ms
    assert summary.minimum_ms <= summary.median_ms + slack
    assert summary.median_ms <= p90 + slack
    assert p90 <= p95 + slack
    assert p95 <= p99 + slack
    assert p99 <= summary.maximum_ms + slack
    if summary.interval_ms:
        assert summary.interval_ms[0] <= summary.median_ms + slack
        assert summary.median_ms <= summary.interval_ms[1] + slack
