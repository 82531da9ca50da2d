"""How the work of one card stands: a sentence, a bar, and what ends or undoes it."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.jobs import Ended, Outcome, Progress
from gui.parts import Button, ThinBar
from gui.theme import SPACE, Theme
from gui.training.said_line import SaidLine


class WorkLine(QWidget):
    """Shows one job from its start to its end; then it can offer to undo it."""

    cancel_requested = Signal()
    undo_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it empty: it takes no room."""
        super().__init__()
        self.running = False
        self.said = SaidLine(theme)
        self.bar = ThinBar(theme)
        self.cancel_button = Button(theme, "Cancel", tip="Esc")
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.undo_button = Button(theme, "Undo", tip="Ctrl+Z")
        self.undo_button.clicked.connect(self._undo)
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        line.addWidget(self.said, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.undo_button)
        line.addWidget(self.cancel_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE // 2)
        box.addLayout(line)
        box.addWidget(self.bar)
        self.say("none", "")

    def say(self, state: str, what: str, *, undo: bool = False) -> None:
        """Say a sentence with its state; see ``SaidLine.say``."""
        self._show_running(False)
        self.said.say(state, what)
        self.undo_button.setVisible(undo)
        self.setVisible(bool(what))

    def show_started(self, what: str) -> None:
        """Show that something began."""
        self._show_running(True)
        self.bar.show_share(0.0)
        self.said.say("busy", what)
        self.undo_button.hide()
        self.show()

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        if self.running:
            self.bar.show_share(progress.fraction or 0.0)
            self.said.say("busy", self.said.what.text(), aside=progress.detail)

    def show_ended(self, ended: Ended, done: str) -> None:
        """Show how it ended: ``done`` if it ended well."""
        self._show_running(False)
        if ended.outcome is Outcome.FAILED:
            self.said.say_failed(ended)
        elif ended.outcome is Outcome.CANCELLED:
            self.said.say("none", "Cancelled.")
        else:
            self.said.say("ok", done)
        self.setVisible(not self.said.isHidden())

    def _undo(self) -> None:
        self.undo_button.hide()
        self.undo_requested.emit()

    def _show_running(self, running: bool) -> None:
        self.running = running
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(running)
