"""The shape of the file of runs, version after version."""

import sqlite3
from pathlib import Path

from engine.errors import LabError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            task TEXT NOT NULL,
            model_sha256 TEXT NOT NULL,
            model_size_bytes INTEGER NOT NULL,
            untrained INTEGER NOT NULL,
            apk_sha256 TEXT NOT NULL,
            apk_size_bytes INTEGER,
            serial TEXT NOT NULL,
            phone TEXT NOT NULL,
            phone_note TEXT NOT NULL,
            app_version TEXT NOT NULL,
            app_runtime TEXT NOT NULL,
            lab_version TEXT NOT NULL,
            delegate TEXT NOT NULL,
            delegate_applied TEXT NOT NULL,
            delegate_note TEXT NOT NULL,
            threads INTEGER NOT NULL,
            source TEXT NOT NULL,
            mirror TEXT NOT NULL,
            generation INTEGER NOT NULL,
            load_ms REAL NOT NULL,
            first_ms REAL NOT NULL,
            seconds_asked REAL NOT NULL,
            started_utc TEXT NOT NULL,
            note TEXT NOT NULL,
            seen_utc TEXT NOT NULL,
            ended_utc TEXT,
            outcome TEXT,
            flags TEXT NOT NULL DEFAULT '[]'
        )""",
        """CREATE TABLE sample_blobs (
            part INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            first_sequence INTEGER NOT NULL,
            count INTEGER NOT NULL,
            data BLOB NOT NULL
        )""",
        "CREATE INDEX sample_blobs_of_run ON sample_blobs (run_id, part)",
        """CREATE TABLE health (
            part INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            clock_ns INTEGER NOT NULL,
            facts TEXT NOT NULL
        )""",
        "CREATE INDEX health_of_run ON health (run_id, part)",
        """CREATE TABLE deployments (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            serial TEXT NOT NULL,
            apk_sha256 TEXT NOT NULL,
            apk_size_bytes INTEGER NOT NULL,
            model_sha256 TEXT NOT NULL,
            name TEXT NOT NULL,
            utc TEXT NOT NULL
        )""",
    ),
    ("ALTER TABLE runs ADD COLUMN threads_asked INTEGER",),
    (
        "ALTER TABLE runs ADD COLUMN camera TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN fit TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN app_debuggable INTEGER",
        "ALTER TABLE runs ADD COLUMN swapped INTEGER",
        "ALTER TABLE deployments ADD COLUMN swapped INTEGER NOT NULL DEFAULT 0",
    ),
    (
        """CREATE TABLE series (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            title TEXT NOT NULL,
            plan TEXT NOT NULL,
            started_utc TEXT NOT NULL,
            ended_utc TEXT NOT NULL DEFAULT '',
            outcome TEXT NOT NULL DEFAULT ''
        )""",
        """CREATE TABLE steps (
            part INTEGER PRIMARY KEY AUTOINCREMENT,
            series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
            serial TEXT NOT NULL,
            number INTEGER NOT NULL,
            title TEXT NOT NULL,
            kind TEXT NOT NULL,
            outcome TEXT NOT NULL,
            comment TEXT NOT NULL,
            facts TEXT NOT NULL,
            picture BLOB NOT NULL,
            utc TEXT NOT NULL
        )""",
        "CREATE INDEX steps_of_series ON steps (series_id, part)",
        """CREATE TABLE judged (
            part INTEGER PRIMARY KEY AUTOINCREMENT,
            model_sha256 TEXT NOT NULL,
            name TEXT NOT NULL,
            folder TEXT NOT NULL,
            pictures INTEGER NOT NULL,
            top1 INTEGER NOT NULL,
            top5 INTEGER,
            preprocessing TEXT NOT NULL,
            utc TEXT NOT NULL
        )""",
        """CREATE TABLE readings (
            part INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            clock_ns INTEGER NOT NULL,
            facts TEXT NOT NULL
        )""",
        "CREATE INDEX readings_of_run ON readings (run_id, part)",
        "ALTER TABLE runs ADD COLUMN preset TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN series_id INTEGER REFERENCES series (id) ON DELETE SET NULL",
        "ALTER TABLE runs ADD COLUMN block INTEGER",
        "ALTER TABLE runs ADD COLUMN place TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN gate TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN start_c REAL",
        "ALTER TABLE runs ADD COLUMN digest TEXT",
        "CREATE INDEX runs_of_series ON runs (series_id)",
    ),
    (
        "ALTER TABLE runs ADD COLUMN sample_count INTEGER NOT NULL DEFAULT 0",
        """UPDATE runs SET sample_count =
            (SELECT COALESCE(SUM(count), 0) FROM sample_blobs WHERE run_id = runs.id)""",
        "ALTER TABLE runs ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN deleted_utc TEXT",
        "CREATE INDEX deleted_runs ON runs (deleted_utc) WHERE deleted_utc IS NOT NULL",
        "CREATE INDEX runs_by_start ON runs (started_utc)",
        "ALTER TABLE sample_blobs ADD COLUMN crc32 INTEGER",
        "ALTER TABLE series ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE logs (
            run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
            text TEXT NOT NULL
        )""",
        """CREATE TABLE tags (
            run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            tag TEXT NOT NULL,
            PRIMARY KEY (run_id, tag)
        ) WITHOUT ROWID""",
        "CREATE INDEX runs_of_tag ON tags (tag, run_id)",
    ),
)
"""Each brings the file from version i to i + 1; one that shipped is never changed."""


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file to this lab's version, all or nothing.

    Args:
        connection: In autocommit mode.
        path: For the error's sentence.

    Raises:
        LabError: A newer lab wrote the file.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        _raise_to_newest(connection, path)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _raise_to_newest(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise LabError(
            f"The file of runs, {path}, was written by a newer lab.",
            "Update this lab, or move the file away.",
        )
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
