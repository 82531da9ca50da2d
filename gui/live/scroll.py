"""Which 30 seconds the live charts show: what happens now, or a stretch of what was."""

from PySide6.QtCore import QObject, Signal

from gui.chart import AGES, SECONDS

HELD_S = 600.0
"""How far back one can scroll, seconds."""


class Scroll(QObject):
    """The right edge of the time axis on the phone's clock. Knows nothing of samples.

    Attributes:
        edge_ns: Where the axis ends while it stands still; None while it follows the present.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Follow the present."""
        super().__init__(parent)
        self.edge_ns: int | None = None

    @property
    def paused(self) -> bool:
        """Whether the axis stands still."""
        return self.edge_ns is not None

    def pause(self, now_ns: int) -> None:
        """Stand still."""
        if self.edge_ns is None:
            self.edge_ns = now_ns
            self.changed.emit()

    def go_live(self) -> None:
        """Follow the present again."""
        if self.edge_ns is not None:
            self.edge_ns = None
            self.changed.emit()

    def move(self, seconds: float, now_ns: int, oldest_ns: int | None) -> None:
        """Go so many seconds back (or forth, below 0), as far as there is something.

        Args:
            seconds: How far.
            now_ns: The present.
            oldest_ns: What is held reaches back to there; None when nothing is.
        """
        before = now_ns if self.edge_ns is None else self.edge_ns
        held = before if oldest_ns is None else oldest_ns + int(SECONDS * 1e9)
        least = max(held, now_ns - int((HELD_S - SECONDS) * 1e9))
        edge = max(before - int(seconds * 1e9), min(least, before))
        self.edge_ns = min(edge, now_ns)
        self.changed.emit()


def clock_words(edge_s: float) -> tuple[str, ...]:
    """Return the words of an axis that stands still: this computer's time of day.

    Args:
        edge_s: Of the right end, seconds since the epoch.
    """
    from datetime import UTC, datetime

    times = [datetime.fromtimestamp(edge_s - age, UTC).astimezone() for age in AGES]
    return tuple(f"{time:%H:%M:%S}" for time in times)
