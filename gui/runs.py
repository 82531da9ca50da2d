"""Measures what runs on the phone, changes how it runs, and keeps and exports the runs."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.jobs import CancelToken, Ended, Outcome, Progress, Report
from gui.job_table import PHONE_JOBS
from gui.live.plan import RunPlan
from gui.work import write_record

if TYPE_CHECKING:
    from engine.measuring.mirror_cost import MirrorCost
    from engine.records.values import Deployment, RunRecord
    from gui.controller import Controller
    from gui.live.values import RunView


class Runs(QObject):
    """One run at a time, as the job ``measure``; the mirror's cost is a series of such."""

    started = Signal()
    progressed = Signal(Progress)
    begun = Signal(object)  # int: when the first sample was taken, ns of the phone's clock
    status_told = Signal(object)  # RunStatus: how near it is to being enough
    reading_told = Signal(object)  # Reading: heat and clocks
    ended = Signal(Ended)  # result: RunRecord
    cost_ended = Signal(Ended)  # result: MirrorCost
    looked = Signal(object)  # RunView of the last run
    reported = Signal(Ended)  # result: Path of the report
    deployment_known = Signal(object)  # Deployment: what this lab last put on the phone
    note_told = Signal(str)  # what the phone says of itself now
    change_refused = Signal(str)  # why the app runs on as it did

    def __init__(self, controller: "Controller") -> None:
        """Work on the controller's session."""
        super().__init__(controller)
        self._controller = controller
        self._skip = threading.Event()
        self.last: RunRecord | None = None

    def measure(self, plan: RunPlan) -> None:
        """Measure what runs on the phone, and keep it."""
        controller = self._controller
        session = controller.session
        if session is None or controller.jobs.busy(*PHONE_JOBS):
            return
        self._skip = skip = threading.Event()
        told = controller.jobs.listen(lambda event: event[0].emit(event[1]))

        def work(report: Report, cancel: CancelToken) -> "RunRecord":
            from engine.measuring.run import measure
            from gui.live.work import measure_options

            first = [True]

            def hear(samples: Any) -> None:
                if first:
                    first.clear()
                    told.put((self.begun, int(samples["captured_ns"][0])))

            return measure(
                session,
                measure_options(plan, skip),
                database=controller.records(),
                on_samples=hear,
                on_status=lambda status: told.put((self.status_told, status)),
                on_reading=lambda reading: told.put((self.reading_told, reading)),
                report=report,
                cancel=cancel,
            )

        def done(ended: Ended) -> None:
            controller.jobs.forget(told)
            if ended.outcome is Outcome.COMPLETED:
                self.last = ended.result
            self.ended.emit(ended)
            if ended.outcome is Outcome.COMPLETED:
                self._look(ended.result)
            controller.let_go()

        self.started.emit()
        controller.jobs.run("measure", work, done, self.progressed.emit)

    def skip_waiting(self) -> None:
        """Begin a run that waits for the phone to cool down; it is marked."""
        self._skip.set()

    def measure_mirror_cost(self) -> None:
        """Measure in turns with the mirror on and paused, and keep all runs."""
        controller = self._controller
        session = controller.session
        if session is None or controller.jobs.busy(*PHONE_JOBS):
            return

        def work(report: Report, cancel: CancelToken) -> "MirrorCost":
            from engine.measuring.mirror_cost import measure_mirror_cost

            records = controller.records()
            return measure_mirror_cost(session, database=records, report=report, cancel=cancel)

        def done(ended: Ended) -> None:
            self.cost_ended.emit(ended)
            controller.let_go()

        self.started.emit()
        controller.jobs.run("measure", work, done, self.progressed.emit)

    def _look(self, record: "RunRecord") -> None:
        """Bring a run into the shape in which it is shown."""

        def work(_report: Report, _cancel: CancelToken) -> "RunView":
            from gui.live.work import look_at

            return look_at(record)

        def done(ended: Ended) -> None:
            if ended.result is not None:
                self.looked.emit(ended.result)

        self._controller.jobs.run("look at run", work, done)

    def report(self, run_id: int) -> None:
        """Write the report of a run; ``reported`` tells where it is."""
        controller = self._controller

        def work(report: Report, cancel: CancelToken) -> Path:
            from gui.live.work import write_report_of

            return write_report_of(controller.records(), run_id, report, cancel)

        controller.jobs.run("report", work, self.reported.emit)

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

    def read_note(self) -> None:
        """Ask the phone what it says of itself: it may change while the phone is connected."""
        controller = self._controller
        session = controller.session
        if session is None or session.facts is None:
            return

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED and controller.session is session:
                self.note_told.emit(ended.result)

        controller.jobs.run("note", lambda _report, cancel: session.phone.note(cancel), done)

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
