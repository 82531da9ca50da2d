"""scrcpy's bytes: video stream, control messages, device messages. No sockets here.

Two dialects of the video stream are read, by the server's major version: up to 3 the size
comes once after the codec; from 4 on, a session packet announces each change of size. All
integers are big-endian. Control messages are the same in both.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum

from engine.errors import LabError

NAME_BYTES = 64
HEADER_BYTES = 12
MAX_TEXT_BYTES = 300
MAX_PACKET_BYTES = 64 << 20  # far beyond any picture: a larger length is another protocol

_NO_POINTER = (1 << 64) - 2  # the id scrcpy calls "generic finger"


class Action(IntEnum):
    """What a finger or a key does."""

    DOWN = 0
    UP = 1
    MOVE = 2


class Codec(Enum):
    """How the pictures are packed: the stream's own four bytes and the decoder's name."""

    H264 = (0x68323634, "h264")
    H265 = (0x68323635, "hevc")
    AV1 = (0x00617631, "av1")

    @property
    def decoder(self) -> str:
        """The name that FFmpeg knows."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class StreamStarts:
    """The stream's beginning: which codec, and for which phone."""

    codec: Codec
    name: str


@dataclass(frozen=True, slots=True)
class SizeChanged:
    """The pictures that follow have this size in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MediaPacket:
    """One packet for the decoder.

    Attributes:
        data: Bytes of the codec.
        config: Whether it holds parameters instead of a picture; then ``pts_us`` is 0.
        key: Whether decoding can begin here.
        pts_us: Time of the picture on the phone's clock, microseconds.
    """

    data: bytes
    config: bool
    key: bool
    pts_us: int


VideoEvent = StreamStarts | SizeChanged | MediaPacket


class VideoParser:
    """Turns the video socket's bytes, in pieces of any size, into events."""

    def __init__(self, major_version: int) -> None:
        """Begin before the stream's first byte, behind the dummy byte of a forward tunnel.

        Args:
            major_version: The server's, decides the dialect.
        """
        self._sessions = major_version >= 4
        self._buffer = bytearray()
        self._head_bytes = NAME_BYTES + (4 if self._sessions else 12)
        self._started = False

    def feed(self, data: bytes) -> Iterator[VideoEvent]:
        """Take bytes and yield the events that are complete now.

        Raises:
            LabError: If the bytes cannot be a video stream of this dialect.
        """
        self._buffer += data
        if not self._started:
            if len(self._buffer) < self._head_bytes:
                return
            head = bytes(self._buffer[: self._head_bytes])
            del self._buffer[: self._head_bytes]
            self._started = True
            yield from self._read_start(head)
        while (event := self._next()) is not None:
            yield event

    def _read_start(self, head: bytes) -> Iterator[VideoEvent]:
        name = head[:NAME_BYTES].split(b"\0", 1)[0].decode(errors="replace")
        (codec_id,) = struct.unpack_from(">I", head, NAME_BYTES)
        codec = next((codec for codec in Codec if codec.value[0] == codec_id), None)
        if codec is None:
            raise _broken(f"codec {codec_id:#010x}")
        yield StreamStarts(codec, name)
        if not self._sessions:
            yield SizeChanged(*struct.unpack_from(">II", head, NAME_BYTES + 4))

    def _is_session(self) -> bool:
        return self._sessions and bool(self._buffer[0] & 0x80)

    def _wanted(self) -> int:
        if self._is_session():
            return HEADER_BYTES
        length = int.from_bytes(self._buffer[8:12], "big")
        if length > MAX_PACKET_BYTES:
            raise _broken(f"packet of {length} bytes")
        return HEADER_BYTES + length

    def _next(self) -> VideoEvent | None:
        if len(self._buffer) < HEADER_BYTES or len(self._buffer) < (wanted := self._wanted()):
            return None
        session = self._is_session()
        head = bytes(self._buffer[:HEADER_BYTES])
        data = bytes(self._buffer[HEADER_BYTES:wanted])
        del self._buffer[:wanted]
        if session:
            _, width, height = struct.unpack(">III", head)
            return SizeChanged(width, height)
        (flags,) = struct.unpack_from(">Q", head)
        config_bit = 62 if self._sessions else 63
        config = bool(flags >> config_bit & 1)
        key = bool(flags >> (config_bit - 1) & 1)
        pts = 0 if config else flags & ((1 << (config_bit - 1)) - 1)
        return MediaPacket(data, config, key, pts)


def _broken(what: str) -> LabError:
    return LabError(
        "The screen's stream is not what was expected.",
        "The server file may be of another version than its name says.",
        detail=what,
    )


def encode_key(action: Action, keycode: int, *, repeat: int = 0, meta: int = 0) -> bytes:
    """Press or release a key of Android's ``KeyEvent`` (``AKEYCODE_...``)."""
    return struct.pack(">BBIII", 0, action, keycode, repeat, meta)


def encode_text(text: str) -> bytes:
    """Type text, cut to 300 bytes without splitting a character."""
    data = text.encode()[:MAX_TEXT_BYTES].decode(errors="ignore").encode()
    return struct.pack(">BI", 1, len(data)) + data


def encode_touch(
    action: Action, x: int, y: int, size: tuple[int, int], *, pointer: int = _NO_POINTER
) -> bytes:
    """Touch the screen at a pixel of the video.

    Args:
        action: Down, up or move.
        x: Pixels from the left, 0 to width - 1.
        y: Pixels from the top, 0 to height - 1.
        size: Width and height of the video; the server drops touches for another size.
        pointer: Which finger.
    """
    pressure = 0 if action is Action.UP else 0xFFFF
    position = struct.pack(">iiHH", x, y, *size)
    return struct.pack(">BBQ", 2, action, pointer) + position + struct.pack(">HII", pressure, 0, 0)


def encode_scroll(
    x: int, y: int, size: tuple[int, int], *, horizontal: float, vertical: float
) -> bytes:
    """Turn the wheel over a pixel; 1.0 is one notch, positive is right and up."""
    steps = [
        max(-32768, min(32767, round(notches / 16 * 32768))) for notches in (horizontal, vertical)
    ]
    return struct.pack(">BiiHHhhI", 3, x, y, *size, *steps, 0)


def encode_back_or_screen_on(action: Action) -> bytes:
    """Go back, or switch the screen on if it is off."""
    return struct.pack(">BB", 4, action)


def encode_rotate() -> bytes:
    """Turn the screen."""
    return b"\x0b"


def encode_reset_video() -> bytes:
    """Ask for a fresh key frame."""
    return b"\x11"


@dataclass(frozen=True, slots=True)
class Clipboard:
    """The phone's clipboard changed or was asked for."""

    text: str


@dataclass(frozen=True, slots=True)
class ClipboardSet:
    """The phone's clipboard holds what was sent with this sequence."""

    sequence: int


@dataclass(frozen=True, slots=True)
class UhidOutput:
    """Something for a simulated input device."""

    device: int
    data: bytes


DeviceMessage = Clipboard | ClipboardSet | UhidOutput


class DeviceMessageParser:
    """Turns the control socket's bytes, in pieces of any size, into messages."""

    def __init__(self) -> None:
        """Begin before the first byte."""
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[DeviceMessage]:
        """Take bytes and yield the messages that are complete now.

        Raises:
            LabError: If a message has an unknown type: its length is not known either.
        """
        self._buffer += data
        while (message := self._next()) is not None:
            yield message

    def _take(self, count: int) -> bytes | None:
        if len(self._buffer) < count:
            return None
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _next(self) -> DeviceMessage | None:
        if not self._buffer:
            return None
        kind = self._buffer[0]
        if kind == 1:
            body = self._take(9)
            return None if body is None else ClipboardSet(int.from_bytes(body[1:], "big"))
        if kind not in (0, 2):
            raise _broken(f"device message {kind}")
        head = 5
        length = int.from_bytes(self._buffer[1 if kind == 0 else 3 : head], "big")
        if len(self._buffer) < head or (body := self._take(head + length)) is None:
            return None
        if kind == 0:
            return Clipboard(body[head:].decode(errors="replace"))
        return UhidOutput(int.from_bytes(body[1:3], "big"), body[head:])
