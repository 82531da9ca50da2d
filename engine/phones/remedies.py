"""What the button beside a refused app does on the phone."""

import logging
import shlex

from engine.errors import PhoneError, Remedy
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.phones.admission import free_bytes
from engine.phones.cleaning import remove_leftovers
from engine.phones.installer import PACKAGE, uninstall
from engine.phones.phone import Phone

logger = logging.getLogger(__name__)

SETTINGS_PAGES = (
    "android.settings.APPLICATION_DEVELOPMENT_SETTINGS",
    "android.settings.SETTINGS",
)
"""Where the switches are that forbid installing: the developer options, else the front page."""
ALL_CACHES = 1 << 50
"""More bytes than any phone can free: every app's cache goes."""
TRIM_S = 60.0
WAKE_UP = 224
"""Android's key code that switches the screen on, and never off."""


def apply(
    remedy: Remedy,
    phone: Phone,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
    *,
    package: str = PACKAGE,
) -> None:
    """Do on the phone what the remedy's label says; afterwards deploy or install again.

    Where ``remedy.needs_person``, somebody has to tap on the phone before that.

    Args:
        remedy: Of the ``InstallError``.
        phone: The phone that refused.
        report: Gets the step ``remove``, ``free`` or ``settings``; ``free`` ends with how
            much room there is now.
        cancel: Stops within a second.
        package: The app that was refused.

    Raises:
        InstallError: If the phone does not remove the old app.
        PhoneError: If the phone leaves, or has no settings to open.
        Cancelled: If the token is cancelled.
    """
    match remedy:
        case Remedy.REMOVE_OLD:
            report(Progress("remove"))
            uninstall(phone, package, cancel)
            report(Progress("remove", 1.0))
        case Remedy.FREE_SPACE:
            _free_space(phone, report, cancel)
        case Remedy.OPEN_SETTINGS:
            _open_settings(phone, report, cancel)
        case Remedy.BUILD_FOR_PHONE | Remedy.TRY_AGAIN:
            pass  # what helps is the new try


def _free_space(phone: Phone, report: Report, cancel: CancelToken | None) -> None:
    report(Progress("free"))
    remove_leftovers(phone, cancel)
    result = phone.shell(f"pm trim-caches {ALL_CACHES}", TRIM_S, cancel)
    if result.exit_code != 0 or "Exception" in result.output:
        logger.warning("the phone keeps its apps' caches: %s", result.output)
    free = free_bytes(phone, cancel)
    report(Progress("free", 1.0, "" if free is None else f"{free / 1e6:.0f} MB free"))


def _open_settings(phone: Phone, report: Report, cancel: CancelToken | None) -> None:
    report(Progress("settings"))
    phone.shell(f"input keyevent {WAKE_UP}", cancel=cancel)
    for page in SETTINGS_PAGES:
        result = phone.shell(f"am start -a {shlex.quote(page)}", 20.0, cancel)
        if result.exit_code == 0 and "Error" not in result.output:
            report(Progress("settings", 1.0))
            return
        logger.info("%s: %s", page, result.output)
    raise PhoneError(
        "The phone did not open its settings.",
        "Unlock it and open Settings, Developer options by hand.",
        detail=result.output,
    )
