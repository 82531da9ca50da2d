"""A run written as litert-benchmark's result has its very keys."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LabError
from engine.records.litert import litert_benchmark_json
from tests.engine.records.conftest import keep_run

PROGRAM = Path(sys.executable).with_name("litert-benchmark")
MODEL = "mobilenet_v1_0.25_128_quant.tflite"


def shape(value):
    """The keys of nested objects, and whether a leaf is a number, text, truth or list."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return "number" if type(value) in (int, float) else type(value).__name__


@pytest.mark.skipif(not PROGRAM.exists(), reason="needs litert-benchmark")
def test_the_keys_are_those_that_the_program_writes(database, tmp_path):
    shared = Path(__file__).parents[4] / "shared" / "models" / MODEL
    if not shared.exists():
        pytest.skip("needs ../shared")
    written = tmp_path / "theirs.json"
    subprocess.run(
        [PROGRAM, "--model", shared, "--num_runs", "3", "--result_json", written],
        check=True,
        capture_output=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    record = database.load(keep_run(database))
    ours = json.loads(litert_benchmark_json(record))
    assert shape(ours) == shape(json.loads(written.read_text()))


def test_the_values_are_the_steady_part_s(database):
    record = database.load(keep_run(database, load_ms=12.345))
    written = json.loads(litert_benchmark_json(record))
    part = record.analysis.parts[0]
    steady = record.samples["infer_ns"][part.begin : part.end] / 1e6
    latency = written["latency"]
    assert latency["num_runs"] == len(steady)
    assert latency["num_warmup_runs"] == part.begin
    assert latency["median_ms"] == round(float(np.median(steady)), 2)
    assert latency["p95_ms"] == round(float(np.quantile(steady, 0.95)), 2)
    assert (latency["init_ms"], latency["warmup_first_ms"]) == (12.35, 31.0)
    assert written["accelerators"] == ["CPU"]
    assert written["throughput_mb_s"] == pytest.approx(128 * 128 * 3 / 2**20 / 0.04, rel=0.01)


def test_a_model_of_unknown_input_has_no_throughput(database):
    record = database.load(keep_run(database, name="mine.tflite", delegate_applied="gpu"))
    written = json.loads(litert_benchmark_json(record))
    assert written["throughput_mb_s"] is None
    assert (written["accelerators"], written["fully_accelerated"]) == (["GPU"], True)


def test_simulated_times_are_said_to_be(database):
    run = database.load(keep_run(database, phone_note="simulated mi-a1 pace"))
    assert json.loads(litert_benchmark_json(run))["phone_note"] == "simulated mi-a1 pace"


def test_a_run_without_samples_has_no_result(database, facts):
    with pytest.raises(LabError, match="no samples"):
        litert_benchmark_json(database.load(database.begin_run(facts)))
