"""Connects the right column: what runs now, timed runs and their export."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from engine.jobs import Ended, Outcome
from gui.controller import Controller
from gui.drive import Drive
from gui.file_dialogs import ask_to_save
from gui.live.values import Level, RunMarks, RunView
from gui.live_figures import LiveFigures
from gui.main_window import MainWindow

if TYPE_CHECKING:
    from engine.link.messages import AppModel, AppState, Health, Hello, Result, Samples
    from engine.measuring.presets import RunStatus
    from engine.phones.readings import Reading
    from engine.records.values import Deployment, RunRecord

LIVE = "live, last 30 s"
LOOP = "In a loop nobody reads the answers"
CUT = {
    "cancelled": "stopped after {seconds:.0f} s, kept",
    "link lost": "link lost after {seconds:.0f} s, kept",
    "model changed": "model changed after {seconds:.0f} s, kept",
}
"""How a run that did not complete is told."""


class RightSide(QObject):
    """Hears the app on the phone and the runs. ``changed`` when what can be started did."""

    model_runs = Signal(object)  # AppModel
    measured = Signal(Ended)
    changed = Signal()

    def __init__(self, window: MainWindow, controller: Controller) -> None:
        """Connect the column with the controller."""
        super().__init__(window)
        self.window, self.controller = window, controller
        self.figures = LiveFigures(window.charts, self)
        self.linked = False
        self._why = ""
        self._fed = ("", "")  # source and camera
        self._held: RunRecord | None = None
        self._running: RunMarks | None = None  # of the run that goes on
        self.figures.latency_changed.connect(self._show_latency)
        self.figures.rates_changed.connect(self._show_rates)
        self.figures.recognised.connect(window.recognised.show_answer)
        self.drive = Drive(controller, self)
        self.figures.recognised.connect(self.drive.take_answer)
        self.drive.told.connect(window.recognised.show_score)
        window.digits.live_requested.connect(self.show_live)
        for begun in (controller.deploys.started, controller.deploys.swap_started):
            begun.connect(self._deploy_started)
        for ended in (controller.deploys.ended, controller.deploys.swap_ended):
            ended.connect(self._deploy_ended)
        self._connect_runs()
        runs = controller.runs
        runs.deployment_known.connect(self._show_deployment)
        runs.change_refused.connect(window.run_options.show_refused)
        window.run_options.wished.connect(runs.change)

    def _connect_runs(self) -> None:
        controller, runs, panel = self.controller, self.controller.runs, self.window.run_panel
        panel.measure_requested.connect(runs.measure)
        panel.cost_requested.connect(runs.measure_mirror_cost)
        panel.stop_requested.connect(partial(controller.cancel, "measure"))
        panel.skip_requested.connect(runs.skip_waiting)
        panel.export_requested.connect(self._ask_export)
        panel.plan_changed.connect(self.changed)
        runs.started.connect(self._measure_started)
        runs.progressed.connect(panel.show_progress)
        runs.status_told.connect(panel.show_status)
        runs.begun.connect(self._run_begun)
        runs.status_told.connect(self._mark_run)
        runs.reading_told.connect(self._take_reading)
        runs.ended.connect(self._measure_ended)
        runs.cost_ended.connect(self._cost_ended)
        runs.looked.connect(self._show_run)
        runs.note_told.connect(self.window.banner.show_text)
        runs.reported.connect(self._reported)
        self.window.run_result.report_requested.connect(self._report)

    # what runs now

    def hear(self, event: object) -> None:
        """Take what the app says over the link."""
        handler = getattr(self, f"_hear_{type(event).__name__}", None)
        if handler is not None:
            handler(event)

    def show_linked(self, linked: bool, why: str = "") -> None:
        """Take that the link came or went, and why there is none."""
        before, self.linked = (self.linked, self._why), linked
        self._why = "" if linked else why
        if not linked and before != (False, why):
            self.figures.clear(why)
            self.drive.stop()
            self._fed = ("", "")
            self.window.recognised.show_silent("")
            self.window.run_options.show_offer(None)
            if self._held is None:
                self.window.digits.show_origin("")
                self.window.digits.show_apk(None, None)

    def _hear_Hello(self, hello: "Hello") -> None:
        self.window.run_options.show_offer(hello)

    def _hear_AppModel(self, model: "AppModel") -> None:
        self.figures.take_model(model)
        self.drive.take_model(model)
        self.show_live()
        self.window.digits.show_apk(None, model.size_bytes)
        self.controller.runs.look_up_deployment()
        self.controller.runs.read_note()
        self.model_runs.emit(model)
        self.changed.emit()

    def _hear_AppState(self, state: "AppState") -> None:
        text = state.error.text if state.error is not None else ""
        self.window.status_line.show_said(text)
        self.window.run_options.show_state(state)
        fed = (state.source, state.camera)
        if fed != self._fed:
            self._fed = fed
            self.figures.begin_anew()
            if self.figures.model is not None:
                self.drive.take_model(self.figures.model)
            self.window.recognised.show_silent(LOOP if state.source == "loop" else "")
        if text:
            self.window.charts.latency.clear(text)

    def _hear_Samples(self, samples: "Samples") -> None:
        self.figures.take_samples(samples)

    def _hear_Result(self, result: "Result") -> None:
        self.figures.take_result(result)

    def _hear_Health(self, health: "Health") -> None:
        self.window.phone_card.show_health(
            health.battery_percent, health.battery_c, health.charging
        )
        self.window.charts.add_condition(health.clock_ns, health.battery_c, health.cpu_khz)

    def _show_deployment(self, last: "Deployment") -> None:
        """Show the size of the APK that is installed, if that is known of what runs now."""
        model = self.figures.model
        if model is not None and model.sha256 == last.model_sha256:
            size = last.apk_size_bytes or None
            self.window.digits.show_apk(size, model.size_bytes, swapped=last.swapped)

    def _show_latency(self, median_ms: float | None, half_ms: float | None, count: int) -> None:
        if self._held is None:
            self.window.digits.show_latency(median_ms, half_ms, count)
            self.window.digits.show_origin(LIVE if count else "")

    def _show_rates(self, pipeline_fps: float | None, engine_fps: float | None) -> None:
        if self._held is None:
            self.window.digits.show_fps(pipeline_fps, engine_fps)

    # timed runs

    def show_live(self) -> None:
        """Let go of a run's figures; the digits follow what runs now."""
        self.window.truth.setCurrentWidget(self.window.charts)
        if self._held is None:
            return
        self._held = None
        self._show_latency(None, None, 0)
        self._show_rates(None, None)
        if self.figures.model is not None:
            self.figures.tell()

    def _deploy_started(self, _title: str) -> None:
        self.show_live()
        self.window.run_panel.forget()

    def _deploy_ended(self, ended: Ended) -> None:
        if ended.result is not None:
            self.controller.runs.look_up_deployment()

    def _measure_started(self) -> None:
        self.show_live()
        self.window.run_panel.show_started()
        self.changed.emit()

    def _measure_ended(self, ended: Ended) -> None:
        text = tip = ""
        if ended.outcome is Outcome.COMPLETED:
            text, tip = run_sentence(ended.result), ", ".join(ended.result.row.flags)
            self._hold(ended.result)
            self.window.banner.show_text(ended.result.row.facts.phone_note)
            self.window.run_panel.show_exportable()
        self._running = None
        self.window.run_panel.show_ended(ended, text, tip)
        self.changed.emit()
        self.measured.emit(ended)

    def _cost_ended(self, ended: Ended) -> None:
        """Say what mirroring costs; its runs stay in the records."""
        done = ended.outcome is Outcome.COMPLETED
        text = ended.result.sentence if done else "Stopped; the runs so far are kept"
        self.window.run_panel.show_ended(ended, text, text)
        self.changed.emit()

    def _run_begun(self, begin_ns: int) -> None:
        self._running = RunMarks(begin_ns)
        self.window.charts.show_run(self._running)

    def _mark_run(self, status: "RunStatus") -> None:
        """Draw how far the warm-up reaches by now, and the median with its interval."""
        if self._running is None:
            return
        samples = self.window.charts.since(self._running.begin_ns)
        if samples is None or len(samples) <= status.warm_up or not status.count:
            return
        import numpy as np

        steady_ns = int(samples["finished_ns"][max(0, status.warm_up - 1)])
        median = float(np.median(samples["infer_ns"][status.warm_up :])) / 1e6
        half = median * (status.half_width or 0.0)
        level = Level(steady_ns, None, median, (median - half, median + half))
        known = self._running._replace(steady_ns=steady_ns, levels=(level,))
        self.window.charts.show_run(known)

    def _take_reading(self, reading: "Reading") -> None:
        vitals = reading.vitals
        self.window.charts.add_condition(
            reading.clock_ns, vitals.temperature_c, vitals.cpu_khz, reading.cpu_max_khz
        )

    def _show_run(self, view: RunView) -> None:
        """Show what came of the run in the place of the charts, unless it was let go of."""
        if view.marks is not None:
            self.window.charts.show_run(view.marks)
        if self._held is not None and self._held.row.id == view.run_id:
            self.window.run_result.show_run(view)
            self.window.truth.setCurrentWidget(self.window.run_result)

    def _report(self) -> None:
        view = self.window.run_result.view
        if view is not None:
            self.window.run_result.show_reporting(True)
            self.controller.runs.report(view.run_id)

    def _reported(self, ended: Ended) -> None:
        self.window.run_result.show_reporting(False)
        if ended.outcome is Outcome.COMPLETED:
            path: Path = ended.result
            self.controller.said.emit(f"Report: {path}")
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        elif ended.outcome is Outcome.FAILED:
            self.controller.said.emit(ended.message)

    def _hold(self, record: "RunRecord") -> None:
        """Hold the run's figures in the digits until something else runs, or a click."""
        summary, facts = record.summary, record.row.facts
        if summary is None:
            return
        interval = summary.interval_ms
        half = (interval[1] - interval[0]) / 2 if interval else None
        digits = self.window.digits
        digits.show_latency(summary.median_ms, half, summary.count)
        digits.show_fps(summary.pipeline_fps, summary.engine_fps)
        digits.show_apk(facts.apk_size_bytes, facts.model_size_bytes)
        origin = f"run {record.row.id}, {_seconds(record):.0f} s"
        digits.show_origin(  # the note stays with the figures when the phone has left
            f"{origin}, {facts.phone_note}" if facts.phone_note else origin,
            f"{facts.name} on {facts.phone.get('model', facts.serial)}",
            state="ok" if record.row.valid else "warn",
        )
        self._held = record

    def _ask_export(self) -> None:
        record = self.controller.runs.last
        name = f"run-{record.row.id}.json" if record is not None else "run.json"
        kinds, export = "Run record (*.json)", self.controller.runs.export
        ask_to_save(self.window, "Export the run", name, kinds, export)


def run_sentence(record: "RunRecord") -> str:
    """Return how a run ended and what is most against it; the result shows all flags."""
    row = record.row
    how = CUT.get(str(row.end.value), "kept").format(seconds=_seconds(record))
    flags = sorted(row.flags, key=lambda flag: not flag.invalidates)
    ranked = "" if row.valid else ", not ranked"
    return f"Run {row.id}: {how}{ranked}\n{flags[0] if flags else ''}".strip()


def _seconds(record: "RunRecord") -> float:
    """Return how long the run took, by its own samples."""
    if not len(record.samples):
        return 0.0
    finished = record.samples["finished_ns"]
    return float(int(finished[-1]) - int(finished[0])) / 1e9
