"""Real adb servers on ports of their own, and virtual phones as programs of their own."""

import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adbutils
import pytest

from engine.records.database import Database

ROOT = Path(__file__).parents[2]
ANSWER_S = 30.0

BUNDLED = Path(adbutils.__file__).parent / "binaries" / ("adb.exe" if os.name == "nt" else "adb")
DEBIAN = Path("/usr/bin/adb")


@dataclass(frozen=True)
class AdbServer:
    """One adb program with a server, keys and a home of its own.

    Attributes:
        program: The binary.
        port: Its server's port; give it to clients as ``ANDROID_ADB_SERVER_PORT``.
        environment: What its processes run with.
    """

    program: Path
    port: int
    environment: dict[str, str]

    def run(self, *args: object, timeout_s: float = 60.0, stdin: str = "") -> "Finished":
        """Run one adb command to its end."""
        done = subprocess.run(
            [self.program, "-P", str(self.port), *map(str, args)],
            input=stdin.encode(),
            capture_output=True,
            env=self.environment,
            timeout=timeout_s,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode())

    def popen(self, *args: object) -> subprocess.Popen[bytes]:
        """Start one adb command and let it run."""
        return subprocess.Popen(
            [self.program, "-P", str(self.port), *map(str, args)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
        )


@dataclass(frozen=True)
class Finished:
    """How one adb command ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


class PhoneProgram:
    """A virtual phone running as a program; ``tell`` is its standard input."""

    def __init__(self, *args: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.virtual_phone.program", "--until-stdin-closes", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        self.hello = self._answer()
        self.serial: str = self.hello["serial"]

    def tell(self, line: str) -> dict:
        """Give one command and return its answer."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> int:
        """Close standard input, wait, and return the exit code."""
        self._process.stdin.close()
        try:
            return self._process.wait(ANSWER_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _answer(self) -> dict:
        line = self._answers.get(timeout=ANSWER_S)
        assert line, "the virtual phone's program ended"
        return json.loads(line)


class Lab:
    """``mobilenet-lab`` as a program with a home of its own."""

    def __init__(self, adb: AdbServer, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = {
            **adb.environment,
            "MOBILENET_LAB_HOME": str(home),
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }

    def start(self, *args: object) -> subprocess.Popen[str]:
        """Start a command and let it run."""
        return subprocess.Popen(
            [sys.executable, "-m", "engine.cli", *map(str, args)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *args: object, code: int = 0) -> tuple[str, str]:
        """Run a command that must end with this code and no traceback; return what it said."""
        out, err = (process := self.start(*args)).communicate(timeout=100)
        assert process.returncode == code, out + err
        assert "Traceback" not in err
        return out, err

    def json(self, *args: object) -> Any:
        """Run a command with ``--json`` and return its result."""
        return json.loads(self.run(*args, "--json")[0])

    def database(self) -> Database:
        """Open its file of runs, as somebody who comes long after."""
        return Database(self.home / "data" / "lab.sqlite", now=lambda: "2099-01-01T00:00:00Z")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_adb(program: Path, home: Path) -> AdbServer:
    """Start a server of ``program`` whose keys and files lie in ``home``."""
    keys = home / ".android"
    keys.mkdir(parents=True)
    port = free_port()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ADB", "ANDROID_"))
    }
    environment = kept | {
        "HOME": str(home),
        "ANDROID_USER_HOME": str(keys),
        "ANDROID_ADB_SERVER_PORT": str(port),
        "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553",  # look for no emulators of other people
        "ADB_MDNS": "0",
        "ADB_LIBUSB": "0",  # where there is no /dev/bus/usb, it waits 3 s for one
        "TMPDIR": str(home),
    }
    server = AdbServer(program, port, environment)
    started = server.run("start-server")
    assert started.code == 0, started.text
    return server


@pytest.fixture(scope="module", params=[BUNDLED, DEBIAN], ids=["bundled adb", "Debian's adb"])
def adb(request, tmp_path_factory) -> Iterator[AdbServer]:
    """An adb server, once for each adb program that is there."""
    if not request.param.is_file() or not shutil.which(str(request.param)):
        pytest.skip(f"{request.param} is not there")
    server = start_adb(request.param, tmp_path_factory.mktemp("home"))
    yield server
    server.run("kill-server")


@pytest.fixture
def start_phone() -> Iterator:
    """Start virtual phones that end with the test: ``start_phone("--android", "7.1.2")``."""
    phones: list[PhoneProgram] = []

    def start(*args: str) -> PhoneProgram:
        phones.append(PhoneProgram(*args))
        return phones[-1]

    yield start
    for phone in phones:
        phone.end()


@pytest.fixture
def make_lab(adb, tmp_path):
    """``make_lab("name", VARIABLE="value")``: a lab on this adb server with a home of its own."""

    def make(name: str = "lab", **environment: str) -> Lab:
        return Lab(adb, tmp_path / name, **environment)

    return make


@pytest.fixture
def lab(make_lab):
    return make_lab()


@pytest.fixture(scope="module")
def program(adb) -> Iterator[PhoneProgram]:
    """A virtual phone in the list of this adb server, for the whole module."""
    phone = PhoneProgram()
    assert "connected to" in adb.run("connect", phone.serial).out
    yield phone
    adb.run("disconnect", phone.serial)
    phone.end()


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """One lab's files: the app that it installs again is signed with the same key."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module", params=["14", "7.1.2"])
def phone_program(request) -> Iterator[PhoneProgram]:
    """A virtual phone, once for each Android release it can be."""
    phone = PhoneProgram("--android", request.param)
    yield phone
    assert phone.end() == 0


@pytest.fixture
def phone(adb, phone_program) -> Iterator:
    """``phone(ADB ARGS)`` on a phone that this adb server is connected to."""
    connected = adb.run("connect", phone_program.serial)
    assert "connected to" in connected.out, connected.text

    def run(*args: object, **options: object) -> Finished:
        return adb.run("-s", phone_program.serial, *args, **options)

    run.serial = phone_program.serial
    run.android = phone_program.hello["android"]
    run.tell = phone_program.tell
    yield run
    adb.run("disconnect", phone_program.serial)
