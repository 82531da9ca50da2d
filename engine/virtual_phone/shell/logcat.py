"""The phone's log and the program that shows it: ``logcat``."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

PRIORITIES = "VDIWEFS"
"""Android's priority letters, least to most important; S silences."""

KEPT = 5000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log.

    Attributes:
        number: Grows by one with each entry, from 1.
        time_s: Unix time.
        pid: Process that wrote it, as the phone counts them.
        priority: One letter of ``PRIORITIES``.
    """

    number: int
    time_s: float
    pid: int
    priority: str
    tag: str
    message: str


class LogBuffer:
    """The last ``KEPT`` entries; safe to use from any thread."""

    def __init__(self) -> None:
        """Start empty."""
        self._changed = threading.Condition()
        self._entries: deque[LogEntry] = deque(maxlen=KEPT)
        self._count = 0

    def write(self, priority: str, tag: str, message: str, pid: int = 1) -> None:
        """Add one entry; a message of several lines becomes several entries."""
        now = time.time()
        with self._changed:
            for line in message.splitlines() or [""]:
                self._count += 1
                self._entries.append(LogEntry(self._count, now, pid, priority, tag, line))
            self._changed.notify_all()

    def entries(self) -> tuple[LogEntry, ...]:
        """Return what is held, oldest first."""
        with self._changed:
            return tuple(self._entries)

    def clear(self) -> None:
        """Drop what is held."""
        with self._changed:
            self._entries.clear()

    def after(self, number: int, timeout_s: float) -> tuple[LogEntry, ...]:
        """Return the entries later than ``number``, waiting up to ``timeout_s`` for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._count > number, timeout_s)
            return tuple(entry for entry in self._entries if entry.number > number)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries ``logcat`` shows: the least priority per tag, and for all other tags."""

    tags: dict[str, str]
    default: str = "V"

    def lets_through(self, entry: LogEntry) -> bool:
        """Whether ``entry`` is shown."""
        least = self.tags.get(entry.tag, self.default)
        return least != "S" and PRIORITIES.index(entry.priority) >= PRIORITIES.index(least)

    def of(self, entries: tuple[LogEntry, ...]) -> Iterator[LogEntry]:
        """Yield what is shown of ``entries``."""
        return (entry for entry in entries if self.lets_through(entry))


def format_entry(entry: LogEntry, style: str = "threadtime") -> str:
    """Return one line as ``logcat -v STYLE`` writes it: threadtime, time, brief, tag, raw."""
    clock = time.strftime("%m-%d %H:%M:%S", time.localtime(entry.time_s))
    stamp = f"{clock}.{int(entry.time_s * 1000) % 1000:03d}"
    if style == "raw":
        return entry.message
    if style == "tag":
        return f"{entry.priority}/{entry.tag}: {entry.message}"
    if style == "brief":
        return f"{entry.priority}/{entry.tag}({entry.pid:5d}): {entry.message}"
    if style == "time":
        return f"{stamp} {entry.priority}/{entry.tag}({entry.pid:5d}): {entry.message}"
    return f"{stamp} {entry.pid:5d} {entry.pid:5d} {entry.priority} {entry.tag:<8}: {entry.message}"
