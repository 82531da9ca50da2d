"""The files that the phone's kernel and system show: /proc, /sys and a few more."""

import contextlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from engine.virtual_phone.handset import Handset

UNKNOWN_KHZ = 2_000_000
"""What the clock files say where this computer does not tell its own."""

HERTZ = 100


def place_system_files(handset: Handset) -> None:
    """Put the generated files into the phone's file system; they are made when read."""
    for path, make in _system_files(handset).items():
        handset.files.place(path, _content(make), 0o444)
    for name in ("sh", "app_process", "getprop", "screencap"):
        handset.files.place(f"/system/bin/{name}", b"", 0o755)
    handset.files.place("/dev/null", b"", 0o666)


def _system_files(handset: Handset) -> dict[str, Callable[[], str]]:
    files: dict[str, Callable[[], str]] = {
        "/proc/meminfo": _meminfo,
        "/proc/uptime": lambda: f"{handset.uptime_s:.2f} {handset.uptime_s:.2f}",
        "/proc/stat": lambda: _stat(handset),
        "/proc/loadavg": lambda: "0.00 0.00 0.00 1/300 4200",
        "/proc/version": lambda: "Linux version 5.10.0-virtual (virtual phone)",
        "/proc/cpuinfo": _cpuinfo,
        "/sys/class/thermal/thermal_zone0/type": lambda: "battery",
        "/sys/class/thermal/thermal_zone0/temp": lambda: str(round(handset.battery.celsius * 1000)),
        "/sys/class/power_supply/battery/capacity": lambda: str(handset.battery.percent),
        "/sys/class/power_supply/battery/temp": lambda: str(round(handset.battery.celsius * 10)),
        "/sys/class/power_supply/battery/status": lambda: (
            "Charging" if handset.battery.charging else "Discharging"
        ),
    }
    count = os.cpu_count() or 1
    for folder in ("online", "present", "possible"):
        files[f"/sys/devices/system/cpu/{folder}"] = lambda: f"0-{count - 1}" if count > 1 else "0"
    for number in range(count):
        folder = f"/sys/devices/system/cpu/cpu{number}/cpufreq"
        for name in ("scaling_cur_freq", "scaling_max_freq", "cpuinfo_max_freq"):
            files[f"{folder}/{name}"] = _clock(number)
        files[f"{folder}/scaling_governor"] = lambda: "schedutil"
    return files


def _content(make: Callable[[], str]) -> Callable[[], bytes]:
    def read() -> bytes:
        return f"{make()}\n".encode()

    return read


def _clock(number: int) -> Callable[[], str]:
    return lambda: str(clock_khz(number))


def clock_khz(number: int) -> int:
    """Return the clock of one of this computer's cores, kHz; ``UNKNOWN_KHZ`` if untold."""
    clocks = known_clocks_khz()
    return clocks[number] if number < len(clocks) else UNKNOWN_KHZ


def known_clocks_khz() -> list[int]:
    """Return the clock of each of this computer's cores, kHz; none if it does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    clocks = re.findall(r"^cpu MHz\s*:\s*([\d.]+)", text, re.MULTILINE)
    return [round(float(clock) * 1000) for clock in clocks]


def _meminfo() -> str:
    total_kb = 4 << 20
    with contextlib.suppress(AttributeError, ValueError, OSError):  # not every host tells
        total_kb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024
    facts = {"MemTotal": total_kb, "MemFree": total_kb // 3, "MemAvailable": total_kb // 2}
    return "\n".join(f"{name + ':':<16}{value:>8} kB" for name, value in facts.items())


def _stat(handset: Handset) -> str:
    count = os.cpu_count() or 1
    busy = int(os.times().user * HERTZ)
    each = int(handset.uptime_s * HERTZ)
    lines = [f"cpu  {busy} 0 0 {max(0, each * count - busy)} 0 0 0 0 0 0"]
    lines += [
        f"cpu{number} {busy // count} 0 0 {max(0, each - busy // count)} 0 0 0 0 0 0"
        for number in range(count)
    ]
    return "\n".join(lines)


def _cpuinfo() -> str:
    return "\n".join(f"processor\t: {number}" for number in range(os.cpu_count() or 1))
