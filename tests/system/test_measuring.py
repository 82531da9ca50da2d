"""Runs on a phone at a made-up pace: presets, heat, the gate, the mirror's cost."""

import json
import re
import threading
from queue import SimpleQueue

import numpy as np
import pytest

from engine.deploy import Payload, deploy
from engine.measuring.heat import heat_of
from engine.measuring.mirror_cost import measure_mirror_cost
from engine.measuring.run import MeasureOptions, measure
from engine.phones.adb import Adb
from engine.records.database import Database
from engine.records.values import End, Flag
from engine.session import Session, SessionOptions
from tests.system.conftest import BUNDLED
from tests.system.test_line import SHARED

pytestmark = [
    pytest.mark.system,
    pytest.mark.parametrize("adb", [BUNDLED], indirect=True, ids=["bundled adb"]),
]

SMALL = SHARED / "models" / "mobilenet_v1_0.25_128_quant.tflite"

if not SMALL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)


@pytest.fixture
def phone(adb, start_phone):
    """A virtual phone at a pace, in the list of this adb server."""
    program = start_phone("--pace", "mi-a1")
    assert "connected to" in adb.run("connect", program.serial).out
    yield program
    adb.run("disconnect", program.serial)


@pytest.fixture
def open_session(adb, phone, tmp_path, monkeypatch):
    """``open_session(mirror=False)``: a session whose app has got SMALL and runs it in a loop."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "lab"))
    opened = []

    def start(**options):
        session = Session(
            Adb(adb.port), phone.serial, SimpleQueue(), SessionOptions(link=False, **options)
        )
        opened.append(session)
        session.open()
        deploy(session, Payload(SMALL, (), "small", untrained=False))
        return session

    yield start
    for session in opened:
        session.close()


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "lab.sqlite")
    yield opened
    opened.close()


def test_a_preset_from_the_terminal_is_valid_and_tells_everything(lab, phone, tmp_path):
    lab.run("deploy", SMALL, "--name", "small")
    run_file = tmp_path / "run.json"
    out, _ = lab.run("measure", "--preset", "quick", "--json", run_file)
    assert "simulated mi-a1 pace" in out
    assert re.search(r"median latency .* ms \(95 %: .* ±[0-4]\.\d %\)", out)
    assert re.search(r"battery 31\.\d to 3\d\.\d °C, clock limits", out)
    assert re.search(r"reading this cost \d\.\d % of one core", out)
    run = json.loads(run_file.read_text())
    assert run["run"]["preset"] == "quick"
    assert Flag.TOO_SHORT not in run["run"]["flags"]
    assert run["summary"]["count"] >= 100


def test_heat_is_read_each_second_and_on_the_samples_clock(open_session, database):
    session = open_session(mirror=False)
    record = measure(session, MeasureOptions(seconds=3.2), database=database)
    assert 3 <= len(record.readings) <= 5
    finished = record.samples["finished_ns"].astype(np.int64)
    for reading in record.readings[1:]:
        assert finished[0] - 1e9 < reading.clock_ns < finished[-1] + 1e9
    times = np.diff([each.clock_ns for each in record.readings]) / 1e9
    assert times == pytest.approx(1.0, abs=0.4)
    vitals = record.readings[-1].vitals
    assert vitals.temperature_c >= 31.0
    assert (vitals.battery_percent, vitals.charging) == (82, True)
    assert len(vitals.cpu_khz) == len(record.readings[-1].cpu_max_khz) == 8
    assert 0 <= heat_of(record.readings, record.health).cost < 0.2


def test_a_pace_that_slows_down_is_found_and_never_ranked(open_session, database, phone):
    session = open_session(mirror=False)
    phone.tell("pace mi-a1 throttle 1.2 12")  # a fast start of under 10 s would be a boost
    record = measure(session, MeasureOptions(seconds=16, source="loop"), database=database)
    assert record.row.end is End.COMPLETED
    assert Flag.THROTTLED in record.row.flags
    assert not record.row.valid
    steady, throttled = record.analysis.parts
    assert throttled.summary.median_ms == pytest.approx(1.2 * steady.summary.median_ms, rel=0.05)
    assert record.summary == steady.summary


def test_a_warm_phone_is_waited_for_until_it_is_cool(open_session, database, phone):
    session = open_session(mirror=False)
    phone.tell("battery 82 36")
    told = []

    def report(progress):
        if "waits for" in progress.detail and not told:
            assert session.link.state.paused  # it cools with its app at rest
            phone.tell("battery 82 30")
            told.append(progress)

    options = MeasureOptions(seconds=0.5, start_c=31.0)
    record = measure(session, options, database=database, report=report)
    assert re.match(r"3[56]\.\d °C, waits for 31 °C", told[0].detail)
    assert (record.row.facts.gate, record.row.facts.start_c) == ("met", 31.0)
    assert not session.link.state.paused


def test_who_does_not_wait_for_a_warm_phone_is_marked(open_session, database, phone):
    session = open_session(mirror=False)
    phone.tell("battery 82 36")
    skip = threading.Event()
    skip.set()
    options = MeasureOptions(seconds=0.5, start_c=31.0, skip_gate=skip)
    record = measure(session, options, database=database)
    assert record.row.facts.gate == "skipped"
    assert Flag.GATE_SKIPPED in record.row.flags


def test_the_mirrors_cost_is_measured_in_turns(open_session, database):
    session = open_session()
    cost = measure_mirror_cost(session, MeasureOptions(seconds=1.0), database=database)
    assert len(cost.runs) == 6
    facts = [database.load(run).row.facts for run in cost.runs]
    assert sorted(each.mirror for each in facts) == ["on"] * 3 + ["paused"] * 3
    assert cost.difference.interval[0] <= 1.02  # a pace knows nothing of mirrors
    assert cost.difference.interval[1] >= 0.98
