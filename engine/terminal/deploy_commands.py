"""Put a model on a phone: in an APK, or over the link."""

from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import InstallError, Remedy
from engine.jobs import CancelToken, Report
from engine.terminal.console import print_json, say, work
from engine.terminal.model_commands import (
    DelegateOption,
    LabelsOption,
    ModelArgument,
    SourceOption,
    ThreadsOption,
    apk_json,
    check_folder,
    resolve_model,
)
from engine.terminal.phone_commands import (
    JsonOption,
    PhoneOption,
    mend_on_phone,
    open_session,
)
from engine.terminal.run_commands import (
    OtherDelegateOption,
    OtherThreadsOption,
    open_database,
)
from engine.terminal.run_text import delegate_refusal

if TYPE_CHECKING:
    from engine.deploy import Deployed, Swapped
    from engine.link.messages import AppState

NameOption = Annotated[str, typer.Option(metavar="TEXT", help="What the app calls the model.")]
FitOption = Annotated[
    str,
    typer.Option(
        metavar="crop|letterbox|stretch",
        help="How pictures are laid into the model's input; as its task asks for by default.",
    ),
]


def deploy(  # noqa: PLR0913 - one option each
    model: ModelArgument,
    *,
    labels: LabelsOption = None,
    name: NameOption = "",
    phone: PhoneOption = "",
    threads: ThreadsOption = 4,
    delegate: DelegateOption = "xnnpack",
    source: SourceOption = "camera",
    fit: FitOption = "",
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="PNG files for the source pictures; else our own."),
    ] = None,
    mend: Annotated[
        bool,
        typer.Option("--mend", help="If the phone refuses, do once what helps, and try again."),
    ] = False,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the APK here.")] = None,
    json: JsonOption = False,
) -> None:
    """Put a model on a phone and start it."""
    from engine.apk.pictures import pictures_in
    from engine.deploy import deploy as put_on_phone

    if output is not None:
        check_folder(output)
    shown = None if pictures is None else pictures_in(pictures)

    def run(report: Report, cancel: CancelToken) -> "tuple[str, float, Deployed, Remedy | None]":
        with (
            open_session(phone, cancel, link=False) as session,
            closing(open_database()) as database,
        ):
            started_s = monotonic()
            payload = resolve_model(model, labels, name, report, cancel)
            model_s = monotonic() - started_s
            payload = replace(
                payload, threads=threads, delegate=delegate, source=source, fit=fit, pictures=shown
            )

            def put() -> "Deployed":
                return put_on_phone(
                    session,
                    payload,
                    output=output,
                    database=database,
                    report=report,
                    cancel=cancel,
                )

            try:
                return session.serial, model_s, put(), None
            except InstallError as error:
                if not mend:
                    raise
                mend_on_phone(error, session.phone, report, cancel)
                return session.serial, model_s, put(), error.remedy

    serial, model_s, deployed, mended = work("deploy", run)
    steps = {"model": model_s, **deployed.seconds}
    state, opened = deployed.link.state, deployed.link.model
    if json:
        print_json(
            {
                "phone": serial,
                "apk": apk_json(deployed.apk),
                "mended": mended,
                "seconds": steps,
                "app": asdict(deployed.link.hello),
                "state": asdict(state) if state else None,
                "model": asdict(opened) if opened else None,
            }
        )
        return
    typer.echo(f"{opened.name if opened else 'The model'} runs on {serial}.")
    typer.echo(_took(steps))
    _say_state(state)


def swap(  # noqa: PLR0913 - one option each
    model: ModelArgument,
    *,
    labels: LabelsOption = None,
    name: NameOption = "",
    phone: PhoneOption = "",
    threads: OtherThreadsOption = None,
    delegate: OtherDelegateOption = None,
    fit: FitOption = "",
    json: JsonOption = False,
) -> None:
    """Send a model to the app that runs on a phone; nothing is installed."""
    from engine.deploy import swap as send_to_app

    def run(report: Report, cancel: CancelToken) -> "tuple[str, float, Swapped, AppState | None]":
        with open_session(phone, cancel) as session, closing(open_database()) as database:
            session.need_link()
            started_s = monotonic()
            payload = resolve_model(model, labels, name, report, cancel)
            model_s = monotonic() - started_s
            payload = replace(payload, fit=fit, threads=threads, delegate=delegate)
            swapped = send_to_app(session, payload, database=database, report=report, cancel=cancel)
            return session.serial, model_s, swapped, session.need_link().state

    serial, model_s, swapped, state = work("swap", run)
    steps = {"model": model_s, **swapped.seconds}
    if json:
        print_json(
            {
                "phone": serial,
                "seconds": steps,
                "state": asdict(state) if state else None,
                "model": asdict(swapped.model),
            }
        )
        return
    typer.echo(f"{swapped.model.name} runs on {serial}; the app was not installed anew.")
    typer.echo(_took(steps))
    _say_state(state)


def _took(steps: dict[str, float]) -> str:
    return ", ".join(f"{step} {seconds:.2f} s" for step, seconds in steps.items())


def _say_state(state: "AppState | None") -> None:
    """Say what a person must know of the app that runs now."""
    if state is None:
        return
    if state.delegate != state.delegate_applied:
        say(delegate_refusal(state.delegate, state.delegate_applied, state.delegate_note))
    if state.error:
        say(state.error.text)
