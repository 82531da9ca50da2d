"""What packing and signing an APK costs in CPU, against SHA-256 and a copy of its bytes.

Run it by hand: ``python tests/benchmarks/apk.py``; it prints JSON. All take turns within one
run, because the machine's speed drifts; compare the ratios, not the milliseconds. Neither
SHA-256 nor a copy alone can make an APK: each byte must be written once and digested once,
so their sum is the floor. ``build`` is the whole of ``build_apk``: pack and sign, and reading
and hashing the model before and the APK after.
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
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.apk.archive import ArchiveReader, ArchiveWriter
from engine.apk.builder import build_apk
from engine.apk.inspector import MODEL
from engine.apk.signing import SigningKey, sign_in_place, verify_apk
from tests.engine.apk.handmade import manifest, write_model


def make_base(path: Path, native_bytes: int) -> Path:
    """Write a phone app of one ABI whose library does not compress."""
    with zipfile.ZipFile(path, "w") as apk:
        apk.writestr("AndroidManifest.xml", manifest())
        apk.writestr("classes.dex", os.urandom(200_000))
        apk.writestr("lib/arm64-v8a/libnoise.so", os.urandom(native_bytes))
    return path


def pack(base: Path, model: bytes, output: Path) -> None:
    """Write the base's entries and a model that is in memory, aligned."""
    output.unlink(missing_ok=True)
    with ArchiveReader(base) as apk, output.open("wb") as file:
        writer = ArchiveWriter(file, ignore)
        for entry in apk.entries:
            writer.copy(apk, entry)
        writer.add(MODEL, model)
        writer.finish()


def ignore(_count: int) -> None:
    """Report to nobody."""


def copy(source: Path, output: Path) -> None:
    """Copy to a file that was not there: replacing one makes ext4 wait for the disk."""
    output.unlink(missing_ok=True)
    shutil.copyfile(source, output)


def measure(megabytes: float, rounds: int) -> dict[str, object]:
    """Take turns and return the figures for an APK of about that size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = make_base(folder / "base.apk", 4_000_000)
        model = write_model(folder / "m.tflite", round((megabytes * 1e6 - 4_220_000) / 768))
        apk, part, key = folder / "a.apk", folder / "part", SigningKey.generate()

        def build() -> None:
            build_apk(model, (), apk, name="m", untrained=True, key=key, base=base)

        build()
        data, weights = apk.read_bytes(), model.read_bytes()
        sides: dict[str, Callable[[], object]] = {
            "sha256": lambda: hashlib.sha256(data).digest(),
            "copy": lambda: copy(apk, folder / "copy"),
            "pack": lambda: pack(base, weights, part),
            "sign": lambda: sign_in_place(part, key, ignore),
            "build": build,
            "verify": lambda: verify_apk(apk),
        }
        cpu_ms: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(rounds):
            for side, work in sides.items():
                before = time.process_time()
                work()
                cpu_ms[side].append(1000 * (time.process_time() - before))
    medians = {side: statistics.median(values) for side, values in cpu_ms.items()}
    both = [a + b for a, b in zip(cpu_ms["pack"], cpu_ms["sign"], strict=True)]
    floor = [a + b for a, b in zip(cpu_ms["sha256"], cpu_ms["copy"], strict=True)]
    return {
        "apk_bytes": len(data),
        "rounds": rounds,
        "cpu_ms": {side: round(value, 2) for side, value in medians.items()},
        "pack_and_sign_to_sha256": ratio(both, cpu_ms["sha256"]),
        "pack_and_sign_to_copy": ratio(both, cpu_ms["copy"]),
        "pack_and_sign_to_floor": ratio(both, floor),
        "build_to_sha256": ratio(cpu_ms["build"], cpu_ms["sha256"]),
    }


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the ratios round by round."""
    return round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 3)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--megabytes", type=float, default=17.0)
    arguments.add_argument("--rounds", type=int, default=15)
    options = arguments.parse_args()
    result = measure(options.megabytes, options.rounds)
    sys.stdout.write(json.dumps({"apk": result}, indent=2) + "\n")


if __name__ == "__main__":
    main()
