"""A phone's shell that is a script: reads whole lines, answers from a table."""

import contextlib
import re
import socket
import threading

from engine.errors import PhoneError

FILES = {
    "scaling_cur_freq": "652800\n2016000",
    "scaling_max_freq": "2016000\n2016000",
    "battery/temp": "312",
    "battery/capacity": "82",
    "battery/status": "Discharging",
    "dumpsys battery": "",
    "dumpsys thermalservice": "Thermal Status: 1",
}
STAT = "4242 (s h) S 1 4242 0 0 -1 4194560 1 2 0 0 {utime} 2 3 4 20 0 1 0 5 6 7"


class ShellPhone:
    """What a ``HeatReader`` asks of a phone; ``answers`` is what its files and services say.

    Each reading costs ``ticks`` hundredths of a second more.
    """

    def __init__(self, answers=None, *, ticks=1, silent=False):
        self.answers = {**FILES, **(answers or {})}
        self.ticks = ticks
        self.asked: list[str] = []
        self.opened = 0
        self.ended = threading.Event()
        self._silent = silent
        self._spent = 0

    def note(self):
        return "simulated"

    def open_exec(self, command, timeout_s=10.0, cancel=None):
        assert command == "sh"
        self.opened += 1
        lab, phone = socket.socketpair()
        threading.Thread(target=self._serve, args=(phone,), daemon=True).start()
        return lab

    def _serve(self, phone):
        gone = contextlib.suppress(OSError)  # who hung up hears no answer
        with gone, phone, phone.makefile("r", newline="\n") as lines:
            for line in lines:
                self.asked.append(line.strip())
                if not self._silent:
                    phone.sendall(self._answer(line.strip()).encode())
        self.ended.set()

    def _answer(self, line):
        if line.startswith("echo "):
            return line.removeprefix("echo ") + "\n"
        assert line.endswith(" </dev/null 2>/dev/null")
        if re.match(r"cat /proc/\$\$/stat ", line):
            self._spent += self.ticks
            return STAT.format(utime=self._spent) + "\n"
        (told,) = [text for name, text in self.answers.items() if name in line]
        return f"{told}\n" if told else ""


class NoShell:
    """A phone that lets nobody start a shell."""

    def note(self):
        raise PhoneError("No shell here.")

    def open_exec(self, command, timeout_s=10.0, cancel=None):
        raise PhoneError("No shell here.")
