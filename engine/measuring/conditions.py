"""How the phone was during a run, from its app and its shell, on the samples' clock."""

from dataclasses import dataclass

from engine.link.messages import Health
from engine.phones.readings import Reading


@dataclass(frozen=True, slots=True)
class Condition:
    """How the phone was at one moment; None (or empty) is what was not told then.

    Attributes:
        clock_ns: On the phone's monotonic clock, as the samples'.
        thermal: Android's thermal status 0 (none) to 6 (shutdown).
        battery_c: Temperature of the battery, degrees Celsius.
        battery_percent: 0 to 100.
        charging: Whether power comes in.
        power_save: Whether Android's battery saver is on.
        screen_on: Whether the screen is on.
        cpu_khz: Present clock of each core, kHz; of those that could be read.
        cpu_max_khz: What each core is allowed at most, kHz.
    """

    clock_ns: int
    thermal: int | None = None
    battery_c: float | None = None
    battery_percent: float | None = None
    charging: bool | None = None
    power_save: bool | None = None
    screen_on: bool | None = None
    cpu_khz: tuple[int, ...] = ()
    cpu_max_khz: tuple[int, ...] = ()


def conditions(health: tuple[Health, ...], readings: tuple[Reading, ...]) -> tuple[Condition, ...]:
    """Return what app and shell told, one entry for each time either did, in time order."""
    told = [
        Condition(
            clock_ns=each.clock_ns,
            thermal=each.thermal,
            battery_c=each.battery_c,
            battery_percent=each.battery_percent,
            charging=each.charging,
            power_save=each.power_save,
            screen_on=each.screen_on,
            cpu_khz=each.cpu_khz or (),
        )
        for each in health
    ]
    read = [
        Condition(
            clock_ns=each.clock_ns,
            thermal=each.vitals.thermal_status,
            battery_c=each.vitals.temperature_c,
            battery_percent=each.vitals.battery_percent,
            charging=each.vitals.charging,
            cpu_khz=each.vitals.cpu_khz,
            cpu_max_khz=each.cpu_max_khz,
        )
        for each in readings
    ]
    return tuple(sorted((*told, *read), key=lambda each: each.clock_ns))
