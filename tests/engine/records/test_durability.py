"""What was written stays, whatever ends the lab or befalls the file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LabError
from engine.records.database import Database
from engine.records.file import SUSPECT
from engine.records.values import End
from tests.engine.records.conftest import keep_run, make_samples

CHECKOUT = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from engine.records.database import Database
from tests.engine.records.conftest import make_facts, make_samples
database = Database(Path(sys.argv[1]))
run = database.begin_run(make_facts())
samples = make_samples(100_000)
for begin in range(0, len(samples), 10):
    database.append(run, samples[begin : begin + 10])
    print(begin + 10, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("after", [1, 7, 200])
def test_whatever_was_written_before_a_kill_is_there_after_it(tmp_path, after):
    path = tmp_path / "lab.sqlite"
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, path], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    with child:
        for number, _ in enumerate(child.stdout, 1):
            if number == after:
                break
        os.kill(child.pid, signal.SIGKILL)
        rest = [int(line) for line in child.stdout if line.endswith("\n")]
    written = max([after * 10, *rest])
    database = Database(path, now=lambda: "2099-01-01T00:00:00.000Z")
    assert database.notice == ""
    record = database.load(1)
    assert record.row.end is End.KILLED
    assert len(record.samples) - written in (0, 10)  # committed, but not yet printed
    assert np.array_equal(record.samples["sequence"], np.arange(len(record.samples)))
    database.close()


@pytest.mark.parametrize("cut", [0, 33, 5_000, 60_000])
def test_a_log_that_was_cut_costs_its_end_only(tmp_path, facts, cut):
    path = tmp_path / "lab.sqlite"
    first = Database(path)
    keep_run(first, facts, 100)
    first.close()
    database = Database(path)
    run = database.begin_run(facts)
    for begin in range(0, 2000, 100):
        database.append(run, make_samples(2000)[begin : begin + 100])
    copied = tmp_path / "copied.sqlite"
    copied.write_bytes(path.read_bytes())
    log = path.with_name("lab.sqlite-wal").read_bytes()
    assert len(log) > 60_000
    copied.with_name("copied.sqlite-wal").write_bytes(log[:cut])
    database.close()
    after = Database(copied)
    assert after.notice == ""
    assert after.load(1).row.sample_count == 100
    for row in after.runs():
        assert after.load(row.id).row.sample_count % 100 == 0
    after.close()


def test_damage_that_a_large_file_shows_while_it_is_read_has_it_checked_next_time(tmp_path, facts):
    path = tmp_path / "lab.sqlite"
    database = Database(path)
    keep_run(database, facts, 3000)
    with database.reading() as connection:
        sql = "SELECT rootpage FROM sqlite_master WHERE name = 'sample_blobs'"
        (page,) = connection.execute(sql).fetchone()
    database.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\x5a" * 4096
    path.write_bytes(content)
    database = Database(path, checked_bytes=0)  # as if it were too large to read through
    assert database.notice == ""
    with pytest.raises(LabError, match="start the lab again to set it aside"):
        database.load(1)
    database.close()
    mended = Database(path, checked_bytes=0)
    aside = next(each for each in tmp_path.glob("*.broken-*") if each.suffix != ".suspect")
    assert str(aside) in mended.notice
    assert len(aside.read_bytes()) == len(content)
    assert not path.with_name(path.name + SUSPECT).exists()
    mended.close()


def test_samples_that_changed_on_the_disk_are_said_to_be_damaged(database, facts):
    run = keep_run(database, facts, 100)
    other = keep_run(database, facts, 100)
    with database.writing() as connection:
        sql = "SELECT part, data FROM sample_blobs WHERE run_id = ?"
        part, data = connection.execute(sql, (run,)).fetchone()
        changed = data[:500] + bytes([data[500] ^ 1]) + data[501:]
        connection.execute("UPDATE sample_blobs SET data = ? WHERE part = ?", (changed, part))
    with pytest.raises(LabError, match=f"samples of run {run} are damaged"):
        database.load(run)
    assert len(database.load(other).samples) == 100
