"""How fast pictures are evaluated, beside LiteRT's own benchmark on the same model.

Run it by hand: ``python tests/benchmarks/evaluation.py MODEL.tflite [FOLDER]``; it prints JSON.
``invoke`` is a model that runs on one tensor again and again, here and in ``litert-benchmark``,
turn about: ``ratio`` is LiteRT's median time over ours, 1 is as fast, more is faster.
``evaluate`` is whole pictures, decoding included, on all cores.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.accuracy.evaluation import evaluate
from engine.models.interpreter import HostModel

PROGRAM = Path(sys.executable).with_name("litert-benchmark")
RUNS = 200


def theirs_ms(model: Path, threads: int) -> float:
    """Return the median of LiteRT's own benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [str(PROGRAM), "--model", str(model), "--num_threads", str(threads)]
        command += ["--num_runs", str(RUNS), "--result_json", str(result)]
        subprocess.run(command, check=True, capture_output=True)
        return float(json.loads(result.read_text())["latency"]["median_ms"])


def ours_ms(model: Path, threads: int) -> float:
    """Return the median of as many runs here."""
    with HostModel(model, threads=threads) as host:
        host.predict(np.zeros((256, 256, 3), np.uint8))
        for _ in range(5):
            host.time_once()
        return statistics.median(host.time_once() for _ in range(RUNS)) / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", help="pictures named by class")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    found: dict[str, object] = {}
    for threads in sorted({1, os.cpu_count() or 1}):
        pairs = [
            (theirs_ms(options.model, threads), ours_ms(options.model, threads))
            for _ in range(options.rounds)
        ]
        found[f"invoke, {threads} threads"] = {
            "litert_benchmark_ms": statistics.median(pair[0] for pair in pairs),
            "lab_ms": statistics.median(pair[1] for pair in pairs),
            "ratio": statistics.median(theirs / ours for theirs, ours in pairs),
        }
    if options.folder is not None:
        tried = [evaluate(options.model, options.folder) for _ in range(options.rounds)]
        found["evaluate"] = {
            "pictures_per_second": statistics.median(each.n / each.seconds for each in tried),
            "threads": tried[0].threads,
        }
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
