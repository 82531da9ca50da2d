"""What was measured: list, look at, hand out."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.terminal.console import print_json, print_table, say
from engine.terminal.phone_commands import JsonOption
from engine.terminal.run_commands import open_database

if TYPE_CHECKING:
    from engine.records.values import RunRow

runs_app = typer.Typer(help="What was measured.", rich_markup_mode=None)


@runs_app.command("list")
def runs_list(*, json: JsonOption = False) -> None:
    """List the runs, newest first."""
    with closing(open_database()) as database:
        rows = database.runs()
    if json:
        print_json([_row_json(each) for each in rows])
        return
    if not rows:
        say("Nothing was measured yet.")
        return
    print_table(
        ("run", "started (UTC)", "model", "phone", "samples", "end", "beware"),
        [
            (
                str(each.id),
                each.facts.started_utc[:16].replace("T", " "),
                each.facts.name,
                each.facts.phone.get("model") or each.facts.serial,
                str(each.sample_count),
                str(each.end),
                ", ".join(each.flags),
            )
            for each in rows
        ],
    )


@runs_app.command("export")
def runs_export(
    run: Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="run.json; - is stdout.")] = "-",
) -> None:
    """Write a run with all its samples as JSON."""
    from engine.records.export import dump_run, write_run

    with closing(open_database()) as database:
        record = database.load(run)
    if file == "-":
        typer.echo(dump_run(record).decode(), nl=False)
    else:
        write_run(record, Path(file))
        typer.echo(file)


def _row_json(row: "RunRow") -> dict[str, Any]:
    return {
        "id": row.id,
        **asdict(row.facts),
        "end": row.end,
        "ended_utc": row.ended_utc,
        "sample_count": row.sample_count,
        "flags": list(row.flags),
    }
