"""A session: how it stands or what came of it, phone by phone, with the question that waits."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.first_frame import GAP
from gui.labels import ElidedLabel, Label
from gui.parts import Button, Card, Chip, ThinBar
from gui.qa.question_card import QuestionCard
from gui.qa.step_list import StepList
from gui.qa.values import STATES, PhoneLine, SessionShown
from gui.theme import BODY, CAPTION, LARGE, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.said_line import SaidLine
from gui.training.scrolling import Scrolling

LOCKED = "The plan is locked: the session goes on with what it began with."


class PhoneCard(Card):
    """One phone of the session."""

    skip_requested = Signal(str)  # serial

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__(theme)
        self.serial = ""
        self.name = ElidedLabel(theme, "", TITLE, SEMIBOLD)
        self.chip = Chip(theme)
        self.about = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.bar = ThinBar(theme)
        self.doing = Label(theme, "", BODY, tone="muted", wrap=True)
        self.skip_button = Button(theme, "Begin now (marked)")
        self.skip_button.setToolTip("Do not wait for the start temperature; the result says so")
        self.skip_button.clicked.connect(lambda: self.skip_requested.emit(self.serial))
        self.steps = StepList(theme)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.name, 1)
        head.addWidget(self.skip_button)
        head.addWidget(self.chip)
        for part in (self.about, self.bar, self.doing, self.steps):
            if part is self.about:
                self.box.addLayout(head)
            self.box.addWidget(part)

    def show_phone(self, phone: PhoneLine, *, running: bool, gated: bool) -> None:
        """Show how it stands."""
        self.serial = phone.serial
        named = phone.name and phone.name != phone.serial
        self.name.setText(f"{phone.name}  {phone.serial}" if named else phone.serial)
        self.about.setText(phone.about)
        self.about.setVisible(bool(phone.about))
        going = running and not phone.outcome
        word = phone.outcome or ("under way" if going else "not done")
        self.chip.show_state(STATES.get(phone.outcome, "busy" if going else "none"), word)
        self.bar.setVisible(going)
        self.bar.show_share(phone.share)
        self.doing.setText(phone.text if running else "")
        self.doing.setVisible(running and bool(phone.text))
        self.skip_button.setVisible(going and gated)
        self.steps.show_steps(phone.steps)


class SessionPage(QWidget):
    """Shows one session, live or of the past."""

    cancel_requested = Signal()
    resume_requested = Signal(int)
    report_requested = Signal(int)
    edit_requested = Signal()
    open_requested = Signal()
    skip_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.shown = SessionShown(0, "", ())
        self.outcome = Label(theme, "", LARGE, SEMIBOLD)
        self.chip = Chip(theme)
        self.sentence = Label(theme, "", BODY, tone="muted", wrap=True)
        self.left = Label(theme, "", BODY, MEDIUM, "accent")
        self.bar = ThinBar(theme)
        self.said = SaidLine(theme)
        self.cancel_button = Button(theme, "Cancel", tip="Esc")
        self.resume_button = Button(theme, "Resume", "primary")
        self.report_button = Button(theme, "Report\N{HORIZONTAL ELLIPSIS}")
        self.report_button.setToolTip("HTML, PDF and all data as .zip into a folder; Ctrl+E")
        self.open_button = Button(theme, "Open report")
        self.edit_button = Button(theme, "Back to the plan")
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.resume_button.clicked.connect(lambda: self.resume_requested.emit(self.shown.series_id))
        self.report_button.clicked.connect(lambda: self.report_requested.emit(self.shown.series_id))
        self.open_button.clicked.connect(self.open_requested)
        self.edit_button.clicked.connect(self.edit_requested)
        self.question = QuestionCard(theme)
        self.cards: list[PhoneCard] = []
        self._cards = QVBoxLayout()
        self._cards.setSpacing(GAP)
        self._lay_out()
        self.cancel_button.setEnabled(False)

    def _lay_out(self) -> None:
        head = Card(self.theme)
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        line.addWidget(self.outcome)
        line.addWidget(self.chip)
        line.addStretch(1)
        line.addWidget(self.left)
        for button in (
            self.edit_button,
            self.open_button,
            self.report_button,
            self.resume_button,
            self.cancel_button,
        ):
            line.addWidget(button)
        head.box.addLayout(line)
        for part in (self.sentence, self.bar, self.said):
            head.box.addWidget(part)
        inside = QWidget()
        inside.setLayout(self._cards)
        self._cards.setContentsMargins(0, 0, 0, 0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        box.addWidget(head)
        box.addWidget(self.question)
        box.addWidget(Scrolling(inside), 1)

    def show_session(self, shown: SessionShown, share: float = 0.0, left: str = "") -> None:
        """Show how a session stands."""
        other = shown.series_id != self.shown.series_id
        self.shown = shown
        self.outcome.setText(shown.title)
        word = shown.outcome or ("under way" if shown.running else "not begun")
        state = "busy" if shown.running else STATES.get(shown.outcome, "none")
        self.chip.show_state(state, "under way" if shown.running else word)
        self.sentence.setText(LOCKED if shown.running else shown.sentence)
        self.left.setText(left if shown.running else "")
        self.bar.setVisible(shown.running)
        self.bar.show_share(share)
        if other or shown.running:
            self.said.say("none", "")
            self.open_button.hide()
        self.cancel_button.setVisible(shown.running)
        self.cancel_button.setEnabled(shown.running)
        self.resume_button.setVisible(shown.resumable and not shown.running)
        self.report_button.setVisible(bool(shown.series_id) and not shown.running)
        self.edit_button.setVisible(not shown.running)
        if not shown.running:
            self.question.show_question(None)
        self._show_phones()

    def show_cancelling(self) -> None:
        """Say that it ends."""
        self.cancel_button.setEnabled(False)
        self.sentence.setText("Ending; what was measured is kept.")

    def show_report(self, name: str) -> None:
        """Say where the report is, and offer to open it."""
        self.said.say("ok", f"Report written: {name}")
        self.open_button.show()
        self.open_button.setFocus()

    def _show_phones(self) -> None:
        while len(self.cards) < len(self.shown.phones):
            card = PhoneCard(self.theme)
            card.skip_requested.connect(self.skip_requested)
            self.cards.append(card)
            self._cards.addWidget(card)
        for number, card in enumerate(self.cards):
            there = number < len(self.shown.phones)
            card.setVisible(there)
            if there:
                phone = self.shown.phones[number]
                card.show_phone(phone, running=self.shown.running, gated=self.shown.gated)
