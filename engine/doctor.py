"""Is this computer fit to measure? A list of checks, each with what to do about it."""

import ctypes.util
import os
import platform
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from engine.errors import LabError
from engine.paths import ASSETS, cache_dir, config_dir, data_dir
from engine.settings import Settings

MIN_PYTHON = (3, 11)
LOW_DISK_BYTES = 2_000_000_000
FULL_DISK_BYTES = 200_000_000
QT_LIBRARIES = {
    "EGL": "libegl1",
    "GL": "libgl1",
    "fontconfig": "libfontconfig1",
    "dbus-1": "libdbus-1-3",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "xcb-cursor": "libxcb-cursor0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-shape": "libxcb-shape0",
    "xcb-xkb": "libxcb-xkb1",
    "xcb-render-util": "libxcb-render-util0",
    "xcb-image": "libxcb-image0",
    "xcb-randr": "libxcb-randr0",
    "xcb-xfixes": "libxcb-xfixes0",
    "xcb-sync": "libxcb-sync1",
    "X11-xcb": "libx11-xcb1",
}
"""What Qt's window needs on Linux: library, and the Debian package that brings it."""


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor.

    Attributes:
        name: What was looked at, one or two words.
        text: What was found.
        advice: What to do about it; empty when all is well.
    """

    name: str
    state: State
    text: str
    advice: str = ""


Checks = Iterable[Check]


def examine(settings: Settings | None = None) -> tuple[Check, ...]:
    """Look at this computer and its phones; takes some seconds, starts adb if none runs."""
    settings = settings or Settings()
    looks: tuple[Callable[[], Checks], ...] = (
        _python,
        lambda: _adb(settings),
        lambda: _server_file(settings),
        _models,
        _phone_app,
        _signing_key,
        _records,
        _disk,
        _qt_libraries,
        _display,
    )
    return tuple(check for look in looks for check in look())


def _python() -> Checks:
    text = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    good = sys.version_info >= MIN_PYTHON
    yield Check(
        "python",
        State.OK if good else State.FAIL,
        text,
        "" if good else "Install Python 3.11 or later.",
    )


def _adb(settings: Settings) -> Checks:
    from engine.phones.adb import Adb
    from engine.phones.discovery import PhoneState, list_phones

    try:
        adb = Adb(settings.adb_port or None)
        running = _listens(adb.port)
        version = adb.version()
    except LabError as error:
        yield Check("adb", State.FAIL, error.what, error.advice)
        return
    text = f"server version {version} on port {adb.port}"
    yield Check("adb", State.OK, text if running else f"{text}, started now")
    yield from _other_adb(version)
    try:
        entries = list_phones(adb)
    except LabError as error:
        yield Check("phones", State.FAIL, error.what, error.advice)
        return
    if not entries:
        yield Check(
            "phones",
            State.WARN,
            "no phone is connected",
            "Plug one in with USB debugging on, or try: mobilenet-lab --demo",
        )
    for entry in entries:
        ready = entry.state is PhoneState.READY
        name = f"{entry.model} ({entry.serial})" if entry.model else entry.serial
        yield Check(
            "phone",
            State.OK if ready else State.WARN,
            f"{name}: {entry.state.value}",
            entry.advice,
        )


def _other_adb(server_version: int) -> Checks:
    """Warn of an adb program that would end the running server because of its version."""
    program = shutil.which("adb")
    if program is None:
        return
    try:
        said = subprocess.run(
            [program, "version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Check("adb on PATH", State.WARN, f"{program} does not run: {error}")
        return
    first = said.splitlines()[0] if said else "unknown version"
    clash = not first.rstrip().endswith(f".{server_version}")
    yield Check(
        "adb on PATH",
        State.WARN if clash else State.OK,
        f"{program}: {first}",
        f"It differs from the running server ({server_version}) and would end it when used: use "
        "one adb only, or give the lab a port of its own with ANDROID_ADB_SERVER_PORT."
        if clash
        else "",
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _server_file(settings: Settings) -> Checks:
    from engine.mirror.server import load_server

    try:
        server = load_server(settings.server)
    except LabError as error:
        yield Check("screen server", State.FAIL, error.what, error.advice)
        return
    yield Check("screen server", State.OK, f"scrcpy {server.version}, {len(server.data):,} bytes")


def _models() -> Checks:
    for module, name, without in (
        ("ai_edge_litert", "LiteRT", "models cannot run on this computer"),
        ("tensorflow", "TensorFlow", "variants cannot be built; imported models still work"),
    ):
        found = find_spec(module) is not None
        yield Check(
            name,
            State.OK if found else State.WARN,
            "installed" if found else f"not installed: {without}",
            "" if found else f"Install it: {sys.executable} -m pip install -e .",
        )


def _phone_app() -> Checks:
    path = ASSETS / "phone-app.apk"
    if path.is_file():
        yield Check("phone app", State.OK, f"{path.stat().st_size / 1e6:.1f} MB")
    else:
        yield Check(
            "phone app",
            State.FAIL,
            f"{path} is missing",
            "Build it: python3 packaging/android/build.py",
        )


def _signing_key() -> Checks:
    path = config_dir() / "signing-key.pem"
    if not path.exists():
        yield Check("signing key", State.OK, "none yet: made when the first APK is signed")
        return
    from engine.apk.signing import SigningKey

    try:
        key = SigningKey.from_pem(path.read_bytes(), str(path))
    except OSError as error:
        yield Check("signing key", State.FAIL, f"{path} cannot be read: {error}")
        return
    except LabError as error:
        yield Check("signing key", State.FAIL, error.what, error.advice)
        return
    open_to_all = os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077
    yield Check(
        "signing key",
        State.WARN if open_to_all else State.OK,
        f"certificate {key.certificate_sha256[:16]}",
        f"Others may read it: chmod 600 {path}" if open_to_all else "",
    )


def _records() -> Checks:
    """Look at the file of runs without changing it."""
    path = data_dir() / "lab.sqlite"
    if not path.exists():
        yield Check("records", State.OK, f"none yet: {path}")
        return
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            (runs,) = connection.execute("SELECT COUNT(*) FROM runs").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        yield Check(
            "records",
            State.WARN,
            f"{path} cannot be read: {error}",
            "The lab will set it aside and begin a new one.",
        )
        return
    yield Check("records", State.OK, f"{runs} runs, {path.stat().st_size / 1e6:.1f} MB")


def _disk() -> Checks:
    for name, folder in (("cache", cache_dir()), ("data", data_dir())):
        free = shutil.disk_usage(folder).free
        state = State.OK
        if free < LOW_DISK_BYTES:
            state = State.WARN if free >= FULL_DISK_BYTES else State.FAIL
        yield Check(
            f"disk for {name}",
            state,
            f"{free / 1e9:.1f} GB free at {folder}",
            "" if state is State.OK else "Make room: models and APKs take some 100 MB.",
        )


def _qt_libraries() -> Checks:
    if not sys.platform.startswith("linux"):
        return
    missing = [
        package for name, package in QT_LIBRARIES.items() if not ctypes.util.find_library(name)
    ]
    if missing:
        yield Check(
            "window libraries",
            State.WARN,
            f"missing: {', '.join(missing)}",
            f"Install them: sudo apt-get install {' '.join(missing)}",
        )
    else:
        yield Check("window libraries", State.OK, "all there")


def _display() -> Checks:
    if not sys.platform.startswith("linux"):
        return
    names = ("WAYLAND_DISPLAY", "DISPLAY")
    found = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    yield Check(
        "display",
        State.OK if found else State.WARN,
        ", ".join(found) or "there is none",
        "" if found else "The window needs one; the terminal commands and --headless do not.",
    )


def worst(checks: Iterable[Check]) -> State:
    """Return the worst state among the checks."""
    states = {check.state for check in checks}
    return next((each for each in (State.FAIL, State.WARN) if each in states), State.OK)


def as_text(checks: Iterable[Check]) -> str:
    """Return the checks as lines to copy; the home folder is masked."""
    lines = []
    for check in checks:
        lines.append(f"[{check.state.value:>4}] {check.name}: {check.text}")
        if check.advice:
            lines.append(f"       {check.advice}")
    text, home = "\n".join(lines), str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text  # a service's home may be /
