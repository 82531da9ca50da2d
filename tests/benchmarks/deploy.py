"""Where the seconds of a deploy go, step by step, on a virtual phone of its own.

Run it by hand: ``python tests/benchmarks/deploy.py``; it prints JSON. Times are wall time on
this computer, the virtual phone's share included: compare steps and rounds, not computers.
The mirror is off. The adb server is this program's own and ends with it.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adbutils import adb_path

from engine.apk.signing import SigningKey
from engine.deploy import Payload, deploy
from engine.phones.adb import Adb
from engine.session import Session, SessionOptions
from tests.engine.apk.handmade import write_model

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def adb_server() -> Iterator[Adb]:
    """Run an adb server on a port of its own."""
    port = free_port()
    adb = Adb(port)
    try:
        adb.ensure_server()
        yield adb
    finally:
        subprocess.run([adb_path(), "-P", str(port), "kill-server"], check=False)


@contextmanager
def virtual_phone() -> Iterator[str]:
    """Run a virtual phone as a program and give its serial."""
    command = [sys.executable, "-m", "engine.virtual_phone.program", "--until-stdin-closes"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        try:
            assert child.stdout is not None
            yield str(json.loads(child.stdout.readline())["serial"])
        finally:
            child.kill()


def measure(model: Path, rounds: int) -> dict[str, object]:
    """Deploy the same model again and again and return the seconds of each step."""
    payload = Payload(model, (), model.stem, untrained=True)
    with adb_server() as adb, virtual_phone() as serial:
        adb.connect(serial)
        session = Session(adb, serial, SimpleQueue(), SessionOptions(mirror=False, link=False))
        try:
            session.open()
            with tempfile.TemporaryDirectory() as folder:
                output = Path(folder) / "lab.apk"
                key = SigningKey.generate()
                runs = [deploy(session, payload, key=key, output=output) for _ in range(rounds)]
        finally:
            session.close()
            adb.disconnect(serial)
    totals = [sum(run.seconds.values()) for run in runs]
    steps = {
        step: round(statistics.median(run.seconds[step] for run in runs), 4)
        for step in runs[0].seconds
    }
    return {
        "model_bytes": model.stat().st_size,
        "apk_bytes": runs[0].apk.size_bytes,
        "rounds": rounds,
        "seconds": steps,
        "total_s": round(statistics.median(totals), 4),
        "first_total_s": round(totals[0], 4),
        "totals_s": [round(total, 4) for total in totals],
    }


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", type=Path, help="a .tflite; a small one is made if absent")
    arguments.add_argument("--rounds", type=int, default=7)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["MOBILENET_LAB_HOME"] = home
        model = options.model or write_model(Path(home) / "small.tflite", classes=1000)
        result = measure(model, options.rounds)
    sys.stdout.write(json.dumps({"deploy": result}, indent=2) + "\n")


if __name__ == "__main__":
    main()
