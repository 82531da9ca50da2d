"""The threads of a link: one reads, one writes and pings, and commands wait for answers."""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from queue import Empty, SimpleQueue

from engine.errors import LinkError
from engine.jobs import CancelToken
from engine.link import protocol
from engine.link.fields import broken
from engine.link.messages import (
    Answer,
    AppModel,
    AppState,
    Bye,
    Health,
    Hello,
    LinkEvent,
    LinkLost,
    Message,
)

logger = logging.getLogger(__name__)

PING_S = 1.0
SILENCE_S = 5.0
TICK_S = 0.25
"""How often a thread that waits for the socket looks around."""
KEPT_EVENTS = 4096
"""Most events kept for a listener that has not come yet; older ones are dropped."""
RECEIVE_BYTES = 1 << 17

Put = Callable[[LinkEvent], None]


def hang_up(connection: socket.socket) -> None:
    """Wake whoever reads or writes a socket on another thread."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        logger.debug("the link's socket was closed already")


def _acknowledge(connection: socket.socket) -> None:
    """Have what was received acknowledged at once, where the system can.

    The adb server does not send a small packet while the one before is unacknowledged
    (Nagle's algorithm), and Linux delays that by 40 ms: the last answers came so much later.
    The wish holds for one packet only.
    """
    if connection.family == socket.AF_INET and hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Command:
    """A command on its way; ``answer`` is None until it came."""

    def __init__(self, command_id: int) -> None:
        """Start unanswered."""
        self.id = command_id
        self.answer: Answer | None = None
        self.settled = threading.Event()


class Wire:
    """A greeted connection with its reader and writer threads.

    Attributes:
        state: The newest state that the app told.
        model: The newest model that the app told.
        health: The newest health that the app told.
        error: Why the link was lost; None while it stands or once the lab closed it.
    """

    def __init__(
        self,
        connection: socket.socket,
        decoder: protocol.Decoder,
        hello: Hello,
        early: Sequence[Message],
    ) -> None:
        """Start the threads; ``early`` came together with the ``Hello``."""
        self.state: AppState | None = None
        self.model: AppModel | None = None
        self.health: Health | None = None
        self.error: LinkError | None = None
        self._connection = connection
        self._connection.settimeout(TICK_S)
        self._decoder = decoder
        self._bye: Bye | None = None
        self._ended = threading.Event()
        # delivery: held while listeners are called, so that replay and news keep their order
        self._delivery = threading.RLock()
        self._listeners: list[Put] = []
        self._kept: deque[LinkEvent] | None = deque([hello], maxlen=KEPT_EVENTS)
        # commands: held while ids are given out, so that answers come in the order of ids
        self._commands = threading.Lock()
        self._next_id = 1
        self._pending: deque[Command] = deque()
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._early = tuple(early)
        self._threads = (
            threading.Thread(target=self._read, name="link reader", daemon=True),
            threading.Thread(target=self._write, name="link writer", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def start(self, put: Put) -> None:
        """Add a listener that also gets everything kept so far."""
        with self._delivery:
            kept, self._kept = self._kept or (), None
            for event in kept:
                put(event)
            self._listeners.append(put)

    @contextmanager
    def listening(self, put: Put) -> Iterator[None]:
        """Add a listener while the block runs; it gets the newest state, model and health."""
        with self._delivery:
            for event in (self.state, self.model, self.health):
                if event is not None:
                    put(event)
            if self.error is not None:
                put(LinkLost(self.error))
            self._listeners.append(put)
        try:
            yield
        finally:
            with self._delivery:
                self._listeners.remove(put)

    def submit(self, encode: Callable[[int], bytes]) -> Command:
        """Send what ``encode`` makes of the command's id; does not wait.

        Raises:
            LinkError: The link is lost or closed.
        """
        with self._commands:
            self._check()
            command = Command(self._next_id)
            data = encode(command.id)
            self._next_id = self._next_id % 0xFFFFFFFF + 1
            self._pending.append(command)
            self._outbox.put(data)
        return command

    def wait(self, command: Command, timeout_s: float, cancel: CancelToken | None) -> None:
        """Wait until the app has done what it was asked.

        Raises:
            LinkError: It refused, did not answer in time, or the link is lost or closed.
            Cancelled: The token was cancelled.
        """
        woken = cancel.closing(command.settled.set) if cancel else nullcontext()
        with woken:
            command.settled.wait(timeout_s)
            if cancel is not None:
                cancel.check()
        answer = command.answer
        if answer is None:
            self._check()
            raise LinkError(
                f"The phone app did not answer within {timeout_s:.0f} s.",
                "It may be busy or stuck; deploy again to restart it.",
            )
        if not answer.ok:
            raise LinkError(f"The phone app refused: {answer.text}", detail=answer.code)

    def close(self) -> None:
        """End the conversation and its threads; no ``LinkLost`` follows."""
        self._end(None)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(2.0)
        self._connection.close()

    def _check(self) -> None:
        if self._ended.is_set():
            raise self.error or LinkError("The link to the phone app is closed.")

    def _end(self, error: LinkError | None) -> None:
        """End once: by the lab (None) or by what went wrong."""
        with self._delivery:
            if self._ended.is_set():
                return
            self.error = error
            self._ended.set()
            if error is not None:
                logger.info("link lost: %s %s", error, error.detail)
                self._deliver(LinkLost(error))
        self._outbox.put(None)
        hang_up(self._connection)
        with self._commands:
            for command in self._pending:
                command.settled.set()

    def _deliver(self, event: LinkEvent) -> None:
        if self._kept is not None:
            self._kept.append(event)
        for put in tuple(self._listeners):
            put(event)

    def _read(self) -> None:
        try:
            for message in self._early:
                self._take(message)
            self._early = ()
            while not self._ended.is_set():
                data = self._receive()
                for message in self._decoder.feed(data):
                    self._take(message)
        except LinkError as error:
            self._end(error)
        except OSError as error:
            self._end(self._gone(str(error)))
        except Exception:  # a bug here or in a listener: the lab lives on
            logger.exception("the link's reader crashed")
            self._end(LinkError("The link broke inside the lab. The log has the details."))

    def _receive(self) -> bytes:
        heard = time.monotonic()
        while True:
            try:
                data = self._connection.recv(RECEIVE_BYTES)
            except TimeoutError:
                if self._ended.is_set():
                    return b""
                if time.monotonic() - heard > SILENCE_S:
                    raise LinkError(
                        f"The phone app has said nothing for {SILENCE_S:.0f} s.",
                        "It may be stuck, or the phone asleep; deploy again to restart it.",
                    ) from None
                continue
            if data:
                _acknowledge(self._connection)
                return data
            try:
                self._decoder.finish()
            except LinkError as error:
                raise self._gone(error.what) from error
            raise self._gone("the stream ended")

    def _gone(self, detail: str) -> LinkError:
        if self._bye is not None:
            return LinkError(
                f"The phone app ended the link: {self._bye.text}", detail=self._bye.code
            )
        return LinkError(
            "The link to the phone app was cut.",
            "The app was closed or the cable pulled: check the cable, then connect again.",
            detail=detail,
        )

    def _take(self, message: Message) -> None:
        if isinstance(message, Answer):
            self._settle(message)
            return
        if isinstance(message, Hello):
            raise broken("it said HELLO twice")
        with self._delivery:
            if self._ended.is_set():
                return
            match message:
                case AppState():
                    self.state = message
                case AppModel():
                    self.model = message
                case Health():
                    self.health = message
                case Bye():
                    self._bye = message
            self._deliver(message)

    def _settle(self, answer: Answer) -> None:
        with self._commands:
            if not self._pending or self._pending[0].id != answer.id:
                raise broken(f"it answered command {answer.id} out of turn")
            command = self._pending.popleft()
        command.answer = answer
        command.settled.set()

    def _write(self) -> None:
        ping_due = time.monotonic() + PING_S
        try:
            while not self._ended.is_set():
                if time.monotonic() >= ping_due:
                    self.submit(protocol.encode_ping)
                    ping_due = time.monotonic() + PING_S
                try:
                    data = self._outbox.get(timeout=max(0.0, ping_due - time.monotonic()))
                except Empty:
                    continue
                if data is not None:
                    self._send(data)
        except (LinkError, OSError) as error:
            # the reader tells how it ended: a farewell may still be on its way in
            logger.debug("the link's writer ends: %s", error)

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest and not self._ended.is_set():
            try:
                rest = rest[self._connection.send(rest) :]
            except TimeoutError:
                continue  # the phone takes nothing now; the reader minds the silence
