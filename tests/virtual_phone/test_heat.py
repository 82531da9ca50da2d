"""Heat on a clock of the test's own."""

import math

import pytest

from engine.virtual_phone.heat import IDLE_C, LOADED_C, TIME_CONSTANT_S, Heat, Throttle


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def heat(clock):
    return Heat(clock)


def work(heat, clock, seconds, step_s=0.5):
    for _ in range(round(seconds / step_s)):
        clock.now += step_s
        heat.worked(step_s)


def test_without_a_pace_the_temperature_stays_where_it_was_set(heat, clock):
    heat.celsius = 44.0
    clock.now += 1000
    work(heat, clock, 100)
    assert (heat.celsius, heat.status, heat.factor) == (44.0, 1, 1.0)


def test_work_warms_and_rest_cools_by_the_time_constant(heat, clock):
    heat.follow(moves=True, throttle=None)
    work(heat, clock, TIME_CONSTANT_S)
    part = 1 - math.exp(-1)
    warm = IDLE_C + (LOADED_C - IDLE_C) * part
    assert heat.celsius == pytest.approx(warm, abs=0.06)
    clock.now += TIME_CONSTANT_S
    assert heat.celsius == pytest.approx(IDLE_C + (warm - IDLE_C) * math.exp(-1), abs=0.06)
    assert heat.status == 0


def test_half_the_work_warms_half_as_far(heat, clock):
    heat.follow(moves=True, throttle=None)
    for _ in range(10 * round(TIME_CONSTANT_S)):
        clock.now += 1.0
        heat.worked(0.5)
    assert heat.celsius == pytest.approx((IDLE_C + LOADED_C) / 2, abs=0.2)


def test_a_set_temperature_moves_on_unless_it_is_held(heat, clock):
    heat.follow(moves=True, throttle=None)
    heat.celsius = 45.0
    clock.now += 60
    assert 40 < heat.celsius < 45
    heat.celsius = 45.0
    heat.hold(True)
    clock.now += 600
    work(heat, clock, 5)
    assert heat.celsius == 45.0
    heat.hold(False)
    clock.now += 60
    assert heat.celsius < 45.0


def test_throttling_begins_after_the_seconds_of_work(heat, clock):
    heat.follow(moves=True, throttle=Throttle(1.2, 40))
    work(heat, clock, 39.5)
    assert (heat.factor, heat.status) == (1.0, 0)
    work(heat, clock, 0.5)
    assert (heat.factor, heat.status, heat.skin_status) == (1.2, 2, 2)


def test_pauses_of_a_camera_count_as_work(heat, clock):
    heat.follow(moves=True, throttle=Throttle(1.2, 10))
    for _ in range(310):
        clock.now += 1 / 30
        heat.worked(0.002)
    assert heat.factor == 1.2


def test_rest_takes_work_back_and_ends_throttling_half_way(heat, clock):
    heat.follow(moves=True, throttle=Throttle(2.0, 40))
    work(heat, clock, 50)
    clock.now += 29
    assert heat.factor == 2.0
    clock.now += 2
    assert (heat.factor, heat.status) == (1.0, 0)
    work(heat, clock, 1)
    assert heat.factor == 1.0
    work(heat, clock, 25)
    assert heat.factor == 2.0


def test_an_app_or_a_pace_that_starts_counts_anew(heat, clock):
    throttle = Throttle(1.6, 5)
    heat.follow(moves=True, throttle=throttle)
    work(heat, clock, 6)
    assert heat.status == 3
    heat.begin_anew()
    assert heat.factor == 1.0
    work(heat, clock, 6)
    assert heat.factor == 1.6
    heat.follow(moves=True, throttle=None)
    assert (heat.factor, heat.status) == (1.0, 0)


def test_throttling_after_nothing_begins_with_the_first_inference(heat, clock):
    heat.follow(moves=True, throttle=Throttle(1.1, 0))
    assert heat.factor == 1.0
    work(heat, clock, 0.5)
    assert (heat.factor, heat.status) == (1.1, 1)


def test_it_works_while_inferences_follow_each_other(heat, clock):
    assert not heat.working
    work(heat, clock, 0.5)
    assert heat.working
    clock.now += 1.1
    assert not heat.working


def test_a_told_status_stands_until_it_is_taken_back(heat):
    heat.tell_status(4)
    assert (heat.status, heat.status_is_told) == (4, True)
    heat.tell_status(None)
    assert (heat.status, heat.status_is_told) == (0, False)


@pytest.mark.parametrize("wrong", [(1.0, 5), (0.5, 5), (21, 5), (2, -1), (float("nan"), 1)])
def test_nonsense_is_no_throttle(wrong):
    with pytest.raises(ValueError, match="FACTOR AFTER_S"):
        Throttle(*wrong)
