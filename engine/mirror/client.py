"""The mirror: one phone's screen as frames, and input back to it."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from engine.errors import LabError
from engine.mirror import protocol
from engine.mirror.frames import Frame, FrameSlot, MirrorState, MirrorStatus
from engine.mirror.protocol import Action
from engine.mirror.server import StreamOptions
from engine.mirror.stream import Stream
from engine.phones.phone import Phone

__all__ = ["Frame", "FrameSlot", "Mirror", "MirrorState", "MirrorStatus"]

logger = logging.getLogger(__name__)

STOP_S = 1.0
_ACTIONS = {"down": Action.DOWN, "move": Action.MOVE, "up": Action.UP}


class Mirror:
    """The screen of one phone; any thread may call it, and only ``stop`` waits.

    ``MirrorStatus`` events go to ``events``; pictures go to ``slot``. Input is dropped
    while there is no live picture.
    """

    def __init__(
        self,
        phone: Phone,
        events: "SimpleQueue[Any]",
        *,
        max_size: int = 0,
        max_fps: int = 60,
        server: Path | None = None,
        on_frame: Callable[[], None] | None = None,
    ) -> None:
        """Prepare the mirror; ``start`` begins.

        Args:
            phone: Whose screen.
            events: Gets each ``MirrorStatus``.
            max_size: The longer side of the video in pixels at most; 0 for the screen's own.
            max_fps: Pictures per second at most.
            server: Another server file, its version in its name: ``scrcpy-server-v4.1``.
            on_frame: See ``FrameSlot``: called on the decoding thread.
        """
        self.slot = FrameSlot(on_frame)
        self._phone = phone
        self._events = events
        self._options = StreamOptions(max_size=max_size, max_fps=max_fps)
        self._server = server
        self._target = (0, 0)
        self._lock = threading.Lock()
        self._stream: Stream | None = None

    @property
    def live(self) -> bool:
        """Whether the phone sends its screen now; one that stands still counts."""
        stream = self._stream
        return stream is not None and stream.live

    def start(self) -> None:
        """Begin, or begin again after it stopped, failed or was paused; returns at once."""
        with self._lock:
            before = self._stream
            if before is not None and before.running:
                return
            stream = Stream(
                self._phone,
                self._events.put,
                self.slot,
                options=self._options,
                server=self._server,
                target=self._target,
                before=before,
            )
            self._stream = stream
            stream.start()

    def stop(self) -> None:
        """End within a second; the last picture stays for ``screenshot``."""
        stream = self._end(MirrorState.STOPPED, "The mirror is off.")
        if stream is not None:
            stream.join(STOP_S)

    def pause(self) -> None:
        """End the stream and its cost on the phone, keeping the last frame; returns at once."""
        self._end(MirrorState.PAUSED, "The mirror is paused.")

    def resume(self) -> None:
        """Go on after ``pause``; returns at once."""
        self.start()

    def set_target(self, width: int, height: int) -> None:
        """Say how many physical pixels there are to fill; frames keep the screen's shape.

        A live mirror answers with a frame of the new size even while the screen stands
        still. 0 by 0 asks for the video's own size.
        """
        with self._lock:
            self._target = (max(0, width), max(0, height))
            stream = self._stream
        if stream is not None:
            stream.set_target(*self._target)

    def touch(self, action: str, x: float, y: float) -> None:
        """Touch the screen: ``down``, ``move`` or ``up``.

        Args:
            action: One of the three words.
            x: Fraction 0..1 of the frame's width, from the left; clamped.
            y: Fraction 0..1 of the frame's height, from the top; clamped.
        """
        kind = _ACTIONS[action]
        self._send_at(
            x,
            y,
            lambda px, py, size: protocol.encode_touch(kind, px, py, size),
            droppable=kind is Action.MOVE,
        )

    def scroll(self, x: float, y: float, horizontal: float, vertical: float) -> None:
        """Turn the wheel by notches (right and up positive) at fractions 0..1 of the frame."""
        self._send_at(
            x,
            y,
            lambda px, py, size: protocol.encode_scroll(
                px, py, size, horizontal=horizontal, vertical=vertical
            ),
            droppable=True,
        )

    def key(self, keycode: int, *, down: bool, meta: int = 0, repeat: int = 0) -> None:
        """Press or release a key by Android's key code, meta state and repeat count."""
        action = Action.DOWN if down else Action.UP
        self._send(protocol.encode_key(action, keycode, repeat=repeat, meta=meta))

    def text(self, text: str) -> None:
        """Type text; the phone drops characters that its keyboard layout cannot make."""
        pieces = [text[start : start + 75] for start in range(0, len(text), 75)]
        self._send(b"".join(protocol.encode_text(piece) for piece in pieces))

    def back(self) -> None:
        """Press and release Back; wakes the screen if it is off."""
        presses = (Action.DOWN, Action.UP)
        self._send(b"".join(protocol.encode_back_or_screen_on(action) for action in presses))

    def rotate(self) -> None:
        """Turn the phone's screen."""
        self._send(protocol.encode_rotate())

    def screenshot(self, path: Path) -> None:
        """Write the newest picture at the video's full size as PNG.

        Takes some 100 ms at full size.

        Raises:
            LabError: If there is no picture yet or the file cannot be written.
        """
        with self._lock:
            stream = self._stream
        if stream is None:
            raise LabError("There is no picture of the phone's screen yet.")
        stream.write_png(path)

    def _end(self, state: MirrorState, text: str) -> Stream | None:
        """Ask the stream to end with this status; say it here where there is no stream."""
        with self._lock:
            stream = self._stream
            running = stream is not None and stream.end(state, text)
        if not running and state is MirrorState.STOPPED:
            self._events.put(MirrorStatus(state, text))
        return stream

    def _send(self, data: bytes, *, droppable: bool = False) -> None:
        stream = self._stream
        if stream is not None:
            stream.send(data, droppable=droppable)

    def _send_at(
        self,
        x: float,
        y: float,
        encode: Callable[[int, int, tuple[int, int]], bytes],
        *,
        droppable: bool,
    ) -> None:
        stream = self._stream
        if stream is None:
            return
        width, height = stream.size
        if width and height:
            px = min(width - 1, max(0, int(x * width)))
            py = min(height - 1, max(0, int(y * height)))
            self._send(encode(px, py, (width, height)), droppable=droppable)
