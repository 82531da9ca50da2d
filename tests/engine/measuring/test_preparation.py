"""What a run asks of the app before it begins, and what the app answers."""

import threading

import pytest

from engine.errors import LabError, LinkError
from engine.link.client import Link
from engine.measuring import run
from engine.measuring.run import MeasureOptions, measure
from engine.records.values import Deployment, End, Flag
from tests.engine.link.scripted import MODEL, STATE, ScriptedApp
from tests.engine.measuring.stream import Stream, asked, session_of

SHORT = MeasureOptions(seconds=0.5)


def once(action):
    """Call ``action`` at the first batch of samples."""
    todo = [action]

    def on_samples(_samples):
        while todo:
            todo.pop()()

    return on_samples


def test_a_paused_app_runs_for_the_measurement_and_is_paused_again(app, link, database):
    app.say(2, {**STATE, "paused": True})
    app.say(3, MODEL)
    steps = []
    stream = Stream(app)
    measure(session_of(link), MeasureOptions(seconds=0.1), database=database, report=steps.append)
    stream.stop()
    assert asked(app) == [{"paused": False}, {"paused": True}]
    assert steps[0].detail == "the app was paused, and will be again"


def test_a_paused_app_is_paused_again_after_a_run_that_never_began(
    app, link, database, monkeypatch
):
    monkeypatch.setattr(run, "SETTLE_S", 0.1)
    app.say(2, {**STATE, "paused": True})
    with pytest.raises(LinkError, match="sends no samples"):
        measure(session_of(link), SHORT, database=database)
    assert asked(app) == [{"paused": False}, {"paused": True}]


def test_an_app_that_runs_is_asked_for_nothing(app, link, stream, database):
    measure(session_of(link), MeasureOptions(seconds=0.1), database=database)
    assert asked(app) == []


def test_what_was_asked_for_is_applied_before_the_run_and_kept_in_it(database):
    def obey(kind, payload):
        app.say(2, {**STATE, "source": "camera", "camera": "front", "threads": 2})
        app.say(3, {**MODEL, "generation": 2})
        app.say_samples(50, 1, generation=2)

    app = ScriptedApp(on_command=obey)
    app.ready()
    link = Link.open(app)
    old, new = Stream(app), Stream(app, generation=2)
    options = MeasureOptions(
        seconds=0.2, source="camera", camera="front", threads=2, delegate="cpu"
    )
    record = measure(session_of(link), options, database=database)
    old.stop()
    new.stop()
    (wishes,) = asked(app)
    assert wishes == {
        "source": "camera",
        "camera": "front",
        "threads": 2,
        "delegate": "cpu",
        "paused": False,
    }
    facts = record.row.facts
    assert (facts.source, facts.camera, facts.threads, facts.generation) == (
        "camera",
        "front",
        2,
        2,
    )
    assert set(record.samples["generation"]) == {2}
    link.close()
    app.close()


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"source": "film"}, "no source 'film'. It has camera, pictures, loop"),
        ({"camera": "top"}, "no camera 'top'. It has back, front"),
        ({"delegate": "gpu"}, "no delegate 'gpu'. It has cpu, xnnpack"),
        ({"threads": 9}, "runs 1 to 8 threads, not 9"),
        ({"threads": 0}, "runs 1 to 8 threads, not 0"),
    ],
)
def test_what_the_phone_does_not_have_is_named_and_nothing_is_asked(
    app, link, stream, database, wish, sentence
):
    with pytest.raises(LabError, match=sentence):
        measure(session_of(link), MeasureOptions(**wish), database=database)
    assert asked(app) == []
    assert database.runs() == ()


def test_a_refusal_of_the_app_is_passed_on_and_keeps_nothing(app, link, stream, database):
    app.refusals[65] = ("bad_value", "Not now.")
    with pytest.raises(LinkError, match=r"refused: Not now\."):
        measure(session_of(link), MeasureOptions(source="loop"), database=database)
    assert database.runs() == ()


@pytest.mark.parametrize(("source", "camera"), [("camera", "back"), ("loop", "")])
def test_the_camera_is_named_where_it_was_the_source(app, link, database, source, camera):
    app.say(2, {**STATE, "source": source})
    app.say(3, {**MODEL, "fit": "letterbox"})
    stream = Stream(app)
    facts = measure(session_of(link), MeasureOptions(seconds=0.1), database=database).row.facts
    stream.stop()
    assert (facts.source, facts.camera, facts.fit) == (source, camera, "letterbox")
    assert facts.app_debuggable is False


def test_an_app_in_trouble_is_named_at_once(app, link, database):
    trouble = {"code": "camera_permission", "text": "The camera is not allowed."}
    app.say(2, {**STATE, "error": trouble})
    with pytest.raises(LinkError, match="The camera is not allowed"):
        measure(session_of(link), SHORT, database=database)


def test_an_app_that_is_opening_its_model_is_waited_for(app, link, database):
    app.say(2, STATE)
    link.set(threads=1)  # so that the state has arrived
    timer = threading.Timer(0.1, app.ready)
    timer.start()
    stream = Stream(app)
    record = measure(session_of(link), MeasureOptions(seconds=0.1), database=database)
    assert record.row.end is End.COMPLETED
    timer.join()
    stream.stop()


def test_an_app_that_is_not_on_the_screen_is_named(app, link, database, monkeypatch):
    monkeypatch.setattr(run, "SETTLE_S", 0.2)
    app.ready()
    app.say(2, {**STATE, "error": {"code": "background", "text": "Open the app."}})
    with pytest.raises(LinkError, match="cannot measure: Open the app"):
        measure(session_of(link), SHORT, database=database)


def test_fewer_threads_than_asked_for_are_flagged(app, link, database):
    app.say(2, {**STATE, "threads": 2, "threads_asked": 4})
    app.say(3, MODEL)
    stream = Stream(app)
    record = measure(session_of(link), MeasureOptions(seconds=0.1), database=database)
    stream.stop()
    assert (record.row.facts.threads, record.row.facts.threads_asked) == (2, 4)
    assert Flag.THREADS_DIFFER in record.row.flags


def test_an_app_without_samples_is_given_up(app, link, database, monkeypatch):
    monkeypatch.setattr(run, "SETTLE_S", 0.2)
    app.ready()
    with pytest.raises(LinkError, match="sends no samples"):
        measure(session_of(link), SHORT, database=database)
    assert database.runs() == ()


def test_a_link_that_was_lost_before_is_said(app, link, database):
    app.close()
    with pytest.raises(LinkError, match="cut"):
        measure(session_of(link), SHORT, database=database)


@pytest.mark.parametrize(("sha256", "known"), [("ab" * 32, True), ("cd" * 32, False)])
def test_the_apk_is_named_only_if_it_carries_this_model(link, stream, database, sha256, known):
    database.record_deployment(Deployment("0123", "ee" * 32, 5_600_000, sha256, "n", "t"))
    facts = measure(session_of(link), SHORT, database=database).row.facts
    assert facts.apk_sha256 == ("ee" * 32 if known else "")
    assert facts.apk_size_bytes == (5_600_000 if known else None)
    assert facts.swapped is (False if known else None)


def test_a_model_that_came_over_the_link_is_not_the_apks(link, stream, database):
    database.record_deployment(
        Deployment("0123", "ee" * 32, 5_600_000, "ab" * 32, "n", "t", swapped=True)
    )
    facts = measure(session_of(link), SHORT, database=database).row.facts
    assert (facts.apk_sha256, facts.apk_size_bytes, facts.swapped) == ("", None, True)
