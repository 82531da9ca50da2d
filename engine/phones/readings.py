"""What a phone says of itself: text of ``getprop``, ``dumpsys`` and ``/sys`` into values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

NOTE_PROPERTY = "ro.mobilenetlab.note"


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """What a phone is.

    Attributes:
        serial: How adb names it.
        manufacturer: For instance ``Xiaomi``; empty if unknown, as all texts here.
        model: For instance ``Mi A1``.
        android: Version as people say it, for instance ``7.1.2``.
        sdk: API level, for instance 25; 0 if unknown.
        abis: The instruction sets it runs, best first.
        soc: The chip, as far as the phone tells: ``msm8953``.
        fingerprint: The system build that numbers belong to.
        virtual_note: A sentence to show beside every number of this phone; empty on most.
    """

    serial: str
    manufacturer: str
    model: str
    android: str
    sdk: int
    abis: tuple[str, ...]
    soc: str
    fingerprint: str
    virtual_note: str = ""

    @property
    def name(self) -> str:
        """Maker and model without repeating the maker: ``Xiaomi Mi A1``."""
        if self.model.lower().startswith(self.manufacturer.lower()):
            return self.model or self.serial
        return f"{self.manufacturer} {self.model}".strip()


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a phone is now; None (or empty) is what it does not tell.

    Attributes:
        battery_percent: 0 to 100.
        temperature_c: Of the battery, degrees Celsius.
        charging: Whether power comes in.
        thermal_status: Android's 0 (none) to 6 (shutdown); Android 10 and later.
        cpu_khz: Present clock of each core, in kHz, in the kernel's order.
    """

    battery_percent: int | None = None
    temperature_c: float | None = None
    charging: bool | None = None
    thermal_status: int | None = None
    cpu_khz: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How a phone was at one moment of a run, as its shell tells it.

    Attributes:
        clock_ns: On the phone's monotonic clock, which the samples carry; estimated, right to
            some milliseconds.
        vitals: What was read.
        cpu_max_khz: What each core is allowed at most now, kHz: heat lowers it first.
        cost_ms: CPU time that the phone spent on this reading, milliseconds; None where it
            does not tell.
    """

    clock_ns: int
    vitals: Vitals
    cpu_max_khz: tuple[int, ...] = ()
    cost_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Battery:
    """The part of ``dumpsys battery`` that is used; None is what it does not tell."""

    percent: int | None
    temperature_c: float | None
    charging: bool | None


def parse_properties(text: str) -> dict[str, str]:
    """Read the lines ``[key]: [value]`` of ``getprop``; a value may span lines."""
    return dict(re.findall(r"^\[([^\]\n]+)\]: \[(.*?)\]\r?$", text, re.MULTILINE | re.DOTALL))


def read_facts(serial: str, properties: Mapping[str, str]) -> PhoneFacts:
    """Pick the facts from a phone's properties."""

    def first(*keys: str) -> str:
        return next((properties[key].strip() for key in keys if properties.get(key)), "")

    sdk = first("ro.build.version.sdk")
    abis = first("ro.product.cpu.abilist", "ro.product.cpu.abi")
    return PhoneFacts(
        serial=serial,
        manufacturer=first("ro.product.manufacturer", "ro.product.brand"),
        model=first("ro.product.model", "ro.product.device"),
        android=first("ro.build.version.release"),
        sdk=int(sdk) if sdk.isdecimal() else 0,
        abis=tuple(abi for abi in abis.split(",") if abi),
        soc=first("ro.soc.model", "ro.board.platform", "ro.hardware"),
        fingerprint=first("ro.build.fingerprint"),
        virtual_note=first(NOTE_PROPERTY),
    )


def parse_battery(text: str) -> Battery:
    """Read ``dumpsys battery``."""
    fields = {
        key.strip().lower(): value.strip()
        for key, _, value in (line.partition(":") for line in text.splitlines())
    }

    def number(key: str) -> int | None:
        found = re.fullmatch(r"-?\d+", fields.get(key, ""))
        return int(found.group()) if found else None

    level, scale, tenths = number("level"), number("scale") or 100, number("temperature")
    plugs = [value for key, value in fields.items() if key.endswith(" powered")]
    return Battery(
        percent=None if level is None else round(100 * level / scale),
        temperature_c=None if tenths is None else tenths / 10,
        charging="true" in plugs if plugs else None,
    )


def parse_thermal_status(text: str) -> int | None:
    """Read the overall status out of ``dumpsys thermalservice``."""
    found = re.search(r"^\s*Thermal Status:\s*([0-6])\b", text, re.MULTILINE)
    return int(found.group(1)) if found else None


def parse_clocks(text: str) -> tuple[int, ...]:
    """Read one clock per line; lines that are no numbers are left out."""
    return tuple(int(line) for line in text.split() if line.isdecimal())
