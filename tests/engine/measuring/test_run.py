"""A run keeps every sample of one model, however it ends."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Cancelled, LinkError
from engine.jobs import CancelToken
from engine.link.client import Link
from engine.measuring.presets import Preset
from engine.measuring.run import MeasureOptions, measure
from engine.records.database import Database
from engine.records.values import End, Flag
from tests.engine.link.scripted import HEALTH, HELLO, MODEL, PREAMBLE, STATE, ScriptedApp, message
from tests.engine.measuring.shell import ShellPhone
from tests.engine.measuring.stream import FakeMirror, Stream, asked, session_of

CHECKOUT = Path(__file__).parents[3]
SHORT = MeasureOptions(seconds=0.5)


def once(action):
    """Call ``action`` at the first batch of samples."""
    todo = [action]

    def on_samples(_samples):
        while todo:
            todo.pop()()

    return on_samples


def test_a_run_tells_what_the_phone_says_of_itself_when_it_begins(link, stream, database):
    session = session_of(link, phone=ShellPhone())
    facts = measure(session, SHORT, database=database).row.facts
    assert session.facts.virtual_note == "n"  # what it said when it was connected
    assert facts.phone_note == facts.phone["virtual_note"] == "simulated"


def test_a_run_is_kept_with_its_facts(link, stream, database):
    record = measure(session_of(link), SHORT, database=database)
    facts = record.row.facts
    assert record.row.end is End.COMPLETED
    assert (facts.name, facts.model_sha256) == ("v1_0.50_128-int8", "ab" * 32)
    assert (facts.delegate, facts.delegate_applied, facts.threads) == ("xnnpack", "xnnpack", 4)
    assert facts.threads_asked == 4
    assert Flag.THREADS_DIFFER not in record.row.flags
    assert facts.phone["model"] == "Mi A1"
    assert facts.phone_note == "n"
    assert (facts.mirror, facts.apk_sha256, facts.apk_size_bytes) == ("off", "", None)
    assert len(record.samples) == record.row.sample_count > 0
    assert np.all(np.diff(record.samples["sequence"]) == 1)
    assert Flag.SAMPLES_MISSING not in record.row.flags
    assert record.health[0].battery_percent == 82
    assert database.load(record.row.id).samples.tobytes() == record.samples.tobytes()


def test_every_counted_batch_is_handed_on(link, stream, database):
    seen = []
    record = measure(session_of(link), SHORT, database=database, on_samples=seen.append)
    assert np.concatenate(seen).tobytes() == record.samples.tobytes()


def test_the_mirror_is_paused_and_the_record_says_so(link, stream, database):
    mirror = FakeMirror()
    record = measure(session_of(link, mirror), SHORT, database=database)
    assert mirror.told == ["pause", "resume"]
    assert record.row.facts.mirror == "paused"
    assert Flag.MIRROR_ON not in record.row.flags


def test_a_mirror_that_was_kept_on_is_flagged(link, stream, database):
    mirror = FakeMirror()
    options = MeasureOptions(seconds=0.3, pause_mirror=False)
    record = measure(session_of(link, mirror), options, database=database)
    assert mirror.told == []
    assert record.row.facts.mirror == "on"
    assert Flag.MIRROR_ON in record.row.flags


def test_a_cancelled_run_keeps_what_it_has(link, stream, database):
    token = CancelToken()
    record = measure(
        session_of(link),
        MeasureOptions(seconds=60),
        database=database,
        cancel=token,
        on_samples=once(token.cancel),
    )
    assert record.row.end is End.CANCELLED
    assert record.row.sample_count >= 5
    assert Flag.CUT_SHORT in record.row.flags


def test_cancelled_before_it_began_keeps_nothing(app, link, database):
    app.ready()
    token = CancelToken()
    timer = threading.Timer(0.1, token.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        measure(session_of(link), SHORT, database=database, cancel=token)
    timer.join()
    assert database.runs() == ()


def test_a_cut_cable_ends_the_run_and_keeps_what_it_has(app, link, stream, database):
    record = measure(
        session_of(link),
        MeasureOptions(seconds=60),
        database=database,
        on_samples=once(app.close),
    )
    assert record.row.end is End.LINK_LOST
    assert record.row.sample_count >= 5
    assert Flag.CUT_SHORT in record.row.flags


@pytest.mark.parametrize(
    "change",
    [(3, {**MODEL, "generation": 2}), (2, {**STATE, "source": "camera"})],
)
def test_another_model_or_source_ends_the_run(app, link, stream, database, change):
    record = measure(
        session_of(link),
        MeasureOptions(seconds=60),
        database=database,
        on_samples=once(lambda: app.say(*change)),
    )
    assert record.row.end is End.CHANGED
    assert set(record.samples["generation"]) == {1}


def test_the_other_camera_ends_the_run_only_if_it_was_the_source(app, link, stream, database):
    def change(source):
        app.say(2, {**STATE, "source": source, "camera": "front"})

    record = measure(
        session_of(link), SHORT, database=database, on_samples=once(lambda: change("loop"))
    )
    assert record.row.end is End.COMPLETED
    app.say(2, {**STATE, "source": "camera"})
    link.set(threads=1)  # so that the state has arrived
    record = measure(
        session_of(link), SHORT, database=database, on_samples=once(lambda: change("camera"))
    )
    assert record.row.end is End.CHANGED


def test_samples_of_another_generation_never_count(app, link, stream, database):
    record = measure(
        session_of(link),
        SHORT,
        database=database,
        on_samples=once(lambda: app.say_samples(10**6, 3, generation=7)),
    )
    assert set(record.samples["generation"]) == {1}
    assert record.samples["sequence"].max() < 10**6


@pytest.mark.parametrize(
    ("hello", "state", "model", "health", "flag"),
    [
        ({}, {}, {"untrained": True}, {}, Flag.UNTRAINED),
        ({}, {"delegate_applied": "cpu"}, {}, {}, Flag.DELEGATE_DIFFERS),
        ({}, {}, {}, {"thermal": 2}, Flag.HOT),
        ({}, {}, {}, {"screen_on": False}, Flag.SCREEN_OFF),
        ({}, {}, {}, {"power_save": True}, Flag.POWER_SAVE),
        ({}, {}, {}, {"charging": False, "battery_percent": 29}, Flag.LOW_BATTERY),
        ({"app": {**HELLO["app"], "debuggable": True}}, {}, {}, {}, Flag.DEBUG_APP),
        ({}, {}, {}, {}, Flag.FEW_SAMPLES),
    ],
)
def test_what_a_reader_must_know_is_flagged(database, hello, state, model, health, flag):
    app = ScriptedApp(PREAMBLE + message(1, {**HELLO, **hello}))
    app.say(2, {**STATE, **state})
    app.say(3, {**MODEL, **model})
    app.say(7, {**HEALTH, **health})
    link = Link.open(app)
    stream = Stream(app)
    record = measure(session_of(link), MeasureOptions(seconds=0.3), database=database)
    assert flag in record.row.flags
    short = {Flag.FEW_SAMPLES, Flag.NOT_WARM}
    if flag is Flag.HOT:
        short.add(Flag.THROTTLED)
    assert set(record.row.flags) <= {flag, *short}
    stream.stop()
    link.close()
    app.close()


def test_missing_samples_and_pauses_are_flagged(app, link, stream, database):
    def skip():
        app.say_samples(10**5, 1)  # the sample's clock jumps with its sequence

    record = measure(session_of(link), SHORT, database=database, on_samples=once(skip))
    assert Flag.SAMPLES_MISSING in record.row.flags
    assert Flag.STALLED in record.row.flags


def test_an_app_that_falls_silent_until_the_end_is_flagged(app, link, stream, database):
    options = MeasureOptions(seconds=2)
    record = measure(session_of(link), options, database=database, on_samples=once(stream.stop))
    assert record.row.end is End.COMPLETED
    assert Flag.STALLED in record.row.flags


BRIEF = Preset("brief", 1.0, 20.0, 20, 0.02)


def test_a_preset_ends_the_run_when_it_is_enough_and_tells_how_near_it_is(link, stream, database):
    told, steps = [], []
    record = measure(
        session_of(link),
        MeasureOptions(preset=BRIEF),
        database=database,
        on_status=told.append,
        report=steps.append,
    )
    assert record.row.end is End.COMPLETED
    assert record.row.facts.preset == "brief"
    assert Flag.TOO_SHORT not in record.row.flags
    assert Flag.NOT_WARM not in record.row.flags
    assert [each.enough for each in told] == [False] * (len(told) - 1) + [True]
    assert told[-1].count <= record.summary.count
    assert steps[-1].fraction == 1.0
    assert steps[-1].detail == told[-1].text


def test_a_preset_that_is_never_enough_ends_after_its_longest_time(link, stream, database):
    asked = Preset("brief", 0.4, 0.6, 10_000)
    record = measure(session_of(link), MeasureOptions(preset=asked), database=database)
    assert record.row.end is End.COMPLETED
    assert Flag.TOO_SHORT in record.row.flags
    assert not record.row.valid


def test_heat_and_clocks_are_kept_on_the_samples_clock(link, stream, database):
    heard = []
    phone = ShellPhone()
    record = measure(
        session_of(link, phone=phone), SHORT, database=database, on_reading=heard.append
    )
    assert record.readings == tuple(heard)
    first = record.readings[0]
    assert first.vitals.temperature_c == 31.2
    assert first.cpu_max_khz == (2016000, 2016000)
    finished = record.samples["finished_ns"].astype(np.int64)
    assert abs(first.clock_ns - finished[0]) < 2e9
    assert phone.ended.wait(10)


def test_a_run_in_a_series_knows_its_place(link, stream, database):
    series_id = database.series.begin("sweep", "t", {})
    options = MeasureOptions(seconds=0.1, series_id=series_id, block=2, place="half")
    facts = measure(session_of(link), options, database=database).row.facts
    assert (facts.series_id, facts.block, facts.place) == (series_id, 2, "half")
    assert (facts.preset, facts.seconds_asked) == ("", 0.1)


def test_a_cool_phone_is_measured_with_its_app_paused_until_then(app, link, stream, database):
    options = MeasureOptions(seconds=0.1, start_c=40.0)
    record = measure(session_of(link, phone=ShellPhone()), options, database=database)
    assert (record.row.facts.gate, record.row.facts.start_c) == ("met", 40.0)
    assert Flag.GATE_SKIPPED not in record.row.flags
    assert asked(app) == [{"paused": True}, {"paused": False}]


def test_a_skipped_gate_is_marked_and_never_ranked(app, link, stream, database):
    skip = threading.Event()
    skip.set()
    options = MeasureOptions(seconds=0.1, start_c=20.0, skip_gate=skip)
    record = measure(session_of(link), options, database=database)  # the app tells 31 degrees
    assert record.row.facts.gate == "skipped"
    assert Flag.GATE_SKIPPED in record.row.flags
    assert not record.row.valid


def test_a_cable_that_is_cut_while_it_cools_is_said(app, link, stream, database):
    def report(progress):
        if progress.step == "cool down":
            app.close()

    options = MeasureOptions(start_c=20.0)
    with pytest.raises(LinkError, match="cut"):
        measure(session_of(link), options, database=database, report=report)
    assert database.runs() == ()


def test_who_gives_up_while_it_cools_finds_the_app_running(app, link, stream, database):
    token = CancelToken()

    def report(progress):
        if progress.step == "cool down":
            token.cancel()

    options = MeasureOptions(seconds=0.1, start_c=20.0)
    with pytest.raises(Cancelled):
        measure(session_of(link), options, database=database, report=report, cancel=token)
    assert asked(app) == [{"paused": True}, {"paused": False}]
    assert database.runs() == ()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_lab_loses_at_most_half_a_second_of_samples(tmp_path):
    path = tmp_path / "lab.sqlite"
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.measuring.stream", str(path)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    with child:
        for line in child.stdout:
            if int(line) >= 300:  # three seconds of samples
                break
        os.kill(child.pid, signal.SIGKILL)
        last_sent = max([int(line), *(int(rest) for rest in child.stdout if rest.strip())])
    assert child.returncode == -signal.SIGKILL
    database = Database(path, now=lambda: "2099-01-01T00:00:00.000Z")
    (row,) = database.runs()
    assert row.end is End.KILLED
    kept = database.load(row.id).samples["sequence"]
    assert np.all(np.diff(kept) == 1)
    assert last_sent - kept[-1] <= 50  # 100 samples per second
    database.close()
