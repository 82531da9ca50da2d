"""Small pictures, read on a thread of their own: the newest wish first."""

import threading
from collections import OrderedDict
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from engine.errors import LabError

SIDE = 192
"""Pixels of a thumbnail: twice what is shown, for dense screens."""
KEPT = 400
TICK_MS = 33
AT_ONCE = 8
"""Thumbnails taken per tick: each becomes a pixmap on the window's thread."""


class Small(NamedTuple):
    """A thumbnail that was read; no image where the file could not be."""

    path: Path
    image: QImage | None


class Thumbnails(QObject):
    """Hands out thumbnails and reads those that are missing; lives on the GUI thread."""

    arrived = Signal(Path)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without any; the thread starts with the first wish."""
        super().__init__(parent)
        self._read: SimpleQueue[Small] = SimpleQueue()
        self._timer = QTimer(self, interval=TICK_MS)  # runs only while something is awaited
        self._timer.timeout.connect(self._take)
        self._kept: OrderedDict[Path, QPixmap | None] = OrderedDict()
        self._wanted: OrderedDict[Path, None] = OrderedDict()
        self._lock = threading.Condition()
        self._thread: threading.Thread | None = None
        self._begun: set[Path] = set()  # being read, or read and not yet taken
        self._over = False

    def get(self, path: Path) -> QPixmap | None:
        """Return a thumbnail; None if it is not there yet, and it is asked for."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        with self._lock:
            if path not in self._begun:
                self._wanted[path] = None
                self._wanted.move_to_end(path)
                self._lock.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._read_all, name="thumbs", daemon=True)
            self._thread.start()
        if not self._timer.isActive():
            self._timer.start()
        return None

    def forget_wishes(self) -> None:
        """Read nothing more of what was asked for: other pictures are shown now."""
        with self._lock:
            self._wanted.clear()

    def stop(self) -> None:
        """End the thread."""
        with self._lock:
            self._over = True
            self._lock.notify()

    def _take(self) -> None:
        for _ in range(AT_ONCE):
            try:
                path, image = self._read.get_nowait()
            except Empty:
                break
            self._kept[path] = None if image is None else QPixmap.fromImage(image)
            with self._lock:
                self._begun.discard(path)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self.arrived.emit(path)
        with self._lock:
            if not self._wanted and not self._begun:
                self._timer.stop()

    def _read_all(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._over or self._wanted)
                if self._over:
                    return
                path, _ = self._wanted.popitem(last=True)
                self._begun.add(path)
            self._read.put(Small(path, read_small(path)))


def read_small(path: Path) -> QImage | None:
    """Return the middle square of a picture, ``SIDE`` pixels wide; None if it is unreadable."""
    import cv2

    from engine.models.pictures import read_picture

    try:
        rgb = read_picture(path)
    except LabError:
        return None
    height, width = rgb.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    small = cv2.resize(
        rgb[top : top + side, left : left + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA
    )
    image = QImage(small.tobytes(), SIDE, SIDE, 3 * SIDE, QImage.Format.Format_RGB888)
    return image.copy()  # owns its pixels
