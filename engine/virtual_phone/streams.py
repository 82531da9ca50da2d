"""Duplex byte streams inside the virtual phone: what sockets are on a real one."""

import threading
from abc import ABC, abstractmethod
from collections import deque
from types import TracebackType
from typing import Self

CAPACITY = 1 << 20
"""Bytes that one direction holds before its writer waits."""


class Stream(ABC):
    """One end of a duplex connection.

    One thread may read while another writes; ``close`` may come from any thread and ends
    both. There is no half-close, as ADB has none.
    """

    @abstractmethod
    def read(self, size: int) -> bytes:
        """Return 1 to ``size`` bytes, waiting for the first; ``b""`` at the end.

        Raises:
            TimeoutError: If nothing came within the timeout.
        """

    @abstractmethod
    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Hand over all of ``data``, waiting for room.

        Raises:
            BrokenPipeError: If either side has closed.
            TimeoutError: If there was no room within the timeout.
        """

    @abstractmethod
    def close(self) -> None:
        """End both directions; what the peer has not read yet it may still read."""

    @abstractmethod
    def settimeout(self, seconds: float | None) -> None:
        """Limit each later wait of ``read`` and ``write``; None waits for ever."""

    def read_exactly(self, size: int) -> bytes:
        """Return exactly ``size`` bytes.

        Raises:
            EOFError: If the stream ends before.
            TimeoutError: If one wait took longer than the timeout.
        """
        parts: list[bytes] = []
        missing = size
        while missing:
            part = self.read(missing)
            if not part:
                raise EOFError(f"the stream ended {missing} bytes early")
            parts.append(part)
            missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


class Pipe:
    """One direction: a bounded queue of bytes between two threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Start empty and open."""
        self._capacity = capacity
        self._changed = threading.Condition()
        self._chunks: deque[memoryview] = deque()
        self._held = 0
        self._ended = False  # the writer is done: the reader drains what is left
        self._broken = False  # the reader is gone: writing fails

    @property
    def held(self) -> int:
        """How many bytes wait to be read."""
        return self._held

    @property
    def full(self) -> bool:
        """Whether a writer would have to wait."""
        return self._held >= self._capacity

    def get(self, size: int, timeout_s: float | None) -> bytes:
        """Take 1 to ``size`` bytes; ``b""`` at the end."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: self._held or self._ended or self._broken, timeout_s
            ):
                raise TimeoutError("nothing to read in time")
            if self._broken or not self._held or size <= 0:
                return b""
            taken: list[memoryview] = []
            while size and self._chunks:
                chunk = self._chunks.popleft()
                if len(chunk) > size:
                    self._chunks.appendleft(chunk[size:])
                    chunk = chunk[:size]
                taken.append(chunk)
                size -= len(chunk)
                self._held -= len(chunk)
            self._changed.notify_all()
        return b"".join(taken)

    def put(
        self,
        data: bytes | bytearray | memoryview,
        timeout_s: float | None,
        *,
        wait: bool = True,
    ) -> None:
        """Add a copy of ``data``; with ``wait`` in pieces as room appears, else at once."""
        rest = memoryview(bytes(data))
        with self._changed:
            while True:
                if wait and not self._changed.wait_for(
                    lambda: self._held < self._capacity or self._ended or self._broken, timeout_s
                ):
                    raise TimeoutError("no room to write in time")
                if self._ended or self._broken:
                    raise BrokenPipeError("the stream is closed")
                piece = rest[: self._capacity - self._held] if wait else rest
                if piece:
                    self._chunks.append(piece)
                    self._held += len(piece)
                    self._changed.notify_all()
                rest = rest[len(piece) :]
                if not rest:
                    return

    def end(self) -> None:
        """Say that no more will be written."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Say that no more will be read, and drop what is held."""
        with self._changed:
            self._broken = True
            self._chunks.clear()
            self._held = 0
            self._changed.notify_all()


class PipeStream(Stream):
    """A stream between two threads of this process; see ``stream_pair``."""

    def __init__(self, incoming: Pipe, outgoing: Pipe) -> None:
        """Read from one pipe and write to the other."""
        self._incoming = incoming
        self._outgoing = outgoing
        self._timeout_s: float | None = None

    def read(self, size: int) -> bytes:
        """See ``Stream.read``."""
        return self._incoming.get(size, self._timeout_s)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See ``Stream.write``."""
        self._outgoing.put(data, self._timeout_s)

    def close(self) -> None:
        """See ``Stream.close``."""
        self._outgoing.end()
        self._incoming.abandon()

    def settimeout(self, seconds: float | None) -> None:
        """See ``Stream.settimeout``."""
        self._timeout_s = seconds


def stream_pair(capacity: int = CAPACITY) -> tuple[PipeStream, PipeStream]:
    """Return the two ends of one connection; each direction holds ``capacity`` bytes."""
    there, back = Pipe(capacity), Pipe(capacity)
    return PipeStream(back, there), PipeStream(there, back)
