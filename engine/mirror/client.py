"""The mirror: starts the screen server on the phone, shows its pictures, sends input."""

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from engine.mirror.frames import Frame, FrameSlot, MirrorState, MirrorStatus
from engine.phones.phone import Phone

__all__ = ["Frame", "FrameSlot", "Mirror", "MirrorState", "MirrorStatus"]


class Mirror:
    """The screen of one phone; any thread may call it, and nothing blocks over a second.

    ``MirrorStatus`` events go to ``events``; pictures go to ``slot``.
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

    def start(self) -> None:
        """Begin, or begin again after it stopped or failed; returns at once."""
        raise NotImplementedError

    def stop(self) -> None:
        """End within a second; the last frame stays for ``screenshot``."""
        raise NotImplementedError

    def pause(self) -> None:
        """End the stream and its cost on the phone, keeping the last frame; returns at once."""
        raise NotImplementedError

    def resume(self) -> None:
        """Go on after ``pause``; returns at once."""
        raise NotImplementedError

    def set_target(self, width: int, height: int) -> None:
        """Say how many physical pixels there are to fill; frames keep the screen's shape."""
        raise NotImplementedError

    def touch(self, action: str, x: float, y: float) -> None:
        """``down``, ``move`` or ``up`` at fractions 0..1 of the frame."""
        raise NotImplementedError

    def scroll(self, x: float, y: float, horizontal: float, vertical: float) -> None:
        """Turn the wheel by notches at fractions 0..1 of the frame."""
        raise NotImplementedError

    def key(self, keycode: int, *, down: bool) -> None:
        """Press or release an Android key code."""
        raise NotImplementedError

    def text(self, text: str) -> None:
        """Type text."""
        raise NotImplementedError

    def back(self) -> None:
        """Press and release Back; wakes the screen if it is off."""
        raise NotImplementedError

    def rotate(self) -> None:
        """Turn the phone's screen."""
        raise NotImplementedError

    def screenshot(self, path: Path) -> None:
        """Write the newest picture at the video's full size as PNG; ``LabError`` if none."""
        raise NotImplementedError

    @property
    def mirror_fps(self) -> float:
        """Pictures decoded per second, over the last second; never the model's FPS."""
        raise NotImplementedError
