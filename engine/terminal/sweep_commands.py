"""Sweeps and A/B tests: many runs in random order, and what they say together."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Report
from engine.terminal.console import print_json, print_table, say, work
from engine.terminal.phone_commands import JsonOption, PhoneOption, open_session
from engine.terminal.run_commands import open_database
from engine.terminal.run_text import phone_notes

if TYPE_CHECKING:
    from engine.measuring.ab import AbResult
    from engine.measuring.sweep_plan import SweepPlan
    from engine.measuring.sweep_result import PlaceResult, SweepResult
    from engine.records.values import RunRecord

ModelsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="MODEL...",
        help="Names, patterns such as 'v1_*-int8', or files.",
        show_default=False,
    ),
]
PresetOption = Annotated[
    str, typer.Option(metavar="quick|lab|mlperf", help="When one run is enough.")
]
BlocksOption = Annotated[
    int, typer.Option(min=3, max=100, metavar="N", help="How often each is measured.")
]
SeedOption = Annotated[int, typer.Option(metavar="N", help="Of the random order.")]
StartOption = Annotated[
    float | None,
    typer.Option(
        "--start-c",
        min=-20,
        max=80,
        metavar="C",
        help="Let the battery cool down to that before each run.",
    ),
]
SideThreadsOption = Annotated[
    int | None,
    typer.Option(min=1, max=64, metavar="N", help="Its threads; 4 where the phone has so many."),
]
SideDelegateOption = Annotated[
    str, typer.Option(metavar="cpu|xnnpack|nnapi|gpu", help="What executes it.")
]
ResumeOption = Annotated[
    int | None, typer.Option(metavar="SERIES", help="Go on with a series that was not finished.")
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be measured.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(sweep)
    app.command()(ab)


def sweep(  # noqa: PLR0913 - one option each
    models: ModelsArgument = None,
    *,
    threads: Annotated[
        list[int] | None,
        typer.Option(
            min=1,
            max=64,
            metavar="N",
            help="Threads; may be given often. 4 where the phone has so many.",
        ),
    ] = None,
    delegate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="cpu|xnnpack|nnapi|gpu", help="What executes; may be given often. xnnpack."
        ),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="camera|pictures|loop",
            help="Where pictures come from; may be given often. loop.",
        ),
    ] = None,
    preset: PresetOption = "quick",
    blocks: BlocksOption = 3,
    seed: SeedOption = 0,
    start_c: StartOption = None,
    resume: ResumeOption = None,
    dry_run: DryOption = False,
    phone: PhoneOption = "",
    json: JsonOption = False,
) -> None:
    """Measure many configurations in random order, in interleaved blocks; ranks with ties.

    Models that are not built yet are built first. --json prints one object: series, outcome
    (empty while it can be resumed), measured and planned (runs), answer (a sentence), and
    places, fastest first: name, place (model, threads, delegate, source), runs (their
    numbers), blocks_ms, median_ms, interval_ms (95 %, or null), pipeline_fps, within and
    between (relative spread of and between blocks), rank, tied (who shares it), troubles
    (why runs do not count), and phone_notes (what the phone says of its times). With
    --dry-run: runs, seconds, plan.
    """
    from engine.measuring.sweep_plan import cross

    plan = None
    if resume is None:
        if not models:
            raise LabError(
                "There is nothing to measure.",
                "Name models, for instance `mobilenet-lab sweep 'v1_*-int8'`, or go on with one "
                "that was not finished: --resume SERIES.",
            )
        places = cross(_names(models or []), threads or (), delegate or (), source or ())
        plan = _plan(places, preset, blocks, seed, start_c)
        if dry_run:
            _print_plan(plan, json=json)
            return
    else:
        _check_resumable("sweep", resume, models or ())
    result = _measure("sweep", plan, resume, phone)
    notes = _notes(result.series.id)
    if json:
        print_json({**sweep_json(result), "phone_notes": notes})
    else:
        _print_sweep(result, notes)


def ab(  # noqa: PLR0913 - one option each
    a: Annotated[str, typer.Argument(metavar="A", help="A model: a name or a file.")] = "",
    b: Annotated[str, typer.Argument(metavar="B", help="Another one, or the same.")] = "",
    *,
    a_threads: SideThreadsOption = None,
    b_threads: SideThreadsOption = None,
    a_delegate: SideDelegateOption = "xnnpack",
    b_delegate: SideDelegateOption = "xnnpack",
    source: Annotated[
        str, typer.Option(metavar="camera|pictures|loop", help="Where pictures come from.")
    ] = "loop",
    preset: PresetOption = "quick",
    blocks: BlocksOption = 5,
    seed: SeedOption = 0,
    start_c: StartOption = None,
    resume: ResumeOption = None,
    phone: PhoneOption = "",
    json: JsonOption = False,
) -> None:
    """Is B faster than A? Both in turns; the difference with its interval, or none.

    --json prints what that of sweep prints, and difference: a_ms, b_ms, ratio (b_ms / a_ms),
    interval (95 %, of the ratio), detectable, sentence.
    """
    from engine.measuring.ab import ab_result, two_places
    from engine.measuring.sweep_plan import Place

    plan = None
    if resume is None:
        if not a or not b:
            raise LabError("An A/B test needs two models.", "Say `mobilenet-lab ab A B`.")
        places = two_places(
            Place(_whole(a), a_threads, a_delegate, source),
            Place(_whole(b), b_threads, b_delegate, source),
        )
        plan = _plan(places, preset, blocks, seed, start_c)
    else:
        _check_resumable("ab", resume, [each for each in (a, b) if each])
    series_id = _measure("ab", plan, resume, phone).series.id
    with closing(open_database()) as database:
        result = ab_result(database, series_id)
    notes = _notes(series_id)
    if json:
        told = {"difference": asdict(result.difference), **sweep_json(result.sweep)}
        print_json({**told, "phone_notes": notes})
    else:
        _print_ab(result, notes)


def _check_resumable(kind: str, series_id: int, models: Sequence[str]) -> None:
    """See that there is such a series to go on with, before any phone or model is touched.

    Raises:
        LabError: There is none, or it is asked for what only a new one can measure.
    """
    from engine.measuring.sweep import resumable

    if models:
        raise LabError(
            f"Series {series_id} measures what it began with.",
            "Leave the models away, or begin a new one without --resume.",
        )
    with closing(open_database()) as database:
        series = database.series.load(series_id)
        if series.kind == kind and series_id in [each.id for each in resumable(database)]:
            return
    if series.kind != kind:
        raise LabError(f"Series {series_id} is no {kind}.", "See `mobilenet-lab runs series`.")
    if series.origin:
        raise LabError(f"Series {series_id} came from another lab.", "Begin a new one.")
    raise LabError(f"Series {series_id} is finished.", "Begin a new one.")


def _notes(series_id: int) -> tuple[str, ...]:
    """Return what the phones of a series say of their times."""
    with closing(open_database()) as database:
        return phone_notes(database.runs(series_id=series_id))


def _names(models: Sequence[str]) -> list[str]:
    """Return models with patterns spelt out and files from their root, each once."""
    from engine.catalog.variants import match_names

    names: list[str] = []
    for model in models:
        if set("*?[") & set(model):
            names += map(str, match_names([model]))
        else:
            names.append(_whole(model))
    return list(dict.fromkeys(names))


def _whole(model: str) -> str:
    """Return a file with its whole path: a series may be resumed from another folder."""
    return str(Path(model).absolute()) if model.endswith(".tflite") else model


def _plan(
    places: "Sequence[Any]", preset: str, blocks: int, seed: int, start_c: float | None
) -> "SweepPlan":
    from engine.measuring.presets import PRESETS
    from engine.measuring.sweep_plan import SweepPlan

    if preset not in PRESETS:
        raise LabError(f"There is no preset {preset!r}.", f"There are {', '.join(PRESETS)}.")
    return SweepPlan(tuple(places), PRESETS[preset], blocks, seed, start_c)


def _measure(kind: str, plan: "SweepPlan | None", resume: int | None, phone: str) -> "SweepResult":
    """Measure a series or the rest of one, and say how to go on with it when it breaks off."""
    from engine.measuring.payloads import resolver
    from engine.measuring.sweep import sweep as measure_all
    from engine.measuring.sweep_plan import SweepPlan
    from engine.models.worker import Workers

    series: list[int] = [resume] if resume is not None else []

    def run(report: Report, cancel: CancelToken) -> "SweepResult":
        with (
            open_session(phone, cancel) as session,
            closing(open_database()) as database,
            Workers() as workers,
        ):
            stored = database.series.load(resume).plan if resume is not None else {}
            return measure_all(
                session,
                plan or SweepPlan.from_json(stored),
                resolve=resolver(workers),
                database=database,
                kind=kind,
                series_id=resume,
                on_begun=series.append,
                on_run=_say_run,
                report=report,
                cancel=cancel,
            )

    try:
        return work(kind, run)
    except (LabError, typer.Exit):
        if series:
            say(f"What was measured is kept; go on with: mobilenet-lab {kind} --resume {series[0]}")
        raise


def _say_run(record: "RunRecord") -> None:
    digest, facts = record.row.digest, record.row.facts
    figures = f"{digest.median_ms:.2f} ms" if digest else "no samples"
    against = ", ".join(flag for flag in record.row.flags if flag.invalidates) or record.row.end
    why = "" if record.row.valid else f" (does not count: {against})"
    say(f"run {record.row.id}, block {facts.block}: {facts.place}: {figures}{why}")


def _print_plan(plan: "SweepPlan", *, json: bool) -> None:
    seconds = len(plan.turns) * plan.turn_s
    if json:
        print_json({"runs": len(plan.turns), "seconds": seconds, "plan": plan.as_json()})
        return
    about = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
    typer.echo(f"{len(plan.turns)} runs, about {about}, in this order:")
    print_table(
        ("block", "configuration"), [(str(turn.block), turn.place.name) for turn in plan.turns]
    )


def sweep_json(result: "SweepResult") -> dict[str, Any]:
    """Return what came of a sweep as JSON values."""
    return {
        "series": result.series.id,
        "outcome": result.series.outcome,
        "measured": result.measured,
        "planned": result.planned,
        "answer": result.sentence,
        "places": [{"name": each.place.name, **asdict(each)} for each in result.places],
    }


def _print_sweep(result: "SweepResult", notes: Sequence[str]) -> None:
    print_table(
        ("configuration", "rank", "median ms", "95 % interval", "fps", "blocks", "does not count"),
        [_place_row(each) for each in result.places],
    )
    for note in notes:
        typer.echo(note)
    typer.echo(result.sentence)
    typer.echo(f"series {result.series.id}: {result.measured} of {result.planned} runs")


def _place_row(each: "PlaceResult") -> tuple[str, ...]:
    interval = ""
    if each.interval_ms is not None:
        interval = f"{each.interval_ms[0]:.2f} to {each.interval_ms[1]:.2f}"
    return (
        each.place.name,
        f"{each.rank}{'=' if each.tied else ''}" if each.rank else "",
        f"{each.median_ms:.2f}" if each.median_ms is not None else "",
        interval,
        f"{each.pipeline_fps:.1f}" if each.pipeline_fps else "",
        str(len(each.blocks_ms)),
        ", ".join(each.troubles),
    )


def _print_ab(result: "AbResult", notes: Sequence[str]) -> None:
    for name, place in (("A", result.a), ("B", result.b)):
        found = next(each for each in result.sweep.places if each.place == place)
        blocks = ", ".join(f"{each:.2f}" for each in found.blocks_ms)
        typer.echo(f"{name}: {place.name}: block medians {blocks or 'none valid'} ms")
        if found.troubles:
            typer.echo(f"   does not count: {', '.join(found.troubles)}")
    for note in notes:
        typer.echo(note)
    typer.echo(result.difference.sentence)
    typer.echo(f"series {result.sweep.series.id}")
