"""What a mirror's client does to the phone: keys, touches, clipboard, rotation."""

import contextlib
import logging
import threading
from collections.abc import Callable

from engine.virtual_phone.handset import Handset, StartRefused
from engine.virtual_phone.scrcpy.messages import (
    BackOrScreenOn,
    Control,
    ControlMessage,
    DisplayPower,
    GetClipboard,
    Key,
    Plain,
    SetClipboard,
    StartApp,
    Text,
    Touch,
    clipboard_ack,
    clipboard_message,
)
from engine.virtual_phone.scrcpy.video_encoder import video_size
from engine.virtual_phone.screen.screen import Screen

logger = logging.getLogger(__name__)


class MirrorInput:
    """Obeys control messages, one after the other, on one thread."""

    def __init__(
        self,
        handset: Handset,
        screen: Screen,
        max_size: int,
        reset: threading.Event,
        output: Callable[[str], object],
    ) -> None:
        """Act on ``screen``; ``max_size`` is what limits the video that touches aim at."""
        self._handset = handset
        self._screen = screen
        self._max_size = max_size
        self._reset = reset
        self._output = output
        self._finger: int | None = None

    def obey(self, message: ControlMessage) -> bytes:
        """Do what the message says; return the device message to answer with, or nothing."""
        match message:
            case Touch():
                self._touch(message)
            case StartApp():
                self._start_app(message.name)
            case Plain():
                self._obey_plain(message.kind)
            case DisplayPower():
                # Only the phone's own panel goes dark, and this phone has none to look at.
                state = "on" if message.on else "off"
                self._output(f"[server] INFO: Device display turned {state}")
            case GetClipboard() | SetClipboard():
                return self._clipboard(message)
            case _:
                self._type(message)
        return b""

    def _type(self, message: ControlMessage) -> None:
        match message:
            case Key(repeat=0):
                self._screen.key(message.keycode, message.down)
            case Text():
                self._screen.text(message.text)
            case BackOrScreenOn():
                self._screen.back_or_wake(message.down)
            case _:
                logger.debug("%s does nothing here", message)

    def _obey_plain(self, kind: Control) -> None:
        if kind is Control.ROTATE:
            self._screen.rotate()
        elif kind is Control.RESET_VIDEO:
            self._reset.set()
        else:
            logger.debug("%s does nothing here", kind.name)

    def _clipboard(self, message: GetClipboard | SetClipboard) -> bytes:
        if isinstance(message, GetClipboard):
            return clipboard_message(self._screen.clipboard)
        self._screen.clipboard = message.text
        return clipboard_ack(message.sequence) if message.sequence else b""

    def _touch(self, touch: Touch) -> None:
        """Scale to the screen; what was aimed at a video of another size is dropped."""
        width, height = self._screen.size
        place = touch.position
        if (place.width, place.height) != video_size(width, height, self._max_size):
            logger.info("A touch for a video of %d x %d was dropped", place.width, place.height)
            return
        if self._finger not in (None, touch.pointer) or touch.action == "other":
            return  # one finger is all that this phone feels
        self._finger = None if touch.action == "up" else touch.pointer
        self._screen.touch(
            touch.action, place.x * width / place.width, place.y * height / place.height
        )

    def _start_app(self, name: str) -> None:
        """Start by package; ``+`` before it ends the running one, ``?`` finds by label."""
        restart, wanted = name.startswith("+"), name.lstrip("+")
        by_label = wanted.startswith("?")
        for package in self._handset.packages.installed():
            label_fits = by_label and package.label.lower().startswith(wanted[1:].lower())
            if (label_fits or package.name == wanted) and package.activities:
                if restart:
                    self._handset.force_stop(package.name)
                with contextlib.suppress(StartRefused):
                    self._handset.start_activity(f"{package.name}/{package.activities[0]}")
                return
        self._output(f"[server] WARN: No app found for {wanted}")
