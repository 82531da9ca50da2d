"""The list of phones as the window sees it."""

import threading
from queue import SimpleQueue

import pytest

from engine.phones.adb import AdbPhone
from engine.phones.discovery import PhoneEntry, PhoneState, PhoneWatcher, describe, list_phones


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("device", PhoneState.READY),
        ("unauthorized", PhoneState.UNAUTHORIZED),
        ("authorizing", PhoneState.CONNECTING),
        ("offline", PhoneState.OFFLINE),
        ("no permissions", PhoneState.NO_PERMISSIONS),
        ("recovery", PhoneState.NOT_BOOTED),
    ],
)
def test_every_state_but_ready_comes_with_advice(word, state):
    entry = describe(AdbPhone("a", word, {}))
    assert entry.state is state
    assert bool(entry.advice) == (state is not PhoneState.READY)


def test_a_state_that_is_not_known_is_said():
    assert "sideload mode" in describe(AdbPhone("a", "sideload", {})).advice


def test_the_model_is_asked_for_where_adb_does_not_list_it(server, adb, wire):
    server.answers["host:devices-l"] = wire.block("phone device usb:1\n")
    server.shell("getprop ro.product.model", "Mi A1\n")
    assert list_phones(adb) == (PhoneEntry("phone", PhoneState.READY, "Mi A1", ""),)


class Watched:
    """A watcher with its callbacks in queues."""

    def __init__(self, adb):
        self.lists = SimpleQueue()
        self.errors = SimpleQueue()
        self.watcher = PhoneWatcher(adb, self.lists.put, self.errors.put)


@pytest.fixture
def watched(adb):
    value = Watched(adb)
    yield value
    value.watcher.stop()


def track(wire, *texts):
    """Answer a tracking request with these lists and then stay open."""

    def answer(connection):
        connection.sendall(b"OKAY" + b"".join(wire.block(text)[4:] for text in texts))
        connection.recv(1)

    return answer


def test_the_list_comes_only_when_it_changed(server, watched, wire):
    one, two = "a device model:One\n", "a offline model:One\n"
    server.answers["host:track-devices-l"] = track(wire, one, one, two)
    watched.watcher.start()
    assert watched.lists.get(timeout=5)[0].state is PhoneState.READY
    assert watched.lists.get(timeout=5)[0].state is PhoneState.OFFLINE


def test_the_first_greeting_is_not_shown_as_offline(server, watched, wire):
    greeting, ready, gone = "a offline\n", "a device model:One\n", "a offline model:One\n"
    server.answers["host:track-devices-l"] = track(wire, greeting, ready, gone)
    watched.watcher.start()
    states = [watched.lists.get(timeout=5)[0].state for _ in range(3)]
    assert states == [PhoneState.CONNECTING, PhoneState.READY, PhoneState.OFFLINE]


def test_a_server_restarted_under_us_goes_unnoticed(server, watched, wire):
    again = threading.Event()

    def restarted(connection):
        again.set()
        track(wire, "a device model:One\n", "")(connection)

    def first(connection):
        server.answers["host:track-devices-l"] = restarted
        connection.sendall(wire.block("a device model:One\n"))

    server.answers["host:track-devices-l"] = first
    watched.watcher.start()
    assert len(watched.lists.get(timeout=5)) == 1
    assert again.wait(5)
    assert watched.lists.get(timeout=5) == ()
    assert watched.errors.empty()


def test_a_server_that_stays_broken_is_an_error_until_it_is_back(server, watched, wire):
    server.answers["host:track-devices-l"] = wire.refusal("unknown host service")
    watched.watcher.start()
    assert watched.lists.get(timeout=5) == ()
    assert "adb refused" in str(watched.errors.get(timeout=5))
    server.answers["host:track-devices-l"] = track(wire, "a device model:One\n")
    assert watched.errors.get(timeout=5) is None
    assert watched.lists.get(timeout=5)[0].model == "One"


def test_stopping_ends_the_thread_while_it_waits(server, watched, wire):
    server.answers["host:track-devices-l"] = track(wire, "")
    watched.watcher.start()
    watched.lists.get(timeout=5)
    watched.watcher.stop()
    assert not any(thread.name == "phone list" for thread in threading.enumerate())
