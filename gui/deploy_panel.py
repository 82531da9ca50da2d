"""Deploy and swap: two buttons, the steps, where it stands, what went wrong and what mends it."""

from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from engine.errors import InstallError, LabError, Remedy
from engine.jobs import Ended, Outcome, Progress
from gui.confirm import Confirm
from gui.labels import Label, TwoLines
from gui.parts import Button, Card, StateShape
from gui.step_track import StepTrack
from gui.theme import BODY, MEDIUM, SPACE, Theme

STEPS = ("build", "sign", "push", "install", "grant", "start", "linked")
SWAP_STEPS = ("build", "send", "open")
WORDS = {
    "build": "Building",
    "sign": "Signing",
    "push": "Sending",
    "install": "Installing",
    "grant": "Granting the camera",
    "start": "Starting",
    "linked": "Waiting for the app",
    "send": "Sending",
    "open": "Opening it on the phone",
    "remove": "Removing the old app",
    "free": "Freeing space",
    "settings": "Opening the phone's settings",
}
"""What the phone or the lab is doing in a step."""
LOSES = {
    Remedy.REMOVE_OLD: "With the old app go its data: the models that were sent to it and its "
    "permissions."
}
"""What a remedy takes from the phone for good: asked once more."""
TICK_MS = 500


class DeployPanel(Card):
    """Shows a deploy or a swap and lets the person start and stop it. Knows no phones."""

    deploy_requested = Signal()
    swap_requested = Signal()
    cancel_requested = Signal()
    remedy_requested = Signal(object)  # Remedy: do what it says, then deploy

    def __init__(self, theme: Theme) -> None:
        """Make the panel at rest."""
        super().__init__(theme)
        self._cancelled = False
        self.running = False
        self._doing = ""
        self._remedy: Remedy | None = None
        self.deploy_button = Button(theme, "Deploy", "primary", "Ctrl+D")
        self.swap_button = Button(theme, "Swap", "secondary")
        self.cancel_button = Button(theme, "Cancel", "secondary", "Esc")
        self.swap_button.setEnabled(False)
        self.cancel_button.setEnabled(False)
        self.deploy_button.clicked.connect(self.deploy_requested)
        self.swap_button.clicked.connect(self.swap_requested)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.track = StepTrack(theme, STEPS)
        self.what = Label(theme, "", BODY, MEDIUM, wrap=True)
        self.what.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.advice = Label(theme, "", BODY, tone="muted", wrap=True)
        self.shape = StateShape(theme)
        self.elapsed = Label(theme, "", BODY, tone="muted")
        self.remedy_button = Button(theme, Remedy.TRY_AGAIN.label)
        self.remedy_button.clicked.connect(self._press_remedy)
        self.confirm = Confirm(theme)
        self.confirm.confirmed.connect(self._apply_remedy)
        self.confirm.declined.connect(self._keep)
        self._clock = QElapsedTimer()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_elapsed)
        self._lay_out()
        self.advice.hide()
        self.remedy_button.hide()
        self.show_swap(False, "")

    def _lay_out(self) -> None:
        said = QHBoxLayout()
        said.setSpacing(SPACE)
        said.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(TwoLines(self.what), 1)
        said.addWidget(self.elapsed, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.deploy_button, 2)
        buttons.addWidget(self.swap_button, 1)
        buttons.addWidget(self.cancel_button)
        self.box.addLayout(buttons)
        self.box.addWidget(self.track)
        self.box.addLayout(said)
        self.box.addWidget(self.advice)
        self.box.addWidget(self.remedy_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.box.addWidget(self.confirm)

    def show_ready(self, ready: bool, text: str) -> None:
        """Say at rest whether a deploy can start, and what it would do or what is missing."""
        if self.running:
            return
        self.deploy_button.setEnabled(ready)
        if self.shape.state == "none" and not self._cancelled:
            self._say("none", text)

    def show_swap(self, ready: bool, why: str) -> None:
        """Say at rest whether the model can be sent to the app that runs, and what that does."""
        self.swap_button.setEnabled(ready and not self.running)
        self.swap_button.setToolTip(why)

    def show_started(self, title: str, steps: Sequence[str] = STEPS) -> None:
        """Show that a deploy of ``title`` began, or a swap: its steps say which."""
        had_focus = self.remedy_button.hasFocus() or self.confirm.yes.hasFocus()
        self.running = True
        self._cancelled = False
        self._remedy = None
        self.deploy_button.setEnabled(False)
        self.swap_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        if had_focus:  # what had it goes; the focus shall stay here
            self.cancel_button.setFocus()
        self.track.reset(steps)
        self.track.show_step(self.track.steps[0], None)
        self._doing = WORDS[self.track.steps[0]]
        self._clock.start()
        self._tick.start()
        self._show_elapsed()
        self._say("busy", f"{'Deploying' if steps == STEPS else 'Swapping to'} {title}")

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show one step of what runs."""
        if not self.running:
            return
        self.track.show_step(progress.step, progress.fraction)
        self._doing = WORDS.get(progress.step, progress.step)
        share = "" if progress.fraction is None else f"{100 * progress.fraction:.0f} %"
        said = (self._doing, share, progress.detail)
        self._say("busy", " · ".join(part for part in said if part))

    def _show_elapsed(self) -> None:
        self.elapsed.setText(f"{self._clock.elapsed() // 1000} s")

    @Slot(Ended)
    def show_ended(self, ended: Ended, text: str = "") -> None:
        """Show how it ended; ``text`` is what a completed one says."""
        self.running = False
        self._tick.stop()
        self.elapsed.setText("")
        self.deploy_button.setEnabled(True)
        self.cancel_button.setEnabled(False)
        if ended.outcome is Outcome.COMPLETED:
            self.track.finish()
            self._say("ok", text or "Linked: the phone is measuring")
        elif ended.outcome is Outcome.CANCELLED:
            self.track.stop(failed=False)
            self._cancelled = True
            self._say("none", "Cancelled. The phone keeps what it had before.")
        else:
            self._show_failed(ended)

    def _show_failed(self, ended: Ended) -> None:
        error = ended.error
        what = error.what if error else ended.message
        if isinstance(error, InstallError):  # the lab may know it before anything is sent
            self._doing = WORDS["install"]
            if not self.track.has_reached("push"):
                self.track.show_step("push", None)
        self.track.stop(failed=True)
        self._say("fail", f"While {_lowered(self._doing)}: {what}", _advice(error))
        self._remedy = error.remedy if isinstance(error, InstallError) else None
        if self._remedy is not None:
            self.remedy_button.setText(self._remedy.label)
            self.remedy_button.setAccessibleName(self._remedy.label)
            self.remedy_button.updateGeometry()
            self.remedy_button.show()

    def show_asked(self, text: str) -> None:
        """Say what the person has to do on the phone before the next deploy."""
        self.running = False
        self._tick.stop()
        self.elapsed.setText("")
        self.deploy_button.setEnabled(True)
        self.cancel_button.setEnabled(False)
        self.track.reset()
        self._say("warn", text)

    def show_at_rest(self, text: str) -> None:
        """Forget the last deploy: another phone or another variant was chosen."""
        if not self.running:
            self._cancelled = False
            self.track.reset(STEPS)
            self._say("none", text)

    def _press_remedy(self) -> None:
        loses = LOSES.get(self._remedy) if self._remedy is not None else None
        if loses is None:
            self._apply_remedy()
            return
        self.remedy_button.hide()
        self.advice.hide()
        self.confirm.ask(loses, str(self._remedy.label if self._remedy else ""))

    def _apply_remedy(self) -> None:
        if self._remedy is not None:
            self.remedy_requested.emit(self._remedy)

    def _keep(self) -> None:
        self.advice.show()
        self.remedy_button.show()
        self.remedy_button.setFocus()

    def _say(self, state: str, what: str, advice: str = "") -> None:
        self.shape.show_state(state)
        self.what.setText(what)
        self.what.set_tone("muted" if state == "none" else "text")
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.remedy_button.hide()
        self.confirm.hide()
        self.track.setAccessibleDescription(f"{what} {advice}".strip())


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _advice(error: LabError | None) -> str:
    return error.advice if error else ""
