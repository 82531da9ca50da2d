"""Which models a sweep measures."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from gui.labels import Label
from gui.parts import Button, Card
from gui.rowed_view import ROW_HEIGHT
from gui.sweep.model_list import ModelList
from gui.sweep.values import VARIANTS, Model, Offer
from gui.theme import CAPTION, SEMIBOLD, SPACE, TITLE, Theme
from gui.variant_list import FilterBox

LEAST_ROWS = 5


class ModelsCard(Card):
    """Ticks models one by one, or many at a click."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it without models."""
        super().__init__(theme)
        self._three: tuple[str, ...] = ()
        self.count = Label(theme, "", CAPTION, tone="muted")
        self.filter = FilterBox(theme)
        self.filter.setAccessibleName("Filter the models")
        self.filter.setToolTip("Words of a name, or: built, baselines, variants")
        self.list = ModelList(theme)
        self.list.setMinimumHeight(LEAST_ROWS * ROW_HEIGHT)
        self.filter.textChanged.connect(self.list.kept.set_words)
        self.list.ticks.ticked_changed.connect(self._tell)
        picks = QHBoxLayout()
        picks.setSpacing(SPACE // 2)
        self.picks: dict[str, Button] = {}
        for word, tip in (
            ("16 int8", "Ticks all variants of int8"),
            ("16 float32", "Ticks all variants of float32"),
            ("The three", "Ticks the three variants from which the others are predicted"),
            ("None", "Takes all ticks away"),
        ):
            self.picks[word] = button = Button(theme, word, "secondary", tip)
            button.setFont(theme.font(CAPTION))
            button.setFixedHeight(4 * SPACE)
            picks.addWidget(button)
        self.picks["16 int8"].clicked.connect(lambda: self._tick_all("int8"))
        self.picks["16 float32"].clicked.connect(lambda: self._tick_all("float32"))
        self.picks["The three"].clicked.connect(lambda: self.list.ticks.tick(self._three))
        self.picks["None"].clicked.connect(lambda: self.list.ticks.tick(()))
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(Label(theme, "Models", TITLE, SEMIBOLD))
        head.addWidget(self.count)
        head.addStretch(1)
        head.addWidget(self.filter, 2)
        self.box.addLayout(head)
        self.box.addLayout(picks)
        self.box.addWidget(self.list, 1)

    @property
    def models(self) -> Sequence[Model]:
        """All that is listed."""
        return self.list.ticks.models

    def ticked(self) -> tuple[str, ...]:
        """Return what is to be measured."""
        return self.list.ticks.ticked()

    def tick(self, names: Sequence[str]) -> None:
        """Tick these alone, and show the first."""
        self.filter.clear()
        self.list.ticks.tick(names)
        for row, model in enumerate(self.models):
            if model.name in names:
                self.list.scrollTo(self.list.kept.mapFromSource(self.list.ticks.index(row)))
                return

    def show_offer(self, offer: Offer) -> None:
        """List what can be measured."""
        self._three = offer.three
        self.list.ticks.set_models(offer.models)

    def _tick_all(self, precision: str) -> None:
        self.list.ticks.tick(
            {
                model.name
                for model in self.models
                if model.group == VARIANTS and model.precision == precision
            }
        )

    def _tell(self) -> None:
        count = len(self.ticked())
        self.count.setText(f"{count} ticked" if count else "")
        self.changed.emit()
