"""The phone's side of scrcpy's protocol in bytes, dialects 3.x and 4.x (pure).

All integers are big-endian. Facts: DESIGN section 5; lengths of the control messages as
the 3.3 and 4.1 servers read them.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

DEVICE_NAME_BYTES = 64
CODEC_H264 = 0x68323634
STREAM_DISABLED = b"\0\0\0\0"
MAX_TEXT_BYTES = 1 << 18

_VIDEO_META = struct.Struct(">III")
_PACKET = struct.Struct(">QI")
_SESSION = struct.Struct(">III")
_POSITION = struct.Struct(">iiHH")


class ControlError(Exception):
    """The client sent a control message that is not known or makes no sense."""


class Control(IntEnum):
    """Types of control messages; those after ``RESET_VIDEO`` came with 4.x."""

    KEY = 0
    TEXT = 1
    TOUCH = 2
    SCROLL = 3
    BACK_OR_SCREEN_ON = 4
    EXPAND_NOTIFICATIONS = 5
    EXPAND_SETTINGS = 6
    COLLAPSE_PANELS = 7
    GET_CLIPBOARD = 8
    SET_CLIPBOARD = 9
    DISPLAY_POWER = 10
    ROTATE = 11
    UHID_CREATE = 12
    UHID_INPUT = 13
    UHID_DESTROY = 14
    KEYBOARD_SETTINGS = 15
    START_APP = 16
    RESET_VIDEO = 17
    TORCH = 18
    ZOOM_IN = 19
    ZOOM_OUT = 20
    RESIZE_DISPLAY = 21
    SCAN_FILE = 22


@dataclass(frozen=True, slots=True)
class Position:
    """A point in pixels of a video of ``width`` x ``height``."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Key:
    """A key went down or up; ``keycode`` is Android's."""

    down: bool
    keycode: int
    repeat: int = 0
    meta: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """Text was typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A pointer went ``down``, ``up`` or ``move``d (or another Android action: ``other``)."""

    action: str
    pointer: int
    position: Position
    pressure: float
    action_button: int = 0
    buttons: int = 0


@dataclass(frozen=True, slots=True)
class Scroll:
    """The wheel turned; ``horizontal`` and ``vertical`` are notches, -16..16."""

    position: Position
    horizontal: float
    vertical: float
    buttons: int = 0


@dataclass(frozen=True, slots=True)
class BackOrScreenOn:
    """The right mouse button: Back, or wake the screen."""

    down: bool


@dataclass(frozen=True, slots=True)
class GetClipboard:
    """Ask for the clipboard; ``copy_key``: 0 as it is, 1 copy first, 2 cut first."""

    copy_key: int


@dataclass(frozen=True, slots=True)
class SetClipboard:
    """Replace the clipboard; ``sequence`` 0 wants no acknowledgement."""

    sequence: int
    paste: bool
    text: str


@dataclass(frozen=True, slots=True)
class DisplayPower:
    """Turn the phone's own display on or off; the mirror goes on."""

    on: bool


@dataclass(frozen=True, slots=True)
class StartApp:
    """Start an app by package name."""

    name: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A message of which only the kind matters to this phone."""

    kind: Control


ControlMessage = (
    Key
    | Text
    | Touch
    | Scroll
    | BackOrScreenOn
    | GetClipboard
    | SetClipboard
    | DisplayPower
    | StartApp
    | Plain
)

ReadExactly = Callable[[int], bytes]
"""Returns exactly that many bytes or raises ``EOFError``."""


def read_control(read: ReadExactly, major: int) -> ControlMessage:
    """Read one control message.

    Args:
        read: Where the bytes come from.
        major: The dialect, 3 or 4.

    Raises:
        ControlError: If the type is unknown in that dialect, or a length is absurd.
        EOFError: From ``read``, at the end of the stream.
    """
    number = read(1)[0]
    if number > (Control.SCAN_FILE if major >= 4 else Control.RESET_VIDEO):
        raise ControlError(f"unknown control message {number}")
    kind = Control(number)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(read)
    _skip_body(kind, read)
    return Plain(kind)


def _skip_body(kind: Control, read: ReadExactly) -> None:
    if kind is Control.UHID_CREATE:
        read(6)
        read(read(1)[0])
        read(_u16(read))
    elif kind is Control.UHID_INPUT:
        read(2)
        read(_u16(read))
    elif kind is Control.UHID_DESTROY:
        read(2)
    elif kind is Control.TORCH:
        read(1)
    elif kind is Control.RESIZE_DISPLAY:
        read(4)
    elif kind is Control.SCAN_FILE:
        _text(read)


def _u16(read: ReadExactly) -> int:
    return int.from_bytes(read(2), "big")


def _text(read: ReadExactly, length_bytes: int = 4) -> str:
    length = int.from_bytes(read(length_bytes), "big")
    if length > MAX_TEXT_BYTES:
        raise ControlError(f"a text of {length} bytes is over the limit")
    return read(length).decode("utf-8", "replace") if length else ""


def _read_key(read: ReadExactly) -> Key:
    action, keycode, repeat, meta = struct.unpack(">BIII", read(13))
    return Key(action == 0, keycode, repeat, meta)


def _read_touch(read: ReadExactly) -> Touch:
    action, pointer = struct.unpack(">Bq", read(9))
    position = Position(*_POSITION.unpack(read(12)))
    pressure, action_button, buttons = struct.unpack(">HII", read(10))
    name = {0: "down", 1: "up", 2: "move"}.get(action, "other")
    share = 1.0 if pressure == 0xFFFF else pressure / 65536
    return Touch(name, pointer, position, share, action_button, buttons)


def _read_scroll(read: ReadExactly) -> Scroll:
    position = Position(*_POSITION.unpack(read(12)))
    horizontal, vertical, buttons = struct.unpack(">hhI", read(8))
    return Scroll(position, horizontal / 32768 * 16, vertical / 32768 * 16, buttons)


def _read_set_clipboard(read: ReadExactly) -> SetClipboard:
    sequence, paste = struct.unpack(">QB", read(9))
    return SetClipboard(sequence, bool(paste), _text(read))


_READERS: dict[Control, Callable[[ReadExactly], ControlMessage]] = {
    Control.KEY: _read_key,
    Control.TEXT: lambda read: Text(_text(read)),
    Control.TOUCH: _read_touch,
    Control.SCROLL: _read_scroll,
    Control.BACK_OR_SCREEN_ON: lambda read: BackOrScreenOn(read(1)[0] == 0),
    Control.GET_CLIPBOARD: lambda read: GetClipboard(read(1)[0]),
    Control.SET_CLIPBOARD: _read_set_clipboard,
    Control.DISPLAY_POWER: lambda read: DisplayPower(read(1)[0] != 0),
    Control.START_APP: lambda read: StartApp(_text(read, 1)),
}


def device_name(name: str) -> bytes:
    """Return the 64 bytes of the device's name, NUL-padded and NUL-ended."""
    cut = name.encode("utf-8")[: DEVICE_NAME_BYTES - 1].decode("utf-8", "ignore")
    return cut.encode("utf-8").ljust(DEVICE_NAME_BYTES, b"\0")


def video_start(major: int, width: int, height: int) -> bytes:
    """Return what announces the video: the codec and, in 3.x, its size."""
    if major >= 4:
        return CODEC_H264.to_bytes(4, "big")
    return _VIDEO_META.pack(CODEC_H264, width, height)


def session_packet(width: int, height: int) -> bytes:
    """Return the 12 bytes that announce a size in 4.x."""
    return _SESSION.pack(1 << 31, width, height)


def packet_header(major: int, size: int, pts_us: int, *, config: bool, key: bool) -> bytes:
    """Return the 12 bytes before one packet; a config packet has no time."""
    config_bit, key_bit = (62, 61) if major >= 4 else (63, 62)
    if config:
        return _PACKET.pack(1 << config_bit, size)
    time_bits = pts_us & ((1 << key_bit) - 1)
    return _PACKET.pack(time_bits | (int(key) << key_bit), size)


def clipboard_message(text: str) -> bytes:
    """Return the device message that carries the clipboard."""
    data = text.encode("utf-8")[: MAX_TEXT_BYTES - 5].decode("utf-8", "ignore").encode("utf-8")
    return b"\0" + len(data).to_bytes(4, "big") + data


def clipboard_ack(sequence: int) -> bytes:
    """Return the device message that acknowledges ``SetClipboard``."""
    return b"\1" + sequence.to_bytes(8, "big")
