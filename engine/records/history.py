"""What a person does with runs that were measured: tag, note, delete, and undo it."""

import logging
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import orjson

from engine.errors import LabError
from engine.records.rows import NO_DIGEST, RUNNING_S
from engine.records.values import Digest

logger = logging.getLogger(__name__)

Block = Callable[[], AbstractContextManager[sqlite3.Connection]]

KEPT = timedelta(days=30)
"""A deleted run can be restored for so long; it goes for good when a lab next starts."""
MAX_TAG = 40
MAX_NOTE = 10_000


class HistoryTable:
    """The runs of one database as things that a person keeps in order; from any thread.

    Nothing here changes what was measured.
    """

    def __init__(self, reading: Block, writing: Block, now: Callable[[], str]) -> None:
        """Work in the database's own transactions.

        Args:
            reading: Begins a block that sees one moment of the file.
            writing: Begins a block that is kept whole or not at all.
            now: The clock of the records.
        """
        self._reading = reading
        self._writing = writing
        self._now = now

    def add_tag(self, run_id: int, tag: str) -> None:
        """Mark a run; a tag it has already changes nothing.

        Raises:
            LabError: There is no such run, or the tag is empty or too long.
        """
        tag = clean_tag(tag)
        with self._writing() as connection:
            _need(connection, run_id)
            connection.execute("INSERT OR IGNORE INTO tags VALUES (?, ?)", (run_id, tag))

    def remove_tag(self, run_id: int, tag: str) -> None:
        """Take a mark away.

        Raises:
            LabError: There is no such run, or it does not have that tag.
        """
        with self._writing() as connection:
            _need(connection, run_id)
            sql = "DELETE FROM tags WHERE run_id = ? AND tag = ?"
            if not connection.execute(sql, (run_id, tag.strip())).rowcount:
                raise LabError(f"Run {run_id} has no tag {tag.strip()!r}.")

    def tags(self) -> tuple[str, ...]:
        """Return every tag in use, in the order of the alphabet."""
        sql = (
            "SELECT DISTINCT tag FROM tags JOIN runs ON id = run_id"
            " WHERE deleted_utc IS NULL ORDER BY tag"
        )
        with self._reading() as connection:
            return tuple(tag for (tag,) in connection.execute(sql).fetchall())

    def phones(self) -> tuple[tuple[str, str], ...]:
        """Return the serial and the facts' JSON of each phone that has runs, once each."""
        sql = (
            "SELECT serial, phone FROM runs WHERE id IN"
            " (SELECT max(id) FROM runs WHERE deleted_utc IS NULL GROUP BY serial)"
            " ORDER BY serial"
        )
        with self._reading() as connection:
            return tuple((row[0], row[1]) for row in connection.execute(sql).fetchall())

    def signature(self) -> tuple[object, ...]:
        """Return something that changes whenever the list of runs would look different.

        A run that goes on does not change it: it would at each batch.
        """
        runs = "SELECT max(id), count(ended_utc), max(ended_utc), max(deleted_utc) FROM runs"
        hidden = "SELECT count(*) FROM runs WHERE deleted_utc IS NOT NULL"
        tags = "SELECT count(*), max(run_id || tag) FROM tags"
        notes = "SELECT total(length(note)), count(digest) FROM runs"
        series = "SELECT count(*), max(ended_utc) FROM series"
        with self._reading() as connection:
            found = (connection.execute(sql).fetchone() for sql in (runs, hidden, tags, notes))
            return tuple(value for row in found for value in row) + tuple(
                connection.execute(series).fetchone()
            )

    def set_note(self, run_id: int, note: str) -> None:
        """Change the person's own word about a run.

        Raises:
            LabError: There is no such run, or the note is longer than a page.
        """
        if len(note) > MAX_NOTE:
            raise LabError(f"The note is longer than {MAX_NOTE:,} characters.", "Shorten it.")
        with self._writing() as connection:
            _need(connection, run_id)
            connection.execute("UPDATE runs SET note = ? WHERE id = ?", (note.strip(), run_id))

    def delete_runs(self, run_ids: Iterable[int]) -> None:
        """Hide runs, all or none; ``restore_runs`` undoes it for 30 days.

        Raises:
            LabError: One is not there, or is still running.
        """
        with self._writing() as connection:
            for run_id in run_ids:
                _need(connection, run_id)
                if self._running(connection, run_id):
                    raise LabError(f"Run {run_id} is still running.", "Stop it first.")
                sql = "UPDATE runs SET deleted_utc = ? WHERE id = ? AND deleted_utc IS NULL"
                connection.execute(sql, (self._now(), run_id))

    def restore_runs(self, run_ids: Iterable[int]) -> None:
        """Show deleted runs again, all or none.

        Raises:
            LabError: One is not there any more.
        """
        with self._writing() as connection:
            for run_id in run_ids:
                _need(connection, run_id)
                connection.execute("UPDATE runs SET deleted_utc = NULL WHERE id = ?", (run_id,))

    def purge(self) -> int:
        """Let what was deleted long ago go for good, unless a run is running or a lab writes.

        Returns:
            How many runs went.
        """
        oldest = _back(self._now(), KEPT)
        sql = "FROM runs WHERE deleted_utc IS NOT NULL AND deleted_utc < ?"
        with self._reading() as connection:
            if not connection.execute(f"SELECT 1 {sql} LIMIT 1", (oldest,)).fetchone():
                return 0
        try:
            with self._writing() as connection:
                if self._running(connection):
                    return 0
                gone = connection.execute(f"DELETE {sql}", (oldest,)).rowcount
        except LabError as error:  # the disk is full, or another lab writes: next time
            logger.info("deleted runs stay for now: %s", error.detail)
            return 0
        logger.info("%s runs that were deleted more than %s days ago are gone", gone, KEPT.days)
        return gone

    def without_digest(self) -> tuple[int, ...]:
        """Return the ended runs that have samples but no figures yet, newest first."""
        sql = (
            "SELECT id FROM runs WHERE digest IS NULL AND sample_count > 0"
            " AND deleted_utc IS NULL AND (outcome IS NOT NULL OR seen_utc <= ?) ORDER BY id DESC"
        )
        with self._reading() as connection:
            rows = connection.execute(sql, (self._oldest_running(),)).fetchall()
        return tuple(run_id for (run_id,) in rows)

    def keep_digest(self, run_id: int, digest: Digest | None) -> None:
        """Keep the figures of a run, or that it gives none."""
        text = orjson.dumps(digest).decode() if digest else NO_DIGEST
        with self._writing() as connection:
            connection.execute("UPDATE runs SET digest = ? WHERE id = ?", (text, run_id))

    def log(self, run_id: int) -> str:
        """Return what the lab's log said during a run; empty when nothing was kept."""
        with self._reading() as connection:
            sql = "SELECT text FROM logs WHERE run_id = ?"
            row = connection.execute(sql, (run_id,)).fetchone()
        return str(row["text"]) if row else ""

    def _running(self, connection: sqlite3.Connection, run_id: int | None = None) -> bool:
        sql = "SELECT 1 FROM runs WHERE outcome IS NULL AND seen_utc > ? AND ? IN (0, id)"
        found = connection.execute(sql, (self._oldest_running(), run_id or 0)).fetchone()
        return found is not None

    def _oldest_running(self) -> str:
        return _back(self._now(), timedelta(seconds=RUNNING_S))


def _back(now: str, span: timedelta) -> str:
    """Return the time of the records that is so long ago."""
    moment = datetime.fromisoformat(now) - span
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _need(connection: sqlite3.Connection, run_id: int) -> None:
    if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone() is None:
        raise LabError(f"There is no run {run_id}.", "See `mobilenet-lab runs list`.")


def clean_tag(tag: str) -> str:
    """Return the tag as it is kept.

    Raises:
        LabError: It cannot be one.
    """
    tag = " ".join(tag.split())
    if not tag or len(tag) > MAX_TAG or not tag.isprintable() or "," in tag:
        raise LabError(
            f"{tag[:MAX_TAG]!r} cannot be a tag.",
            f"Use 1 to {MAX_TAG} characters without a comma.",
        )
    return tag
