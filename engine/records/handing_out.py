"""Runs as a file of the kind that its name asks for."""

from collections.abc import Sequence
from pathlib import Path

from engine.errors import LabError
from engine.files import write_whole
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.records.database import Database
from engine.records.exchange import export_zip
from engine.records.export import dump_runs
from engine.records.litert import litert_benchmark_json
from engine.records.parquet import write_csv, write_parquet
from engine.records.values import RunRecord

KINDS = {
    ".zip": "everything, for another lab",
    ".json": "one JSON object, samples included",
    ".csv": "one row per sample",
    ".parquet": "one row per sample, packed",
}


def check_kind(
    path: Path, run_ids: Sequence[int], *, litert: bool = False, series: int | None = None
) -> None:
    """See that a file's name says what to write, and that it can hold what is asked for.

    Raises:
        LabError: It does not, or cannot.
    """
    kind = path.suffix.lower()
    if kind in (".html", ".pdf"):
        raise LabError(f"{path.name} would be a report.", "`mobilenet-lab report` writes those.")
    if kind not in KINDS:
        raise LabError(
            f"{path.name} does not say what to write.", f"End its name with {', '.join(KINDS)}."
        )
    if series is not None and kind != ".zip":
        raise LabError("Only a .zip holds a series.", "End the file's name with .zip.")
    if not run_ids and series is None:
        raise LabError("There is no run to export.", "Name at least one.")
    if litert:
        if kind != ".json":
            raise LabError(
                "litert-benchmark's results are JSON.", "End the file's name with .json."
            )
        check_litert(run_ids)


def check_litert(run_ids: Sequence[int]) -> None:
    """See that a single run is asked for.

    Raises:
        LabError: It is none or several.
    """
    if len(run_ids) != 1:
        raise LabError("A file of litert-benchmark holds one run.", "Name one.")


def hand_out(
    run_ids: Sequence[int],
    path: Path,
    database: Database,
    *,
    series: int | None = None,
    litert: bool = False,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> None:
    """Write runs to a file whose suffix is one of ``KINDS`` (step ``export``).

    Args:
        run_ids: The runs.
        path: The file; replaced as a whole.
        database: Where they are.
        series: A series that goes along with all its runs, into a ``.zip``.
        litert: JSON in the shape of litert-benchmark's results, of a single run.
        report: Told how far it is.
        cancel: Leaves what was at ``path``.

    Raises:
        LabError: A run is not there, the name says no kind, or it cannot be written.
        Cancelled: It was cancelled.
    """
    check_kind(path, run_ids, litert=litert, series=series)
    cancel = cancel or CancelToken()
    if path.suffix.lower() == ".zip":
        chosen = () if series is None else (series,)
        export_zip(run_ids, path, database, series_ids=chosen, report=report, cancel=cancel)
        return
    ordered = tuple(dict.fromkeys(run_ids))

    def load(number: int) -> RunRecord:
        cancel.check()
        report(Progress("export", number / len(ordered), f"run {ordered[number]}"))
        return database.load(ordered[number])

    records = map(load, range(len(ordered)))
    if litert:
        write_whole(path, litert_benchmark_json(next(records)))
    elif path.suffix.lower() == ".json":
        write_whole(path, dump_runs(records))
    elif path.suffix.lower() == ".csv":
        write_csv(records, path)
    else:
        write_parquet(records, path)
    report(Progress("export", 1.0, path.name))
