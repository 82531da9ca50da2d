"""What is known of the chosen line, every figure with its source; and what can be done with it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.labels import ElidedLabel, Label
from gui.models.figure_list import FigureList
from gui.models.figures import figure_lines, said_of
from gui.models.lines import Line
from gui.parts import Button, Card, Chip, Combo, Segments
from gui.theme import BODY, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.scrolling import Scrolling
from gui.variant_list import PRECISIONS

if TYPE_CHECKING:
    from engine.catalog.variants import Catalog

EMPTY = "Choose a model at the left: its figures, each with its source, will stand here."
CHIPS = {"untrained": "warn", "damaged": "fail"}


class Offer(NamedTuple):
    """Trained weights that can be fetched: which kind, and what people are told of it."""

    kind: str
    words: str


class AboutPage(Card):
    """Shows one line, or how many are chosen. Knows nothing of where models come from."""

    build_requested = Signal(str)  # precision
    fetch_requested = Signal(str)  # kind
    use_requested = Signal(str)  # precision
    pack_requested = Signal()
    remove_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the page without a line."""
        super().__init__(theme)
        self.title = ElidedLabel(theme, "No model chosen", TITLE, SEMIBOLD)
        self.chip = Chip(theme)
        self.said = Label(theme, EMPTY, BODY, tone="muted", wrap=True)
        self.figures = FigureList(theme)
        self.apart_title = Label(theme, "Where sources differ", BODY, SEMIBOLD)
        self.apart = Label(theme, "", BODY, tone="muted", wrap=True)
        self.precision = Segments(theme, PRECISIONS, "Precision to build")
        self.precision.choose("int8")
        self.build_button = Button(theme, "Build")
        self.offers = Combo(theme)
        self.offers.setAccessibleName("Trained weights to fetch")
        self.fetch_button = Button(theme, "Fetch")
        self.use_button = Button(theme, "Use", "primary", "Choose it in Live, to be deployed")
        self.pack_button = Button(theme, "Pack", tip="Write the chosen models for another computer")
        self.remove_button = Button(theme, "Remove", tip="Delete; it can be undone")
        self._lay_out(theme)
        self.build_button.clicked.connect(lambda: self.build_requested.emit(self.precision.choice))
        self.fetch_button.clicked.connect(self._fetch)
        self.use_button.clicked.connect(lambda: self.use_requested.emit(self.precision.choice))
        self.pack_button.clicked.connect(self.pack_requested)
        self.remove_button.clicked.connect(self.remove_requested)
        self.show_nothing()

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.title, 1)
        head.addWidget(self.chip)
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, SPACE, 0)
        lines.setSpacing(SPACE)
        for part in (self.figures, self.apart_title, self.apart):
            lines.addWidget(part)
        self.build_line, self.fetch_line = QWidget(), QWidget()
        self.build_word = Label(theme, "Build", BODY, MEDIUM)
        self.fetch_word = Label(theme, "Trained", BODY, MEDIUM)
        for line, parts in (
            (self.build_line, (self.build_word, self.precision, self.build_button)),
            (self.fetch_line, (self.fetch_word, self.offers, self.fetch_button)),
        ):
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(SPACE)
            word, middle, button = parts
            word.setFixedWidth(7 * SPACE)
            row.addWidget(word)
            row.addWidget(middle, 1)
            row.addWidget(button)
            button.setFixedWidth(10 * SPACE)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(self.use_button, 1)
        foot.addWidget(self.pack_button)
        foot.addWidget(self.remove_button)
        self.box.addLayout(head)
        self.box.addWidget(self.said)
        self.box.addWidget(Scrolling(inside), 1)
        for part in (self.build_line, self.fetch_line):
            self.box.addWidget(part)
        self.box.addLayout(foot)

    def show_nothing(self) -> None:
        """Show that no line is chosen."""
        self.title.setText("No model chosen")
        self.said.setText(EMPTY)
        self._show_figures((), ())
        self.chip.hide()
        self.show_offers(())
        self.show_able(build="", use="Choose a model", pack=False, remove=False)

    def show_line(self, line: Line, catalog: "Catalog") -> None:
        """Show one line: its figures, their sources, and where those differ."""
        from engine.model_table import differences

        self.title.setText(line.title)
        self.said.setText(said_of(line))
        self.chip.setVisible(line.kept is not None)
        self.chip.show_state(CHIPS.get(line.state, "ok"), line.state)
        network = line.network if line.kept is None else None
        apart = differences(network.entry, catalog.sources) if network is not None else ()
        self._show_figures(figure_lines(line, catalog), apart)

    def show_many(self, lines: Sequence[Line]) -> None:
        """Show that several lines are chosen."""
        here = sum(line.kept is not None for line in lines)
        self.title.setText(f"{len(lines)} lines chosen")
        self.said.setText(f"{len(lines) - here} networks and {here} models on this computer.")
        self.chip.hide()
        self._show_figures((), ())

    def _show_figures(self, lines: Sequence[object], apart: Sequence[str]) -> None:
        self.figures.show_lines(lines)  # type: ignore[arg-type]
        self.apart.setText("\n".join(apart))
        self.apart.setVisible(bool(apart))
        self.apart_title.setVisible(bool(apart))

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Offer these trained weights; the kind stays chosen where it can."""
        before = self.offers.currentData()
        blocker = QSignalBlocker(self.offers)
        self.offers.clear()
        for offer in offers:
            self.offers.addItem(offer.words, offer.kind)
        self.offers.setCurrentIndex(max(0, self.offers.findData(before)))
        del blocker
        self.fetch_line.setVisible(bool(offers))

    def show_able(self, *, build: str, use: str, pack: bool, remove: bool) -> None:
        """Say what can be done now.

        Args:
            build: What the precisions are for; empty where nothing can be built.
            use: Why the model cannot be used; empty if it can.
            pack: Whether a chosen model can be packed.
            remove: Whether a chosen model can be removed.
        """
        self.build_line.setVisible(bool(build))
        self.build_word.setText(build)
        self.use_button.setEnabled(not use)
        self.use_button.setToolTip(use or "Choose it in Live, to be deployed")
        self.pack_button.setEnabled(pack)
        self.remove_button.setEnabled(remove)

    def show_busy(self, busy: bool) -> None:
        """Let nothing begin while something is made or moved."""
        for button in (self.build_button, self.fetch_button):
            button.setEnabled(not busy)

    def _fetch(self) -> None:
        kind = self.offers.currentData(Qt.ItemDataRole.UserRole)
        if kind:
            self.fetch_requested.emit(str(kind))
