"""Connects the QA view: the plan's form and file, the phones, the session and its report."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from engine.jobs import CancelToken, Ended, Outcome, Progress, Report
from gui.controller import Controller
from gui.file_dialogs import ask_for_folder, ask_to_open, ask_to_save
from gui.job_table import PHONE_JOBS
from gui.main_window import MainWindow
from gui.qa.course import Course
from gui.qa.values import FIRST_PLAN, PhoneChoice, SessionShown
from gui.qa.view import EDITOR, SESSION
from gui.qa.work import Asked, Begun, Checked, Engine, OpenedPlan, Seen

if TYPE_CHECKING:
    from engine.measuring.plan import Plan
    from engine.phones.discovery import PhoneEntry

TYPING_MS = 250
"""How long after the last key a plan is checked."""
PLANS = "QA plans (*.toml)"
OPENING = "The phone is still being opened"
BUSY = "Wait for what is done with the phone to end"


class QaSide(QObject):
    """Turns the view's wishes into jobs and shows what they say."""

    changed = Signal()  # a session began or ended
    checked = Signal()  # the plan's form was judged
    ended = Signal(Ended)  # result: SessionShown

    def __init__(
        self, window: MainWindow, controller: Controller, engine: Engine | None = None
    ) -> None:
        """Connect the view with the controller.

        Args:
            window: Whose view.
            controller: Runs the jobs.
            engine: Does the work, on the jobs' threads.
        """
        super().__init__(window)
        self.window, self.controller = window, controller
        workers = controller.shelf.workers
        self.engine = engine or Engine(controller.records, controller.wait_for_adb, workers)
        self.view = window.qa_view
        self.course: Course | None = None
        self._path: Path | None = None
        self._phones: tuple[PhoneChoice, ...] = ()
        self._checked: Checked | None = None
        self._gates: dict[str, threading.Event] = {}
        self._report: Path | None = None
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.check)
        self._connect_plan()
        self._connect_session()
        self.view.editor.show_plan(FIRST_PLAN)
        self.view.plan.show_plan(str(FIRST_PLAN["title"]), "")
        self.show_ready()

    @property
    def running(self) -> bool:
        """Whether a session goes on."""
        return self.course is not None

    # the plan

    def _connect_plan(self) -> None:
        view, controller = self.view, self.controller
        editor, plan = view.editor, view.plan
        view.shown.connect(self._come)
        editor.changed.connect(self._edited)
        editor.models.file_requested.connect(self._ask_model)
        editor.pictures_requested.connect(self._ask_pictures)
        editor.baseline_requested.connect(self._ask_baseline)
        editor.manual.picture_requested.connect(self._ask_picture)
        plan.new_requested.connect(self.new_plan)
        plan.open_requested.connect(
            lambda: ask_to_open(self.window, "Open a QA plan", PLANS, self.open_plan)
        )
        plan.save_requested.connect(self._ask_save)
        plan.phones_changed.connect(self.show_ready)
        plan.phone_requested.connect(self.window.empty_state.virtual_phone_requested)
        plan.start_requested.connect(self.start)
        controller.phones_changed.connect(self._take_phones)
        for signal in (controller.session_opened, controller.session_opening):
            signal.connect(lambda _serial: self._show_phones())
        controller.session_closed.connect(lambda _serial, _why: self._show_phones())
        controller.runs.started.connect(self.show_ready)
        controller.runs.ended.connect(lambda _ended: self.show_ready())

    def _come(self) -> None:
        """Look what there is, now that somebody looks."""
        self._read_sessions()
        self.check()
        self._run("qa models", self.engine.models, self.view.editor.models.show_names)

    def _edited(self) -> None:
        self._checked = None
        self.view.plan.show_plan(self.view.editor.title.text(), self._file_words(saved=False))
        self.show_ready()
        self._typing.start()

    def check(self) -> None:
        """Judge what the form says; ``checked`` tells that it is shown."""
        self._typing.stop()
        values, folder = self.view.editor.values(), self._folder

        def show(checked: Checked) -> None:
            self._checked = checked
            self.view.editor.show_complaints(checked.complaints)
            self.show_ready()
            self.checked.emit()

        self._run("qa check", lambda: self.engine.check(values, folder), show)

    def new_plan(self) -> None:
        """Begin a plan anew."""
        self._path = None
        self._show_values(dict(FIRST_PLAN))

    def open_plan(self, path: Path) -> None:
        """Read a plan's file."""
        self._run("qa file", lambda: self.engine.open_plan(path), self._take_plan)

    def save_plan(self, path: Path) -> None:
        """Write the plan's file."""
        plan = self._checked.plan if self._checked else None
        if plan is not None:
            self._run("qa file", lambda: self.engine.save_plan(plan, path), self._take_plan)

    def _take_plan(self, opened: OpenedPlan) -> None:
        self._path = opened.path
        self._show_values(opened.values)

    def _show_values(self, values: dict[str, Any]) -> None:
        self.view.plan.said.say("none", "")
        self.view.editor.show_plan(values)
        self.view.plan.show_plan(str(values.get("title", "")), self._file_words())
        self.view.show_page(EDITOR)
        self.check()

    @property
    def _folder(self) -> Path:
        return self._path.absolute().parent if self._path else Path.home()

    def _file_words(self, *, saved: bool = True) -> str:
        if self._path is None:
            return ""
        return f"{self._path.name}{'' if saved else ', changed'}"

    def _named(self, path: Path) -> str:
        """Return a file as the plan names it: from its own folder where it lies in it."""
        inside = path.is_relative_to(self._folder)
        return path.relative_to(self._folder).as_posix() if inside else str(path)

    def _ask_save(self) -> None:
        if self._checked is None or self._checked.plan is None:
            self.view.plan.said.say("fail", "The plan has faults.", "Mend them, then save it.")
            return
        name = str(self._path) if self._path else "plan.toml"
        ask_to_save(self.window, "Save the QA plan", name, PLANS, self.save_plan)

    def _ask_model(self) -> None:
        kinds = "TensorFlow Lite (*.tflite)"
        add = self.view.editor.models.add
        ask_to_open(self.window, "Choose a model", kinds, lambda path: add(self._named(path)))

    def _ask_pictures(self) -> None:
        field = self.view.editor.fields["pictures"]
        ask_for_folder(self.window, "Choose pictures", partial(self._show_file, field))

    def _ask_baseline(self) -> None:
        field, kinds = self.view.editor.fields["baseline"], "Sessions of a lab (*.zip)"
        ask_to_open(self.window, "Choose a baseline", kinds, partial(self._show_file, field))

    def _show_file(self, field: Any, path: Path) -> None:
        field.show_text(self._named(path))
        self.view.editor.changed.emit()

    def _ask_picture(self) -> None:
        show, kinds = self.view.editor.manual.show_picture, "Pictures (*.png *.jpg *.jpeg)"
        ask_to_open(self.window, "Choose a picture", kinds, lambda path: show(self._named(path)))

    # the phones

    def _take_phones(self, entries: "tuple[PhoneEntry, ...]") -> None:
        self._phones = tuple(
            PhoneChoice(each.serial, each.model) for each in entries if each.state.value == "ready"
        )
        self._show_phones()

    def _show_phones(self) -> None:
        self.view.plan.show_phones(self._phones, self.controller.serial)
        self.show_ready()

    def show_ready(self) -> None:
        """Say whether a session can start, and why not."""
        ready, why = self._why_not()
        self.view.plan.show_ready(ready, why)
        self.view.plan.show_locked(self.running)

    def _why_not(self) -> tuple[bool, str]:
        """Return whether a session can start, and why not or how long it takes."""
        checked, chosen, jobs = self._checked, self.view.plan.chosen(), self.controller.jobs
        if checked is None:
            return False, "Reading the plan"
        if checked.plan is None:
            faults = len(checked.complaints)
            return False, f"{faults} fault{'s' * (faults != 1)} in the plan: mend what is marked"
        reasons = (
            ("A session goes on", self.running),
            ("Choose a phone", not chosen),
            (BUSY, jobs.busy(*PHONE_JOBS)),
            (OPENING, jobs.busy("session") and self.controller.serial in chosen),
        )
        for why, true in reasons:
            if true:
                return False, why
        return True, f"About {_span(checked.seconds)} on each phone{_looked_at(checked.plan)}"

    # the session

    def _connect_session(self) -> None:
        page = self.view.page
        page.cancel_requested.connect(self._cancel)
        page.resume_requested.connect(self.resume)
        page.report_requested.connect(self._ask_report)
        page.open_requested.connect(self._open_report)
        page.edit_requested.connect(lambda: self.view.show_page(EDITOR))
        page.skip_requested.connect(lambda serial: self._gates[serial].set())
        page.question.answered.connect(self._answer)
        self.view.sessions.list.chosen.connect(self.show_session)

    def start(self) -> None:
        """Begin a session with the plan as it stands; ``ended`` tells the end."""
        ready, _why = self._why_not()
        if not ready or self._checked is None or self._checked.plan is None:
            self.show_ready()
            return
        self._go(self._checked.plan, self.view.plan.chosen(), None)

    def resume(self, series_id: int) -> None:
        """Go on with a session: its own plan, on those of its phones that are here."""
        if self.running or self.controller.jobs.busy(*PHONE_JOBS):
            self.view.page.said.say("warn", f"{BUSY}.")
            return

        def go(found: "tuple[Plan, tuple[str, ...]]") -> None:
            plan, all_of_it = found
            here = {each.serial for each in self._phones}
            serials = tuple(each for each in all_of_it if each in here)
            if not serials:
                advice = f"Connect {', '.join(all_of_it)}."
                self.view.page.said.say("warn", "No phone of this session is here.", advice)
                return
            self._go(plan, serials, series_id)

        self._run("qa resume", lambda: self.engine.plan_of_session(series_id), go)

    def _go(self, plan: "Plan", serials: tuple[str, ...], series_id: int | None) -> None:
        controller = self.controller
        connected = controller.session if controller.serial in serials else None
        names = {each.serial: each.name for each in self._phones}
        self.course = course = Course(plan, serials, names)
        course.series_id = series_id or 0
        self._gates = gates = {serial: threading.Event() for serial in serials}
        queue = controller.jobs.listen(self._hear)

        def work(report: Report, cancel: CancelToken) -> SessionShown:
            return self.engine.run(
                serials=serials,
                connected=connected,
                plan=plan if series_id is None else None,
                series_id=series_id,
                tell=queue.put,
                skip_gates=gates,
                report=report,
                cancel=cancel,
            )

        controller.jobs.run("qa", work, self._session_ended, self._progressed)
        self.view.show_page(SESSION)
        self._show_course()
        self.show_ready()
        self.changed.emit()

    def _progressed(self, progress: Progress) -> None:
        if self.course is None:
            return
        self.course.share = progress.fraction or 0.0 if progress.step == "qa" else 0.0
        words = {"models": "Preparing models", "accuracy": "Judging pictures"}
        told = words.get(progress.step, "")
        self._show_course(f"{told}: {progress.detail}" if told else "")

    def _hear(self, event: object) -> None:
        """Take what the phones tell."""
        course = self.course
        if course is None:
            return
        if isinstance(event, Begun):
            course.series_id = event.series_id
            self._read_sessions()
        elif isinstance(event, Asked):
            course.take_question(event)
        elif isinstance(event, Seen):
            if course.take_screen(event):
                self.view.page.question.show_screen(event.screen)
            return
        elif hasattr(event, "number"):
            course.take_step(event)
        elif hasattr(event, "fraction"):
            course.take_phone(event)
        self._show_course()

    def _show_course(self, left: str = "") -> None:
        course = self.course
        if course is not None:
            self.view.page.show_session(course.shown(), course.share, left)
            self.view.page.question.show_question(course.question())

    def _answer(self, key: str, comment: str) -> None:
        asked = self.course.answered() if self.course else None
        if asked is not None:
            self.engine.answer(asked, key, comment)
            self._show_course()

    def _cancel(self) -> None:
        self.controller.cancel("qa")
        self.view.page.show_cancelling()

    def _session_ended(self, ended: Ended) -> None:
        self.course = None
        if ended.outcome is Outcome.COMPLETED:
            self.view.page.show_session(ended.result)
            self.view.sessions.list.show_chosen(ended.result.series_id)
            if self.view.isVisible():  # the answers, which had the keyboard, are gone
                self.view.page.report_button.setFocus()
        else:
            self.view.page.show_session(SessionShown(0, "", ()))
            self.view.show_page(EDITOR)
            if ended.outcome is Outcome.FAILED:
                self.view.plan.said.say_failed(ended)
        self._read_sessions()
        self._show_phones()
        self.changed.emit()
        self.ended.emit(ended)
        self.controller.let_go()

    # the past

    def _read_sessions(self) -> None:
        self._run("qa sessions", self.engine.sessions, self.view.sessions.show_sessions)

    def show_session(self, series_id: int) -> None:
        """Show a session of the past; the one that goes on stays in front."""
        course = self.course
        if course is not None:
            self.view.sessions.list.show_chosen(course.series_id)
            return

        def show(shown: SessionShown) -> None:
            self.view.page.show_session(shown)
            self.view.show_page(SESSION)

        self._run("qa session", lambda: self.engine.session(series_id), show)

    def _ask_report(self, series_id: int) -> None:
        write = partial(self.write_report, series_id)
        ask_for_folder(self.window, "Choose a folder for the report", write)

    def write_report(self, series_id: int, folder: Path) -> None:
        """Write a session's report into a folder."""

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self._report = ended.result
                self.view.page.show_report(ended.result.name)
            elif ended.outcome is Outcome.FAILED:
                self.view.page.said.say_failed(ended)

        self.view.page.said.say("busy", "Writing the report")
        self.controller.jobs.run(
            "qa report",
            lambda report, cancel: self.engine.report(series_id, folder, report, cancel),
            done,
        )

    def _open_report(self) -> None:
        if self._report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._report)))

    def _run(self, name: str, work: Callable[[], Any], show: Callable[[Any], object]) -> None:
        """Ask the engine and show what it says, or why it cannot."""

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                show(ended.result)
            elif ended.outcome is Outcome.FAILED:
                self.view.plan.said.say_failed(ended)

        self.controller.jobs.run(name, lambda _report, _cancel: work(), done)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(seconds, 1):.0f} s"


def _looked_at(plan: "Plan") -> str:
    count = len(plan.manual)
    return f", then {count} manual step{'s' * (count != 1)}" if count else ""
