"""Runs and whole series as one ``.zip``, out of this lab and into another.

What belongs to the measurement travels: facts, samples, health, readings, tags, note, the
log's lines, a series' plan, steps and pictures. What comes in is computed anew from its samples
where it can be, and keeps saying where it came from.
"""

import zipfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from engine.errors import LabError
from engine.files import replacing
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.logs import slice_of_log
from engine.records.database import Database
from engine.records.export import SCHEMA, content_hash, run_json
from engine.records.intake import Intake, Taken
from engine.records.packed import Packed, Packer
from engine.records.parquet import dump_samples
from engine.records.values import End, RunRecord, Series, Step

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import.

    Attributes:
        runs: The runs' numbers in this database, in the order of the file.
        new: How many of them were not there before.
        series: The series' numbers in this database.
    """

    runs: tuple[int, ...]
    new: int
    series: tuple[int, ...]

    @property
    def sentence(self) -> str:
        """What a person wants to hear."""
        known = len(self.runs) - self.new
        if not self.new:
            return "Nothing new: all of it is here already."
        came = f"{self.new} run{'s' * (self.new != 1)} came in"
        return f"{came}; {known} {'was' if known == 1 else 'were'} here." if known else f"{came}."


def export_zip(
    run_ids: Iterable[int],
    path: Path,
    database: Database,
    *,
    series_ids: Sequence[int] = (),
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> None:
    """Write runs, and series with all their runs, as one ``.zip`` (step ``export``).

    The same runs give the same bytes.

    Args:
        run_ids: The runs; each goes in once, in the order of their numbers.
        path: The file; replaced as a whole.
        database: Where they are.
        series_ids: The series.
        report: Told how far it is.
        cancel: Leaves what was at ``path``.

    Raises:
        LabError: A run is not there or still running, or the file cannot be written.
        Cancelled: It was cancelled.
    """
    cancel = cancel or CancelToken()
    chosen = set(run_ids)
    for series_id in series_ids:
        chosen.update(row.id for row in database.runs(series_id=series_id))
    ordered = sorted(chosen)
    if not ordered and not series_ids:
        raise LabError("There is no run to export.", "Choose at least one.")
    with replacing(path) as part, zipfile.ZipFile(part, "w") as archive:
        packer = Packer(archive)
        for number, run_id in enumerate(ordered, 1):
            cancel.check()
            report(Progress("export", (number - 1) / len(ordered), f"run {run_id}"))
            _pack_run(packer, f"runs/{number:04}", database.load(run_id), database)
        for number, series_id in enumerate(sorted(set(series_ids)), 1):
            cancel.check()
            steps = database.series.steps(series_id)
            _pack_series(packer, f"series/{number:04}", database.series.load(series_id), steps)
        packer.close()
    report(Progress("export", 1.0, f"{len(ordered)} runs"))


def import_zip(
    path: Path,
    database: Database,
    *,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Imported:
    """Take in what ``export_zip`` wrote, all or nothing (steps ``check``, ``import``).

    A run that is here already, told by its content, is not taken in again; if it was deleted,
    it is restored.

    Args:
        path: The file.
        database: Where the runs go.
        report: Told how far it is.
        cancel: Leaves the database as it was.

    Raises:
        LabError: The file is damaged, changed, no such file, or a newer lab's.
        Cancelled: It was cancelled.
    """
    cancel = cancel or CancelToken()
    with closing(Packed(path)) as packed:
        names = packed.names()
        for number, name in enumerate(names):
            cancel.check()
            report(Progress("check", number / len(names), name))
            packed.read(name)
        taken = [Taken.read(packed, folder) for folder in packed.folders("runs/")]
        intake = Intake(database, f"imported from {path.name}")
        intake.look(taken)
        folders = packed.folders("series/")
        with database.writing() as connection:
            for folder in folders:
                intake.take_series(connection, packed, folder)
            for number, run in enumerate(taken):
                cancel.check()
                report(Progress("import", number / len(taken), run.row.facts.name))
                intake.take_run(connection, packed, run)
            for folder in folders:
                intake.take_steps(connection, packed, folder)
    report(Progress("import", 1.0, f"{intake.new} new runs"))
    return Imported(tuple(intake.runs), intake.new, tuple(intake.series.values()))


def _pack_run(packer: Packer, folder: str, record: RunRecord, database: Database) -> None:
    row = record.row
    if row.end is End.RUNNING:
        raise LabError(f"Run {row.id} is still running.", "Export it when it has ended.")
    said = database.history.log(row.id) or slice_of_log(row.facts.started_utc, row.ended_utc)
    about = {**run_json(record, samples=False), "content_sha256": content_hash(record)}
    packer.add(f"{folder}/run.json", orjson.dumps(about, option=_OPTIONS))
    packer.add(f"{folder}/samples.parquet", dump_samples(record.samples))
    if said:
        packer.add(f"{folder}/lab.log", said.encode())


def _pack_series(packer: Packer, folder: str, series: Series, steps: Sequence[Step]) -> None:
    told: list[dict[str, Any]] = []
    for number, step in enumerate(steps, 1):
        picture = f"{number:04}.png" if step.picture else None
        if picture is not None:
            packer.add(f"{folder}/{picture}", step.picture)
        told.append({**asdict(step), "picture": picture})
    about = {
        "schema": SCHEMA,
        "kind": "mobilenet-lab series",
        "series": asdict(series),
        "steps": told,
    }
    packer.add(f"{folder}/series.json", orjson.dumps(about, option=_OPTIONS))
