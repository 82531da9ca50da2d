"""Train: what is retrained, how far it is, and how the passes go."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QElapsedTimer, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from engine.jobs import Ended, Outcome, Progress
from gui.labels import Label
from gui.parts import BUTTON_HEIGHT, Button, Card, Combo
from gui.step_track import StepTrack
from gui.theme import CAPTION, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.curves import Curves
from gui.training.said_line import SaidLine
from gui.training.values import TrainWish, seconds_said
from gui.variant_rows import VariantRow

if TYPE_CHECKING:
    from engine.training.head import Epoch

STEPS = {
    "look": "look",
    "split": "look",
    "backbone": "network",
    "features": "views",
    "train": "train",
    "tune": "train",
    "build": "build",
    "test": "test",
}
"""The engine's steps, and the words of the row."""
DOING = {
    "look": "Looking at the pictures",
    "split": "Dividing the pictures",
    "backbone": "Preparing the network",
    "features": "Seeing what the network sees",
    "train": "Learning",
    "tune": "Second stage",
    "build": "Building the models",
    "test": "Testing, once",
}
NAMES = 7 * SPACE
"""Width of the words before the choices."""
FILE = "\N{HORIZONTAL ELLIPSIS}"
TALLEST = 36 * SPACE
"""Of the charts: taller ones would be steep."""
TICK_MS = 500
SURE = 0.03
"""A fraction below this says too little about the time left."""
KEPT = "Cancelled. What was learned so far is kept: Train goes on from there."
KEPT_HEAD = (
    "Cancelled in the second stage. The head that was learned before is kept: Train goes on from "
    "there, without a second stage in seconds."
)
KEPT_PICTURES = "Cancelled. What was seen in the pictures so far is kept."

ONLY_V1 = "MobileNet v1 only: others cannot be retrained"
FROZEN = "head: seconds"
STAGES = {
    0: FROZEN,
    1: "head + 1 block: minutes",
    2: "head + 2 blocks: minutes",
    4: "head + 4 blocks: minutes",
}
"""How many of the last blocks learn too, and what that is called."""
STAGES_TIP = (
    "A second stage lets the last blocks of the network learn too. It takes minutes, and its "
    "weights are used only if the validation pictures say that they are better."
)


class Weights(NamedTuple):
    """Where the frozen part can have its weights from.

    Attributes:
        words: What is shown.
        path: The file; None for random weights.
        tip: What that means.
    """

    words: str
    path: Path | None
    tip: str = ""


RANDOM = Weights("none: random", None, "Nothing learned before: for trying out only")


class TrainCard(Card):
    """Lets the person choose, start and cancel; shows the passes. Knows nothing of training."""

    train_requested = Signal(object)  # TrainWish
    cancel_requested = Signal()
    file_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the card at rest."""
        super().__init__(theme)
        self.running = False
        self.seed = 0
        self._ready = (False, "")
        self._roomy = True
        self._step = ""
        self._left: float | None = None
        self._offered: list[Weights] = []
        self.variant, self.weights = Combo(theme), Combo(theme)
        self.variant.setAccessibleName("Variant to retrain")
        self.weights.setAccessibleName("Weights of the frozen part")
        self.stages = Combo(theme)
        self.stages.setAccessibleName("What learns")
        self.stages.setToolTip(STAGES_TIP)
        for blocks, words in STAGES.items():
            self.stages.addItem(words, blocks)
        self.weights.activated.connect(self._activate)
        self.weights.currentIndexChanged.connect(self._show_tip)
        self.train_button = Button(theme, "Train", "primary", "Ctrl+T")
        self.cancel_button = Button(theme, "Cancel", "secondary", "Esc")
        self.train_button.clicked.connect(self._request)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.track = StepTrack(theme, tuple(dict.fromkeys(STEPS.values())))
        self.track.setAccessibleName("Steps of the training")
        self.said = SaidLine(theme)
        self.curves = Curves(theme)
        self.curves.setMaximumHeight(TALLEST)
        self._clock = QElapsedTimer()
        self._step_clock = QElapsedTimer()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_time)
        self._lay_out(theme)
        self._show_running(False)
        self.show_weights((RANDOM,))

    def _lay_out(self, theme: Theme) -> None:
        self.title = Label(theme, "Train", TITLE, SEMIBOLD)
        self.title.setFixedHeight(BUTTON_HEIGHT)
        self.box.addWidget(self.title)
        for word, control in (
            ("Variant", self.variant),
            ("Weights", self.weights),
            ("Learns", self.stages),
        ):
            name = Label(theme, word, CAPTION, MEDIUM, "muted")
            name.setFixedWidth(NAMES)
            line = QHBoxLayout()
            line.setSpacing(SPACE)
            line.addWidget(name)
            line.addWidget(control, 1)
            self.box.addLayout(line)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.train_button, 1)
        buttons.addWidget(self.cancel_button)
        self.box.addLayout(buttons)
        self.box.addWidget(self.track)
        said = QVBoxLayout()
        said.addWidget(self.said)
        self.box.addLayout(said)
        self.box.addWidget(self.curves, 100)  # as much as it may have, the rest stays free
        self.box.addStretch(1)

    # what is chosen

    def show_variants(self, rows: Sequence[VariantRow]) -> None:
        """Offer these variants; the choice stays where it can."""
        before = self.variant.currentData()
        blocker = QSignalBlocker(self.variant)
        self.variant.clear()
        for row in rows:
            self.variant.addItem(row.title, row.name)
        self.variant.addItem(ONLY_V1)
        self._disable(self.variant.count() - 1)
        del blocker
        self.choose_variant(str(before or ""))

    def _disable(self, at: int) -> None:
        """Let a line of the variants be read, not chosen."""
        self.variant.setItemData(at, 0, Qt.ItemDataRole.UserRole - 1)  # Qt's role for the flags

    def choose_variant(self, name: str) -> None:
        """Choose a variant, if it is there."""
        at = self.variant.findData(name)
        if at >= 0:
            self.variant.setCurrentIndex(at)

    def show_weights(self, offered: Sequence[Weights], chosen: Path | None = None) -> None:
        """Offer these weights; ``chosen`` is taken, else the choice stays where it can."""
        before = chosen or self.chosen_weights().path
        self._offered = list(offered)
        blocker = QSignalBlocker(self.weights)
        self.weights.clear()
        for each in self._offered:
            self.weights.addItem(each.words)
        self.weights.addItem(f"Choose a file{FILE}")
        paths = [each.path for each in self._offered]
        self.weights.setCurrentIndex(paths.index(before) if before in paths else 0)
        del blocker
        self._show_tip()

    def chosen_weights(self) -> Weights:
        """Return what the frozen part gets."""
        at = self.weights.currentIndex()
        return self._offered[at] if 0 <= at < len(self._offered) else RANDOM

    def wish(self) -> TrainWish:
        """Return what the choices ask for."""
        variant = str(self.variant.currentData() or "")
        blocks = int(self.stages.currentData() or 0)
        return TrainWish(variant, self.chosen_weights().path, self.seed, blocks)

    def _activate(self, at: int) -> None:
        if at == len(self._offered):  # the line that asks for a file is never what is chosen
            self.weights.setCurrentIndex(0)
            self.file_requested.emit()

    def _show_tip(self) -> None:
        self.weights.setToolTip(self.chosen_weights().tip)

    def show_small_print(self, shown: bool) -> None:
        """Say which line is which, or leave the room to the lines."""
        self._roomy = shown
        self.title.setVisible(shown)
        self.curves.key.setVisible(shown)
        self.curves.setVisible(shown or self.running or not self.curves.epochs)

    # how it goes

    def show_ready(self, ready: bool, text: str) -> None:
        """Say at rest whether training can start, and what is missing."""
        self._ready = (ready, text)
        if not self.running:
            self.train_button.setEnabled(ready)
            if self.said.state == "none":
                self.said.say("none", text)

    def show_again(self, corrections: int, *, trained: bool) -> None:
        """Say what the button does; once all is trained, it is no more what comes next."""
        self.train_button.kind = "secondary" if trained else "primary"
        self.train_button.setText("Train again" if corrections else "Train")
        self.train_button.setAccessibleName(self.train_button.text())

    def show_started(self) -> None:
        """Show that training began."""
        self._show_running(True)
        self._step, self._left = "", None
        self.track.reset()
        self.track.show_step("look", None)
        self.curves.clear()
        self.curves.show()
        self._clock.start()
        self._step_clock.start()
        self._tick.start()
        self.said.say("busy", DOING["look"])

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show one step of what runs."""
        if not self.running:
            return
        word = STEPS.get(progress.step, progress.step)
        if progress.step != self._step:
            self._step, self._left = progress.step, None
            self._step_clock.restart()
        self.track.show_step(word, progress.fraction)
        fraction = progress.fraction or 0.0
        timed = progress.step in {"features", "test"}
        if timed and fraction > SURE:
            self._left = self._step_clock.elapsed() / 1000 * (1 - fraction) / fraction
        said = [DOING.get(progress.step, progress.step), progress.detail]
        self.said.say("busy", " · ".join(part for part in said if part), aside=self._time())

    def show_epoch(self, epoch: "Epoch") -> None:
        """Draw one more pass."""
        if self.running:
            self.curves.add(epoch)
            self._left = epoch.seconds_left

    def _time(self) -> str:
        if self._left is not None and self._left >= 1:
            return f"{seconds_said(self._left)} left"
        return f"{self._clock.elapsed() // 1000} s"

    def _show_time(self) -> None:
        if self._left is not None:
            self._left = max(0.0, self._left - TICK_MS / 1000)
        self.said.aside.setText(self._time())

    @Slot(Ended)
    def show_ended(self, ended: Ended, text: str = "", notice: str = "") -> None:
        """Show how it ended; ``text`` is what a completed one says, ``notice`` what happened."""
        learned = bool(self.curves.epochs)
        had_focus = self.cancel_button.hasFocus()
        self._show_running(False)
        if had_focus:
            self.train_button.setFocus()
        self._tick.stop()
        self.show_small_print(self._roomy)  # how it ended needs the room
        if ended.outcome is Outcome.COMPLETED:
            self.track.finish()
            self.said.say("warn" if notice else "ok", text, notice)
        elif ended.outcome is Outcome.CANCELLED:
            self.track.stop(failed=False)
            second = learned and self.curves.epochs[-1].stage == "blocks"
            kept = KEPT_HEAD if second else KEPT
            self.said.say("warn", kept if learned else KEPT_PICTURES)
        else:
            self.track.stop(failed=True)
            self.said.say_failed(ended)

    def forget(self) -> None:
        """Forget how the last training ended: something else was chosen."""
        if not self.running:
            self.track.reset()
            self.said.say("none", self._ready[1])

    def _request(self) -> None:
        self.train_requested.emit(self.wish())

    def _show_running(self, running: bool) -> None:
        had_focus = self.train_button.hasFocus()
        self.running = running
        self.train_button.setEnabled(not running and self._ready[0])
        self.cancel_button.setEnabled(running)
        for choice in (self.variant, self.weights, self.stages):
            choice.setEnabled(not running)
        if had_focus and running:
            self.cancel_button.setFocus()
