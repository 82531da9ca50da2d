"""One SQLite file: opened, judged, set aside when it is broken, its complaints as sentences."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import LabError
from engine.records.migrations import migrate

logger = logging.getLogger(__name__)

BUSY_S = 5.0
CHECKED_BYTES = 64_000_000
"""A file up to this size is read through for damage when it is opened; a larger one when damage
was seen in it before. Reading 64 MB costs a tenth of a second, once it lies in memory."""

HEADER_BYTES = 512
"""The smallest database has one page of this size."""

SUSPECT = ".suspect"
"""Ends the name of an empty file beside the database: damage was seen while reading."""


def open_file(path: Path, checked_bytes: int = CHECKED_BYTES) -> tuple[sqlite3.Connection, str]:
    """Open and, where needed, make or migrate the file, ready for several threads.

    A broken file is renamed with the date, never overwritten.

    Args:
        path: The file.
        checked_bytes: Up to which size it is read through for damage.

    Returns:
        The connection, in autocommit mode, and what a person must hear; else empty.

    Raises:
        LabError: A newer lab wrote the file.
        sqlite3.Error: It cannot be opened.
    """
    try:
        return _connect(path, checked_bytes), ""
    except sqlite3.DatabaseError as error:
        if not _is_broken(error):
            raise
        notice = _set_aside(path, error)
        return _connect(path, checked_bytes), notice


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the file once more, to read beside whoever writes."""
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA query_only = ON")
    connection.create_function("folded", 1, str.casefold, deterministic=True)
    return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints into sentences, and remember where there is damage."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_CORRUPT:
            suspect(path)
        advice = {
            sqlite3.SQLITE_BUSY: "Another lab is writing to it: try again in a moment.",
            sqlite3.SQLITE_FULL: "The disk is full: make room and try again.",
            sqlite3.SQLITE_READONLY: "It may not be written: check its owner and permissions.",
            sqlite3.SQLITE_CANTOPEN: "Check that its folder is there and may be written.",
            sqlite3.SQLITE_CORRUPT: "It is damaged: start the lab again to set it aside.",
        }.get(code, "The log has the details.")
        raise LabError(
            f"The file of runs, {path}, cannot be used.", advice, detail=str(error)
        ) from error
    except OverflowError as error:  # a number of more than 64 bits was asked for
        raise LabError(
            "No run and no series has a number that large.", "See `mobilenet-lab runs list`."
        ) from error
    except OSError as error:
        raise LabError(
            f"The file of runs, {path}, cannot be used.",
            "Check that its folder is there and may be written.",
            detail=str(error),
        ) from error


def suspect(path: Path) -> None:
    """Have the file read through when it is next opened, whatever its size."""
    try:
        _mark_of(path).touch()
    except OSError as error:
        logger.warning("cannot mark %s as suspect: %s", path, error)


def _mark_of(path: Path) -> Path:
    return path.with_name(path.name + SUSPECT)


def _connect(path: Path, checked_bytes: int) -> sqlite3.Connection:
    """Open and, where needed, make or migrate the file; a broken one raises."""
    if path.is_file() and 0 < path.stat().st_size < HEADER_BYTES:
        # SQLite would take it for an empty file and write over it
        raise _BrokenFileError("it is shorter than any database")
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.row_factory = sqlite3.Row
        _use_wal(connection)
        # a killed lab loses nothing that was committed; a power cut may lose the last moments
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _check(connection, path, checked_bytes)
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; unlike other statements, SQLite does not wait its turn here."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _check(connection: sqlite3.Connection, path: Path, checked_bytes: int) -> None:
    mark = _mark_of(path)
    if path.stat().st_size <= checked_bytes or mark.exists():
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise _BrokenFileError(said)
        mark.unlink(missing_ok=True)


class _BrokenFileError(sqlite3.DatabaseError):
    """SQLite's own check found damage."""


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return isinstance(error, _BrokenFileError) or code & 0xFF in (
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
    )


def _set_aside(path: Path, error: sqlite3.DatabaseError) -> str:
    """Rename a broken file with all that belongs to it and say so."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.broken-{stamp}-{number}")
    for tail in ("", "-wal", "-shm"):
        piece = path.with_name(path.name + tail)
        if piece.exists():
            piece.rename(aside.with_name(aside.name + tail))
    _mark_of(path).unlink(missing_ok=True)
    logger.warning("%s is broken (%s); kept as %s", path, error, aside)
    return f"The file of runs was damaged. It is kept as {aside}, and a new one was begun."
