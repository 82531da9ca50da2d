"""What building the 16 MobileNet v1 in three precisions costs, cold and from the store.

Run it by hand: ``python tests/benchmarks/conversion.py``; it prints JSON. ``cold_s`` includes
the start of TensorFlow in each worker, ``stored_s`` finds all models in the store again, each
checked against its SHA-256. ``--workers 1`` shows what a second one brings.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.catalog.variants import PRECISIONS, Catalog, ModelName
from engine.models.converter import build_models
from engine.models.store import ModelStore
from engine.models.worker import Workers


def main() -> None:
    """Build all twice and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--calibration", type=Path, help="a folder; else synthetic pictures")
    options = parser.parse_args()
    variants = [variant.name for variant in Catalog.load().variants]
    names = [ModelName(variant, precision) for variant in variants for precision in PRECISIONS]
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        store = ModelStore(Path(folder))
        with Workers(options.workers) as workers:
            for _ in range(2):
                begun = time.perf_counter()
                build_models(names, store=store, workers=workers, calibration=options.calibration)
                seconds.append(time.perf_counter() - begun)
        size_bytes = sum(model.size_bytes for model in store.list())
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "models": len(names),
        "size_mb": round(size_bytes / 1e6, 1),
        "workers": options.workers,
        "cold_s": round(seconds[0], 1),
        "cold_cpu_s": round(children.ru_utime + children.ru_stime, 1),
        "stored_s": round(seconds[1], 2),
        "worker_peak_mb": round(children.ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
