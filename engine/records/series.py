"""Runs that belong together, and what came of each step."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import orjson

from engine.errors import LabError
from engine.records.values import Series, Step

Block = Callable[[], AbstractContextManager[sqlite3.Connection]]


class SeriesTable:
    """The series of one database; usable from any thread."""

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

    def begin(self, kind: str, title: str, plan: dict[str, Any]) -> int:
        """Begin a series and return its id."""
        values = (kind, title, orjson.dumps(plan).decode(), self._now())
        sql = "INSERT INTO series (kind, title, plan, started_utc) VALUES (?, ?, ?, ?)"
        with self._writing() as connection:
            return int(connection.execute(sql, values).lastrowid or 0)

    def finish(self, series_id: int, outcome: str) -> None:
        """Say how it ended; it is not resumed any more."""
        sql = "UPDATE series SET ended_utc = ?, outcome = ? WHERE id = ?"
        with self._writing() as connection:
            connection.execute(sql, (self._now(), outcome, series_id))

    def load(self, series_id: int) -> Series:
        """Return one series.

        Raises:
            LabError: There is no such series.
        """
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM series WHERE id = ?", (series_id,)).fetchone()
        if row is None:
            raise LabError(f"There is no series {series_id}.", "See `mobilenet-lab runs series`.")
        return _series(row)

    def every(self, kind: str = "") -> tuple[Series, ...]:
        """Return every series, or those of a kind, newest first."""
        sql = "SELECT * FROM series WHERE ? IN ('', kind) ORDER BY id DESC"
        with self._reading() as connection:
            return tuple(_series(row) for row in connection.execute(sql, (kind,)).fetchall())

    def add_step(self, step: Step) -> None:
        """Keep what came of a step; a later one of the same number and phone stands beside it."""
        with self._writing() as connection:
            self.insert_step(connection, step)

    def insert_step(self, connection: sqlite3.Connection, step: Step) -> None:
        """Keep what came of a step as part of a transaction that somebody else began."""
        connection.execute(
            "INSERT INTO steps (series_id, serial, number, title, kind, outcome, comment,"
            " facts, picture, utc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                step.series_id,
                step.serial,
                step.number,
                step.title,
                step.kind,
                step.outcome,
                step.comment,
                orjson.dumps(step.facts).decode(),
                step.picture,
                step.utc,
            ),
        )

    def steps(self, series_id: int) -> tuple[Step, ...]:
        """Return what came of the steps of a series, in the order of time."""
        sql = "SELECT * FROM steps WHERE series_id = ? ORDER BY part"
        with self._reading() as connection:
            rows = connection.execute(sql, (series_id,)).fetchall()
        return tuple(_step(row) for row in rows)


def _series(row: sqlite3.Row) -> Series:
    return Series(**{**row, "plan": orjson.loads(row["plan"])})


def _step(row: sqlite3.Row) -> Step:
    values = {key: row[key] for key in row.keys() if key != "part"}  # noqa: SIM118 - not a dict
    return Step(**{**values, "facts": orjson.loads(row["facts"])})
