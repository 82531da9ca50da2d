"""Connects the middle column: what can be chosen, and how it gets onto the phone."""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import Remedy
from engine.jobs import Ended, Outcome
from gui.controller import Controller
from gui.deploy_panel import SWAP_STEPS
from gui.deploys import DeployWish
from gui.file_dialogs import ask_to_open
from gui.main_window import MainWindow
from gui.options import DEFAULT_VARIANT, Options
from gui.variant_rows import VariantRow

UNCHANGED = "The APK on the phone is not changed."
TAP_FIRST = "The phone shows its settings. Allow installing over USB there, then deploy."


class MiddleSide(QObject):
    """Hears the shelf and the deploys. ``changed`` when what can be started did."""

    chosen = Signal()
    deployed = Signal(Ended)
    swapped = Signal(Ended)
    changed = Signal()

    def __init__(self, window: MainWindow, controller: Controller, options: Options) -> None:
        """Connect the column with the controller."""
        super().__init__(window)
        self.window, self.controller = window, controller
        self._wanted_variant, _, self._wanted_precision = options.variant.partition("-")
        self._chosen = ("", "")
        self._labels: dict[Path, str] = {}  # what is said of an own model's labels
        self._began = 0.0
        choice, panel, shelf = window.variant_list, window.deploy_panel, controller.shelf
        shelf.catalog_read.connect(self._show_catalog)
        shelf.sizes_read.connect(self._show_sizes)
        shelf.model_opened.connect(self._show_own)
        shelf.model_refused.connect(choice.show_trouble)
        choice.chosen.connect(self._show_choice)
        choice.precision_chosen.connect(lambda _precision: self._show_choice(choice.choice()))
        choice.activated.connect(panel.deploy_button.click)
        choice.model_dropped.connect(shelf.open_model)
        window.open_requested.connect(self._ask_model)
        window.variant_card.labels_requested.connect(self._ask_labels)
        self._both = (panel, window.train_view.deploy_panel)
        self._panels = self._both[:1]
        deploys = controller.deploys
        deploys.started.connect(self._started)
        deploys.swap_started.connect(self._swap_started)
        for each in self._both:  # one that does not take part is at rest and shows nothing
            each.cancel_requested.connect(partial(controller.cancel, "deploy"))
            deploys.progressed.connect(each.show_progress)
        deploys.ended.connect(self._deploy_ended)
        deploys.swap_ended.connect(self._swap_ended)

    # wishes

    def choose_variant(self, name: str) -> bool:
        """Choose ``v1_0.50_128`` or ``v1_0.50_128-int8``; False if it is not listed."""
        variant, _, precision = name.partition("-")
        if precision:
            self.window.variant_list.precision.choose(precision)
        return self.window.variant_list.choose(variant)

    def wish(self) -> DeployWish | None:
        """Return what is chosen, and how it shall begin; None while nothing is."""
        row, wish = self.window.variant_list.choice(), self.window.run_options.wish
        if row is None:
            return None
        precision = self.window.variant_list.precision.choice
        return DeployWish(row, precision, self.window.variant_card.fit, *wish)

    def deploy(self, remedy: Remedy | None = None) -> None:
        """Deploy what is chosen, after doing what ``remedy`` says; ``deployed`` tells the end."""
        if self.controller.left_clean:
            self.controller.use_again(partial(self.deploy, remedy))
            return
        wish = self.wish()
        if wish is not None:
            self.controller.deploys.deploy(wish, remedy)

    def swap(self) -> None:
        """Send what is chosen to the app that runs; ``swapped`` tells the end."""
        wish = self.wish()
        if wish is not None:
            self.controller.deploys.swap(wish)

    # the choice

    def _show_catalog(self, rows: list[VariantRow]) -> None:
        own = [row for row in self.window.variant_list.table.rows if row.path is not None]
        self.window.variant_list.show_variants([*own, *rows])
        wanted = f"{self._wanted_variant}-{self._wanted_precision}".rstrip("-")
        if not own and not self.choose_variant(wanted or DEFAULT_VARIANT):
            self.window.variant_list.show_trouble(f"There is no variant {wanted}.")
            self.choose_variant(DEFAULT_VARIANT)

    def _show_sizes(self, sizes: dict[str, int]) -> None:
        rows = []
        for row in self.window.variant_list.table.rows:
            built = tuple(
                (precision, sizes[f"{row.name}-{precision}"])
                for precision in self.window.variant_list.precision.words
                if f"{row.name}-{precision}" in sizes
            )
            rows.append(replace(row, size_bytes=built) if row.path is None else row)
        self.window.variant_list.show_variants(rows)

    def _show_choice(self, row: VariantRow | None) -> None:
        if row is None:
            return
        choice = self.window.variant_list
        self.window.variant_card.show_variant(row, choice.precision.choice)
        if row.path is not None:
            self.window.variant_card.show_labels(self._labels.get(row.path, ""))
        chosen = (row.name, choice.precision.choice)
        if chosen != self._chosen:
            self._chosen = chosen
            for panel in self._both:
                panel.show_at_rest("")
        self.chosen.emit()
        self.changed.emit()

    def _show_own(self, row: VariantRow, labels: tuple[str, ...]) -> None:
        count = len(labels)
        text = f"{count:,} labels".replace(",", " ") if count else "No labels: classes have numbers"
        if row.path is not None:
            self._labels[row.path] = text
        self.window.variant_list.show_trouble("")
        self.window.variant_list.add_own(row)
        self._show_choice(self.window.variant_list.choice())

    def _ask_model(self) -> None:
        kinds, take = "TensorFlow Lite (*.tflite)", self.controller.shelf.open_model
        ask_to_open(self.window, "Open a model", kinds, take)

    def _ask_labels(self) -> None:
        row = self.window.variant_list.choice()
        if row is None or row.path is None:
            return
        kinds, take = "Text (*.txt);;All files (*)", self.controller.shelf.open_model
        ask_to_open(self.window, "Choose the labels", kinds, partial(take, row.path))

    # how it gets onto the phone

    def _take_part(self) -> None:
        """Show in Train only what was begun there: elsewhere it is another model."""
        self._panels = self._both if self.window.train_view.isVisible() else self._both[:1]

    def _started(self, title: str) -> None:
        self._began = time.monotonic()
        self._take_part()
        for panel in self._panels:
            panel.show_started(title)
        self.changed.emit()

    def _swap_started(self, title: str) -> None:
        self._began = time.monotonic()
        self._take_part()
        for panel in self._panels:
            panel.show_started(title, SWAP_STEPS)
        self.changed.emit()

    def _deploy_ended(self, ended: Ended) -> None:
        took = time.monotonic() - self._began
        for panel in self._panels:
            if ended.outcome is Outcome.COMPLETED and ended.result is None:
                panel.show_asked(TAP_FIRST)
            else:
                panel.show_ended(ended, f"Linked in {took:.1f} s")
        self.changed.emit()
        self.deployed.emit(ended)

    def _swap_ended(self, ended: Ended) -> None:
        took = time.monotonic() - self._began
        for panel in self._panels:
            panel.show_ended(ended, f"Swapped in {took:.2f} s. {UNCHANGED}")
        self.changed.emit()
        self.swapped.emit(ended)
