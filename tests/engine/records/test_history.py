"""A person keeps runs in order without changing what was measured."""

import logging
import threading
from dataclasses import replace

import pytest

from engine.errors import LabError
from engine.logs import start_log
from engine.records.database import Database
from engine.records.filtering import RunFilter
from engine.records.history import MAX_TAG
from engine.records.values import End, utc_now
from tests.engine.records.conftest import keep_run, make_samples


def test_tags_are_set_once_and_taken_away(database):
    run = keep_run(database, count=10)
    for tag in ("warm", "  release   1 ", "warm"):
        database.history.add_tag(run, tag)
    assert database.load(run).row.tags == ("release 1", "warm")
    assert database.history.tags() == ("release 1", "warm")
    database.history.remove_tag(run, "warm")
    assert [row.tags for row in database.runs()] == [("release 1",)]
    with pytest.raises(LabError, match="no tag 'warm'"):
        database.history.remove_tag(run, "warm")


@pytest.mark.parametrize("tag", ["", "  ", "a,b", "x" * (MAX_TAG + 1), "a\x07"])
def test_a_tag_that_cannot_be_one_is_one_sentence(database, tag):
    run = keep_run(database, count=10)
    with pytest.raises(LabError, match="cannot be a tag"):
        database.history.add_tag(run, tag)


def test_a_note_changes_and_the_measurement_does_not(database):
    run = keep_run(database)
    before = database.load(run)
    database.history.set_note(run, " by the window ")
    after = database.load(run)
    assert after.row.facts.note == "by the window"
    assert after.samples.tobytes() == before.samples.tobytes()
    assert (after.row.digest, after.row.flags) == (before.row.digest, before.row.flags)


def test_a_deleted_run_is_hidden_and_comes_back_whole(database):
    run, other = keep_run(database), keep_run(database)
    database.history.add_tag(run, "kept")
    before = database.load(run)
    database.history.delete_runs([run])
    assert [row.id for row in database.runs()] == [other]
    assert database.history.tags() == ()
    with pytest.raises(LabError, match=f"restore {run}"):
        database.load(run)
    database.history.restore_runs([run])
    after = database.load(run)
    assert after.row == before.row
    assert after.samples.tobytes() == before.samples.tobytes()


def test_whatever_changes_the_list_changes_its_signature(database, facts):
    run = keep_run(database, count=10)
    seen = [database.history.signature()]
    running = database.begin_run(facts)
    for change in (
        lambda: None,
        lambda: database.finish(running, End.CANCELLED),
        lambda: database.history.add_tag(run, "b"),
        lambda: database.history.set_note(run, "a word"),
        lambda: database.history.delete_runs([run]),
        lambda: database.history.restore_runs([run]),
        lambda: database.series.begin("qa", "Release", {}),
    ):
        change()
        assert database.history.signature() != seen[-1]
        seen.append(database.history.signature())


def test_a_run_that_goes_on_leaves_the_list_as_it_is(database, facts):
    run = database.begin_run(facts)
    before = database.history.signature()
    database.append(run, make_samples(10))
    assert database.history.signature() == before


def test_runs_are_deleted_all_or_none(database):
    run = keep_run(database, count=10)
    with pytest.raises(LabError, match="no run 99"):
        database.history.delete_runs([run, 99])
    assert [row.id for row in database.runs()] == [run]


def test_a_running_run_is_not_deleted(database, facts):
    run = database.begin_run(facts)
    with pytest.raises(LabError, match="still running"):
        database.history.delete_runs([run])


def test_a_new_run_never_takes_a_deleted_ones_number(tmp_path, facts):
    clock = ["2026-01-01T00:00:00.000Z"]
    database = Database(tmp_path / "lab.sqlite", now=lambda: clock[0])
    run = keep_run(database, facts, 10)
    database.history.delete_runs([run])
    clock[0] = "2026-03-01T00:00:00.000Z"
    assert database.history.purge() == 1
    assert database.begin_run(facts) > run
    database.close()


def test_what_was_deleted_goes_when_a_lab_starts_a_month_later(tmp_path, facts):
    clock = ["2026-01-01T00:00:00.000Z"]

    def started():
        return Database(tmp_path / "lab.sqlite", now=lambda: clock[0])

    with_run = started()
    run = keep_run(with_run, facts, 10)
    with_run.history.delete_runs([run])
    with_run.close()
    for day, left in (("2026-01-30", 1), ("2026-02-01", 0)):
        clock[0] = f"{day}T00:00:00.000Z"
        later = started()
        assert len(later.runs(RunFilter(deleted=True))) == left
        with later.reading() as connection:
            (blobs,) = connection.execute("SELECT count(*) FROM sample_blobs").fetchone()
        assert blobs == left
        later.close()


def test_nothing_goes_while_a_run_is_running(tmp_path, facts):
    clock = ["2026-01-01T00:00:00.000Z"]
    database = Database(tmp_path / "lab.sqlite", now=lambda: clock[0])
    database.history.delete_runs([keep_run(database, facts, 10)])
    clock[0] = "2026-03-01T00:00:00.000Z"
    running = database.begin_run(facts)
    assert database.history.purge() == 0
    database.finish(running, End.COMPLETED)
    assert database.history.purge() == 1
    database.close()


def test_figures_of_killed_runs_are_worked_out_later(tmp_path, facts):
    clock = ["2026-01-01T00:00:00.000Z"]
    database = Database(tmp_path / "lab.sqlite", now=lambda: clock[0])
    killed = database.begin_run(facts)
    database.append(killed, make_samples(200))
    damaged = database.begin_run(facts)
    database.append(damaged, make_samples(20))
    with database.writing() as connection:
        connection.execute("UPDATE sample_blobs SET data = zeroblob(72) WHERE run_id = 2")
    assert database.fill_digests() == 0  # they may still be running
    clock[0] = "2026-01-01T00:01:00.000Z"
    assert database.fill_digests(lambda: True) == 0
    assert database.fill_digests() == 2
    rows = {row.id: row.digest for row in database.runs()}
    assert rows[killed].median_ms == pytest.approx(40, rel=0.01)
    assert rows[damaged] is None
    assert database.fill_digests() == 0
    database.close()


@pytest.fixture
def logging_lab(tmp_path):
    """A process that writes the lab's log."""
    root = logging.getLogger()
    before, level, hook = list(root.handlers), root.level, threading.excepthook
    yield start_log(folder=tmp_path)
    threading.excepthook = hook
    root.setLevel(level)
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()


def test_a_run_keeps_what_the_log_said_meanwhile(database, facts, logging_lab):
    run = database.begin_run(replace(facts, started_utc=utc_now()))
    logging.getLogger("engine.test").info("the phone blinked")
    database.finish(run, End.COMPLETED)
    assert database.history.log(run).endswith("the phone blinked")
    logging_lab.write_text("rotated away")
    assert "blinked" in database.history.log(run)
    assert database.history.log(99) == ""
