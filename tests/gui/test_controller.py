"""The controller without a phone: what comes too late changes nothing."""

from types import SimpleNamespace

import pytest

from engine.phones.discovery import PhoneEntry, PhoneState
from engine.settings import Settings
from gui.bridge import EventBridge
from gui.controller import Controller


@pytest.fixture
def controller(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    bridge = EventBridge()
    controller = Controller(bridge, Settings())
    controller._adb = SimpleNamespace()  # no server: every session fails to open
    yield controller
    controller.stop()
    bridge.deleteLater()


def entry(serial: str, state: PhoneState = PhoneState.READY) -> PhoneEntry:
    return PhoneEntry(serial, state, "Mi A1", "")


def test_a_session_that_was_closed_while_it_opened_is_not_taken(qtbot, controller):
    told, closed = [], []
    controller.session_closed.connect(lambda *why: closed.append(why))
    controller.session_event.connect(told.append)
    controller.session_opened.connect(told.append)
    controller.choose_phone(entry("a"))
    controller.choose_phone(None)
    qtbot.waitUntil(lambda: not controller.jobs.busy("session"), timeout=20_000)
    assert controller.session is None
    assert controller.serial == ""
    assert told == []
    assert len(closed) == 1


def test_a_session_that_does_not_open_is_told_once_and_can_be_tried_again(qtbot, controller):
    with qtbot.waitSignal(controller.session_closed, timeout=20_000) as told:
        controller.choose_phone(entry("a"))
    assert told.args[0] == "a"
    assert told.args[1]
    assert controller.session is None
    assert not controller.opened
    with qtbot.waitSignal(controller.session_opening, timeout=20_000):
        controller.reconnect_mirror()


def test_news_of_other_phones_leave_a_session_that_opens_alone(qtbot, controller):
    openings = []
    controller.session_opening.connect(openings.append)
    controller.choose_phone(entry("a"))
    controller.choose_phone(entry("a"))
    assert openings == ["a"]


def test_closing_lets_go_of_the_picture(qtbot, controller):
    with qtbot.waitSignal(controller.slot_changed, timeout=1000) as told:
        controller.stop()
    assert told.args == [None]
