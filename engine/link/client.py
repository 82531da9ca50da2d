"""The lab's end of the link: connect, send commands, hand on what the app says."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Protocol

from engine.errors import LinkError, PhoneError
from engine.jobs import CancelToken, Report, ignore_progress
from engine.link import protocol
from engine.link.fields import broken
from engine.link.messages import (
    AppModel,
    AppState,
    Bye,
    Health,
    Hello,
    LinkEvent,
    LinkLost,
    Message,
)
from engine.link.upload import Announcement, OneAtATime, upload
from engine.link.wire import Put, Wire, hang_up
from engine.phones.faults import NOTHING_LISTENS

OPEN_TIMEOUT_S = 10.0
COMMAND_TIMEOUT_S = 10.0
RETRY_S = 0.1
BUSY_PATIENCE_S = 1.5
"""How long a busy app is asked again: it may not have noticed that the lab before left."""
RECEIVE_BYTES = 1 << 16
NO_APP = "The lab's app on the phone does not answer."
"""What an error says when nothing listens on the phone: most likely it is not running."""


__all__ = ["Link", "LinkEvent", "LinkLost", "Put"]


class Connectable(Protocol):
    """What the link needs of a phone (``engine.phones.phone.Phone`` is one)."""

    def open_abstract(
        self, name: str, timeout_s: float = ..., cancel: CancelToken | None = ...
    ) -> socket.socket:
        """Connect to an abstract local socket on the phone."""


class Link:
    """One conversation with the phone app; every method may be called from any thread.

    Attributes:
        hello: The app's first message.
    """

    def __init__(
        self,
        connection: socket.socket,
        decoder: protocol.Decoder,
        hello: Hello,
        early: Sequence[Message],
    ) -> None:
        """Take over a connection whose ``Hello`` was read; ``open`` makes one."""
        self.hello = hello
        self._wire = Wire(connection, decoder, hello, early)
        self._uploading = OneAtATime()

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
            PhoneError: The phone itself is not there.
            Cancelled: ``cancel`` was cancelled.
        """
        cancel = cancel or CancelToken()
        deadline = time.monotonic() + timeout_s
        busy_until: float | None = None
        while True:
            cancel.check()
            pause = RETRY_S
            try:
                return _greet(cls, phone, deadline, cancel)
            except _NotYetError as not_yet:
                reason = not_yet.error
                if not_yet.busy:
                    busy_until = busy_until or time.monotonic() + BUSY_PATIENCE_S
                    if time.monotonic() >= busy_until:
                        raise reason from None
            if time.monotonic() + pause >= deadline:
                raise reason
            cancel.wait(pause)

    @property
    def state(self) -> AppState | None:
        """The newest state that the app told."""
        return self._wire.state

    @property
    def model(self) -> AppModel | None:
        """The newest model that the app told."""
        return self._wire.model

    @property
    def health(self) -> Health | None:
        """The newest health that the app told."""
        return self._wire.health

    @property
    def error(self) -> LinkError | None:
        """Why the link was lost; None while it stands or after ``close``."""
        return self._wire.error

    def start(self, put: Put) -> None:
        """Hand every message to ``put`` on the reader's thread, first all that came so far.

        ``put`` gets ``Hello``, ``AppState``, ``AppModel``, ``Samples``, ``Result``,
        ``Health``, ``Bye`` and at most one ``LinkLost``, the last. It must not block.
        """
        self._wire.start(put)

    @contextmanager
    def listening(self, put: Put) -> Iterator[None]:
        """Hand messages to ``put`` too while the block runs.

        It begins with the newest state, model and health, and with ``LinkLost`` if the
        link is lost already.
        """
        with self._wire.listening(put):
            yield

    def first_state(
        self, *, timeout_s: float = COMMAND_TIMEOUT_S, cancel: CancelToken | None = None
    ) -> AppState:
        """Return ``state``, waiting for the first one, which comes right after the hello.

        Raises:
            LinkError: The app does not say how it stands, or is gone.
            Cancelled: ``cancel`` was cancelled.
        """
        cancel = cancel or CancelToken()
        inbox: SimpleQueue[LinkEvent | None] = SimpleQueue()
        deadline = time.monotonic() + timeout_s
        with self.listening(inbox.put), cancel.closing(lambda: inbox.put(None)):
            while self.state is None:
                try:
                    event = inbox.get(timeout=max(0.0, deadline - time.monotonic()))
                except Empty:
                    raise LinkError(
                        "The phone app does not say what it is doing.",
                        "Look at the phone's screen; deploy again to restart the app.",
                    ) from None
                cancel.check()
                if isinstance(event, LinkLost):
                    raise event.error
        return self.state

    def set(
        self,
        *,
        threads: int | None = None,
        delegate: str | None = None,
        source: str | None = None,
        camera: str | None = None,
        paused: bool | None = None,
        cancel: CancelToken | None = None,
        timeout_s: float = COMMAND_TIMEOUT_S,
    ) -> None:
        """Ask the app to change what is not None, and wait for its answer.

        ``state`` and ``model`` are those of after the change when this returns.

        Raises:
            LinkError: The app refused (its own sentence), did not answer in time, or is gone.
            Cancelled: ``cancel`` was cancelled while it waited; the app may yet obey.
        """
        wishes = {
            "threads": threads,
            "delegate": delegate,
            "source": source,
            "camera": camera,
            "paused": paused,
        }
        changes = {key: value for key, value in wishes.items() if value is not None}
        command = self._wire.submit(lambda each: protocol.encode_set(each, changes))
        self._wire.wait(command, timeout_s, cancel)

    def load_model(
        self,
        data: bytes,
        announced: Announcement,
        *,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> None:
        """Send a model to the app and wait until it runs (steps ``send``, ``open``).

        Whatever goes wrong leaves the old model running on the phone. When this returns,
        ``model`` is the new one.

        Raises:
            LinkError: The app refused it, did not answer, or is gone.
            Cancelled: ``cancel`` was cancelled, at any byte. In the step ``open`` the app has
                all of the model and may yet change to it.
        """
        with self._uploading:
            upload(self._wire, data, announced, report=report, cancel=cancel or CancelToken())

    def close(self) -> None:
        """End the conversation at once; may be called twice. No ``LinkLost`` follows."""
        self._wire.close()


class _NotYetError(Exception):
    """The app does not answer yet; ``error`` is what to say when time is up."""

    def __init__(self, error: LinkError, *, busy: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.busy = busy


def _greet(kind: type[Link], phone: Connectable, deadline: float, cancel: CancelToken) -> Link:
    """Try once to connect and to read up to the ``Hello``."""
    try:
        left = max(0.05, deadline - time.monotonic())
        connection = phone.open_abstract(protocol.SOCKET_NAME, left, cancel)
    except PhoneError as error:
        if error.what != NOTHING_LISTENS.what:
            raise
        raise _NotYetError(_no_app(error.detail)) from error
    try:
        with cancel.closing(lambda: hang_up(connection)):
            decoder = protocol.Decoder()
            hello, early = _read_hello(connection, decoder, deadline)
        return kind(connection, decoder, hello, early)
    except OSError as error:
        connection.close()
        raise _NotYetError(_no_app(str(error))) from error
    except BaseException:
        connection.close()
        raise


def _read_hello(
    connection: socket.socket, decoder: protocol.Decoder, deadline: float
) -> tuple[Hello, list[Message]]:
    connection.settimeout(max(0.05, deadline - time.monotonic()))
    connection.sendall(protocol.PREAMBLE)
    messages: list[Message] = []
    while not messages:
        connection.settimeout(max(0.05, deadline - time.monotonic()))
        data = connection.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionResetError("it closed before its first message")
        messages += decoder.feed(data)
    first = messages[0]
    if isinstance(first, Bye):
        raise _farewell(first)
    if not isinstance(first, Hello):
        raise broken("its first message is not HELLO")
    return first, messages[1:]


def _farewell(bye: Bye) -> Exception:
    if bye.code == "busy":
        error = LinkError(
            "Another lab is connected to the app on this phone.",
            "Close the other lab, or its connection to this phone, and try again.",
            detail=bye.text,
        )
        return _NotYetError(error, busy=True)
    return LinkError(f"The phone app refused the link: {bye.text}", detail=bye.code)


def _no_app(detail: str) -> LinkError:
    return LinkError(
        NO_APP,
        "Deploy a variant to install and start it, or open it on the phone.",
        detail=detail,
    )
