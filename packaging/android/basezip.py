"""Writes a zip whose bytes depend on nothing but its entries."""

import struct
import zlib
from collections.abc import Mapping

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_DOS_DATE = (0 << 9) | (1 << 5) | 1  # 1 January 1980: the zip format knows no earlier day
_VERSION = 10
_UTF8 = 1 << 11

PAGE = 16384
"""Android 15 and later may have pages of 16 KB; libraries are mapped straight from the APK."""


def alignment(name: str) -> int:
    """Say where an entry's data may begin: libraries on a page, the rest on a word."""
    return PAGE if name.endswith(".so") else 4


def write_zip(entries: Mapping[str, bytes]) -> bytes:
    """Store the entries in the order of their names, aligned, without times or modes.

    Nothing is compressed: another zlib would compress to other bytes, Android maps stored
    entries instead of copying them, and the lab compresses nothing again when it adds a model.
    """
    body = bytearray()
    directory = bytearray()
    for name in sorted(entries):
        data = entries[name]
        encoded = name.encode()
        flags = 0 if name.isascii() else _UTF8
        crc = zlib.crc32(data)
        offset = len(body)
        padding = -(offset + _LOCAL.size + len(encoded)) % alignment(name)
        common = (_VERSION, flags, 0, 0, _DOS_DATE, crc, len(data), len(data), len(encoded))
        body += _LOCAL.pack(0x04034B50, *common, padding) + encoded + bytes(padding) + data
        directory += _CENTRAL.pack(0x02014B50, _VERSION, *common, 0, 0, 0, 0, 0, offset) + encoded
    count = len(entries)
    end = _END.pack(0x06054B50, 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)
