"""Connects the window with the controller: what is said to what is shown, wishes to jobs."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from engine.errors import Remedy
from engine.jobs import Ended
from gui.compare.view import CHOOSE, SWEEP
from gui.compare.wiring import CompareSide
from gui.controller import Controller
from gui.history.wiring import HistorySide
from gui.left_side import LeftSide
from gui.live.plan import FIXED
from gui.main_window import MainWindow
from gui.middle_side import MiddleSide
from gui.models.wiring import ModelsSide
from gui.options import Options
from gui.phone_card import short_name
from gui.qa.wiring import QaSide
from gui.right_side import RightSide
from gui.sizes.wiring import SizesSide
from gui.sweep.values import Standing
from gui.sweep.wiring import SweepSide
from gui.training.wiring import TrainingSide

SWAPS = "Sends the model to the app that runs, over the link. The APK there is not changed."


class Lab(QObject):
    """The window at work. Its methods are the person's wishes, for use without hands too."""

    phone_ready = Signal(object)  # PhoneFacts
    mirror_live = Signal()
    model_runs = Signal(object)  # AppModel
    deployed = Signal(Ended)
    swapped = Signal(Ended)
    measured = Signal(Ended)

    def __init__(self, window: MainWindow, controller: Controller, options: Options) -> None:
        """Connect the two."""
        super().__init__(window)
        self.window, self.controller, self.options = window, controller, options
        self.right = RightSide(window, controller)  # first: it forgets, the others then say
        self.left = LeftSide(window, controller, options)
        self.middle = MiddleSide(window, controller, options)
        self.compare = CompareSide(window, controller)
        self.sweep = SweepSide(window, controller)
        self.models = ModelsSide(window, controller)
        self.sizes = SizesSide(window, controller)
        self.training = TrainingSide(window, controller)
        self.qa = QaSide(window, controller)
        self.history = HistorySide(window, controller)
        for side in (self.left, self.middle, self.right):
            side.changed.connect(self._show_ready)
        self._connect_sides()
        panel = window.deploy_panel
        panel.deploy_requested.connect(self.deploy)
        panel.swap_requested.connect(self.swap)
        panel.remedy_requested.connect(partial(self.deploy))
        panel.show_ready(False, "Connect a phone first")

    def _connect_sides(self) -> None:
        left, middle, right = self.left, self.middle, self.right
        left.phone_ready.connect(self.phone_ready)
        left.phone_ready.connect(self.sizes.take_phone)
        left.mirror_live.connect(self.mirror_live)
        left.link_told.connect(right.show_linked)
        left.app_told.connect(right.hear)
        left.closed.connect(self._session_closed)
        left.deploy_again.connect(self.deploy)
        self.compare.picked.connect(self._choose_compared)
        self.compare.wanted.connect(self._go_and_choose)
        self._connect_sweep()
        self.qa.changed.connect(self._show_ready)
        self.models.used.connect(middle.choose_variant)
        middle.chosen.connect(self.sizes.take_choice)
        middle.deployed.connect(self.sizes.take_deployed)
        middle.deployed.connect(self.deployed)
        middle.swapped.connect(self.swapped)
        right.figures.recognised.connect(self.window.train_view.on_phone.show_answer)
        right.model_runs.connect(self.training.take_running)
        self.training.deploy_wanted.connect(self.deploy)
        self.training.swap_wanted.connect(self.swap)
        right.model_runs.connect(self.model_runs)
        right.measured.connect(self._measure_ended)
        self.controller.runs.cost_ended.connect(lambda _ended: left.show_mirror_again())

    def _connect_sweep(self) -> None:
        sweep, page = self.sweep, self.window.compare_view.page
        self.left.app_told.connect(sweep.hear)
        self.window.run_panel.sweep_requested.connect(self._sweep_chosen)
        sweep.changed.connect(self._show_ready)
        sweep.started.connect(self.right.show_live)
        sweep.ended.connect(self._sweep_ended)
        sweep.compare_wanted.connect(partial(page.choose, CHOOSE))
        self.compare.measure_wanted.connect(self._measure_several)

    # wishes

    def start(self) -> None:
        """Load what is heavy and begin to work; call it after the first paint."""
        self.controller.start()
        if self.options.demo:
            self.controller.demo.start(self.options.camera, self.options.pace)
        if self.options.model is not None:
            self.controller.shelf.open_model(self.options.model, self.options.labels)

    def choose_phone(self, serial: str) -> bool:
        """Choose a phone of the list; False if it is not listed."""
        return self.window.phone_card.choose(serial)

    def choose_variant(self, name: str) -> bool:
        """Choose ``v1_0.50_128`` or ``v1_0.50_128-int8``; False if it is not listed."""
        return self.middle.choose_variant(name)

    def _go_and_choose(self, name: str) -> None:
        """Choose a variant where it can be deployed and measured."""
        if self._choose_compared(name):
            self.window.side_bar.choose("live")

    def _choose_compared(self, name: str) -> bool:
        """Choose what was measured once, if it is still in the list; False if it is not."""
        precision = name.partition("-")[2]
        known = precision in ("", *self.window.variant_list.precision.words)
        if known and self.choose_variant(name):
            return True
        self.controller.said.emit(f"{name} is not in the list of variants.")
        return False

    def deploy(self, remedy: Remedy | None = None) -> None:
        """Deploy what is chosen; ``deployed`` tells the end.

        Args:
            remedy: What to do first about the refusal before.
        """
        self.middle.deploy(remedy)

    def swap(self) -> None:
        """Send what is chosen to the app that runs; ``swapped`` tells the end."""
        self.middle.swap()

    def measure(self, seconds: float) -> None:
        """Measure what runs; ``measured`` tells the end."""
        panel = self.window.run_panel
        panel.choose(panel.plan._replace(preset=FIXED, seconds=seconds))
        self.controller.runs.measure(panel.plan)

    def sweep_models(self, names: tuple[str, ...] = ()) -> None:
        """Bring the Sweep page to the front; models that are named are ticked there."""
        self.window.side_bar.choose("compare")
        self.window.compare_view.page.choose(SWEEP)
        if names:
            self.sweep.tick(names)

    def _sweep_chosen(self) -> None:
        """Show the Sweep page with what is chosen in the list ticked."""
        choice = self.window.variant_list
        row = choice.choice()
        if row is None:
            self.sweep_models()
        elif row.path is not None:
            self.sweep_models((str(row.path),))
        else:
            self.sweep_models((f"{row.name}-{choice.precision.choice}",))

    def _measure_several(self, names: tuple[str, ...], setting: object) -> None:
        self.window.compare_view.page.choose(SWEEP)
        self.sweep.measure_models(names, setting)  # type: ignore[arg-type]

    def _sweep_ended(self, ended: Ended) -> None:
        self.left.show_mirror_again()
        key = None
        if isinstance(ended.result, Standing) and ended.result.setting is not None:
            key = (self.controller.serial, *ended.result.setting)
        self.compare.follow(key)

    # what can be started

    def _session_closed(self) -> None:
        self.right.show_linked(False)
        for panel in (self.window.deploy_panel, self.window.train_view.deploy_panel):
            if panel.shape.state == "ok":  # no longer true
                panel.show_at_rest("")

    def _measure_ended(self, ended: Ended) -> None:
        self.left.show_mirror_again()
        self.measured.emit(ended)

    def _show_ready(self) -> None:
        """Say what can be started now, and what is missing."""
        window, controller = self.window, self.controller
        row, model = window.variant_list.choice(), self.right.figures.model
        measuring, deploying = window.run_panel.running, window.deploy_panel.running
        runs = self.right.linked and model is not None
        sweeping = self.sweep.running or self.qa.running
        idle = not (measuring or deploying or sweeping)
        deploy = self._deploy_ready()
        if not runs:
            self.training.take_running(None)
        swap = (runs and row is not None and idle, SWAPS if runs else "Deploy first")
        window.deploy_panel.show_ready(*deploy)
        window.deploy_panel.show_swap(*swap)
        busy = "Wait for the deploy to end"
        if not deploying:
            busy = "Wait for the run to end" if measuring else self._series_words()
        self.training.show_phone(deploy if idle else (False, busy), swap)
        text = f"{window.run_panel.plan.text}; the mirror rests"
        if deploying or sweeping:
            text = busy
        elif not runs:
            nobody = controller.session is None and not controller.left_clean
            text = "Connect a phone first" if nobody else "Deploy first"
        window.run_panel.show_ready(runs and not (deploying or sweeping), text)
        several = (idle and controller.opened, self._missing_phone() if idle else busy)
        self.sweep.show_ready(*several)
        window.compare_view.plan.show_ready(*several)
        self.qa.show_ready()
        window.run_options.show_locked("" if idle else busy)
        window.phone_card.clean_action.setEnabled(controller.opened and idle)
        window.variant_card.show_untrained(
            bool(model and model.untrained and row is not None and model.name.startswith(row.name))
        )

    def _series_words(self) -> str:
        return f"Wait for the {'QA session' if self.qa.running else 'sweep'} to end"

    def _missing_phone(self) -> str:
        if self.left.facts is None:
            return "Connect a phone first"
        return "" if self.controller.opened else "Looking for the app on the phone"

    def _deploy_ready(self) -> tuple[bool, str]:
        controller, facts = self.controller, self.left.facts
        if controller.left_clean:
            return True, "The phone is clean: this puts the app on it again"
        if controller.cleaning:
            missing = "Wait until the phone is clean"
        elif facts is None:
            missing = "Connect a phone first"
        elif not controller.opened:
            missing = "Looking for the app on the phone"
        elif self.window.variant_list.choice() is None:
            missing = "Choose a variant first"
        elif self.window.run_panel.running:
            missing = "Wait for the run to end"
        elif self.sweep.running or self.qa.running:
            missing = self._series_words()
        else:
            return True, f"Puts it on {short_name(facts)}"
        return False, missing
