"""Writes zip archives as Android wants them: aligned, reproducible, in one pass.

Android memory-maps what is stored, so native libraries begin at multiples of 16 KB (the
largest page size of Android 15), models at multiples of 16 bytes, and everything else that
is stored at multiples of 4.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from engine.apk.archive import (
    CENTRAL_MAGIC,
    DIRECTORY_RECORD,
    END_MAGIC,
    END_RECORD,
    LOCAL_HEADER,
    LOCAL_MAGIC,
    STORED,
    ArchiveReader,
    Entry,
    Readable,
)
from engine.apk.growing_file import GrowingFile
from engine.errors import LabError

MAX_BYTES = (1 << 31) - 1
"""Android reads offsets into an APK as signed 32-bit numbers in places."""

_UTF8_NAME = 0x800
_DOS_DATE = 0x21  # 1980-01-01, the first day a zip can name; the time is 0
_ALIGNMENT_FIELD = 0xD935  # the extra field of Android's own tools for alignment


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry that is to be written.

    Attributes:
        name: Path inside the archive, with forward slashes.
        method: ``STORED`` or ``DEFLATED``.
        packed_bytes: Length as it will lie in the archive.
    """

    name: str
    method: int
    packed_bytes: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an ``ArchiveWriter`` puts things, before it does.

    Attributes:
        contents_end: Length of all entries with their headers.
        directory_bytes: Length of the directory with the end record.
    """

    contents_end: int
    directory_bytes: int


def lay_out(entries: Iterable[Planned]) -> Layout:
    """Return where these entries, written in this order, come to lie."""
    at = directory = 0
    for entry in entries:
        name = len(entry.name.encode())
        at += LOCAL_HEADER.size + name
        at += len(_padding(at, alignment_of(entry.name, entry.method))) + entry.packed_bytes
        directory += DIRECTORY_RECORD.size + name
    return Layout(at, directory + END_RECORD.size)


class ArchiveWriter:
    """Writes the entries of an archive front to back into an empty file.

    The same calls give the same bytes: every time is 1980-01-01, and nothing of the
    machine is written. Nothing is compressed here, for other versions of zlib compress to
    other bytes; what was packed is copied packed.
    """

    def __init__(self, file: GrowingFile, advance: Callable[[int], None]) -> None:
        """Write to ``file``; ``advance`` is told of every piece of content, in bytes."""
        self._file = file
        self._advance = advance
        self._directory: list[bytes] = []

    def copy(self, source: ArchiveReader, entry: Entry) -> None:
        """Copy an entry as it lies in ``source``, without unpacking it."""
        planned = Planned(entry.name, entry.method, entry.packed_bytes)
        self._file.write(self._begin(planned, entry.crc, entry.size_bytes))
        packed = source.reading_from(entry.data_offset)
        for piece in self._take(packed, entry.packed_bytes):
            self._advance(len(piece))

    def add(self, name: str, data: bytes) -> None:
        """Store ``data``, which is small."""
        self._file.write(self._begin(Planned(name, STORED, len(data)), zlib.crc32(data), len(data)))
        self._file.write(data)
        self._advance(len(data))

    def add_file(self, name: str, source: Readable, size_bytes: int) -> int:
        """Store what comes next in ``source`` and return the offset where it lies now.

        It is read once, in pieces; its checksum goes into the header afterwards.

        Raises:
            EOFError: If ``source`` ends before ``size_bytes``.
        """
        planned, crc = Planned(name, STORED, size_bytes), 0
        header_at = self._file.write_changeable(self._begin(planned, crc, size_bytes))
        data_at = self._file.position
        for piece in self._take(source, size_bytes):
            crc = zlib.crc32(piece, crc)
            self._advance(len(piece))
        header, self._directory[-1] = _encode(planned, header_at, crc, size_bytes)
        self._file.change(header_at, header)
        return data_at

    def directory(self) -> tuple[bytes, bytes]:
        """Return the directory of the entries so far, and the end record if it follows them."""
        directory, count = b"".join(self._directory), len(self._directory)
        end = (END_MAGIC, 0, 0, count, count, len(directory), self._file.position, 0)
        return directory, END_RECORD.pack(*end)

    def _take(self, source: Readable, size_bytes: int) -> Iterator[memoryview]:
        while size_bytes:
            piece = self._file.take(source, size_bytes)
            size_bytes -= len(piece)
            yield piece

    def _begin(self, entry: Planned, crc: int, size: int) -> bytes:
        """Note the directory's record of what comes now, and return its local header."""
        if self._file.position + entry.packed_bytes > MAX_BYTES:
            raise LabError(
                "The APK would be larger than 2 GB, which Android refuses.",
                "Take a smaller model.",
            )
        header, record = _encode(entry, self._file.position, crc, size)
        self._directory.append(record)
        return header


def alignment_of(name: str, method: int) -> int:
    """Return what an entry's content must begin at a multiple of, in bytes.

    A model is a FlatBuffer whose weights want 16 bytes once it is memory-mapped.
    """
    if method != STORED:
        return 1
    if name.endswith(".so"):
        return 16384
    return 16 if name.endswith(".tflite") else 4


def _encode(entry: Planned, at: int, crc: int, size: int) -> tuple[bytes, bytes]:
    """Return the local header of an entry at offset ``at``, and its record in the directory."""
    raw = entry.name.encode()
    flags = 0 if entry.name.isascii() else _UTF8_NAME
    extra = _padding(at + LOCAL_HEADER.size + len(raw), alignment_of(entry.name, entry.method))
    common = (flags, entry.method, 0, _DOS_DATE, crc, entry.packed_bytes, size, len(raw))
    return (
        LOCAL_HEADER.pack(LOCAL_MAGIC, 20, *common, len(extra)) + raw + extra,
        DIRECTORY_RECORD.pack(CENTRAL_MAGIC, 20, 20, *common, 0, 0, 0, 0, 0, at) + raw,
    )


def _padding(at: int, alignment: int) -> bytes:
    """Return the extra field that moves content from offset ``at`` to a multiple."""
    if at % alignment == 0:
        return b""
    zeros = -(at + 6) % alignment
    return struct.pack("<HHH", _ALIGNMENT_FIELD, 2 + zeros, alignment) + bytes(zeros)
