"""Try any model on a person's own pictures: which model, which folder, how far it is."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot

from engine.jobs import Ended, Outcome, Progress
from gui.labels import Label
from gui.parts import Button, Combo, ThinBar
from gui.theme import BODY, SEMIBOLD, Theme
from gui.training.drop_card import DropCard
from gui.training.said_line import SaidLine
from gui.variant_rows import VariantRow

WHAT = "Any model, on any folder of class folders: how often it is right there."


class TryCard(DropCard):
    """Lets the person choose a model and a folder. Knows nothing of evaluating."""

    choose_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the card without models."""
        super().__init__(theme, "Drop to try the model on")
        self.running = False
        self._roomy = True
        self.model = Combo(theme)
        self.model.setAccessibleName("Model to try")
        self.choose_button = Button(theme, "Choose a folder", tip="Or drop one here")
        self.choose_button.clicked.connect(self.choose_requested)
        self.cancel_button = Button(theme, "Cancel", "secondary", "Esc")
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.progress = ThinBar(theme)
        self.said = SaidLine(theme)
        title = Label(theme, "Try on your pictures", BODY, SEMIBOLD)
        title.setToolTip(WHAT)
        self.box.addWidget(title)
        self.box.addWidget(self.model)
        self.box.addWidget(self.progress)
        self.box.addWidget(self.said)
        self.box.addWidget(self.choose_button)
        self.box.addWidget(self.cancel_button)
        self._show_running(False)
        self._say_nothing()

    def show_small_print(self, shown: bool) -> None:
        """Say what the card is for, or leave that to the tool tip."""
        self._roomy = shown
        if self.said.state == "none":
            self._say_nothing()

    def _say_nothing(self) -> None:
        self.said.say("none", WHAT if self._roomy else "")

    def show_models(self, rows: Sequence[VariantRow], precision: str) -> None:
        """Offer these models; the choice stays where it can."""
        before = self.model.currentData()
        blocker = QSignalBlocker(self.model)
        self.model.clear()
        for row in rows:
            words = row.title if row.path is not None else f"{row.title} {precision}"
            self.model.addItem(words, row.name)
        self.choose(str(before or ""))
        del blocker

    def choose(self, name: str) -> None:
        """Choose a model by its row's name, if it is there."""
        at = self.model.findData(name)
        if at >= 0:
            self.model.setCurrentIndex(at)

    @Slot(Path)
    def show_started(self, folder: Path) -> None:
        """Show that a model is being tried."""
        self._show_running(True)
        self.progress.show_share(0.0)
        self.said.say("busy", f"Trying it on {folder.name}")

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show how far that is."""
        if self.running:
            self.progress.show_share(progress.fraction or 0.0)
            word = "Building the model" if progress.step == "build" else "Trying it"
            self.said.say("busy", word, aside=progress.detail)

    @Slot(Ended)
    def show_ended(self, ended: Ended) -> None:
        """Show how that ended."""
        self._show_running(False)
        if ended.outcome is Outcome.FAILED:
            self.said.say_failed(ended)
        else:
            self._say_nothing()

    def _show_running(self, running: bool) -> None:
        self.running = running
        self.progress.setVisible(running)
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(running)
        self.choose_button.setVisible(not running)
        self.model.setEnabled(not running)
