"""Which phones are there, in what state, and what to do about each."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.phones import faults
from engine.phones.adb import Adb, AdbPhone
from engine.phones.faults import Fault
from engine.phones.phone import Phone

logger = logging.getLogger(__name__)

_BACK_OFF_S = (0.3, 0.6, 1.2, 2.4, 5.0)
_MODEL_TIMEOUT_S = 3.0


class PhoneState(Enum):
    """What a phone is ready for; the value is the word to show."""

    READY = "ready"
    UNAUTHORIZED = "unauthorized"
    OFFLINE = "offline"
    CONNECTING = "connecting"
    NO_PERMISSIONS = "no permissions"
    NOT_BOOTED = "not in Android"


@dataclass(frozen=True, slots=True)
class PhoneEntry:
    """One phone in the list.

    Attributes:
        serial: How adb names it.
        state: What it is ready for.
        model: For instance ``Mi A1``; empty while unknown.
        advice: What happened and what to do; empty when it is ready.
    """

    serial: str
    state: PhoneState
    model: str
    advice: str


_STATES: dict[str, tuple[PhoneState, Fault | None]] = {
    "device": (PhoneState.READY, None),
    "unauthorized": (PhoneState.UNAUTHORIZED, faults.UNAUTHORIZED),
    "authorizing": (PhoneState.CONNECTING, faults.CONNECTING),
    "connecting": (PhoneState.CONNECTING, faults.CONNECTING),
    "offline": (PhoneState.OFFLINE, faults.OFFLINE),
    "no permissions": (PhoneState.NO_PERMISSIONS, faults.NO_PERMISSIONS),
}


def describe(phone: AdbPhone, model: str = "", *, new: bool = False) -> PhoneEntry:
    """Turn a line of adb's list into an entry.

    Args:
        phone: The line.
        model: The name to show where the line has none.
        new: Whether it was never seen in another state: adb says ``offline`` during the
            first greeting too.
    """
    word = "connecting" if new and phone.state == "offline" else phone.state
    state, fault = _STATES.get(word, (PhoneState.NOT_BOOTED, faults.NOT_BOOTED))
    if fault is faults.OFFLINE and ":" in phone.serial:
        fault = faults.OFFLINE_NETWORK
    advice = f"{fault.what} {fault.advice}" if fault else ""
    listed = phone.facts.get("model", "").replace("_", " ")
    return PhoneEntry(phone.serial, state, listed or model, advice.format(state=phone.state))


def list_phones(adb: Adb) -> tuple[PhoneEntry, ...]:
    """Return the phones of this moment.

    Raises:
        PhoneError: If there is no adb server and none starts.
    """
    return tuple(describe(phone, _ask_model(adb, phone)) for phone in adb.phones())


def _ask_model(adb: Adb, phone: AdbPhone, cancel: CancelToken | None = None) -> str:
    """Ask the phone for its name where adb does not list it; empty if it does not say."""
    if phone.state != "device" or phone.facts.get("model"):
        return ""
    try:
        asked = Phone(adb, phone.serial)
        answer = asked.shell("getprop ro.product.model", _MODEL_TIMEOUT_S, cancel)
    except LabError as error:
        logger.debug("no model name from %s: %s", phone.serial, error)
        return ""
    return answer.stdout.strip()


class PhoneWatcher:
    """Follows the list of phones on a thread of its own, through restarts of the server.

    Both callbacks come from that thread and must not block.
    """

    def __init__(
        self,
        adb: Adb,
        put: Callable[[tuple[PhoneEntry, ...]], None],
        put_error: Callable[[LabError | None], None] = lambda _error: None,
    ) -> None:
        """Prepare; ``start`` begins.

        Args:
            adb: The server to follow; it is started if none runs.
            put: Gets the list once at the start and then only when it changed; an empty
                tuple while the server is gone.
            put_error: Gets the error while there is no adb server to ask, and None once
                there is one again; nothing at the start if all is well.
        """
        self._adb = adb
        self._put = put
        self._put_error = put_error
        self._cancel = CancelToken()
        self._thread = threading.Thread(target=self._run, name="phone list", daemon=True)
        self._entries: tuple[PhoneEntry, ...] | None = None
        self._models: dict[str, str] = {}
        self._greeted: set[str] = set()
        self._failed = False
        self._tries = 0

    def start(self) -> None:
        """Begin; once only."""
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        """End, waiting at most so long for the thread; no callback comes after it ended."""
        self._cancel.cancel()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while True:
                try:
                    self._adb.track(self._take, self._cancel)
                except LabError as error:
                    self._fail(error)
                self._cancel.wait(_BACK_OFF_S[min(self._tries, len(_BACK_OFF_S) - 1)])
                self._tries += 1
        except Cancelled:
            logger.debug("stopped following the phones")
        except Exception:  # a bug: full trace in the log, the window lives on
            logger.exception("following the phones crashed")
            self._put_error(LabError("The list of phones broke. The log has the details."))

    def _take(self, phones: tuple[AdbPhone, ...]) -> None:
        self._tries = 0
        if self._failed:
            self._failed = False
            self._put_error(None)
        here = {phone.serial for phone in phones}
        greeted = {phone.serial for phone in phones if phone.state != "offline"}
        self._greeted = (self._greeted & here) | greeted
        for phone in phones:
            if phone.serial not in self._models:
                name = _ask_model(self._adb, phone, self._cancel)
                if name:
                    self._models[phone.serial] = name
        self._offer(tuple(self._describe(phone) for phone in phones))

    def _describe(self, phone: AdbPhone) -> PhoneEntry:
        model = self._models.get(phone.serial, "")
        return describe(phone, model, new=phone.serial not in self._greeted)

    def _fail(self, error: LabError) -> None:
        """Tell once: a server that is being restarted gets one quiet try before."""
        logger.info("the list of phones stopped: %s %s", error, error.detail)
        if not self._failed and self._tries > 0:
            self._failed = True
            self._offer(())
            self._put_error(error)

    def _offer(self, entries: tuple[PhoneEntry, ...]) -> None:
        self._cancel.check()
        if entries != self._entries:
            self._entries = entries
            self._put(entries)
