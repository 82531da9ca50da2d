"""Measure the variant that runs on a phone, from start to stop, and keep all of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jobs import CancelToken, Report, ignore_progress
from engine.link.messages import SampleArray
from engine.records.database import Database, RunRecord

if TYPE_CHECKING:
    from engine.session import Session


@dataclass(frozen=True, slots=True)
class MeasureOptions:
    """How to measure.

    Attributes:
        seconds: How long, from the first counted sample on.
        pause_mirror: Whether to pause the mirror meanwhile; the record says what was done.
        note: A word of the person's own for the record.
    """

    seconds: float = 10.0
    pause_mirror: bool = True
    note: str = ""


def measure(
    session: "Session",
    options: MeasureOptions,
    *,
    database: Database,
    on_samples: Callable[[SampleArray], None] | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> RunRecord:
    """Measure what runs on the session's phone (steps ``settle``, ``measure``).

    Samples are written as they come, at least every half second, so that whatever ends
    the lab loses no more than that. A cancelled run and a lost link end the run, not the
    call: the record comes back with its ``end`` saying so.

    Args:
        session: An open session whose app is running.
        options: How long and how.
        database: Where the run is kept.
        on_samples: Called on this thread with each batch of samples that counts.
        report: Told how far it is.
        cancel: Ends the run; what was measured is kept.

    Raises:
        LinkError: There is no link, or no sample came at all.
        Cancelled: Cancelled before the run began; nothing was kept.
    """
    raise NotImplementedError
