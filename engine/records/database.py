"""Every run that was measured, kept in one SQLite file."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from engine.errors import LabError
from engine.link.messages import SAMPLE_DTYPE, Health, SampleArray
from engine.measuring.statistics import summarise_samples
from engine.paths import data_dir
from engine.phones.readings import Reading, Vitals
from engine.records.migrations import migrate
from engine.records.series import SeriesTable
from engine.records.values import (
    Deployment,
    Digest,
    End,
    Flag,
    Judged,
    RunFacts,
    RunRecord,
    RunRow,
    utc_now,
)

__all__ = ["Database", "Deployment", "End", "Flag", "RunFacts", "RunRecord", "RunRow"]

logger = logging.getLogger(__name__)

FILE_NAME = "lab.sqlite"
BUSY_S = 5.0
RUNNING_S = 3.0
"""A run that is not finished counts as running if it was written to so recently."""
CHECKED_BYTES = 64_000_000
"""A file up to this size is read through for damage when it is opened."""

HEADER_BYTES = 512
"""The smallest database has one page of this size."""

_FACTS = tuple(field.name for field in fields(RunFacts))
_FLAGS = ("untrained", "app_debuggable", "swapped")
"""Facts that are true, false or unknown; SQLite has only numbers."""
_ROWS = f"""
    SELECT id, outcome, ended_utc, seen_utc, flags, digest, {", ".join(_FACTS)},
        (SELECT COALESCE(SUM(count), 0) FROM sample_blobs WHERE run_id = runs.id) AS sample_count
    FROM runs
"""  # noqa: S608 - the names are our own fields


class Database:
    """The file of all runs; usable from any thread, and by several labs at once.

    Attributes:
        path: The file.
        notice: What a person must hear about it, for instance that a broken file was set
            aside; else empty.
        series: The series that runs belong to, and their steps.
    """

    def __init__(self, path: Path | None = None, *, now: Callable[[], str] = utc_now) -> None:
        """Open the file, or make it.

        A file that is broken is renamed with the date and said in ``notice``, never
        overwritten.

        Args:
            path: The file; None is the user's own.
            now: The clock of the records, ISO 8601 with a Z.

        Raises:
            LabError: It cannot be opened, or a newer lab wrote it.
        """
        self.path = path or data_dir() / FILE_NAME
        self.notice = ""
        self._now = now
        self._lock = threading.RLock()
        self.series = SeriesTable(self.reading, self.writing, now)
        with _explained(self.path):
            try:
                self._connection = _connect(self.path)
            except sqlite3.DatabaseError as error:
                if not _is_broken(error):
                    raise
                self.notice = _set_aside(self.path, error)
                self._connection = _connect(self.path)

    def begin_run(self, facts: RunFacts) -> int:
        """Begin a run and return its id."""
        values: list[Any] = [getattr(facts, name) for name in _FACTS]
        values[_FACTS.index("phone")] = orjson.dumps(facts.phone).decode()
        names = ", ".join((*_FACTS, "seen_utc"))
        marks = ", ".join("?" * (len(_FACTS) + 1))
        sql = f"INSERT INTO runs ({names}) VALUES ({marks})"  # noqa: S608 - our own fields
        with self.writing() as connection:
            return int(connection.execute(sql, (*values, self._now())).lastrowid or 0)

    def append(
        self,
        run_id: int,
        samples: SampleArray,
        health: tuple[Health, ...] = (),
        readings: tuple[Reading, ...] = (),
    ) -> None:
        """Keep samples (may be none), health and readings; safe from a kill when this returns."""
        with self.writing() as connection:
            if len(samples):
                connection.execute(
                    "INSERT INTO sample_blobs (run_id, first_sequence, count, data)"
                    " VALUES (?, ?, ?, ?)",
                    (run_id, int(samples["sequence"][0]), len(samples), samples.tobytes()),
                )
            connection.executemany(
                "INSERT INTO health (run_id, clock_ns, facts) VALUES (?, ?, ?)",
                [(run_id, each.clock_ns, orjson.dumps(each).decode()) for each in health],
            )
            connection.executemany(
                "INSERT INTO readings (run_id, clock_ns, facts) VALUES (?, ?, ?)",
                [(run_id, each.clock_ns, orjson.dumps(each).decode()) for each in readings],
            )
            connection.execute("UPDATE runs SET seen_utc = ? WHERE id = ?", (self._now(), run_id))

    def finish(
        self, run_id: int, end: End, flags: tuple[Flag, ...] = (), digest: Digest | None = None
    ) -> None:
        """Say how the run ended, and what its figures are."""
        figures = orjson.dumps(digest).decode() if digest else None
        with self.writing() as connection:
            connection.execute(
                "UPDATE runs SET outcome = ?, ended_utc = ?, flags = ?, digest = ? WHERE id = ?",
                (end.value, self._now(), orjson.dumps(flags).decode(), figures, run_id),
            )

    def runs(self, *, series_id: int | None = None) -> tuple[RunRow, ...]:
        """Return every run, or those of a series, newest first."""
        chosen, values = ("", ()) if series_id is None else (" WHERE series_id = ?", (series_id,))
        with self.reading() as connection:
            rows = connection.execute(_ROWS + chosen + " ORDER BY id DESC", values).fetchall()
        return tuple(self._row(row) for row in rows)

    def load(self, run_id: int) -> RunRecord:
        """Return one run with its samples and summary.

        Raises:
            LabError: There is no such run, or its rows are damaged.
        """
        with self.reading() as connection:
            row = connection.execute(_ROWS + " WHERE id = ?", (run_id,)).fetchone()
            if row is None:
                raise LabError(f"There is no run {run_id}.", "See `mobilenet-lab runs list`.")
            blobs = connection.execute(
                "SELECT data FROM sample_blobs WHERE run_id = ? ORDER BY part", (run_id,)
            ).fetchall()
            health = connection.execute(
                "SELECT facts FROM health WHERE run_id = ? ORDER BY part", (run_id,)
            ).fetchall()
            readings = connection.execute(
                "SELECT facts FROM readings WHERE run_id = ? ORDER BY part", (run_id,)
            ).fetchall()
        data = b"".join(blob["data"] for blob in blobs)
        if len(data) != row["sample_count"] * SAMPLE_DTYPE.itemsize:
            raise LabError(f"The samples of run {run_id} are damaged.", detail=f"{len(data)} bytes")
        samples = np.frombuffer(data, SAMPLE_DTYPE)
        return RunRecord(
            row=self._row(row),
            samples=samples,
            health=tuple(_health(each["facts"]) for each in health),
            summary=summarise_samples(samples) if len(samples) else None,
            readings=tuple(_reading(each["facts"]) for each in readings),
        )

    def record_judged(self, judged: Judged) -> None:
        """Remember how often a model was right on a person's pictures."""
        names = ", ".join(field.name for field in fields(Judged))
        with self.writing() as connection:
            connection.execute(
                f"INSERT INTO judged ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                astuple(judged),
            )

    def judged(self) -> tuple[Judged, ...]:
        """Return every judgement of a model, newest first."""
        names = ", ".join(field.name for field in fields(Judged))
        sql = f"SELECT {names} FROM judged ORDER BY part DESC"  # noqa: S608 - our own fields
        with self.reading() as connection:
            return tuple(Judged(**row) for row in connection.execute(sql).fetchall())

    def record_deployment(self, deployment: Deployment) -> None:
        """Remember which APK or model is on a phone."""
        names = ", ".join(field.name for field in fields(Deployment))
        with self.writing() as connection:
            connection.execute(
                f"INSERT INTO deployments ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                astuple(deployment),
            )

    def last_deployment(self, serial: str) -> Deployment | None:
        """Return what was last deployed to that phone by this lab."""
        names = ", ".join(field.name for field in fields(Deployment))
        sql = f"SELECT {names} FROM deployments WHERE serial = ? ORDER BY id DESC LIMIT 1"  # noqa: S608
        with self.reading() as connection:
            row = connection.execute(sql, (serial,)).fetchone()
        return Deployment(**{**row, "swapped": bool(row["swapped"])}) if row else None

    def close(self) -> None:
        """Close the file; may be called twice."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Let the block see one moment of the file, whatever other labs write meanwhile."""
        with self._lock, _explained(self.path):
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction."""
        with self._lock, _explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled back already
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _row(self, row: sqlite3.Row) -> RunRow:
        values = {name: row[name] for name in _FACTS}
        values["phone"] = orjson.loads(values["phone"])
        for name in _FLAGS:
            values[name] = None if values[name] is None else bool(values[name])
        return RunRow(
            id=row["id"],
            facts=RunFacts(**values),
            end=End(row["outcome"]) if row["outcome"] else self._unfinished(row["seen_utc"]),
            ended_utc=row["ended_utc"] or row["seen_utc"],
            sample_count=row["sample_count"],
            flags=tuple(Flag(each) for each in orjson.loads(row["flags"])),
            digest=Digest(**orjson.loads(row["digest"])) if row["digest"] else None,
        )

    def _unfinished(self, seen_utc: str) -> End:
        age = datetime.fromisoformat(self._now()) - datetime.fromisoformat(seen_utc)
        return End.RUNNING if age < timedelta(seconds=RUNNING_S) else End.KILLED


def _connect(path: Path) -> sqlite3.Connection:
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
        _check(connection, path)
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


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if path.stat().st_size <= CHECKED_BYTES:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise _BrokenFileError(said)


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
    logger.warning("%s is broken (%s); kept as %s", path, error, aside)
    return f"The file of runs was damaged. It is kept as {aside}, and a new one was begun."


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints into sentences."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
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
    except OSError as error:
        raise LabError(
            f"The file of runs, {path}, cannot be used.",
            "Check that its folder is there and may be written.",
            detail=str(error),
        ) from error


def _health(text: str) -> Health:
    facts = orjson.loads(text)
    clocks = facts.get("cpu_khz")
    return Health(**{**facts, "cpu_khz": None if clocks is None else tuple(clocks)})


def _reading(text: str) -> Reading:
    facts = orjson.loads(text)
    vitals = facts["vitals"]
    vitals["cpu_khz"] = tuple(vitals["cpu_khz"])
    return Reading(
        **{**facts, "vitals": Vitals(**vitals), "cpu_max_khz": tuple(facts["cpu_max_khz"])}
    )
