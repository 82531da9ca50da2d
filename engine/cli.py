"""Every action of the window, from a terminal."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import Cancelled, LabError
from engine.logs import start_log
from engine.terminal import (
    accuracy_commands,
    apk_commands,
    choose_commands,
    deploy_commands,
    history_commands,
    model_commands,
    phone_commands,
    qa_commands,
    report_commands,
    run_commands,
    source_commands,
    sweep_commands,
    table_commands,
    training_commands,
)
from engine.terminal.console import (
    EXIT_BUG,
    EXIT_CANCELLED,
    EXIT_INPUT,
    print_json,
    say,
)
from engine.terminal.phone_commands import JsonOption

logger = logging.getLogger(__name__)

app = typer.Typer(
    name="mobilenet-lab",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its boxes are wide, and give a flag a value: "--json <bool>"
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(phone_commands.phones)
app.command()(table_commands.variants)
source_commands.register(model_commands.model_app)
table_commands.register(model_commands.model_app)
app.add_typer(model_commands.model_app, name="model", no_args_is_help=True)
app.command()(accuracy_commands.evaluate)
app.command()(accuracy_commands.compare)
training_commands.register(app)
app.add_typer(apk_commands.apk_app, name="apk", no_args_is_help=True)
app.command()(deploy_commands.deploy)
app.command()(deploy_commands.swap)
app.command()(run_commands.measure)
sweep_commands.register(app)
app.command()(run_commands.mirror)
app.command("mirror-cost")(run_commands.mirror_cost)
app.add_typer(qa_commands.qa_app, name="qa", no_args_is_help=True)
app.command()(choose_commands.choose)
app.command()(choose_commands.predict)
app.command()(choose_commands.claims)
app.command()(phone_commands.install)
app.command()(phone_commands.remove)
app.command()(phone_commands.clean)
app.add_typer(history_commands.runs_app, name="runs", no_args_is_help=True)
app.add_typer(report_commands.report_app, name="report", no_args_is_help=True)


def _show_version(wanted: bool) -> None:
    if wanted:
        from engine.about import lab_version

        typer.echo(f"mobilenet-lab {lab_version()}")
        raise typer.Exit


@app.callback()
def lab(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Which MobileNet should I ship on this phone? Deploy, watch, measure, choose."""


@app.command()
def doctor(*, json: JsonOption = False) -> None:
    """Say whether this computer is fit to measure."""
    from engine.doctor import State, as_text, examine, worst
    from engine.settings import load_settings

    loaded = load_settings()
    checks = examine(loaded.settings)
    if loaded.notice:
        say(loaded.notice)
    if json:
        print_json([{slot: getattr(each, slot) for slot in each.__slots__} for each in checks])
    else:
        typer.echo(as_text(checks))
    if worst(checks) is State.FAIL:
        raise typer.Exit(EXIT_INPUT)


@app.command("virtual-phone", short_help="Be a phone made of this computer.")
def virtual_phone(
    *,
    name: Annotated[str, typer.Option(metavar="TEXT", help="Its model.")] = "Virtual phone",
    camera: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER|webcam:N|none", help="Its pictures; a drawn scene by default."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="0 takes a free one.")
    ] = 0,
    android: Annotated[str, typer.Option(metavar="7.1.2|14", help="Its Android.")] = "14",
    ask: Annotated[
        bool, typer.Option("--ask", help="Wait until this computer is allowed, as phones do.")
    ] = False,
    pace: Annotated[
        str | None,
        typer.Option(
            metavar="pixel-3|mi-a1",
            help="Make up times that resemble this phone's, and say so beside every number.",
        ),
    ] = None,
) -> None:
    """Be a phone made of this computer: prints its serial as JSON and runs until Ctrl+C.

    Each line on its standard input acts on it, answered in JSON: for instance unplug, kill-app,
    battery 40 39, pace pixel-3 throttle 1.2 40, in 12 unplug. The line help tells them all.
    """
    from engine.virtual_phone.program import run_virtual_phone

    code = run_virtual_phone(
        name=name, camera=camera, port=port, android=android, ask=ask, pace=pace
    )
    raise typer.Exit(code)


def run_cli(argv: list[str]) -> int:
    """Run one command and return its exit code; no traceback reaches the terminal.

    Returns:
        0 when it worked, 2 for what the person can mend, 130 when cancelled, 1 for a bug
        (its trace is in the log).
    """
    log: Path | None = None
    try:
        log = _start_log()
        app(args=argv, prog_name="mobilenet-lab")
    except SystemExit as done:  # how typer ends: 2 for wrong usage, 130 for Ctrl+C
        return done.code if isinstance(done.code, int) else 0
    except Cancelled:
        say("Cancelled.")
        return EXIT_CANCELLED
    except LabError as error:
        logger.info("%s %s", error, error.detail)
        say(str(error))
        return EXIT_INPUT
    except Exception:  # a bug: full trace in the log, one sentence here
        logger.exception("the command %s crashed", argv)
        say(f"Something in the lab broke. The details are in {log}.")
        return EXIT_BUG
    return 0


def _start_log() -> Path:
    try:
        return start_log()
    except OSError as error:
        raise LabError(
            f"The lab's folder cannot be used: {error}.",
            "Make it writable, or name another one with MOBILENET_LAB_HOME.",
        ) from error


if __name__ == "__main__":
    sys.exit(run_cli(sys.argv[1:]))
