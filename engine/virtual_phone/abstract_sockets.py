"""The phone's abstract local sockets, by name; nothing of them exists on the host."""

import queue
import threading
from collections.abc import Callable

from engine.virtual_phone.streams import Stream, stream_pair

PEER_UID = 2000
"""The uid of whoever connects through ADB: shell."""

BACKLOG = 16


class Listener:
    """A listening abstract socket; closing it gives its name back."""

    def __init__(self, name: str, forget: Callable[["Listener"], None]) -> None:
        """Use ``AbstractSockets.listen``."""
        self.name = name
        self._forget = forget
        self._lock = threading.Lock()
        self._closed = False
        self._waiting: queue.Queue[Stream | None] = queue.Queue()

    def accept(self, timeout_s: float | None = None) -> Stream:
        """Return the next connection; its peer has uid ``PEER_UID``.

        Raises:
            TimeoutError: If nobody came in time.
            ConnectionAbortedError: If the listener was closed, also from another thread.
        """
        if self._closed:
            raise ConnectionAbortedError(f"@{self.name} is closed")
        try:
            stream = self._waiting.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError(f"nobody connected to @{self.name}") from None
        if stream is None:
            self._waiting.put(None)  # wake the next one who waits, too
            raise ConnectionAbortedError(f"@{self.name} was closed")
        return stream

    def offer(self, stream: Stream) -> None:
        """Queue a connection for ``accept``.

        Raises:
            ConnectionRefusedError: If closed, or if nobody accepts and the backlog is full.
        """
        with self._lock:
            if self._closed or self._waiting.qsize() >= BACKLOG:
                raise ConnectionRefusedError(f"@{self.name} accepts nobody")
            self._waiting.put(stream)

    def close(self) -> None:
        """Stop listening, close what nobody accepted, and wake whoever accepts."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._forget(self)
        while True:
            try:
                stream = self._waiting.get_nowait()
            except queue.Empty:
                break
            if stream is not None:
                stream.close()
        self._waiting.put(None)


class AbstractSockets:
    """All abstract sockets of one phone."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._listeners: dict[str, Listener] = {}

    def listen(self, name: str) -> Listener:
        """Start listening on ``name``.

        Raises:
            OSError: If the name is taken ("Address already in use").
        """
        with self._lock:
            if name in self._listeners:
                raise OSError(f"Address already in use: @{name}")
            listener = self._listeners[name] = Listener(name, self._forget)
        return listener

    def connect(self, name: str) -> Stream:
        """Connect from inside the phone.

        Raises:
            ConnectionRefusedError: If nobody listens.
        """
        ours, theirs = stream_pair()
        self.offer(name, theirs)
        return ours

    def offer(self, name: str, stream: Stream) -> None:
        """Hand an existing stream (one that came through ADB) to whoever listens.

        Raises:
            ConnectionRefusedError: If nobody listens.
        """
        with self._lock:
            listener = self._listeners.get(name)
        if listener is None:
            raise ConnectionRefusedError(f"nobody listens on @{name}")
        listener.offer(stream)

    def names(self) -> tuple[str, ...]:
        """Return the names that somebody listens on, sorted."""
        with self._lock:
            return tuple(sorted(self._listeners))

    def _forget(self, listener: Listener) -> None:
        with self._lock:
            if self._listeners.get(listener.name) is listener:
                del self._listeners[listener.name]
