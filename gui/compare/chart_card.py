"""The scatter with what it is drawn by: cost, setting, accuracy, and three switches."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from engine.catalog.selection import Axis
from gui.compare.scatter import Scatter
from gui.compare.toggle import Toggle
from gui.compare.work import WORDS, Shown
from gui.labels import ElidedLabel, Label, TwoLines
from gui.parts import Button, Card, Combo, Segments, StateShape
from gui.theme import CAPTION, SEMIBOLD, SPACE, TITLE, Theme

HINT = "Point at a mark or walk with the arrows; a click or Enter chooses it."


class ChartCard(Card):
    """Lets the person choose what is drawn. Knows nothing of records."""

    shown_changed = Signal()  # another cost, scale, or what is drawn of it
    setting_chosen = Signal(int)
    accuracy_chosen = Signal(int)
    export_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it without marks."""
        super().__init__(theme)
        self.scatter = Scatter(theme)
        self.axis = Segments(theme, tuple(WORDS.values()), "What top-1 is drawn against")
        self.log = Toggle(theme, "Log", "Each step of the cost's axis is a factor")
        self.predicted = Toggle(theme, "Predicted", "Show and recommend what was not measured")
        self.reference = Toggle(theme, "Published", "Latencies that others published, in grey")
        self.settings, self.accuracies = Combo(theme), Combo(theme)
        self.settings.setAccessibleName("What the latencies were measured with")
        self.accuracies.setAccessibleName("Whose top-1")
        self.export_button = Button(theme, "Export", "secondary", "As PNG, SVG or CSV")
        self.trouble = Label(theme, "", wrap=True)
        self.trouble_shape = StateShape(theme)
        self.trouble.hide()
        self.readout = Label(theme, HINT, CAPTION, tone="muted", wrap=True)
        self.readout.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.note = ElidedLabel(theme, "", CAPTION, tone="muted")
        self._lay_out(theme)
        self.axis.chosen.connect(lambda _word: self.shown_changed.emit())
        for switch in (self.log, self.predicted, self.reference):
            switch.toggled.connect(lambda _on: self.shown_changed.emit())
        self.settings.activated.connect(self.setting_chosen)
        self.accuracies.activated.connect(self.accuracy_chosen)
        self.export_button.clicked.connect(self.export_requested)
        self.scatter.looked_at.connect(self._read_out)

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(Label(theme, "Top-1 against", TITLE, SEMIBOLD))
        head.addWidget(self.axis)
        head.addStretch(1)
        head.addWidget(self.export_button)
        choices = QHBoxLayout()
        choices.setSpacing(SPACE)
        choices.addWidget(self.settings, 3)
        choices.addWidget(self.accuracies, 2)
        for switch in (self.log, self.predicted, self.reference):
            choices.addWidget(switch)
        said = QHBoxLayout()
        said.setSpacing(SPACE)
        said.addWidget(self.trouble_shape, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.trouble, 1)
        self.box.addLayout(head)
        self.box.addLayout(choices)
        self.box.addWidget(self.note)
        self.box.addLayout(said)
        self.box.addWidget(self.scatter, 1)
        self.box.addWidget(TwoLines(self.readout))

    def shown(self) -> Shown:
        """Return what is to be drawn."""
        axis: Axis = next(key for key, word in WORDS.items() if word == self.axis.choice)
        return Shown(
            axis, self.log.isChecked(), self.predicted.isChecked(), self.reference.isChecked()
        )

    def show_choices(self, settings: Sequence[str], accuracies: Sequence[str], at: int) -> None:
        """Offer settings, the one that is shown first, and accuracies, of which ``at`` is."""
        for box, words, index in ((self.settings, settings, 0), (self.accuracies, accuracies, at)):
            box.clear()
            box.addItems(list(words))
            box.setCurrentIndex(index)
            box.setEnabled(len(words) > 1)
            box.setToolTip(box.currentText())

    def show_note(self, text: str) -> None:
        """Say what to know about all of the latencies; empty says nothing."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def show_trouble(self, text: str) -> None:
        """Say why nothing new is shown; empty takes it back."""
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
        self.trouble_shape.show_state("fail" if text else "none")

    def _read_out(self, text: str) -> None:
        self.readout.setText(text or HINT)
        self.readout.set_tone("text" if text else "muted")
