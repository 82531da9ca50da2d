"""ADB's messages: 24 bytes of header, then a payload. Pure: bytes in, values out."""

import struct
from dataclasses import dataclass

VERSION = 0x01000001
"""The protocol version from which payloads carry no checksum."""

MAX_PAYLOAD = 1 << 20
HEADER = struct.Struct("<4sIIIII")

TOKEN, SIGNATURE, PUBLIC_KEY = 1, 2, 3
"""What an ``AUTH`` message carries, in its first argument."""


class BadMessage(ValueError):  # noqa: N818 - reads as what it is
    """The peer does not speak ADB."""


@dataclass(frozen=True, slots=True)
class Header:
    """What announces a payload.

    Attributes:
        command: Four letters: CNXN, AUTH, OPEN, OKAY, WRTE, CLSE.
        arg0: Usually the sender's stream id.
        arg1: Usually the receiver's stream id.
        length: Bytes of payload that follow.
    """

    command: bytes
    arg0: int
    arg1: int
    length: int


def parse_header(data: bytes) -> Header:
    """Read 24 bytes.

    Raises:
        BadMessage: If the magic does not mirror the command, or the payload is too long.
    """
    command, arg0, arg1, length, _checksum, magic = HEADER.unpack(data)
    if magic != int.from_bytes(command, "little") ^ 0xFFFFFFFF:
        raise BadMessage("this is not an ADB message")
    if length > MAX_PAYLOAD:
        raise BadMessage(f"a payload of {length} bytes")
    return Header(command, arg0, arg1, length)


def make_header(
    command: bytes,
    arg0: int,
    arg1: int,
    payload: bytes | memoryview = b"",
    *,
    checked: bool = False,
) -> bytes:
    """Write the header of ``payload``; ``checked`` adds the old checksum."""
    checksum = sum(payload) & 0xFFFFFFFF if checked else 0
    magic = int.from_bytes(command, "little") ^ 0xFFFFFFFF
    return HEADER.pack(command, arg0, arg1, len(payload), checksum, magic)
