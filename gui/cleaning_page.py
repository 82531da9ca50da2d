"""Leave the phone clean: what goes, how far it is, and what was removed and restored."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from engine.jobs import Ended, Outcome, Progress
from gui.confirm import Confirm
from gui.labels import Label
from gui.parts import Button, Card, StateShape, ThinBar
from gui.theme import BODY, SEMIBOLD, SPACE, TITLE, Theme

WHAT_GOES = (
    "This goes from {phone}:\n"
    "\N{BULLET} the lab's app, with the models that were sent to it and its camera permission\n"
    "\N{BULLET} every file of the lab and of its mirror\n"
    "\n"
    "Settings that the lab changed become what they were. What is kept on this computer stays."
)
STEPS = {"app": "Removing the app", "files": "Removing files", "settings": "Restoring settings"}
NOTHING = "Nothing of the lab was on it."


class CleaningPage(Card):
    """Stands where the phone's screen would be. Knows nothing of phones."""

    clean_requested = Signal()
    declined = Signal()
    cancel_requested = Signal()
    deploy_requested = Signal()
    connect_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the page; ``ask`` begins."""
        super().__init__(theme, padding=3 * SPACE)
        self.running = False
        self.title = Label(theme, "Leave the phone clean", TITLE, SEMIBOLD, wrap=True)
        self.shape = StateShape(theme)
        self.said = Label(theme, "", BODY, tone="muted", wrap=True)
        self.bar = ThinBar(theme)
        self.confirm = Confirm(theme, space=2 * SPACE)
        self.cancel_button = Button(theme, "Cancel", "secondary", "Esc")
        self.deploy_button = Button(theme, "Deploy again", "primary")
        self.connect_button = Button(theme, "Show its screen")
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.shape)
        head.addWidget(self.title, 1)
        self.box.setSpacing(2 * SPACE)
        self.box.addStretch(1)
        self.box.addLayout(head)
        for part in (self.said, self.bar, self.confirm, self.cancel_button):
            self.box.addWidget(part)
        self.box.addWidget(self.deploy_button)
        self.box.addWidget(self.connect_button)
        self.box.addStretch(2)
        self.confirm.confirmed.connect(self.clean_requested)
        self.confirm.declined.connect(self.declined)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.deploy_button.clicked.connect(self.deploy_requested)
        self.connect_button.clicked.connect(self.connect_requested)
        self._show("none", "Leave the phone clean", "")

    def ask(self, phone: str) -> None:
        """Name what goes, and ask."""
        self._show("none", "Leave the phone clean", "")
        self.confirm.ask(WHAT_GOES.format(phone=phone), "Clean it")

    def show_started(self) -> None:
        """Show that it began."""
        self.running = True
        self._show("busy", "Leaving the phone clean", "Closing the session")
        self.bar.show_share(0.0)
        self.bar.show()
        self.cancel_button.setEnabled(True)
        self.cancel_button.show()
        self.cancel_button.setFocus()

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show what goes now."""
        if self.running:
            self.said.setText(STEPS.get(progress.step, progress.step))
            self.bar.show_share(progress.fraction or 0.0)

    @Slot(Ended)
    def show_ended(self, ended: Ended) -> None:
        """Show what was removed and restored, or why not all was."""
        self.running = False
        if ended.outcome is Outcome.COMPLETED:
            found = ended.result
            said = [("Removed", found.removed), ("Restored", found.restored)]
            lines = [f"{word}\n{_lines(each)}" for word, each in said if each]
            self._show("ok", "The phone is clean", "\n\n".join(lines) or NOTHING)
        elif ended.outcome is Outcome.CANCELLED:
            self._show("warn", "Not all was removed", "Cancelled; what was gone by then is gone.")
        else:
            self._show("fail", "The phone is not clean yet", ended.message)
        for button in (self.deploy_button, self.connect_button):
            button.show()
        self.deploy_button.setFocus()

    def _show(self, state: str, title: str, text: str) -> None:
        self.shape.show_state(state)
        self.title.setText(title)
        self.said.setText(text)
        self.said.setVisible(bool(text))
        self.cancel_button.setEnabled(False)
        for part in (
            self.bar,
            self.confirm,
            self.cancel_button,
            self.deploy_button,
            self.connect_button,
        ):
            part.hide()


def _lines(items: tuple[str, ...]) -> str:
    """Return one line each; long paths may be broken at their slashes."""
    return "\n".join("\N{BULLET} " + item.replace("/", "/\N{ZERO WIDTH SPACE}") for item in items)
