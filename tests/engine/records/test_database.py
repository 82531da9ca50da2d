"""Runs are kept, whole, whatever happens to the file or the lab."""

import sqlite3
import threading
from dataclasses import asdict, replace

import numpy as np
import pytest

from engine.errors import LabError
from engine.link.messages import SAMPLE_DTYPE, Health
from engine.records.database import Database
from engine.records.migrations import MIGRATIONS
from engine.records.values import Deployment, End, Flag
from tests.engine.records.conftest import make_facts


def samples(start, count):
    array = np.zeros(count, SAMPLE_DTYPE)
    array["sequence"] = np.arange(start, start + count)
    array["infer_ns"] = 40_000_000
    array["captured_ns"] = array["sequence"].astype(np.uint64) * 50_000_000
    array["finished_ns"] = array["captured_ns"] + 45_000_000
    array["generation"] = 1
    return array


def test_a_run_comes_back_as_it_was_kept(database, facts):
    facts = replace(facts, camera="front", fit="letterbox", app_debuggable=True, swapped=False)
    run_id = database.begin_run(facts)
    health = Health(
        clock_ns=5,
        battery_c=31.5,
        cpu_khz=(1, 2),
        screen_on=True,
        power_save=False,
        native_heap_kb=9,
    )
    database.append(run_id, samples(0, 30), (health,))
    database.append(run_id, samples(30, 10), (Health(clock_ns=6),))
    database.finish(run_id, End.COMPLETED, (Flag.UNTRAINED, Flag.FEW_SAMPLES))
    record = database.load(run_id)
    assert record.row.facts == facts
    assert record.row.end is End.COMPLETED
    assert record.row.flags == (Flag.UNTRAINED, Flag.FEW_SAMPLES)
    assert record.row.sample_count == 40
    assert record.samples.tobytes() == samples(0, 40).tobytes()
    assert record.health == (health, Health(clock_ns=6))
    assert record.summary.median_ms == 40


def test_runs_are_listed_newest_first(database, facts):
    ids = [database.begin_run(facts) for _ in range(3)]
    assert [row.id for row in database.runs()] == ids[::-1]


def test_a_run_without_samples_has_no_summary(database, facts):
    run_id = database.begin_run(facts)
    database.append(run_id, samples(0, 0))
    assert database.load(run_id).summary is None


def test_an_unknown_run_is_one_sentence(database):
    with pytest.raises(LabError, match="no run 99"):
        database.load(99)


def test_a_run_that_was_never_finished_was_killed(tmp_path, facts):
    clock = ["2026-01-02T03:04:05.000Z"]
    database = Database(tmp_path / "lab.sqlite", now=lambda: clock[0])
    run_id = database.begin_run(facts)
    assert database.load(run_id).row.end is End.RUNNING
    clock[0] = "2026-01-02T03:04:20.000Z"
    row = database.load(run_id).row
    assert row.end is End.KILLED
    assert row.ended_utc == "2026-01-02T03:04:05.000Z"
    database.append(run_id, samples(0, 1))
    assert database.load(run_id).row.end is End.RUNNING
    database.close()


def test_what_was_kept_outlives_the_lab(tmp_path, facts):
    first = Database(tmp_path / "lab.sqlite")
    run_id = first.begin_run(facts)
    first.append(run_id, samples(0, 3))
    second = Database(tmp_path / "lab.sqlite")  # the first never closed
    assert second.load(run_id).row.sample_count == 3
    assert second.notice == ""
    second.close()
    first.close()


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"x"])
def test_a_file_that_is_no_database_is_set_aside_and_said(tmp_path, content, facts):
    path = tmp_path / "lab.sqlite"
    path.write_bytes(content)
    database = Database(path)
    (aside,) = tmp_path.glob("lab.sqlite.broken-*")
    assert aside.read_bytes() == content
    assert str(aside) in database.notice
    assert database.begin_run(facts) == 1
    database.close()


def test_a_damaged_database_is_set_aside_and_said(tmp_path, facts):
    path = tmp_path / "lab.sqlite"
    database = Database(path)
    run_id = database.begin_run(facts)
    for start in range(0, 5000, 500):
        database.append(run_id, samples(start, 500))
    database.close()
    data = bytearray(path.read_bytes())
    data[4096:40960] = b"\x5a" * (40960 - 4096)
    path.write_bytes(data)
    mended = Database(path)
    (aside,) = tmp_path.glob("lab.sqlite.broken-*")
    assert aside.read_bytes() == bytes(data)
    assert str(aside) in mended.notice
    assert mended.runs() == ()
    mended.close()


def test_a_second_broken_file_does_not_overwrite_the_first(tmp_path):
    for content in (b"first" * 99, b"second" * 99):
        for tail in ("", "-wal", "-shm"):
            (tmp_path / f"lab.sqlite{tail}").unlink(missing_ok=True)
        (tmp_path / "lab.sqlite").write_bytes(content)
        Database(tmp_path / "lab.sqlite").close()
    kept = sorted(each.read_bytes()[:5] for each in tmp_path.glob("*.broken-*"))
    assert kept == [b"first", b"secon"]


def test_a_file_of_the_first_version_keeps_its_runs(tmp_path):
    path = tmp_path / "lab.sqlite"
    connection = sqlite3.connect(path)
    for statement in MIGRATIONS[0]:
        connection.execute(statement)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")][1:]
    old = asdict(make_facts()) | {"phone": "{}", "seen_utc": "2026-01-02T03:04:05.678Z"}
    values = [old.get(name) for name in columns if name != "flags"]
    names = ", ".join(name for name in columns if name != "flags")
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", values)
    connection.execute(
        "INSERT INTO deployments (serial, apk_sha256, apk_size_bytes, model_sha256, name, utc)"
        " VALUES ('0123', 'e', 10, 'm', 'n', 't')"
    )
    connection.execute(
        "INSERT INTO health (run_id, clock_ns, facts) VALUES (1, 5, ?)",
        ('{"clock_ns": 5, "battery_c": 31.0, "cpu_khz": [1], "pss_kb": 7}',),
    )
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    database = Database(path)
    (row,) = database.runs()
    assert (row.facts.threads, row.facts.threads_asked) == (4, None)
    assert (row.facts.camera, row.facts.fit) == ("", "")
    assert (row.facts.app_debuggable, row.facts.swapped) == (None, None)
    assert database.last_deployment("0123") == Deployment("0123", "e", 10, "m", "n", "t")
    assert database.load(1).health == (Health(5, battery_c=31.0, cpu_khz=(1,), pss_kb=7),)
    assert database.begin_run(replace(make_facts(), threads_asked=6)) == 2
    assert database.load(2).row.facts.threads_asked == 6
    database.close()


def test_a_file_of_a_newer_lab_is_left_alone(tmp_path):
    path = tmp_path / "lab.sqlite"
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(LabError, match="newer lab"):
        Database(path)
    assert not list(tmp_path.glob("*.broken-*"))


def test_a_folder_in_place_of_the_file_is_one_sentence(tmp_path):
    (tmp_path / "lab.sqlite").mkdir()
    with pytest.raises(LabError, match="cannot be used"):
        Database(tmp_path / "lab.sqlite")


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(LabError, match="folder is there"):
        Database(tmp_path / "no" / "lab.sqlite")


def test_two_labs_may_write_at_once(tmp_path, facts):
    databases = [Database(tmp_path / "lab.sqlite") for _ in range(2)]
    ids = [each.begin_run(facts) for each in databases]

    def write(database, run_id):
        for start in range(0, 200, 10):
            database.append(run_id, samples(start, 10))

    threads = [
        threading.Thread(target=write, args=pair) for pair in zip(databases, ids, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.sample_count for row in databases[0].runs()] == [200, 200]
    for each in databases:
        each.close()


def test_samples_of_no_run_are_refused(database):
    with pytest.raises(LabError, match="cannot be used"):
        database.append(5, samples(0, 1))


def test_the_last_deployment_of_a_phone_is_remembered(database):
    for number in range(2):
        database.record_deployment(Deployment("a", f"{number}", 10, "m", "n", "t"))
    swapped = Deployment("b", "9", 10, "m", "n", "t", swapped=True)
    database.record_deployment(swapped)
    assert database.last_deployment("a") == Deployment("a", "1", 10, "m", "n", "t")
    assert database.last_deployment("b") == swapped
    assert database.last_deployment("c") is None


def test_a_run_is_read_whole_while_another_lab_writes_it(database, facts, tmp_path):
    other = Database(tmp_path / "lab.sqlite")
    run_id = other.begin_run(facts)
    other.append(run_id, samples(0, 10))

    def write_in_between(statement):
        if "SELECT data" in statement:
            other.append(run_id, samples(10, 10))

    database._reader.set_trace_callback(write_in_between)
    assert database.load(run_id).row.sample_count == 10
    database._reader.set_trace_callback(None)
    assert database.load(run_id).row.sample_count == 20
    other.close()


def test_labs_that_open_a_new_file_at_once_wait_for_each_other(tmp_path):
    path = tmp_path / "lab.sqlite"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE padding (value)")
    holder.execute("BEGIN IMMEDIATE")
    opened = []
    second = threading.Thread(target=lambda: opened.append(Database(path)))
    second.start()
    second.join(0.2)
    assert opened == []
    holder.execute("COMMIT")
    holder.close()
    second.join(10)
    (database,) = opened
    assert database.notice == ""
    database.close()
