"""Which phones are there, which one is meant, and what is put on it or taken off."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import InstallError, PhoneError, Remedy
from engine.jobs import CancelToken, Report
from engine.settings import load_settings
from engine.terminal.console import print_json, print_table, say, work

if TYPE_CHECKING:
    from engine.apk.manifest import Manifest
    from engine.phones.adb import Adb
    from engine.phones.cleaning import Cleaned
    from engine.phones.discovery import PhoneEntry
    from engine.phones.phone import Phone
    from engine.session import Session

PhoneOption = Annotated[
    str,
    typer.Option(
        "--phone",
        metavar="SERIAL",
        help="Which phone: its serial, or HOST:PORT. The only one that is ready by default.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]


def phones(
    connect: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="First connect a phone on the network.")
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """List the phones and what to do about each."""
    from engine.phones.discovery import list_phones

    adb = open_adb()
    if connect:
        adb.connect(connect)
    entries = list_phones(adb)
    if json:
        print_json([{**asdict(each), "state": each.state.value} for each in entries])
    elif entries:
        print_table(
            ("serial", "state", "model", "what to do"),
            [(each.serial, each.state.value, each.model, each.advice) for each in entries],
        )
    else:
        say("No phone is connected. Plug one in with USB debugging on, or start a virtual-phone.")


def install(
    apk: Annotated[Path, typer.Argument(metavar="FILE.apk", help="A signed APK.")],
    *,
    phone: PhoneOption = "",
    mend: Annotated[
        bool,
        typer.Option("--mend", help="If the phone refuses, do once what helps, and try again."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Install an APK on a phone, or update it there."""
    from engine.phones import installer

    def run(report: Report, cancel: CancelToken) -> "tuple[str, Manifest, Remedy | None]":
        chosen = open_phone(phone)
        try:
            return chosen.serial, installer.install(chosen, apk, "", report, cancel), None
        except InstallError as error:
            if not mend:
                raise
            mend_on_phone(error, chosen, report, cancel, apk=apk)
            manifest = installer.install(chosen, apk, "", report, cancel)
            return chosen.serial, manifest, error.remedy

    started_s = monotonic()
    serial, manifest, mended = work("install", run)
    took_s = monotonic() - started_s
    if json:
        print_json(
            {
                "phone": serial,
                "package": manifest.package,
                "version_code": manifest.version_code,
                "version_name": manifest.version_name,
                "mended": mended,
                "seconds": took_s,
            }
        )
        return
    version = f" {manifest.version_name}" if manifest.version_name else ""
    typer.echo(f"{manifest.package}{version} is on {serial}, after {took_s:.2f} s.")


def remove(*, phone: PhoneOption = "", json: JsonOption = False) -> None:
    """Take the lab's app off a phone, with its data."""
    from engine.phones.installer import uninstall

    def run(_report: Report, cancel: CancelToken) -> tuple[str, bool]:
        chosen = open_phone(phone)
        return chosen.serial, uninstall(chosen, cancel=cancel)

    serial, removed = work("remove", run)
    if json:
        print_json({"phone": serial, "removed": removed})
    else:
        typer.echo(f"The app {'was removed from' if removed else 'is not on'} {serial}.")


def clean(*, phone: PhoneOption = "", json: JsonOption = False) -> None:
    """Take all that the lab put on a phone off it, and restore what it changed."""
    from engine.phones.cleaning import clean as clean_phone

    def run(report: Report, cancel: CancelToken) -> "tuple[str, Cleaned]":
        chosen = open_phone(phone)
        return chosen.serial, clean_phone(chosen, report, cancel)

    serial, cleaned = work("clean", run)
    if json:
        print_json({"phone": serial, **asdict(cleaned)})
        return
    for each in cleaned.removed:
        typer.echo(f"removed   {each}")
    for each in cleaned.restored:
        typer.echo(f"restored  {each}")
    typer.echo(f"Nothing of the lab is left on {serial}.")


def mend_on_phone(
    error: InstallError,
    phone: "Phone",
    report: Report,
    cancel: CancelToken,
    *,
    apk: Path | None = None,
) -> None:
    """Do on the phone what helps against a refusal.

    Args:
        error: The refusal.
        phone: The phone that refused.
        report: Gets the steps.
        cancel: Stops it.
        apk: What was refused; None for the lab's own app.

    Raises:
        InstallError: Nothing helps, or a person has to do it.
    """
    from engine.apk.archive import ArchiveReader
    from engine.apk.manifest import read_manifest
    from engine.phones.installer import PACKAGE
    from engine.phones.remedies import apply

    if error.remedy is None or (apk is not None and error.remedy is Remedy.BUILD_FOR_PHONE):
        raise error
    say(f"{error.what} Mending: {error.remedy.label}.")
    package = PACKAGE
    if apk is not None:
        with ArchiveReader(apk) as archive:
            package = read_manifest(archive).package
    apply(error.remedy, phone, report, cancel, package=package)
    if error.remedy.needs_person:
        raise error


def open_phone(serial: str) -> "Phone":
    """Return the phone that is meant, for commands that need no session.

    Raises:
        PhoneError: See ``choose_phone``.
    """
    from engine.phones.phone import Phone

    adb = open_adb()
    return Phone(adb, choose_phone(adb, serial))


def open_adb() -> "Adb":
    """Return the adb server that the settings name."""
    from engine.phones.adb import Adb

    loaded = load_settings()
    if loaded.notice:
        say(loaded.notice)
    return Adb(loaded.settings.adb_port or None)


def choose_phone(adb: "Adb", serial: str) -> str:
    """Return the serial of the phone that is meant.

    Args:
        adb: The server to ask.
        serial: What was asked for; empty for the only phone that is ready. An address
            that is not in the list, or offline, is connected first.

    Raises:
        PhoneError: None or several are ready, or the one asked for is not.
    """
    from engine.phones.discovery import PhoneState, list_phones

    entries = list_phones(adb)
    if serial:
        answers = {each.serial for each in entries if each.state is not PhoneState.OFFLINE}
        if serial not in answers and re.search(r":\d+$", serial):
            adb.connect(serial)
            entries = list_phones(adb)
        return _named(entries, serial)
    ready = [each for each in entries if each.state is PhoneState.READY]
    if len(ready) == 1:
        return ready[0].serial
    if ready:
        names = ", ".join(f"{each.serial} ({each.model})" for each in ready)
        raise PhoneError(f"Several phones are ready: {names}.", "Choose one with --phone.")
    if entries:
        first = entries[0]
        raise PhoneError(f"The phone {first.serial} is {first.state.value}.", first.advice)
    raise PhoneError(
        "No phone is connected.", "Plug one in with USB debugging on, or use --phone HOST:PORT."
    )


def _named(entries: "tuple[PhoneEntry, ...]", serial: str) -> str:
    from engine.phones.discovery import PhoneState

    for each in entries:
        if each.serial == serial:
            if each.state is not PhoneState.READY:
                raise PhoneError(f"The phone {serial} is {each.state.value}.", each.advice)
            return serial
    serials = [each.serial for each in entries]
    near = get_close_matches(serial, serials, n=3) or serials
    known = f"Connected: {', '.join(near)}." if near else "No phone is connected."
    raise PhoneError(f"There is no phone {serial}.", known)


@contextmanager
def open_session(
    serial: str,
    cancel: CancelToken,
    *,
    mirror: bool = False,
    link: bool = True,
    events: "SimpleQueue[Any] | None" = None,
) -> "Iterator[Session]":
    """Open a session with the phone that is meant, and close it afterwards.

    Raises:
        PhoneError: See ``choose_phone`` and ``Session.open``.
    """
    from engine.session import Session, SessionOptions

    adb = open_adb()
    options = SessionOptions(mirror=mirror, link=link)
    session = Session(adb, choose_phone(adb, serial), events or SimpleQueue(), options)
    session.open(cancel)
    try:
        yield session
    finally:
        session.close()
