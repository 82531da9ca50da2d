"""A sweep on the virtual phone, and what may happen to one."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from engine.deploy import Payload
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.measuring.ab import ab_result
from engine.measuring.presets import Preset
from engine.measuring.sweep import resumable, sweep
from engine.measuring.sweep_plan import SweepPlan, cross
from engine.measuring.sweep_result import SweepResult
from engine.phones.adb import Adb
from engine.records.database import Database
from engine.records.values import End, Flag, RunRecord
from engine.session import Session, SessionOptions
from tests.system.conftest import BUNDLED, PhoneProgram
from tests.system.test_line import MODEL

pytestmark = pytest.mark.system

if not MODEL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)

SHORT = Preset("short", 0.7, 4.0, 100)
PLAN = SweepPlan(cross([str(MODEL)], threads=(1, 2)), SHORT)


@dataclass
class Bench:
    """A session with a paced phone, and the file of runs of its sweeps."""

    phone: PhoneProgram
    session: Session
    path: Path
    runs: list[RunRecord] = field(default_factory=list)

    def sweep(self, plan: SweepPlan = PLAN, **options: Any) -> SweepResult:
        database = options.pop("database", None) or Database(self.path)
        with closing(database):
            return sweep(
                self.session,
                plan,
                resolve=lambda model, _report, _cancel: Payload(
                    Path(model), (), "m", untrained=False
                ),
                database=database,
                on_run=options.pop("on_run", self.runs.append),
                **options,
            )


@pytest.fixture
def bench(adb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    for name, value in adb.environment.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    phone = PhoneProgram("--pace", "pixel-3")
    server = Adb(adb.port)
    server.connect(phone.serial)
    options = SessionOptions(mirror=False, awake=False)
    session = Session(server, phone.serial, SimpleQueue(), options)
    session.open()
    yield Bench(phone, session, tmp_path / "lab.sqlite")
    session.close()
    server.disconnect(phone.serial)
    phone.end()


only_bundled = pytest.mark.parametrize("adb", [BUNDLED], indirect=True, ids=["bundled adb"])


@only_bundled
def test_faults_in_mid_sweep_lose_nothing_and_it_goes_on_by_itself(adb, bench: Bench) -> None:
    faults = {
        1: lambda: bench.phone.tell("kill-app"),  # in which run, those that broke off included
        3: lambda: [bench.phone.tell("in 1.5 replug"), bench.phone.tell("unplug")],
        5: lambda: adb.run("kill-server"),
    }

    def on_samples(samples: Any) -> None:
        fault = faults.pop(len(bench.runs) + 1, None)
        if fault is not None:
            fault()

    result = bench.sweep(on_samples=on_samples)
    assert (result.measured, result.planned) == (6, 6)
    assert result.series.outcome == "completed"
    assert all(len(each.blocks_ms) == 3 for each in result.places), result.places
    broken = [each for each in bench.runs if each.row.end is End.LINK_LOST]
    assert len(broken) == 3
    assert all(len(each.samples) for each in broken)
    assert not any(each.row.valid for each in broken)


@only_bundled
def test_a_full_disk_ends_it_and_it_is_resumed(bench: Bench) -> None:
    full = Database(bench.path)

    def on_run(record: RunRecord) -> None:
        bench.runs.append(record)
        if len(bench.runs) == 2:
            with full.writing() as connection:  # SQLite's own "database or disk is full"
                pages = connection.execute("PRAGMA page_count").fetchone()[0]
                connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(LabError, match="cannot be used") as caught:
        bench.sweep(database=full, on_run=on_run)
    assert "disk is full" in caught.value.advice
    with closing(Database(bench.path)) as database:
        (unfinished,) = resumable(database)
        kept = {each.id: each for each in database.runs(series_id=unfinished.id)}
    result = bench.sweep(series_id=unfinished.id)
    assert (result.measured, result.planned) == (6, 6)
    with closing(Database(bench.path)) as database:
        assert not resumable(database)
        after = {each.id: each for each in database.runs(series_id=unfinished.id)}
        completed = [each for each in after.values() if each.end is End.COMPLETED]
    assert len(completed) == 6
    assert all(after[each.id] == each for each in kept.values() if each.end is End.COMPLETED)


@only_bundled
def test_cancel_keeps_what_was_measured_and_the_rest_is_resumed(bench: Bench) -> None:
    token = CancelToken()

    def on_run(record: RunRecord) -> None:
        bench.runs.append(record)
        if len(bench.runs) == 2:
            token.cancel()

    with pytest.raises(Cancelled):
        bench.sweep(on_run=on_run, cancel=token)
    with closing(Database(bench.path)) as database:
        (unfinished,) = resumable(database)
    result = bench.sweep(series_id=unfinished.id)
    assert result.measured == 6
    assert len(bench.runs) == 6  # the two of before were not measured again
    with pytest.raises(LabError, match="is finished"):
        bench.sweep(series_id=unfinished.id)


@only_bundled
def test_a_ranking_tells_what_differs_and_ties_what_does_not(bench: Bench) -> None:
    slower = MODEL.with_name("mobilenet_v1_0.75_192_quant.tflite")
    plan = SweepPlan(cross([str(MODEL), str(slower)], threads=(1,)), SHORT)
    result = bench.sweep(plan, kind="ab")
    assert [each.rank for each in result.places] == [1, 2]
    assert result.places[0].place.short == MODEL.stem
    with closing(Database(bench.path)) as database:
        answer = ab_result(database, result.series.id)
    assert answer.difference.detectable
    assert answer.difference.ratio > 1
    flags = {flag for each in bench.runs for flag in each.row.flags}
    assert Flag.MIRROR_ON not in flags


@only_bundled
def test_what_the_phone_does_not_have_is_said_before_anything_is_measured(bench: Bench) -> None:
    plan = SweepPlan(cross([str(MODEL)], delegates=("xnnpack", "gpu")), SHORT)
    with pytest.raises(LabError, match="no delegate 'gpu'"):
        bench.sweep(plan)
    assert not bench.runs
