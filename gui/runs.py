"""Measures what runs on the phone, changes how it runs, and keeps and exports the runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.jobs import CancelToken, Ended, Outcome, Progress, Report
from gui.job_table import PHONE_JOBS
from gui.work import write_record

if TYPE_CHECKING:
    from engine.records.values import Deployment, RunRecord
    from gui.controller import Controller


class Runs(QObject):
    """One run at a time, as the job ``measure``."""

    started = Signal()
    progressed = Signal(Progress)
    ended = Signal(Ended)  # result: RunRecord
    deployment_known = Signal(object)  # Deployment: what this lab last put on the phone
    change_refused = Signal(str)  # why the app runs on as it did

    def __init__(self, controller: "Controller") -> None:
        """Work on the controller's session."""
        super().__init__(controller)
        self._controller = controller
        self.last: RunRecord | None = None

    def measure(self, seconds: float) -> None:
        """Measure what runs on the phone for so long, and keep it."""
        controller = self._controller
        session = controller.session
        if session is None or controller.jobs.busy(*PHONE_JOBS):
            return

        def work(report: Report, cancel: CancelToken) -> "RunRecord":
            from engine.measuring.run import MeasureOptions, measure

            options, records = MeasureOptions(seconds=seconds), controller.records()
            return measure(session, options, database=records, report=report, cancel=cancel)

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self.last = ended.result
            self.ended.emit(ended)
            controller.let_go()

        self.started.emit()
        controller.jobs.run("measure", work, done, self.progressed.emit)

    def change(self, changes: dict[str, Any]) -> None:
        """Ask the app to run differently: ``source``, ``camera``, ``threads``, ``delegate``.

        What it then really does comes as its state, like every change.
        """
        controller = self._controller
        session = controller.session
        if session is None or controller.jobs.busy("session", *PHONE_JOBS):
            return

        def work(_report: Report, cancel: CancelToken) -> None:
            session.need_link().set(**changes, cancel=cancel)

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.FAILED:
                self.change_refused.emit(ended.message)

        controller.jobs.run("change", work, done)

    def look_up_deployment(self) -> None:
        """Look up what this lab last put on the phone, and how large its APK is."""
        controller = self._controller
        serial = controller.serial

        def work(_report: Report, _cancel: CancelToken) -> "Deployment | None":
            return controller.records().last_deployment(serial)

        def done(ended: Ended) -> None:
            if ended.result is not None:
                self.deployment_known.emit(ended.result)

        controller.jobs.run("deployment", work, done)

    def export(self, path: Path) -> None:
        """Write the last run as ``run.json``."""
        record = self.last
        if record is None:
            return

        def done(ended: Ended) -> None:
            kept = ended.outcome is Outcome.COMPLETED
            self._controller.said.emit(f"Exported to {ended.result}" if kept else ended.message)

        self._controller.jobs.run(
            "export", lambda _report, _cancel: write_record(record, path), done
        )
