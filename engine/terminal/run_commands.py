"""Measure and mirror."""

from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report
from engine.terminal.console import EXIT_CANCELLED, say, work
from engine.terminal.model_commands import check_folder
from engine.terminal.phone_commands import PhoneOption, open_session

if TYPE_CHECKING:
    from engine.records.database import Database, RunRecord

SCREENSHOT_S = 20.0

OtherThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads", min=1, max=64, metavar="N", help="Threads of the interpreter; else as now."
    ),
]
OtherDelegateOption = Annotated[
    str | None,
    typer.Option(
        "--delegate", metavar="cpu|xnnpack|nnapi|gpu", help="What executes the graph; else as now."
    ),
]


def measure(  # noqa: PLR0913 - one option each
    *,
    seconds: Annotated[
        float, typer.Option(min=0.5, max=86_400, metavar="S", help="How long, in seconds.")
    ] = 10.0,
    source: Annotated[
        str | None,
        typer.Option(metavar="camera|pictures|loop", help="Where pictures come from; else as now."),
    ] = None,
    camera: Annotated[
        str | None, typer.Option(metavar="back|front", help="Which camera; else as now.")
    ] = None,
    threads: OtherThreadsOption = None,
    delegate: OtherDelegateOption = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the run there; - is stdout.")
    ] = None,
    phone: PhoneOption = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="A word for the record.")] = "",
) -> None:
    """Measure what runs on a phone and keep the run.

    A paused app runs for the measurement and is paused again; what else is asked for stays.
    """
    from engine.measuring.run import MeasureOptions
    from engine.measuring.run import measure as measure_phone
    from engine.records.export import dump_run, write_run
    from engine.records.values import End

    if json is not None and str(json) != "-":
        check_folder(json)
    options = MeasureOptions(
        seconds=seconds,
        note=note,
        source=source,
        camera=camera,
        threads=threads,
        delegate=delegate,
    )

    def run(report: Report, cancel: CancelToken) -> "RunRecord":
        with open_session(phone, cancel) as session, closing(open_database()) as database:
            return measure_phone(session, options, database=database, report=report, cancel=cancel)

    record = work("measure", run)
    if json is not None and str(json) == "-":
        typer.echo(dump_run(record).decode(), nl=False)
    else:
        if json is not None:
            write_run(record, json)
        _print_run(record)
    if record.row.end is End.CANCELLED:
        say(f"Cancelled; run {record.row.id} keeps {record.row.sample_count} samples.")
        raise typer.Exit(EXIT_CANCELLED)
    if record.row.end is not End.COMPLETED:
        raise LabError(
            f"The run ended early: {record.row.end}.",
            f"Run {record.row.id} keeps its {record.row.sample_count} samples.",
        )


def mirror(
    *,
    screenshot: Annotated[Path, typer.Option(metavar="FILE", help="Where the PNG goes.")],
    phone: PhoneOption = "",
) -> None:
    """Photograph the phone's mirrored screen."""
    if screenshot.suffix.lower() != ".png":
        raise LabError(f"{screenshot} is not a PNG file's name.", "End it with .png.")
    check_folder(screenshot)

    def run(report: Report, cancel: CancelToken) -> None:
        from engine.mirror.frames import MirrorState, MirrorStatus

        events: SimpleQueue[Any] = SimpleQueue()
        with open_session(phone, cancel, mirror=True, link=False, events=events) as session:
            report(Progress("mirror"))
            if session.mirror is None:
                raise LabError("The mirror did not start.", "See the log.")
            for _ in range(int(SCREENSHOT_S / 0.1)):
                cancel.check()
                try:
                    event = events.get(timeout=0.1)
                except Empty:
                    continue
                if isinstance(event, MirrorStatus):
                    if event.state in (MirrorState.FAILED, MirrorState.STOPPED):
                        raise LabError(event.text)
                    if event.state is MirrorState.LIVE:
                        session.mirror.screenshot(screenshot)
                        return
            raise LabError("No picture of the phone's screen came.", "Wake the phone up.")

    work("mirror", run)
    typer.echo(str(screenshot))


def open_database() -> "Database":
    """Open the file of runs and pass on what there is to say about it."""
    from engine.records.database import Database

    database = Database()
    if database.notice:
        say(database.notice)
    return database


def _print_run(record: "RunRecord") -> None:
    facts, summary = record.row.facts, record.summary
    typer.echo(f"run {record.row.id}: {facts.name} on {facts.phone.get('model') or facts.serial}")
    if facts.phone_note:
        typer.echo(facts.phone_note)
    if summary is None:
        typer.echo("no samples")
        return
    interval = ""
    if summary.interval_ms:
        interval = f" (95 %: {summary.interval_ms[0]:.2f} to {summary.interval_ms[1]:.2f})"
    typer.echo(f"median latency {summary.median_ms:.2f} ms{interval}")
    typer.echo(f"{summary.count} samples, after {summary.warm_up} of warm-up")
    earned = [
        f"p{each.q * 100:g} {each.value_ms:.2f} ms" for each in summary.percentiles if each.earned
    ]
    if earned:
        typer.echo(", ".join(earned))
    fps = f"{summary.pipeline_fps:.1f}" if summary.pipeline_fps else "?"
    typer.echo(f"engine {summary.engine_fps:.1f} FPS, pipeline {fps} FPS")
    source = f"{facts.camera} camera" if facts.camera else facts.source
    threads = f"{facts.threads} thread{'s' * (facts.threads != 1)}"
    typer.echo(f"{source}, {facts.delegate_applied}, {threads}, mirror {facts.mirror}")
    if facts.delegate != facts.delegate_applied:
        typer.echo(delegate_refusal(facts.delegate, facts.delegate_applied, facts.delegate_note))
    if facts.swapped:
        typer.echo("the model came over the link; it is not the APK's")
    if record.row.flags:
        typer.echo(f"beware: {', '.join(record.row.flags)}")
    if summary.unstable:
        typer.echo(summary.unstable)


def delegate_refusal(asked: str, applied: str, note: str) -> str:
    """Say which delegate was refused, and why."""
    reason = f": {note}" if note else "."
    return f"The phone runs {applied}, not {asked} as asked{reason}"
