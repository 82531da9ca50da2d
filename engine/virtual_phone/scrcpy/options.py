"""The arguments of scrcpy's server."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.virtual_phone.scrcpy.video_stream import VideoOptions

NEWEST = "4.1"
"""The version this phone names when it cannot serve a client's."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the client asks for."""

    major: int
    scid: int = -1
    tunnel_forward: bool = False
    video: bool = True
    audio: bool = True
    control: bool = True
    max_size: int = 0
    max_fps: float = 0.0
    video_bit_rate: int = 8_000_000
    send_device_meta: bool = True
    send_dummy_byte: bool = True
    send_frame_meta: bool = True
    send_codec_meta: bool = True
    cleanup: bool = True
    power_on: bool = True
    power_off_on_close: bool = False
    listing: str = ""

    @property
    def socket_name(self) -> str:
        """The abstract socket that both sides meet on."""
        return "scrcpy" if self.scid < 0 else f"scrcpy_{self.scid:08x}"

    @property
    def video_options(self) -> VideoOptions:
        """What concerns the video."""
        return VideoOptions(
            major=self.major,
            max_size=self.max_size,
            max_fps=self.max_fps,
            bit_rate=self.video_bit_rate,
            codec_meta=self.send_codec_meta,
            frame_meta=self.send_frame_meta,
        )


def parse_options(argv: Sequence[str]) -> Options:
    """Read the server's arguments: the client's version, then ``key=value``.

    Unknown keys are left alone, as they are about what this phone does not have.

    Raises:
        ValueError: With the server's own sort of text, if the client cannot be served.
    """
    if not argv:
        raise ValueError("Missing client version")
    version = re.fullmatch(r"([34])\.\d+(\.\d+)*", argv[0])
    if version is None:
        raise ValueError(f"The server version ({NEWEST}) does not match the client ({argv[0]})")
    values = _split(argv[1:])
    if values.get("raw_stream") == "true":
        metas = ("send_device_meta", "send_dummy_byte", "send_frame_meta", "send_codec_meta")
        values |= dict.fromkeys(metas, "false")
    found: dict[str, Any] = {
        key: _READERS.get(key, _is_true)(value)
        for key, value in values.items()
        if key in Options.__slots__
    }
    listed = [key for key, value in values.items() if key.startswith("list_") and _is_true(value)]
    found["listing"] = listed[0].removeprefix("list_") if listed else ""
    return Options(**found | {"major": int(version[1])})


def _split(words: Sequence[str]) -> dict[str, str]:
    values = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator:
            raise ValueError(f"Invalid key=value pair: {word}")
        values[key] = value
    return values


def _is_true(value: str) -> bool:
    return value == "true"


_READERS: dict[str, Callable[[str], object]] = {
    "scid": lambda value: int(value, 16),
    "max_size": int,
    "max_fps": float,
    "video_bit_rate": int,
}
