"""QA sessions: a plan done on several phones, with an exit code that a script can use."""

import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Report
from engine.terminal.console import print_json, print_table, say, work
from engine.terminal.phone_commands import JsonOption, choose_phone, open_adb, open_session
from engine.terminal.report_commands import MaskOption
from engine.terminal.run_commands import open_database

if TYPE_CHECKING:
    from engine.deploy import Payload
    from engine.measuring.plan import Plan
    from engine.qa.asking import Ask
    from engine.qa.on_phone import News
    from engine.qa.outcomes import Outcome
    from engine.qa.result import PhoneResult, QaResult
    from engine.records.database import Database

qa_app = typer.Typer(
    help="QA sessions: a plan with limits, done on several phones at once.",
    rich_markup_mode=None,
)

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN.toml", help="The plan.")]
SeriesArgument = Annotated[int, typer.Argument(metavar="SERIES", help="The session's number.")]

EXIT_FAIL = 1
EXIT_UNDECIDED = 3
NOBODY = "Nobody was asked: there is no terminal, and no --answers."


@qa_app.command("new")
def qa_new(file: PlanArgument) -> None:
    """Write a plan with comments, to begin with."""
    from engine.files import write_whole
    from engine.qa.template import TEMPLATE

    if file.exists():
        raise LabError(f"{file} is there already.", "Choose another name.")
    write_whole(file, TEMPLATE.encode())
    typer.echo(f"{file} is written. Change it, then: mobilenet-lab qa check {file}")


@qa_app.command("check")
def qa_check(file: PlanArgument, *, json: JsonOption = False) -> None:
    """Say whether a plan can be done, and how long it takes."""
    from engine.measuring.plan import PlanError, missing_files, read_plan
    from engine.models.finding import find_model
    from engine.models.store import ModelStore

    plan = read_plan(file)
    if missing := missing_files(plan):
        raise PlanError(missing, file.name)
    store = ModelStore()
    for model in plan.models:
        find_model(plan.place_of(model).model, store)
    if isinstance(plan.baseline, int):
        with closing(open_database()) as database:
            database.series.load(plan.baseline)
    seconds = len(plan.sweep.turns) * plan.sweep.turn_s
    if json:
        print_json({"plan": plan.values(), "sha256": plan.sha256, "seconds": seconds})
        return
    print_table(
        ("step", "kind", "what"),
        [(str(each.number), each.kind, each.title) for each in plan.steps],
    )
    typer.echo(
        f"{plan.title}: {len(plan.sweep.turns)} runs on each phone, about {seconds / 60:.0f} min, "
        f"and {len(plan.manual)} manual steps. sha256 {plan.sha256[:12]}"
    )


@qa_app.command("run")
def qa_run(  # noqa: PLR0913 - one option each
    file: Annotated[
        Path | None, typer.Argument(metavar="PLAN.toml", help="The plan.", show_default=False)
    ] = None,
    *,
    phone: Annotated[
        list[str] | None,
        typer.Option("--phone", metavar="SERIAL", help="May be given often: all at once."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER|FILE",
            help="A folder for HTML, PDF and a .zip of all data; or a file .html, .pdf, .json.",
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Answers to the manual steps: [[answer]]."),
    ] = None,
    skip_manual: Annotated[
        bool, typer.Option("--skip-manual", help="Ask nobody; each manual step is a WARNING.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="A WARNING ends with 1 too.")] = False,
    resume: Annotated[
        int | None, typer.Option(metavar="SERIES", help="Go on with a session, plan and phones.")
    ] = None,
    mask_serials: MaskOption = False,
    json: JsonOption = False,
) -> None:
    """Do a plan on phones. Ends with 0: passed, 1: failed, 2: bad input, 3: not decided.

    A WARNING passes, unless --strict. Not decided is an ERROR (unstable, phone gone) or ABORTED;
    such a session can be resumed. 130 is Ctrl+C before it began.
    """
    if (file is None) == (resume is None):
        raise LabError("A session needs a plan, or one to go on with.", "Say one: FILE, --resume.")
    if skip_manual and answers is not None:
        raise LabError("--skip-manual and --answers exclude each other.")
    with closing(open_database()) as database:
        plan, serials = _plan_and_phones(file, resume, phone or [], database)
        ask = _asker(plan, answers, skip_manual=skip_manual)
        result = _run(plan, serials, resume, database, ask)
        if json:
            print_json(qa_json(result))
        else:
            _print_result(result)
        if report is not None:
            _write_report(result, database, report, mask_serials=mask_serials)
    if not result.finished:
        say(f"Go on with: mobilenet-lab qa run --resume {result.series.id}")
    raise typer.Exit(exit_code(result.outcome, strict=strict))


@qa_app.command("list")
def qa_list(*, json: JsonOption = False) -> None:
    """List the sessions of the past, newest first."""
    from engine.qa.result import sessions

    with closing(open_database()) as database:
        listed = sessions(database)
    if json:
        print_json(
            [
                {
                    "series": each.id,
                    "title": each.title,
                    "started_utc": each.started_utc,
                    "phones": each.plan.get("phones", []),
                    "outcome": each.outcome,
                }
                for each in listed
            ]
        )
    elif listed:
        print_table(
            ("series", "started (UTC)", "title", "phones", "outcome"),
            [
                (
                    str(each.id),
                    each.started_utc[:16].replace("T", " "),
                    each.title,
                    ", ".join(each.plan.get("phones", [])),
                    each.outcome or "not finished",
                )
                for each in listed
            ],
        )
    else:
        say("There is no session yet. Begin with: mobilenet-lab qa new plan.toml")


@qa_app.command("show")
def qa_show(series: SeriesArgument, *, json: JsonOption = False) -> None:
    """Show what came of a session."""
    from engine.qa.result import qa_result

    with closing(open_database()) as database:
        result = qa_result(database, series)
    if json:
        print_json(qa_json(result))
    else:
        _print_result(result)


def exit_code(outcome: "Outcome", *, strict: bool = False) -> int:
    """Return what a script gets: 0 passed (also with warnings), 1 failed, 3 not decided."""
    from engine.qa.outcomes import Outcome

    warned = EXIT_FAIL if strict else 0
    codes = {Outcome.PASS: 0, Outcome.WARNING: warned, Outcome.FAIL: EXIT_FAIL}
    return codes.get(outcome, EXIT_UNDECIDED)


def qa_json(result: "QaResult") -> dict[str, Any]:
    """Return what came of a session as JSON values."""
    return {
        "series": result.series.id,
        "title": result.series.title,
        "outcome": result.outcome,
        "finished": result.finished,
        "started_utc": result.series.started_utc,
        "plan_sha256": result.plan.sha256,
        "phones": [
            {
                "serial": phone.serial,
                "name": phone.name,
                "outcome": phone.outcome,
                "finished": phone.finished,
                "fingerprint": phone.fingerprint,
                "steps": [
                    {
                        "number": step.number,
                        "title": step.title,
                        "kind": step.kind,
                        "outcome": step.outcome,
                        "comment": step.comment,
                        "facts": step.facts,
                        "utc": step.utc,
                    }
                    for step in phone.steps
                ],
            }
            for phone in result.phones
        ],
    }


def _plan_and_phones(
    file: Path | None, resume: int | None, asked: list[str], database: "Database"
) -> tuple["Plan", list[str]]:
    """Return the plan and the serials; a phone that is not there is bad input."""
    from engine.measuring.plan import read_plan
    from engine.qa.result import plan_of_series, serials_of

    if file is not None:
        plan, begun = read_plan(file), []
    else:
        series = database.series.load(resume or 0)
        plan = plan_of_series(series)
        begun = list(serials_of(series, database.series.steps(series.id)))
    adb = open_adb()
    wanted = list(dict.fromkeys(asked or begun)) or [""]
    return plan, [choose_phone(adb, serial) for serial in wanted]


def _asker(plan: "Plan", answers: Path | None, *, skip_manual: bool) -> "Ask":
    from engine.qa.answers import WrittenAnswers
    from engine.qa.asking import skip_all
    from engine.terminal.qa_asking import TerminalAsker

    if answers is not None:
        return WrittenAnswers(answers, plan)
    if skip_manual:
        return skip_all("Manual steps were left out.")
    return TerminalAsker() if sys.stdin.isatty() else skip_all(NOBODY)


def _run(
    plan: "Plan", serials: list[str], resume: int | None, database: "Database", ask: "Ask"
) -> "QaResult":
    from engine.models.worker import Workers
    from engine.qa.runner import run_plan
    from engine.terminal.model_commands import resolve_model

    def run(report: Report, cancel: CancelToken) -> "QaResult":
        with Workers() as workers:

            def resolve(model: str, told: Report, token: CancelToken) -> "Payload":
                return resolve_model(model, None, "", told, token, workers)

            return run_plan(
                {serial: partial(open_session, serial) for serial in serials},
                None if resume is not None else plan,
                resolve=resolve,
                database=database,
                ask=ask,
                series_id=resume,
                on_news=_say_news,
                report=report,
                cancel=cancel,
            )

    return work("qa", run)


def _say_news(news: "News") -> None:
    from engine.qa.on_phone import StepNews

    if isinstance(news, StepNews) and news.outcome is not None:
        say(f"{news.serial}, step {news.number}: {news.outcome}. {news.text}".strip())


def _print_result(result: "QaResult") -> None:
    for phone in result.phones:
        typer.echo(f"{phone.name} ({phone.serial}): {phone.outcome}")
        print_table(
            ("step", "outcome", "what", "why"),
            [_step_row(phone, number) for number in range(len(phone.steps))],
        )
    typer.echo(result.sentence)
    typer.echo(f"series {result.series.id}")


def _step_row(phone: "PhoneResult", index: int) -> tuple[str, ...]:
    step = phone.steps[index]
    return (str(step.number), step.outcome, step.title, step.comment)


def _write_report(
    result: "QaResult", database: "Database", output: Path, *, mask_serials: bool
) -> None:
    """Write the report; into a folder HTML, PDF and, unless masked, all data as a ``.zip``."""
    from engine.records.exchange import export_zip
    from engine.records.report import KINDS, ReportOf, report_name, write_report

    what = ReportOf.series(result.series.id)
    one = output.suffix.lower().removeprefix(".") in KINDS and not output.is_dir()
    written = list(
        work(
            "report",
            lambda report, cancel: write_report(
                what,
                database,
                output,
                kinds=None if one else ("html", "pdf"),
                mask_serials=mask_serials,
                report=report,
                cancel=cancel,
            ),
            quiet=True,
        )
    )
    if not one and not mask_serials:  # what is in the .zip names the phones
        path = output / f"{report_name(what, database)}.zip"
        export_zip((), path, database, series_ids=(result.series.id,))
        written.append(path)
    for path in written:
        say(f"wrote {path}")
