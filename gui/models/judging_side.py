"""Connects what is tried on a person's pictures: one model, or two against each other."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.file_dialogs import ask_for_folder, ask_to_save
from gui.main_window import MainWindow
from gui.models.accuracy_page import Tried
from gui.models.difference_page import Compared
from gui.models.lines import Line
from gui.models.work import Engine
from gui.training.work import save_report

NOT_HERE = "Build, fetch or import a model of it first: only what is here can be tried."
NO_CLASSIFIER = "Only a model that names classes can be tried on pictures of known classes."
ONE = "Choose one model."


class JudgingSide(QObject):
    """Evaluates and compares; each result is shown with the model that it is of."""

    judged = Signal(Ended)  # result: Tried or Compared
    saved = Signal(Ended)  # result: Path

    def __init__(self, window: MainWindow, controller: Controller, engine: Engine) -> None:
        """Connect the pages with the controller."""
        super().__init__(window)
        self.window, self.controller, self.engine = window, controller, engine
        self.view = window.models_view
        self._line: Line | None = None
        self._others: dict[str, Line] = {}
        self._tried: dict[str, Tried] = {}
        accuracy, difference = self.view.accuracy, self.view.difference
        accuracy.choose_requested.connect(
            lambda: ask_for_folder(window, "Choose a folder of class folders", self.judge)
        )
        accuracy.folder_dropped.connect(self.judge)
        accuracy.report_requested.connect(self._ask_report)
        difference.choose_requested.connect(
            lambda: ask_for_folder(window, "Choose a folder of class folders", self.compare)
        )
        difference.folder_dropped.connect(self.compare)
        for page in (accuracy, difference):
            page.work.cancel_requested.connect(partial(controller.cancel, "judge"))

    def show_lines(self, lines: Sequence[Line], every: Sequence[Line]) -> None:
        """Take what is chosen; two chosen models are those to compare."""
        here = [line for line in lines if line.kept is not None]
        several = len(here) == 2 and len(lines) == 2
        self._line = line = here[0] if here and (several or len(lines) == 1) else None
        missing = _missing(line, lines)
        self._others = {each.id: each for each in _others(line, every)}
        self.view.accuracy.show_model(line.title if line else "No model chosen", missing)
        self.view.accuracy.show_tried(self._tried.get(line.id) if line else None)
        chosen = here[1].id if several else ""
        self.view.difference.show_others(tuple(self._others.values()), chosen)
        if not missing and not self._others:
            missing = "There is no other trained classifier here to compare it with."
        self.view.difference.show_model(line, missing)

    def judge(self, folder: Path) -> None:
        """Try the chosen model on a folder; ``judged`` tells the end."""
        line, page = self._line, self.view.accuracy
        if line is None or not line.judgeable or self.controller.jobs.busy("judge"):
            return

        def work(report: Report, cancel: CancelToken) -> Tried:
            return self.engine.judge(line, folder, report, cancel)

        def done(ended: Ended) -> None:
            page.work.show_ended(ended, "")
            self._show_running(False)
            if ended.outcome is Outcome.COMPLETED:
                self._tried[line.id] = ended.result
                if self._line is not None and self._line.id == line.id:
                    page.show_tried(ended.result)
            self.judged.emit(ended)

        page.work.show_started(f"Trying {line.title} on {folder.name}")
        self._show_running(True)
        self.controller.jobs.run("judge", work, done, page.work.show_progress)

    def compare(self, folder: Path) -> None:
        """Try the chosen model and the other one on a folder; ``judged`` tells the end."""
        page, first = self.view.difference, self._line
        second = self._others.get(str(page.other.currentData()))
        if first is None or second is None or self.controller.jobs.busy("judge"):
            return

        def work(report: Report, cancel: CancelToken) -> Compared:
            return self.engine.compare(first, second, folder, report, cancel)

        def done(ended: Ended) -> None:
            page.work.show_ended(ended, "")
            self._show_running(False)
            if ended.outcome is Outcome.COMPLETED:
                page.show_compared(ended.result)
            self.judged.emit(ended)

        page.work.show_started(f"Trying both on {folder.name}")
        self._show_running(True)
        self.controller.jobs.run("judge", work, done, page.work.show_progress)

    def _show_running(self, running: bool) -> None:
        """Let one thing at a time be tried: both would only slow each other down."""
        ready = self._line is not None and self._line.judgeable and not running
        self.view.accuracy.show_ready(ready)
        self.view.difference.show_ready(ready)

    def _ask_report(self) -> None:
        tried = self.view.accuracy.tried
        if tried is not None:
            ask_to_save(
                self.window, "Save the report", "accuracy.html", "Web page (*.html)",
                partial(self.save, tried),
            )  # fmt: skip

    def save(self, tried: Tried, path: Path) -> None:
        """Write an evaluation as one page; ``saved`` tells the end."""

        def done(ended: Ended) -> None:
            self.view.accuracy.work.show_ended(ended, f"Saved as {ended.result}")
            self.saved.emit(ended)

        work = partial(save_report, tried.evaluation, path)
        self.controller.jobs.run("save", lambda _report, _cancel: work(), done)


def _others(line: Line | None, every: Sequence[Line]) -> list[Line]:
    """Return what a model can be compared with, those of as many classes first."""

    def classes(each: Line | None) -> int:
        facts = each.kept.facts if each is not None and each.kept is not None else None
        return facts.classes if facts is not None else 0

    mine = classes(line)
    found = [each for each in every if each.judgeable and each.trained]
    return sorted(
        (each for each in found if line is None or each.id != line.id),
        key=lambda each: classes(each) != mine,
    )


def _missing(line: Line | None, lines: Sequence[Line]) -> str:
    """Say why nothing can be tried; empty if it can."""
    if line is not None:
        return "" if line.judgeable else NO_CLASSIFIER
    return NOT_HERE if len(lines) == 1 else ONE
