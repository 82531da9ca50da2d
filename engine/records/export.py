"""A run as ``run.json``.

Schema 1, one JSON object:

- ``schema``: 1. ``kind``: ``mobilenet-lab run``.
- ``run``: the fields of ``RunFacts``, and ``id``, ``end``, ``ended_utc``, ``sample_count``
  and ``flags`` of ``RunRow``. Times of day are UTC, ISO 8601. ``source`` says where the
  pictures came from (``camera``, ``pictures``, ``loop``), ``camera`` which one that was (empty
  for the others), ``fit`` how they were laid into the input (``crop``, ``letterbox``,
  ``stretch``). ``swapped`` is true for a model that came over the link; then ``apk_sha256`` is
  empty. What runs of an older lab do not say is empty or null.
- ``summary``: the fields of ``Summary`` (milliseconds, frames per second), its
  ``percentiles`` a list of ``{"q", "value_ms", "earned"}``; null when no sample is left
  after warm-up. It leaves out the first ``warm_up`` samples; ``samples`` has them all.
- ``samples``: one array per field of PROTOCOL.md's sample record, all of the same length,
  oldest first: ``sequence``, ``captured_ns``, ``finished_ns``, ``camera_ns``,
  ``convert_ns``, ``infer_ns``, ``post_ns``, ``draw_ns`` (nanoseconds on the phone's
  monotonic clock), ``result`` (null where there is none), ``temperature_c`` (of the
  battery, null where unknown) and ``flags``. The generation is ``run.generation``.
- ``health``: a list of PROTOCOL.md's ``HEALTH`` objects, about one per second; null is what
  the phone did not tell. ``readings``: the same as the phone's shell told it, with
  ``cpu_max_khz`` and ``cost_ms``, the CPU time that the reading took.

Three things stay apart: ``run.load_ms`` (the interpreter's creation), ``run.first_ms`` (the
model's first inference) and the warm-up, which is in ``samples`` and not in ``summary``.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from engine.files import write_whole
from engine.link.messages import NO_RESULT, NO_TEMPERATURE, SampleArray
from engine.records.values import RunRecord

SCHEMA = 1
PLAIN = (
    "sequence",
    "captured_ns",
    "finished_ns",
    "camera_ns",
    "convert_ns",
    "infer_ns",
    "post_ns",
    "draw_ns",
    "flags",
)


def run_json(record: RunRecord) -> dict[str, Any]:
    """Return the run as JSON values; see the module."""
    row = record.row
    return {
        "schema": SCHEMA,
        "kind": "mobilenet-lab run",
        "run": {
            "id": row.id,
            **asdict(row.facts),
            "end": row.end,
            "ended_utc": row.ended_utc,
            "sample_count": row.sample_count,
            "flags": list(row.flags),
        },
        "summary": asdict(record.summary) if record.summary else None,
        "samples": _columns(record.samples),
        "health": [asdict(each) for each in record.health],
        "readings": [asdict(each) for each in record.readings],
    }


def dump_run(record: RunRecord) -> bytes:
    """Return the run as the bytes of ``run.json``."""
    return orjson.dumps(run_json(record), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_run(record: RunRecord, path: Path) -> None:
    """Write ``run.json``, whole or not at all.

    Raises:
        LabError: It cannot be written.
    """
    write_whole(path, dump_run(record))


def _columns(samples: SampleArray) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: samples[name].tolist() for name in PLAIN}
    columns["result"] = [None if each == NO_RESULT else each for each in samples["result"].tolist()]
    columns["temperature_c"] = [
        None if each == NO_TEMPERATURE else each / 10 for each in samples["temperature_dc"].tolist()
    ]
    return columns
