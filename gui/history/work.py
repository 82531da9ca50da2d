"""What the History view's jobs do, on threads of their own: asks ``engine.records``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.jobs import CancelToken, Report
from gui.history.values import Compared, Curve, Listing, Opened

if TYPE_CHECKING:
    from engine.records.database import Database
    from engine.records.exchange import Imported
    from engine.records.values import RunRecord

COLUMNS = 600
REPORTS = (".html", ".pdf")


class Engine:
    """Answers the view's wishes; every method is for a job's thread."""

    def __init__(self, records: "Callable[[], Database]") -> None:
        """Take where the records come from."""
        self._records = records

    def signature(self) -> tuple[object, ...]:
        """Return what changes whenever the list would look different."""
        return self._records().history.signature()

    def read(self) -> Listing:
        """Return all runs, tags and series."""
        database = self._records()
        signature = database.history.signature()
        return Listing(
            rows=database.runs(),
            tags=database.history.tags(),
            series={each.id: each.title for each in database.series.every()},
            signature=signature,
        )

    def fill(self, cancel: CancelToken) -> int:
        """Work out the figures of runs that have none yet; return of how many."""
        return self._records().fill_digests(lambda: cancel.cancelled)

    def find(self, text: str, phone: str, tag: str, series: int | None) -> frozenset[int]:
        """Return the numbers of the runs that match."""
        from engine.records.filtering import RunFilter

        chosen: RunFilter = RunFilter(text=text, phone=phone, tag=tag, series=series)
        return frozenset(self._records().run_ids(chosen))

    def open(self, run_id: int) -> Opened:
        """Return one run with all that is shown of it.

        Raises:
            LabError: It is not there, or damaged.
        """
        from engine.records.telling import EXPLAINED, tell_run

        record = self._records().load(run_id)
        flags = record.row.flags
        named = {str(flag) for flag in flags}
        return Opened(
            row=record.row,
            lines=tuple(line for line in tell_run(record) if line.name not in named),
            flags=tuple((str(flag), EXPLAINED[flag], flag.invalidates) for flag in flags),
            curve=curve_of(record),
        )

    def compare(self, first: int, second: int) -> Compared:
        """Compare two runs.

        Raises:
            LabError: One is not there, or has nothing to compare.
        """
        from engine.records.comparing import compare_runs

        database = self._records()
        found = compare_runs(database, first, second)
        return Compared(database.load(first).row, database.load(second).row, found)

    def delete(self, run_ids: Sequence[int]) -> None:
        """Hide runs.

        Raises:
            LabError: One is still running.
        """
        self._records().history.delete_runs(run_ids)

    def restore(self, run_ids: Sequence[int]) -> None:
        """Show deleted runs again."""
        self._records().history.restore_runs(run_ids)

    def add_tag(self, run_ids: Sequence[int], tag: str) -> None:
        """Mark runs.

        Raises:
            LabError: It cannot be a tag.
        """
        for run_id in run_ids:
            self._records().history.add_tag(run_id, tag)

    def remove_tag(self, run_id: int, tag: str) -> None:
        """Take a mark away."""
        self._records().history.remove_tag(run_id, tag)

    def set_note(self, run_id: int, note: str) -> None:
        """Change a note."""
        self._records().history.set_note(run_id, note)

    def export(
        self, run_ids: Sequence[int], path: Path, report: Report, cancel: CancelToken
    ) -> tuple[Path, ...]:
        """Write runs to a file whose name says the kind; return what was written.

        Raises:
            LabError: The name says no kind, or it cannot be written.
        """
        from engine.records.handing_out import hand_out
        from engine.records.report import ReportOf, write_report

        if path.suffix.lower() in REPORTS:
            one = len(run_ids) == 1
            what = ReportOf.run(run_ids[0]) if one else ReportOf.comparison(run_ids)
            return write_report(what, self._records(), path, report=report, cancel=cancel)
        hand_out(run_ids, path, self._records(), report=report, cancel=cancel)
        return (path,)

    def take_in(self, path: Path, report: Report, cancel: CancelToken) -> "Imported":
        """Take in what another lab exported.

        Raises:
            LabError: It is damaged, or no such file.
        """
        from engine.records.exchange import import_zip

        return import_zip(path, self._records(), report=report, cancel=cancel)


def curve_of(record: "RunRecord", columns: int = COLUMNS) -> Curve | None:
    """Return a run's latency over time in at most so many columns; None without samples."""
    import numpy as np

    samples = record.samples
    if not len(samples):
        return None
    begin_ns = int(samples["captured_ns"][0])
    seconds = (samples["finished_ns"].astype(np.int64) - begin_ns) / 1e9
    latency_ms = samples["infer_ns"] / 1e6
    end_s = max(float(seconds[-1]), 1e-3)
    column = np.minimum(seconds / end_s * columns, columns - 1).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, np.diff(column) > 0])
    ends = np.r_[starts[1:], len(samples)]
    middle = np.array(
        [np.median(latency_ms[low:high]) for low, high in zip(starts, ends, strict=True)]
    )
    high_ms = np.maximum.reduceat(latency_ms, starts)
    gaps = np.diff(seconds, prepend=seconds[0])[starts]
    usual = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.0
    analysis, summary = record.analysis, record.summary
    throttling, later = analysis.throttling, analysis.parts[1:]
    warm_up = analysis.warm_up.count
    return Curve(
        seconds=(seconds[starts] + seconds[ends - 1]) / 2,
        low_ms=np.minimum.reduceat(latency_ms, starts),
        middle_ms=middle,
        high_ms=high_ms,
        breaks=tuple(np.flatnonzero(gaps > max(1.0, 4 * usual)).tolist()),
        end_s=end_s,
        top_ms=_top(middle, high_ms),
        warm_up_s=float(seconds[warm_up - 1]) if warm_up else 0.0,
        slow_s=None if throttling is None else max(0.0, (throttling.at_ns - begin_ns) / 1e9),
        median_ms=summary.median_ms if summary is not None else None,
        interval_ms=summary.interval_ms if summary is not None else None,
        later_ms=later[-1].summary.median_ms if later else None,
    )


def _top(middle_ms: "object", high_ms: "object") -> float:
    """Return the axis' end: most slow samples, not the one that presses all others flat."""
    import numpy as np

    from gui.chart_data import nice_top

    slow = float(np.quantile(np.asarray(high_ms), 0.98))
    usual = float(np.quantile(np.asarray(middle_ms), 0.98))
    return nice_top(max(1.05 * slow, 1.3 * usual))
