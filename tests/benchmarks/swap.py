"""What a swap over the link takes, against the least that it could.

Run it by hand: ``python tests/benchmarks/swap.py``; it prints JSON. The least is ``adb push`` of
the same bytes to the same virtual phone, and an interpreter that is made, allocated and run
once. ``swap`` is from the call until the app has answered that the model runs; ``first_result``
until the lab has heard what the model recognised in a picture. All take turns within one round,
because the machine's speed drifts: compare the ratios; wall seconds are context. The mirror is
off, the camera delivers 30 pictures per second. The adb server is this program's own.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adbutils import adb_path

from engine.apk.signing import SigningKey
from engine.deploy import Payload, deploy, swap
from engine.link.messages import LinkEvent, Result
from engine.models.interpreter import HostModel
from engine.session import Session, SessionOptions
from tests.benchmarks.deploy import adb_server, virtual_phone
from tests.engine.apk.handmade import write_model

CLASSES = 1170
"""Of the model that is made: 768 bytes each, so 0.9 MB."""


def seconds(work: Callable[[], object]) -> float:
    """Return the wall seconds of a piece of work."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def first_result(session: Session, payload: Payload) -> tuple[float, dict[str, float]]:
    """Swap, and return the wall seconds until the first result and those of the swap's steps."""
    link = session.need_link()
    inbox: SimpleQueue[LinkEvent] = SimpleQueue()
    with link.listening(inbox.put):
        begun = time.perf_counter()
        swapped = swap(session, payload)
        while True:
            event = inbox.get(timeout=30)
            if isinstance(event, Result) and event.generation == swapped.model.generation:
                return time.perf_counter() - begun, swapped.seconds


def measure(model: Path, rounds: int) -> dict[str, object]:
    """Swap the same model in again and again, and do the least that it could take."""
    payload = Payload(model, (), model.stem, untrained=True)
    taken: dict[str, list[float]] = {}
    with adb_server() as adb, virtual_phone() as serial:
        adb.connect(serial)
        push = [adb_path(), "-P", str(adb.port), "-s", serial, "push", str(model)]
        session = Session(adb, serial, SimpleQueue(), SessionOptions(mirror=False, link=False))
        try:
            session.open()
            with tempfile.TemporaryDirectory() as folder:
                deploy(session, payload, key=SigningKey.generate(), output=Path(folder) / "a.apk")
            for _ in range(rounds):
                result, steps = first_result(session, payload)
                round_ = {
                    "first_result": result,
                    "swap": sum(steps.values()),
                    **steps,
                    "adb_push": seconds(
                        lambda: subprocess.run(
                            [*push, "/data/local/tmp/swap"], check=True, capture_output=True
                        )
                    ),
                    "interpreter": seconds(lambda: run_once(model)),
                }
                for name, value in round_.items():
                    taken.setdefault(name, []).append(value)
        finally:
            session.close()
            adb.disconnect(serial)
    median = {name: statistics.median(values) for name, values in taken.items()}
    least = median["adb_push"] + median["interpreter"]
    return {
        "model_bytes": model.stat().st_size,
        "rounds": rounds,
        "swap_to_least": round(median["swap"] / least, 2),
        "first_result_to_least": round(median["first_result"] / least, 2),
        "seconds": {name: round(value, 4) for name, value in median.items()},
        "slowest_first_result_s": round(max(taken["first_result"]), 4),
    }


def run_once(model: Path) -> None:
    """Make an interpreter of this computer's and run it once, as the phone's app must."""
    with HostModel(model, threads=4) as host:
        host.time_once()


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", type=Path, help="a .tflite; one of 0.9 MB is made if absent")
    arguments.add_argument("--rounds", type=int, default=15)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["MOBILENET_LAB_HOME"] = home
        model = options.model or write_model(Path(home) / "model.tflite", classes=CLASSES)
        result = measure(model, options.rounds)
    sys.stdout.write(json.dumps({"swap": result}, indent=2) + "\n")


if __name__ == "__main__":
    main()
