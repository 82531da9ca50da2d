"""Connects the pictures: looking at a folder, dividing it, taking pictures into it."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.file_dialogs import ask_for_folder
from gui.main_window import MainWindow
from gui.training.capture_side import CaptureSide
from gui.training.pictures_card import CAPTURE, EMPTY, FOUND
from gui.training.work import Engine, Found


class PicturesSide(QObject):
    """Knows which folder is learned from. ``changed`` when that did, or is being looked at."""

    looked = Signal(Ended)  # result: Found
    taken = Signal(bool)  # a folder was taken; whether it is another than before
    changed = Signal()

    def __init__(self, window: MainWindow, controller: Controller, engine: Engine) -> None:
        """Connect the card with the controller."""
        super().__init__(window)
        self.window, self.controller, self.engine = window, controller, engine
        self.view = window.train_view
        self.found: Found | None = None
        self.capture = CaptureSide(window, controller)
        pictures, capture = self.view.pictures, self.view.capture
        pictures.folder_dropped.connect(self.look)
        pictures.choose_requested.connect(self._ask_folder)
        pictures.look_again_requested.connect(self._look_again)
        pictures.cancel_requested.connect(partial(controller.cancel, "look"))
        pictures.seed_chosen.connect(self._divide)
        pictures.capture_requested.connect(self.begin_capture)
        capture.done.connect(lambda: self.look(self.capture.folder))
        capture.left.connect(self._leave_capture)
        self.looked.connect(self._go_on)

    @property
    def looking(self) -> bool:
        """Whether a folder is being looked at."""
        return self.view.pictures.looking

    def _ask_folder(self) -> None:
        ask_for_folder(self.window, "Choose a folder of class folders", self.look)

    def look(self, folder: Path) -> None:
        """Look at a folder of class folders; ``looked`` tells the end."""
        pictures, seed = self.view.pictures, self.view.pictures.seed.value()
        if self.view.train.running:
            pictures.said.say("warn", "Wait for the training to end, or cancel it.")
            return

        def work(report: Report, cancel: CancelToken) -> Found:
            return self.engine.look(folder, seed, report, cancel)

        def done(ended: Ended) -> None:
            pictures.show_ended(ended)
            if ended.outcome is Outcome.COMPLETED:
                self._take(ended.result)
                self.view.train.forget()
            else:
                pictures.show_name(self.found.looked.folder if self.found else None)
            self.changed.emit()
            self.looked.emit(ended)

        pictures.show_started(folder)
        self.controller.jobs.run("look", work, done, pictures.show_progress)
        self.changed.emit()

    def _look_again(self) -> None:
        if self.found is not None:
            self.look(self.found.looked.folder)

    def _divide(self, seed: int) -> None:
        found = self.found
        if found is None or self.view.train.running:
            return

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self._take(ended.result)
            elif ended.outcome is Outcome.FAILED:
                self.view.pictures.said.say_failed(ended)

        self.controller.jobs.run(
            "divide", lambda _report, _cancel: self.engine.divide(found.dataset, seed), done
        )

    def _take(self, found: Found) -> None:
        """Show a folder; what was corrected in another one is forgotten."""
        other = self.found is None or self.found.looked.folder != found.looked.folder
        self.found = found
        self.view.pictures.show_looked(found.looked)
        self.view.train.seed = found.looked.seed
        if other:
            self.view.corrections.forget()
            self.view.result.forget_retrained()
        self.taken.emit(other)

    def _go_on(self, _ended: Ended) -> None:
        """Give the keyboard to what comes next if what had it went out of use meanwhile."""
        view, button = self.view, self.view.train.train_button
        focus = self.window.focusWidget()
        if view.isVisible() and (focus is None or not view.isAncestorOf(focus)):
            button.setFocus()  # refused by one that cannot be pressed

    # taking pictures

    def begin_capture(self) -> None:
        """Show the page that takes pictures, into the folder at hand if there is one."""
        self.view.pictures.show_page(CAPTURE)
        self.capture.begin(self.found.looked.folder if self.found else self.capture.folder)

    def _leave_capture(self) -> None:
        self.view.pictures.show_page(EMPTY if self.found is None else FOUND)
