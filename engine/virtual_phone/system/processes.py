"""What runs on the phone under which pid, and what CPU time its shells took."""

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator

HERTZ = 100
"""Clock ticks per second of ``/proc``'s times."""

_NS_PER_TICK = 10**9 // HERTZ
_FIELDS = 52
"""Of ``/proc/PID/stat`` since Linux 3.5, proc(5)."""


class Processes:
    """Which packages and shells run, under which pid; safe to use from any thread."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._numbers = itertools.count(4200, 7)
        self._pids: dict[str, int] = {}
        self._shells: dict[int, ShellProcess] = {}

    def start(self, package: str) -> int:
        """Return the pid of ``package``, giving it one if it does not run."""
        with self._lock:
            if package not in self._pids:
                self._pids[package] = next(self._numbers)
            return self._pids[package]

    def end(self, package: str) -> int | None:
        """Forget ``package``; return the pid it had."""
        with self._lock:
            return self._pids.pop(package, None)

    def pid_of(self, package: str) -> int | None:
        """Return the pid, or None if it does not run."""
        with self._lock:
            return self._pids.get(package)

    def running(self) -> dict[str, int]:
        """Return package -> pid of all that run."""
        with self._lock:
            return dict(self._pids)

    def shells(self) -> tuple[int, ...]:
        """Return the pids of the shells that run a line or a script now, oldest first."""
        with self._lock:
            return tuple(self._shells)

    def make_shell(self, uptime_s: float) -> "ShellProcess":
        """Return a shell that starts now, with a pid of its own; it does not run anything yet."""
        with self._lock:
            return ShellProcess(next(self._numbers), uptime_s)

    @contextlib.contextmanager
    def run_shell(self, shell: "ShellProcess") -> Iterator[None]:
        """Let the caller's thread be that shell for a while."""
        with self._lock:
            self._shells[shell.pid] = shell
        try:
            with shell.running():
                yield
        finally:
            with self._lock:
                self._shells.pop(shell.pid, None)


class ShellProcess:
    """One ``sh``: its pid and the CPU time that this program really spent on it.

    On a phone each command but the shell's own is a process that the shell waits for; here
    all run on the shell's thread and are told apart by ``command``.
    """

    def __init__(self, pid: int, started_s: float) -> None:
        """Use ``Processes.make_shell``; ``started_s`` is the phone's uptime at its start."""
        self.pid = pid
        self._started_s = started_s
        self._lock = threading.Lock()
        self._thread = 0
        self._mark_ns = 0
        self._own_ns = 0
        self._commands_ns = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Be a process while the caller's thread runs it."""
        self._thread, self._mark_ns = threading.get_ident(), time.thread_time_ns()
        try:
            yield
        finally:
            self._settle()
            self._thread = 0

    @contextlib.contextmanager
    def command(self) -> Iterator[None]:
        """Count what the caller's thread takes as a command's time, not the shell's own."""
        begun_ns = time.thread_time_ns()
        try:
            yield
        finally:
            spent_ns = time.thread_time_ns() - begun_ns
            with self._lock:
                self._commands_ns += spent_ns
                if threading.get_ident() == self._thread:
                    self._own_ns -= spent_ns  # the shell's clock ran, too
            self._settle()

    def spent_ns(self) -> tuple[int, int]:
        """Return CPU nanoseconds of the shell itself and of the commands that ended in it.

        Exact on the shell's own thread; on others as of the last command's end.
        """
        self._settle()
        with self._lock:
            return self._own_ns, self._commands_ns

    def stat(self) -> str:
        """Return the line of ``/proc/PID/stat``: fields as in proc(5), times in ticks of 1/100 s.

        utime (14) is the shell's own time and cutime (16) that of its commands; stime and
        cstime stay 0, as this computer tells a thread's time in one. What is not known is 0.
        """
        own_ns, commands_ns = self.spent_ns()
        fields = ["0"] * _FIELDS
        fields[:8] = [str(self.pid), "(sh)", "S", "1", str(self.pid), str(self.pid), "0", "-1"]
        fields[13] = str(max(0, own_ns) // _NS_PER_TICK)
        fields[15] = str(commands_ns // _NS_PER_TICK)
        fields[17:20] = ["20", "0", "1"]  # priority, nice, threads
        fields[21] = str(round(self._started_s * HERTZ))
        return " ".join(fields) + "\n"

    def _settle(self) -> None:
        if threading.get_ident() == self._thread:
            now_ns = time.thread_time_ns()
            with self._lock:
                self._own_ns += now_ns - self._mark_ns
            self._mark_ns = now_ns
