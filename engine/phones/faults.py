"""Raw text from adb and from the phone, turned into what happened and what to do."""

import re
from dataclasses import dataclass

from engine.errors import InstallError, PhoneError, Remedy


class NothingListensError(PhoneError):
    """The phone is there, but nobody answers at the service or socket that was asked for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a known word means.

    Attributes:
        what: One sentence: what happened.
        advice: One or two sentences: what to do.
        remedy: What a click can do about it; None where no click can.
    """

    what: str
    advice: str
    remedy: Remedy | None = None


UNAUTHORIZED = Fault(
    "The phone has not allowed this computer.",
    "Unlock it and tap Allow (tick Always allow). No question on its screen? Pull the cable, "
    "switch USB debugging off and on, and plug it in again.",
)
OFFLINE = Fault(
    "The phone is listed but does not answer.",
    "Wake it up, then pull the cable and plug it in again. If that does not help, restart the "
    "phone.",
)
OFFLINE_NETWORK = Fault(
    "The phone is listed but does not answer.",
    "Wake it up, check that it is on the same network, then connect it again.",
)
CONNECTING = Fault(
    "The phone is being connected.",
    "Should it stay like this, wake it up, pull the cable and plug it in again.",
)
NO_PERMISSIONS = Fault(
    "This computer may not open the phone's USB port.",
    "On Linux install the package android-sdk-platform-tools-common (its udev rules), or add "
    "yourself to the group plugdev, then plug the phone in again.",
)
NOT_BOOTED = Fault(
    "The phone is not running Android now: it is in {state} mode.",
    "Restart it and wait for its home screen.",
)
LEFT = Fault(
    "The phone left in the middle of something.",
    "Check the cable and plug the phone in again.",
)
NOT_FOUND = Fault(
    "The phone is not connected.",
    "Plug it in, switch USB debugging on, and choose file transfer if the phone asks what the "
    "cable is for.",
)
NO_SERVER = Fault(
    "No adb server runs and none could be started.",
    "Look at the log; another program may hold the port or adb may be damaged.",
)
SERVER_WENT = Fault(
    "The adb server went away in the middle of something.",
    "Another program may have restarted adb. Try again; if it keeps happening, close the other "
    "program (Android Studio, another adb).",
)
NOTHING_LISTENS = Fault(
    "Nothing on the phone answers there.",
    "The app may not be running. Start it and try again.",
)
TIMED_OUT = Fault(
    "The phone took too long to answer.",
    "Wake it up and check the cable.",
)

_ADB_WORDS: tuple[tuple[str, Fault], ...] = (
    (r"unauthorized|authorizing", UNAUTHORIZED),
    (r"device offline|device is offline|still connecting|still authorizing", OFFLINE),
    (r"no permissions|insufficient permissions", NO_PERMISSIONS),
    (r"device (?:'[^']*' )?not found|no devices|unknown device|no such device", NOT_FOUND),
    (
        r"more than one (?:device|emulator)",
        Fault(
            "More than one phone matches that name.",
            "Choose one of them by its serial number.",
        ),
    ),
    (
        r"server version .* doesn't match",
        Fault(
            "Another adb program of a different version wants the same server.",
            "Close it, or give the lab a port of its own with ANDROID_ADB_SERVER_PORT.",
        ),
    ),
    (r"timed? ?out", TIMED_OUT),
    (r"connection refused|cannot connect to daemon|failed to start daemon", NO_SERVER),
    (r"protocol fault|no status|connection reset|broken pipe|server went", SERVER_WENT),
    (r"^(?:error: )?closed$", NOTHING_LISTENS),
)


def explain_adb(trouble: BaseException | str, serial: str = "") -> PhoneError:
    """Say in words what adb, or a socket to it, complained about.

    Args:
        trouble: The text after adb's ``FAIL``, or an error of the socket or of the system.
        serial: The phone it happened with; goes into the detail.

    Returns:
        An error ready to raise, the raw text in its ``detail``.
    """
    if isinstance(trouble, PhoneError):
        return trouble
    if isinstance(trouble, TimeoutError):
        text, fault = str(trouble) or "timed out", TIMED_OUT
    elif isinstance(trouble, EOFError):
        text, fault = str(trouble) or "end of stream", LEFT
    elif isinstance(trouble, ConnectionRefusedError):
        text, fault = str(trouble), NO_SERVER
    elif isinstance(trouble, OSError):
        text, fault = str(trouble), SERVER_WENT
    else:
        text = str(trouble).strip()
        fault = _match(text)
    kind = NothingListensError if fault is NOTHING_LISTENS else PhoneError
    return kind(fault.what, fault.advice, detail=f"{serial}: {text}" if serial else text)


def _match(text: str) -> Fault:
    for pattern, fault in _ADB_WORDS:
        if re.search(pattern, text.lower(), re.MULTILINE):
            return fault
    said = text.splitlines()[0] if text else "nothing"
    return Fault(f"adb refused: {said}.", "Plug the phone in again, or restart it.")


_UPDATE = Fault(
    "Another copy of this app is on the phone, signed by someone else.",
    "Remove it first, here or on the phone (Settings, Apps, Uninstall); what it stored goes with "
    "it.",
    Remedy.REMOVE_OLD,
)
_STORAGE = Fault(
    "The phone has no room for the app.",
    "Free some space on the phone (photos, unused apps), then try again.",
    Remedy.FREE_SPACE,
)
_ABI = Fault(
    "The app has no code for this phone's processor.",
    "Build the APK for the phone's own ABI.",
    Remedy.BUILD_FOR_PHONE,
)
_DAMAGED = Fault(
    "The phone says that the APK is damaged.",
    "Build it again; if it was copied, copy it again.",
    Remedy.BUILD_FOR_PHONE,
)
_SIGNATURE = Fault(
    "The phone does not accept the APK's signature.",
    "Build and sign the APK again.",
    Remedy.BUILD_FOR_PHONE,
)
_PROTECT = Fault(
    "The phone's app check (Play Protect) stopped the installation.",
    "Unlock the phone and allow it there, or switch off 'Verify apps over USB' in the developer "
    "options; then try again.",
    Remedy.OPEN_SETTINGS,
)
_DUPLICATE = Fault(
    "The app asks for something that another app on the phone already owns.",
    "Remove the other app first.",
)
_TOO_OLD_APP = Fault(
    "The phone's Android is too new for the APK.",
    "Build the APK with this lab.",
    Remedy.BUILD_FOR_PHONE,
)
_PREVIEW = Fault(
    "The APK was made for a preview of Android that this phone does not run.",
    "Build the APK with this lab: its app needs Android 7.0 or later.",
    Remedy.BUILD_FOR_PHONE,
)

_INSTALL_WORDS: dict[str, Fault] = {
    "INSTALL_FAILED_USER_RESTRICTED": Fault(
        "The phone did not let this computer install apps.",
        "On Xiaomi phones with MIUI: developer options, switch on 'Install via USB' (it wants a "
        "Mi account). Then tap Install on the phone within 10 seconds when it asks.",
        Remedy.OPEN_SETTINGS,
    ),
    "INSTALL_FAILED_UPDATE_INCOMPATIBLE": _UPDATE,
    "INSTALL_FAILED_SHARED_USER_INCOMPATIBLE": _UPDATE,
    "INSTALL_FAILED_VERSION_DOWNGRADE": Fault(
        "A newer version of this app is on the phone.",
        "Remove it first, here or on the phone (Settings, Apps, Uninstall); what it stored goes "
        "with it.",
        Remedy.REMOVE_OLD,
    ),
    "INSTALL_FAILED_INSUFFICIENT_STORAGE": _STORAGE,
    "INSTALL_FAILED_MEDIA_UNAVAILABLE": _STORAGE,
    "INSTALL_FAILED_NO_MATCHING_ABIS": _ABI,
    "INSTALL_FAILED_CPU_ABI_INCOMPATIBLE": _ABI,
    "INSTALL_FAILED_OLDER_SDK": Fault(
        "The phone's Android is too old for the app.",
        "Choose a phone with a newer Android; the lab's own app needs 7.0 (API 24) or later.",
    ),
    "INSTALL_FAILED_NEWER_SDK": _TOO_OLD_APP,
    "INSTALL_FAILED_DEPRECATED_SDK_VERSION": _TOO_OLD_APP,
    "INSTALL_FAILED_TEST_ONLY": Fault(
        "The APK is marked for testing only.",
        "Install it with the lab, which tells the phone that this is meant (-t).",
        Remedy.TRY_AGAIN,
    ),
    "INSTALL_FAILED_ALREADY_EXISTS": Fault(
        "The app is on the phone already.",
        "Install it with the lab, which updates it (-r).",
        Remedy.TRY_AGAIN,
    ),
    "INSTALL_FAILED_INVALID_APK": _DAMAGED,
    "INSTALL_FAILED_INVALID_URI": Fault(
        "The phone could not find the APK that was sent.",
        "Try again; rename the file if its name has odd characters.",
        Remedy.TRY_AGAIN,
    ),
    "INSTALL_FAILED_DEXOPT": _STORAGE,
    "INSTALL_FAILED_VERIFICATION_FAILURE": _PROTECT,
    "INSTALL_FAILED_VERIFICATION_TIMEOUT": Fault(
        "The phone's app check (Play Protect) did not answer in time.",
        "Try again with the phone online, or switch off 'Verify apps over USB' in the developer "
        "options.",
        Remedy.OPEN_SETTINGS,
    ),
    "INSTALL_FAILED_PACKAGE_CHANGED": _DAMAGED,
    "INSTALL_FAILED_DUPLICATE_PERMISSION": _DUPLICATE,
    "INSTALL_FAILED_CONFLICTING_PROVIDER": _DUPLICATE,
    "INSTALL_FAILED_MISSING_SHARED_LIBRARY": Fault(
        "The phone lacks a system library that the app asks for.",
        "Build the APK with the lab itself.",
        Remedy.BUILD_FOR_PHONE,
    ),
    "INSTALL_FAILED_MISSING_FEATURE": Fault(
        "The phone lacks hardware that the app asks for.",
        "Choose a phone with a camera.",
    ),
    "INSTALL_FAILED_ABORTED": Fault(
        "The installation was stopped on the phone.",
        "Try again and tap Install when the phone asks.",
        Remedy.TRY_AGAIN,
    ),
    "INSTALL_FAILED_INTERNAL_ERROR": Fault(
        "The phone's package manager broke down.",
        "Restart the phone and try again; free some space if it is nearly full.",
        Remedy.TRY_AGAIN,
    ),
    "INSTALL_FAILED_CONTAINER_ERROR": Fault(
        "The phone could not store the app.",
        "Restart the phone and free some space.",
        Remedy.FREE_SPACE,
    ),
    "INSTALL_FAILED_REPLACE_COULDNT_DELETE": Fault(
        "The phone could not replace the old app.",
        "Remove the old app, then try again.",
        Remedy.REMOVE_OLD,
    ),
    "INSTALL_PARSE_FAILED_NO_CERTIFICATES": _SIGNATURE,
    "INSTALL_PARSE_FAILED_INCONSISTENT_CERTIFICATES": _SIGNATURE,
    "INSTALL_PARSE_FAILED_CERTIFICATE_ENCODING": _SIGNATURE,
}


def explain_install(output: str) -> InstallError:
    """Say in words why the package manager refused.

    Args:
        output: What ``pm`` or ``cmd package`` printed.

    Returns:
        An error ready to raise. ``reason`` is Android's own word, or ``UNKNOWN`` where none
        was printed; the whole output is its ``detail``.
    """
    found = re.search(r"INSTALL_(?:FAILED|PARSE_FAILED)_[A-Z_]+|DELETE_FAILED_[A-Z_]+", output)
    reason = found.group(0) if found else "UNKNOWN"
    fault = _INSTALL_WORDS.get(reason)
    if reason == "INSTALL_FAILED_OLDER_SDK" and "development platform" in output:
        fault = _PREVIEW  # how Android says that minSdkVersion is a codename
    if fault is None and reason.startswith("INSTALL_PARSE_FAILED"):
        fault = _DAMAGED
    if fault is None and reason.startswith("DELETE_FAILED"):
        fault = Fault(
            "The phone did not remove the app.",
            "Remove it by hand: hold its icon and choose Uninstall.",
        )
    if fault is None:
        fault = _guess(output)
    return InstallError(
        reason, fault.what, fault.advice, detail=output.strip(), remedy=fault.remedy
    )


SAID_MOST = 120
"""Characters of the phone's own words that fit into a sentence."""


def _guess(output: str) -> Fault:
    """Explain a refusal that carries none of Android's words."""
    lower = output.lower()
    if "securityexception" in lower:
        return Fault(
            "The phone forbids this computer to do that.",
            "In the developer options switch on 'USB debugging (Security settings)' or 'Install "
            "via USB' where they exist, then restart the phone.",
            Remedy.OPEN_SETTINGS,
        )
    if "not enough space" in lower or "no space left" in lower:
        return _STORAGE
    readable = "".join(each if each.isprintable() else "\n" for each in output)
    first = next((line.strip() for line in readable.splitlines() if line.strip()), "nothing")
    first = first if len(first) <= SAID_MOST else f"{first[:SAID_MOST]}..."
    return Fault(f"The phone refused the app and said: {first}.", "The log has all of it.")
