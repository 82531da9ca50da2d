"""One computer's ADB connection: handshake, then many streams over one socket."""

import itertools
import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from engine.virtual_phone.adb.auth import TOKEN_BYTES, BadKey, TrustedKeys, parse_public_key
from engine.virtual_phone.adb.messages import (
    HEADER,
    MAX_PAYLOAD,
    PUBLIC_KEY,
    SIGNATURE,
    TOKEN,
    VERSION,
    BadMessage,
    Header,
    make_header,
    parse_header,
)
from engine.virtual_phone.streams import Pipe, Stream

logger = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 10.0
NOISE = bytes(number * 89 + 23 & 0xFF for number in range(1021))
"""What a garbled stream says instead, over and over."""
UNACKNOWLEDGED_LIMIT = 4 * MAX_PAYLOAD
"""Bytes that a peer may send without waiting for OKAY before it is thrown out."""


@dataclass(frozen=True, slots=True)
class Service:
    """What answers one ``OPEN``.

    Attributes:
        run: Serves the stream. It may outlive ``run`` only if ``hands_over``.
        hands_over: ``run`` passes the stream on and returns at once; it runs on the
            connection's own thread and closes the stream itself if that fails.
    """

    run: Callable[[Stream], None]
    hands_over: bool = False


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the phone just now; each is asked when it matters.

    Attributes:
        seconds_for: How long the cable takes to bring that many bytes.
        silent: Whether the phone answers nothing, not even the handshake.
        garbles: Whether a stream that is opened to this service carries noise.
    """

    seconds_for: Callable[[int], float] = lambda _count: 0.0
    silent: Callable[[], bool] = lambda: False
    garbles: Callable[[bytes], bool] = lambda _service: False


OpenService = Callable[[bytes, "Transport"], Service | None]
"""Finds the service of that name for a connection; None refuses."""


class AdbStream(Stream):
    """One stream of a connection, with one WRTE on its way at a time."""

    def __init__(
        self, transport: "Transport", local_id: int, remote_id: int = 0, *, garbled: bool = False
    ) -> None:
        """Belong to ``transport``; ``remote_id`` 0 means that the peer has not agreed yet.

        What a ``garbled`` stream is given to write leaves the phone as noise of that length.
        """
        self._garbled = garbled
        self._transport = transport
        self.local_id = local_id
        self.remote_id = remote_id
        self._incoming = Pipe()
        self._owes_okay = False
        self._timeout_s: float | None = None
        self._changed = threading.Condition()
        self._may_send = remote_id != 0
        self._closed = False
        self._writing = threading.Lock()

    def read(self, size: int) -> bytes:
        """See ``Stream.read``; tells the peer to go on once there is room."""
        data = self._incoming.get(size, self._timeout_s)
        with self._changed:
            tell = self._owes_okay and not self._incoming.full and not self._closed
            if tell:
                self._owes_okay = False
        if tell:
            self._transport.send(b"OKAY", self.local_id, self.remote_id)
        return data

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See ``Stream.write``; returns once the last piece is on its way."""
        view = memoryview(data)
        if self._garbled:
            view = memoryview((NOISE * (len(view) // len(NOISE) + 1))[: len(view)])
        limit = self._transport.max_payload
        with self._writing:
            for start in range(0, len(view), limit):
                self._wait_until_ready(self._timeout_s)
                self._transport.send(
                    b"WRTE", self.local_id, self.remote_id, view[start : start + limit]
                )

    def close(self) -> None:
        """See ``Stream.close``."""
        self._incoming.abandon()
        self.end(tell_peer=True)

    def settimeout(self, seconds: float | None) -> None:
        """See ``Stream.settimeout``."""
        self._timeout_s = seconds

    def feed(self, payload: bytes) -> None:
        """Take a WRTE from the peer; never blocks."""
        try:
            self._incoming.put(payload, None, wait=False)
        except BrokenPipeError:
            return  # closed here, and the peer's CLSE is still on its way
        with self._changed:
            if self._incoming.held > UNACKNOWLEDGED_LIMIT:
                raise BadMessage("the peer does not wait for OKAY")
            if self._incoming.full:
                self._owes_okay = True
                return
        self._transport.send(b"OKAY", self.local_id, self.remote_id)

    def acknowledge(self, remote_id: int) -> None:
        """Take an OKAY: the next WRTE may go."""
        with self._changed:
            self.remote_id = self.remote_id or remote_id
            self._may_send = True
            self._changed.notify_all()

    def wait_until_open(self, timeout_s: float) -> None:
        """Wait for the peer's answer to our OPEN.

        Raises:
            ConnectionRefusedError: If it refused or did not answer.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._may_send or self._closed, timeout_s)
            opened = self.remote_id != 0
        if not opened:
            self.end(tell_peer=False)
            raise ConnectionRefusedError("the computer refuses the tunnel")

    def end(self, *, tell_peer: bool) -> None:
        """Close without dropping what was received; used when the peer closed."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        self._incoming.end()
        self._transport.forget(self)
        if tell_peer:
            self._transport.send(b"CLSE", self.local_id, self.remote_id)

    def _wait_until_ready(self, timeout_s: float | None) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._may_send or self._closed, timeout_s):
                raise TimeoutError("the computer takes no more")
            if self._closed:
                raise BrokenPipeError("the stream is closed")
            self._may_send = False


class Transport:
    """One computer's connection; ``serve`` runs it on the calling thread."""

    def __init__(
        self,
        connection: socket.socket,
        *,
        banner: bytes,
        keys: TrustedKeys,
        open_service: OpenService,
        faults: Faults | None = None,
    ) -> None:
        """Own ``connection``.

        Args:
            connection: The socket; closed with the transport.
            banner: Sent once the computer is trusted.
            keys: Whom to trust.
            open_service: Finds what the computer opens.
            faults: What is wrong with the phone.
        """
        self._socket = connection
        self._banner = banner
        self._keys = keys
        self._open_service = open_service
        self._faults = faults or Faults()
        self._gone = threading.Event()
        self._sending = threading.Lock()
        self._lock = threading.Lock()
        self._streams: dict[int, AdbStream] = {}
        self._ids = itertools.count(1)
        self._token = b""
        self._trusted = False
        self.max_payload = 4096
        self.on_close: list[Callable[[], None]] = []

    def serve(self) -> None:
        """Speak until the peer goes, misbehaves, or ``close`` is called."""
        try:
            while True:
                header = parse_header(self._receive(HEADER.size))
                payload = self._receive(header.length)
                if payload:
                    self._gone.wait(self._faults.seconds_for(len(payload)))
                if not self._faults.silent():
                    self._handle(header, payload)
        except BadMessage as error:
            logger.warning("an ADB peer is thrown out: %s", error)
        except (OSError, EOFError) as error:
            logger.debug("an ADB peer left: %s", error)
        finally:
            self.close()

    def open(self, service: str) -> Stream:
        """Open a stream to the computer, as ``adb reverse`` needs.

        Raises:
            ConnectionRefusedError: If the computer refuses.
        """
        with self._lock:
            stream = AdbStream(self, next(self._ids))
            self._streams[stream.local_id] = stream
        self.send(b"OPEN", stream.local_id, 0, service.encode() + b"\0")
        stream.wait_until_open(OPEN_TIMEOUT_S)
        return stream

    def close(self) -> None:
        """Drop the connection and end its streams."""
        self._gone.set()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            logger.debug("the ADB socket was closed already")
        self._socket.close()
        self._keys.withdraw(self)
        with self._lock:
            streams = list(self._streams.values())
            callbacks, self.on_close = self.on_close, []
        for stream in streams:
            stream.end(tell_peer=False)
        for callback in callbacks:
            callback()

    def forget(self, stream: AdbStream) -> None:
        """Take a closed stream off the list."""
        with self._lock:
            self._streams.pop(stream.local_id, None)

    def send(
        self,
        command: bytes,
        arg0: int,
        arg1: int,
        payload: bytes | memoryview = b"",
        *,
        checked: bool = False,
    ) -> None:
        """Send one message; a connection that is gone swallows it."""
        header = make_header(command, arg0, arg1, payload, checked=checked)
        try:
            with self._sending:
                if len(payload) <= 4096:
                    self._socket.sendall(header + bytes(payload))
                else:
                    self._socket.sendall(header)
                    self._socket.sendall(payload)
        except OSError as error:
            logger.debug("could not send %s: %s", command, error)

    def _receive(self, size: int) -> bytes:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            count = self._socket.recv_into(view)
            if not count:
                raise EOFError("the peer closed")
            view = view[count:]
        return bytes(data)

    def _handle(self, header: Header, payload: bytes) -> None:
        if header.command == b"CNXN":
            self._greet(header)
        elif header.command == b"AUTH":
            self._authenticate(header, payload)
        elif not self._trusted:
            raise BadMessage(f"{header.command!r} before the handshake")
        elif header.command == b"OPEN":
            self._accept(header.arg0, payload)
        else:
            self._pass_on(header, payload)

    def _greet(self, header: Header) -> None:
        self.max_payload = max(1024, min(MAX_PAYLOAD, header.arg1))
        if self._keys.ask:
            self._trusted = False
            self._challenge()
        else:
            self._welcome()

    def _challenge(self) -> None:
        self._token = os.urandom(TOKEN_BYTES)
        self.send(b"AUTH", TOKEN, 0, self._token, checked=True)

    def _authenticate(self, header: Header, payload: bytes) -> None:
        if header.arg0 == SIGNATURE and self._token:
            if self._keys.knows_signer(self._token, payload):
                self._welcome()
            else:
                self._challenge()  # the computer tries its next key, at last sends one
        elif header.arg0 == PUBLIC_KEY:
            try:
                key = parse_public_key(payload)
            except BadKey as error:
                raise BadMessage(str(error)) from error
            self._keys.present(self, key, self._welcome)

    def _welcome(self) -> None:
        self._trusted = True
        self._token = b""
        self.send(b"CNXN", VERSION, MAX_PAYLOAD, self._banner, checked=True)

    def _accept(self, remote_id: int, payload: bytes) -> None:
        name = payload.removesuffix(b"\0")
        service = self._open_service(name, self) if remote_id else None
        if service is None:
            self.send(b"CLSE", 0, remote_id)
            return
        with self._lock:
            garbled = self._faults.garbles(name)
            stream = AdbStream(self, next(self._ids), remote_id, garbled=garbled)
            self._streams[stream.local_id] = stream
        self.send(b"OKAY", stream.local_id, remote_id)
        if service.hands_over:
            service.run(stream)
            return
        threading.Thread(
            target=_run_service, args=(name, service, stream), name=repr(name)[:40], daemon=True
        ).start()

    def _pass_on(self, header: Header, payload: bytes) -> None:
        with self._lock:
            stream = self._streams.get(header.arg1)
        if stream is None:
            if header.command == b"WRTE":
                self.send(b"CLSE", 0, header.arg0)
        elif header.command == b"OKAY":
            stream.acknowledge(header.arg0)
        elif header.command == b"WRTE":
            stream.feed(payload)
        elif header.command == b"CLSE":
            stream.end(tell_peer=stream.remote_id != 0)


def _run_service(name: bytes, service: Service, stream: AdbStream) -> None:
    try:
        service.run(stream)
    except (EOFError, OSError) as error:
        logger.debug("%r ended early: %s", name, error)
    except Exception:
        logger.exception("the service %r crashed", name)
    finally:
        stream.close()
