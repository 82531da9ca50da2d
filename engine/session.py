"""One phone connected: its facts, its mirror and its link, opened and closed together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from engine.errors import LabError
from engine.jobs import CancelToken
from engine.link.client import Link, Put

if TYPE_CHECKING:
    from engine.mirror.client import Mirror
    from engine.phones.adb import Adb
    from engine.phones.phone import Phone, PhoneFacts


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
        max_size: Longest side that the phone sends, pixels; 0 is its own.
        max_fps: Most frames per second that the phone sends.
        server: A scrcpy server file of one's own.
    """

    mirror: bool = True
    link: bool = True
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

    serial: str
    phone: "Phone"
    facts: "PhoneFacts | None"
    mirror: "Mirror | None"
    link: Link | None

    def __init__(
        self,
        adb: "Adb",
        serial: str,
        events: "SimpleQueue[Any]",
        options: SessionOptions | None = None,
    ) -> None:
        """Prepare a session; ``open`` connects."""
        raise NotImplementedError

    def open(self, cancel: CancelToken | None = None) -> None:
        """Learn the facts, start the mirror and look for a running app.

        A mirror or a link that does not come up is told as a ``PartStatus`` and does not
        fail the session.

        Raises:
            PhoneError: The phone does not answer.
            Cancelled: ``cancel`` was cancelled; everything is closed again.
        """
        raise NotImplementedError

    def relink(self, *, cancel: CancelToken | None = None, timeout_s: float = 10.0) -> Link:
        """Open the link anew, in place of the one that was.

        Raises:
            LinkError: See ``Link.open``.
        """
        raise NotImplementedError

    def drop_link(self, text: str = "") -> None:
        """Close the link, because the app is about to be replaced."""
        raise NotImplementedError

    @contextmanager
    def listening(self, put: Put) -> Iterator[None]:
        """Hand what the present link says to ``put`` too while the block runs.

        Raises:
            LinkError: There is no link.
        """
        raise NotImplementedError
        yield

    def close(self) -> None:
        """Close every part; may be called twice, from any thread."""
        raise NotImplementedError
