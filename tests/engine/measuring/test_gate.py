"""The gate: waiting for a start temperature, with a countdown, and not waiting for it."""

import threading

import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.measuring.gate import wait_until_cool


class Cooling:
    """A phone that cools by so many degrees a minute, on a clock that runs when one waits."""

    def __init__(self, begin_c, per_minute):
        self.now_s = 0.0
        self.begin_c = begin_c
        self.per_minute = per_minute

    def celsius(self):
        return round(self.begin_c - self.per_minute * self.now_s / 60, 1)

    def wait(self, seconds):
        self.now_s += seconds

    def gate(self, start_c, **options):
        return wait_until_cool(
            start_c, self.celsius, now=lambda: self.now_s, wait=self.wait, **options
        )


def test_a_cool_phone_begins_at_once():
    phone = Cooling(30.0, 0)
    assert phone.gate(31.0) == "met"
    assert phone.now_s == 0


def test_a_warm_phone_begins_when_it_is_cool_and_the_rest_is_counted_down():
    phone, told = Cooling(36.0, 1.0), []
    assert phone.gate(31.0, report=told.append) == "met"
    assert phone.now_s == pytest.approx(297, abs=1)  # 31.04 reads as 31.0
    assert {each.step for each in told} == {"cool down"}
    assert told[0].detail == "36.0 °C, waits for 31 °C"
    assert told[240].detail == "35.0 °C, waits for 31 °C, about 4 min"
    assert told[-20].detail.endswith(" s")
    fractions = [each.fraction for each in told]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0 < fractions[-1] <= 1


def test_a_phone_that_gets_warmer_is_named_and_not_counted_down():
    phone, told = Cooling(36.0, -0.5), []
    assert phone.gate(31.0, report=told.append) == "skipped"  # after half an hour
    assert told[-1].detail.endswith("does not cool down")
    assert phone.now_s == 1800
    assert all(each.fraction == 0 for each in told)


def test_a_skip_ends_the_waiting_and_is_marked():
    phone, skip = Cooling(36.0, 1.0), threading.Event()

    def report(_progress):
        if phone.now_s >= 5:
            skip.set()

    assert phone.gate(31.0, skip=skip, report=report) == "skipped"
    assert phone.now_s == pytest.approx(5.25)


def test_a_skip_of_a_cool_phone_is_no_skip():
    skip = threading.Event()
    skip.set()
    assert Cooling(30.0, 0).gate(31.0, skip=skip) == "met"


def test_a_cancelled_wait_gives_the_run_up():
    token, warm = CancelToken(), iter([36.0, 36.0])

    def celsius():
        told = next(warm, None)
        if told is None:
            token.cancel()
        return told

    with pytest.raises(Cancelled):
        wait_until_cool(31.0, celsius, cancel=token)


def test_a_phone_without_a_thermometer_is_named():
    phone = Cooling(36.0, 1.0)
    phone.celsius = lambda: None
    with pytest.raises(LabError, match="does not tell its battery's temperature"):
        phone.gate(31.0)
    assert phone.now_s == pytest.approx(10)


def test_who_skips_measures_a_phone_without_a_thermometer():
    phone, skip = Cooling(36.0, 1.0), threading.Event()
    phone.celsius = lambda: None
    skip.set()
    assert phone.gate(31.0, skip=skip) == "skipped"
