"""Connects what is tried on a person's pictures, and what is saved of a result."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.file_dialogs import ask_for_folder, ask_to_save
from gui.main_window import MainWindow
from gui.training.values import Result
from gui.training.work import Engine, save_report, tried_result


class TrialSide(QObject):
    """Tries a model on a folder, and writes reports."""

    tried = Signal(Ended)  # result: Result
    saved = Signal(Ended)  # result: Path

    def __init__(self, window: MainWindow, controller: Controller, engine: Engine) -> None:
        """Connect the cards with the controller."""
        super().__init__(window)
        self.window, self.controller, self.engine = window, controller, engine
        self.view = window.train_view
        self.learned_from: dict[Path, Path] = {}  # the folder of each retrained model
        trial = self.view.trial
        trial.choose_requested.connect(
            lambda: ask_for_folder(window, "Choose a folder of class folders", self.try_model)
        )
        trial.folder_dropped.connect(self.try_model)
        trial.cancel_requested.connect(partial(controller.cancel, "try"))
        controller.shelf.catalog_read.connect(lambda _rows: self.show_models())
        controller.shelf.model_opened.connect(lambda _row, _labels: self.show_models())
        window.variant_list.precision_chosen.connect(lambda _precision: self.show_models())
        window.variant_list.chosen.connect(lambda row: trial.choose(row.name))
        self.view.result.report_requested.connect(self._ask_report)

    def show_models(self) -> None:
        """Offer what can be deployed; what is chosen there is chosen here."""
        choice = self.window.variant_list
        self.view.trial.show_models(choice.table.rows, choice.precision.choice)
        row = choice.choice()
        if row is not None:
            self.view.trial.choose(row.name)

    def try_model(self, folder: Path) -> None:
        """Try the chosen model on a folder; ``tried`` tells the end."""
        view, choice = self.view, self.window.variant_list
        name = view.trial.model.currentData()
        row = next((each for each in choice.table.rows if each.name == name), None)
        if row is None or view.trial.running:
            return
        precision, shelf = choice.precision.choice, self.controller.shelf

        def work(report: Report, cancel: CancelToken) -> Result:
            payload = shelf.payload(row, precision, report, cancel)
            evaluation = self.engine.evaluate(payload.model, payload.labels, folder, report, cancel)
            warning = self._warning(payload.model, folder, untrained=payload.untrained)
            if not warning and evaluation.one_answer is not None:
                label = evaluation.pictures.label(evaluation.one_answer)
                warning = f"It takes every picture for {label}: it tells nothing apart."
            return tried_result(evaluation, row.title, warning=warning)

        def done(ended: Ended) -> None:
            view.trial.show_ended(ended)
            if ended.outcome is Outcome.COMPLETED:
                view.result.show_result(ended.result)
            self.tried.emit(ended)

        view.trial.show_started(folder)
        self.controller.jobs.run("try", work, done, view.trial.show_progress)

    def _warning(self, model: Path, folder: Path, *, untrained: bool) -> str:
        """Say what takes the worth from a figure; empty if nothing does."""
        if untrained:
            return "This model's weights are random: its answers mean nothing."
        learned = self.learned_from.get(model)
        if learned is not None and folder.resolve().is_relative_to(learned.resolve()):
            return "The model has learned from most of these pictures: that says little."
        return ""

    def _ask_report(self) -> None:
        result = self.view.result.result
        if result is not None and result.evaluations:
            evaluation = result.evaluations[self.view.result.place]
            ask_to_save(
                self.window,
                "Save the report",
                "accuracy.html",
                "Web page (*.html)",
                lambda path: self.save(lambda: save_report(evaluation, path)),
            )

    def save(self, write: Callable[[], Path]) -> None:
        """Write something on a job's thread and say where it lies; ``saved`` tells the end."""

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self.window.status_line.show_said(f"Saved as {ended.result}")
            elif ended.outcome is Outcome.FAILED:
                self.view.result.show_trouble(ended)
            self.saved.emit(ended)

        self.controller.jobs.run("save", lambda _report, _cancel: write(), done)
