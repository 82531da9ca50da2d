"""The page "sweep" of Compare: left what to measure, right how it goes and what it says."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.first_frame import GAP
from gui.labels import Label, TwoLines
from gui.parts import Button, Card, Segments
from gui.sweep.how_cards import CrossCard, RepeatCard, SideCard
from gui.sweep.models_card import ModelsCard
from gui.sweep.standing_card import StandingCard
from gui.sweep.unfinished_card import UnfinishedCard
from gui.sweep.values import AbWish, Offer, Side, SweepWish, Wish
from gui.theme import CAPTION, SPACE, Theme

LEFT = 46 * SPACE
MODES = ("sweep", "A/B")
MANY, PAIR = MODES
AB_BLOCKS, LEAST_BLOCKS = 5, 3


class SweepView(QWidget):
    """Shows what it is given; the wishes go out through signals."""

    shown = Signal()
    wish_changed = Signal()
    start_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it without models."""
        super().__init__()
        self.mode = Segments(theme, MODES, "Many models, or is B faster than A")
        self.models, self.cross = ModelsCard(theme), CrossCard(theme)
        self.a, self.b = SideCard(theme, "A"), SideCard(theme, "B")
        self.repeats = RepeatCard(theme)
        self.unfinished, self.standing = UnfinishedCard(theme), StandingCard(theme)
        self.estimate = Label(theme, "", CAPTION, tone="muted", wrap=True)
        self.start_button = Button(theme, "Start", "primary", "")
        self.start_button.setEnabled(False)
        self.mode.chosen.connect(self._switch)
        for card in (self.models, self.cross, self.a, self.b, self.repeats):
            card.changed.connect(self.wish_changed)
        self.start_button.clicked.connect(self.start_requested)
        self._ready = (False, "Connect a phone first")
        self._said = ("", False)
        self._lay_out(theme)

    def _lay_out(self, theme: Theme) -> None:
        self.kinds = QStackedWidget()
        self.kinds.addWidget(_column(self.models, self.cross, grows=self.models))
        self.kinds.addWidget(_column(self.a, self.b))
        self._fit_kind()
        setup = _column(self.kinds, self.repeats, grows=self.kinds)
        start = Card(theme)
        start.box.addWidget(TwoLines(self.estimate))
        start.box.addWidget(self.start_button)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(GAP)
        left.addWidget(self.mode)
        left.addWidget(_scrolling(setup), 1)
        left.addWidget(start)
        side = QWidget()
        side.setLayout(left)
        side.setFixedWidth(LEFT)
        right = _column(self.unfinished, self.standing, grows=self.standing)
        self.unfinished.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        box.addWidget(side)
        box.addWidget(right, 1)

    def wish(self) -> Wish:
        """Return what is to be measured."""
        repeats = self.repeats.repeats()
        if self.mode.choice == PAIR:
            return AbWish(self.a.side(), self.b.side(), repeats)
        return SweepWish(self.models.ticked(), *self.cross.chosen(), repeats)

    def sides(self) -> tuple[Side, Side]:
        """Return both sides of the A/B test."""
        return self.a.side(), self.b.side()

    def show_offer(self, offer: Offer) -> None:
        """Show what there is to choose from."""
        self.models.show_offer(offer)
        first = not self.a.models
        for card in (self.a, self.b):
            card.show_models(offer.models)
        if first and len(offer.three) > 1:
            self.a.choose(offer.three[1])
            self.b.choose(offer.three[1])
        self.unfinished.show_series(offer.unfinished)

    def show_hello(self, hello: object) -> None:
        """Offer what the app on the phone has; None where there is no app."""
        for card in (self.cross, self.a, self.b):
            card.show_hello(hello)  # type: ignore[arg-type]
        self.wish_changed.emit()

    def show_estimate(self, text: str, *, possible: bool) -> None:
        """Say how long the wish takes, or what is missing."""
        self._said = (text, possible)
        self._show_start()

    def show_ready(self, ready: bool, why: str) -> None:
        """Say whether anything can be started now, else why not."""
        self._ready = (ready, why)
        self.unfinished.show_ready(ready, why)
        self._show_start()

    def show_locked(self, locked: bool) -> None:
        """Leave what is measured as it is while it is."""
        for part in (self.mode, self.kinds, self.repeats):
            part.setEnabled(not locked)

    def _show_start(self) -> None:
        (ready, why), (text, possible) = self._ready, self._said
        self.start_button.setEnabled(ready and possible)
        self.estimate.setText(text if ready or not possible else f"{text} {why}.")
        self.start_button.setToolTip("" if ready else why)

    def _fit_kind(self) -> None:
        """Let the column be as high as what is in front, not as the higher of both."""
        for at in range(self.kinds.count()):
            policy = QSizePolicy.Policy
            front = at == self.kinds.currentIndex()
            self.kinds.widget(at).setSizePolicy(
                policy.Preferred, policy.Preferred if front else policy.Ignored
            )

    def _switch(self, mode: str) -> None:
        self.kinds.setCurrentIndex(MODES.index(mode))
        self._fit_kind()
        blocks = self.repeats.blocks
        if mode == PAIR and blocks.value() == LEAST_BLOCKS:
            blocks.setValue(AB_BLOCKS)
        elif mode == MANY and blocks.value() == AB_BLOCKS:
            blocks.setValue(LEAST_BLOCKS)
        self.wish_changed.emit()

    def showEvent(self, _event: QShowEvent) -> None:
        """Tell that somebody looks."""
        self.shown.emit()


def _column(*parts: QWidget, grows: QWidget | None = None) -> QWidget:
    column = QWidget()
    box = QVBoxLayout(column)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(GAP)
    for part in parts:
        box.addWidget(part, 1 if part is grows else 0)
    if grows is None:
        box.addStretch(1)
    return column


def _scrolling(column: QWidget) -> QScrollArea:
    """Return the column in an area that scrolls only where the window is low."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    area.setWidget(column)
    column.setAutoFillBackground(False)
    return area
