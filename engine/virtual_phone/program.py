"""The virtual phone as a program: starts its parts, obeys lines on standard input."""

import argparse
import json
import os
import queue
import re
import signal
import sys
import threading
from collections.abc import Callable

import cv2

from engine.errors import LabError
from engine.virtual_phone.adb.daemon import AdbDaemon
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.heat import Throttle
from engine.virtual_phone.pace import PACES, find_pace
from engine.virtual_phone.screen.screen import Screen
from engine.virtual_phone.shell.snapshot import take_snapshot
from engine.virtual_phone.system.properties import ANDROID_SDK, NOTE_PROPERTY
from engine.virtual_phone.system.system_files import place_cpu_files, place_system_files

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_virtual_phone(
    *,
    name: str = "Virtual phone",
    camera: str | None = None,
    port: int = 0,
    android: str = "14",
    ask: bool = False,
    pace: str | None = None,
    until_stdin_closes: bool = False,
) -> int:
    """Run a virtual phone until ``quit``, SIGINT or SIGTERM; call it on the main thread.

    Prints one JSON line when it listens. Then each line on standard input is a command
    (see ``Remote``), answered by one JSON line.

    Args:
        name: The model name that people see.
        camera: A folder or clip of pictures, ``webcam:N``, ``none`` for a phone without a
            camera, or None for drawn scenes.
        port: 0 for a free one outside adb's emulator ports.
        android: A key of ``ANDROID_SDK``.
        ask: Whether a computer that the phone does not know waits for ``allow``.
        pace: A key of ``PACES``: make up the times of such a phone; None takes this
            computer's own.
        until_stdin_closes: End when standard input does, so that no orphan is left.

    Raises:
        LabError: If the port is taken, or the camera, release or pace is not to be had.
    """
    if android not in ANDROID_SDK:
        raise LabError(
            f"The virtual phone cannot be Android {android}.",
            f"Choose one of {', '.join(ANDROID_SDK)}.",
        )
    cv2.setNumThreads(1)  # its threads cost more than they bring: 0.6 to 1.4 ms a frame
    handset = Handset(name, android)
    handset.set_pace(None if pace is None else find_pace(pace))
    place_system_files(handset)
    daemon = AdbDaemon(handset, port=port, ask=ask)
    try:
        handset.screen = Screen(handset, camera)
        hello: dict[str, object] = {
            "serial": daemon.serial,
            "name": name,
            "android": android,
            "note": handset.properties[NOTE_PROPERTY],
            "pid": os.getpid(),
        }
        _obey(Remote(handset, daemon), hello, until_stdin_closes=until_stdin_closes)
    finally:
        daemon.unplug()
        if handset.screen is not None:
            handset.screen.close()
    return 0


class Remote:
    """What a person or a test does to the phone from outside, one command a line.

    ``allow`` the computers that wait; ``unplug``, ``replug`` and ``slow BYTES_PER_S|off`` for
    the cable; ``offline [off]`` (listed, but answers nothing), ``garbage SERVICE|off`` (noise
    instead of what the next such service would say, for instance ``shell``, ``sync:`` or
    ``localabstract:mobilenet_lab``), ``battery PERCENT CELSIUS``, ``rotate``, ``full [off]``
    (no space left), ``camera-busy [off]`` (another app takes the camera), ``locale TAG`` (the
    person's language, ``de-DE`` for instance), ``storage FREE_MB [CACHES_MB]`` and ``kill-app``
    for the phone;
    ``usb-install on|off|cancel`` (a maker's switch, a person who taps Cancel), ``play-protect
    allow|block|timeout`` and ``package-manager well|broken`` for who may refuse an app;
    ``pace NAME [throttle FACTOR AFTER_S]`` (made-up times that resemble a phone's: ``pixel-3``,
    ``mi-a1``; after so many seconds of inference each takes FACTOR times as long, and clocks
    and thermal status follow) and ``pace off`` (this computer's own speed);
    ``state`` says all that can change on the phone; ``quit`` ends the program.
    """

    def __init__(self, handset: Handset, daemon: AdbDaemon) -> None:
        """Act on this phone."""
        self._handset = handset
        self._daemon = daemon

    def run(self, line: str) -> dict[str, object]:
        """Run one command and return its answer: ``ok``, and ``error`` when it is False."""
        verb, *words = line.split()
        commands: dict[str, Callable[[list[str]], dict[str, object]]] = {
            "allow": self._allow,
            "battery": self._battery,
            "camera-busy": self._camera_busy,
            "full": self._full,
            "garbage": self._garbage,
            "kill-app": self._kill_app,
            "locale": self._locale,
            "offline": self._offline,
            "pace": self._pace,
            "package-manager": self._package_manager,
            "play-protect": self._play_protect,
            "replug": self._replug,
            "rotate": self._rotate,
            "slow": self._slow,
            "state": self._state,
            "storage": self._storage,
            "unplug": self._unplug,
            "usb-install": self._usb_install,
        }
        command = commands.get(verb)
        if command is None:
            return {"ok": False, "error": f"unknown command: {verb}", "commands": sorted(commands)}
        try:
            return {"ok": True, "command": verb, **command(words)}
        except (ValueError, LabError) as error:
            return {"ok": False, "command": verb, "error": str(error)}

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

    def _replug(self, _words: list[str]) -> dict[str, object]:
        self._daemon.replug()
        return {"serial": self._daemon.serial}

    def _rotate(self, _words: list[str]) -> dict[str, object]:
        if self._handset.screen is not None:
            self._handset.screen.rotate()
        return {}

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


def _obey(remote: Remote, hello: dict[str, object], *, until_stdin_closes: bool) -> None:
    """Say ``hello``; run commands until ``quit``, a signal, or (if asked) the input's end."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read_lines() -> None:
        for line in sys.stdin:
            if line.strip():
                lines.put(line.strip())
        if until_stdin_closes:
            lines.put(None)

    def stop(_number: int, _frame: object) -> None:
        lines.put(None)

    before = [signal.signal(number, stop) for number in SIGNALS]
    try:
        _say(hello)  # only now, when a signal already ends the program in good order
        threading.Thread(target=read_lines, name="standard input", daemon=True).start()
        while (line := lines.get()) is not None and line != "quit":
            _say(remote.run(line))
        if line == "quit":
            _say({"ok": True, "command": "quit"})
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run from ``python -m engine.virtual_phone.program``; 2 for what a person can mend."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="Virtual phone")
    parser.add_argument("--camera")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--android", default="14")
    parser.add_argument("--ask", action="store_true")
    parser.add_argument("--pace", metavar="|".join(PACES))
    parser.add_argument("--until-stdin-closes", action="store_true")
    try:
        return run_virtual_phone(**vars(parser.parse_args()))
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
