"""Raw samples come back from Parquet to the last bit, and CSV says its units."""

import csv

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import LabError
from engine.records.parquet import dump_samples, read_samples, write_csv, write_parquet
from tests.engine.records.conftest import keep_run, make_samples

NAMES = [
    "run", "sequence", "generation", "captured_ns", "finished_ns", "camera_ns", "convert_ns",
    "infer_ns", "post_ns", "draw_ns", "result", "temperature_c", "flags",
]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 500])
def test_samples_come_back_to_the_last_bit(count):
    samples = make_samples(count)
    data = dump_samples(samples)
    assert read_samples(data).tobytes() == samples.tobytes()
    assert dump_samples(samples) == data


def test_every_temperature_comes_back():
    samples = make_samples(60_000)
    samples["temperature_dc"] = np.arange(-30_000, 30_000)
    assert np.array_equal(
        read_samples(dump_samples(samples))["temperature_dc"], samples["temperature_dc"]
    )


def test_what_is_not_ours_is_one_sentence(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    for data in (b"", b"PAR1", dump_samples(make_samples(9))[:-20]):
        with pytest.raises(LabError, match="damaged"):
            read_samples(data)
    with pytest.raises(LabError, match="other columns"):
        read_samples((tmp_path / "other.parquet").read_bytes())


def test_a_parquet_file_says_its_units_and_its_runs(database, tmp_path):
    records = [database.load(keep_run(database, count=30, seed=seed)) for seed in (1, 2)]
    write_parquet(records, tmp_path / "runs.parquet")
    table = pq.read_table(tmp_path / "runs.parquet")
    assert table.column_names == NAMES
    assert table["run"].to_pylist() == [1] * 30 + [2] * 30
    assert table["temperature_c"].to_pylist()[:2] == [None, pytest.approx(30.1)]
    assert table["result"].to_pylist()[:2] == [None, 1]
    assert table.schema.field("infer_ns").metadata[b"unit"] == b"nanoseconds"
    about = orjson.loads(pq.read_metadata(tmp_path / "runs.parquet").metadata[b"runs"])
    assert [each["run"]["id"] for each in about] == [1, 2]
    assert about[0]["samples"] is None


def test_csv_has_one_row_per_sample_and_units_in_its_header(database, tmp_path):
    record = database.load(keep_run(database, count=30))
    write_csv([record], tmp_path / "run.csv")
    with (tmp_path / "run.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == NAMES
    assert len(rows) == 30
    first = dict(zip(header, rows[1], strict=True))
    assert first["infer_ns"] == str(record.samples["infer_ns"][1])
    assert first["temperature_c"] == "30.1"
    assert dict(zip(header, rows[0], strict=True))["result"] == ""


def test_a_place_that_cannot_be_written_is_one_sentence(database, tmp_path):
    record = database.load(keep_run(database, count=30))
    for write in (write_parquet, write_csv):
        with pytest.raises(LabError, match="no folder"):
            write([record], tmp_path / "no" / "file")
