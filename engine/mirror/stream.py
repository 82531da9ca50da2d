"""One stream of the mirror: the thread that connects, decodes and reports."""

import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.mirror.connection import ServerConnection
from engine.mirror.frames import FrameSlot, MirrorState, MirrorStatus
from engine.mirror.protocol import (
    DeviceMessageParser,
    MediaPacket,
    SizeChanged,
    StreamStarts,
    VideoEvent,
    VideoParser,
    encode_reset_video,
)
from engine.mirror.server import (
    TAPS_IGNORED,
    StreamOptions,
    complains,
    explain_server,
    load_server,
    taps_are_ignored,
)
from engine.phones.phone import Phone

if TYPE_CHECKING:
    from engine.mirror.decoder import Decoder

logger = logging.getLogger(__name__)

FIRST_PICTURE_S = 8.0
RESET_EVERY_S = 1.0
LEFT_TRIES, LEFT_WAIT_S = 4, 0.08
_READ_BYTES = 1 << 18
_QUEUE_LIMIT = 200  # moves are dropped while so many messages wait


class Sender:
    """Writes to the control socket on a thread of its own, so that nobody waits for it."""

    def __init__(self, connection: socket.socket) -> None:
        """Begin; the thread ends when the socket does or ``close`` is called."""
        self._connection = connection
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mirror input", daemon=True)
        self._thread.start()

    def put(self, data: bytes, *, droppable: bool = False) -> None:
        """Send soon; a droppable message is dropped while the phone does not keep up."""
        if not droppable or self._queue.qsize() < _QUEUE_LIMIT:
            self._queue.put(data)

    def close(self) -> None:
        """End the thread; hang up the connection before, or it may sit in a write."""
        self._queue.put(None)
        self._thread.join(1.0)

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            try:
                self._connection.sendall(data)
            except OSError as error:
                logger.debug("input to the phone ended: %s", error)
                return


class Stream:
    """One stream from its start to its end; a new one is made for each ``Mirror.start``.

    It puts ``CONNECTING`` first, ``LIVE`` with the first picture, and exactly one last
    status: ``PAUSED``, ``STOPPED`` or ``FAILED``.
    """

    def __init__(
        self,
        phone: Phone,
        put: Callable[[MirrorStatus], None],
        slot: FrameSlot,
        *,
        options: StreamOptions,
        server: Path | None,
        target: tuple[int, int],
        before: "Stream | None",
    ) -> None:
        """Prepare; ``start`` begins.

        Args:
            phone: Whose screen.
            put: Gets each status, on this stream's thread.
            slot: Gets each frame.
            options: What is asked of the server.
            server: The user's server file, or None for the bundled one.
            target: Physical pixels to fill.
            before: The stream before this one, which has to be over first.
        """
        self._phone = phone
        self._put = put
        self._slot = slot
        self._options = options
        self._server = server
        self._target = target
        self._before = before
        self._cancel = CancelToken()
        self._lock = threading.Lock()
        self._last: MirrorStatus | None = None
        self._waker, self._wakened = socket.socketpair()
        self._waker.setblocking(False)
        self._decoder: Decoder | None = before.decoder if before is not None else None
        self._sender: Sender | None = None
        self.size = (0, 0)
        self._reset_at = 0.0
        self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)

    @property
    def decoder(self) -> "Decoder | None":
        """The decoder that holds the newest picture, also after the end."""
        return self._decoder

    @property
    def running(self) -> bool:
        """Whether it goes on and nobody asked it to end."""
        return self._thread.is_alive() and not self._cancel.cancelled

    @property
    def live(self) -> bool:
        """Whether a picture came and it still goes on."""
        return self.running and self.size != (0, 0)

    def start(self) -> None:
        """Begin on a thread of its own."""
        self._thread.start()

    def end(self, state: MirrorState, text: str) -> bool:
        """Ask it to end with this status; False if it is over or was asked before."""
        with self._lock:
            if not self.running:
                return False
            self._last = MirrorStatus(state, text, *self.size)
        self._cancel.cancel()
        return True

    def join(self, timeout_s: float) -> None:
        """Wait for the end, unless called on its own thread."""
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)

    def set_target(self, width: int, height: int) -> None:
        """Say how many physical pixels to fill; a still picture is made anew."""
        self._target = (width, height)
        decoder = self._decoder
        if decoder is not None:
            decoder.set_target(width, height)
        try:
            self._waker.send(b"\0")
        except OSError:  # also when enough wake-ups wait to be heard
            logger.debug("the stream is over, or awake already")

    def send(self, data: bytes, *, droppable: bool = False) -> None:
        """Send a control message; dropped while there is no picture."""
        sender = self._sender
        if sender is not None:
            sender.put(data, droppable=droppable)

    def write_png(self, path: Path) -> None:
        """Write the newest picture; ``LabError`` if there is none."""
        if self._decoder is None:
            raise LabError("There is no picture of the phone's screen yet.")
        self._decoder.write_png(path)

    def _run(self) -> None:
        if self._before is not None:
            self._before.join(5.0)
            self._before = None
        try:
            self._put(MirrorStatus(MirrorState.CONNECTING, "Asking the phone for its screen."))
            end = self._mirror()
        except Cancelled:
            end = MirrorStatus(MirrorState.STOPPED, "The mirror is off.", *self.size)
        except LabError as error:
            logger.info("mirror failed: %s %s", error, error.detail)
            end = MirrorStatus(MirrorState.FAILED, str(error), *self.size)
        except Exception:  # a bug: full trace in the log, the window lives on
            logger.exception("the mirror crashed")
            text = "Something in the mirror broke. The log has the details."
            end = MirrorStatus(MirrorState.FAILED, text, *self.size)
        with self._lock:
            self._waker.close()
            self._wakened.close()
            asked = self._last
            self._cancel.cancel()
        self._put(asked or end)

    def _mirror(self) -> MirrorStatus:
        server = load_server(self._server)
        connection = ServerConnection(self._phone, server, self._options, self._cancel)
        try:
            # while the server starts on the phone: FFmpeg takes a quarter of a second to load
            import engine.mirror.decoder  # noqa: F401

            with self._cancel.closing(connection.hang_up):
                connection.connect()
                self._sender = Sender(connection.control)
                return self._pump(connection, server.major)
        finally:
            connection.hang_up()
            if self._sender is not None:
                self._sender.close()
                self._sender = None
            connection.close()

    def _pump(self, connection: ServerConnection, major_version: int) -> MirrorStatus:
        """Read all sockets until the video ends, and say how it ended."""
        parser, messages = VideoParser(major_version), DeviceMessageParser()
        deadline = time.monotonic() + FIRST_PICTURE_S

        def hear_phone() -> bool:
            data = _receive(connection.control)
            for message in messages.feed(data):
                logger.debug("from the phone: %s", message)
            return data != b""

        def see() -> bool:
            data = _receive(connection.video)
            self._show(parser.feed(data))
            return data != b""

        ears: dict[socket.socket, Callable[[], bool]] = {
            connection.video: see,
            connection.control: hear_phone,
            connection.output.connection: lambda: self._hear_server(connection),
            self._wakened: lambda: self._wakened.recv(4096) != b"",
        }
        with selectors.DefaultSelector() as selector:
            for each, ear in ears.items():
                selector.register(each, selectors.EVENT_READ, ear)
            while connection.video in selector.get_map():
                shown = self.size != (0, 0)
                left = None if shown else max(0.0, deadline - time.monotonic())
                ready = selector.select(left)
                self._cancel.check()
                if not ready and not shown:
                    raise self._no_picture(connection)
                for key, _ in ready:
                    if not key.data():
                        selector.unregister(key.fileobj)
                if shown and self._decoder is not None and self._decoder.stale:
                    self._put_frame(self._decoder)
        self._cancel.check()
        return self._over(connection)

    def _show(self, events: Iterator[VideoEvent]) -> None:
        """Decode all that came, then scale and show only the newest picture of it."""
        fresh = False
        for event in events:
            if isinstance(event, StreamStarts):
                from engine.mirror.decoder import Decoder

                self._decoder = Decoder(event.codec, self._target)
            elif isinstance(event, SizeChanged):
                logger.info("the screen's video is %d x %d", event.width, event.height)
            elif isinstance(event, MediaPacket) and self._decode(event):
                fresh = True
        if fresh and self._decoder is not None:
            self._announce(self._decoder.size)
            self._put_frame(self._decoder)

    def _decode(self, packet: MediaPacket) -> bool:
        assert self._decoder is not None  # noqa: S101 - StreamStarts always comes first
        corrupt = self._decoder.corrupt
        try:
            fresh = self._decoder.decode(packet)
        except LabError as error:
            logger.warning("%s %s", error, error.detail)
            self._ask_key_frame()
            return False
        if self._decoder.corrupt != corrupt:
            self._ask_key_frame()
        return fresh

    def _ask_key_frame(self) -> None:
        now = time.monotonic()
        if now - self._reset_at >= RESET_EVERY_S:
            self._reset_at = now
            self.send(encode_reset_video())

    def _put_frame(self, decoder: "Decoder") -> None:
        frame = decoder.frame()
        if frame is not None:
            self._slot.put(frame)

    def _announce(self, size: tuple[int, int]) -> None:
        """Say ``LIVE`` at the first picture and whenever pictures change their size."""
        before = self.size
        if size == before:
            return
        self.size = size
        turned = before != (0, 0) and (before[0] > before[1]) != (size[0] > size[1])
        text = "The phone's screen turned." if turned else "The phone's screen is live."
        self._put(MirrorStatus(MirrorState.LIVE, text, *size, rotated=turned))

    def _hear_server(self, connection: ServerConnection) -> bool:
        if taps_are_ignored(connection.output.read()) and self.size != (0, 0):
            self._put(MirrorStatus(MirrorState.LIVE, TAPS_IGNORED, *self.size))
        if connection.output.ended and self.size == (0, 0):
            raise explain_server(connection.output.text)
        return not connection.output.ended

    def _no_picture(self, connection: ServerConnection) -> LabError:
        if complains(connection.output.text):
            return explain_server(connection.output.text)
        return LabError(
            "The phone sends no picture of its screen.",
            "Unlock it and switch its screen on; if it stays so, try a smaller picture "
            "(maximum size 1024).",
            detail=connection.output.text,
        )

    def _over(self, connection: ServerConnection) -> MirrorStatus:
        """Say why the video ended though nobody asked for it."""
        self._cancel.check()
        said = connection.output.text
        if self._phone_left():
            text = "The phone left. Plug it in again."
            return MirrorStatus(MirrorState.STOPPED, text, *self.size)
        if complains(said):
            return MirrorStatus(MirrorState.FAILED, str(explain_server(said)), *self.size)
        if self.size == (0, 0):
            raise explain_server(said)
        return MirrorStatus(MirrorState.STOPPED, "The phone's screen stream ended.", *self.size)

    def _phone_left(self) -> bool:
        """Whether the phone is gone; adb closes its sockets a moment before it says so."""
        for _ in range(LEFT_TRIES):
            states = {phone.serial: phone.state for phone in self._phone.adb.phones()}
            if states.get(self._phone.serial) != "device":
                return True
            self._cancel.wait(LEFT_WAIT_S)
        return False


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_READ_BYTES)
    except OSError:
        return b""
