"""The lab's end of the link against a scripted app."""

import hashlib
import json
import socket
import struct
import threading
from queue import SimpleQueue

import pytest

from engine.errors import Cancelled, LinkError, PhoneError
from engine.jobs import CancelToken
from engine.link import wire
from engine.link.client import Link
from engine.link.messages import AppModel, AppState, Bye, Health, Hello, LinkLost, Samples
from engine.link.upload import Announcement
from engine.phones.faults import NOT_FOUND, NOTHING_LISTENS
from tests.engine.link.scripted import PREAMBLE, ScriptedApp, message

WAIT_S = 10
DATA = bytes(range(256)) * 1000
MODEL = Announcement("m", (), untrained=False)


class Sequence:
    """A phone whose socket answers differently at each try."""

    def __init__(self, *tries):
        self.tries = list(tries)

    def open_abstract(self, name, timeout_s=10.0, cancel=None):
        attempt = self.tries.pop(0) if len(self.tries) > 1 else self.tries[0]
        if isinstance(attempt, Exception):
            raise attempt
        return attempt.open_abstract(name)


class Fixed:
    """A socket that has said just these bytes and then closed, or not."""

    def __init__(self, said, *, closes=True):
        self.said, self.closes = said, closes
        self.ends = []

    def open_abstract(self, name, timeout_s=10.0, cancel=None):
        lab, phone = socket.socketpair()
        phone.sendall(self.said)
        if self.closes:
            phone.shutdown(socket.SHUT_WR)
        self.ends.append(phone)
        return lab

    def close(self):
        for end in self.ends:
            end.close()


@pytest.fixture
def fixed():
    made = []

    def make(said, **options):
        made.append(Fixed(said, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def events(link):
    queue = SimpleQueue()
    link.start(queue.put)
    assert isinstance(queue.get(timeout=WAIT_S), Hello)
    return queue


NOT_THERE = PhoneError(NOTHING_LISTENS.what, detail="closed")


def test_it_tries_until_the_app_listens(app):
    link = Link.open(Sequence(NOT_THERE, NOT_THERE, app))
    assert link.hello.pid == 4242
    link.close()


def test_it_tries_again_when_the_socket_closes_before_the_preamble(app, fixed):
    link = Link.open(Sequence(fixed(b""), fixed(b"MNLB"), app))
    assert link.hello.app.version == "0.1.0"
    link.close()


def test_an_app_that_never_listens_is_one_sentence():
    with pytest.raises(LinkError, match="does not answer"):
        Link.open(Sequence(NOT_THERE), timeout_s=0.3)


def test_a_phone_that_is_gone_is_said_at_once():
    with pytest.raises(PhoneError, match="not connected"):
        Link.open(Sequence(PhoneError(NOT_FOUND.what)), timeout_s=60)


def test_another_program_behind_the_socket_is_named(fixed):
    with pytest.raises(LinkError, match="not the lab's app"):
        Link.open(fixed(b"HTTP/1.1 200 OK"), timeout_s=5)


def test_another_version_is_named(fixed):
    with pytest.raises(LinkError, match=r"speaks version 2 .* version 1"):
        Link.open(fixed(b"MNLB\x02\x00\x00\x00"), timeout_s=5)


def test_an_app_that_says_nothing_is_given_up(fixed):
    with pytest.raises(LinkError, match="does not answer"):
        Link.open(fixed(PREAMBLE, closes=False), timeout_s=0.3)


def test_an_app_that_does_not_begin_with_hello_is_broken(fixed):
    with pytest.raises(LinkError, match="HELLO"):
        Link.open(fixed(PREAMBLE + message(7, {"clock_ns": 1})), timeout_s=5)


def test_a_busy_app_names_the_other_lab(fixed):
    busy = fixed(PREAMBLE + message(8, {"code": "busy", "text": "One lab at a time."}))
    with pytest.raises(LinkError, match="Another lab is connected"):
        Link.open(busy, timeout_s=0.3)


def test_an_app_that_was_busy_for_a_moment_is_asked_again(app, fixed):
    busy = fixed(PREAMBLE + message(8, {"code": "busy", "text": "One lab at a time."}))
    link = Link.open(Sequence(busy, app))
    assert link.hello.pid == 4242
    link.close()


def test_another_farewell_is_passed_on(fixed):
    with pytest.raises(LinkError, match="I am closing"):
        Link.open(fixed(PREAMBLE + message(8, {"code": "closing", "text": "I am closing."})))


def test_opening_can_be_cancelled_while_the_app_is_silent(fixed):
    token = CancelToken()
    timer = threading.Timer(0.1, token.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        Link.open(fixed(PREAMBLE, closes=False), cancel=token, timeout_s=60)
    timer.join()


def test_what_came_before_start_is_not_lost(app, link):
    app.ready()
    app.say_samples(0, 3)
    link.set(paused=False)  # its answer comes after all that
    queue = SimpleQueue()
    link.start(queue.put)
    kinds = [type(queue.get(timeout=WAIT_S)) for _ in range(5)]
    assert kinds == [Hello, AppState, AppModel, Health, Samples]


def test_a_second_listener_begins_with_what_is_known(app, link, events):
    app.ready()
    link.set(paused=False)
    queue = SimpleQueue()
    with link.listening(queue.put):
        app.say_samples(5, 1)
        kinds = [type(queue.get(timeout=WAIT_S)) for _ in range(4)]
    assert kinds == [AppState, AppModel, Health, Samples]
    app.say_samples(6, 1)
    link.set(paused=False)
    assert queue.empty()
    assert link.model.name == "v1_0.50_128-int8"


def test_set_sends_only_what_was_asked(app, link):
    link.set(threads=2, delegate="cpu")
    link.set(source="camera", camera="front", paused=False)
    asked = [app.commands.get(timeout=WAIT_S) for _ in range(2)]
    assert [kind for kind, _ in asked] == [65, 65]
    assert [json.loads(payload) for _, payload in asked] == [
        {"threads": 2, "delegate": "cpu"},
        {"source": "camera", "camera": "front", "paused": False},
    ]


def test_a_refusal_carries_the_apps_sentence(app, link):
    app.refusals[65] = ("bad_value", "There are 8 threads at most.")
    with pytest.raises(LinkError, match="There are 8 threads at most") as caught:
        link.set(threads=99)
    assert caught.value.detail == "bad_value"


def test_commands_from_many_threads_are_all_answered(app, link):
    threads = [threading.Thread(target=link.set, kwargs={"threads": n}) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    asked = [json.loads(app.commands.get(timeout=WAIT_S)[1])["threads"] for _ in threads]
    assert sorted(asked) == list(range(1, 9))


def test_an_answer_to_no_command_breaks_the_link(app, link, events):
    app.say(6, struct.pack("<I", 12345) + b'{"ok": true}')
    lost = events.get(timeout=WAIT_S)
    assert isinstance(lost, LinkLost)
    assert "out of turn" in str(lost.error)


def test_garbage_ends_the_link_with_its_name(app, link, events):
    app.send(b"\xff" * 64)
    lost = events.get(timeout=WAIT_S)
    assert isinstance(lost, LinkLost)
    assert "longer than the link allows" in str(lost.error)
    assert link.error is lost.error
    with pytest.raises(LinkError, match="longer than"):
        link.set(threads=1)


def test_a_cut_cable_is_told_once_and_last(app, link, events):
    app.say_samples(0, 1)
    app.close()
    assert isinstance(events.get(timeout=WAIT_S), Samples)
    lost = events.get(timeout=WAIT_S)
    assert isinstance(lost, LinkLost)
    assert "cut" in str(lost.error)
    link.close()
    assert events.empty()


def test_a_farewell_names_why_the_link_ended(app, link, events):
    app.say(8, {"code": "closing", "text": "The app was closed."})
    app.close()
    assert events.get(timeout=WAIT_S) == Bye("closing", "The app was closed.")
    assert "The app was closed." in str(events.get(timeout=WAIT_S).error)


def test_a_listener_that_comes_late_hears_that_the_link_is_lost(app, link, events):
    app.close()
    events.get(timeout=WAIT_S)
    queue = SimpleQueue()
    with link.listening(queue.put):
        assert isinstance(queue.get(timeout=WAIT_S), LinkLost)


def test_a_command_under_way_ends_when_the_link_does():
    app = ScriptedApp(answering=False, on_command=lambda kind, payload: app.phone.close())
    link = Link.open(app)
    with pytest.raises(LinkError, match="cut"):
        link.set(threads=1)
    link.close()
    app.close()


def test_silence_is_a_lost_link(monkeypatch):
    monkeypatch.setattr(wire, "SILENCE_S", 0.2)
    app = ScriptedApp(answering=False)
    link = Link.open(app)
    queue = SimpleQueue()
    link.start(queue.put)
    queue.get(timeout=WAIT_S)
    assert "said nothing" in str(queue.get(timeout=WAIT_S).error)
    link.close()
    app.close()


def test_it_pings_so_that_the_app_hears_it(monkeypatch):
    monkeypatch.setattr(wire, "PING_S", 0.05)
    app = ScriptedApp()
    link = Link.open(app)
    assert app.pinged.wait(WAIT_S)
    app.close()
    link.close()


def test_closing_ends_the_reader_at_once_and_says_nothing(app, link, events):
    link.close()
    link.close()
    assert app.left.wait(WAIT_S)
    assert events.empty()
    assert link.error is None
    with pytest.raises(LinkError, match="closed"):
        link.set(threads=1)


def uploaded(app):
    """What the app got: LOAD_BEGIN's JSON, and the bytes between it and LOAD_END."""
    kind, payload = app.commands.get(timeout=WAIT_S)
    assert kind == 66
    begin, received = json.loads(payload), bytearray()
    while True:
        kind, payload = app.commands.get(timeout=WAIT_S)
        if kind == 68:
            return begin, bytes(received)
        assert kind == 67
        assert struct.unpack_from("<Q", payload) == (len(received),)
        received += payload[8:]


def test_a_model_arrives_whole_and_in_order(app, link):
    steps = []
    link.load_model(DATA, Announcement("m", ("a", "b"), untrained=True), report=steps.append)
    begin, received = uploaded(app)
    assert received == DATA
    assert begin == {
        "name": "m",
        "labels": ["a", "b"],
        "untrained": True,
        "size_bytes": len(DATA),
        "sha256": hashlib.sha256(DATA).hexdigest(),
    }
    fractions = [step.fraction for step in steps if step.step == "send"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert steps[-1].step == "open"


def test_what_a_model_is_for_goes_before_it(app, link):
    asked = {"task": "segmentation", "fit": "letterbox", "scores": "logits", "threads": 2}
    link.load_model(DATA, Announcement("m", (), untrained=False, **asked, delegate="cpu"))
    begin, _ = uploaded(app)
    assert begin.items() >= {**asked, "delegate": "cpu"}.items()


def test_a_refused_chunk_ends_the_upload_with_the_apps_sentence(app, link):
    app.refusals[67] = ("no_space", "The phone is full.")
    with pytest.raises(LinkError, match="The phone is full"):
        link.load_model(DATA, MODEL)


@pytest.mark.parametrize("kind", [66, 67, 68])
def test_an_upload_can_be_cancelled_at_each_message(kind):
    token = CancelToken()
    app = ScriptedApp(on_command=lambda seen, payload: seen == kind and token.cancel())
    link = Link.open(app)
    with pytest.raises(Cancelled):
        link.load_model(DATA, MODEL, cancel=token)
    link.set(paused=False)  # the link lives on
    link.close()
    app.close()


@pytest.mark.parametrize("kind", [66, 67])
def test_what_a_cancelled_upload_left_is_dropped_by_a_chunk_that_must_be_refused(kind):
    token = CancelToken()
    app = ScriptedApp(on_command=lambda seen, payload: seen == kind and token.cancel())
    link = Link.open(app)
    with pytest.raises(Cancelled):
        link.load_model(DATA, MODEL, cancel=token)
    link.set(paused=False)
    commands = []
    while not commands or commands[-1][0] != 65:
        commands.append(app.commands.get(timeout=WAIT_S))
    assert 68 not in {seen for seen, _ in commands}
    assert commands[-2] == (67, struct.pack("<Q", len(DATA) + 1))
    link.close()
    app.close()


def test_a_cancelled_upload_ends_though_the_app_answers_nothing():
    token = CancelToken()
    app = ScriptedApp(answering=False, on_command=lambda seen, payload: token.cancel())
    link = Link.open(app)
    with pytest.raises(Cancelled):
        link.load_model(DATA, MODEL, cancel=token)
    link.close()
    app.close()


def test_a_second_upload_at_once_is_refused():
    began, go_on = threading.Event(), threading.Event()

    def hold(kind, payload):
        if kind == 66:
            began.set()
            go_on.wait(WAIT_S)

    app = ScriptedApp(on_command=hold)
    link = Link.open(app)
    first = threading.Thread(target=link.load_model, args=(DATA, MODEL))
    first.start()
    assert began.wait(WAIT_S)
    with pytest.raises(LinkError, match="being sent"):
        link.load_model(DATA, MODEL)
    go_on.set()
    first.join(WAIT_S)
    link.close()
    app.close()
