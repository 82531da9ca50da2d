"""run.json says all that was kept."""

import json

import numpy as np
import pytest

from engine.errors import LabError
from engine.link.messages import NO_RESULT, NO_TEMPERATURE, SAMPLE_DTYPE, Health
from engine.records.export import dump_run, write_run
from engine.records.values import End, Flag


@pytest.fixture
def record(database, facts):
    array = np.zeros(12, SAMPLE_DTYPE)
    array["sequence"] = np.arange(12)
    array["infer_ns"] = 40_000_000
    array["result"] = NO_RESULT
    array["result"][3] = 3
    array["temperature_dc"] = 311
    array["temperature_dc"][0] = NO_TEMPERATURE
    array["finished_ns"] = np.arange(12) * 10**8
    run_id = database.begin_run(facts)
    database.append(run_id, array, (Health(clock_ns=5),))
    database.finish(run_id, End.LINK_LOST, (Flag.CUT_SHORT,))
    return database.load(run_id)


def test_every_sample_is_there_by_stage(record):
    written = json.loads(dump_run(record))
    assert written["schema"] == 2
    columns = written["samples"]
    assert {len(column) for column in columns.values()} == {12}
    assert columns["infer_ns"] == [40_000_000] * 12
    assert columns["result"] == [None] * 3 + [3] + [None] * 8
    assert columns["temperature_c"] == [None] + [31.1] * 11


def test_facts_summary_and_end_are_there(record, facts):
    written = json.loads(dump_run(record))
    assert written["run"]["name"] == facts.name
    assert written["run"]["end"] == "link lost"
    assert written["run"]["flags"] == ["cut short"]
    assert written["summary"]["median_ms"] == 40
    assert written["summary"]["percentiles"][0] == {
        "q": 0.9,
        "value_ms": 40,
        "interval_ms": None,
        "needed": 29,
    }
    assert written["health"][0]["clock_ns"] == 5
    assert written["health"][0]["native_heap_kb"] is None
    assert (written["run"]["camera"], written["run"]["fit"]) == ("back", "crop")
    assert written["run"]["swapped"] is None


def test_a_file_is_written_whole(record, tmp_path):
    target = tmp_path / "run.json"
    write_run(record, target)
    assert target.read_bytes() == dump_run(record)
    assert [each.name for each in tmp_path.glob("*.part")] == []


def test_a_place_that_cannot_be_written_is_one_sentence(record, tmp_path):
    with pytest.raises(LabError, match="There is no folder"):
        write_run(record, tmp_path / "no" / "run.json")
