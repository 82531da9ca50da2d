"""Which phone, in what state, with which app: what a result of a QA session belongs to."""

import logging
import re
from typing import TYPE_CHECKING, Any

from engine.about import lab_version
from engine.errors import LabError, PhoneError
from engine.jobs import CancelToken
from engine.phones.installer import PACKAGE

if TYPE_CHECKING:
    from engine.records.database import Database
    from engine.session import Session

logger = logging.getLogger(__name__)

HASH_S = 30.0
"""How long an old phone may take to hash the app."""


def take_fingerprint(
    session: "Session", database: "Database", cancel: CancelToken | None = None
) -> dict[str, Any]:
    """Ask a phone what it is and how it is, as JSON values; what it does not tell is left out.

    Args:
        session: An open session.
        database: Knows the app that this lab installed, where the phone cannot hash it.
        cancel: Ends the asking.

    Raises:
        PhoneError: The phone left.
        Cancelled: It was cancelled.
    """
    phone = session.phone
    facts = session.facts or phone.facts(cancel)
    vitals = phone.vitals()

    def ask(command: str) -> str:
        return phone.shell(command, 10.0, cancel).stdout

    link = session.link
    told: dict[str, Any] = {
        "phone": facts.name,
        "serial": session.serial,
        "note": facts.virtual_note,
        "soc": facts.soc,
        "android": facts.android,
        "build": facts.fingerprint,
        "abi": facts.abis[0] if facts.abis else "",
        "abis": list(facts.abis),
        "ram_mb": parse_ram_mb(ask("cat /proc/meminfo")),
        "battery_percent": vitals.battery_percent,
        "battery_c": vitals.temperature_c,
        "charging": vitals.charging,
        "thermal_status": vitals.thermal_status,
        "battery_saver": parse_switch(ask("settings get global low_power")),
        "airplane_mode": parse_switch(ask("settings get global airplane_mode_on")),
        "refresh_hz": parse_refresh_hz(ask("dumpsys display")),
        "app_version": link.hello.app.version if link else "",
        "app_runtime": link.hello.app.runtime if link else "",
        "apk_sha256": _hash_of_app(session, database, cancel),
        "lab_version": lab_version(),
    }
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def parse_ram_mb(text: str) -> int | None:
    """Read the memory of ``/proc/meminfo`` in MB of 10^6 bytes."""
    found = re.search(r"^MemTotal:\s*(\d{1,15}) kB", text, re.MULTILINE)
    return round(int(found.group(1)) * 1024 / 1e6) if found else None


def parse_switch(text: str) -> bool | None:
    """Read a setting that is ``0`` or ``1``; a phone that has it not says ``null``."""
    return {"0": False, "1": True}.get(text.strip())


def parse_refresh_hz(text: str) -> float | None:
    """Read the screen's refresh rate out of ``dumpsys display``, as Android 7 to 15 word it."""
    for pattern in (
        r"mActiveRenderFrameRate=([0-9.]{1,20})",
        r"renderFrameRate ([0-9.]{1,20})",
        r"mRefreshRate=([0-9.]{1,20})",
        r"(?<![0-9.])([0-9.]{1,20}) fps",
    ):
        found = re.search(pattern, text)
        if found:
            try:
                return round(float(found.group(1)), 1)
            except ValueError:
                continue
    return None


def _hash_of_app(session: "Session", database: "Database", cancel: CancelToken | None) -> str:
    """Return the SHA-256 of the app that is installed; empty where nobody knows it."""
    try:
        told = session.phone.shell(f"pm path {PACKAGE}", 20.0, cancel).stdout
        path = re.search(r"^package:(/[A-Za-z0-9._~=+/-]+)\s*$", told, re.MULTILINE)
        if path is not None:
            command = f"sha256sum {path.group(1)}"
            said = session.phone.shell(command, HASH_S, cancel).stdout
            found = re.match(r"([0-9a-f]{64})\b", said)
            if found:
                return found.group(1)
    except PhoneError as error:
        logger.info("the app was not hashed: %s %s", error, error.detail)
    try:
        known = database.last_deployment(session.serial)
    except LabError as error:
        logger.info("the last deployment is not known: %s", error)
        return ""
    return known.apk_sha256 if known else ""
