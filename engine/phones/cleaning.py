"""Takes everything off a phone that the lab put there, and restores what it changed."""

import shlex
from dataclasses import dataclass

from engine.errors import PhoneError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.mirror.server import REMOTE_PATH
from engine.phones.borrowed import give_back
from engine.phones.installer import PACKAGE, REMOTE_APK, uninstall
from engine.phones.phone import Phone

LEFTOVERS = (REMOTE_PATH, REMOTE_APK)
"""Files that the lab puts on a phone: the mirror's server, and an APK on its way in."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What ``clean`` did; both are empty on a phone that was clean.

    Attributes:
        removed: The app's package and the files that were there.
        restored: Settings with what they are again, ``global stay_on_while_plugged_in = 0``.
    """

    removed: tuple[str, ...]
    restored: tuple[str, ...]


def clean(
    phone: Phone, report: Report = ignore_progress, cancel: CancelToken | None = None
) -> Cleaned:
    """Leave the phone as it was before the lab came.

    The app goes with its data and its permissions, then every file that the lab or its
    mirror put there; each setting that a lab on this computer changed is restored. Close the
    session first: a mirror that runs would put its server there again.

    Args:
        phone: Which phone.
        report: Gets the steps ``app``, ``files`` and ``settings``.
        cancel: Stops within a second; what was done by then stays done.

    Raises:
        InstallError: If the phone does not remove the app.
        PhoneError: If it leaves, or does not let go of a file or a setting.
        Cancelled: If the token is cancelled.
    """
    report(Progress("app", 0.0))
    app = [PACKAGE] if uninstall(phone, PACKAGE, cancel) else []
    report(Progress("files", 1 / 3))
    files = remove_leftovers(phone, cancel)
    report(Progress("settings", 2 / 3))
    restored = give_back(phone, cancel)
    report(Progress("settings", 1.0))
    return Cleaned((*app, *files), restored)


def remove_leftovers(phone: Phone, cancel: CancelToken | None = None) -> tuple[str, ...]:
    """Remove the lab's files and return the paths of those that were there.

    Raises:
        PhoneError: If one stays.
    """
    there = _those_there(phone, LEFTOVERS, cancel)
    if not there:
        return ()
    phone.shell(f"rm -f {shlex.join(there)}", cancel=cancel)
    if left := _those_there(phone, there, cancel):
        raise PhoneError(
            f"The phone keeps {' and '.join(left)}.",
            "Restart the phone, then clean it again.",
        )
    return there


def _those_there(
    phone: Phone, paths: tuple[str, ...], cancel: CancelToken | None
) -> tuple[str, ...]:
    said = phone.shell(f"ls -d {shlex.join(paths)}", cancel=cancel).stdout
    return tuple(path for path in paths if path in said.split())
