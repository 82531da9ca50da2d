"""The lab's end of the link: connect, send commands, hand on what the app says."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.errors import LinkError
from engine.jobs import CancelToken, Report, ignore_progress
from engine.link.messages import AppModel, AppState, Bye, Health, Hello, Result, Samples

OPEN_TIMEOUT_S = 10.0
COMMAND_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link ended without the lab closing it; nothing follows."""

    error: LinkError


LinkEvent = Hello | AppState | AppModel | Samples | Result | Health | Bye | LinkLost
Put = Callable[[LinkEvent], None]


class Connectable(Protocol):
    """What the link needs of a phone (``engine.phones.phone.Phone`` is one)."""

    def open_abstract(self, name: str) -> socket.socket:
        """Connect to an abstract local socket on the phone."""


class Link:
    """One conversation with the phone app; every method may be called from any thread.

    Attributes:
        hello: The app's first message.
    """

    hello: Hello

    @classmethod
    def open(
        cls,
        phone: Connectable,
        *,
        cancel: CancelToken | None = None,
        timeout_s: float = OPEN_TIMEOUT_S,
    ) -> "Link":
        """Connect to the app and wait for its ``Hello``, trying again until the deadline.

        Raises:
            LinkError: Nothing answers, what answers is not the lab's app, it speaks another
                version, or another lab is connected.
            Cancelled: ``cancel`` was cancelled.
        """
        raise NotImplementedError

    @property
    def state(self) -> AppState | None:
        """The newest state that the app told."""
        raise NotImplementedError

    @property
    def model(self) -> AppModel | None:
        """The newest model that the app told."""
        raise NotImplementedError

    @property
    def health(self) -> Health | None:
        """The newest health that the app told."""
        raise NotImplementedError

    @property
    def error(self) -> LinkError | None:
        """Why the link was lost; None while it stands or after ``close``."""
        raise NotImplementedError

    def start(self, put: Put) -> None:
        """Hand every message to ``put`` on the reader's thread, first all that came so far.

        ``put`` gets ``Hello``, ``AppState``, ``AppModel``, ``Samples``, ``Result``,
        ``Health``, ``Bye`` and at most one ``LinkLost``, the last. It must not block.
        """
        raise NotImplementedError

    @contextmanager
    def listening(self, put: Put) -> Iterator[None]:
        """Hand messages to ``put`` too while the block runs.

        It begins with the newest state, model and health, and with ``LinkLost`` if the
        link is lost already.
        """
        raise NotImplementedError
        yield

    def set(
        self,
        *,
        threads: int | None = None,
        delegate: str | None = None,
        source: str | None = None,
        paused: bool | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Ask the app to change what is not None, and wait for its answer.

        Raises:
            LinkError: The app refused (its own sentence), did not answer, or is gone.
        """
        raise NotImplementedError

    def load_model(
        self,
        path: Path,
        labels: Sequence[str],
        *,
        name: str,
        untrained: bool,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> None:
        """Send a model to the app and wait until it runs (steps ``upload``, ``load``).

        Whatever goes wrong leaves the old model running on the phone.

        Raises:
            LinkError: The app refused it, did not answer, or is gone.
            LabError: The file cannot be read.
            Cancelled: ``cancel`` was cancelled, at any byte.
        """
        raise NotImplementedError

    def close(self) -> None:
        """End the conversation at once; may be called twice. No ``LinkLost`` follows."""
        raise NotImplementedError
