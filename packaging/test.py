"""Runs every check of the project: style, types, layers, the phone app, and all tests.

Usage: python3 packaging/test.py [-- arguments for pytest]
"""

import os
import shutil
import subprocess
import sys
import time

import environment

PROGRAMS = {
    "adb": "adb",
    "apksigner": "apksigner",
    "dexdump": "dexdump",
    "ffmpeg": "ffmpeg",
    "javac": "openjdk-17-jdk-headless",
    "mvn": "maven",
    "zipalign": "zipalign",
}
"""What the tests need beside Python: program -> Debian package."""


def main() -> int:
    """Run all checks, say which failed, and return 0 only if none did."""
    try:
        environment.ensure(extras=("test",))
        missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
        environment.ensure_packages(missing, "The tests judge the lab with these programs")
    except environment.SetupError as error:
        print(error, file=sys.stderr)
        return 2
    failed = [name for name, command in checks(sys.argv[1:]) if not passes(name, command)]
    print(f"\n{'failed: ' + ', '.join(failed) if failed else 'all checks passed'}", flush=True)
    return 1 if failed else 0


def checks(pytest_arguments: list[str]) -> list[tuple[str, list[str]]]:
    """Return name and command of each check, the quick ones first."""
    python = str(environment.bin_path("python"))
    build = [python, "packaging/android/build.py"]
    return [
        ("ruff", [str(environment.bin_path("ruff")), "check", "."]),
        ("ruff format", [str(environment.bin_path("ruff")), "format", "--check", "."]),
        ("mypy", [python, "-m", "mypy"]),
        ("import-linter", [str(environment.bin_path("lint-imports"))]),
        ("phone app tests", [*build, "--test"]),
        ("phone app rebuilds to the same bytes", [*build, "--check"]),
        ("pytest", [python, "-m", "pytest", "-q", *[a for a in pytest_arguments if a != "--"]]),
    ]


def passes(name: str, command: list[str]) -> bool:
    """Run one check with its output shown; say how long it took."""
    print(f"\n=== {name}", flush=True)
    started = time.monotonic()
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONUNBUFFERED": "1"}
    code = subprocess.run(command, cwd=environment.ROOT, env=variables).returncode
    word = "passed" if code == 0 else f"FAILED (exit {code})"
    print(f"=== {name}: {word} in {time.monotonic() - started:.0f} s", flush=True)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
