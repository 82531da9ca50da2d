"""What was measured: list, look at, compare, hand out, take in, keep in order."""

import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Report
from engine.terminal.console import print_json, print_table, say, work
from engine.terminal.model_commands import check_folder
from engine.terminal.phone_commands import JsonOption
from engine.terminal.run_commands import open_database

if TYPE_CHECKING:
    from engine.records.values import RunRow, Series

FILL_S = 2.0
"""How long a list may work out figures that are missing; the next one goes on."""

runs_app = typer.Typer(help="What was measured.", rich_markup_mode=None)

RunArgument = Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")]
RunsArgument = Annotated[list[int], typer.Argument(metavar="RUN...", help="The runs' numbers.")]


@runs_app.command("list")
def runs_list(  # noqa: PLR0913 - one option each
    *,
    text: Annotated[
        str, typer.Option(metavar="WORDS", help="Words in the model, phone, note, tags, series.")
    ] = "",
    phone: Annotated[
        str, typer.Option(metavar="PHONE", help="A serial, or part of the maker and model.")
    ] = "",
    model: Annotated[str, typer.Option(metavar="NAME", help="Part of the model's name.")] = "",
    tag: Annotated[str, typer.Option(metavar="TAG", help="Runs with that tag.")] = "",
    valid: Annotated[bool, typer.Option("--valid", help="Only runs that may be ranked.")] = False,
    series: Annotated[
        int | None, typer.Option(metavar="SERIES", help="Only runs of that series.")
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="DAY", help="From a day on: 2026-05-01; or 7d, 36h.")
    ] = "",
    deleted: Annotated[
        bool, typer.Option("--deleted", help="Those that were deleted and can be restored.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """List the runs, newest first."""
    from engine.records.filtering import RunFilter, parse_since

    chosen = RunFilter(
        text=text,
        phone=phone,
        model=model,
        tag=tag,
        valid=valid,
        series=series,
        since=parse_since(since) if since else "",
        deleted=deleted,
    )
    with closing(open_database()) as database:
        patience = time.monotonic() + FILL_S
        database.fill_digests(lambda: time.monotonic() > patience)
        rows = database.runs(chosen)
    if json:
        print_json([_row_json(each) for each in rows])
        return
    if not rows:
        narrowed = chosen != RunFilter()
        say("No run is like that." if narrowed else "Nothing was measured yet.")
        return
    print_table(
        ("run", "started (UTC)", "model", "phone", "median ms", "samples", "end", "tags", "beware"),
        [
            (
                str(each.id),
                each.facts.started_utc[:16].replace("T", " "),
                each.facts.name,
                _phone(each),
                f"{each.digest.median_ms:.2f}" if each.digest else "",
                str(each.sample_count),
                str(each.end),
                ", ".join(each.tags),
                ", ".join(each.flags),
            )
            for each in rows
        ],
    )


@runs_app.command("show")
def runs_show(run: RunArgument, *, json: JsonOption = False) -> None:
    """Show one run: what it is and what it came to."""
    from engine.records.export import run_json
    from engine.records.telling import tell_run

    with closing(open_database()) as database:
        record = database.load(run)
    if json:
        print_json(run_json(record, samples=False))
        return
    for line in tell_run(record):
        typer.echo(
            f"{line.name:<16}{line.value}" if len(line.name) < 16 else f"{line.name}: {line.value}"
        )


@runs_app.command("export")
def runs_export(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN... [FILE]",
            help="The runs' numbers, then where to: .json, .zip, .csv or .parquet says the kind; "
            "- or nothing is JSON on stdout.",
        ),
    ],
    *,
    series: Annotated[
        int | None,
        typer.Option(metavar="SERIES", help="Into a .zip: that series with all its runs."),
    ] = None,
    litert: Annotated[
        bool, typer.Option("--litert", help="JSON as litert-benchmark writes it; one run.")
    ] = False,
) -> None:
    """Write runs with all their samples."""
    from engine.records.handing_out import check_kind, hand_out

    runs, file = _runs_and_file(what)
    if file == "-":
        _print_runs(runs, litert=litert)
        return
    target = Path(file)
    check_kind(target, runs, litert=litert, series=series)
    check_folder(target)

    def write(report: Report, cancel: CancelToken) -> None:
        with closing(open_database()) as database:
            hand_out(
                runs,
                target,
                database,
                series=series,
                litert=litert,
                report=report,
                cancel=cancel,
            )

    work("export", write)
    typer.echo(file)


@runs_app.command("import")
def runs_import(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What `runs export` wrote.")],
    *,
    json: JsonOption = False,
) -> None:
    """Take runs in that another lab exported; those that are here already stay as they are."""
    from engine.records.exchange import Imported, import_zip

    def read(report: Report, cancel: CancelToken) -> Imported:
        with closing(open_database()) as database:
            return import_zip(file, database, report=report, cancel=cancel)

    imported = work("import", read)
    if json:
        print_json(asdict(imported))
        return
    say(imported.sentence)
    typer.echo(" ".join(map(str, imported.runs)))


@runs_app.command("tag")
def runs_tag(
    run: RunArgument,
    tag: Annotated[str, typer.Argument(metavar="TAG", help="A word of your own.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
) -> None:
    """Mark a run, to find it again."""
    with closing(open_database()) as database:
        if remove:
            database.history.remove_tag(run, tag)
        else:
            database.history.add_tag(run, tag)


@runs_app.command("note")
def runs_note(
    run: RunArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you want to remember.")],
) -> None:
    """Change the note of a run; the measurement itself never changes."""
    with closing(open_database()) as database:
        database.history.set_note(run, text)


@runs_app.command("delete")
def runs_delete(run: RunsArgument) -> None:
    """Delete runs; for 30 days they can be restored."""
    with closing(open_database()) as database:
        database.history.delete_runs(run)
    say(f"Deleted. `mobilenet-lab runs restore {' '.join(map(str, run))}` undoes it for 30 days.")


@runs_app.command("restore")
def runs_restore(run: RunsArgument) -> None:
    """Restore deleted runs."""
    with closing(open_database()) as database:
        database.history.restore_runs(run)


@runs_app.command("compare")
def runs_compare(
    first: Annotated[int, typer.Argument(metavar="RUN", help="The one to compare with.")],
    second: Annotated[int, typer.Argument(metavar="RUN", help="The one to judge.")],
    *,
    json: JsonOption = False,
) -> None:
    """Compare the latency of two runs."""
    from engine.records.comparing import RunComparison, compare_runs

    def compare(_report: Report, _cancel: CancelToken) -> RunComparison:
        with closing(open_database()) as database:
            return compare_runs(database, first, second)

    found = work("compare", compare, quiet=True)
    if json:
        print_json(asdict(found))
        return
    typer.echo(found.difference.sentence)
    if any(found.blocks):
        typer.echo(f"compared by {found.blocks[0]} and {found.blocks[1]} interleaved blocks")
    if found.differ:
        typer.echo(f"they differ in: {', '.join(found.differ)}")
    for caveat in found.caveats:
        typer.echo(caveat)


@runs_app.command("series")
def runs_series(
    *,
    close: Annotated[
        int | None,
        typer.Option(metavar="SERIES", help="Finish that sweep or A/B test as it is."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the series: sweeps, A/B tests, mirror costs, QA sessions.

    One that was closed keeps its runs and is offered no more to be resumed.
    """
    from engine.measuring.sweep import close_series, resumable

    with closing(open_database()) as database:
        if close is not None:
            close_series(database, close)
        every = database.series.every()
        open_ids = {each.id for each in resumable(database)}
        counts = {each.id: len(database.runs(series_id=each.id)) for each in every}
    if json:
        print_json([{**asdict(each), "runs": counts[each.id]} for each in every])
        return
    if not every:
        say("There is no series yet.")
        return
    print_table(
        ("series", "started (UTC)", "kind", "title", "runs", "end"),
        [
            (
                str(each.id),
                each.started_utc[:16].replace("T", " "),
                each.kind,
                each.title,
                str(counts[each.id]),
                each.outcome or _unfinished(each, resumable=each.id in open_ids),
            )
            for each in every
        ],
    )


def _unfinished(series: "Series", *, resumable: bool) -> str:
    """Say that a series was not finished; a mirror's cost and what came in begin anew."""
    own_session = series.kind == "qa" and not series.origin
    return "unfinished: can be resumed" if resumable or own_session else "unfinished"


def _phone(row: "RunRow") -> str:
    note = row.facts.phone_note
    return f"{row.phone_name} ({note})" if note else row.phone_name


def _row_json(row: "RunRow") -> dict[str, Any]:
    return {
        "id": row.id,
        **asdict(row.facts),
        "end": row.end,
        "ended_utc": row.ended_utc,
        "sample_count": row.sample_count,
        "flags": list(row.flags),
        "valid": row.valid,
        "tags": list(row.tags),
        "origin": row.origin,
        "digest": asdict(row.digest) if row.digest else None,
    }


def _runs_and_file(what: list[str]) -> tuple[list[int], str]:
    """Tell the numbers from the file that may follow them."""
    *before, last = what
    numbers, file = (what, "-") if last.isdecimal() else (before, last)
    wrong = next((each for each in numbers if not each.isdecimal()), None)
    if wrong is not None:
        raise LabError(f"{wrong} is no run's number.", "See `mobilenet-lab runs list`.")
    return [int(each) for each in numbers], file


def _print_runs(runs: list[int], *, litert: bool) -> None:
    from engine.records.export import dump_runs
    from engine.records.handing_out import check_litert
    from engine.records.litert import litert_benchmark_json

    if litert:
        check_litert(runs)
    with closing(open_database()) as database:
        records = [database.load(each) for each in runs]
    data = litert_benchmark_json(records[0]) if litert else dump_runs(records)
    typer.echo(data.decode(), nl=False)
