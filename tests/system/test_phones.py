"""The lab's side of ADB, the real adb program and a virtual phone, together."""

import os
import socket
import subprocess
from queue import SimpleQueue

import pytest

from engine.errors import Cancelled, PhoneError
from engine.jobs import CancelToken
from engine.phones import installer
from engine.phones.adb import Adb
from engine.phones.discovery import PhoneState, PhoneWatcher, list_phones
from engine.phones.faults import NothingListensError
from engine.phones.phone import Phone

pytestmark = pytest.mark.system


@pytest.fixture
def lab(adb, monkeypatch):
    """The lab's view of the server under test; a restart takes the same adb program."""
    monkeypatch.setenv("ADBUTILS_ADB_PATH", str(adb.program))
    return Adb(adb.port)


@pytest.fixture
def program(start_phone):
    return start_phone()


@pytest.fixture
def phone(lab, program):
    lab.connect(program.serial)
    lists = SimpleQueue()
    watcher = PhoneWatcher(lab, lists.put)
    watcher.start()
    until(lists, program.serial, PhoneState.READY)
    watcher.stop()
    yield Phone(lab, program.serial)
    lab.disconnect(program.serial)


def until(lists, serial, state):
    """Take lists until the phone has the state."""
    while True:
        entries = {entry.serial: entry for entry in lists.get(timeout=10)}
        if serial in entries and entries[serial].state is state:
            return entries[serial]


def test_a_server_is_started_on_the_asked_port_and_then_adopted(adb, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("ADBUTILS_ADB_PATH", str(adb.program))
    try:
        assert Adb(port).version() >= 39
        monkeypatch.setenv("ADBUTILS_ADB_PATH", "/nonexistent/adb")
        assert Adb(port).phones() == ()
    finally:
        subprocess.run([adb.program, "-P", str(port), "kill-server"], check=True)


def test_a_phone_is_listed_with_its_model(phone, lab):
    entries = {entry.serial: entry for entry in list_phones(lab)}
    entry = entries[phone.serial]
    assert (entry.state, entry.model) == (PhoneState.READY, "Virtual phone")


def test_a_phone_that_was_not_allowed_says_so_until_it_is(lab, start_phone):
    program = start_phone("--ask")
    lists = SimpleQueue()
    watcher = PhoneWatcher(lab, lists.put)
    watcher.start()
    try:
        with pytest.raises(PhoneError):  # adb says "failed to authenticate"
            lab.connect(program.serial)
        entry = until(lists, program.serial, PhoneState.UNAUTHORIZED)
        assert "tap Allow" in entry.advice
        with pytest.raises(PhoneError, match="has not allowed this computer"):
            Phone(lab, program.serial).shell("true")
        program.tell("allow")
        assert until(lists, program.serial, PhoneState.READY).advice == ""
    finally:
        watcher.stop()


def test_the_list_survives_a_server_that_is_killed(phone, lab, adb):
    lists, errors = SimpleQueue(), SimpleQueue()
    watcher = PhoneWatcher(lab, lists.put, errors.put)
    watcher.start()
    try:
        until(lists, phone.serial, PhoneState.READY)
        assert adb.run("kill-server").code == 0
        while lists.get(timeout=10):
            pass
        lab.connect(phone.serial)
        until(lists, phone.serial, PhoneState.READY)
        assert errors.empty()
    finally:
        watcher.stop()


def test_commands_have_outputs_and_an_exit_code(phone):
    good = phone.shell("echo one; echo two >&2; false")
    assert (good.stdout, good.stderr, good.exit_code) == ("one\n", "two\n", 1)
    assert phone.shell("no_such_command").exit_code == 127


def test_the_phone_says_what_and_how_it_is(phone):
    facts, vitals = phone.facts(), phone.vitals()
    assert facts.sdk == 34
    assert facts.abis
    assert facts.virtual_note
    assert vitals.battery_percent is not None
    assert vitals.temperature_c is not None
    assert vitals.cpu_khz


def test_a_file_comes_back_as_it_was_sent(phone, tmp_path):
    sent = os.urandom(1_234_567)
    steps = []
    phone.push(sent, "/data/local/tmp/lab.bin", 0o755, steps.append)
    assert phone.pull("/data/local/tmp/lab.bin", tmp_path / "back") == len(sent)
    assert (tmp_path / "back").read_bytes() == sent
    assert steps[-1].fraction == 1.0
    assert phone.shell("ls -l /data/local/tmp/lab.bin").stdout.startswith("-rwx")


def test_a_phone_unplugged_during_a_push_is_said_to_have_left(phone, program):
    unplugged = []

    def unplug(progress):
        if progress.fraction and not unplugged:
            unplugged.append(program.tell("unplug"))

    with pytest.raises(PhoneError, match="left in the middle"):
        phone.push(bytes(400_000_000), "/data/local/tmp/big", report=unplug)


def test_a_phone_unplugged_during_a_command_is_said_to_have_left(phone, program):
    with phone.open_shell_stream("logcat") as stream:
        program.tell("unplug")
        stream.settimeout(10)
        while stream.recv(65536):
            pass
    with pytest.raises(PhoneError):
        phone.shell("true")


def test_a_push_can_be_cancelled(phone):
    cancel = CancelToken()

    def stop(progress):
        if progress.fraction:
            cancel.cancel()

    with pytest.raises(Cancelled):
        phone.push(bytes(400_000_000), "/data/local/tmp/big", report=stop, cancel=cancel)
    assert phone.shell("echo still here").stdout == "still here\n"


def test_a_socket_where_nobody_listens_is_told_apart(phone):
    with pytest.raises(NothingListensError):
        phone.open_abstract("nobody_listens_here")


def test_an_app_that_is_not_there_does_not_start(phone):
    assert installer.uninstall(phone) is False
    with pytest.raises(PhoneError):
        installer.start(phone)
