"""The files that the phone's kernel and system show: /proc, /sys and a few more."""

import contextlib
import os
from collections.abc import Callable

from engine.virtual_phone.handset import Handset
from engine.virtual_phone.system.processes import HERTZ

UNKNOWN_KHZ = 2_000_000
"""What the clock files say where this computer does not tell its own."""

CPU_FOLDER = "/sys/devices/system/cpu"


def place_system_files(handset: Handset) -> None:
    """Put the generated files into the phone's file system; they are made when read."""
    for path, make in _system_files(handset).items():
        handset.files.place(path, _content(make), 0o444)
    place_cpu_files(handset)
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
        "/proc/cpuinfo": lambda: _cpuinfo(handset.cores),
        "/sys/class/thermal/thermal_zone0/type": lambda: "battery",
        "/sys/class/thermal/thermal_zone0/temp": lambda: str(round(handset.battery.celsius * 1000)),
        "/sys/class/power_supply/battery/capacity": lambda: str(handset.battery.percent),
        "/sys/class/power_supply/battery/temp": lambda: str(round(handset.battery.celsius * 10)),
        "/sys/class/power_supply/battery/status": lambda: (
            "Charging" if handset.battery.charging else "Discharging"
        ),
    }
    return files


def _content(make: Callable[[], str]) -> Callable[[], bytes]:
    def read() -> bytes:
        return f"{make()}\n".encode()

    return read


def place_cpu_files(handset: Handset) -> None:
    """Put the files of the cores that the phone has now in place of those it had."""
    handset.files.displace(CPU_FOLDER)
    count = handset.cores
    for folder in ("online", "present", "possible"):
        content = f"0-{count - 1}\n" if count > 1 else "0\n"
        handset.files.place(f"{CPU_FOLDER}/{folder}", content.encode, 0o444)
    for number in range(count):
        folder = f"{CPU_FOLDER}/cpu{number}/cpufreq"
        files = {
            "scaling_cur_freq": _clock(number, lambda: handset.clocks_khz),
            "scaling_max_freq": _clock(number, lambda: handset.max_clocks_khz),
            "cpuinfo_max_freq": _clock(number, lambda: handset.nominal_clocks_khz),
            "scaling_governor": lambda: "schedutil",
        }
        for name, make in files.items():
            handset.files.place(f"{folder}/{name}", _content(make), 0o444)


def _clock(number: int, clocks: Callable[[], tuple[int, ...] | None]) -> Callable[[], str]:
    def read() -> str:
        known = clocks() or ()
        return str(known[number] if number < len(known) else UNKNOWN_KHZ)

    return read


def _meminfo() -> str:
    total_kb = 4 << 20
    with contextlib.suppress(AttributeError, ValueError, OSError):  # not every host tells
        total_kb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024
    facts = {"MemTotal": total_kb, "MemFree": total_kb // 3, "MemAvailable": total_kb // 2}
    return "\n".join(f"{name + ':':<16}{value:>8} kB" for name, value in facts.items())


def _stat(handset: Handset) -> str:
    count = handset.cores
    busy = int(os.times().user * HERTZ)
    each = int(handset.uptime_s * HERTZ)
    lines = [f"cpu  {busy} 0 0 {max(0, each * count - busy)} 0 0 0 0 0 0"]
    lines += [
        f"cpu{number} {busy // count} 0 0 {max(0, each - busy // count)} 0 0 0 0 0 0"
        for number in range(count)
    ]
    return "\n".join(lines)


def _cpuinfo(cores: int) -> str:
    return "\n".join(f"processor\t: {number}" for number in range(cores))
