"""Reports to hand out: a run, a series, a comparison, a day."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Report
from engine.terminal.console import work
from engine.terminal.run_commands import open_database

if TYPE_CHECKING:
    from engine.records.report import ReportOf

report_app = typer.Typer(help="Reports to hand out.", rich_markup_mode=None)

OutputOption = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER|FILE",
        help="A folder; or a file whose end says the kind: .html, .pdf, .csv, .json, .parquet.",
    ),
]
KindsOption = Annotated[
    str | None,
    typer.Option(metavar="KIND,...", help="html, pdf, csv, json, parquet; html by default."),
]
MaskOption = Annotated[
    bool, typer.Option("--mask-serials", help="Write `phone A` where serial numbers were.")
]


@report_app.command("run")
def report_run(
    run: Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")],
    *,
    output: OutputOption = Path(),
    kinds: KindsOption = None,
    mask_serials: MaskOption = False,
) -> None:
    """Report one run."""
    from engine.records.report import ReportOf

    _write(ReportOf.run(run), output, kinds, mask_serials=mask_serials)


@report_app.command("series")
def report_series(
    series: Annotated[int, typer.Argument(metavar="SERIES", help="The series' number.")],
    *,
    output: OutputOption = Path(),
    kinds: KindsOption = None,
    mask_serials: MaskOption = False,
) -> None:
    """Report a sweep, an A/B test, a mirror's cost or a QA session."""
    from engine.records.report import ReportOf

    _write(ReportOf.series(series), output, kinds, mask_serials=mask_serials)


@report_app.command("comparison")
def report_comparison(
    runs: Annotated[list[int], typer.Argument(metavar="RUN...", help="The runs' numbers.")],
    *,
    output: OutputOption = Path(),
    kinds: KindsOption = None,
    mask_serials: MaskOption = False,
) -> None:
    """Report runs side by side, in order of their latency."""
    from engine.records.report import ReportOf

    _write(ReportOf.comparison(runs), output, kinds, mask_serials=mask_serials)


@report_app.command("day")
def report_day(
    day: Annotated[str, typer.Argument(metavar="DAY", help="Like 2026-05-01, or today (UTC).")],
    *,
    output: OutputOption = Path(),
    kinds: KindsOption = None,
) -> None:
    """Report a day on one page, for a class: without names and serial numbers."""
    from engine.records.report import ReportOf
    from engine.records.values import utc_now

    chosen = utc_now()[:10] if day == "today" else day
    _write(ReportOf.day(chosen), output, kinds, mask_serials=True)


def _write(what: "ReportOf", output: Path, kinds: str | None, *, mask_serials: bool) -> None:
    from engine.records.report import KINDS, write_report

    chosen = None
    if kinds is not None:
        chosen = [each.strip().lower() for each in kinds.split(",") if each.strip()]
        if not chosen:
            raise LabError("--kinds is empty.", f"Say {', '.join(KINDS)}.")

    def write(report: Report, cancel: CancelToken) -> tuple[Path, ...]:
        with closing(open_database()) as database:
            return write_report(
                what,
                database,
                output,
                kinds=chosen,
                mask_serials=mask_serials,
                report=report,
                cancel=cancel,
            )

    for path in work("report", write):
        typer.echo(str(path))
