"""A session's parts open, fail and close each on its own."""

import threading
from queue import Empty, SimpleQueue

import pytest

from engine.errors import Cancelled, LabError, LinkError, PhoneError
from engine.jobs import CancelToken
from engine.link.messages import AppModel, Hello, LinkLost
from engine.phones.faults import LEFT, NOTHING_LISTENS
from engine.phones.phone import ShellResult
from engine.phones.readings import PhoneFacts
from engine.session import Part, PartState, PartStatus, Session, SessionOptions
from tests.engine.link.scripted import HELLO, PREAMBLE, ScriptedApp, message

WAIT_S = 10
FACTS = PhoneFacts("0123", "Xiaomi", "Mi A1", "7.1.2", 25, ("arm64-v8a",), "msm8953", "f")


class FakePhone:
    """A phone with facts, whose app is a script or nothing."""

    serial = "0123"

    def __init__(self, *apps, facts=FACTS):
        self.apps = list(apps)
        self._facts = facts
        self.settings = {"stay_on_while_plugged_in": "3"}
        self.changed = SimpleQueue()
        self.answers = threading.Event()
        self.answers.set()

    def facts(self):
        if isinstance(self._facts, Exception):
            raise self._facts
        return self._facts

    def open_abstract(self, name, timeout_s=10.0, cancel=None):
        if not self.apps:
            raise PhoneError(NOTHING_LISTENS.what, detail="closed")
        return self.apps.pop(0).open_abstract(name)

    def shell(self, command, timeout_s=10.0, cancel=None):
        """Keep Android's settings; what changes them goes to ``changed``."""
        self.answers.wait()
        if cancel is not None:
            cancel.check()
        words = command.split()
        if words[0] != "settings":
            return ShellResult(self.serial, "", 0)
        if words[1] == "put":
            self.settings[words[3]] = words[4]
            self.changed.put(words[4])
        return ShellResult(self.settings[words[3]], "", 0)


class FakeMirror:
    """Counts starts and stops, or does not start."""

    def __init__(self, error=None):
        self.error = error
        self.told = []

    def start(self):
        if self.error:
            raise self.error
        self.told.append("start")

    def stop(self):
        self.told.append("stop")


@pytest.fixture
def make(tmp_path, monkeypatch):
    made = []

    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))

    def build(phone, screen=None, **options):
        events = SimpleQueue()
        session = Session(
            None,
            "0123",
            events,
            SessionOptions(**options),
            make_phone=lambda adb, serial: phone,
            make_mirror=lambda phone, events, options: screen or FakeMirror(),
        )
        made.append(session)
        return session, events

    yield build
    for session in made:
        session.close()


@pytest.fixture
def apps():
    made = [ScriptedApp().ready(), ScriptedApp().ready()]
    yield made
    for app in made:
        app.close()


def drain(events):
    found = []
    while True:
        try:
            found.append(events.get_nowait())
        except Empty:
            return found


def statuses(events, part):
    return [
        each.state for each in drain(events) if isinstance(each, PartStatus) and each.part is part
    ]


def wait_for(events, kind):
    while True:
        event = events.get(timeout=WAIT_S)
        if isinstance(event, kind):
            return event


def test_everything_opens_and_is_told(make, apps):
    mirror = FakeMirror()
    session, events = make(FakePhone(*apps), mirror)
    session.open()
    assert session.facts is FACTS
    assert session.mirror is mirror
    assert session.link.hello.pid == 4242
    assert wait_for(events, PhoneFacts) is FACTS
    wait_for(events, Hello)
    assert wait_for(events, AppModel).name == "v1_0.50_128-int8"


def test_a_phone_that_does_not_answer_fails_the_session(make):
    session, events = make(FakePhone(facts=PhoneError(LEFT.what)))
    with pytest.raises(PhoneError, match="left"):
        session.open()
    assert statuses(events, Part.PHONE) == [PartState.OPENING, PartState.FAILED]


def test_a_mirror_that_does_not_start_leaves_the_rest(make, apps):
    session, events = make(FakePhone(*apps), FakeMirror(LabError("No server file.")))
    session.open()
    assert session.mirror is None
    assert session.link is not None
    told = [e for e in drain(events) if isinstance(e, PartStatus) and e.part is Part.MIRROR]
    assert told[-1].state is PartState.FAILED
    assert told[-1].text == "No server file."


def test_an_app_that_does_not_run_is_closed_and_not_failed(make):
    session, events = make(FakePhone())
    session.open()
    assert session.link is None
    assert statuses(events, Part.LINK) == [PartState.OPENING, PartState.CLOSED]


def test_a_busy_app_is_failed_with_its_name(make):
    bye = PREAMBLE + message(8, {"code": "busy", "text": "One lab."})
    busy = [ScriptedApp(bye) for _ in range(15)]  # it is asked again for a second
    session, events = make(FakePhone(*busy))
    session.open()
    told = [e for e in drain(events) if isinstance(e, PartStatus) and e.part is Part.LINK]
    assert told[-1].state is PartState.FAILED
    assert "Another lab" in told[-1].text
    with pytest.raises(LinkError, match="Another lab"):
        session.need_link()
    for app in busy:
        app.close()


def test_a_part_that_was_not_asked_for_is_not_opened(make, apps):
    mirror = FakeMirror()
    session, _ = make(FakePhone(*apps), mirror, mirror=False, link=False)
    session.open()
    assert mirror.told == []
    assert (session.mirror, session.link) == (None, None)


def test_relinking_replaces_the_link(make, apps):
    session, events = make(FakePhone(*apps))
    session.open()
    first = session.link
    second = session.relink()
    assert session.link is second is not first
    assert apps[0].left.wait(WAIT_S)
    assert not [e for e in drain(events) if isinstance(e, LinkLost)]


def test_a_lost_link_is_told_by_name(make, apps):
    session, events = make(FakePhone(*apps))
    session.open()
    wait_for(events, Hello)
    apps[0].close()
    lost = wait_for(events, LinkLost)
    status = wait_for(events, PartStatus)
    assert (status.part, status.state) == (Part.LINK, PartState.FAILED)
    assert status.error is lost.error


def test_listening_needs_a_link(make):
    session, _ = make(FakePhone())
    with pytest.raises(LinkError, match="not running"), session.listening(lambda event: None):
        pass


def test_closing_twice_closes_once(make, apps):
    mirror = FakeMirror()
    session, events = make(FakePhone(*apps), mirror)
    session.open()
    session.close()
    session.close()
    assert mirror.told == ["start", "stop"]
    assert apps[0].left.wait(WAIT_S)
    assert (session.mirror, session.link) == (None, None)
    assert statuses(events, Part.MIRROR)[-1] is PartState.CLOSED


def test_a_cancelled_opening_closes_what_was_open(make):
    token = CancelToken()

    class Cancelling(FakeMirror):
        def start(self):
            super().start()
            token.cancel()

    mirror = Cancelling()
    session, _ = make(FakePhone(), mirror)
    with pytest.raises(Cancelled):
        session.open(token)
    assert mirror.told == ["start", "stop"]


def test_relinking_a_closed_session_leaves_no_link(make, apps):
    session, _ = make(FakePhone(*apps))
    session.close()
    with pytest.raises(Cancelled):
        session.relink()
    assert session.link is None
    assert apps[0].left.wait(WAIT_S)


class SlowPhone(FakePhone):
    """A phone whose first search for the app hangs until it is cancelled or let go."""

    def __init__(self, *apps, late=()):
        super().__init__(*apps)
        self._late = list(late)
        self.searching = threading.Event()
        self.go_on = threading.Event()

    def open_abstract(self, name, timeout_s=10.0, cancel=None):
        if threading.current_thread().name == "search":
            self.searching.set()
            if self._late:  # what it hears, it hears after it was cancelled
                assert self.go_on.wait(WAIT_S)
                return self._late.pop(0).open_abstract(name)
            with cancel.closing(self.go_on.set):
                assert self.go_on.wait(WAIT_S)
                raise PhoneError(LEFT.what)
        return super().open_abstract(name)


def search(session, ended):
    """Open a session on a thread, which is left looking for the app."""

    def work():
        try:
            session.open()
            ended.put("opened")
        except Cancelled:
            ended.put("cancelled")

    thread = threading.Thread(target=work, name="search")
    thread.start()
    assert session.phone.searching.wait(WAIT_S)
    return thread


def test_relinking_ends_the_search_that_is_under_way(make, apps):
    session, events = make(SlowPhone(*apps))
    ended = SimpleQueue()
    thread = search(session, ended)
    link = session.relink()
    thread.join(WAIT_S)
    assert ended.get(timeout=WAIT_S) == "opened"
    assert session.link is link
    told = statuses(events, Part.LINK)
    assert told == [PartState.OPENING, PartState.CLOSED, PartState.OPENING, PartState.OPEN]


@pytest.mark.parametrize("answer", [{"code": "busy", "text": "One lab."}, None])
def test_what_a_search_finds_too_late_is_not_told(make, apps, answer):
    first = PREAMBLE + message(8, answer) if answer else PREAMBLE + message(1, HELLO)
    late = ScriptedApp(first)
    session, events = make(SlowPhone(*apps, late=[late]))
    ended = SimpleQueue()
    thread = search(session, ended)
    link = session.relink()
    session.phone.go_on.set()
    thread.join(WAIT_S)
    assert ended.get(timeout=WAIT_S) == "opened"
    assert session.link is link
    assert late.left.wait(WAIT_S)
    assert statuses(events, Part.LINK)[-1] is PartState.OPEN
    assert session.need_link() is link
    late.close()


def test_dropping_the_link_ends_the_search_too(make, apps):
    session, events = make(SlowPhone(*apps))
    ended = SimpleQueue()
    thread = search(session, ended)
    session.drop_link("The app is being replaced.")
    thread.join(WAIT_S)
    assert ended.get(timeout=WAIT_S) == "opened"
    assert session.link is None
    assert statuses(events, Part.LINK) == [PartState.OPENING, PartState.CLOSED]


def test_closing_a_session_that_searches_cancels_its_opening(make, apps):
    session, events = make(SlowPhone(*apps))
    ended = SimpleQueue()
    thread = search(session, ended)
    session.close()
    thread.join(WAIT_S)
    assert ended.get(timeout=WAIT_S) == "cancelled"
    assert statuses(events, Part.LINK) == [PartState.OPENING, PartState.CLOSED]


def test_the_screen_stays_on_while_a_session_is_open(make):
    phone = FakePhone()
    session, _ = make(phone, link=False)
    session.open()
    assert phone.changed.get(timeout=WAIT_S) == "7"
    session.close()
    assert phone.changed.get(timeout=WAIT_S) == "3"


def test_a_session_may_leave_the_screen_alone(make):
    phone = FakePhone()
    session, _ = make(phone, link=False, awake=False)
    session.open()
    session.close()
    assert phone.changed.empty()


def test_a_phone_that_forbids_it_is_open_all_the_same(make, caplog):
    phone = FakePhone()
    phone.shell = lambda *args, **options: ShellResult("", "SecurityException", 255)
    session, _ = make(phone, link=False)
    session.open()
    session.close()
    assert session.facts is FACTS
    assert "crashed" not in caplog.text


def test_a_phone_that_answers_nothing_does_not_hold_up_the_end(make):
    phone = FakePhone()
    phone.answers.clear()
    session, _ = make(phone, link=False)
    session.open()
    session.close()  # it would wait for ever
    phone.answers.set()
    assert phone.changed.empty()
