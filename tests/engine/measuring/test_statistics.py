"""What latencies amount to, against numbers known from elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.link.messages import SAMPLE_DTYPE
from engine.measuring.frames import pipeline_fps
from engine.measuring.statistics import summarise_samples


def samples(latency_ms, *, period_ms=50):
    array = np.zeros(len(latency_ms), SAMPLE_DTYPE)
    array["sequence"] = np.arange(len(latency_ms))
    array["infer_ns"] = np.round(np.asarray(latency_ms, float) * 1e6)
    array["captured_ns"] = 10**9 + np.arange(len(latency_ms)) * period_ms * 10**6
    array["finished_ns"] = array["captured_ns"] + 40 * 10**6
    return array


@pytest.mark.parametrize(("q", "enough"), [(0.9, 29), (0.95, 59), (0.99, 299)])
def test_a_percentile_is_earned_at_its_sample_count(q, enough):
    earned = summarise_samples(samples([1.0] * enough), warm_up=0).percentile(q)
    assert earned.earned
    assert earned.interval_ms == (1, 1)
    short = summarise_samples(samples([1.0] * (enough - 1)), warm_up=0).percentile(q)
    assert not short.earned
    assert short.interval_ms is None
    assert short.needed == enough


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


def test_nothing_to_summarise_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="no sample"):
        summarise_samples(samples([]))


@pytest.mark.parametrize(
    ("latency_ms", "word"),
    [
        ([10.0] * 20 + [30.0] * 20, "scatter"),
        ([10.0] * 80 + [14.0] * 20, "scatter by 12 %"),
        ([10.0] * 190 + [16.0] * 8, "4 % of them take over 1.5 times"),
        ([10.0] * 190 + [4.0] * 8, "4 % of them take less than half"),
        ([10.0] * 305 + [16.0] * 5, ""),  # as chance makes them where one in a hundred is
        ([10.0] * 99 + [400.0], ""),  # one pause of the system is no property of the model
        ([10.0] * 9_999 + [4000.0], ""),
        ([10.0, 10.2] * 50, ""),
        ([0.0] * 20, ""),
        ([0.0] * 20 + [1.0] * 5, "half of them are 0"),
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


def test_outliers_are_counted_and_kept():
    generator = np.random.default_rng(1)
    latency_ms = 60 * np.exp(0.05 * generator.normal(size=1000))
    assert summarise_samples(samples(latency_ms), warm_up=0).outliers == 0
    latency_ms[[3, 500]] = 300, 5
    summary = summarise_samples(samples(latency_ms), warm_up=0)
    assert summary.outliers == 2
    assert (summary.minimum_ms, summary.maximum_ms, summary.count) == (5, 300, 1000)


def test_a_hair_s_breadth_from_equal_times_is_no_outlier():
    assert summarise_samples(samples([10.0] * 99 + [10.01]), warm_up=0).outliers == 0
    assert summarise_samples(samples([10.0] * 99 + [12.0]), warm_up=0).outliers == 1


def test_half_the_interval_is_relative_to_the_median():
    latency_ms = np.random.default_rng(1).permutation(np.arange(1.0, 102))
    summary = summarise_samples(samples(latency_ms), warm_up=0)
    low, high = summary.interval_ms
    assert summary.relative_half_width == pytest.approx((high - low) / 2 / 51)
    assert summarise_samples(samples([1.0] * 5), warm_up=0).relative_half_width is None
    assert summarise_samples(samples([0.0] * 50), warm_up=0).relative_half_width is None


def test_frame_times_are_times_between_results():
    array = samples([5.0] * 200, period_ms=20)
    array["finished_ns"][150:] += 80 * 10**6  # one frame of 100 ms
    summary = summarise_samples(array, warm_up=0)
    assert summary.frame_p95_ms == pytest.approx(20)
    assert summary.low_1_fps == pytest.approx(1000 / 60)  # the worst 2 of 199: 100 and 20 ms
    few = summarise_samples(array[:59], warm_up=0)
    assert few.frame_p95_ms is None
    assert few.low_1_fps is None


def test_what_is_known_of_a_warm_up_is_kept():
    assert not summarise_samples(samples([5.0] * 50), warm_up=0, settled=False).settled
    assert not summarise_samples(samples([5.0] * 8)).settled
    assert summarise_samples(samples([5.0] * 500)).settled


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
