"""The adb program: where it is, and the server that it starts.

``adbutils`` brings it, and this is the one module that knows where.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from engine.errors import LabError, PhoneError

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 20.0


def adb_program() -> str:
    """Return the adb to start: ``ADBUTILS_ADB_PATH``, else the bundled one, else the PATH's.

    Raises:
        LabError: If there is none.
    """
    name = "adb.exe" if sys.platform == "win32" else "adb"
    package = find_spec("adbutils")  # found, not imported: that would take 0.2 s
    folders = (package.submodule_search_locations or ()) if package else ()
    bundled = next((Path(folder) / "binaries" / name for folder in folders), Path(name))
    chosen = os.environ.get("ADBUTILS_ADB_PATH")
    if chosen:
        return chosen
    if bundled.is_absolute() and os.access(bundled, os.X_OK):
        return str(bundled)
    on_path = shutil.which("adb")
    if on_path is None:
        raise LabError("There is no adb program.", "Install adb (on Debian: apt install adb).")
    return on_path


def start_server(port: int) -> None:
    """Start an adb server on a port of this computer and wait until it answers.

    Raises:
        PhoneError: If it does not start.
        LabError: If there is no adb program.
    """
    program = adb_program()
    environment = {**os.environ, "ANDROID_ADB_SERVER_PORT": str(port)}
    environment.pop("ADB_SERVER_SOCKET", None)
    if sys.platform == "linux" and not Path("/dev/bus/usb").exists():
        # adb 36 waits 3 s for a scan that never ends where there is no USB at all
        environment.setdefault("ADB_LIBUSB", "0")
    logger.info("starting the adb server %s on port %d", program, port)
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0
    # a file, not a pipe: the server inherits it and would keep a pipe open for ever
    with tempfile.TemporaryFile() as output:
        try:
            code = subprocess.run(
                [program, "-P", str(port), "start-server"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=START_TIMEOUT_S,
                start_new_session=True,
                creationflags=hidden,
                check=False,
            ).returncode
        except OSError as error:
            raise PhoneError(
                f"No adb server runs on port {port}, and {program} cannot be started.",
                "Choose another adb program with ADBUTILS_ADB_PATH, or unset it; "
                "or install the lab again.",
                detail=str(error),
            ) from error
        except subprocess.TimeoutExpired as error:
            raise _no_server(port, str(error)) from error
        output.seek(0)
        said = output.read().decode(errors="replace")
    if code != 0:
        raise _no_server(port, said)


def _no_server(port: int, said: str) -> PhoneError:
    return PhoneError(
        f"No adb server runs on port {port} and none could be started.",
        "Another program may hold the port; choose another one with ANDROID_ADB_SERVER_PORT.",
        detail=said,
    )
