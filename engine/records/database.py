"""Every run that was measured, kept in one SQLite file."""

import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from engine.errors import LabError
from engine.link.messages import SAMPLE_DTYPE, Health, SampleArray
from engine.logs import slice_of_log
from engine.measuring.analysis import analyse
from engine.paths import data_dir
from engine.phones.readings import Reading
from engine.records.file import CHECKED_BYTES, explained, open_file, open_reader
from engine.records.filtering import RunFilter
from engine.records.history import HistoryTable
from engine.records.rows import FACTS, SELECT, RowReader, health_from, reading_from
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
    digest_of,
    utc_now,
)

__all__ = ["Database", "Deployment", "End", "Flag", "RunFacts", "RunFilter", "RunRecord", "RunRow"]

FILE_NAME = "lab.sqlite"


class Database:
    """The file of all runs; usable from any thread, and by several labs at once.

    Whoever writes never waits for a reader, however much is read: they have a connection each.

    Attributes:
        path: The file.
        notice: What a person must hear about it, for instance that a broken file was set
            aside; else empty.
        series: The series that runs belong to, and their steps.
        history: What a person does with runs: tags, notes, deleting, taking in.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        now: Callable[[], str] = utc_now,
        checked_bytes: int = CHECKED_BYTES,
    ) -> None:
        """Open the file, or make it.

        A file that is broken is renamed with the date and said in ``notice``, never
        overwritten. Runs that were deleted long ago go for good.

        Args:
            path: The file; None is the user's own.
            now: The clock of the records, ISO 8601 with a Z.
            checked_bytes: Up to which size the file is read through for damage.

        Raises:
            LabError: It cannot be opened, or a newer lab wrote it.
        """
        self.path = path or data_dir() / FILE_NAME
        self._now = now
        self._writing = threading.RLock()
        self._reading = threading.RLock()
        with explained(self.path):
            self._connection, self.notice = open_file(self.path, checked_bytes)
            self._reader = open_reader(self.path)
        self.series = SeriesTable(self.reading, self.writing, now)
        self.history = HistoryTable(self.reading, self.writing, now)
        self.history.purge()

    def begin_run(self, facts: RunFacts) -> int:
        """Begin a run and return its id."""
        values: list[Any] = [getattr(facts, name) for name in FACTS]
        values[FACTS.index("phone")] = orjson.dumps(facts.phone).decode()
        names = ", ".join((*FACTS, "seen_utc"))
        marks = ", ".join("?" * (len(FACTS) + 1))
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
                data = samples.tobytes()
                connection.execute(
                    "INSERT INTO sample_blobs (run_id, first_sequence, count, data, crc32)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (run_id, int(samples["sequence"][0]), len(samples), data, zlib.crc32(data)),
                )
            connection.executemany(
                "INSERT INTO health (run_id, clock_ns, facts) VALUES (?, ?, ?)",
                [(run_id, each.clock_ns, orjson.dumps(each).decode()) for each in health],
            )
            connection.executemany(
                "INSERT INTO readings (run_id, clock_ns, facts) VALUES (?, ?, ?)",
                [(run_id, each.clock_ns, orjson.dumps(each).decode()) for each in readings],
            )
            connection.execute(
                "UPDATE runs SET seen_utc = ?, sample_count = sample_count + ? WHERE id = ?",
                (self._now(), len(samples), run_id),
            )

    def finish(
        self, run_id: int, end: End, flags: tuple[Flag, ...] = (), digest: Digest | None = None
    ) -> None:
        """Say how the run ended, and what its figures are; what the lab's log says is kept too."""
        figures = orjson.dumps(digest).decode() if digest else None
        ended_utc = self._now()
        with self.reading() as connection:
            sql = "SELECT started_utc FROM runs WHERE id = ?"
            row = connection.execute(sql, (run_id,)).fetchone()
        said = slice_of_log(row["started_utc"], ended_utc) if row else ""
        with self.writing() as connection:
            connection.execute(
                "UPDATE runs SET outcome = ?, ended_utc = ?, flags = ?, digest = ? WHERE id = ?",
                (end.value, ended_utc, orjson.dumps(flags).decode(), figures, run_id),
            )
            if said:
                connection.execute("INSERT OR REPLACE INTO logs VALUES (?, ?)", (run_id, said))

    def runs(
        self, chosen: RunFilter | None = None, *, series_id: int | None = None
    ) -> tuple[RunRow, ...]:
        """Return the runs that a filter lets through, newest first; deleted ones are hidden.

        Args:
            chosen: The filter; None lets every run through.
            series_id: Short for the filter of one series.
        """
        chosen = chosen or RunFilter(series=series_id)
        condition, values = chosen.where()
        sql = f"{SELECT} WHERE {condition} ORDER BY id DESC"
        with self.reading() as connection:
            reader = RowReader(self._now(), _tags(connection))
            listed = map(reader.row, connection.execute(sql, values))
            return tuple(each for each in listed if each.valid or not chosen.valid)

    def run_ids(self, chosen: RunFilter) -> tuple[int, ...]:
        """Return the numbers of the runs that a filter lets through, newest first.

        Ten times as fast as ``runs``, for who has the rows already; ``chosen.valid`` does not
        narrow here, the rows tell that.
        """
        condition, values = chosen.where()
        sql = f"SELECT id FROM runs WHERE {condition} ORDER BY id DESC"  # noqa: S608 - our own
        with self.reading() as connection:
            return tuple(run_id for (run_id,) in connection.execute(sql, values))

    def load(self, run_id: int, *, deleted: bool = False) -> RunRecord:
        """Return one run with its samples and summary.

        Args:
            run_id: Its number.
            deleted: Also when it was deleted.

        Raises:
            LabError: There is no such run, it was deleted, or its rows are damaged.
        """
        with self.reading() as connection:
            row = connection.execute(f"{SELECT} WHERE id = ?", (run_id,)).fetchone()
            if row is None:
                raise LabError(f"There is no run {run_id}.", "See `mobilenet-lab runs list`.")
            sql = "SELECT 1 FROM runs WHERE id = ? AND deleted_utc IS NOT NULL"
            if not deleted and connection.execute(sql, (run_id,)).fetchone():
                raise LabError(
                    f"Run {run_id} was deleted.",
                    f"`mobilenet-lab runs restore {run_id}` undoes it.",
                )
            reader = RowReader(self._now(), _tags(connection, run_id))
            samples = _samples(connection, run_id)
            health = _facts(connection, "health", run_id)
            readings = _facts(connection, "readings", run_id)
        shown = reader.row(row)
        if samples is None or len(samples) != shown.sample_count:
            raise LabError(f"The samples of run {run_id} are damaged.", "Other runs may be whole.")
        told, read = tuple(map(health_from, health)), tuple(map(reading_from, readings))
        return RunRecord(shown, samples, told, read, analyse(samples, told, read))

    def fill_digests(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Work out the figures of runs that have none: killed ones, and those of an older lab.

        Args:
            stopped: Asked between runs.

        Returns:
            How many were filled.
        """
        lacking = self.history.without_digest()
        filled = 0
        for run_id in lacking:
            if stopped():
                break
            try:
                digest = digest_of(self.load(run_id).summary)
            except LabError:  # damaged; its row in the list says nothing, opening it says why
                digest = None
            self.history.keep_digest(run_id, digest)
            filled += 1
        return filled

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
        with self._reading:
            self._reader.close()
        with self._writing:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Let the block see one moment of the file, whatever is written meanwhile."""
        with self._reading, explained(self.path):
            self._reader.execute("BEGIN")
            try:
                yield self._reader
            finally:
                if self._reader.in_transaction:
                    self._reader.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction."""
        with self._writing, explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled back already
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _tags(connection: sqlite3.Connection, run_id: int | None = None) -> dict[int, list[str]]:
    sql = "SELECT run_id, tag FROM tags WHERE ? IN (0, run_id) ORDER BY run_id, tag"
    tags: dict[int, list[str]] = {}
    for each, tag in connection.execute(sql, (run_id or 0,)).fetchall():
        tags.setdefault(each, []).append(tag)
    return tags


def _samples(connection: sqlite3.Connection, run_id: int) -> SampleArray | None:
    """Return a run's samples; None when what was written is not what comes back."""
    blobs = connection.execute(
        "SELECT data, crc32 FROM sample_blobs WHERE run_id = ? ORDER BY part", (run_id,)
    ).fetchall()
    if any(crc is not None and zlib.crc32(data) != crc for data, crc in blobs):
        return None
    data = b"".join(data for data, _ in blobs)
    return None if len(data) % SAMPLE_DTYPE.itemsize else np.frombuffer(data, SAMPLE_DTYPE)


def _facts(connection: sqlite3.Connection, table: str, run_id: int) -> Sequence[dict[str, Any]]:
    sql = f"SELECT facts FROM {table} WHERE run_id = ? ORDER BY part"  # noqa: S608 - our own
    return [orjson.loads(text) for (text,) in connection.execute(sql, (run_id,)).fetchall()]
