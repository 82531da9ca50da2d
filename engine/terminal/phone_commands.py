"""Which phones are there, and which one is meant."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from difflib import get_close_matches
from queue import SimpleQueue
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import PhoneError
from engine.jobs import CancelToken
from engine.settings import load_settings
from engine.terminal.console import print_json, print_table, say

if TYPE_CHECKING:
    from engine.phones.adb import Adb
    from engine.phones.discovery import PhoneEntry
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
