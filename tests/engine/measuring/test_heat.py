"""Heat and clocks: what is read, what it costs, and that it disturbs nobody."""

import logging
import threading
from queue import SimpleQueue

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.link.messages import SAMPLE_DTYPE, Health, Samples
from engine.measuring import heat
from engine.measuring.heat import HeatReader, PhoneClock, heat_of, parse_spent_ms
from engine.phones.readings import Reading, Vitals
from tests.engine.measuring.shell import STAT, NoShell, ShellPhone

BATTERY = "AC powered: false\nUSB powered: true\nlevel: 40\nscale: 100\ntemperature: 355\n"


def readings_of(phone, count, **options):
    """The first readings that come from a phone."""
    found = SimpleQueue()
    with HeatReader(phone, found.put, period_s=0.001, **options):
        return [found.get(timeout=10) for _ in range(count)]


def test_a_reading_holds_clocks_limits_battery_heat_and_its_own_cost():
    first, second = readings_of(ShellPhone(), 2)
    assert first.vitals == Vitals(
        82, 31.2, charging=False, thermal_status=1, cpu_khz=(652800, 2016000)
    )
    assert first.cpu_max_khz == (2016000, 2016000)
    assert [first.cost_ms, second.cost_ms] == [10.0, 10.0]
    assert second.clock_ns > first.clock_ns


def test_one_shell_serves_all_readings_and_ends_with_the_reader():
    phone = ShellPhone()
    readings_of(phone, 5)
    assert phone.opened == 1
    assert phone.ended.wait(10)


def test_dumpsys_is_asked_only_for_what_no_file_tells():
    phone = ShellPhone()
    readings_of(phone, 4)
    assert sum("dumpsys battery" in each for each in phone.asked) == 1
    assert sum("thermalservice" in each for each in phone.asked) >= 4


def test_a_phone_that_denies_its_files_tells_by_dumpsys():
    denied = dict.fromkeys(["battery/temp", "battery/capacity", "battery/status"], "")
    phone = ShellPhone({**denied, "dumpsys battery": BATTERY, "dumpsys thermalservice": ""})
    first, second = readings_of(phone, 2)
    assert first.vitals == second.vitals
    assert (first.vitals.battery_percent, first.vitals.temperature_c) == (40, 35.5)
    assert first.vitals.charging is True
    assert sum("thermalservice" in each for each in phone.asked) == 1  # Android 7 has none


def test_dear_readings_ask_dumpsys_seldom():
    phone = ShellPhone(ticks=5)  # 50 ms each
    told = [each.vitals.thermal_status for each in readings_of(phone, 12)]
    assert told == [1, 1, 1, None, None, 1, None, None, None, None, 1, None]


def test_a_phone_that_denies_everything_gives_empty_readings():
    phone = ShellPhone(dict.fromkeys(ShellPhone().answers, ""))
    assert readings_of(phone, 1)[0].vitals == Vitals()


def test_a_phone_without_a_shell_gives_no_readings_and_no_error(caplog):
    caplog.set_level(logging.INFO)
    with HeatReader(NoShell(), pytest.fail) as reader:
        reader._thread.join(10)
    assert "not read any more: No shell here." in caplog.text
    assert not [each for each in caplog.records if each.levelno > logging.INFO]


def test_a_shell_that_does_not_answer_is_given_up(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(heat, "ANSWER_S", 0.05)
    with HeatReader(ShellPhone(silent=True), pytest.fail) as reader:
        reader._thread.join(10)
        assert not reader.running
    assert "not read any more: timed out" in caplog.text


def test_a_reader_that_waits_for_an_answer_ends_at_once():
    phone = ShellPhone(silent=True)
    with HeatReader(phone, pytest.fail) as reader:
        while not phone.asked:
            threading.Event().wait(0.001)
    assert not reader.running


def test_the_cost_of_a_shell_includes_its_children():
    assert parse_spent_ms(STAT.format(utime=1)) == 100.0  # 1 + 2 + 3 + 4 hundredths


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_the_cost(text):
    assert parse_spent_ms(text) is None or parse_spent_ms(text) >= 0


@given(st.dictionaries(st.sampled_from(["=celsius", "=percent", "=status", "=clock"]), st.text()))
def test_no_text_breaks_the_reading_of_a_phone(told):
    vitals = heat.parse_vitals(told)
    assert vitals.temperature_c is None or -50 <= vitals.temperature_c <= 150
    assert vitals.battery_percent is None or 0 <= vitals.battery_percent <= 100


def sample_at(finished_ns):
    array = np.zeros(1, SAMPLE_DTYPE)
    array["finished_ns"] = finished_ns
    return Samples(array)


def test_the_phones_clock_is_told_by_what_came_fastest():
    clock = PhoneClock()
    clock.hear(Health(clock_ns=10_000), 1_900)  # it was on its way for 900
    clock.hear(sample_at(12_000), 3_010)  # and this for 10
    clock.hear(Health(clock_ns=14_000), 6_000)
    reading = clock.translate(Reading(7_000, Vitals()))
    assert reading.clock_ns == 7_000 + 12_000 - 3_010


def reading(at_s, celsius=None, limits=(), cost_ms=None):
    return Reading(int(at_s * 1e9), Vitals(temperature_c=celsius), limits, cost_ms)


def test_heat_is_summed_up_from_the_first_to_the_last_reading():
    summed = heat_of(
        [
            reading(0, 31.0, (1_000, 2_000), 40.0),
            reading(1, None, (1_000, 1_500), 4.0),
            reading(2, 34.5, (1_000, 1_800), 6.0),
        ],
        (),
    )
    assert (summed.start_c, summed.end_c, summed.clock_fall) == (31.0, 34.5, 0.25)
    assert summed.cost == pytest.approx(0.005)  # 10 ms in 2 s: the first came before


def test_the_apps_own_temperature_is_taken_where_the_shell_has_none():
    summed = heat_of([], [Health(1, battery_c=30.0), Health(2), Health(3, battery_c=33.0)])
    assert (summed.start_c, summed.end_c) == (30.0, 33.0)
    assert (summed.clock_fall, summed.cost) == (None, None)
