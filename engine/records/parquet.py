"""Raw samples as Parquet and CSV: one row per sample, units in the columns' names.

The columns: ``run`` (in files of several runs), ``sequence``, ``generation``, ``captured_ns``,
``finished_ns`` (the phone's monotonic clock), ``camera_ns``, ``convert_ns``, ``infer_ns``,
``post_ns``, ``draw_ns``, ``result`` (empty where there is none), ``temperature_c`` (of the
battery, empty where unknown) and ``flags``, as PROTOCOL.md's sample record has them. In a
Parquet file each column's metadata has its ``unit``, and the file's has the ``schema`` and,
under ``runs``, what ``run.json`` says of each run besides its samples.
"""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from engine.errors import LabError
from engine.files import replacing
from engine.link.messages import NO_RESULT, NO_TEMPERATURE, SAMPLE_DTYPE, SampleArray
from engine.records.export import SCHEMA, run_json
from engine.records.values import RunRecord

MAX_SAMPLES = 50_000_000
"""A week at 80 per second; a file that claims more is not ours."""
_AT_ONCE = 200_000
_UNITS = {
    "captured_ns": "nanoseconds on the phone's monotonic clock",
    "finished_ns": "nanoseconds on the phone's monotonic clock",
    "temperature_c": "degrees Celsius, of the battery",
}


def write_parquet(records: Iterable[RunRecord], path: Path) -> None:
    """Write the samples of runs, with a column ``run``, whole or not at all.

    Raises:
        LabError: It cannot be written.
    """
    import pyarrow.parquet as pq

    schema = _schema(with_run=True)
    about: list[dict[str, Any]] = []
    with replacing(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for record in records:
            about.append(run_json(record, samples=False))
            for piece in _pieces(record.samples):
                writer.write_table(_table(piece, schema, record.row.id))
        writer.add_key_value_metadata(
            {"schema": str(SCHEMA), "kind": "mobilenet-lab samples", "runs": orjson.dumps(about)}
        )


def write_csv(records: Iterable[RunRecord], path: Path) -> None:
    """Write the samples of runs, with a column ``run`` and a header, whole or not at all.

    Raises:
        LabError: It cannot be written.
    """
    from pyarrow import csv

    schema = _schema(with_run=True)
    options = csv.WriteOptions(quoting_style="none", quoting_header="none")
    with replacing(path) as part, csv.CSVWriter(part, schema, write_options=options) as writer:
        for record in records:
            for piece in _pieces(record.samples):
                writer.write_table(_table(piece, schema, record.row.id))


def dump_samples(samples: SampleArray) -> bytes:
    """Return the samples of one run as a Parquet file; the same samples give the same bytes."""
    import pyarrow.parquet as pq

    schema = _schema(with_run=False).with_metadata({"schema": str(SCHEMA)})
    target = io.BytesIO()
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for piece in _pieces(samples):
            writer.write_table(_table(piece, schema, None))
    return target.getvalue()


def read_samples(data: bytes) -> SampleArray:
    """Return the samples of a file that ``dump_samples`` made.

    Raises:
        LabError: It is none, or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(with_run=False)
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        told = file.metadata
        unpacked = sum(told.row_group(i).total_byte_size for i in range(told.num_row_groups))
        if told.num_rows > MAX_SAMPLES or unpacked > 2 * MAX_SAMPLES * SAMPLE_DTYPE.itemsize:
            raise LabError("The samples are more than any run has.")
        if not file.schema_arrow.equals(schema, check_metadata=False):
            raise LabError("The samples have other columns than this lab writes.")
        samples = np.zeros(told.num_rows, SAMPLE_DTYPE)
        begin = 0
        for batch in file.iter_batches(_AT_ONCE):
            _fill(samples[begin : begin + len(batch)], batch)
            begin += len(batch)
    except (pa.ArrowException, OSError, ValueError, OverflowError, IndexError) as error:
        raise LabError("The samples are damaged.", detail=str(error)) from error
    return samples


def _schema(*, with_run: bool) -> Any:
    import pyarrow as pa

    types = {"sequence": pa.uint32(), "generation": pa.uint32()}
    types |= {name: pa.uint64() for name in SAMPLE_DTYPE.names or () if name.endswith("_ns")}
    types |= {"result": pa.uint32(), "temperature_c": pa.float32(), "flags": pa.uint16()}
    fields = [pa.field("run", pa.int64(), nullable=False)] if with_run else []
    for name, kind in types.items():
        unit = _UNITS.get(name, "nanoseconds" if name.endswith("_ns") else "")
        missing = name in ("result", "temperature_c")
        fields.append(pa.field(name, kind, missing, {"unit": unit} if unit else None))
    return pa.schema(fields)


def _pieces(samples: SampleArray) -> Iterable[SampleArray]:
    for begin in range(0, len(samples), _AT_ONCE):
        yield samples[begin : begin + _AT_ONCE]


def _table(samples: SampleArray, schema: Any, run_id: int | None) -> Any:
    import pyarrow as pa

    columns: list[Any] = []
    for field in schema:
        missing = None
        if field.name == "run":
            values = np.full(len(samples), run_id, np.int64)
        elif field.name == "temperature_c":
            missing = samples["temperature_dc"] == NO_TEMPERATURE
            values = (samples["temperature_dc"] / 10).astype(np.float32)
        else:
            values = np.ascontiguousarray(samples[field.name])
            missing = values == NO_RESULT if field.name == "result" else None
        columns.append(pa.array(values, field.type, mask=missing))
    return pa.Table.from_arrays(columns, schema=schema)


def _fill(samples: SampleArray, batch: Any) -> None:
    for name in batch.schema.names:
        column = batch.column(name)
        if name == "temperature_c":
            known = column.is_valid().to_numpy(zero_copy_only=False)
            values = np.round(column.fill_null(0).to_numpy() * 10)
            samples["temperature_dc"] = np.where(known, values, NO_TEMPERATURE)
        elif name == "result":
            samples[name] = column.fill_null(NO_RESULT).to_numpy()
        else:
            samples[name] = column.to_numpy()
