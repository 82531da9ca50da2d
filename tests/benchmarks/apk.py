"""What packing and signing an APK costs, against SHA-256 of its bytes.

Run it by hand: ``python tests/benchmarks/apk.py``; it prints JSON. All take turns within one
run, because the machine's speed drifts; compare the ratios, not the milliseconds. ``wall`` is
what a person waits for, ``cpu`` what all threads of this process cost together.

``build`` is the whole of ``build_apk``: packing and signing, the model's SHA-256 and graph,
the APK's SHA-256, and what is in it. Each byte must be copied once and digested once, and the
model's checksum be taken: ``floor`` adds these up, and no program on one core can be faster.
``least_disturbed`` is pack and sign against SHA-256, each in its quickest round: on a computer
that does much else at once the medians of ``wall`` show what the other core had left.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.apk.archive import ArchiveReader
from engine.apk.builder import build_apk
from engine.apk.growing_file import GrowingFile
from engine.apk.inspector import MODEL
from engine.apk.signing import SigningKey, sign_growing, verify_apk
from engine.apk.writer import ArchiveWriter
from tests.engine.apk.handmade import manifest, write_model


def make_base(path: Path, native_bytes: int) -> Path:
    """Write a phone app of one ABI whose library does not compress."""
    with zipfile.ZipFile(path, "w") as apk:
        apk.writestr("AndroidManifest.xml", manifest())
        apk.writestr("classes.dex", os.urandom(200_000))
        apk.writestr("lib/arm64-v8a/libnoise.so", os.urandom(native_bytes))
    return path


def pack_and_sign(base: Path, model: Path, output: Path, key: SigningKey) -> None:
    """Write base and model, aligned and signed."""
    size = model.stat().st_size
    with (
        ArchiveReader(base) as apk,
        model.open("rb", buffering=0) as weights,
        GrowingFile(output, base.stat().st_size + size) as file,
    ):
        writer = ArchiveWriter(file, ignore)
        for entry in apk.entries:
            writer.copy(apk, entry)
        writer.add_file(MODEL, weights, size)
        sign_growing(file, *writer.directory(), key, ignore)


def ignore(_count: int) -> None:
    """Report to nobody."""


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return milliseconds of CPU, of all threads, and of wall time."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


def measure(megabytes: float, rounds: int) -> dict[str, object]:
    """Take turns and return the figures for an APK of about that size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = make_base(folder / "base.apk", 4_000_000)
        model = write_model(folder / "m.tflite", round((megabytes * 1e6 - 4_220_000) / 768))
        apk, key = folder / "a.apk", SigningKey.generate()
        part, copied = folder / "part", folder / "copy"

        def build() -> None:
            build_apk(model, (), apk, name="m", untrained=True, key=key, base=base, pictures=())

        build()
        data, weights = apk.read_bytes(), model.read_bytes()
        sides: dict[str, Callable[[], object]] = {
            "sha256": lambda: hashlib.sha256(data).digest(),
            "copy": lambda: shutil.copyfile(apk, copied),
            "crc": lambda: zlib.crc32(weights),
            "pack_and_sign": lambda: pack_and_sign(base, model, part, key),
            "build": build,
            "verify": lambda: verify_apk(apk),
        }
        taken: dict[str, list[tuple[float, float]]] = {side: [] for side in sides}
        for _ in range(rounds):
            for path in (part, copied):  # replacing a file makes ext4 wait for the disk
                path.unlink(missing_ok=True)
            for side, work in sides.items():
                taken[side].append(timed(work))
    result: dict[str, object] = {"apk_bytes": len(data), "rounds": rounds}
    for index, kind in enumerate(("cpu", "wall")):
        each = {side: [pair[index] for pair in pairs] for side, pairs in taken.items()}
        each["floor"] = added(each["sha256"], each["copy"], each["crc"])
        result[f"{kind}_ms"] = {side: median(values) for side, values in each.items()}
        result[f"{kind}_to_sha256"] = {
            side: median([a / b for a, b in zip(each[side], each["sha256"], strict=True)])
            for side in ("floor", "pack_and_sign", "build", "verify")
        }
        result[f"{kind}_least_disturbed"] = round(
            min(each["pack_and_sign"]) / min(each["sha256"]), 3
        )
    return result


def added(*sides: list[float]) -> list[float]:
    """Add up round by round."""
    return [sum(values) for values in zip(*sides, strict=True)]


def median(values: list[float]) -> float:
    """Return the median, rounded for people."""
    return round(statistics.median(values), 3)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--megabytes", type=float, default=17.0)
    arguments.add_argument("--rounds", type=int, default=25)
    options = arguments.parse_args()
    result = measure(options.megabytes, options.rounds)
    sys.stdout.write(json.dumps({"apk": result}, indent=2) + "\n")


if __name__ == "__main__":
    main()
