"""Takes one file out of an archive, without believing a word of what the archive says."""

import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from engine.errors import LabError
from engine.jobs import CancelToken

MAX_UNPACKED: Final = 4 << 30
_BLOCK: Final = 1 << 20


def take_member(archive: Path, wanted: str, *, most: int, cancel: CancelToken) -> bytes:
    """Return one file of a ``.tgz`` or ``.zip``; nothing is written anywhere.

    Args:
        archive: What it is shows in its first bytes.
        wanted: The file's name; the folders it lies in do not count.
        most: More bytes are refused.
        cancel: Ends the reading.

    Raises:
        LabError: The archive is broken, lacks the file, or tries a trick.
        Cancelled: If it was cancelled.
    """
    try:
        with archive.open("rb") as file:
            start = file.read(4)
        if start.startswith(b"\x1f\x8b"):
            return _from_tgz(archive, wanted, most, cancel)
        if start.startswith(b"PK"):
            return _from_zip(archive, wanted, most, cancel)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise _broken(archive, error) from error
    except (NotImplementedError, RuntimeError, ValueError) as error:  # zipfile's: odd or locked
        raise _broken(archive, error) from error
    raise LabError(
        f"{archive.name} is no archive.", "The publisher may have changed it.", detail=repr(start)
    )


def safe_name(name: str) -> bool:
    """Whether a name in an archive stays inside it."""
    path = PurePosixPath(name)
    odd = "\\" in name or "\0" in name or ":" in name
    return bool(name) and not (odd or path.is_absolute() or ".." in path.parts)


def tricked(archive: Path, name: str) -> LabError:
    """Say that an archive holds a name that leads out of it."""
    return LabError(
        f"{archive.name} holds a file that would land outside its folder, so it is not used.",
        "Take it from somebody else.",
        detail=repr(name),
    )


def read_all(file: IO[bytes], size: int, cancel: CancelToken) -> bytes:
    """Read a file that says how long it is, and no byte more.

    Raises:
        EOFError: If it is shorter or longer than it says.
    """
    blocks, left = [], size
    while left:
        cancel.check()
        block = file.read(min(_BLOCK, left))
        if not block:
            raise EOFError(f"{left} bytes are missing")
        blocks.append(block)
        left -= len(block)
    if file.read(1):
        raise EOFError("there is more than it says")
    return b"".join(blocks)


class _Watched:
    """A file whose reading can be cancelled."""

    def __init__(self, file: IO[bytes], cancel: CancelToken) -> None:
        self._file, self._cancel = file, cancel

    def read(self, size: int) -> bytes:
        self._cancel.check()
        return self._file.read(size)


def _from_tgz(archive: Path, wanted: str, most: int, cancel: CancelToken) -> bytes:
    unpacked = 0
    with archive.open("rb") as file:
        watched: Any = _Watched(file, cancel)
        with tarfile.open(fileobj=watched, mode="r|gz") as tar:
            for member in tar:
                if not safe_name(member.name):
                    raise tricked(archive, member.name)
                if PurePosixPath(member.name).name == wanted and not member.isdir():
                    content = tar.extractfile(member) if member.isreg() else None
                    return _taken(archive, wanted, content, member.size, most, cancel)
                unpacked += member.size
                if unpacked > MAX_UNPACKED:
                    raise _too_big(archive, MAX_UNPACKED)
    raise _lacks(archive, wanted)


def _from_zip(archive: Path, wanted: str, most: int, cancel: CancelToken) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            if not safe_name(member.filename):
                raise tricked(archive, member.filename)
        for member in opened.infolist():
            if PurePosixPath(member.filename).name == wanted and not member.is_dir():
                with opened.open(member) as content:
                    return _taken(archive, wanted, content, member.file_size, most, cancel)
    raise _lacks(archive, wanted)


def _taken(
    archive: Path,
    wanted: str,
    content: IO[bytes] | None,
    size: int,
    most: int,
    cancel: CancelToken,
) -> bytes:
    if content is None:
        raise LabError(f"{wanted} in {archive.name} is a link, not a file.")
    if size > most:
        raise _too_big(archive, most)
    return read_all(content, size, cancel)


def _broken(archive: Path, error: Exception) -> LabError:
    return LabError(f"The archive {archive.name} is broken.", "Fetch it again.", detail=repr(error))


def _lacks(archive: Path, wanted: str) -> LabError:
    return LabError(f"{archive.name} does not hold {wanted}.", "The publisher may have changed it.")


def _too_big(archive: Path, most: int) -> LabError:
    return LabError(
        f"{archive.name} unpacks to more than {most / 1e6:.0f} MB, so it cannot be meant."
    )
