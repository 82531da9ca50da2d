"""Runs and series from another lab's file into this database."""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from engine.errors import LabError
from engine.link.messages import Health, SampleArray
from engine.measuring.analysis import analyse
from engine.phones.readings import Reading
from engine.records.database import Database
from engine.records.export import content_hash
from engine.records.history import clean_tag
from engine.records.packed import Packed
from engine.records.parquet import read_samples
from engine.records.rows import FACTS, NO_DIGEST
from engine.records.untrusted import build
from engine.records.values import (
    End,
    Flag,
    RunFacts,
    RunRecord,
    RunRow,
    Series,
    Step,
    digest_of,
)

_BLOB = 5_000
"""Samples in one row."""
_PNG = b"\x89PNG"
_COMPUTED = ("id", "end", "ended_utc", "sample_count", "flags", "valid", "tags", "origin")


@dataclass(frozen=True, slots=True)
class Taken:
    """One run of a file, all of it but its samples.

    Attributes:
        folder: Where in the file it is.
        row: As the other lab had it; its id is that lab's, its series too.
        content_sha256: What its content must come to.
    """

    folder: str
    row: RunRow
    health: tuple[Health, ...]
    readings: tuple[Reading, ...]
    content_sha256: str

    @classmethod
    def read(cls, packed: Packed, folder: str) -> "Taken":
        """Read one run.

        Raises:
            LabError: It is damaged, or says what no lab would.
        """
        name = f"{folder}/run.json"
        told = packed.json(name)
        try:
            run = dict(told["run"])
            others = {key: run.pop(key) for key in _COMPUTED}
            row = RunRow(
                id=int(others["id"]),
                facts=build(RunFacts, run),
                end=End(others["end"]),
                ended_utc=str(others["ended_utc"]),
                sample_count=int(others["sample_count"]),
                flags=tuple(Flag(each) for each in others["flags"]),
                tags=tuple(clean_tag(each) for each in others["tags"]),
            )
            _need_ended(row)
            health = tuple(build(Health, each) for each in told["health"])
            readings = tuple(build(Reading, each) for each in told["readings"])
            return cls(folder, row, health, readings, str(told["content_sha256"]))
        except (KeyError, TypeError, ValueError, AttributeError, LabError) as error:
            raise _unbelievable(packed, name, error) from error

    def record(self, packed: Packed) -> RunRecord:
        """Return the run with its samples.

        Raises:
            LabError: They are damaged, or other ones than were measured.
        """
        name = f"{self.folder}/samples.parquet"
        data = packed.read(name)
        try:
            samples = read_samples(data)
        except LabError as error:
            raise _unbelievable(packed, name, error) from error
        analysis = analyse(samples, self.health, self.readings)
        record = RunRecord(
            row=self.row,
            samples=samples,
            health=self.health,
            analysis=analysis,
            readings=self.readings,
        )
        if content_hash(record) != self.content_sha256:
            raise _unbelievable(packed, name, ValueError("its content has another hash"))
        return record


class Intake:
    """Takes one file in.

    Attributes:
        runs: This database's number of each run so far.
        new: How many of them were not there before.
        series: This database's number of each series, by the file's.
    """

    def __init__(self, database: Database, origin: str) -> None:
        """Begin; everything that comes in is marked with its origin."""
        self.runs: list[int] = []
        self.new = 0
        self.series: dict[int, int] = {}
        self._database = database
        self._origin = origin
        self._ids: dict[int, int] = {}
        self._here: dict[str, int] = {}

    def look(self, taken: Sequence[Taken]) -> None:
        """Find what is here already, deleted or not, among runs that began at the same moment."""
        moments = sorted({each.row.facts.started_utc for each in taken})
        sql = "SELECT id FROM runs WHERE started_utc = ? ORDER BY id"
        found: list[int] = []
        with self._database.reading() as connection:
            for moment in moments:
                found.extend(run_id for (run_id,) in connection.execute(sql, (moment,)))
        for run_id in found:
            try:
                record = self._database.load(run_id, deleted=True)
            except LabError:  # damaged: what comes in may be its whole copy
                continue
            self._here.setdefault(content_hash(record), run_id)

    def take_series(self, connection: sqlite3.Connection, packed: Packed, folder: str) -> None:
        """Take one series in, or find the one that is here; before ``take_run``."""
        name = f"{folder}/series.json"
        told = packed.json(name)
        try:
            series = build(Series, told["series"])
            _need_utc(series.started_utc)
        except (KeyError, ValueError) as error:
            raise _unbelievable(packed, name, error) from error
        plan = orjson.dumps(series.plan).decode()
        row = connection.execute(
            "SELECT id FROM series WHERE kind = ? AND title = ? AND started_utc = ? AND plan = ?",
            (series.kind, series.title, series.started_utc, plan),
        ).fetchone()
        if row is None:
            sql = (
                "INSERT INTO series (kind, title, plan, started_utc, ended_utc, outcome, origin)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)"
            )
            outcome = series.outcome or "left unfinished"  # its phone is not here to resume on
            values = (series.kind, series.title, plan, series.started_utc)
            added = connection.execute(sql, (*values, series.ended_utc, outcome, self._origin))
            self.series[series.id] = int(added.lastrowid or 0)
        else:
            self.series[series.id] = int(row["id"])

    def take_steps(self, connection: sqlite3.Connection, packed: Packed, folder: str) -> None:
        """Take a series' steps in that are not here; after ``take_run``."""
        for step in _steps(packed, folder):
            series_id = self.series[step.series_id]
            sql = (
                "SELECT 1 FROM steps WHERE series_id = ? AND serial = ? AND number = ? AND utc = ?"
            )
            key = (series_id, step.serial, step.number, step.utc)
            if connection.execute(sql, key).fetchone() is None:
                moved = replace(step, series_id=series_id, facts=self._renumbered(step.facts))
                self._database.series.insert_step(connection, moved)

    def take_run(self, connection: sqlite3.Connection, packed: Packed, taken: Taken) -> None:
        """Take one run in, or find the one that is here."""
        record = taken.record(packed)
        series_id = self.series.get(taken.row.facts.series_id or 0)
        run_id = self._here.get(taken.content_sha256)
        if run_id is None:
            log = f"{taken.folder}/lab.log"
            said = packed.read(log).decode("utf-8", "replace") if packed.has(log) else ""
            run_id = self._insert(connection, record, series_id, said)
            self._here[taken.content_sha256] = run_id
            self.new += 1
        else:
            sql = (
                "UPDATE runs SET deleted_utc = NULL, series_id = coalesce(series_id, ?)"
                " WHERE id = ?"
            )
            connection.execute(sql, (series_id, run_id))
        self._ids[taken.row.id] = run_id
        self.runs.append(run_id)

    def _insert(
        self,
        connection: sqlite3.Connection,
        record: RunRecord,
        series_id: int | None,
        said: str,
    ) -> int:
        row = record.row
        facts = {name: getattr(row.facts, name) for name in FACTS}
        digest = digest_of(record.summary)
        facts |= {
            "phone": orjson.dumps(row.facts.phone).decode(),
            "series_id": series_id,
            "seen_utc": row.ended_utc,
            "ended_utc": row.ended_utc,
            "outcome": row.end.value,
            "flags": orjson.dumps(row.flags).decode(),
            "digest": orjson.dumps(digest).decode() if digest else NO_DIGEST,
            "sample_count": len(record.samples),
            "origin": self._origin,
        }
        marks = ", ".join("?" * len(facts))
        sql = f"INSERT INTO runs ({', '.join(facts)}) VALUES ({marks})"  # noqa: S608 - our own
        run_id = int(connection.execute(sql, tuple(facts.values())).lastrowid or 0)
        connection.executemany(
            "INSERT INTO sample_blobs (run_id, first_sequence, count, data, crc32)"
            " VALUES (?, ?, ?, ?, ?)",
            _blobs(run_id, record.samples),
        )
        for table, values in (("health", record.health), ("readings", record.readings)):
            connection.executemany(
                f"INSERT INTO {table} (run_id, clock_ns, facts) VALUES (?, ?, ?)",  # noqa: S608
                [(run_id, each.clock_ns, orjson.dumps(each).decode()) for each in values],
            )
        tags = [(run_id, tag) for tag in row.tags]
        connection.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", tags)
        if said:
            connection.execute("INSERT INTO logs VALUES (?, ?)", (run_id, said))
        return run_id

    def _renumbered(self, value: Any, name: str = "") -> Any:
        """Return a step's facts with this database's numbers under ``run`` and ``runs``."""
        if isinstance(value, dict):
            return {key: self._renumbered(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._renumbered(each, name) for each in value]
        of_run = name in ("run", "runs") and isinstance(value, int)
        return self._ids.get(value) if of_run else value


def _steps(packed: Packed, folder: str) -> Iterator[Step]:
    name = f"{folder}/series.json"
    try:
        for each in packed.json(name)["steps"]:
            told = dict(each)
            picture = told.pop("picture")
            data = _picture(packed.read(f"{folder}/{picture}")) if picture else b""
            yield replace(build(Step, {**told, "picture": b""}), picture=data)
    except (KeyError, TypeError, ValueError) as error:
        raise _unbelievable(packed, name, error) from error


def _picture(data: bytes) -> bytes:
    if not data.startswith(_PNG):
        raise ValueError("a picture is no PNG file")
    return data


def _blobs(run_id: int, samples: SampleArray) -> Iterator[tuple[int, int, int, bytes, int]]:
    for begin in range(0, len(samples), _BLOB):
        part = samples[begin : begin + _BLOB]
        data = part.tobytes()
        yield run_id, int(part["sequence"][0]), len(part), data, zlib.crc32(data)


def _need_ended(row: RunRow) -> None:
    if row.end is End.RUNNING:
        raise ValueError("it is still running")
    for moment in (row.facts.started_utc, row.ended_utc):
        _need_utc(moment)


def _need_utc(text: str) -> None:
    if not text.endswith("Z"):
        raise ValueError(f"{text[:40]!r} is no time in UTC")
    datetime.fromisoformat(text)


def _unbelievable(packed: Packed, name: str, error: Exception) -> LabError:
    return LabError(
        f"{packed.path.name} is damaged: {name} does not hold what a lab writes.",
        "Export it again.",
        detail=str(error),
    )
