"""Reports: a run, a series, a comparison or a day as HTML, PDF, CSV, JSON and Parquet.

All of it comes from the records; the same records give the same files, byte for byte. The JSON
of a single run is ``run.json`` (``export.py``). That of several is one object: ``schema``,
``kind`` (``mobilenet-lab report``), ``of`` (``series``, ``comparison`` or ``day``), ``title``,
``series`` and ``steps`` (null and empty but for a series; pictures as their sha256) and ``runs``,
each as in ``run.json`` without its samples, which CSV and Parquet hold.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson

from engine.errors import LabError
from engine.files import write_whole
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.records.database import Database
from engine.records.document.content import Document
from engine.records.export import SCHEMA, dump_run, run_json
from engine.records.masking import Masker
from engine.records.values import RunRecord, RunRow, Series, Step, digest_of

KINDS: Final = ("html", "pdf", "csv", "json", "parquet")
NAMED: Final = 5
"""Runs of a comparison that its file's name tells one by one."""


@dataclass(frozen=True, slots=True)
class ReportOf:
    """What a report is of.

    Attributes:
        kind: ``run``, ``series``, ``comparison`` or ``day``.
        ids: Of the run, the series, or the runs to compare.
        day_utc: As ``2026-05-01``, of a day.
    """

    kind: str
    ids: tuple[int, ...] = ()
    day_utc: str = ""

    @classmethod
    def run(cls, run_id: int) -> "ReportOf":
        """One run."""
        return cls("run", (run_id,))

    @classmethod
    def series(cls, series_id: int) -> "ReportOf":
        """A sweep, an A/B test, the mirror's cost or a QA session."""
        return cls("series", (series_id,))

    @classmethod
    def comparison(cls, run_ids: Sequence[int]) -> "ReportOf":
        """Runs that somebody chose; one that is named twice counts once.

        Raises:
            LabError: There is none.
        """
        if not run_ids:
            raise LabError("There is no run to compare.", "Name at least two.")
        return cls("comparison", tuple(dict.fromkeys(run_ids)))

    @classmethod
    def day(cls, day: str) -> "ReportOf":
        """What was measured on a day (UTC), for a class: without names and serials.

        Raises:
            LabError: It is no day.
        """
        try:
            return cls("day", day_utc=date.fromisoformat(day).isoformat())
        except ValueError:
            raise LabError(f"{day!r} is no day.", "Write it like 2026-05-01.") from None


@dataclass(frozen=True, slots=True)
class _Material:
    """What there is to write, read and masked.

    Attributes:
        stem: Of the files' names.
        rows: The runs, newest last.
        mask: For each further record that is loaded.
    """

    of: ReportOf
    stem: str
    rows: tuple[RunRow, ...]
    mask: Callable[[RunRecord], RunRecord]
    series: Series | None = None
    steps: tuple[Step, ...] = ()


def write_report(
    what: ReportOf,
    database: Database,
    output: Path,
    *,
    kinds: Sequence[str] | None = None,
    mask_serials: bool = False,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> tuple[Path, ...]:
    """Write a report; files of the same name are replaced, each whole or not at all.

    Args:
        what: What it is of.
        database: Where the records are.
        output: A folder, made if it is not there; or a file whose name ends in one of ``KINDS``,
            for that kind alone.
        kinds: Of ``KINDS``; None is what ``output`` ends in, else HTML.
        mask_serials: Whether to put ``phone A`` and so on where serials were. Pictures of the
            screen stay as they were taken. A day is always masked.
        report: Told how far it is (steps ``read`` and ``write``).
        cancel: Ends it between two runs or files; what was written stays.

    Returns:
        The files.

    Raises:
        LabError: There is no such record, nothing was measured that day, or a file cannot be
            written.
        Cancelled: It was cancelled.
    """
    cancel = cancel or CancelToken()
    chosen = _kinds(output, kinds)
    material = _gather(what, database, mask_serials=mask_serials or what.kind == "day")
    folder, name = _place(output, material.stem)

    def records() -> Iterator[RunRecord]:
        for number, row in enumerate(material.rows):
            cancel.check()
            report(Progress("read", number / len(material.rows), f"run {row.id}"))
            yield material.mask(database.load(row.id))

    document = None
    if {"html", "pdf"} & set(chosen):
        document = _document(material, list(records()))
    written = []
    for number, kind in enumerate(chosen):
        cancel.check()
        path = folder / f"{name}.{kind}"
        report(Progress("write", number / len(chosen), path.name))
        _write(kind, path, material, document, records)
        written.append(path)
    report(Progress("write", 1.0))
    return tuple(written)


def report_name(what: ReportOf, database: Database, *, mask_serials: bool = False) -> str:
    """Return the name of a report's files without their ends: always the same for a record.

    Raises:
        LabError: There is no such record.
    """
    return _gather(what, database, mask_serials=mask_serials or what.kind == "day").stem


def _kinds(output: Path, kinds: Sequence[str] | None) -> tuple[str, ...]:
    ending = output.suffix.lower().removeprefix(".")
    asked = tuple(dict.fromkeys(kinds)) if kinds is not None else ()
    for kind in asked:
        if kind not in KINDS:
            raise LabError(f"A report is not written as {kind!r}.", f"Say {', '.join(KINDS)}.")
    if ending in KINDS and not output.is_dir():
        if asked and asked != (ending,):
            raise LabError(
                f"{output.name} is one file, but {', '.join(asked)} was asked for.",
                "Name a folder for several kinds.",
            )
        return (ending,)
    return asked or ("html",)


def _place(output: Path, stem: str) -> tuple[Path, str]:
    """Return the folder, made if need be, and the files' name without its end."""
    if output.suffix.lower().removeprefix(".") in KINDS and not output.is_dir():
        return output.parent, output.stem
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"The folder {output} cannot be made.", "Choose another place.", detail=str(error)
        ) from error
    return output, stem


def _gather(what: ReportOf, database: Database, *, mask_serials: bool) -> _Material:
    """Read what a report is of, besides the samples."""
    series: Series | None = None
    steps: tuple[Step, ...] = ()
    rows: tuple[RunRow, ...]
    if what.kind in ("run", "comparison"):
        listed = {row.id: row for row in database.runs()}
        # one that is not listed was deleted or never was: loading it says which
        rows = tuple(listed.get(each) or database.load(each).row for each in what.ids)
    elif what.kind == "series":
        series = database.series.load(what.ids[0])
        steps = database.series.steps(series.id)
        rows = database.runs(series_id=series.id)
    else:
        rows = tuple(
            row for row in database.runs() if row.facts.started_utc.startswith(what.day_utc)
        )
        if not rows:
            raise LabError(f"Nothing was measured on {what.day_utc} (UTC).")
    rows = tuple(sorted(rows, key=lambda row: row.id))
    masker = Masker([*_serials(rows), *(each.serial for each in steps)] if mask_serials else ())
    strip = _stripper(what)

    def mask(record: RunRecord) -> RunRecord:
        row = masker.deep(strip(record.row))
        # what heat and statistics are is not a person's word: only the row has any text
        return replace(record, row=replace(row, digest=digest_of(record.summary)))

    return _Material(
        of=what,
        stem=_stem(what, [masker.deep(each) for each in rows], masker.deep(series)),
        rows=rows,
        mask=mask,
        series=masker.deep(series),
        steps=masker.deep(steps),
    )


def _serials(rows: Sequence[RunRow]) -> Iterator[str]:
    for row in rows:
        yield row.facts.serial
        yield str(row.facts.phone.get("serial") or "")


def _stripper(what: ReportOf) -> Callable[[RunRow], RunRow]:
    if what.kind != "day":
        return lambda row: row
    from engine.records.pages.day import without_names

    return without_names


def _document(material: _Material, records: Sequence[RunRecord]) -> Document:
    from engine.records.pages.comparison import comparison_document
    from engine.records.pages.day import day_document
    from engine.records.pages.run import run_document
    from engine.records.pages.series import series_document

    if material.series is not None:
        return series_document(material.series, material.steps, records)
    if material.of.kind == "comparison":
        return comparison_document(records)
    if material.of.kind == "day":
        return day_document(material.of.day_utc, records)
    return run_document(records[0])


def _write(
    kind: str,
    path: Path,
    material: _Material,
    document: Document | None,
    records: Callable[[], Iterator[RunRecord]],
) -> None:
    if kind == "html" and document is not None:
        from engine.records.document.html import html_of

        write_whole(path, html_of(document))
    elif kind == "pdf" and document is not None:
        from engine.records.document.pdf import pdf_of

        write_whole(path, pdf_of(document))
    elif kind == "json":
        write_whole(path, _json(material, records))
    elif kind == "csv":
        from engine.records.parquet import write_csv

        write_csv(records(), path)
    else:
        from engine.records.parquet import write_parquet

        write_parquet(records(), path)


def _json(material: _Material, records: Callable[[], Iterator[RunRecord]]) -> bytes:
    if material.of.kind == "run":
        return dump_run(next(records()))
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": "mobilenet-lab report",
        "of": material.of.kind,
        "title": material.series.title if material.series else material.of.day_utc,
        "series": asdict(material.series) if material.series else None,
        "steps": [_step_json(each) for each in material.steps],
        "runs": [run_json(each, samples=False) for each in records()],
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _step_json(step: Step) -> dict[str, Any]:
    values = asdict(replace(step, picture=b""))
    del values["picture"]
    values["picture_sha256"] = hashlib.sha256(step.picture).hexdigest() if step.picture else ""
    return values


def _stem(what: ReportOf, rows: Sequence[RunRow], series: Series | None) -> str:
    if series is not None:
        parts = [series.kind, str(series.id), series.title]
    elif what.kind == "day":
        parts = ["day", what.day_utc]
    elif what.kind == "run":
        facts = rows[0].facts
        parts = ["run", str(rows[0].id), facts.name, str(facts.phone.get("model") or "phone")]
    else:
        ids = [str(row.id) for row in rows]
        more = hashlib.sha256(",".join(ids).encode()).hexdigest()[:8]
        told = ids if len(ids) <= NAMED else [*ids[:NAMED], "and", str(len(ids) - NAMED), more]
        parts = ["comparison", *told]
    return "-".join(["mobilenet-lab", *filter(None, map(_slug, parts))])


def _slug(text: str) -> str:
    """Return a text as a part of a file's name, on any system."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower())[:60].strip("-.")
