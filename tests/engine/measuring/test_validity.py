"""What makes a run invalid, and what does not."""

import pytest

from engine.link.messages import Health
from engine.measuring.presets import PRESETS, fixed_time
from engine.measuring.validity import judge
from engine.records.values import End, Flag
from tests.engine.measuring.made import made_readings, made_record, made_samples

LAB = PRESETS["lab"]


def flags(record, *, end=End.COMPLETED, stop=LAB, elapsed_s=12.0):
    return set(judge(record, end, stop, elapsed_s))


def test_a_calm_run_has_no_flag():
    assert flags(made_record(made_samples(12))) == set()


@pytest.mark.parametrize(
    ("facts", "flag"),
    [
        ({"untrained": True}, Flag.UNTRAINED),
        ({"gate": "skipped", "start_c": 31.0}, Flag.GATE_SKIPPED),
        ({"mirror": "on"}, Flag.MIRROR_ON),
        ({"delegate_applied": "cpu"}, Flag.DELEGATE_DIFFERS),
        ({"threads_asked": 8}, Flag.THREADS_DIFFER),
        ({"app_debuggable": True}, Flag.DEBUG_APP),
    ],
)
def test_what_the_facts_say_is_flagged(facts, flag):
    assert flags(made_record(made_samples(12), **facts)) == {flag}


def test_a_gate_that_was_met_is_no_flag():
    assert flags(made_record(made_samples(12), gate="met", start_c=31.0)) == set()


@pytest.mark.parametrize(
    ("percent", "charging", "low"),
    [
        (29, False, True),
        (29, True, False),
        (30, False, False),
        (29, None, False),
        (None, False, False),
    ],
)
def test_a_low_battery_counts_only_while_it_is_not_charged(percent, charging, low):
    told = made_readings(12, battery_percent=percent, charging=charging)
    from_shell = made_record(made_samples(12), told)
    from_app = made_record(
        made_samples(12), (), (Health(10**9, battery_percent=percent, charging=charging),)
    )
    assert flags(from_shell) == flags(from_app) == ({Flag.LOW_BATTERY} if low else set())


def test_a_thermal_status_of_the_shell_is_heat_too():
    told = made_readings(12, thermal_status=1)
    assert flags(made_record(made_samples(12), told)) == {Flag.HOT, Flag.THROTTLED}


def test_a_run_that_becomes_slower_is_throttled_and_not_too_short():
    record = made_record(made_samples(60, slower=1.2, at_s=40))
    found = flags(record, elapsed_s=60)
    assert Flag.THROTTLED in found
    assert Flag.TOO_SHORT not in found
    assert [part.name for part in record.analysis.parts] == ["steady", "throttled"]


def test_a_run_shorter_than_its_preset_asks_is_flagged():
    assert flags(made_record(made_samples(9))) >= {Flag.TOO_SHORT}
    assert flags(made_record(made_samples(40, fps=2)), elapsed_s=40) >= {
        Flag.TOO_SHORT,
        Flag.FEW_SAMPLES,
    }


def test_warm_up_is_no_part_of_the_time_that_a_preset_asks():
    assert Flag.TOO_SHORT in flags(made_record(made_samples(10.2)))


def test_a_fixed_time_counts_whole():
    record = made_record(made_samples(10))
    assert flags(record, stop=fixed_time(10), elapsed_s=10.0) == set()


def test_a_fixed_time_that_was_cut_is_too_short():
    record = made_record(made_samples(8))
    found = flags(record, stop=fixed_time(10), elapsed_s=8.0, end=End.CANCELLED)
    assert found == {Flag.TOO_SHORT, Flag.CUT_SHORT}


def test_a_run_too_short_to_tell_never_warmed_up():
    assert Flag.NOT_WARM in flags(made_record(made_samples(1)), stop=fixed_time(1), elapsed_s=1.0)


def test_silence_until_the_end_is_a_pause():
    assert flags(made_record(made_samples(12)), elapsed_s=14.0) == {Flag.STALLED}


def test_a_run_without_samples_is_flagged_and_no_error():
    found = flags(made_record(made_samples(0), ()))
    assert found >= {Flag.FEW_SAMPLES, Flag.TOO_SHORT, Flag.STALLED, Flag.NOT_WARM}
