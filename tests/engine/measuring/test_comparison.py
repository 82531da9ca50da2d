"""A/B by blocks: false alarms, power, rankings, judged by simulation with known truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.measuring.comparison import compare_blocks, rank, spread, t_quantile

TRIALS = 2000
MARGIN = 2 * math.sqrt(0.05 * 0.95 / TRIALS)  # of a share of 5 % in so many trials


def blocks(generator, count, level=60.0, *, between=0.01, within=0.05, size=40):
    """Latencies whose blocks differ: level, between blocks, within blocks."""
    each = level * np.exp(between * generator.normal(size=(count, 1)))
    return list(each * np.exp(within * generator.normal(size=(count, size))))


def alarms(generator, count, ratio, trials, **spreads):
    """Return how often a difference was told, and how often the interval held the truth."""
    found = [
        compare_blocks(
            blocks(generator, count, **spreads), blocks(generator, count, 60.0 * ratio, **spreads)
        )
        for _ in range(trials)
    ]
    held = [each.interval[0] <= ratio <= each.interval[1] for each in found]
    return np.mean([each.detectable for each in found]), np.mean(held)


@pytest.mark.parametrize(("count", "between"), [(2, 0.02), (3, 0.0), (3, 0.02), (5, 0.02)])
def test_equal_things_are_told_apart_in_at_most_5_of_100(count, between):
    generator = np.random.default_rng([count, round(100 * between)])
    told, held = alarms(generator, count, 1.0, TRIALS, between=between)
    assert told <= 0.05 + MARGIN
    assert held >= 0.95 - MARGIN


@pytest.mark.parametrize(
    ("count", "between", "least"),
    [(3, 0.0, 0.95), (3, 0.01, 0.75), (5, 0.01, 0.97), (3, 0.02, 0.35), (5, 0.02, 0.8)],
)
def test_5_percent_is_found_as_often_as_the_blocks_allow(count, between, least):
    generator = np.random.default_rng([count, round(1000 * between)])
    told, held = alarms(generator, count, 1.05, 400, between=between)
    assert told >= least
    assert held >= 0.93


def test_a_drift_over_the_session_is_no_difference():
    generator = np.random.default_rng(9)
    told = 0
    for _ in range(500):
        drift = 1 + 0.03 * np.arange(6) / 6  # A B B A A B
        runs = [block * factor for block, factor in zip(blocks(generator, 6), drift, strict=True)]
        a, b = [runs[i] for i in (0, 3, 4)], [runs[i] for i in (1, 2, 5)]
        told += compare_blocks(a, b).detectable
    assert told <= 0.05 * 500


def test_a_difference_is_a_ratio_with_a_sentence():
    a = [np.array([10.0, 10.0]), np.array([10.1, 10.1]), np.array([9.9, 9.9])]
    found = compare_blocks(a, [2 * block for block in a], names=("cpu", "gpu"))
    assert found.a_ms == pytest.approx(10, rel=1e-3)
    assert found.b_ms == pytest.approx(20, rel=1e-3)
    assert found.ratio == pytest.approx(2)
    assert found.detectable
    assert found.sentence.startswith("gpu is 100.0 % slower than cpu (95 % interval 9")
    other = compare_blocks([2 * block for block in a], a)
    assert other.sentence.startswith("B is 50.0 % faster than A (95 % interval 4")


def test_no_detectable_change_is_an_answer():
    generator = np.random.default_rng(2)
    found = compare_blocks(blocks(generator, 3), blocks(generator, 3))
    assert not found.detectable
    assert found.interval[0] < 1 < found.interval[1]
    assert found.sentence.startswith("No detectable change: B is between ")


def test_one_block_each_says_nothing():
    found = compare_blocks([np.array([10.0] * 100)], [np.array([20.0] * 100)])
    assert found.ratio == pytest.approx(2)
    assert found.interval == (0, math.inf)
    assert not found.detectable
    assert "two blocks" in found.sentence


def test_medians_that_agree_by_luck_prove_nothing():
    generator = np.random.default_rng(5)
    wide = [10 * np.exp(0.3 * generator.normal(size=20)) for _ in range(3)]
    a = [block / np.median(block) * 10 for block in wide]  # the same median to the last digit
    b = [block * 1.02 for block in a]
    assert not compare_blocks(a, b).detectable


def test_nothing_measured_is_no_difference():
    found = compare_blocks([], [np.array([1.0])])
    assert math.isnan(found.ratio)
    assert not found.detectable


@given(
    st.lists(st.lists(st.floats(0, 1e6), max_size=6), max_size=5),
    st.lists(st.lists(st.floats(0, 1e6), max_size=6), max_size=5),
)
def test_any_blocks_can_be_compared(a, b):
    first, second = ([np.array(block) for block in each] for each in (a, b))
    found = compare_blocks(first, second)
    if not math.isnan(found.ratio):
        assert found.interval[0] <= found.ratio * (1 + 1e-9)
        assert found.ratio <= found.interval[1] * (1 + 1e-9)
    assert all(each >= 0 for each in spread(first))
    places = rank({"a": first, "b": second})
    assert sum(len(each.names) for each in places) == sum(any(map(len, s)) for s in (first, second))


def test_a_ranking_shows_ties():
    generator = np.random.default_rng(1)
    levels = {"slow": 80, "b": 60.0, "a": 60.1, "fast": 40, "a twin": 60.05}
    groups = {name: blocks(generator, 3, level) for name, level in levels.items()}
    found = rank(groups)
    assert [each.place for each in found] == [1, 2, 5]
    assert found[0].names == ("fast",)
    assert set(found[1].names) == {"a", "b", "a twin"}
    assert found[2].names == ("slow",)


def test_one_block_each_is_a_tie():
    found = rank({"a": [np.array([1.0])], "b": [np.array([9.0])], "none": []})
    assert [(each.place, each.names) for each in found] == [(1, ("a", "b"))]


def test_nobody_is_ranked_apart_from_equals_in_more_than_5_of_100():
    generator = np.random.default_rng(3)
    apart = [
        len(rank({str(name): blocks(generator, 3) for name in range(8)})) > 1 for _ in range(300)
    ]
    assert np.mean(apart) <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 300)


def test_ten_percent_apart_is_ranked_apart():
    generator = np.random.default_rng(4)
    groups = {str(name): blocks(generator, 3, 60 * 1.1**name) for name in range(16)}
    assert [each.names for each in rank(groups)] == [(str(name),) for name in range(16)]


def test_spread_keeps_within_and_between_apart():
    generator = np.random.default_rng(6)
    within, between = spread(blocks(generator, 40, between=0.03, within=0.1, size=2000))
    assert within == pytest.approx(0.1, rel=0.1)
    assert between == pytest.approx(0.03, rel=0.3)
    assert spread([]) == (0, 0)
    assert spread([np.array([5.0, 5.0])]) == (0, 0)


@pytest.mark.parametrize(
    ("chance", "freedom", "value"),  # a table of Student's t
    [
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.975, 4, 2.776),
        (0.975, 30, 2.042),
        (0.995, 3, 5.841),
    ],
)
def test_students_t_is_the_tables(chance, freedom, value):
    assert t_quantile(chance, freedom) == pytest.approx(value, abs=0.001)
