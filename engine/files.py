"""Files that appear whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import LabError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to, and put it in place when the block ends well.

    Whatever the block raises leaves ``path`` as it was and no half file beside it. An
    ``OSError`` is taken for trouble with writing: readers inside the block turn their own
    into ``LabError``.

    Raises:
        LabError: If the folder cannot be written to or the disk is full.
    """
    if not path.parent.is_dir():
        raise LabError(f"There is no folder {path.parent}.", "Make it, or choose another place.")
    if path.is_dir():
        raise LabError(f"{path} is a folder.", "Choose the name of a file.")
    part = path.with_name(f".{path.name[:100]}.{os.urandom(6).hex()}.part")
    try:
        part.touch(exist_ok=False)
        yield part
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file's content; whatever goes wrong leaves the old file as it was.

    Raises:
        LabError: If it cannot be written.
    """
    with replacing(path) as part:
        part.write_bytes(data)


def is_no_room(error: Exception) -> bool:
    """Whether an error means that the disk is full."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def _unwritable(path: Path, error: OSError) -> LabError:
    if is_no_room(error):
        free = "Free some space, or choose a place on another disk."
        return LabError(f"There is no room left to write {path.name}.", free, detail=str(error))
    return LabError(
        f"{path.name} cannot be written: {error.strerror or error}.",
        "Choose a place that you may write to.",
        detail=f"{os.fspath(path)}: {error}",
    )
