"""What app and shell tell of a phone, brought together."""

from engine.link.messages import Health
from engine.measuring.conditions import Condition, conditions
from engine.phones.readings import Reading, Vitals


def test_both_are_told_in_time_order():
    health = (Health(20, battery_percent=81.0, battery_c=30.5, charging=True, thermal=1),)
    vitals = Vitals(80, 31.0, charging=False, thermal_status=0, cpu_khz=(1, 2))
    readings = (Reading(10, vitals, (3, 4), 1.5), Reading(30, vitals))
    found = conditions(health, readings)
    assert [each.clock_ns for each in found] == [10, 20, 30]
    assert found[0] == Condition(
        10, 0, 31.0, 80, charging=False, cpu_khz=(1, 2), cpu_max_khz=(3, 4)
    )
    assert found[1] == Condition(20, 1, 30.5, 81.0, charging=True)
    assert found[2].cpu_max_khz == ()


def test_what_only_the_app_knows_is_kept():
    (found,) = conditions((Health(1, screen_on=False, power_save=True, cpu_khz=(5,)),), ())
    assert (found.screen_on, found.power_save, found.cpu_khz) == (False, True, (5,))


def test_nothing_told_is_nothing():
    assert conditions((), ()) == ()
