"""What opening a long run and listing many runs costs, against reading the same bytes plainly.

Run it by hand: ``python tests/benchmarks/records.py``; it prints JSON. Both sides take turns
within one run, because the machine's speed drifts; compare the ratios. The seconds are what a
person waits for, with goals: 0.5 s for a run of 10^6 samples, 0.2 s for a list of 10,000 runs.

The plain side of opening a run reads its samples' bytes from a file and takes their median and
90th percentile; of listing it fetches every column of every row and decodes nothing.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.link.messages import SAMPLE_DTYPE
from engine.records.database import Database
from engine.records.filtering import RunFilter
from engine.records.values import Digest, End, Flag
from tests.engine.records.conftest import make_facts, make_samples

OPEN_GOAL_S = 0.5
LIST_GOAL_S = 0.2
BATCH = 12  # half a second at 25 samples per second
PHONES = (("Xiaomi", "Mi A1"), ("Google", "Pixel 3"), ("Samsung", "Galaxy S7"))


def timed(task: Callable[[], object]) -> float:
    """Seconds that a task takes."""
    begin = time.perf_counter()
    task()
    return time.perf_counter() - begin


def in_turns(ours: Callable[[], object], plain: Callable[[], object], rounds: int) -> dict:
    """Take turns and return the medians and their ratio."""
    pairs = [(timed(plain), timed(ours)) for _ in range(rounds)]
    return {
        "ours_s": round(statistics.median(mine for _, mine in pairs), 3),
        "plain_s": round(statistics.median(other for other, _ in pairs), 3),
        "ratio": round(statistics.median(mine / other for other, mine in pairs), 2),
    }


def long_run(folder: Path, count: int, rounds: int) -> dict:
    """Open and summarise a run as it was written, half a second a row."""
    path, plain_path = folder / "long.sqlite", folder / "samples.bin"
    samples = make_samples(count)
    plain_path.write_bytes(samples.tobytes())
    with closing(Database(path)) as database:
        run = database.begin_run(make_facts())
        for begin in range(0, count, BATCH):
            database.append(run, samples[begin : begin + BATCH])
        database.finish(run, End.COMPLETED)

    def ours() -> None:
        with closing(Database(path)) as database:
            assert database.load(run).summary is not None

    def plain() -> None:
        read = np.frombuffer(plain_path.read_bytes(), SAMPLE_DTYPE)
        np.quantile(read["infer_ns"], (0.5, 0.9))

    timed(ours)
    found = in_turns(ours, plain, rounds)
    return {"samples": count, **found, "goal_s": OPEN_GOAL_S}


def library(folder: Path, count: int, rounds: int) -> dict:
    """List and filter many runs."""
    path = folder / "library.sqlite"
    with closing(Database(path)) as database:
        facts = make_facts()
        chance = np.random.default_rng(0)
        for number in range(count):
            maker, model = PHONES[number % 3]
            phone = {"manufacturer": maker, "model": model, "android": "14", "abis": ["arm64"]}
            run = database.begin_run(
                replace(facts, phone=phone, serial=model, load_ms=chance.random())
            )
            flags = (Flag.UNTRAINED,) if number % 2 else (Flag.HOT,)
            digest = Digest(chance.random() * 40, 1.0, 2.0, 3.0, 25.0, 100)
            database.finish(run, End.COMPLETED, flags, digest)
            if number % 10 == 0:
                database.history.add_tag(run, "release")
        fetch = "SELECT * FROM runs"

        def plain() -> None:
            with database.reading() as connection:
                connection.execute(fetch).fetchall()

        chosen = {
            "all": RunFilter(),
            "valid": RunFilter(valid=True),
            "phone": RunFilter(phone="pixel"),
            "text": RunFilter(text="xiaomi 0.50"),
            "tag": RunFilter(tag="release"),
        }
        found = {}
        for name, each in chosen.items():

            def ours(wanted: RunFilter = each) -> None:
                assert database.runs(wanted)

            found[name] = in_turns(ours, plain, rounds)
    opening = in_turns(lambda: Database(path).close(), plain_open(path), rounds)
    return {"runs": count, **found, "opening": opening, "goal_s": LIST_GOAL_S}


def plain_open(path: Path) -> Callable[[], object]:
    """Read the file's bytes: the least that looking for damage can cost."""
    return path.read_bytes


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--samples", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=9)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = {
            "long_run": long_run(Path(folder), options.samples, options.rounds),
            "library": library(Path(folder), options.runs, options.rounds),
        }
    sys.stdout.write(json.dumps({"records": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
