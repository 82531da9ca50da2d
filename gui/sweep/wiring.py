"""Connects the Sweep page: wishes to the job ``sweep``, and what it says to what is shown."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.errors import LabError
from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.file_dialogs import ask_to_save
from gui.job_table import PHONE_JOBS
from gui.main_window import MainWindow
from gui.sweep.values import AB, Offer, Standing, SweepWish, Unfinished, named
from gui.sweep.view import MANY
from gui.sweep.work import Engine, Task, estimate, task_of

if TYPE_CHECKING:
    from engine.catalog.candidates import Setting
    from engine.session import Session

KINDS = {".html": "HTML (*.html)", ".pdf": "PDF (*.pdf)"}


class SweepSide(QObject):
    """Runs one series at a time. ``changed`` when what can be started did."""

    changed = Signal()
    started = Signal()
    told = Signal(object)  # Standing: after each run
    ended = Signal(Ended)  # result: Standing
    offered = Signal()  # what can be chosen is shown
    compare_wanted = Signal()  # show the scatter

    def __init__(
        self, window: MainWindow, controller: Controller, engine: Engine | None = None
    ) -> None:
        """Connect the page with the controller.

        Args:
            window: Whose page.
            controller: Runs the job, and keeps the session while it does.
            engine: Answers the wishes, on the jobs' threads.
        """
        super().__init__(window)
        self.window, self.controller = window, controller
        self.engine = engine or Engine(controller.records, controller.shelf.workers)
        self.view = view = window.compare_view.sweep
        self._offer = Offer()
        self._asked = object()  # the last question for what can be measured
        self._wanted: tuple[str, ...] = ()  # to be ticked when the list is there
        self._standings = controller.jobs.listen(self._show_standing)
        view.shown.connect(self.refresh)
        controller.shelf.model_opened.connect(lambda _row, _labels: self.refresh())
        view.wish_changed.connect(self._estimate)
        view.start_requested.connect(self.start)
        view.unfinished.resume_requested.connect(self.resume)
        view.unfinished.close_requested.connect(self._close)
        view.standing.cancel_requested.connect(partial(controller.cancel, "sweep"))
        view.standing.report_requested.connect(self._ask_report)
        view.standing.compare_requested.connect(self.compare_wanted)

    @property
    def running(self) -> bool:
        """Whether a series is being measured."""
        return self.controller.jobs.busy("sweep")

    # what can be measured

    def refresh(self) -> None:
        """Ask what can be measured and resumed, unless nobody would see it."""
        if self.view.isVisible() and not self.running:
            self._read()

    def _read(self) -> None:
        opened = [own.facts.path for own in self.controller.shelf.own_models().values()]
        self._asked = asked = object()

        def done(ended: Ended) -> None:
            if self._asked is not asked:
                return  # a later question is under way
            if ended.outcome is Outcome.COMPLETED:
                self._show_offer(ended.result)
            elif ended.outcome is Outcome.FAILED:
                self.view.show_estimate(ended.message, possible=False)

        self._run("sweep offer", partial(self.engine.offer, opened), done)

    def _show_offer(self, offer: Offer) -> None:
        self._offer = offer
        self.view.show_offer(offer)
        self._tick_wanted()
        self._estimate()
        self.offered.emit()

    def tick(self, names: Sequence[str]) -> None:
        """Tick these models alone, now or when the list was read."""
        self.view.mode.choose(MANY)
        self._wanted = tuple(names)
        self._tick_wanted()

    def _tick_wanted(self) -> None:
        """Tick what is wanted once all of it is listed."""
        wanted = self._wanted
        if wanted and {model.name for model in self._offer.models} >= set(wanted):
            self._wanted = ()
            self.view.models.tick(wanted)

    def hear(self, event: object) -> None:
        """Take what the app says over the link: its first message tells what it can."""
        if type(event).__name__ == "Hello" and not self.running:
            self.view.show_hello(event)

    def _estimate(self) -> None:
        if not self.view.isVisible():
            return
        wish = self.view.wish()
        if isinstance(wish, SweepWish) and not wish.models:
            self.view.show_estimate("Tick the models to measure.", possible=False)
            return
        try:
            self.view.show_estimate(estimate(wish, self._offer.models).sentence, possible=True)
        except LabError as error:
            self.view.show_estimate(str(error), possible=False)

    def show_ready(self, ready: bool, why: str) -> None:
        """Say whether the phone can be measured on now, else why not."""
        self.view.show_ready(ready and not self.running, why)

    # a series

    def start(self) -> None:
        """Measure what is chosen."""
        try:
            task = task_of(self.view.wish())
        except LabError as error:
            self.view.show_estimate(str(error), possible=False)
            return
        self.measure(task)

    def measure_models(self, names: Sequence[str], setting: "Setting | None") -> None:
        """Measure these under a setting, where it is of this phone; else as is usual."""
        wish = SweepWish(tuple(names))
        if setting is not None and setting.serial == self.controller.serial:
            how = (setting.threads,), (setting.delegate,), (setting.source,)
            wish = SweepWish(tuple(names), *how)
        self.measure(task_of(wish))

    def resume(self, series: Unfinished) -> None:
        """Go on with a series that was not finished."""
        self.measure(Task(series.kind, series_id=series.series_id), series.sentence)

    def measure(self, task: Task, title: str = "") -> None:
        """Measure a series as the job ``sweep``; ``ended`` tells its end."""
        controller = self.controller
        if controller.wait_for_session(partial(self.measure, task, title)):
            return
        session = controller.session
        if session is None or controller.jobs.busy("session", *PHONE_JOBS):
            return
        controller.jobs.cancel("link", "truth")
        self.view.standing.show_started(title or _title(task))
        self.view.show_locked(True)
        work = partial(self._work, session, task)
        controller.jobs.run("sweep", work, self._done, self.view.standing.show_progress)
        self.started.emit()
        self.changed.emit()

    def _work(
        self, session: "Session", task: Task, report: Report, cancel: CancelToken
    ) -> Standing:
        return self.engine.measure(session, task, self._standings.put, report, cancel)

    def _show_standing(self, standing: Standing) -> None:
        self.view.standing.show_standing(standing)
        self.told.emit(standing)

    def _done(self, ended: Ended) -> None:
        if ended.outcome is Outcome.COMPLETED:
            self._show_standing(ended.result)
        self.view.standing.show_ended(ended)
        self.view.show_locked(False)
        self.controller.shelf.read_sizes()
        self.changed.emit()
        self.ended.emit(ended)
        self.controller.let_go()
        if self.view.isVisible():
            self._read()

    def _close(self, series: Unfinished) -> None:
        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.FAILED:
                self.controller.said.emit(ended.message)
            else:
                words = named(series.kind, series.series_id)
                self.controller.said.emit(f"{words} is closed; its runs are kept.")
            self.refresh()

        self._run("sweep close", partial(self.engine.close, series.series_id), done)

    # its report

    def _ask_report(self, suffix: str) -> None:
        series_id = self.view.standing.series_id
        name = f"series-{series_id}{suffix}"
        ask_to_save(
            self.window, "Write the report", name, KINDS[suffix], partial(self.write, series_id)
        )

    def write(self, series_id: int, path: Path) -> None:
        """Write the report of a series; the file's name says its kind."""

        def work(report: Report, cancel: CancelToken) -> tuple[Path, ...]:
            return self.engine.write_report(series_id, path, report, cancel)

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self.view.standing.say("ok", f"Wrote {path}.")
            elif ended.outcome is Outcome.FAILED:
                self.view.standing.say("fail", ended.message)

        self.view.standing.say("busy", f"Writing {path.name}")
        self.controller.jobs.run("sweep report", work, done)

    def _run(self, name: str, act: Callable[[], Any], done: Callable[[Ended], object]) -> None:
        self.controller.jobs.run(name, lambda _report, _cancel: act(), done)


def _title(task: Task) -> str:
    what = "A/B" if task.kind == AB else "Sweep"
    if task.plan is None:
        return what
    names = list(dict.fromkeys(place.short for place in task.plan.places))
    return f"{what}: {', '.join(names) if len(names) <= 3 else f'{len(names)} models'}"
