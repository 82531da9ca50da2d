"""A run as the file that LiteRT's own ``litert-benchmark --result_json`` writes.

What other tools read of that program they can read of a run of this lab. The keys and their
rounding are those of ai-edge-litert 2.3.0; a test compares them with what the program writes.
"""

import re
import statistics
from typing import Any

import numpy as np
import orjson

from engine.errors import LabError
from engine.records.values import RunRecord

MEBIBYTE = 1024 * 1024
_ACCELERATORS = {"gpu": "GPU", "nnapi": "NPU"}


def litert_benchmark_json(record: RunRecord) -> bytes:
    """Return the run in the shape of ``litert-benchmark``'s results.

    Two things that program knows and a record does not: the signature's name, which is empty,
    and whether every operation was delegated, which is false unless a delegate was applied.
    ``throughput_mb_s`` is null where the input's size is unknown. The figures are of the
    steady part alone; the leading samples are its warm-up. One key is our own, ``phone_note``:
    what a phone says of its numbers, for instance that they are simulated; most say nothing,
    and then it is not there.

    Raises:
        LabError: The run has no sample after its warm-up.
    """
    facts = record.row.facts
    if record.summary is None:
        raise LabError(f"Run {record.row.id} has no samples to make a benchmark's result of.")
    latency_ms = record.samples["infer_ns"] / 1e6
    first = record.analysis.parts[0]
    warm_up = latency_ms[: first.begin].tolist()
    steady = latency_ms[first.begin : first.end]
    mean = float(steady.mean())
    input_bytes = _input_bytes(facts.name)
    result: dict[str, Any] = {
        "model": f"{facts.name}.tflite",
        "model_size_mb": round(facts.model_size_bytes / MEBIBYTE, 2),
        "accelerators": [_ACCELERATORS.get(facts.delegate_applied, "CPU")],
        "signature": "",
        "fully_accelerated": facts.delegate_applied in _ACCELERATORS,
        "num_threads": facts.threads,
        "latency": {
            "init_ms": round(facts.load_ms, 2),
            "warmup_first_ms": round(facts.first_ms, 2),
            "warmup_avg_ms": round(statistics.mean(warm_up), 2) if warm_up else 0,
            "num_warmup_runs": len(warm_up),
            "avg_ms": round(mean, 2),
            "min_ms": round(float(steady.min()), 2),
            "max_ms": round(float(steady.max()), 2),
            "median_ms": round(float(np.median(steady)), 2),
            "std_ms": round(float(steady.std(ddof=1)), 2) if len(steady) > 1 else 0,
            "p5_ms": round(float(np.quantile(steady, 0.05)), 2),
            "p95_ms": round(float(np.quantile(steady, 0.95)), 2),
            "num_runs": len(steady),
        },
        "throughput_mb_s": round(input_bytes / MEBIBYTE / (mean / 1000), 2)
        if input_bytes and mean
        else None,
    }
    if facts.phone_note:
        result["phone_note"] = facts.phone_note
    return orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _input_bytes(name: str) -> int | None:
    """Return the size of a built network's input, told by its name; None for other models."""
    found = re.search(r"_(\d{2,4})-(float32|float16|int8)$", name)
    if found is None:
        return None
    return 3 * int(found.group(1)) ** 2 * (1 if found.group(2) == "int8" else 4)
