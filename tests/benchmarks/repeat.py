"""Whether the same run, repeated, agrees with itself within the interval that it tells.

Run it by hand: ``python tests/benchmarks/repeat.py``; it prints JSON and takes some seven minutes.
A virtual phone at a made-up pace is measured again and again by the preset ``lab``; a run agrees
when the median of all runs' medians lies in its own 95 % interval, which 27 of 30 should at
least. Then the pace slows down by 20 % after 40 s of a minute: ``slowed`` tells whether and when
that was found, and by what signs. ``--slowed-only`` does only that.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.deploy import Payload, deploy
from engine.measuring.heat import heat_of
from engine.measuring.presets import PRESETS
from engine.measuring.run import MeasureOptions, measure
from engine.phones.adb import Adb
from engine.records.database import Database
from engine.records.values import Flag
from engine.session import Session, SessionOptions
from tests.benchmarks.deploy import adb_server
from tests.engine.apk.handmade import write_model

ROOT = Path(__file__).resolve().parents[2]
NEEDED_SHARE = 0.9
SLOWED_S = 60.0
SLOWS_AFTER_S = 40.0
SLOWER = 1.2


@contextmanager
def paced_phone(pace: str) -> Iterator[tuple[str, IO[str]]]:
    """Run a virtual phone at a pace as a program; give its serial, and what takes commands."""
    command = [sys.executable, "-m", "engine.virtual_phone.program", "--until-stdin-closes"]
    with subprocess.Popen(
        [*command, "--pace", pace],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as child:
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            yield str(json.loads(child.stdout.readline())["serial"]), child.stdin
        finally:
            child.kill()


def repeat(session: Session, database: Database, times: int) -> dict[str, Any]:
    """Measure the same again and again, and count the runs that agree."""
    records = []
    for number in range(times):
        options = MeasureOptions(preset=PRESETS["lab"])
        records.append(measure(session, options, database=database))
        sys.stderr.write(f"run {number + 1} of {times}\n")
    summaries = [record.summary for record in records if record.summary is not None]
    common = statistics.median(each.median_ms for each in summaries)
    intervals = [each.interval_ms or (0.0, 0.0) for each in summaries]
    agreeing = sum(low <= common <= high for low, high in intervals)
    heats = [heat_of(record.readings, record.health) for record in records]
    return {
        "runs": len(records),
        "valid": sum(record.row.valid for record in records),
        "flags": Counter(str(flag) for record in records for flag in record.row.flags),
        "agree": agreeing,
        "enough": agreeing >= NEEDED_SHARE * times,
        "median_ms": common,
        "medians_ms": [round(each.median_ms, 4) for each in summaries],
        "half_width": statistics.median(each.relative_half_width or 0.0 for each in summaries),
        "samples": statistics.median(each.count for each in summaries),
        "reading_cost": statistics.median(each.cost or 0.0 for each in heats),
    }


def slow_down(session: Session, database: Database, pace: str, phone: IO[str]) -> dict[str, Any]:
    """Measure a minute in which the pace becomes slower."""
    phone.write(f"pace {pace} throttle {SLOWER} {SLOWS_AFTER_S}\n")
    phone.flush()
    record = measure(session, MeasureOptions(seconds=SLOWED_S), database=database)
    throttling = record.analysis.throttling
    begin_ns = int(record.samples["captured_ns"][0])
    return {
        "found": Flag.THROTTLED in record.row.flags,
        "at_s": round((throttling.at_ns - begin_ns) / 1e9, 1) if throttling else None,
        "reasons": throttling.reasons if throttling else (),
        "parts_ms": {part.name: part.summary.median_ms for part in record.analysis.parts},
        "valid": record.row.valid,
    }


def main() -> int:
    """Measure and print; 1 when fewer runs agree than should, or the slow-down was not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--pace", default="mi-a1")
    parser.add_argument("--model", type=Path, help="a .tflite; a small one is made if absent")
    parser.add_argument("--slowed-only", action="store_true")
    options = parser.parse_args()
    found: dict[str, Any] = {"pace": options.pace}
    with (
        tempfile.TemporaryDirectory() as folder,
        adb_server() as adb,
        paced_phone(options.pace) as (serial, phone),
    ):
        os.environ["MOBILENET_LAB_HOME"] = folder
        adb.connect(serial)
        session = _session(adb, serial)
        database = Database(Path(folder) / "lab.sqlite")
        try:
            model = options.model or write_model(Path(folder) / "model.tflite")
            deploy(session, Payload(model, (), "model", untrained=True))
            if not options.slowed_only:
                found["repeated"] = repeat(session, database, options.runs)
            found["slowed"] = slow_down(session, database, options.pace, phone)
        finally:
            database.close()
            session.close()
    sys.stdout.write(json.dumps({"repeat": found}, indent=2) + "\n")
    agreed = "repeated" not in found or found["repeated"]["enough"]
    return 0 if agreed and found["slowed"]["found"] else 1


def _session(adb: Adb, serial: str) -> Session:
    session = Session(adb, serial, SimpleQueue(), SessionOptions(mirror=False, link=False))
    session.open()
    return session


if __name__ == "__main__":
    sys.exit(main())
