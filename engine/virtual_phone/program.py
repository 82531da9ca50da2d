"""The virtual phone as a program: starts its parts, obeys lines on standard input."""

import argparse
import json
import os
import queue
import signal
import sys
import threading

import cv2

from engine.errors import LabError
from engine.virtual_phone.adb.daemon import AdbDaemon
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.pace import PACES, find_pace
from engine.virtual_phone.remote import Remote
from engine.virtual_phone.screen.screen import Screen
from engine.virtual_phone.system.properties import ANDROID_SDK, NOTE_PROPERTY
from engine.virtual_phone.system.system_files import place_system_files

SIGNALS = (signal.SIGINT, signal.SIGTERM)

Lines = queue.SimpleQueue[str | None]
"""Lines to obey; None ends the program."""


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
        lines: Lines = queue.SimpleQueue()
        remote = Remote(handset, daemon, lambda: lines.put("quit"))
        try:
            _obey(remote, lines, hello, until_stdin_closes=until_stdin_closes)
        finally:
            remote.close()
    finally:
        daemon.unplug()
        if handset.screen is not None:
            handset.screen.close()
    return 0


def _obey(
    remote: Remote, lines: Lines, hello: dict[str, object], *, until_stdin_closes: bool
) -> None:
    """Say ``hello``; run commands until ``quit``, a signal, or (if asked) the input's end."""

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
