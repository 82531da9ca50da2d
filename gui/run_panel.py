"""A timed run: what it is to be like, whether there are enough samples yet, how it ended."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.jobs import Ended, Outcome, Progress
from gui.labels import ElidedLabel, Label, TwoLines
from gui.live.more import MoreOptions
from gui.live.plan import PRESETS, RunPlan
from gui.parts import Button, Card, Combo, IconButton, ThinBar
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, Theme

if TYPE_CHECKING:
    from engine.measuring.presets import RunStatus

HEAD = 34
"""Height of the line on top, whatever stands in it."""
NARROWEST, ROOMY = 24 * SPACE, 30 * SPACE
STEPS = {
    "cool down": "Cooling down",
    "settle": "Settling",
    "measure": "Measuring",
    "mirror cost": "Mirror cost",
}
ROOM_FOR_SWEEP = 31 * SPACE
"""In a narrower panel a sweep is among the other measurements only."""
SWEEP_TIP = "Measures many models in turns, in Compare"
SKIP_TIP = "Begins at once. The run is marked, and not ranked"


class RunPanel(Card):
    """Starts and stops a timed run and exports it. Knows nothing of measuring."""

    measure_requested = Signal(object)  # RunPlan
    cost_requested = Signal()
    sweep_requested = Signal()
    stop_requested = Signal()
    skip_requested = Signal()
    export_requested = Signal()
    plan_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the panel at rest."""
        super().__init__(theme)
        self.running = False
        self.plan = RunPlan()
        self._kept = ""
        self._step = ""
        self.preset = Combo(theme)
        self.preset.setAccessibleName("When a run is enough")
        self.preset.setFont(theme.font(CAPTION, MEDIUM))
        self.preset.setMinimumContentsLength(6)
        for name, (word, _when) in PRESETS.items():
            self.preset.addItem(word, name)
        self.more = MoreOptions(theme, self)
        self.more_button = IconButton(theme, "more", "Start temperature, note, mirror's cost")
        self.measure_button = Button(theme, "Measure", "primary", "Ctrl+R")
        self.stop_button = Button(theme, "Stop", "secondary", "Esc; what was measured is kept")
        self.skip_button = Button(theme, "Skip", "secondary", SKIP_TIP)
        self.sweep_button = Button(theme, "Sweep", "secondary", SWEEP_TIP)
        self.export_button = Button(theme, "Export", "secondary", "Ctrl+E")
        self.title = Label(theme, "", BODY, SEMIBOLD)
        self.step = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.step.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.bar = ThinBar(theme)
        self.said = Label(theme, "Deploy first", CAPTION, tone="muted", wrap=True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setMinimumWidth(NARROWEST)
        self._connect()
        self._lay_out()
        self._show_buttons()
        self.choose(self.plan)

    def _connect(self) -> None:
        self.preset.activated.connect(self._choose_preset)
        self.more.changed.connect(self._take_more)
        self.more.cost_requested.connect(self.cost_requested)
        self.more.sweep_requested.connect(self.sweep_requested)
        self.sweep_button.clicked.connect(self.sweep_requested)
        self.more_button.clicked.connect(lambda: self.more.open_above(self.more_button))
        self.measure_button.clicked.connect(lambda: self.measure_requested.emit(self.plan))
        self.stop_button.clicked.connect(self.stop_requested)
        self.skip_button.clicked.connect(self._skip)
        self.export_button.clicked.connect(self.export_requested)
        for button in (self.measure_button, self.stop_button, self.export_button):
            button.setEnabled(False)
        self.more.cost_button.setEnabled(False)

    def _lay_out(self) -> None:
        line = QWidget()
        line.setFixedHeight(HEAD)
        head = QHBoxLayout(line)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(SPACE // 2)
        head.addWidget(self.preset, 1)
        head.addWidget(self.more_button)
        head.addWidget(self.title)
        head.addWidget(self.step, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self.measure_button, self.skip_button, self.stop_button):
            buttons.addWidget(button, 1)
        buttons.addWidget(self.sweep_button)
        buttons.addWidget(self.export_button)
        self.box.addWidget(line)
        self.box.addWidget(TwoLines(self.said))
        self.box.addWidget(self.bar)
        self.box.addStretch(1)
        self.box.addLayout(buttons)

    # what it is to be like

    def choose(self, plan: RunPlan) -> None:
        """Take a plan."""
        self.plan = plan
        with QSignalBlocker(self.preset):
            self.preset.setCurrentIndex(self.preset.findData(plan.preset))
        self.preset.setToolTip(f"{PRESETS[plan.preset][0]}: {plan.text}")
        self.more.show_plan(plan)
        self.plan_changed.emit()

    def _choose_preset(self) -> None:
        self._kept = ""
        self.choose(self.plan._replace(preset=str(self.preset.currentData())))

    def _take_more(self) -> None:
        self._kept = ""
        self.choose(self.more.taken(self.plan))

    # how it goes

    def show_ready(self, ready: bool, text: str) -> None:
        """Say at rest whether a run can start."""
        if not self.running:
            self.measure_button.setEnabled(ready)
            self.more.cost_button.setEnabled(ready)
            self.said.setText(self._kept or text)

    def show_started(self) -> None:
        """Show that a run began."""
        self.running = True
        self._kept = ""
        self._show_step("settle")
        self.bar.show_share(0.0)
        self.said.setText("The mirror rests meanwhile")
        self.said.setToolTip("")

    def _show_step(self, step: str) -> None:
        if step != self._step or not self.running:
            self._step = step
            self.title.setText(STEPS.get(step, step))
            self.step.setText("")
            self._show_buttons()

    def _show_buttons(self) -> None:
        had_focus = self.window().focusWidget() in (
            self.preset,
            self.more_button,
            self.measure_button,
            self.stop_button,
            self.skip_button,
        )
        running, cooling = self.running, self.running and self._step == "cool down"
        for part in (self.preset, self.more_button, self.measure_button):
            part.setVisible(not running)
        for part in (self.title, self.step, self.stop_button):
            part.setVisible(running)
        self.stop_button.setEnabled(running)
        self.skip_button.setVisible(cooling)
        self.skip_button.setEnabled(cooling)
        self.sweep_button.setVisible(not running and self.width() >= ROOM_FOR_SWEEP)
        self.export_button.setVisible(not cooling)
        if had_focus:
            (self.stop_button if running else self.measure_button).setFocus()

    def _skip(self) -> None:
        self.skip_button.setEnabled(False)
        self.skip_requested.emit()

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show how far the run is; while it is timed, ``show_status`` says the rest."""
        if not self.running:
            return
        self._show_step(progress.step)
        if progress.fraction is not None:
            self.bar.show_share(progress.fraction)
        if progress.detail and progress.step != "measure":
            roomy = self.width() >= ROOMY
            self.said.setText(progress.detail if roomy else progress.detail.partition(":")[0])

    @Slot(object)
    def show_status(self, status: "RunStatus") -> None:
        """Show whether there are enough samples yet, and what is missing."""
        if not self.running or self._step == "mirror cost":
            return
        self._show_step("measure")
        self.bar.show_share(status.fraction)
        if status.half_width is not None:
            aim = "" if status.target is None else f" of ±{100 * status.target:g} %"
            self.title.setText(f"±{100 * status.half_width:.1f} %{aim}")
            word = "measuring" if self.width() >= ROOMY else ""  # the bar says so too
            self.step.setText("enough" if status.enough else word)
        missing = [each for each in status.missing if each != "still warming up"]
        if self.width() < ROOMY:
            missing = missing[:1]  # the first takes longest; a third line has no room
        count = f"n {status.count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        warm = f"{status.warm_up} left out as warm-up"
        if not status.settled:
            warm = f"still warming up, {status.warm_up} left out"
        self.said.setText(f"{', '.join((count, *missing))}\n{warm}")

    @Slot(Ended)
    def show_ended(self, ended: Ended, text: str = "", tip: str = "") -> None:
        """Show how the run ended; ``text`` is what a kept one says, ``tip`` all of it."""
        self.running = False
        self._step = ""
        self.measure_button.setEnabled(True)
        self._show_buttons()
        self.bar.show_share(0.0)
        if ended.outcome is Outcome.COMPLETED:
            self.bar.show_share(1.0)
            self._kept = text or "Kept"
        elif ended.outcome is Outcome.CANCELLED:
            self._kept = text or "Stopped before the first sample; nothing was kept"
        else:
            self._kept = ended.message
        self.said.setText(self._kept)
        self.said.setToolTip(tip)

    def show_exportable(self) -> None:
        """Show that there is a run that can be exported."""
        self.export_button.setEnabled(True)

    def forget(self) -> None:
        """Forget how the last run ended: something else is being started."""
        if not self.running:
            self._kept = ""
            self.said.setText("")
            self.said.setToolTip("")
            self.bar.show_share(0.0)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Say in the button what skipping means where there is room."""
        roomy = self.width() >= ROOMY
        self.skip_button.setText("Skip (marked)" if roomy else "Skip")
        self.sweep_button.setVisible(not self.running and self.width() >= ROOM_FOR_SWEEP)
