"""What the History view shows, as its jobs hand it over."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.records.comparing import RunComparison
    from engine.records.telling import Line
    from engine.records.values import RunRow

    Column = NDArray[np.float64]


class Listing(NamedTuple):
    """All runs that are there, newest first.

    Attributes:
        rows: The runs.
        tags: Every tag in use.
        series: The title of each series by its number.
        signature: Changes whenever the list would look different.
    """

    rows: "tuple[RunRow, ...]" = ()
    tags: tuple[str, ...] = ()
    series: dict[int, str] = {}  # noqa: RUF012 - never changed
    signature: tuple[object, ...] = ()


class Curve(NamedTuple):
    """The latency of a whole run over its time, reduced to columns.

    Attributes:
        seconds: Shape (n,): the middle of each column, from the run's begin.
        low_ms: Shape (n,): the fastest sample of the column.
        middle_ms: Shape (n,): its median.
        high_ms: Shape (n,): its slowest.
        breaks: Where a gap lies before a column.
        end_s: The run's end.
        top_ms: Where the value axis ends.
        warm_up_s: Until when samples count nowhere; 0 without warm-up.
        slow_s: Since when heat slows the run down; None when it does not.
        median_ms: Of the steady part; None when nothing was counted.
        interval_ms: Its 95 % interval.
        later_ms: Median of the part that heat slowed down; None without one.
    """

    seconds: "Column"
    low_ms: "Column"
    middle_ms: "Column"
    high_ms: "Column"
    breaks: tuple[int, ...]
    end_s: float
    top_ms: float
    warm_up_s: float
    slow_s: float | None
    median_ms: float | None
    interval_ms: tuple[float, float] | None
    later_ms: float | None = None


class Opened(NamedTuple):
    """One run with all that is shown of it.

    Attributes:
        row: Its facts.
        lines: What there is to say, see ``engine.records.telling``.
        flags: Each flag, what it means, and whether it keeps the run from being ranked.
        curve: Its latency over time; None without samples.
    """

    row: "RunRow"
    lines: "tuple[Line, ...]"
    flags: tuple[tuple[str, str, bool], ...]
    curve: Curve | None


class Compared(NamedTuple):
    """Two runs, and how the second compares with the first."""

    first: "RunRow"
    second: "RunRow"
    found: "RunComparison"
