"""What the mirror hands to whoever shows it: frames, the newest-frame slot, its state."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the phone's screen, ready to paint 1:1.

    Attributes:
        width: Of ``bgra``, in physical pixels of the widget.
        height: Of ``bgra``.
        bgra: Shape (height, width, 4), uint8, C-contiguous, alpha 255; not to be written.
        source_width: Of the video, in its pixels.
        source_height: Of the video.
        pts_us: Time of the picture on the phone's clock, microseconds.
        decoded: How many pictures were decoded before and with this one.
    """

    width: int
    height: int
    bgra: "NDArray[np.uint8]"
    source_width: int
    source_height: int
    pts_us: int
    decoded: int


class FrameSlot:
    """Holds the newest frame; an unread one is replaced. Safe between two threads."""

    def __init__(self, on_frame: Callable[[], None] | None = None) -> None:
        """Begin empty.

        Args:
            on_frame: Called on the putting thread when a frame arrives in an empty slot,
                so at most once until it is taken. Must not block; may emit a queued signal.
        """
        self.on_frame = on_frame
        self._filled = threading.Condition()
        self._frame: Frame | None = None

    def put(self, frame: Frame) -> None:
        """Replace what is there."""
        with self._filled:
            fresh = self._frame is None
            self._frame = frame
            self._filled.notify_all()
        if fresh and self.on_frame is not None:
            self.on_frame()

    def take(self) -> Frame | None:
        """Return the newest frame and empty the slot; None if nothing came since."""
        with self._filled:
            frame, self._frame = self._frame, None
        return frame

    def wait(self, timeout_s: float) -> Frame | None:
        """Take the next frame, waiting for it; None if none came in time."""
        with self._filled:
            self._filled.wait_for(lambda: self._frame is not None, timeout_s)
            frame, self._frame = self._frame, None
        return frame


class MirrorState(Enum):
    """What the mirror is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MirrorStatus:
    """The mirror's state changed, or the picture changed its size.

    A phone whose screen stands still sends no pictures: that is ``LIVE`` all the same.

    Attributes:
        state: What it does now.
        text: A sentence for the person; for ``FAILED`` with what to do.
        width: Of the video in pixels; 0 while unknown.
        height: Of the video in pixels; 0 while unknown.
        rotated: Whether this event says that the picture turned by a quarter.
    """

    state: MirrorState
    text: str
    width: int = 0
    height: int = 0
    rotated: bool = False
