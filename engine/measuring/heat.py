"""How warm the phone is and how fast its cores run, once per second, while a run goes on."""

import itertools
import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self, TypeVar

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.link.messages import Health, LinkEvent, Samples
from engine.phones.adb import hang_up
from engine.phones.readings import (
    Battery,
    Reading,
    Vitals,
    parse_battery,
    parse_clocks,
    parse_thermal_status,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")

PERIOD_S = 1.0
ANSWER_S = 5.0
"""How long the phone's shell may take to answer before it is given up."""
OPEN_S = 5.0
STOP_S = 1.0
MOST_BYTES = 1 << 20
TICK_MS = 10.0
"""Android's kernels count CPU time in hundredths of a second (``USER_HZ``)."""
DEAR_MS = 20.0
"""Readings that cost more on average (2 % of a core) ask ``dumpsys`` only every fifth time."""
JUDGED = 3
"""How many readings that average is of."""
SELDOM = 5

CPUS = "/sys/devices/system/cpu/cpu[0-9]*/cpufreq"
BATTERY = "/sys/class/power_supply/battery"
END = "=end"
ALWAYS = {
    "=clock": f"cat {CPUS}/scaling_cur_freq",
    "=most": f"cat {CPUS}/scaling_max_freq",
    "=celsius": f"cat {BATTERY}/temp",
    "=percent": f"cat {BATTERY}/capacity",
    "=status": f"cat {BATTERY}/status",
}
"""What a file tells; the shells of Android have a ``cat`` of their own and start no program."""
DUMPS = {"=battery": "dumpsys battery", "=thermal": "dumpsys thermalservice"}
"""What costs a program each time: asked only for what no file tells."""
COST = {"=cost": "cat /proc/$$/stat"}
CHARGING = {"charging": True, "full": True, "not charging": True, "discharging": False}
"""The kernel's words; "not charging" is plugged in all the same: full, or too hot to charge."""


class Shell(Protocol):
    """What the reader needs of a phone (``engine.phones.phone.Phone`` is one)."""

    def open_exec(
        self, command: str, timeout_s: float = ..., cancel: CancelToken | None = ...
    ) -> socket.socket:
        """Start a command with the socket as its input and output."""


class HeatReader:
    """Asks one shell on the phone once per second, on a thread of its own, until it is stopped.

    It never fails a run: a phone that leaves, or whose shell is denied everything, gives no
    readings, and the log says why.

    Attributes:
        last: The newest reading; None before the first.
    """

    def __init__(
        self, phone: Shell, put: Callable[[Reading], object], *, period_s: float = PERIOD_S
    ) -> None:
        """Prepare; entering the reader as a context starts it, leaving it ends it at once.

        Args:
            phone: Whose shell.
            put: Gets each reading, on the reader's thread; its ``clock_ns`` is on *this
                computer's* monotonic clock (``PhoneClock`` translates).
            period_s: From one reading to the next.
        """
        self.last: Reading | None = None
        self._phone = phone
        self._put = put
        self._period_s = period_s
        self._token = CancelToken()
        self._dumps = dict(DUMPS)
        self._spent_ms: float | None = None
        self._thread = threading.Thread(target=self._run, name="heat reader", daemon=True)

    @property
    def running(self) -> bool:
        """Whether readings may come yet."""
        return self._thread.is_alive()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._token.cancel()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            shell = self._phone.open_exec("sh", OPEN_S, self._token)
            with shell, self._token.closing(lambda: hang_up(shell)):
                self._read_on(shell)
        except Cancelled:
            return
        except (LabError, OSError, EOFError) as error:
            logger.info("the phone's heat and clocks are not read any more: %s", error)
        except Exception:  # a bug: full trace in the log, the run lives on
            logger.exception("reading the phone's heat crashed")

    def _read_on(self, shell: socket.socket) -> None:
        self._spent_ms = parse_spent_ms(self._ask(shell, COST)["=cost"])
        due = time.monotonic()
        costs: list[float] = []
        for number in itertools.count():
            dear = len(costs) == JUDGED and sum(costs) > JUDGED * DEAR_MS
            reading = self._read(shell, {} if dear and number % SELDOM else self._dumps)
            self.last = reading
            self._put(reading)
            if len(costs) < JUDGED and reading.cost_ms is not None:
                costs.append(reading.cost_ms)
            # a phone that was slow to answer is not asked more often afterwards
            due = max(due + self._period_s, time.monotonic())
            self._token.wait(due - time.monotonic())

    def _read(self, shell: socket.socket, dumps: dict[str, str]) -> Reading:
        clock_ns = time.monotonic_ns()
        told = self._ask(shell, ALWAYS | dumps | COST)
        vitals = parse_vitals(told)
        if dumps:
            self._forget_needless(told, vitals)
        return Reading(
            clock_ns=clock_ns,
            vitals=vitals,
            cpu_max_khz=parse_clocks(told["=most"]),
            cost_ms=self._cost_ms(told["=cost"]),
        )

    def _forget_needless(self, told: dict[str, str], vitals: Vitals) -> None:
        """Ask no more for what files tell already, or the phone does not have."""
        from_files = _battery_from_files(told)
        if None not in (from_files.percent, from_files.temperature_c, from_files.charging):
            self._dumps.pop("=battery", None)
        if vitals.thermal_status is None:
            self._dumps.pop("=thermal", None)

    def _cost_ms(self, stat: str) -> float | None:
        before, self._spent_ms = self._spent_ms, parse_spent_ms(stat)
        if before is None or self._spent_ms is None:
            return None
        return self._spent_ms - before

    def _ask(self, shell: socket.socket, commands: dict[str, str]) -> dict[str, str]:
        """Have the commands run and return what each of them wrote."""
        script = "".join(
            f"echo {mark}\n{command} </dev/null 2>/dev/null\n" for mark, command in commands.items()
        )
        shell.settimeout(ANSWER_S)
        shell.sendall(f"{script}echo {END}\n".encode())
        heard = bytearray()
        while not heard.endswith(f"{END}\n".encode()):
            part = shell.recv(65536)
            if not part or len(heard) > MOST_BYTES:
                raise EOFError("the phone's shell ended")
            heard += part.replace(b"\r", b"")
        return _sections(heard.decode(errors="replace"), tuple(commands))


@dataclass(frozen=True, slots=True)
class Heat:
    """How warm a run was, in figures; None is what the phone did not tell.

    Attributes:
        start_c: The battery's temperature when the run began.
        end_c: And at its end.
        clock_fall: By how much the fastest core's clock limit fell at most, 0..1 of what it
            was at the beginning.
        cost: CPU time that the readings took, as a share of one core's.
    """

    start_c: float | None
    end_c: float | None
    clock_fall: float | None
    cost: float | None


def heat_of(readings: Sequence[Reading], health: Sequence[Health]) -> Heat:
    """Sum up a run's readings; what the app told is taken where the shell tells nothing."""
    warmth = [each.vitals.temperature_c for each in readings]
    celsius = [each for each in warmth if each is not None]
    celsius = celsius or [each.battery_c for each in health if each.battery_c is not None]
    limits = [max(each.cpu_max_khz) for each in readings if each.cpu_max_khz]
    costs = [each.cost_ms for each in readings[1:] if each.cost_ms is not None]
    span_ns = readings[-1].clock_ns - readings[0].clock_ns if readings else 0
    return Heat(
        start_c=celsius[0] if celsius else None,
        end_c=celsius[-1] if celsius else None,
        clock_fall=max(0.0, 1 - min(limits) / limits[0]) if limits and limits[0] else None,
        cost=sum(costs) * 1e6 / span_ns if costs and span_ns > 0 else None,
    )


class PhoneClock:
    """Tells the phone's monotonic clock from this computer's; right to some milliseconds.

    What the phone wrote last can only have been written before it arrived: of all that came,
    what was least on its way tells best how far the phone's clock is ahead.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._ahead_ns: int | None = None

    def hear(self, event: LinkEvent, arrived_ns: int) -> None:
        """Learn from what the link said, ``arrived_ns`` on this computer's clock."""
        match event:
            case Samples():
                phone_ns = int(event.array["finished_ns"][-1])
            case Health():
                phone_ns = event.clock_ns
            case _:
                return
        ahead = phone_ns - arrived_ns
        self._ahead_ns = ahead if self._ahead_ns is None else max(self._ahead_ns, ahead)

    def translate(self, reading: Reading) -> Reading:
        """Return the reading with its time on the phone's clock."""
        return replace(reading, clock_ns=max(0, reading.clock_ns + (self._ahead_ns or 0)))


def parse_spent_ms(stat: str) -> float | None:
    """Read the CPU time of a process and its ended children out of ``/proc/PID/stat``.

    Returns:
        Milliseconds, in steps of 10; None if the text is no such line.
    """
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    times = fields[11:15]  # utime, stime, cutime, cstime
    if len(times) < 4 or not all(each.isdecimal() for each in times):
        return None
    return TICK_MS * sum(int(each) for each in times)


def parse_vitals(told: dict[str, str]) -> Vitals:
    """Read what the commands of a reading wrote; a file goes before ``dumpsys``."""
    files = _battery_from_files(told)
    dumped = parse_battery(told.get("=battery", ""))
    return Vitals(
        battery_percent=_first(files.percent, dumped.percent),
        temperature_c=_first(files.temperature_c, dumped.temperature_c),
        charging=_first(files.charging, dumped.charging),
        thermal_status=parse_thermal_status(told.get("=thermal", "")),
        cpu_khz=parse_clocks(told.get("=clock", "")),
    )


def _battery_from_files(told: dict[str, str]) -> Battery:
    tenths, percent = _number(told.get("=celsius", "")), _number(told.get("=percent", ""))
    return Battery(
        percent=percent if percent is not None and 0 <= percent <= 100 else None,
        temperature_c=tenths / 10 if tenths is not None and -500 <= tenths <= 1500 else None,
        charging=CHARGING.get(told.get("=status", "").strip().lower()),
    )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() else None


def _first(one: T | None, other: T | None) -> T | None:
    return other if one is None else one


def _sections(text: str, marks: Sequence[str]) -> dict[str, str]:
    """Part what was written at the marks; a mark that is missing has nothing."""
    found: dict[str, list[str]] = {mark: [] for mark in marks}
    current: list[str] = []
    for line in text.splitlines():
        if line in found:
            current = found[line]
        else:
            current.append(line)
    return {mark: "\n".join(lines) for mark, lines in found.items()}
