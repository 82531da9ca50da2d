"""One phone connected: its facts, its mirror and its link, opened and closed together."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from engine.errors import Cancelled, LabError, LinkError
from engine.jobs import CancelToken
from engine.link.client import NO_APP, Link
from engine.link.messages import LinkEvent, LinkLost
from engine.link.wire import Put

if TYPE_CHECKING:
    from engine.mirror.client import Mirror
    from engine.phones.adb import Adb
    from engine.phones.phone import Phone
    from engine.phones.readings import PhoneFacts

logger = logging.getLogger(__name__)

LOOK_S = 1.0
"""How long ``open`` looks for an app that may not be running."""
GIVE_BACK_S = 0.5
"""How long ``close`` waits for the phone's settings to be given back."""


class Part(Enum):
    """What a session is made of."""

    PHONE = "phone"
    MIRROR = "mirror"
    LINK = "link"


class PartState(Enum):
    """How a part of a session stands."""

    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PartStatus:
    """How one part of a session stands; put into the events at each change.

    Attributes:
        text: A sentence for the person; may be empty.
        error: Why it failed, when it did.
    """

    part: Part
    state: PartState
    text: str = ""
    error: LabError | None = None


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What a session opens.

    Attributes:
        mirror: Whether to mirror the screen.
        link: Whether to look for a running app; ``relink`` opens the link in any case.
        awake: Whether to let the phone's screen stay on while it is charged.
        max_size: Longest side that the phone sends, pixels; 0 is its own.
        max_fps: Most frames per second that the phone sends.
        server: A scrcpy server file of one's own.
    """

    mirror: bool = True
    link: bool = True
    awake: bool = True
    max_size: int = 0
    max_fps: int = 60
    server: Path | None = None


class Session:
    """One phone connected. Methods block and belong on a job's thread.

    Into ``events`` go ``PartStatus``, ``PhoneFacts``, the mirror's ``MirrorStatus`` and
    all that the link says (``engine.link.client.LinkEvent``), from several threads.

    Attributes:
        serial: The phone's serial.
        phone: The phone.
        facts: What the phone is; None until ``open`` learnt it.
        mirror: Its mirror, or None when it is off or failed.
        link: Its link, or None when the app is not running.
    """

    def __init__(
        self,
        adb: "Adb",
        serial: str,
        events: "SimpleQueue[Any]",
        options: SessionOptions | None = None,
        *,
        make_phone: "Callable[[Adb, str], Phone] | None" = None,
        make_mirror: "Callable[[Phone, SimpleQueue[Any], SessionOptions], Mirror] | None" = None,
    ) -> None:
        """Prepare a session; ``open`` connects.

        Args:
            adb: The server that knows the phone.
            serial: Which phone.
            events: Where everything is told.
            options: What to open.
            make_phone: Makes the phone; None makes a ``Phone``.
            make_mirror: Makes the mirror; None makes a ``Mirror``.
        """
        self.serial = serial
        self.phone: Phone = (make_phone or _make_phone)(adb, serial)
        self.facts: PhoneFacts | None = None
        self.mirror: Mirror | None = None
        self.link: Link | None = None
        self._events = events
        self._options = options or SessionOptions()
        self._make_mirror = make_mirror or _make_mirror
        self._awake: _Awake | None = None
        self._link_error: LabError | None = None
        self._search: CancelToken | None = None  # ends the attempt to link that is under way
        self._lock = threading.Lock()
        self._closed = False

    def open(self, cancel: CancelToken | None = None) -> None:
        """Learn the facts, start the mirror and look for a running app.

        A mirror or a link that does not come up is told as a ``PartStatus`` and does not
        fail the session.

        Raises:
            PhoneError: The phone does not answer.
            Cancelled: ``cancel`` was cancelled; everything is closed again.
        """
        cancel = cancel or CancelToken()
        try:
            self._open_phone(cancel)
            if self._options.awake:
                self._stay_awake()
            if self._options.mirror:
                self._open_mirror()
            if self._options.link:
                self._look_for_app(cancel)
            cancel.check()
        except BaseException:
            self.close()
            raise

    def relink(self, *, cancel: CancelToken | None = None, timeout_s: float = 10.0) -> Link:
        """Open the link anew, in place of the one that was.

        An attempt that is under way on another thread is ended and tells nothing more.

        Raises:
            LinkError: See ``Link.open``.
            Cancelled: ``cancel`` was cancelled, or the session was closed or told to link
                anew or to drop its link meanwhile.
        """
        search = CancelToken()
        self._drop("", search)
        try:
            with (cancel or CancelToken()).closing(search.cancel):
                link = Link.open(self.phone, cancel=search, timeout_s=timeout_s)
        except LabError as error:
            absent = error.what == NO_APP
            with self._ending(search):
                self._link_error = None if absent else error
                state = PartState.CLOSED if absent else PartState.FAILED
                self._tell(Part.LINK, state, str(error), error)
            raise
        except Cancelled:
            with self._ending(search):
                self._tell(Part.LINK, PartState.CLOSED)
            raise
        return self._take(link, search)

    def drop_link(self, text: str = "") -> None:
        """Close the link, for instance because the app is about to be replaced.

        An attempt to link that is under way is ended too.
        """
        self._drop(text, None)

    def need_link(self) -> Link:
        """Return the link.

        Raises:
            LinkError: There is none; the error says why.
        """
        link = self.link
        if link is not None:
            return link
        raise self._link_error or LinkError(
            "The lab's app is not running on the phone.",
            "Deploy a variant first, or open the app on the phone.",
        )

    @contextmanager
    def listening(self, put: Put) -> Iterator[None]:
        """Hand what the present link says to ``put`` too while the block runs.

        Raises:
            LinkError: There is no link.
        """
        with self.need_link().listening(put):
            yield

    def close(self) -> None:
        """Close every part; may be called twice, from any thread."""
        with self._lock:
            self._closed = True
            mirror, self.mirror = self.mirror, None
            awake, self._awake = self._awake, None
        if awake is not None:
            awake.end()
        self.drop_link()
        if mirror is not None:
            mirror.stop()
            self._tell(Part.MIRROR, PartState.CLOSED)
        if awake is not None:
            awake.join()

    def _open_phone(self, cancel: CancelToken) -> None:
        self._tell(Part.PHONE, PartState.OPENING)
        cancel.check()
        try:
            self.facts = self.phone.facts()
        except LabError as error:
            self._tell(Part.PHONE, PartState.FAILED, str(error), error)
            raise
        self._events.put(self.facts)
        self._tell(Part.PHONE, PartState.OPEN)

    def _stay_awake(self) -> None:
        with self._lock:
            if not self._closed:
                self._awake = _Awake(self.phone)

    def _open_mirror(self) -> None:
        """Start the mirror; whether it lives is told by its own ``MirrorStatus``."""
        self._tell(Part.MIRROR, PartState.OPENING)
        try:
            mirror = self._make_mirror(self.phone, self._events, self._options)
            mirror.start()
        except LabError as error:
            self._tell(Part.MIRROR, PartState.FAILED, str(error), error)
            return
        with self._lock:
            if not self._closed:
                self.mirror = mirror
        if self.mirror is not mirror:
            mirror.stop()
            return
        self._tell(Part.MIRROR, PartState.OPEN)

    def _look_for_app(self, cancel: CancelToken) -> None:
        try:
            self.relink(cancel=cancel, timeout_s=LOOK_S)
        except LabError as error:
            logger.info("no link yet: %s", error)
        except Cancelled:
            if cancel.cancelled or self._closed:
                raise
            logger.info("the search for the app gave way to another")

    def _drop(self, text: str, search: CancelToken | None) -> None:
        """Close the link and end the attempt under way; ``search`` is the next one."""
        with self._lock:
            link, self.link = self.link, None
            before, self._search = self._search, search
        if before is not None:
            before.cancel()
        if link is not None:
            link.close()  # outside the lock: it waits for the thread that hears
        with self._lock:
            if self._search is not search or self.link is not None:
                return  # yet another attempt tells how the link stands now
            if link is not None or before is not None:
                self._tell(Part.LINK, PartState.CLOSED, text)
            if search is not None:
                self._tell(Part.LINK, PartState.OPENING)

    @contextmanager
    def _ending(self, search: CancelToken) -> Iterator[None]:
        """End an attempt; if another one took its place, ``Cancelled`` is all it says."""
        with self._lock:
            if self._search is not search:
                raise Cancelled
            self._search = None
            yield

    def _take(self, link: Link, search: CancelToken) -> Link:
        """Make a link that stands the session's, unless it came too late."""
        try:
            with self._ending(search):
                if not self._closed:
                    self.link = link
                self._tell(Part.LINK, PartState.CLOSED if self._closed else PartState.OPEN)
        finally:
            if self.link is not link:
                link.close()
        if self._closed:
            raise Cancelled
        link.start(partial(self._hear, link))
        return link

    def _hear(self, link: Link, event: LinkEvent) -> None:
        """Pass on what a link says; on the link's own thread."""
        self._events.put(event)
        if isinstance(event, LinkLost):
            with self._lock:
                if self.link is link:
                    self._tell(Part.LINK, PartState.FAILED, str(event.error), event.error)

    def _tell(
        self, part: Part, state: PartState, text: str = "", error: LabError | None = None
    ) -> None:
        self._events.put(PartStatus(part, state, text, error))


class _Awake:
    """Lets a phone's screen stay on until it is ended; on a thread of its own, logging only.

    What cannot be given back in time is given back by the next session: the old setting is
    kept on this computer (``engine.phones.borrowed``).
    """

    def __init__(self, phone: "Phone") -> None:
        self._phone = phone
        self._ending = CancelToken()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keep awake", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Begin to give back; does not wait."""
        self._ending.cancel()
        self._ended.set()

    def join(self) -> None:
        """Wait until it is given back, but not long."""
        self._thread.join(GIVE_BACK_S)

    def _run(self) -> None:
        from engine.phones.borrowed import give_back

        try:
            self._borrow()
            self._ended.wait()
            give_back(self._phone)
        except LabError as error:
            logger.info("a setting of the phone is not given back yet: %s", error)
        except Exception:  # a bug: full trace in the log, the session lives on
            logger.exception("keeping the phone awake crashed")

    def _borrow(self) -> None:
        from engine.phones.borrowed import keep_awake

        try:
            keep_awake(self._phone, self._ending)
        except (LabError, Cancelled) as error:
            logger.info("the phone's screen may go off: %s", error)


def _make_phone(adb: "Adb", serial: str) -> "Phone":
    from engine.phones.phone import Phone

    return Phone(adb, serial)


def _make_mirror(phone: "Phone", events: "SimpleQueue[Any]", options: SessionOptions) -> "Mirror":
    from engine.mirror.client import Mirror

    return Mirror(
        phone,
        events,
        max_size=options.max_size,
        max_fps=options.max_fps,
        server=options.server,
    )
