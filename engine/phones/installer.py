"""An APK onto a phone, off it, and its app started: the phone's part of a deploy."""

import logging
import re
import shlex
import socket
from pathlib import Path

from engine.apk.manifest import Manifest
from engine.errors import Cancelled, InstallError, PhoneError, Remedy
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.phones.adb import Deadline, ended_by
from engine.phones.admission import check_admission
from engine.phones.faults import LEFT, explain_adb, explain_install
from engine.phones.phone import SEND_AHEAD, STALL_S, Phone, copy_with_progress

logger = logging.getLogger(__name__)

PACKAGE = "org.mobilenetlab.phone"
ACTIVITY = f"{PACKAGE}/.MainActivity"
CAMERA = "android.permission.CAMERA"
INSTALL_TIMEOUT_S = 180.0  # a person may have to tap Install, and old phones compile code
CLEAN_UP_TIMEOUT_S = 0.5  # also after Cancel, which is to be over within a second
REMOTE_APK = "/data/local/tmp/mobilenet-lab.apk"
_CHUNK = 1 << 17


def install(
    phone: Phone,
    apk: Path,
    package: str = "",
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Manifest:
    """Install or update an app; what the old one stored stays.

    The steps reported are ``push`` (its fraction known) and ``install``. What cannot work
    is refused before anything is sent. A failed or cancelled installation leaves the old
    app as it was.

    Args:
        phone: Where to.
        apk: The signed file.
        package: The name under which it must be there afterwards; its own when empty.
        report: Gets the steps; on cancel a last one that says what was kept.
        cancel: Stops within a second.

    Returns:
        What the APK says of itself.

    Raises:
        InstallError: If the phone refuses the APK, or would for sure.
        PhoneError: If the phone leaves.
        Cancelled: If the token is cancelled.
        LabError: If the file is no APK.
    """
    manifest = check_admission(phone, apk, PACKAGE, cancel)
    step = Progress("push", 0.0)

    def follow(progress: Progress) -> None:
        nonlocal step
        step = progress
        report(progress)

    flags = ["-r", "-t"]
    try:
        output = _install_once(phone, apk, [*flags, "-g"], follow, cancel)
        if "INSTALL_GRANT_RUNTIME_PERMISSIONS" in output:
            # MIUI keeps -g from adb; the camera is granted in a step of its own
            output = _install_once(phone, apk, flags, follow, cancel)
    except Cancelled:
        kept = _what_was_kept(step.step)
        report(Progress(step.step, None, kept))
        raise Cancelled(kept) from None
    if not re.search(r"^Success\b", output, re.MULTILINE):
        raise explain_install(output)
    if not is_installed(phone, package or manifest.package, cancel):
        raise InstallError(
            "UNKNOWN",
            "The phone said that the app was installed, but it is not there.",
            "Look at the phone's screen for a question, then try again.",
            detail=output.strip(),
            remedy=Remedy.TRY_AGAIN,
        )
    report(Progress("install", 1.0))
    return manifest


def is_installed(phone: Phone, package: str = PACKAGE, cancel: CancelToken | None = None) -> bool:
    """Whether the phone has the app."""
    result = phone.shell(f"pm path {shlex.quote(package)}", 20.0, cancel)
    return any(line.startswith("package:") for line in result.stdout.splitlines())


def grant(
    phone: Phone,
    package: str = PACKAGE,
    permission: str = CAMERA,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> None:
    """Give the app a permission, so that nobody has to tap; step ``grant``.

    Raises:
        PhoneError: If the phone does not let this computer do it.
    """
    report(Progress("grant"))
    command = f"pm grant {shlex.quote(package)} {shlex.quote(permission)}"
    result = phone.shell(command, 20.0, cancel)
    if result.exit_code != 0 or "Exception" in result.output:
        raise PhoneError(
            "The phone did not let this computer grant the camera.",
            "Open the app on the phone and allow the camera there.",
            detail=result.output,
        )
    report(Progress("grant", 1.0))


def start(
    phone: Phone,
    activity: str = ACTIVITY,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
    *,
    restart: bool = False,
) -> None:
    """Bring the app to the front and wait until it is there; step ``start``.

    Args:
        phone: Where.
        activity: ``package/.Activity``.
        report: Gets the step.
        cancel: Ends the wait.
        restart: Whether to end a running copy first.

    Raises:
        PhoneError: If it does not start.
    """
    report(Progress("start"))
    flags = "-W -S" if restart else "-W"
    result = phone.shell(f"am start {flags} -n {shlex.quote(activity)}", 30.0, cancel)
    if result.exit_code != 0 or re.search(r"^(Error|Exception)", result.output, re.MULTILINE):
        missing = "does not exist" in result.output
        raise PhoneError(
            "The app is not on the phone." if missing else "The app did not start on the phone.",
            "Deploy it." if missing else "Unlock the phone and try again.",
            detail=result.output,
        )
    report(Progress("start", 1.0))


def uninstall(
    phone: Phone, package: str = PACKAGE, cancel: CancelToken | None = None, *, keep: bool = False
) -> bool:
    """Remove the app; False if it was not there.

    Args:
        phone: Where from.
        package: Which app.
        cancel: Ends the wait.
        keep: Whether its data stays.

    Raises:
        InstallError: If the phone refuses.
    """
    if not is_installed(phone, package, cancel):
        return False
    flag = "-k " if keep else ""
    result = phone.shell(f"pm uninstall {flag}{shlex.quote(package)}", 60.0, cancel)
    if "Success" not in result.output:
        raise explain_install(result.output)
    return True


def _install_once(
    phone: Phone, apk: Path, flags: list[str], report: Report, cancel: CancelToken | None
) -> str:
    """Send the APK and return what the package manager said."""
    if phone.has("cmd"):
        return _install_streamed(phone, apk, flags, report, cancel)
    return _install_pushed(phone, apk, flags, report, cancel)


def _install_streamed(
    phone: Phone, apk: Path, flags: list[str], report: Report, cancel: CancelToken | None
) -> str:
    size = apk.stat().st_size
    command = f"cmd package install {' '.join(flags)} -S {size}"
    with phone.open_exec(command, cancel=cancel) as connection:
        try:
            with ended_by(cancel, connection), apk.open("rb") as source:
                connection.settimeout(STALL_S)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_AHEAD)
                try:
                    copy_with_progress(source, size, connection.sendall, _CHUNK, report)
                except (BrokenPipeError, ConnectionResetError) as error:
                    # refused in mid-stream: the reason may still be there to read
                    logger.info("the phone stopped taking the APK: %s", error)
                report(Progress("install"))
                output = _read_all(connection, Deadline(INSTALL_TIMEOUT_S))
        except TimeoutError as error:
            raise explain_adb(error, phone.serial) from error
        except OSError as error:
            raise PhoneError(LEFT.what, LEFT.advice, detail=f"install: {error}") from error
        if cancel is not None:
            cancel.check()
    if not output.strip():
        raise PhoneError(LEFT.what, LEFT.advice, detail="install: no answer")
    return output


def _install_pushed(
    phone: Phone, apk: Path, flags: list[str], report: Report, cancel: CancelToken | None
) -> str:
    try:
        phone.push(apk, REMOTE_APK, 0o644, report, cancel)
        report(Progress("install"))
        command = f"pm install {' '.join(flags)} {REMOTE_APK}"
        return phone.shell(command, INSTALL_TIMEOUT_S, cancel).output
    finally:
        try:
            phone.shell(f"rm -f {REMOTE_APK}", CLEAN_UP_TIMEOUT_S)
        except PhoneError as error:
            logger.info("%s stays on the phone: %s", REMOTE_APK, error)


def _read_all(connection: socket.socket, deadline: Deadline) -> str:
    data = bytearray()
    while True:
        connection.settimeout(deadline.left())
        try:
            part = connection.recv(65536)
        except ConnectionResetError:  # how a phone hangs up that did not take all it was sent
            part = b""
        if not part:
            return data.decode(errors="replace")
        data += part


def _what_was_kept(step: str) -> str:
    if step == "push":
        return "Stopped. The phone keeps the app it had."
    return "Stopped waiting. The phone may still finish installing the app."
