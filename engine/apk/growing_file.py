"""A file that is written front to back and digested while it grows."""

import errno
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import Self

from engine.apk.archive import Readable, fill
from engine.apk.signature_block import DIGEST_CHUNK_BYTES, chunk_digest

DIGEST = "sha256"

_THREADS = min(4, os.cpu_count() or 1)  # more wait for memory, not for the processor
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class GrowingFile:
    """Writes a file in chunks of 1 MiB and has other threads digest them meanwhile.

    A handful of chunks is all it holds in memory. ``OSError`` comes from writing alone.
    For use by one thread, as a context manager that must be left; what was not written by
    then is lost.

    Attributes:
        path: The file.
        position: How many bytes were put into it.
    """

    def __init__(self, path: Path, expected_bytes: int = 0) -> None:
        """Make or empty the file and ask the disk for room, where it knows how.

        A full disk is then noticed at once and not after a gigabyte, and writing costs a
        third less CPU.

        Raises:
            OSError: If the file cannot be written, or there is no such room.
        """
        self.path = path
        self.position = 0
        self._flushed = 0
        self._free: LifoQueue[memoryview] = LifoQueue()  # the last one is still in the cache
        for _ in range(_THREADS + 2):  # two may be held back, and one must be free
            self._free.put(memoryview(bytearray(DIGEST_CHUNK_BYTES)))
        self._chunk = self._free.get()
        self._digests: dict[int, Future[bytes]] = {}
        self._changing = range(0)
        self._held: dict[int, memoryview] = {}
        self._file = path.open("w+b", buffering=0)
        try:
            _reserve(self._file.fileno(), expected_bytes)
        except BaseException:
            self._file.close()
            raise
        self._pool = ThreadPoolExecutor(_THREADS, "digest")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._file.close()

    def write(self, data: bytes | memoryview) -> None:
        """Put ``data`` at the end."""
        rest = memoryview(data)
        while rest:
            space = self._space(len(rest))
            space[:] = rest[: len(space)]
            rest = rest[len(space) :]
            self._grow(len(space))

    def take(self, source: Readable, limit_bytes: int) -> memoryview:
        """Read the next piece of ``source`` to the end, and return it as it lies there.

        It is ``limit_bytes`` long at most and good until the next call.

        Raises:
            EOFError: If ``source`` ends within the piece.
        """
        piece = self._space(limit_bytes)
        fill(source, piece)
        self._grow(len(piece))
        return piece

    def write_changeable(self, data: bytes) -> int:
        """Put ``data`` at the end, to be replaced by ``change``; returns where it is.

        It is less than a chunk, and there is one such piece at a time.
        """
        at = self.position
        self._changing = range(at // DIGEST_CHUNK_BYTES, (at + len(data)) // DIGEST_CHUNK_BYTES + 1)
        self.write(data)
        return at

    def change(self, at: int, data: bytes) -> None:
        """Replace what ``write_changeable`` put there by as many bytes."""
        now, end = self.position // DIGEST_CHUNK_BYTES, at + len(data)
        for number in self._changing:
            start = number * DIGEST_CHUNK_BYTES
            chunk = self._chunk if number == now else self._held.get(number)
            first, last = max(at, start), min(end, start + DIGEST_CHUNK_BYTES)
            if chunk is not None and first < last:
                chunk[first - start : last - start] = data[first - at : last - at]
        self._changing, self._flushed = range(0), -1
        for number, chunk in self._held.items():
            self._write_at(number * DIGEST_CHUNK_BYTES, chunk)
            self._digests[number] = self._pool.submit(self._digest, chunk)
        self._held = {}

    def flush(self) -> None:
        """See to it that all bytes can be read from the file, but those that may yet change."""
        held = self.position % DIGEST_CHUNK_BYTES
        if self._flushed != self.position:
            self._write_at(self.position - held, self._chunk[:held])
            self._flushed = self.position

    def chunk_digests(self, advance: Callable[[int], None]) -> list[bytes]:
        """Return the digests of the chunks, the last of which may be shorter.

        Nothing but ``finish`` may follow.

        Args:
            advance: Told of every piece done, in bytes, on the caller's thread.
        """
        self.flush()
        number, held = divmod(self.position, DIGEST_CHUNK_BYTES)
        if held:
            self._digests[number] = self._pool.submit(self._digest, self._chunk[:held])
        found = []
        for number in sorted(self._digests):
            found.append(self._digests[number].result())
            advance(min(DIGEST_CHUNK_BYTES, self.position - number * DIGEST_CHUNK_BYTES))
        return found

    def finish(self, data: bytes) -> None:
        """Write ``data`` behind all the rest, undigested, and cut off what is behind that."""
        self._write_at(self.position, data)
        self._file.truncate(self.position + len(data))

    def _space(self, limit_bytes: int) -> memoryview:
        """Return where the next bytes go: one at least, ``limit_bytes`` at most."""
        held = self.position % DIGEST_CHUNK_BYTES
        return self._chunk[held : held + limit_bytes]

    def _grow(self, count: int) -> None:
        """Count bytes that are in the chunk by now; have it digested and written when full."""
        self.position += count
        if self.position % DIGEST_CHUNK_BYTES == 0:
            full, number = self._chunk, self.position // DIGEST_CHUNK_BYTES - 1
            if number in self._changing:
                self._held[number] = full  # written and digested once it is known
            else:
                self._digests[number] = self._pool.submit(self._digest, full)
                self._write_at(self.position - len(full), full)
            self._chunk = self._free.get()  # waits for a digest if all are in use

    def _digest(self, chunk: memoryview) -> bytes:
        try:
            return chunk_digest(DIGEST, chunk)
        finally:
            self._free.put(chunk)

    def _write_at(self, at: int, data: bytes | memoryview) -> None:
        rest = memoryview(data)
        self._file.seek(at)
        while rest:
            rest = rest[self._file.write(rest) :]


def _reserve(descriptor: int, size_bytes: int) -> None:
    """Ask the disk for room; raises ``OSError`` if there is none, not if it cannot tell."""
    if size_bytes > 0 and hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, 0, size_bytes)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise
