"""The buttons of a timed run, and how far it is."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from engine.jobs import Ended, Outcome, Progress
from gui.labels import Label, TwoLines
from gui.parts import Button, Card, ThinBar
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, Theme


class RunPanel(Card):
    """Starts and stops a timed run and exports it. Knows nothing of measuring."""

    measure_requested = Signal(float)  # seconds
    stop_requested = Signal()
    export_requested = Signal()

    def __init__(self, theme: Theme, seconds: float = 30.0) -> None:
        """Make the panel at rest."""
        super().__init__(theme)
        self.running = False
        self.seconds = seconds
        self._kept = ""
        self.measure_button = Button(theme, "Measure", "primary", "Ctrl+R")
        self.stop_button = Button(theme, "Stop", "secondary", "Esc")
        self.export_button = Button(theme, "Export", "secondary", "Ctrl+E")
        self.measure_button.clicked.connect(lambda: self.measure_requested.emit(self.seconds))
        self.stop_button.clicked.connect(self.stop_requested)
        self.export_button.clicked.connect(self.export_requested)
        for button in (self.measure_button, self.stop_button, self.export_button):
            button.setEnabled(False)
        self.stop_button.hide()  # it takes the place of Measure while a run goes
        self.title = Label(theme, "Timed run", BODY, SEMIBOLD)
        self.left = Label(theme, "", BODY, MEDIUM, "accent")
        self.bar = ThinBar(theme)
        self.said = Label(theme, "Deploy first", CAPTION, tone="muted", wrap=True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.left)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.measure_button, 1)
        buttons.addWidget(self.stop_button, 1)
        buttons.addWidget(self.export_button)
        self.box.addLayout(head)
        self.box.addWidget(TwoLines(self.said))
        self.box.addWidget(self.bar)
        self.box.addStretch(1)
        self.box.addLayout(buttons)

    def show_ready(self, ready: bool, text: str) -> None:
        """Say at rest whether a run can start."""
        if not self.running:
            self.measure_button.setEnabled(ready)
            self.said.setText(self._kept or text)

    def show_started(self) -> None:
        """Show that a run began."""
        self.running = True
        self._kept = ""
        self._show_buttons()
        self.bar.show_share(0.0)
        self.said.setText("The mirror rests meanwhile")

    def _show_buttons(self) -> None:
        had_focus = self.measure_button.hasFocus() or self.stop_button.hasFocus()
        self.measure_button.setVisible(not self.running)
        self.stop_button.setVisible(self.running)
        self.stop_button.setEnabled(self.running)
        if had_focus:
            (self.stop_button if self.running else self.measure_button).setFocus()

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show how far the run is, and what is left of it."""
        if not self.running:
            return
        self.title.setText("Measuring" if progress.step == "measure" else "Settling")
        if progress.fraction is not None and progress.step == "measure":
            left = self.seconds * (1 - progress.fraction)
            self.left.setText(f"{left:.0f} s left")
            self.bar.show_share(progress.fraction)
        if progress.detail:
            self.said.setText(progress.detail)

    @Slot(Ended)
    def show_ended(self, ended: Ended, text: str = "", tip: str = "") -> None:
        """Show how the run ended; ``text`` is what a kept one says, ``tip`` all of it."""
        self.running = False
        self.measure_button.setEnabled(True)
        self._show_buttons()
        self.title.setText("Timed run")
        self.left.setText("")
        if ended.outcome is Outcome.COMPLETED:
            self.export_button.setEnabled(True)
            self.bar.show_share(1.0)
            self._kept = text or "Kept"
        elif ended.outcome is Outcome.CANCELLED:
            self.bar.show_share(0.0)
            self._kept = "Stopped before the first sample; nothing was kept"
        else:
            self.bar.show_share(0.0)
            self._kept = ended.message
        self.said.setText(self._kept)
        self.said.setToolTip(tip)

    def forget(self) -> None:
        """Forget how the last run ended: something else is being started."""
        if not self.running:
            self._kept = ""
            self.said.setText("")
            self.said.setToolTip("")
            self.bar.show_share(0.0)
