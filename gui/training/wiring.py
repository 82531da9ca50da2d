"""Connects the Train view: training with what is needed for it, and the way to the phone."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, Signal

from engine.errors import Remedy
from engine.jobs import CancelToken, Ended, Outcome, Progress, Report
from gui.controller import Controller
from gui.file_dialogs import ask_to_open, ask_to_save
from gui.main_window import MainWindow
from gui.training.corrections import Marks
from gui.training.pictures_side import PicturesSide
from gui.training.train_card import RANDOM, Weights
from gui.training.trial_side import TrialSide
from gui.training.values import TrainWish, seconds_said
from gui.training.work import Done, Engine, Found, Origin, Passed, save_card
from gui.variant_rows import VariantRow

if TYPE_CHECKING:
    from engine.link.messages import AppModel

TRAINABLE = "v1_"
"""Variants whose frozen part the engine can make."""
NO_PICTURES = "Choose pictures first"
NO_WEIGHTS = "Without trained weights little can be learned: choose a trained .tflite"


class _Opening(NamedTuple):
    """A model that is put on the list, to be deployed or swapped to as soon as it is there."""

    path: Path
    remedy: Remedy | None
    swap: bool


class TrainingSide(QObject):
    """Turns the view's wishes into jobs and shows what they say."""

    trained = Signal(Ended)  # result: Done
    deploy_wanted = Signal(object)  # Remedy or None
    swap_wanted = Signal()

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
        self.engine = engine or Engine(controller.records)
        self.view = window.train_view
        self.pictures = PicturesSide(window, controller, self.engine)
        self.trial = TrialSide(window, controller, self.engine)
        self.done: Done | None = None
        self._origins: tuple[Origin, ...] = ()
        self._resume: TrainWish | None = None
        self._opening: _Opening | None = None
        self._running = ""  # sha256 of what the phone runs
        self._phone = (False, "Connect a phone first")
        self._swap = (False, "Deploy first")
        self._connect_training()
        self._connect_phone()
        self._show_ready()
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)

    def stop(self) -> None:
        """End the threads and children of the view's own."""
        self.pictures.capture.stop()
        self.view.thumbnails.stop()
        self.engine.close()

    # the choices

    def _connect_training(self) -> None:
        view, controller = self.view, self.controller
        controller.shelf.catalog_read.connect(self._show_variants)
        self.pictures.taken.connect(self._pictures_taken)
        self.pictures.changed.connect(self._show_ready)
        view.shown.connect(self._find_weights)
        view.train.file_requested.connect(self._ask_file)
        view.train.train_requested.connect(self.train)
        view.train.cancel_requested.connect(partial(controller.cancel, "retrain"))
        view.result.again_requested.connect(lambda: self.train(view.train.wish()))
        view.result.relabel_requested.connect(view.corrections.relabel)
        view.result.exclude_requested.connect(view.corrections.exclude)
        view.result.card_requested.connect(self._ask_card)
        view.corrections.changed.connect(self._show_again)

    def _show_variants(self, rows: list[VariantRow]) -> None:
        train, choice = self.view.train, self.window.variant_list.choice()
        train.show_variants([row for row in rows if row.name.startswith(TRAINABLE)])
        train.choose_variant(choice.name if choice else "")

    def _find_weights(self) -> None:
        """Look which weights are on this computer, the first time that somebody may ask."""
        self.view.shown.disconnect(self._find_weights)

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                known = {each.path for each in self._origins}
                new = (each for each in ended.result if each.path not in known)
                self._offer((*self._origins, *new))

        self.controller.jobs.run("weights", lambda _report, _cancel: self.engine.origins(), done)

    def _ask_file(self) -> None:
        kinds = "TensorFlow Lite (*.tflite)"
        ask_to_open(self.window, "Choose trained weights", kinds, self.take_file)

    def take_file(self, path: Path) -> None:
        """Take the weights of a file; the variant follows where it must."""

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                origin = ended.result
                others = (each for each in self._origins if each.path != origin.path)
                self._offer((origin, *others), chosen=origin)
            elif ended.outcome is Outcome.FAILED:
                self.view.train.said.say_failed(ended)

        self.controller.jobs.run("origin", lambda _report, _cancel: self.engine.origin(path), done)

    def _offer(self, origins: tuple[Origin, ...], chosen: Origin | None = None) -> None:
        train = self.view.train
        first = not self._origins and origins
        self._origins = origins
        offered = [
            Weights(each.words, each.path, f"{each.path}, alpha {each.alpha:.2f}")
            for each in origins
        ]
        taken = chosen or (origins[0] if first else None)
        train.show_weights((*offered, RANDOM), taken.path if taken else None)
        if taken is not None:
            train.forget()
            if not train.wish().variant.startswith(f"{TRAINABLE}{taken.alpha:.2f}_"):
                train.choose_variant(f"{TRAINABLE}{taken.alpha:.2f}_{taken.resolution}")
        self._show_ready()

    def _pictures_taken(self, other: bool) -> None:
        self._resume = None
        if other:
            self.done = None
            self._forget_deploy()
        self._show_again()

    def _forget_deploy(self) -> None:
        """Forget what was said of a model that is no longer the one to deploy."""
        self.view.deploy_panel.show_at_rest("")
        self._show_on_phone()

    def _show_again(self) -> None:
        waiting = self.view.corrections.waiting
        self.view.train.show_again(waiting, trained=self.done is not None)

    # the training

    def train(self, wish: TrainWish) -> None:
        """Retrain; ``trained`` tells the end."""
        found, view = self.pictures.found, self.view
        if found is None or self.controller.jobs.busy("retrain", "look", "divide"):
            return
        marks = view.corrections.marks
        resume = self._resume == wish._replace(blocks=0)

        def work(report: Report, cancel: CancelToken) -> Done:
            return self.engine.retrain(
                wish, found, marks, resume=resume, report=report, cancel=cancel
            )

        view.train.show_started()
        view.pictures.show_locked(True)
        view.result.show_locked(True)
        ended = partial(self._train_ended, wish, found, marks)
        self.controller.jobs.run("retrain", work, ended, self._progressed)
        self._show_ready()

    def _progressed(self, progress: Progress) -> None:
        if isinstance(progress, Passed):
            self.view.train.show_epoch(progress.epoch)
        else:
            self.view.train.show_progress(progress)

    def _train_ended(self, wish: TrainWish, found: Found, marks: Marks, ended: Ended) -> None:
        view = self.view
        learned = bool(view.train.curves.epochs)
        cancelled = ended.outcome is Outcome.CANCELLED and learned
        self._resume = wish._replace(blocks=0) if cancelled else None
        if ended.outcome is Outcome.COMPLETED:
            self.done = done = ended.result
            folder = found.looked.folder
            self.trial.learned_from |= dict.fromkeys(done.models.values(), folder)
            view.corrections.show_trained(marks)
            view.pictures.bars.show_lines(done.lines)
            view.result.show_result(done.result)
            self._forget_deploy()
            text = (
                f"Trained and tested in {seconds_said(done.seconds)}."
                f"{done.second or f' Pass {done.kept} is used, the best on validation.'}"
            )
            view.train.show_ended(ended, text, done.result.notice)
        else:
            view.train.show_ended(ended)
        view.pictures.show_locked(False)
        view.result.show_locked(False)
        self._show_ready()
        self.trained.emit(ended)

    def _ask_card(self) -> None:
        done = self.done
        if done is not None:
            ask_to_save(
                self.window,
                "Save the model card",
                "model-card.md",
                "Markdown (*.md)",
                lambda path: self.trial.save(lambda: save_card(done.card, path)),
            )

    # the phone

    def _connect_phone(self) -> None:
        panel, shelf = self.view.deploy_panel, self.controller.shelf
        panel.deploy_requested.connect(self.deploy)
        panel.remedy_requested.connect(self.deploy)
        panel.swap_requested.connect(self.swap)
        shelf.model_opened.connect(self._model_opened)
        shelf.model_refused.connect(self._model_refused)

    def deploy(self, remedy: Remedy | None = None) -> None:
        """Make the retrained model the chosen one and deploy it."""
        self._open(remedy, swap=False)

    def swap(self) -> None:
        """Make the retrained model the chosen one and send it to the app that runs."""
        self._open(None, swap=True)

    def _open(self, remedy: Remedy | None, *, swap: bool) -> None:
        path = self.chosen_model()
        if path is not None:
            self._opening = _Opening(path, remedy, swap)
            self.controller.shelf.open_model(path)

    def chosen_model(self) -> Path | None:
        """Return the retrained model of the precision that is chosen in the result."""
        if self.done is None:
            return None
        models = self.done.models
        return models.get(self.view.result.precision, next(iter(models.values()), None))

    def _model_opened(self, row: VariantRow, _labels: object) -> None:
        opening = self._opening
        if opening is None or row.path != opening.path:
            return
        self._opening = None
        if opening.swap:
            self.swap_wanted.emit()
        else:
            self.deploy_wanted.emit(opening.remedy)

    def _model_refused(self, why: str) -> None:
        if self._opening is not None:
            self._opening = None
            self.view.deploy_panel.show_ended(Ended(Outcome.FAILED, why))

    def take_running(self, model: "AppModel | None") -> None:
        """Take what runs on the phone: only of the retrained model is told what it says."""
        self._running = model.sha256 if model is not None else ""
        self._show_on_phone()

    def _show_on_phone(self) -> None:
        evaluations = self.done.result.evaluations if self.done else ()
        ours = {each.model_sha256 for each in evaluations}
        self.view.on_phone.setVisible(self._running in ours)

    def show_phone(self, deploy: tuple[bool, str], swap: tuple[bool, str]) -> None:
        """Take whether the phone can be deployed to, and swapped on, and why not."""
        self._phone, self._swap = deploy, swap
        self._show_ready()

    def _show_ready(self) -> None:
        view = self.view
        weights = view.train.wish().weights
        hint = "" if weights is not None else NO_WEIGHTS
        ready = self.pictures.found is not None and not self.pictures.looking
        view.train.show_ready(ready, hint if ready else NO_PICTURES)
        panel, model = view.deploy_panel, self.chosen_model()
        if model is None:
            panel.show_ready(False, "Train a model first")
            panel.show_swap(False, "Train a model first")
        else:
            panel.show_ready(*self._phone)
            panel.show_swap(*self._swap)
