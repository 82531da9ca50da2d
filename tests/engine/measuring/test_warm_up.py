"""Warm-up: what is dropped, and how often it is dropped wrongly or missed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.measuring.warm_up import WarmUp, detect_warm_up
from tests.engine.measuring.known_runs import NOISES, STANDARD, alike_neighbours, noise, samples

TRIALS = 200


def steady(n, seed=1, latency_ms=60.0):
    return latency_ms * noise("normal", np.random.default_rng(seed), n)


def test_no_sample_has_no_warm_up():
    assert detect_warm_up(samples([])) == WarmUp(0, settled=False, seconds=0.0)


def test_at_least_half_a_second_is_dropped():
    found = detect_warm_up(samples(steady(2000, latency_ms=9), gap_ms=1))
    assert found.settled
    assert 48 <= found.count <= 52
    assert found.seconds == pytest.approx(0.5, abs=0.02)


def test_at_least_five_inferences_are_dropped():
    assert detect_warm_up(samples(steady(100, latency_ms=700))).count == 5


def test_too_few_samples_show_nothing():
    for n in range(1, 12):
        found = detect_warm_up(samples([60.0] * n))
        assert not found.settled
        assert found.count <= n // 2


def test_a_slow_start_is_dropped_whole_and_not_much_more():
    latency = steady(1000)
    latency[:50] *= 1.3  # 4 s of 60
    found = detect_warm_up(samples(latency))
    assert found.settled
    assert 50 <= found.count <= 80


def test_a_boost_at_the_start_is_dropped_too():
    latency = steady(1000)
    latency[:50] *= 0.8
    found = detect_warm_up(samples(latency))
    assert found.settled
    assert 50 <= found.count <= 80


def test_a_run_that_becomes_slower_later_was_warm_at_once():
    latency = steady(1000)
    latency[330:] *= 1.2  # after 20 s: that is no boost
    found = detect_warm_up(samples(latency))
    assert found.settled
    assert found.count < 20


def test_a_run_that_never_comes_to_rest_says_so():
    found = detect_warm_up(samples(steady(1000) * np.linspace(2, 1, 1000)))
    assert not found.settled
    assert 450 <= found.count <= 500


def test_a_long_run_that_becomes_a_little_faster_was_warm():
    found = detect_warm_up(samples(steady(10_000) * np.linspace(1.03, 1, 10_000)))  # 10 minutes
    assert found.settled


def test_equal_times_are_warm_at_once():
    found = detect_warm_up(samples([10.0] * 1000))
    assert found.settled
    assert found.count < 50


def test_a_hair_s_breadth_is_no_warm_up():
    found = detect_warm_up(samples([10.05] * 100 + [10.0] * 900))
    assert found.count < 50


@given(st.lists(st.integers(0, 10**12), max_size=300))
def test_at_most_half_is_dropped_of_anything(latency_ns):
    array = samples(np.array(latency_ns) / 1e6)
    found = detect_warm_up(array)
    assert 0 <= found.count <= len(array) // 2
    assert found.seconds >= 0


@pytest.mark.parametrize("kind", [*NOISES, "alike neighbours"])
@pytest.mark.parametrize(("latency_ms", "n"), [(60, 160), (60, 1000), (8, 1100)])
def test_a_run_without_warm_up_seldom_loses_much(kind, latency_ms, n):
    generator = np.random.default_rng([n, len(kind)])
    if kind == "alike neighbours":
        runs = 1 + 0.05 * alike_neighbours(generator, (TRIALS, n), 0.6)
        most_any, most_much = 0.18, 0.10
    else:
        runs = noise(kind, generator, (TRIALS, n))
        most_any, most_much = 0.12, 0.06
    least = 0.5 / ((latency_ms + 1) / 1e3) + 2  # what every run loses
    counts, settled = zip(
        *[
            (found.count, found.settled)
            for run in runs
            for found in [detect_warm_up(samples(latency_ms * run))]
        ],
        strict=True,
    )
    assert np.mean(np.array(counts) > max(least, 6)) <= most_any
    assert np.mean(np.array(counts) > least + 0.1 * n) <= most_much
    assert all(settled)


SHAPES = {
    "30 % for 1 s": lambda seconds: 1 + 0.3 * (seconds < 1),
    "20 % for 3 s": lambda seconds: 1 + 0.2 * (seconds < 3),
    "10 % for 2 s": lambda seconds: 1 + 0.1 * (seconds < 2),
    "a boost of 15 % for 2 s": lambda seconds: 1 - 0.15 * (seconds < 2),
    "50 % fading with 1 s": lambda seconds: 1 + 0.5 * np.exp(-seconds),
    "30 % fading with 2 s": lambda seconds: 1 + 0.3 * np.exp(-seconds / 2),
}


@pytest.mark.parametrize(
    ("latency_ms", "n", "most"),  # how many runs of 100 may miss each shape
    [
        (60, 1000, dict.fromkeys(SHAPES, 0)),
        # of a run of 10 s at most 5 go, and what fades with 2 s is 2 % above its end even then
        (8, 1100, {**dict.fromkeys(SHAPES, 2), "30 % fading with 2 s": 50}),
        (60, 160, {**dict.fromkeys(SHAPES, 12), "30 % fading with 2 s": 70}),
    ],
)
def test_a_warm_up_that_biases_the_median_is_seldom_missed(latency_ms, n, most):
    generator = np.random.default_rng(n)
    seconds = np.arange(n) * (latency_ms + 1) / 1e3
    pure = np.array([1 + 0.05 * STANDARD.inv_cdf((i + 0.5) / 201) for i in range(201)])
    for name, shape in SHAPES.items():
        factors = shape(seconds)
        missed = 0
        for run in noise("normal", generator, (100, n)):
            found = detect_warm_up(samples(latency_ms * run * factors))
            left = factors[found.count :]
            bias = abs(np.median(np.outer(pure, left)) / np.median(pure) - 1) if left.std() else 0
            half_width = 1.96 * 1.2533 * 0.05 / np.sqrt(len(left))  # of the median's own interval
            missed += found.settled and bias > max(0.01, half_width)
        assert missed <= most[name], name
