"""The card at the left: which plan, on which phones, and the start."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from gui.compare.toggle import Toggle
from gui.labels import ElidedLabel, Label
from gui.parts import Button, Card
from gui.qa.values import PhoneChoice
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.said_line import SaidLine

NO_FILE = "not saved yet"
NO_PHONE = "No phone is ready. Connect one, or try with a virtual phone."


class PlanCard(Card):
    """Tells wishes about the plan's file, the phones and the start."""

    new_requested = Signal()
    open_requested = Signal()
    save_requested = Signal()
    start_requested = Signal()
    phone_requested = Signal()
    phones_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the card without phones."""
        super().__init__(theme)
        self.name = ElidedLabel(theme, "", BODY, MEDIUM)
        self.file = ElidedLabel(theme, NO_FILE, CAPTION, tone="muted")
        self.new_button = Button(theme, "New")
        self.open_button = Button(theme, "Open\N{HORIZONTAL ELLIPSIS}", tip="Ctrl+O")
        self.save_button = Button(theme, "Save\N{HORIZONTAL ELLIPSIS}", tip="Ctrl+S")
        self.new_button.clicked.connect(self.new_requested)
        self.open_button.clicked.connect(self.open_requested)
        self.save_button.clicked.connect(self.save_requested)
        self.said = SaidLine(theme)
        self.no_phone = Label(theme, NO_PHONE, BODY, tone="muted", wrap=True)
        self.try_button = Button(theme, "Try with a virtual phone")
        self.try_button.clicked.connect(self.phone_requested)
        self.start_button = Button(theme, "Start", "primary")
        self.start_button.clicked.connect(self.start_requested)
        self.why = Label(theme, "", CAPTION, tone="muted", wrap=True)
        self.toggles: dict[str, Toggle] = {}
        self._said: dict[str, bool] = {}  # what the person chose; the rest follows the connected
        self._phones = QVBoxLayout()
        self._phones.setSpacing(0)
        self._lay_out()
        self.show_phones((), "")

    def _lay_out(self) -> None:
        theme = self.theme
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self.new_button, self.open_button, self.save_button):
            buttons.addWidget(button, 1)
        self.box.addWidget(Label(theme, "QA plan", TITLE, SEMIBOLD))
        self.box.addWidget(self.name)
        self.box.addWidget(self.file)
        self.box.addLayout(buttons)
        self.box.addWidget(self.said)
        self.box.addSpacing(SPACE)
        self.box.addWidget(Label(theme, "Phones, all at once", CAPTION, MEDIUM, "muted"))
        self.box.addLayout(self._phones)
        self.box.addWidget(self.no_phone)
        self.box.addWidget(self.try_button)
        self.box.addSpacing(SPACE)
        self.box.addWidget(self.start_button)
        self.box.addWidget(self.why)

    def show_plan(self, title: str, file: str) -> None:
        """Show the plan's title and its file."""
        self.name.setText(title or "Untitled")
        self.file.setText(file or NO_FILE)

    def show_phones(self, phones: Sequence[PhoneChoice], connected: str) -> None:
        """Offer the phones that are ready; the connected one is chosen until somebody says else."""
        while (item := self._phones.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.toggles = {}
        for phone in phones:
            on = self._said.get(phone.serial, phone.serial == connected or len(phones) == 1)
            word = f"{phone.name}  {phone.serial}" if phone.name else phone.serial
            toggle = Toggle(self.theme, word, f"Test {phone.serial}", on=on)
            toggle.setFont(self.theme.font(BODY))
            toggle.toggled.connect(partial(self._say, phone.serial))
            self.toggles[phone.serial] = toggle
            self._phones.addWidget(toggle)
        self.no_phone.setVisible(not phones)
        self.try_button.setVisible(not phones)

    def _say(self, serial: str, on: bool) -> None:
        self._said[serial] = on
        self.phones_changed.emit()

    def chosen(self) -> tuple[str, ...]:
        """Return the serials of the chosen phones."""
        return tuple(serial for serial, each in self.toggles.items() if each.isChecked())

    def show_ready(self, ready: bool, why: str) -> None:
        """Say whether it can start, and why not or how long it takes."""
        self.start_button.setEnabled(ready)
        self.why.setText(why)

    def show_locked(self, locked: bool) -> None:
        """Let nothing be changed while a session runs: its plan is what it began with."""
        parts = (self.new_button, self.open_button, self.save_button, self.try_button)
        for part in (*parts, *self.toggles.values()):
            part.setEnabled(not locked)
