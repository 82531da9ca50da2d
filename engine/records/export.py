"""A run as ``run.json``.

Schema 2, one JSON object; ``assets/run.schema.json`` describes it for programs:

- ``schema``: 2. ``kind``: ``mobilenet-lab run``. A file of several runs has ``kind``
  ``mobilenet-lab runs`` and the list ``runs`` of such objects.
- ``run``: the fields of ``RunFacts``, and ``id``, ``end``, ``ended_utc``, ``sample_count``,
  ``flags``, ``valid`` (whether it may be ranked), ``tags`` and ``origin`` (where an imported
  one came from) of ``RunRow``. Times of day are UTC, ISO 8601. ``source`` says where the
  pictures came from (``camera``, ``pictures``, ``loop``), ``camera`` which one that was (empty
  for the others), ``fit`` how they were laid into the input (``crop``, ``letterbox``,
  ``stretch``). ``swapped`` is true for a model that came over the link; then ``apk_sha256`` is
  empty. ``series_id``, ``block`` and ``place`` say where in a series it stands. What runs of an
  older lab do not say is empty or null.
- ``summary``: the fields of ``Summary`` (milliseconds, frames per second); null when no sample
  is left after warm-up. It leaves out the first ``warm_up`` samples; ``samples`` has them all.
- ``analysis``: the run taken apart: ``warm_up`` (``count``, and ``settled``: whether it ended),
  ``throttling`` (``at_ns`` and ``reasons``; null when heat did not slow it down) and ``parts``,
  each with its ``name`` (``steady`` or ``throttled``), the indices ``begin`` and ``end`` of its
  samples, and its own ``summary``; ``summary`` above is the first part's.
- ``samples``: one array per field of PROTOCOL.md's sample record, all of the same length,
  oldest first: ``sequence``, ``captured_ns``, ``finished_ns``, ``camera_ns``,
  ``convert_ns``, ``infer_ns``, ``post_ns``, ``draw_ns`` (nanoseconds on the phone's
  monotonic clock), ``result`` (null where there is none), ``temperature_c`` (of the
  battery, null where unknown) and ``flags``. The generation is ``run.generation``. Null in a
  ``.zip``, where ``samples.parquet`` beside it has them.
- ``health``: a list of PROTOCOL.md's ``HEALTH`` objects, about one per second; null is what
  the phone did not tell. ``readings``: the same as the phone's shell told it, with
  ``cpu_max_khz`` and ``cost_ms``, the CPU time that the reading took.

Three things stay apart: ``run.load_ms`` (the interpreter's creation), ``run.first_ms`` (the
model's first inference) and the warm-up, which is in ``samples`` and not in ``summary``.

Schema 1 had no ``analysis``, ``readings``, ``valid``, ``tags``, ``origin`` and nothing about
series, presets and start temperatures; all else is the same.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from engine.files import write_whole
from engine.link.messages import NO_RESULT, NO_TEMPERATURE, SampleArray
from engine.records.values import RunRecord

SCHEMA = 2
_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
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


def run_json(record: RunRecord, *, samples: bool = True) -> dict[str, Any]:
    """Return the run as JSON values; see the module.

    Args:
        record: The run.
        samples: Whether its samples are among them.
    """
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
            "valid": row.valid,
            "tags": list(row.tags),
            "origin": row.origin,
        },
        "summary": asdict(record.summary) if record.summary else None,
        "analysis": asdict(record.analysis),
        "samples": _columns(record.samples) if samples else None,
        "health": [asdict(each) for each in record.health],
        "readings": [asdict(each) for each in record.readings],
    }


def dump_run(record: RunRecord) -> bytes:
    """Return the run as the bytes of ``run.json``."""
    return orjson.dumps(run_json(record), option=_OPTIONS)


def dump_runs(records: Iterable[RunRecord]) -> bytes:
    """Return runs as one JSON object; a single one as ``dump_run`` does."""
    runs = [run_json(each) for each in records]
    if len(runs) == 1:
        return orjson.dumps(runs[0], option=_OPTIONS)
    whole = {"schema": SCHEMA, "kind": "mobilenet-lab runs", "runs": runs}
    return orjson.dumps(whole, option=_OPTIONS)


def write_run(record: RunRecord, path: Path) -> None:
    """Write ``run.json``, whole or not at all.

    Raises:
        LabError: It cannot be written.
    """
    write_whole(path, dump_run(record))


def content_hash(record: RunRecord) -> str:
    """Return the sha256 of what was measured: the same in every database the run travels to.

    The number of the run and of its series, note, tags and origin are not part of it.
    """
    facts = asdict(record.row.facts)
    del facts["series_id"], facts["note"]
    rest = {
        "facts": facts,
        "health": [asdict(each) for each in record.health],
        "readings": [asdict(each) for each in record.readings],
    }
    digest = hashlib.sha256(orjson.dumps(rest, option=orjson.OPT_SORT_KEYS))
    digest.update(record.samples.tobytes())
    return digest.hexdigest()


def _columns(samples: SampleArray) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: samples[name].tolist() for name in PLAIN}
    columns["result"] = [None if each == NO_RESULT else each for each in samples["result"].tolist()]
    columns["temperature_c"] = [
        None if each == NO_TEMPERATURE else each / 10 for each in samples["temperature_dc"].tolist()
    ]
    return columns
