"""From engine threads to Qt: queues that one timer drains on the GUI thread."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 33
"""30 Hz is enough for eyes; a burst costs one repaint."""

MOST_AT_ONCE = 500
"""Events taken from one queue per tick, so that a flood cannot hold the window."""


class EventBridge(QObject):
    """Hands what engine threads put into queues to slots on the GUI thread.

    Engine threads only ``put``; no widget is touched off the GUI thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Start the timer."""
        super().__init__(parent)
        self._listeners: list[tuple[SimpleQueue[Any], Callable[[Any], object]]] = []
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.drain)
        self._timer.start()

    def listen(self, handler: Callable[[Any], object]) -> "SimpleQueue[Any]":
        """Return a new queue; what is put into it reaches ``handler`` in order."""
        queue: SimpleQueue[Any] = SimpleQueue()
        self._listeners.append((queue, handler))
        return queue

    def forget(self, queue: "SimpleQueue[Any]") -> None:
        """Stop listening to a queue; what is left in it is dropped."""
        self._listeners = [each for each in self._listeners if each[0] is not queue]

    def drain(self) -> None:
        """Hand on what came since the last tick."""
        for queue, handler in tuple(self._listeners):
            for _ in range(MOST_AT_ONCE):
                if all(each[0] is not queue for each in self._listeners):
                    break  # a handler forgot it: what is left in it is stale
                try:
                    event = queue.get_nowait()
                except Empty:
                    break
                handler(event)

    def stop(self) -> None:
        """Hand on nothing more."""
        self._timer.stop()
        self._listeners.clear()
