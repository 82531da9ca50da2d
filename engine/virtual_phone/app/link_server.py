"""Serves the link on the phone's side: one lab at a time on the abstract socket."""

import logging
import threading
import time
from collections import deque
from typing import Any, Protocol

from engine.virtual_phone.abstract_sockets import AbstractSockets
from engine.virtual_phone.app.link_messages import (
    HEADER_BYTES,
    MAX_HELD_SAMPLES,
    MAX_PAYLOAD_BYTES,
    PREAMBLE_BYTES,
    Command,
    FromPhone,
    LinkBrokenError,
    LoadBegin,
    LoadChunk,
    LoadEnd,
    Sample,
    Set,
    Unusable,
    answer,
    check_preamble,
    json_message,
    parse_command,
    parse_header,
    preamble,
    samples,
)
from engine.virtual_phone.app.model import LabModel
from engine.virtual_phone.app.refusal import Refused
from engine.virtual_phone.app.upload import Keeper, Load
from engine.virtual_phone.streams import Stream

logger = logging.getLogger(__name__)

SOCKET = "mobilenet_lab"
SILENCE_S = 5.0
HEALTH_S = 1.0
HOLD_S = 0.08
"""How long a sample may wait for company; the protocol allows 100 ms."""
MAX_QUEUED_BYTES = 8 << 20
"""What may wait for a lab that does not read before it counts as lost."""
ROOMY_BYTES = 512 << 10
"""With less than this waiting, results are sent: a slow cable carries fewer large maps."""


class App(Keeper, Protocol):
    """What the link needs of the app; called from the link's threads."""

    def hello(self) -> dict[str, Any]:
        """Return the values of ``HELLO``."""

    def state(self) -> dict[str, Any]:
        """Return the values of ``STATE``."""

    def model(self) -> dict[str, Any] | None:
        """Return the values of ``MODEL``, None if no model is loaded."""

    def health(self) -> dict[str, Any]:
        """Return the values of ``HEALTH``."""

    def set(self, values: dict[str, Any]) -> None:
        """Change settings; all or none. Raises ``Refused``."""

    def load(self, model: LabModel, threads: int | None, delegate: str | None) -> None:
        """Open and run a model, then put it in the place of the old one. Raises ``Refused``."""

    def lab_changed(self) -> None:
        """Hear that a lab came or went."""


class LinkServer:
    """Listens, and talks with one lab. ``publish_...`` may be called from any thread."""

    def __init__(self, sockets: AbstractSockets, app: App, *, silence_s: float = SILENCE_S) -> None:
        """Start to listen.

        Raises:
            OSError: If another app listens on the name.
        """
        self._app = app
        self._silence_s = silence_s
        self._listener = sockets.listen(SOCKET)
        self._lock = threading.Lock()
        self._peer: Peer | None = None
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._spawn("link-accept", self._accept)

    @property
    def linked(self) -> bool:
        """Whether a lab is connected."""
        return self._peer is not None

    @property
    def has_room(self) -> bool:
        """Whether a lab is connected and has read most of what was sent."""
        peer = self._peer
        return peer is not None and peer.queued_bytes < ROOMY_BYTES

    def publish_state(self) -> None:
        """Tell the lab the app's state if that is not what it was told last."""
        with self._lock:
            if self._peer is not None:
                self._peer.send_state(self._app.state())

    def publish_model(self) -> None:
        """Tell the lab which model runs."""
        with self._lock:
            if self._peer is not None:
                self._peer.send(model_message(self._app.model()))

    def publish_sample(self, sample: Sample, result: bytes | None) -> None:
        """Hand over one sample and the framed ``RESULT`` that it refers to, if any."""
        with self._lock:
            if self._peer is not None:
                self._peer.send_sample(sample, result)

    def close(self) -> None:
        """Stop listening and end the conversation at once, as a process that dies does."""
        with self._lock:
            self._closed = True
            peer = self._peer
        self._listener.close()
        if peer is not None:
            peer.close()
        with self._lock:
            threads = self._threads
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()

    def _spawn(self, name: str, work: Any, *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, name=name, daemon=True)
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                stream = self._listener.accept()
            except ConnectionAbortedError:
                return
            try:
                stream.settimeout(self._silence_s)
                stream.write(preamble())
                self._welcome(stream)
            except (OSError, EOFError) as error:
                logger.info("A lab left before it was greeted: %s", error)
                stream.close()

    def _welcome(self, stream: Stream) -> None:
        with self._lock:
            if self._closed:
                stream.close()
                return
            if self._peer is not None:
                text = "Another lab is connected to this phone."
                stream.write(json_message(FromPhone.BYE, {"code": "busy", "text": text}))
                stream.close()
                return
            peer = self._peer = Peer(stream, self._app)
            peer.send(json_message(FromPhone.HELLO, self._app.hello()))
            peer.send_state(self._app.state())
            if self._app.model() is not None:
                peer.send(model_message(self._app.model()))
            self._spawn("link-read", self._talk, peer)
            self._spawn("link-write", peer.write_queued)

    def _talk(self, peer: "Peer") -> None:
        self._app.lab_changed()
        try:
            peer.read_commands()
        except LinkBrokenError as error:
            logger.warning("The lab's bytes are broken: %s", error)
        except TimeoutError:
            logger.info("The lab was silent for %.0f s", self._silence_s)
        except (OSError, EOFError) as error:
            logger.info("The lab left: %s", error)
        finally:
            peer.close()
            with self._lock:
                self._peer = None
            self._app.lab_changed()


class Peer:
    """The conversation with one lab: a reading and a writing thread.

    Attributes:
        queued_bytes: What waits to be written.
    """

    def __init__(self, stream: Stream, app: App) -> None:
        """Take over a stream on which the preamble was sent."""
        self._stream = stream
        self._app = app
        self._changed = threading.Condition()
        self._queue: deque[bytes] = deque()
        self.queued_bytes = 0
        self._samples: list[Sample] = []
        self._samples_due = 0.0
        self._closed = False
        self._load: Load | None = None
        self._state: dict[str, Any] | None = None

    def send(self, data: bytes) -> None:
        """Queue a message behind all samples handed over so far."""
        with self._changed:
            self._flush_samples()
            self._put(data)

    def send_state(self, state: dict[str, Any]) -> None:
        """Queue ``STATE`` unless it says what the last one said; one thread at a time."""
        if state != self._state:
            self._state = state
            self.send(json_message(FromPhone.STATE, state))

    def send_sample(self, sample: Sample, result: bytes | None) -> None:
        """Queue a result at once and its sample with others soon after."""
        with self._changed:
            if result is not None:
                self._put(result)
            if not self._samples:
                self._samples_due = time.monotonic() + HOLD_S
                self._changed.notify_all()
            self._samples.append(sample)
            if len(self._samples) >= MAX_HELD_SAMPLES:
                self._flush_samples()

    def close(self) -> None:
        """End the conversation."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._stream.close()

    def read_commands(self) -> None:
        """Answer commands until the stream ends.

        Raises:
            LinkBrokenError: If the lab breaks the protocol.
            TimeoutError: If it was silent too long.
            EOFError: If it left.
        """
        check_preamble(self._stream.read_exactly(PREAMBLE_BYTES))
        while True:
            kind, length = parse_header(self._stream.read_exactly(HEADER_BYTES))
            payload = self._stream.read_exactly(length) if length else b""
            command = parse_command(kind, payload)
            if command is not None:
                self._answer(command)

    def write_queued(self) -> None:
        """Write what is queued, and ``HEALTH`` each second, until closed."""
        health_due = time.monotonic()
        try:
            while True:
                with self._changed:
                    data = self._wait_for_data(health_due)
                    if self._closed:
                        return
                now = time.monotonic()
                if now >= health_due:
                    data.append(json_message(FromPhone.HEALTH, self._app.health()))
                    health_due = max(health_due + HEALTH_S, now)
                if data:
                    self._stream.write(b"".join(data))
        except OSError as error:  # also TimeoutError: the lab does not read
            logger.info("The lab does not listen any more: %s", error)
            self.close()

    def _wait_for_data(self, health_due: float) -> list[bytes]:
        while not self._closed:
            now = time.monotonic()
            if self._samples and now >= self._samples_due:
                self._flush_samples()
            if self._queue or now >= health_due:
                break
            due = min(health_due, self._samples_due) if self._samples else health_due
            self._changed.wait(due - now)
        data = list(self._queue)
        self._queue.clear()
        self.queued_bytes = 0
        return data

    def _flush_samples(self) -> None:
        if self._samples:
            held, self._samples = self._samples, []
            self._put(samples(held))

    def _put(self, data: bytes) -> None:
        self._queue.append(data)
        self.queued_bytes += len(data)
        if self.queued_bytes > MAX_QUEUED_BYTES:
            self._closed = True
            self._stream.close()
        self._changed.notify_all()

    def _answer(self, command: Command) -> None:
        try:
            self._obey(command)
        except Refused as refusal:
            self.send(answer(command.id, refusal.code, str(refusal)))
        else:
            self.send(answer(command.id))

    def _obey(self, command: Command) -> None:
        if isinstance(command, Unusable):
            self._load = None  # it would have been a LOAD_BEGIN
            raise Refused("bad_value", command.text)
        if isinstance(command, Set):
            self._app.set(command.values)
        elif isinstance(command, LoadBegin):
            self._load = None
            self._load = Load(command, self._app)
        elif isinstance(command, LoadChunk):
            load, self._load = self._load, None  # a bad chunk drops the load
            if load is None:
                raise Refused("bad_state", "No load was begun.")
            load.add(command)
            self._load = load
        elif isinstance(command, LoadEnd):
            load, self._load = self._load, None
            if load is None:
                raise Refused("bad_state", "No load was begun.")
            self._app.load(load.finish(), load.begin.threads, load.begin.delegate)


def model_message(values: dict[str, Any] | None) -> bytes:
    """Frame ``MODEL``; labels that would not fit into one message are left out."""
    values = values or {}
    # Twice escaped would be the worst case; labels of that size are no labels.
    if sum(len(label.encode("utf-8")) + 8 for label in values.get("labels", ())) > (
        MAX_PAYLOAD_BYTES // 2
    ):
        values = values | {"labels": []}
    return json_message(FromPhone.MODEL, values)
