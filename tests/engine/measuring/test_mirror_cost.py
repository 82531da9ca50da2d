"""The mirror's cost: in turns, kept, and said with its interval."""

import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.link.client import Link
from engine.measuring import mirror_cost
from engine.measuring.mirror_cost import measure_mirror_cost, mirror_cost_result
from engine.measuring.preparation import MeasureOptions
from engine.records.database import Database
from engine.records.values import Flag
from tests.engine.link.scripted import ScriptedApp
from tests.engine.measuring.stream import FakeMirror, Stream, session_of

BRIEF = MeasureOptions(seconds=0.12)


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "lab.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def app():
    scripted = ScriptedApp().ready()
    yield scripted
    scripted.close()


@pytest.fixture
def mirror():
    return FakeMirror()


@pytest.fixture
def session(app, mirror):
    link = Link.open(app)
    stream = Stream(app)
    yield session_of(link, mirror)
    stream.stop()
    link.close()


def make_slower(monkeypatch, mirror, app):
    """Let each inference take 20 % longer while the mirror is on."""
    say = app.say_samples

    def slower(start, count, **changes):
        noise = 0.1 * (start % 7)
        say(start, count, infer_ms=(12.0 if mirror.live else 10.0) + noise, **changes)

    monkeypatch.setattr(app, "say_samples", slower)


def test_both_are_measured_once_in_each_block_in_random_order(session, database):
    cost = measure_mirror_cost(session, BRIEF, database=database, blocks=5, seed=3)
    rows = sorted(database.runs(series_id=cost.series_id), key=lambda each: each.id)
    assert cost.runs == tuple(each.id for each in rows)
    assert [each.facts.block for each in rows] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    pairs = [tuple(each.facts.place for each in rows[at : at + 2]) for at in range(0, 10, 2)]
    assert {frozenset(pair) for pair in pairs} == {frozenset({"mirror on", "mirror paused"})}
    assert len(set(pairs)) == 2
    for row in rows:
        on = row.facts.place == "mirror on"
        assert row.facts.mirror == ("on" if on else "paused")
        assert (Flag.MIRROR_ON in row.flags) is on
    series = database.series.load(cost.series_id)
    assert (series.kind, series.outcome) == ("mirror-cost", "completed")


def test_a_cost_is_told_with_its_interval(session, database, app, mirror, monkeypatch):
    make_slower(monkeypatch, mirror, app)
    cost = measure_mirror_cost(session, BRIEF, database=database)
    assert cost.difference.detectable
    assert cost.difference.ratio == pytest.approx(1.19, abs=0.05)
    assert "% (95 % interval +" in cost.sentence
    assert mirror_cost_result(database, cost.series_id) == cost


def test_no_cost_is_an_answer(session, database):
    cost = measure_mirror_cost(session, BRIEF, database=database)
    assert not cost.difference.detectable
    assert cost.sentence.startswith("The mirror costs nothing that could be detected")


def test_progress_goes_through_all_runs(session, database):
    told = []
    measure_mirror_cost(session, BRIEF, database=database, report=told.append)
    assert {each.step for each in told} == {"mirror cost"}
    fractions = [each.fraction for each in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any(each.detail.startswith("run 6 of 6, mirror ") for each in told)


def test_a_cancel_keeps_what_was_measured(session, database):
    token = CancelToken()

    def report(progress):
        if progress.detail.startswith("run 3 of 6") and " samples" in progress.detail:
            token.cancel()

    with pytest.raises(Cancelled):
        measure_mirror_cost(session, BRIEF, database=database, report=report, cancel=token)
    (series,) = database.series.every("mirror-cost")
    assert series.outcome == "cancelled"
    assert len(database.runs(series_id=series.id)) == 3
    assert len(mirror_cost_result(database, series.id).runs) == 3


def test_without_a_mirror_there_is_nothing_to_measure(session, database):
    session.mirror = None
    with pytest.raises(LabError, match="no mirror"):
        measure_mirror_cost(session, BRIEF, database=database)
    assert database.series.every() == ()


def test_a_mirror_that_shows_nothing_is_named(session, database, mirror, monkeypatch):
    monkeypatch.setattr(mirror_cost, "LIVE_S", 0.1)
    monkeypatch.setattr(mirror, "resume", lambda: None)
    mirror.live = False
    with pytest.raises(LabError, match="does not show the phone's screen"):
        measure_mirror_cost(session, BRIEF, database=database)
    (series,) = database.series.every()
    assert series.outcome == "failed"


def test_a_mirror_that_ends_in_mid_run_is_named(session, database, mirror):
    def die(status):
        if not mirror.told or mirror.told[-1] == "resume":
            mirror.live = False

    with pytest.raises(LabError, match="ended in the middle of a run"):
        measure_mirror_cost(session, BRIEF, database=database, on_status=die)


def test_fewer_than_three_blocks_are_refused(session, database):
    with pytest.raises(LabError, match="at least 3 blocks"):
        measure_mirror_cost(session, BRIEF, database=database, blocks=2)


def test_a_series_of_another_kind_has_no_mirror_cost(database):
    series_id = database.series.begin("sweep", "t", {})
    with pytest.raises(LabError, match="no mirror-cost"):
        mirror_cost_result(database, series_id)
