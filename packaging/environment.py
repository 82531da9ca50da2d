"""Makes the lab's own environment in ``.venv``: standard library only, any Python >= 3.11."""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PACKAGING = ROOT / "packaging"

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libX11-xcb.so.1": "libx11-xcb1",
}
"""What Qt's Linux wheels expect from the system: library -> Debian package."""


class SetupError(Exception):
    """The environment cannot be made; the text says why and what to do."""


def bin_path(name: str) -> Path:
    """Return the path of a program inside the environment."""
    if os.name == "nt":
        return ENVIRONMENT / "Scripts" / f"{name}.exe"
    return ENVIRONMENT / "bin" / name


def ensure(*, extras: tuple[str, ...] = ()) -> None:
    """Make the environment unless it already stands for these files and extras.

    Raises:
        SetupError: When a step fails; nothing half made is taken for whole next time.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - said before anything newer is used
        version = platform.python_version()
        raise SetupError(
            f"MobileNet Lab needs Python 3.11 or newer; this is {version}. "
            "Start it with a newer one: python3.11 packaging/run.py"
        )
    stamp = ENVIRONMENT / "mobilenet-lab.stamp"
    wanted = _fingerprint()
    standing = stamp.read_text().split() if stamp.is_file() else []
    if standing[:1] == [wanted] and set(extras) <= set(standing[1:]):
        return
    kept = set(standing[1:]) if standing[:1] == [wanted] else set()
    all_extras = sorted({*extras, *kept})
    stamp.unlink(missing_ok=True)
    started = time.monotonic()
    if sys.platform == "linux":
        ensure_packages(missing_libraries(), "The window needs these system libraries")
    if not bin_path("python").exists():
        _step("Making the environment in .venv (once; some minutes, about 2.3 GB on disk)")
        _make_venv()
    target = f"{ROOT}[{','.join(all_extras)}]" if all_extras else str(ROOT)
    _step("Installing what the lab is made of (TensorFlow is the large part)")
    _pip("-c", str(PACKAGING / "constraints.txt"), "-e", target)
    _pip("--no-deps", "--require-hashes", "-r", str(PACKAGING / "mirror_server.txt"))
    stamp.write_text(" ".join([wanted, *all_extras]))
    _step(f"The environment stands ({time.monotonic() - started:.0f} s)")


def missing_libraries() -> list[str]:
    """Return the Debian packages of the libraries that do not load here, in order."""
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def ensure_packages(packages: list[str], purpose: str) -> None:
    """Install Debian packages as root, or say the one command that does.

    Raises:
        SetupError: Without root, without apt, or when apt fails.
    """
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise SetupError(f"{purpose}: {', '.join(packages)} (Debian's names). Install them first.")
    if os.geteuid() != 0:
        raise SetupError(f"{purpose}. Install them with: sudo {' '.join(command)}")
    _step(f"{purpose}: installing {', '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode:
        subprocess.run(["apt-get", "update"], stdout=subprocess.DEVNULL)
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode:
            raise SetupError(f"apt-get could not install them. Try: {' '.join(command)}")


def _fingerprint() -> str:
    digest = hashlib.sha256(platform.python_version().encode())
    for path in ("pyproject.toml", "packaging/constraints.txt", "packaging/mirror_server.txt"):
        digest.update((ROOT / path).read_bytes())
    digest.update(str(ROOT).encode())  # a copied folder would point back to the first one
    return digest.hexdigest()


def _make_venv() -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode and "ensurepip" in made.stdout + made.stderr:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        ensure_packages([package], "Python's venv module is not complete here")
        made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        raise SetupError(
            f"Python could not make {ENVIRONMENT}: {(made.stderr or made.stdout).strip()}"
        )


def _pip(*arguments: str) -> None:
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    command = [
        str(bin_path("python")), "-m", "pip", "install", "--disable-pip-version-check",
        "--no-warn-conflicts", *quiet, *arguments,
    ]  # fmt: skip
    # pip's words go to stderr so that a command's own output stays clean.
    if subprocess.run(command, stdout=sys.stderr).returncode:
        raise SetupError(
            "pip could not install the lab's packages; its words are above. "
            "Is this computer connected, and are 5 GB free? Then run the same command again."
        )


def _step(text: str) -> None:
    print(f"[mobilenet-lab] {text}", file=sys.stderr, flush=True)
