"""How well models with imported weights agree with the files the weights come from.

Run it by hand: ``python tests/benchmarks/agreement.py PICTURES FILE...``; it prints JSON: for
each file and each precision how many pictures of how many get the same top-1 answer, as
``engine.models.agreement`` counts it.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.catalog.variants import PRECISIONS, ModelName
from engine.models.agreement import agreement
from engine.models.converter import build_models
from engine.models.interpreter import HostModel
from engine.models.pictures import find_pictures, read_picture
from engine.models.store import ModelStore
from engine.models.weights import read_weights
from engine.models.worker import Workers


def main() -> None:
    """Build each file's variant from its weights in each precision, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--calibration", type=Path, help="a folder; else synthetic pictures")
    options = parser.parse_args()
    pictures = [read_picture(path) for path in find_pictures(options.pictures)]
    table: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder, Workers() as workers:
        for file in options.files:
            taken = read_weights(file)
            names = [
                ModelName(f"v1_{taken.alpha:.2f}_{taken.resolution}", precision)
                for precision in PRECISIONS
            ]
            built = build_models(
                names, store=ModelStore(Path(folder)), workers=workers, weights=file,
                calibration=options.calibration,
            )  # fmt: skip
            table[file.stem] = {}
            with HostModel(file) as source:
                for name in names:
                    with HostModel(built[name]) as other:
                        agreed, count = agreement(source, other, pictures)
                    table[file.stem][name.precision] = f"{agreed} of {count}"
    sys.stdout.write(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
