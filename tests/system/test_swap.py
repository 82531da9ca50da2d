"""A model is swapped over the link, or nothing has happened: real adb, real virtual phone."""

import json
import os
import signal
import socket
from queue import SimpleQueue

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.deploy import SWAP_STEPS, Payload, deploy, swap
from engine.errors import Cancelled, LabError, LinkError
from engine.jobs import CancelToken
from engine.link.client import Link
from engine.link.messages import LinkLost, Samples
from engine.measuring.run import MeasureOptions, measure
from engine.phones import installer
from engine.phones.adb import Adb
from engine.phones.phone import Phone
from engine.records.database import Database
from engine.records.values import End
from engine.session import Session, SessionOptions
from tests.system.test_line import SHARED

pytestmark = pytest.mark.system

OLD = SHARED / "models" / "mobilenet_v1_0.5_160_quant.tflite"
NEW = SHARED / "models" / "mobilenet_v1_0.25_128_quant.tflite"
WAIT_S = 30

if not (OLD.is_file() and NEW.is_file()):
    pytest.skip("the shared models are not here", allow_module_level=True)

SENT = NEW.stat().st_size
"""Fewer bytes than a swap of NEW sends: its messages have heads of their own."""


class CutSocket:
    """A socket whose cable is cut once it has sent so many bytes; until then it is the socket."""

    def __init__(self, connection):
        self._connection = connection
        self.left = None  # bytes until the cut; None is never

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def send(self, data):
        if self.left is None:
            return self._connection.send(data)
        if self.left == 0:
            self._connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError("cut")
        sent = self._connection.send(bytes(data[: self.left]))
        self.left -= sent
        return sent


class CutPhone(Phone):
    """A phone whose newest link can be cut after so many bytes."""

    def open_abstract(self, *args, **options):
        self.wire = CutSocket(super().open_abstract(*args, **options))
        return self.wire


@pytest.fixture
def session(adb, program, home, monkeypatch):
    """A session without a mirror, linked to an app that has just got OLD."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(home))
    opened = Session(
        Adb(adb.port),
        program.serial,
        SimpleQueue(),
        SessionOptions(mirror=False, link=False),
        make_phone=CutPhone,
    )
    opened.open()
    program.tell("slow off")
    deploy(opened, payload(OLD, "old"))
    yield opened
    program.tell("slow off")
    opened.close()


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "lab.sqlite")
    yield opened
    opened.close()


def payload(model, name):
    return Payload(model, (), name, untrained=False)


def running(link, name):
    """Wait for a sample of the model that the app names, which must be this one."""
    inbox = SimpleQueue()
    with link.listening(inbox.put):
        while True:
            event = inbox.get(timeout=WAIT_S)
            assert not isinstance(event, LinkLost)
            if isinstance(event, Samples) and link.model is not None:
                assert link.model.name == name
                if event.array["generation"][-1] == link.model.generation:
                    return int(event.array["sequence"][-1])


def test_another_model_arrives_without_a_reinstall(session, database):
    link, generation = session.link, session.link.model.generation
    steps = []
    swapped = swap(session, payload(NEW, "new"), database=database, report=steps.append)
    assert swapped.model == link.model
    assert (swapped.model.name, swapped.model.size_bytes) == ("new", NEW.stat().st_size)
    assert swapped.model.generation > generation
    assert tuple(swapped.seconds) == SWAP_STEPS
    assert tuple(dict.fromkeys(step.step for step in steps)) == SWAP_STEPS
    fractions = [step.fraction for step in steps if step.step == "send"]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    running(link, "new")
    assert session.link is link


def test_a_run_says_that_its_model_is_not_the_apks(session, database):
    deploy(session, payload(OLD, "old"), database=database)
    facts = measure(session, MeasureOptions(seconds=0.5), database=database).row.facts
    assert len(facts.apk_sha256) == 64
    assert facts.swapped is False
    swap(session, payload(NEW, "new"), database=database)
    facts = measure(session, MeasureOptions(seconds=0.5), database=database).row.facts
    assert (facts.name, facts.apk_sha256, facts.apk_size_bytes) == ("new", "", None)
    assert facts.swapped is True


def test_what_was_swapped_in_outlives_the_app(session, program):
    swap(session, payload(NEW, "new"))
    assert program.tell("kill-app")["ok"]
    installer.start(session.phone)
    running(session.relink(), "new")


def test_the_fit_is_the_one_asked_for_and_else_the_tasks(session):
    assert swap(session, payload(NEW, "new")).model.fit == "crop"
    asked = Payload(NEW, (), "new", untrained=False, fit="letterbox")
    assert swap(session, asked).model.fit == "letterbox"


def test_more_threads_than_the_phone_has_are_refused_and_nothing_changes(session):
    wished = Payload(NEW, (), "new", untrained=False, threads=64)
    with pytest.raises(LinkError, match="refused"):
        swap(session, wished)
    running(session.link, "old")


@pytest.mark.parametrize(
    ("labels", "fit", "sentence"), [(("one",), "", "labels"), ((), "squeeze", "no fit 'squeeze'")]
)
def test_what_does_not_fit_the_model_is_named_before_anything_is_sent(
    session, labels, fit, sentence
):
    session.phone.wire.left = 0
    with pytest.raises(LabError, match=sentence):
        swap(session, Payload(NEW, labels, "new", untrained=False, fit=fit))


def test_without_a_link_there_is_nothing_to_swap(session):
    session.drop_link()
    with pytest.raises(LinkError, match="not running"):
        swap(session, payload(NEW, "new"))


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_swap_that_is_cancelled_has_not_happened(session, fraction):
    link, generation, token = session.link, session.link.model.generation, CancelToken()

    def report(progress):
        if progress.step == "send" and progress.fraction >= fraction:
            token.cancel()

    with pytest.raises(Cancelled):
        swap(session, payload(NEW, "new"), report=report, cancel=token)
    running(link, "old")
    assert link.model.generation == generation
    assert swap(session, payload(NEW, "new")).model.name == "new"
    running(link, "new")
    assert session.link is link
    assert link.error is None


def test_a_swap_is_cancelled_though_the_cable_is_slow(session, program):
    token = CancelToken()
    program.tell("slow 100000")

    def report(progress):
        if progress.fraction:
            token.cancel()

    with pytest.raises(Cancelled):
        swap(session, payload(NEW, "new"), report=report, cancel=token)
    program.tell("slow off")
    running(session.link, "old")


def test_a_swap_that_is_cancelled_while_the_app_opens_it_leaves_a_whole_model(session):
    token = CancelToken()

    def report(progress):
        if progress.step == "open":
            token.cancel()

    with pytest.raises(Cancelled):
        swap(session, payload(NEW, "new"), report=report, cancel=token)
    assert swap(session, payload(NEW, "newer")).model.name == "newer"
    running(session.link, "newer")


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(0, SENT))
@example(cut=0)
@example(cut=1)
@example(cut=8)  # the head of LOAD_BEGIN, and nothing else
@example(cut=SENT)
def test_a_swap_that_is_cut_at_any_byte_has_not_happened(session, cut):
    generation = session.link.model.generation
    session.phone.wire.left = cut
    with pytest.raises(LinkError):
        swap(session, payload(NEW, "new"))
    link = session.relink()
    running(link, "old")
    assert link.model.generation == generation


def test_after_a_cut_swap_a_whole_one_works(session):
    session.phone.wire.left = SENT // 2
    with pytest.raises(LinkError):
        swap(session, payload(NEW, "new"))
    session.relink()
    assert swap(session, payload(NEW, "new")).model.name == "new"
    running(session.link, "new")


def test_after_a_cut_swap_an_app_that_starts_anew_has_the_old_model(session, program):
    session.phone.wire.left = SENT // 2
    with pytest.raises(LinkError):
        swap(session, payload(NEW, "new"))
    assert program.tell("kill-app")["ok"]
    installer.start(session.phone)
    running(session.relink(), "old")


def test_a_phone_that_is_unplugged_in_mid_swap_keeps_its_model(session, program, adb):
    todo = [program]

    def report(progress):
        if progress.fraction and todo:
            todo.pop().tell("unplug")

    program.tell("slow 400000")
    with pytest.raises(LabError):
        swap(session, payload(NEW, "new"), report=report)
    program.tell("replug")
    program.tell("slow off")
    adb.run("disconnect", program.serial)  # it is listed as offline
    assert "connected to" in adb.run("connect", program.serial).out
    running(session.relink(), "old")


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_lab_that_dies_leaves_the_app_running_and_one_that_returns_goes_on(
    session, program, make_lab
):
    pid, last = session.link.hello.pid, running(session.link, "old")
    session.close()
    lab = make_lab()
    program.tell("slow 100000")
    process = lab.start("swap", NEW, "--name", "new", "--phone", program.serial)
    for line in process.stderr:
        if "send" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=WAIT_S)
    program.tell("slow off")
    link = Link.open(session.phone)
    try:
        assert link.hello.pid == pid
        assert running(link, "old") > last  # it never stopped to count
    finally:
        link.close()
    out, _ = lab.run("measure", "--seconds", "0.5", "--phone", program.serial, "--json", "-")
    assert json.loads(out)["run"]["end"] == End.COMPLETED


def test_swap_and_what_to_run_from_are_chosen_in_a_terminal(session, program, make_lab):
    session.close()
    lab = make_lab()
    where = ("--phone", program.serial)
    out, _ = lab.run("swap", NEW, "--name", "new", "--threads", "1", *where)
    assert "new runs on" in out
    swapped = lab.json("swap", NEW, "--name", "newer", "--fit", "letterbox", *where)
    assert (swapped["model"]["name"], swapped["model"]["fit"]) == ("newer", "letterbox")
    assert swapped["state"]["threads_asked"] == 1
    assert tuple(swapped["seconds"]) == ("model", *SWAP_STEPS)
    out, _ = lab.run("measure", "--seconds", "0.5", "--source", "loop", "--threads", "2", *where)
    assert "loop, xnnpack, 2 threads" in out
    assert "not the APK's" in out
    (row,) = lab.json("runs", "list")
    assert (row["source"], row["camera"], row["threads"]) == ("loop", "", 2)
    _, err = lab.run("measure", "--source", "film", *where, code=2)
    assert "no source 'film'" in err
