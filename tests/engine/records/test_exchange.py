"""Runs travel whole, come in once, and what is not whole does not come in."""

import hashlib
import json
import zipfile
from contextlib import closing
from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.records.database import Database
from engine.records.exchange import export_zip, import_zip
from engine.records.export import SCHEMA
from engine.records.filtering import RunFilter
from engine.records.packed import Packed
from engine.records.values import End, Step
from tests.engine.records.conftest import keep_run, make_samples

PNG = b"\x89PNG\r\n\x1a\n picture"


@pytest.fixture
def other(tmp_path):
    """The database of another lab."""
    with closing(Database(tmp_path / "other.sqlite")) as opened:
        yield opened


@pytest.fixture
def packed(database, tmp_path):
    """One run with a tag, a note and log lines, as a file; and its number."""
    run = keep_run(database, note="by the window")
    database.history.add_tag(run, "warm")
    with database.writing() as connection:
        connection.execute("INSERT OR REPLACE INTO logs VALUES (?, 'the log')", (run,))
    path = tmp_path / "run.zip"
    export_zip([run], path, database)
    return path


def test_a_run_travels_whole(database, other, packed):
    keep_run(other, count=10)  # numbers differ over there
    imported = import_zip(packed, other)
    assert (imported.runs, imported.new) == ((2,), 1)
    sent, came = database.load(1), other.load(2)
    assert came.samples.tobytes() == sent.samples.tobytes()
    assert (came.health, came.readings) == (sent.health, sent.readings)
    assert came.row.origin == "imported from run.zip"
    assert replace(came.row, id=1, origin="") == sent.row
    assert other.history.log(2) == "the log"
    assert came.summary == sent.summary


def test_the_same_run_gives_the_same_bytes(database, packed, tmp_path):
    again = tmp_path / "again.zip"
    export_zip([1], again, database)
    assert again.read_bytes() == packed.read_bytes()


def test_a_run_that_is_here_is_not_taken_in_again(database, packed, other):
    assert import_zip(packed, database).new == 0
    assert len(database.runs()) == 1
    first, second = import_zip(packed, other), import_zip(packed, other)
    assert first.runs == second.runs
    assert second.new == 0
    assert "Nothing new" in second.sentence
    assert len(other.runs()) == 1


def test_a_run_that_travelled_twice_is_still_the_same(database, packed, other, tmp_path):
    import_zip(packed, other)
    other.history.add_tag(1, "theirs")
    back = tmp_path / "back.zip"
    export_zip([1], back, other)
    assert import_zip(back, database).runs == (1,)
    assert database.load(1).row.tags == ("warm",)
    assert database.load(1).row.origin == ""


def test_a_deleted_run_comes_back_by_its_import(database, packed):
    database.history.delete_runs([1])
    assert import_zip(packed, database).runs == (1,)
    assert [row.id for row in database.runs()] == [1]


def test_a_whole_series_travels_with_its_runs_steps_and_pictures(database, other, tmp_path):
    keep_run(other, count=10)
    series = database.series.begin("qa", "Release 1.4", {"models": ["a"]})
    runs = [
        keep_run(database, count=50, series_id=series, place="a", block=block, seed=block)
        for block in (1, 2)
    ]
    step = Step(series, "0123", 1, "Look", "manual", "PASS", "", {"run": runs[0]}, PNG, "t1")
    database.series.add_step(step)
    database.series.add_step(replace(step, number=2, facts={"runs": [*runs, 99]}, picture=b""))
    database.series.finish(series, "completed")
    path = tmp_path / "series.zip"
    export_zip([], path, database, series_ids=[series])
    for _ in range(2):
        imported = import_zip(path, other)
        assert (imported.runs, imported.series) == ((2, 3), (1,))
        came = other.series.load(1)
        assert replace(came, origin="") == database.series.load(series)
        assert came.origin == "imported from series.zip"
        assert [row.facts.block for row in other.runs(series_id=1)] == [2, 1]
        first, second = other.series.steps(1)
        assert first == replace(step, series_id=1, facts={"run": 2})
        assert second.facts == {"runs": [2, 3, None]}


def test_a_run_that_came_alone_joins_its_series_later(database, other, tmp_path):
    series = database.series.begin("sweep", "All", {})
    run = keep_run(database, count=50, series_id=series)
    export_zip([run], tmp_path / "alone.zip", database)
    export_zip([], tmp_path / "series.zip", database, series_ids=[series])
    import_zip(tmp_path / "alone.zip", other)
    assert other.load(1).row.facts.series_id is None
    import_zip(tmp_path / "series.zip", other)
    assert other.load(1).row.facts.series_id == 1
    assert other.series.load(1).outcome  # nobody can resume it without its phone


def test_a_run_without_samples_travels_too(database, other, facts, tmp_path):
    run = database.begin_run(facts)
    database.finish(run, End.CANCELLED)
    export_zip([run], tmp_path / "run.zip", database)
    import_zip(tmp_path / "run.zip", other)
    assert other.load(1).row.end is End.CANCELLED


def test_a_running_run_is_not_exported_and_nothing_is_left(database, facts, tmp_path):
    database.begin_run(facts)
    with pytest.raises(LabError, match="still running"):
        export_zip([1], tmp_path / "run.zip", database)
    assert not list(tmp_path.glob("*.zip*"))


def test_cancelled_work_leaves_everything_as_it_was(database, packed, other, tmp_path):
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        import_zip(packed, other, report=lambda _: cancel.cancel(), cancel=cancel)
    assert other.runs() == ()
    keep_run(database)
    kept = packed.read_bytes()
    with pytest.raises(Cancelled):
        export_zip([1, 2], packed, database, report=lambda _: cancel.cancel(), cancel=cancel)
    assert packed.read_bytes() == kept


def repack(path, change, *, told=True):
    """Write the file anew with its content changed; ``told`` mends the manifest's hashes."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    change(content)
    if told:
        manifest = json.loads(content["manifest.json"])
        manifest["files"] = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
            for name, data in content.items()
            if name != "manifest.json"
        }
        content["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def edit(name, **changes):
    """Return a change of one JSON file: ``run__id`` is the key ``id`` within ``run``."""

    def change(content):
        told = json.loads(content[name])
        for key, value in changes.items():
            *outer, last = key.split("__")
            inner = told
            for each in outer:
                inner = inner[each]
            inner[last] = value
        content[name] = json.dumps(told).encode()

    return change


RUN = "runs/0001/run.json"
SAMPLES = "runs/0001/samples.parquet"


@pytest.mark.parametrize(
    ("change", "told", "sentence"),
    [
        (lambda content: content.update({RUN: content[RUN] + b" "}), False, "was changed"),
        (lambda content: content.pop(SAMPLES), False, "lacks runs/0001/samples.parquet"),
        (lambda content: content.pop(SAMPLES), True, "lacks runs/0001/samples.parquet"),
        (lambda content: content.pop("manifest.json"), False, "holds no runs"),
        (lambda content: content.update({"../../evil": b""}), True, "does not belong"),
        (lambda content: content.update({"/etc/passwd": b""}), True, "does not belong"),
        (lambda content: content.update({"runs/0001/../x": b""}), True, "does not belong"),
        (lambda content: content.update({"runs/0009/lab.log": b""}), False, "does not name"),
        (lambda content: content.update({SAMPLES: b"PAR1 no"}), True, "is damaged"),
        (lambda content: content.update({RUN: b"{"}), True, "cannot be read"),
        (lambda content: content.update({RUN: b"[]"}), True, "cannot be read"),
        (edit("manifest.json", schema=SCHEMA + 1), False, "newer lab"),
        (edit("manifest.json", kind="other"), False, "cannot be read"),
        (edit("manifest.json", files=3), False, "cannot be read"),
        (edit("manifest.json", files={RUN: 3}), False, "cannot be read"),
        (edit(RUN, schema=SCHEMA + 1), True, "newer lab"),
        (edit(RUN, schema="2"), True, "cannot be read"),
        (edit(RUN, run=None), True, "is damaged"),
        (edit(RUN, run__threads="4"), True, "is damaged"),
        (edit(RUN, run__threads=True), True, "is damaged"),
        (edit(RUN, run__threads=2**63), True, "is damaged"),
        (edit(RUN, run__load_ms=None), True, "is damaged"),
        (edit(RUN, run__surprise=1), True, "is damaged"),
        (edit(RUN, run__end="exploded"), True, "is damaged"),
        (edit(RUN, run__end="running"), True, "is damaged"),
        (edit(RUN, run__flags=["purple"]), True, "is damaged"),
        (edit(RUN, run__flags=3), True, "is damaged"),
        (edit(RUN, run__started_utc="yesterday"), True, "is damaged"),
        (edit(RUN, run__tags=["a,b"]), True, "is damaged"),
        (edit(RUN, run__tags=[3]), True, "is damaged"),
        (edit(RUN, health=[{"clock_ns": 1, "battery_c": "hot"}]), True, "is damaged"),
        (edit(RUN, health=[{"clock_ns": 1, "cpu_khz": ["1"]}]), True, "is damaged"),
        (edit(RUN, readings=[{"clock_ns": 1}]), True, "is damaged"),
        (edit(RUN, readings=[]), True, "is damaged"),  # other content than its hash
        (edit(RUN, run__threads=3), True, "is damaged"),
        (edit(RUN, content_sha256="0"), True, "is damaged"),
    ],
)
def test_what_is_not_whole_is_one_sentence_and_leaves_nothing(
    packed, other, change, told, sentence
):
    repack(packed, change, told=told)
    with pytest.raises(LabError, match=sentence) as caught:
        import_zip(packed, other)
    assert str(caught.value).startswith("run.zip ")
    assert other.runs(RunFilter()) == ()


def test_one_bad_run_among_good_ones_keeps_all_out(database, other, tmp_path):
    for seed in range(3):
        keep_run(database, seed=seed)
    path = tmp_path / "runs.zip"
    export_zip([1, 2, 3], path, database)
    with zipfile.ZipFile(path) as archive:
        theirs = archive.read("runs/0001/samples.parquet")
    repack(path, lambda content: content.update({"runs/0003/samples.parquet": theirs}))
    with pytest.raises(LabError, match=r"runs/0003/samples\.parquet"):
        import_zip(path, other)
    assert other.runs() == ()


def test_what_would_unpack_to_far_too_much_is_refused_unread(packed, other):
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("runs/0002/lab.log", bytes(65_000_000))
    with pytest.raises(LabError, match="unpack to more"):
        import_zip(packed, other)


def test_an_entry_that_lies_about_its_size_is_refused(packed, other):
    data = packed.read_bytes()
    with zipfile.ZipFile(packed) as archive:
        size = archive.getinfo(RUN).file_size
    packed.write_bytes(data.replace(size.to_bytes(4, "little"), (size - 9).to_bytes(4, "little")))
    with pytest.raises(LabError):
        import_zip(packed, other)
    assert other.runs() == ()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then nothing", b"text" * 100])
def test_what_is_no_zip_is_one_sentence(tmp_path, other, content):
    path = tmp_path / "run.zip"
    path.write_bytes(content)
    with pytest.raises(LabError, match=r"no \.zip file"):
        import_zip(path, other)
    with pytest.raises(LabError, match="cannot be read"):
        import_zip(tmp_path, other)
    with pytest.raises(LabError, match="cannot be read"):
        import_zip(tmp_path / "missing.zip", other)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_file_with_a_flipped_byte_is_whole_or_one_sentence(packed, tmp_path, data):
    content = bytearray(packed.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    changed = tmp_path / "changed.zip"
    changed.write_bytes(content)
    try:
        with closing(Packed(changed)) as opened:
            for name in opened.names():
                opened.read(name)
    except LabError:
        return
    with zipfile.ZipFile(packed) as archive, closing(Packed(changed)) as opened:
        assert {name: opened.read(name) for name in opened.names()} == {
            name: archive.read(name) for name in archive.namelist() if name != "manifest.json"
        }


def test_an_import_does_not_hold_up_a_reader(packed, other):
    listed = []

    def look(_progress):
        listed.append(other.runs())

    import_zip(packed, other, report=look)
    assert len(listed[-1]) == 1
    assert () in listed


def test_the_hash_of_the_content_is_told(packed):
    with zipfile.ZipFile(packed) as archive:
        told = orjson.loads(archive.read(RUN))
    assert len(told["content_sha256"]) == 64
    assert told["samples"] is None


def test_samples_are_kept_in_rows_that_read_fast(database, facts, other, tmp_path):
    run = database.begin_run(facts)
    database.append(run, make_samples(12_000))
    database.finish(run, End.COMPLETED)
    export_zip([run], tmp_path / "run.zip", database)
    import_zip(tmp_path / "run.zip", other)
    with other.reading() as connection:
        counts = [row[0] for row in connection.execute("SELECT count FROM sample_blobs")]
    assert counts == [5000, 5000, 2000]
    assert np.array_equal(other.load(1).samples, database.load(run).samples)
