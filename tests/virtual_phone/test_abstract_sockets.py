import threading

import pytest

from engine.virtual_phone.abstract_sockets import BACKLOG, AbstractSockets


def test_who_connects_talks_to_who_listens():
    sockets = AbstractSockets()
    listener = sockets.listen("lab")
    ours = sockets.connect("lab")
    theirs = listener.accept(timeout_s=1)
    ours.write(b"hello")
    assert theirs.read(99) == b"hello"


def test_nobody_listening_refuses():
    with pytest.raises(ConnectionRefusedError):
        AbstractSockets().connect("lab")


def test_a_name_is_taken_until_its_listener_closes():
    sockets = AbstractSockets()
    first = sockets.listen("lab")
    with pytest.raises(OSError, match="already in use"):
        sockets.listen("lab")
    first.close()
    assert sockets.listen("lab").name == "lab"


def test_closing_a_listener_closes_who_waits_and_wakes_who_accepts():
    sockets = AbstractSockets()
    listener = sockets.listen("lab")
    waiting = sockets.connect("lab")
    listener.close()
    assert waiting.read(1) == b""
    with pytest.raises(ConnectionAbortedError):
        listener.accept()


def test_closing_wakes_an_accept_on_another_thread():
    listener = AbstractSockets().listen("lab")
    woken = threading.Event()

    def accept() -> None:
        try:
            listener.accept()
        except ConnectionAbortedError:
            woken.set()

    thread = threading.Thread(target=accept)
    thread.start()
    listener.close()
    thread.join(10)
    assert woken.is_set()


def test_a_listener_that_never_accepts_refuses_when_its_backlog_is_full():
    sockets = AbstractSockets()
    sockets.listen("lab")
    for _ in range(BACKLOG):
        sockets.connect("lab")
    with pytest.raises(ConnectionRefusedError):
        sockets.connect("lab")


def test_accept_waits_no_longer_than_told():
    with pytest.raises(TimeoutError):
        AbstractSockets().listen("lab").accept(timeout_s=0.01)
