"""What a person or a test does to the virtual phone from outside, one command a line."""

import inspect
import logging
import re
import threading
from collections.abc import Callable
from typing import Protocol

from engine.errors import LabError
from engine.virtual_phone.adb.daemon import AdbDaemon
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.heat import Throttle
from engine.virtual_phone.pace import find_pace
from engine.virtual_phone.screen.screen import KEY_SLEEP, KEY_WAKEUP
from engine.virtual_phone.shell.snapshot import take_snapshot
from engine.virtual_phone.system.properties import NOTE_PROPERTY
from engine.virtual_phone.system.system_files import place_cpu_files

logger = logging.getLogger(__name__)

THERMAL_SDK = 29
LONGEST_S = 86_400.0


class Timer(Protocol):
    """What ``threading.Timer`` is."""

    def start(self) -> None:
        """Begin to wait."""

    def cancel(self) -> None:
        """Do nothing when the time comes."""


def _daemon_timer(seconds: float, act: Callable[[], None]) -> Timer:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    return timer


class Remote:
    """Obeys lines from outside; safe to use from any thread.

    Cable and computers:
        ``allow`` the computers that wait; ``unplug`` and ``replug``; ``slow BYTES_PER_S|off``;
        ``offline [off]`` (listed, but answers nothing); ``garbage SERVICE|off`` (noise instead
        of what the next such service would say, for instance ``shell``, ``sync:`` or
        ``localabstract:mobilenet_lab``).
    Phone:
        ``battery PERCENT CELSIUS``, ``charging on|off``, ``power-save on|off`` (the battery
        saver), ``screen on|off``, ``rotate``, ``thermal 0..6|off`` (overrides the thermal
        status), ``full [off]`` (no space left), ``storage FREE_MB [CACHES_MB]``, ``camera-busy
        [off]`` (another app takes the camera), ``locale TAG`` (the person's language, ``de-DE``
        for instance), ``kill-app``.
    Speed:
        ``pace NAME`` (made-up times that resemble a phone's: ``pixel-3``, ``mi-a1``), ``pace
        NAME throttle FACTOR AFTER_S`` (after so many seconds of inference, counted from here or
        from the app's start, each takes FACTOR times as long, clocks fall and the thermal
        status rises; rest takes it back), ``pace off`` (this computer's own speed).
    Who may refuse an app:
        ``usb-install on|off|cancel`` (a maker's switch, a person who taps Cancel),
        ``play-protect allow|block|timeout``, ``package-manager well|broken``.
    Later:
        ``in SECONDS LINE`` runs another line then, without a word on standard output (the
        phone's log tells); ``in off`` forgets all that wait.
    The rest:
        ``state`` says all that can change on the phone; ``help`` says this; ``quit`` ends the
        program.
    """

    def __init__(
        self,
        handset: Handset,
        daemon: AdbDaemon,
        end: Callable[[], None] = lambda: None,
        make_timer: Callable[[float, Callable[[], None]], Timer] = _daemon_timer,
    ) -> None:
        """Act on this phone.

        Args:
            handset: The phone.
            daemon: Its cable.
            end: Ends the program, for a ``quit`` that was asked for later.
            make_timer: Makes what waits.
        """
        self._handset = handset
        self._daemon = daemon
        self._end = end
        self._make_timer = make_timer
        self._lock = threading.RLock()
        self._timers: list[Timer] = []

    def close(self) -> None:
        """Forget all lines that wait."""
        with self._lock:
            timers, self._timers = self._timers, []
        for timer in timers:
            timer.cancel()

    def run(self, line: str) -> dict[str, object]:
        """Run one command and return its answer: ``ok``, and ``error`` when it is False."""
        with self._lock:
            return self._run(line)

    def _run(self, line: str) -> dict[str, object]:
        verb, *words = line.split()
        commands = self._commands()
        command = commands.get(verb)
        if command is None:
            return {"ok": False, "error": f"unknown command: {verb}", "commands": sorted(commands)}
        try:
            return {"ok": True, "command": verb, **command(words)}
        except (ValueError, LabError) as error:
            return {"ok": False, "command": verb, "error": str(error)}

    def _commands(self) -> dict[str, Callable[[list[str]], dict[str, object]]]:
        return {
            "allow": self._allow,
            "battery": self._battery,
            "camera-busy": self._camera_busy,
            "charging": self._charging,
            "full": self._full,
            "garbage": self._garbage,
            "help": self._help,
            "in": self._in,
            "kill-app": self._kill_app,
            "locale": self._locale,
            "offline": self._offline,
            "pace": self._pace,
            "package-manager": self._package_manager,
            "play-protect": self._play_protect,
            "power-save": self._power_save,
            "replug": self._replug,
            "rotate": self._rotate,
            "screen": self._screen,
            "slow": self._slow,
            "state": self._state,
            "storage": self._storage,
            "thermal": self._thermal,
            "unplug": self._unplug,
            "usb-install": self._usb_install,
        }

    def _allow(self, _words: list[str]) -> dict[str, object]:
        return {"allowed": self._daemon.keys.allow()}

    def _battery(self, words: list[str]) -> dict[str, object]:
        if len(words) != 2:
            raise ValueError("battery PERCENT CELSIUS")
        percent, celsius = int(words[0]), float(words[1])
        if not 0 <= percent <= 100 or not -40 <= celsius <= 120:
            raise ValueError("battery: 0 to 100 percent, -40 to 120 degrees")
        self._handset.battery.percent = percent
        self._handset.battery.celsius = celsius
        return {}

    def _camera_busy(self, words: list[str]) -> dict[str, object]:
        self._handset.camera_busy = words != ["off"]
        return {"camera_busy": self._handset.camera_busy}

    def _charging(self, words: list[str]) -> dict[str, object]:
        self._handset.battery.charging = _is_on("charging", words)
        return {"charging": self._handset.battery.charging}

    def _full(self, words: list[str]) -> dict[str, object]:
        if words == ["off"]:
            self._handset.storage.tidy()
        else:
            self._handset.storage.leave(0)
        return {"full": words != ["off"]}

    def _garbage(self, words: list[str]) -> dict[str, object]:
        if len(words) != 1:
            raise ValueError("garbage SERVICE, or garbage off")
        self._daemon.garbage = None if words == ["off"] else words[0].encode()
        return {}

    def _help(self, _words: list[str]) -> dict[str, object]:
        return {"help": inspect.cleandoc(self.__doc__ or "")}

    def _in(self, words: list[str]) -> dict[str, object]:
        if words == ["off"]:
            self.close()
            return {}
        if len(words) < 2 or not 0 <= (seconds := float(words[0])) <= LONGEST_S:
            raise ValueError("in SECONDS LINE, or in off; a day at most")
        if words[1] not in (*self._commands(), "quit"):
            raise ValueError(f"unknown command: {words[1]}")
        line = " ".join(words[1:])
        timer = self._make_timer(seconds, lambda: self._run_later(line, timer))
        self._timers.append(timer)
        timer.start()
        return {"seconds": seconds, "line": line}

    def _run_later(self, line: str, timer: Timer) -> None:
        with self._lock:
            if timer not in self._timers:
                return  # it was cancelled meanwhile
            self._timers.remove(timer)
            answer = {"ok": True} if line == "quit" else self._run(line)
        said = "done" if answer["ok"] else f"failed: {answer['error']}"
        self._handset.log.write("I" if answer["ok"] else "W", "Remote", f"{line}: {said}")
        logger.info("%s: %s", line, said)
        if line == "quit":
            self._end()

    def _offline(self, words: list[str]) -> dict[str, object]:
        silent = words != ["off"]
        self._daemon.go_silent(silent)
        return {"offline": silent}

    def _kill_app(self, _words: list[str]) -> dict[str, object]:
        screen = self._handset.screen
        package = screen.foreground if screen is not None else None
        if package is None:
            raise ValueError("no app is in front")
        pid = self._handset.processes.pid_of(package)
        self._handset.force_stop(package)
        self._handset.log.write("I", "Zygote", f"Process {pid} exited due to signal 9 (Killed)")
        return {"package": package}

    def _locale(self, words: list[str]) -> dict[str, object]:
        if len(words) != 1 or not re.fullmatch("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", words[0]):
            raise ValueError("locale TAG, for instance de-DE or en-US")
        self._handset.properties["persist.sys.locale"] = words[0]
        return {"locale": self._handset.locale}

    def _pace(self, words: list[str]) -> dict[str, object]:
        handset, throttle = self._handset, None
        match words:
            case ["off"]:
                handset.set_pace(None)
            case [name]:
                handset.set_pace(find_pace(name))
            case [name, "throttle", factor, after_s]:
                throttle = Throttle(float(factor), float(after_s))
                handset.set_pace(find_pace(name), throttle)
            case _:
                raise ValueError("pace NAME [throttle FACTOR AFTER_S], or pace off")
        place_cpu_files(handset)
        return {"note": handset.properties[NOTE_PROPERTY]}

    def _power_save(self, words: list[str]) -> dict[str, object]:
        on = _is_on("power-save", words)
        self._handset.settings["global"]["low_power"] = "1" if on else "0"
        return {"power_save": on}

    def _replug(self, _words: list[str]) -> dict[str, object]:
        self._daemon.replug()
        return {"serial": self._daemon.serial}

    def _rotate(self, _words: list[str]) -> dict[str, object]:
        if self._handset.screen is not None:
            self._handset.screen.rotate()
        return {}

    def _screen(self, words: list[str]) -> dict[str, object]:
        on = _is_on("screen", words)
        self._handset.press_key(KEY_WAKEUP if on else KEY_SLEEP)
        return {"screen_on": on}

    def _slow(self, words: list[str]) -> dict[str, object]:
        rate = None if words == ["off"] else float("".join(words))
        if rate is not None and not 1 <= rate < float("inf"):
            raise ValueError("slow BYTES_PER_SECOND, or slow off")
        self._daemon.bytes_per_s = rate
        return {"bytes_per_s": rate}

    def _state(self, _words: list[str]) -> dict[str, object]:
        return {"state": take_snapshot(self._handset)}

    def _storage(self, words: list[str]) -> dict[str, object]:
        if len(words) not in (1, 2):
            raise ValueError("storage FREE_MB [CACHES_MB]")
        free, caches = (int(float(word) * 1e6) for word in [*words, "0"][:2])
        self._handset.storage.leave(free, caches)
        return {"free_bytes": self._handset.storage.free_bytes}

    def _thermal(self, words: list[str]) -> dict[str, object]:
        if self._handset.sdk < THERMAL_SDK:
            raise ValueError(f"Android {self._handset.android} has no thermal status")
        if len(words) != 1 or not re.fullmatch("[0-6]|off", words[0]):
            raise ValueError("thermal 0..6, or thermal off")
        self._handset.heat.tell_status(None if words[0] == "off" else int(words[0]))
        return {"thermal": self._handset.heat.status}

    def _package_manager(self, words: list[str]) -> dict[str, object]:
        if words not in (["well"], ["broken"]):
            raise ValueError("package-manager well|broken")
        self._handset.guards.broken = words == ["broken"]
        return {}

    def _play_protect(self, words: list[str]) -> dict[str, object]:
        self._handset.guards.set_play_protect(" ".join(words))
        return {}

    def _usb_install(self, words: list[str]) -> dict[str, object]:
        self._handset.guards.set_usb_install(" ".join(words))
        return {}

    def _unplug(self, _words: list[str]) -> dict[str, object]:
        self._daemon.unplug()
        return {}


def _is_on(verb: str, words: list[str]) -> bool:
    if words not in (["on"], ["off"]):
        raise ValueError(f"{verb} on|off")
    return words == ["on"]
