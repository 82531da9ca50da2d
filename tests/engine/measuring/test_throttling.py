"""Slow-downs by heat: found when they are there, and seldom when they are not."""

import numpy as np
import pytest

from engine.measuring.conditions import Condition
from engine.measuring.throttling import find_throttling
from tests.engine.measuring.known_runs import NOISES, alike_neighbours, noise, samples

SECOND = 10**9
COUNT = 1000  # 61 s


def run_of(factors, *, kind="normal", seed=1, latency_ms=60):
    generator = np.random.default_rng(seed)
    return samples(latency_ms * noise(kind, generator, len(factors)) * factors)


def seconds_of(n, latency_ms=60):
    return np.arange(n) * (latency_ms + 1) / 1e3


def steady(n=COUNT):
    return run_of(np.ones(n))


def told(seconds=60, *, begin=1, **values):
    """One condition per second; each value a function of the second."""
    return tuple(
        Condition(clock_ns=(begin + at) * SECOND, **{name: of(at) for name, of in values.items()})
        for at in range(seconds)
    )


def began(found, array):
    return (found.at_ns - int(array["captured_ns"][0])) / SECOND


def test_nothing_has_no_slow_down():
    assert find_throttling(samples([])) is None
    assert find_throttling(samples([60.0] * 5), warm_up=5) is None
    for n in (1, 2, 5, 30):
        assert find_throttling(samples([60.0] * n)) is None


def test_zero_and_equal_times_have_no_slow_down():
    assert find_throttling(samples([0.0] * 100_000, gap_ms=1)) is None
    assert find_throttling(samples([10.0] * 10_000)) is None


def test_thermal_status_tells_when_and_how_bad():
    array = steady()
    found = find_throttling(array, told(thermal=lambda at: 0 if at < 25 else 1 if at < 40 else 2))
    assert began(found, array) == pytest.approx(25)
    assert found.reasons == ("thermal status moderate from 25 s on",)


def test_a_run_that_began_hot_was_slow_from_its_begin():
    array = steady()
    found = find_throttling(array, told(begin=-3, thermal=lambda at: 2))
    assert began(found, array) == 0


def test_a_lowered_limit_of_some_cores_is_heat():
    array = steady()
    limits = told(cpu_max_khz=lambda at: (1_800_000,) * 4 + (2_400_000 if at < 30 else 1_900_000,))
    found = find_throttling(array, limits)
    assert began(found, array) == pytest.approx(30)
    assert found.reasons == ("the limit of core 4 fell from 2.40 to 1.90 GHz at 30 s",)


def test_a_limit_14_percent_lower_is_not_enough():
    limits = told(cpu_max_khz=lambda at: (2_000_000 if at < 30 else 1_720_000,))
    assert find_throttling(steady(), limits) is None


def test_the_fastest_core_counts_not_those_that_idle():
    idling = told(cpu_khz=lambda at: (2_000_000, 2_000_000 if at < 20 else 300_000))
    assert find_throttling(steady(), idling) is None
    moving = told(cpu_khz=lambda at: (2_000_000, 300_000) if at % 2 else (300_000, 2_000_000))
    assert find_throttling(steady(), moving) is None


def test_all_cores_slower_is_a_fall():
    array = steady()
    found = find_throttling(array, told(cpu_khz=lambda at: (2_000_000 if at < 33 else 1_500_000,)))
    assert began(found, array) == pytest.approx(33)


def test_a_clock_that_dips_for_a_moment_is_no_fall():
    dips = told(cpu_khz=lambda at: (300_000 if at % 10 in {5, 6} else 2_000_000,))
    assert find_throttling(steady(), dips) is None


def test_cores_that_come_and_go_are_no_fall():
    limits = told(cpu_max_khz=lambda at: (2_400_000, 1_800_000) if at % 7 else (2_400_000,))
    assert find_throttling(steady(), limits) is None


def test_the_earliest_sign_says_when_and_all_are_named():
    factors = 1 + 0.2 * (seconds_of(COUNT) > 40)
    array = run_of(factors)
    found = find_throttling(array, told(thermal=lambda at: int(at >= 50)))
    assert began(found, array) == pytest.approx(40, abs=3)
    assert len(found.reasons) == 2
    assert found.reasons[0].startswith("latency 19 %")
    assert found.reasons[1].startswith("thermal status light")


@pytest.mark.parametrize("kind", [*NOISES, "alike neighbours"])
def test_a_slow_down_of_20_percent_after_40_seconds_is_found_there(kind):
    generator = np.random.default_rng(len(kind))
    factors = 1 + 0.2 * (seconds_of(COUNT) > 40)
    off_s = []
    for _ in range(50):
        if kind == "alike neighbours":
            factor = 1 + 0.05 * alike_neighbours(generator, (COUNT,), 0.6)
        else:
            factor = noise(kind, generator, COUNT)
        array = samples(60 * factor * factors)
        found = find_throttling(array)
        assert found is not None
        truth = int(array["finished_ns"][np.argmax(factors > 1)])
        off_s.append((found.at_ns - truth) / SECOND)
    assert np.median(off_s) == pytest.approx(0, abs=1)
    assert np.abs(off_s).max() < 8


def test_a_slow_down_in_the_last_five_seconds_is_found():
    factors = 1 + 0.2 * (seconds_of(740) > 40)  # 45 s
    hits = [find_throttling(run_of(factors, seed=seed)) is not None for seed in range(50)]
    assert np.mean(hits) > 0.9


def test_a_slow_down_that_passes_is_found_where_it_began():
    n = 3000
    factors = 1 + 0.2 * (seconds_of(n) % 60 > 40)
    array = run_of(factors)
    assert began(find_throttling(array), array) == pytest.approx(40, abs=3)


def test_a_ramp_is_marked_near_its_foot():
    n = 3000
    factors = 1 + 0.15 * np.clip((seconds_of(n) - 60) / 30, 0, 1)
    array = run_of(factors)
    assert 60 < began(find_throttling(array), array) < 72


@pytest.mark.parametrize(("n", "share"), [(COUNT, 0.8), (2 * COUNT, 1.0), (10 * COUNT, 1.0)])
def test_a_drift_of_3_percent_per_minute_is_found_when_it_is_2_percent_off(n, share):
    factors = 1 + 0.03 * seconds_of(n) / 60
    arrays = [run_of(factors, seed=seed) for seed in range(30)]
    found = [(find_throttling(array), array) for array in arrays]
    assert np.mean([each is not None for each, _ in found]) >= share
    times = [began(each, array) for each, array in found if each]
    assert np.median(times) == pytest.approx(40, abs=15)
    assert "per minute" in next(each for each, _ in found if each).reasons[0]


def test_a_drift_that_begins_late_is_marked_where_it_begins():
    n = 10_000  # 10 minutes, the last 5 rising by 3 % each
    factors = 1 + 0.03 * np.clip(seconds_of(n) - 300, 0, None) / 60
    array = run_of(factors)
    assert 290 < began(find_throttling(array), array) < 370


def test_warm_up_has_no_say_and_seconds_count_from_the_runs_begin():
    factors = 1 + 0.3 * (seconds_of(COUNT) < 5) + 0.2 * (seconds_of(COUNT) > 40)
    array = run_of(factors)
    found = find_throttling(array, warm_up=100)
    assert began(found, array) == pytest.approx(42, abs=2)  # the warm-up took 1.5 s longer
    assert found.reasons[0].endswith(f"from {began(found, array):.0f} s on")


def test_becoming_faster_is_no_heat():
    factors = 1 - 0.2 * (seconds_of(COUNT) > 30)
    assert find_throttling(run_of(factors)) is None
    assert find_throttling(run_of(1 - 0.05 * seconds_of(COUNT) / 60)) is None


@pytest.mark.parametrize(("latency_ms", "n"), [(60, 160), (60, 1000), (8, 6600), (300, 200)])
def test_steady_noise_is_taken_for_heat_in_at_most_3_of_100_runs(latency_ms, n):
    generator = np.random.default_rng(n)
    false = total = 0
    for kind in NOISES:
        for run in noise(kind, generator, (50, n)):
            false += find_throttling(samples(latency_ms * run)) is not None
            total += 1
    assert false <= 0.03 * total
