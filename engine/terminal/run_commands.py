"""Measure, and mirror."""

import threading
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report
from engine.terminal.console import EXIT_CANCELLED, print_json, say, work
from engine.terminal.model_commands import check_folder
from engine.terminal.phone_commands import JsonOption, PhoneOption, open_session
from engine.terminal.run_text import phone_notes, run_lines

if TYPE_CHECKING:
    from engine.measuring.presets import Preset
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


SecondsOption = Annotated[
    float | None,
    typer.Option(
        min=0.5, max=86_400, metavar="S", help="A fixed time instead of a preset, in seconds."
    ),
]
PresetOption = Annotated[
    str | None,
    typer.Option(
        metavar="quick|lab|mlperf|sustained",
        help="When it is enough. lab, the usual one of measure: the median known to 2 %, 100"
        " samples, 10 s, at most 60. quick: 5 %, 3 s, at most 15. mlperf: 1024 samples and 60 s."
        " sustained: 10 minutes, for heat.",
    ),
]


def measure(  # noqa: PLR0913 - one option each
    *,
    preset: PresetOption = None,
    seconds: SecondsOption = None,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="N", help="How long the preset sustained takes: 5 to 30."),
    ] = None,
    start_c: Annotated[
        float | None,
        typer.Option(
            "--start-c",
            min=-20,
            max=80,
            metavar="C",
            help="First let the battery cool down to so many degrees Celsius; Ctrl+C gives up.",
        ),
    ] = None,
    no_wait: Annotated[
        bool,
        typer.Option(
            "--no-wait", help="Do not wait for --start-c: measure a warmer phone, and mark it."
        ),
    ] = False,
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
    """Measure what runs on a phone until it is enough, and keep the run.

    A paused app runs for the measurement and is paused again; what else is asked for stays.
    """
    from engine.measuring.run import MeasureOptions
    from engine.measuring.run import measure as measure_phone
    from engine.records.export import dump_run, write_run

    if json is not None and str(json) != "-":
        check_folder(json)
    options = MeasureOptions(
        note=note,
        source=source,
        camera=camera,
        threads=threads,
        delegate=delegate,
        preset=choose_preset(preset, seconds, minutes),
        start_c=start_c,
        skip_gate=_skipping(no_wait, start_c),
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
        for line in run_lines(record):
            typer.echo(line)
    _leave(record)


def mirror_cost(
    *,
    blocks: Annotated[
        int, typer.Option(min=3, max=100, metavar="N", help="How often each is measured.")
    ] = 3,
    preset: PresetOption = None,
    seconds: SecondsOption = None,
    phone: PhoneOption = "",
    json: JsonOption = False,
) -> None:
    """Measure what mirroring the phone's screen costs, with and without it in turns.

    The preset is quick unless another or a time is asked for.
    """
    from engine.measuring.mirror_cost import MirrorCost, measure_mirror_cost
    from engine.measuring.preparation import MeasureOptions

    usual = "quick" if seconds is None else None
    options = MeasureOptions(preset=choose_preset(preset or usual, seconds, None))

    def run(report: Report, cancel: CancelToken) -> MirrorCost:
        opened = open_session(phone, cancel, mirror=True)
        with opened as session, closing(open_database()) as database:
            return measure_mirror_cost(
                session, options, database=database, blocks=blocks, report=report, cancel=cancel
            )

    cost = work("mirror-cost", run)
    with closing(open_database()) as database:
        notes = phone_notes(database.runs(series_id=cost.series_id))
    if json:
        print_json({**asdict(cost), "phone_notes": notes})
        return
    for note in notes:
        typer.echo(note)
    typer.echo(cost.sentence)
    typer.echo(f"series {cost.series_id}, runs {cost.runs[0]} to {cost.runs[-1]}")


def choose_preset(name: str | None, seconds: float | None, minutes: float | None) -> "Preset":
    """Return when a run is to be enough; ``lab`` where nothing was asked for.

    Raises:
        LabError: There is no such preset, or what was asked for contradicts itself.
    """
    from engine.measuring.presets import PRESETS, fixed_time, sustained

    if seconds is not None and (name is not None or minutes is not None):
        raise LabError("A preset says itself how long it takes.", "Leave --seconds away.")
    if minutes is not None and name != "sustained":
        raise LabError(
            "Only the preset sustained takes minutes.", "Say --preset sustained, or --seconds."
        )
    if seconds is not None:
        return fixed_time(seconds)
    if minutes is not None:
        try:
            return sustained(minutes)
        except ValueError as error:
            raise LabError(f"{minutes:g} minutes do not do: {error}.") from error
    if name not in (None, *PRESETS):
        raise LabError(f"There is no preset {name!r}.", f"Choose one of {', '.join(PRESETS)}.")
    return PRESETS[name or "lab"]


def _skipping(no_wait: bool, start_c: float | None) -> threading.Event | None:
    if not no_wait:
        return None
    if start_c is None:
        raise LabError("There is nothing that --no-wait could skip.", "Add --start-c.")
    skip = threading.Event()
    skip.set()
    return skip


def _leave(record: "RunRecord") -> None:
    """End with the exit code of how the run ended."""
    from engine.records.values import End

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
