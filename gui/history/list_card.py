"""The card with the table of runs: what narrows it, what comes in, and how work stands."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QMimeData, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.compare.toggle import Toggle
from gui.history.rows import RunTable
from gui.history.table import HistoryTable
from gui.history.values import Listing
from gui.labels import ElidedLabel, Label
from gui.models.work_line import WorkLine
from gui.parts import Button, Combo
from gui.theme import BODY, CAPTION, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.drop_card import DropCard
from gui.variant_list import FilterBox
from gui.variant_view import WholeRows

TYPING_MS = 120
"""How long nobody types before the filter is asked."""
UNDO_MS = 10_000
TABLE, NOTHING, EMPTY = range(3)
EMPTY_TITLE = "Every run is kept here"
EMPTY_TEXT = (
    "Measure something in Live: it appears here by itself, with all its samples, and nothing "
    "that comes later overwrites it. Then find it again, compare, tag, hand it out. Runs of "
    "another lab come in as a .zip: import it, or drop it here."
)


class Wish(NamedTuple):
    """What narrows the list.

    Attributes:
        text: Words.
        phone: A serial; empty for all.
        tag: A tag; empty for all.
        series: A series' number; None for all.
        valid: Only runs that may be ranked.
    """

    text: str = ""
    phone: str = ""
    tag: str = ""
    series: int | None = None
    valid: bool = False


class ListCard(DropCard):
    """Lets the person find and choose runs. Wishes go out."""

    wished = Signal(object)  # Wish
    chosen = Signal()
    delete_pressed = Signal()
    import_requested = Signal()
    live_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it without runs."""
        super().__init__(theme, "Drop to import", dropped_zip)
        self.runs = RunTable(self)
        self.table = HistoryTable(theme, self.runs)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._tell())
        self.table.delete_pressed.connect(self.delete_pressed)
        self.count = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.filter = FilterBox(theme)
        self.filter.setAccessibleName("Filter the runs")
        self.filter.setToolTip("Words of the model, phone, note, tags or series (Ctrl+F)")
        self.phone, self.tag, self.series = (Combo(theme) for _ in range(3))
        for combo, name in zip(self._combos(), ("Phone", "Tag", "Series"), strict=True):
            combo.setAccessibleName(f"{name} of the runs shown")
            combo.setMinimumContentsLength(6)
            combo.currentIndexChanged.connect(self._ask)
        self.valid = Toggle(theme, "valid only", "Only runs that may be ranked", on=False)
        self.valid.toggled.connect(self._ask)
        self.import_button = Button(theme, "Import", tip="A .zip that a lab exported")
        self.import_button.clicked.connect(self.import_requested)
        self.nothing = Label(theme, "", BODY, tone="muted", wrap=True)
        self.clear_button = Button(theme, "Show all runs")
        self.clear_button.clicked.connect(self.show_all)
        self.work = WorkLine(theme)
        self._typing = QTimer(self, interval=TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._ask)
        self.filter.textChanged.connect(lambda _text: self._typing.start())
        self._undoing = QTimer(self, interval=UNDO_MS, singleShot=True)
        self._undoing.timeout.connect(lambda: self.work.say("none", ""))
        self._quiet = False
        self._lay_out(theme)
        self.show_listing(Listing())
        self.pages.setCurrentIndex(TABLE)  # that there are no runs is said once it is known

    def _combos(self) -> tuple[Combo, Combo, Combo]:
        return self.phone, self.tag, self.series

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(Label(theme, "History", TITLE, SEMIBOLD))
        head.addWidget(self.count, 1)
        head.addWidget(self.filter, 2)
        head.addWidget(self.import_button)
        narrow = QHBoxLayout()
        narrow.setSpacing(SPACE)
        for combo in self._combos():
            narrow.addWidget(combo, 1)
        narrow.addWidget(self.valid)
        self.narrow = QWidget()
        self.narrow.setLayout(narrow)
        narrow.setContentsMargins(0, 0, 0, 0)
        self.pages = QStackedWidget()
        self.pages.addWidget(WholeRows(self.table))
        self.pages.addWidget(_centred(self.nothing, self.clear_button))
        self.pages.addWidget(self._empty_page(theme))
        self.box.addLayout(head)
        self.box.addWidget(self.narrow)
        self.box.addWidget(self.pages, 1)
        self.box.addWidget(self.work)

    def _empty_page(self, theme: Theme) -> QWidget:
        title = Label(theme, EMPTY_TITLE, TITLE, SEMIBOLD)
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        text = Label(theme, EMPTY_TEXT, BODY, tone="muted", wrap=True)
        self.live_button = Button(theme, "Measure in Live", "primary")
        self.live_button.clicked.connect(self.live_requested)
        return _centred(title, text, self.live_button)

    # what is shown

    def show_listing(self, listing: Listing) -> None:
        """Show these runs; what was chosen stays chosen where it can."""
        with self._choice_kept(beside=True):
            self.runs.show_listing(listing)
        phones = {row.facts.serial: row.phone_name for row in reversed(listing.rows)}
        self._offer(self.phone, "All phones", sorted(phones.items(), key=lambda each: each[1]))
        self._offer(self.tag, "All tags", [(tag, tag) for tag in listing.tags])
        used = {row.facts.series_id for row in listing.rows}
        series = [(each, title) for each, title in listing.series.items() if each in used]
        self._offer(self.series, "All series", series)
        self._show_page()

    def show_found(self, ids: frozenset[int] | None) -> None:
        """Show only the runs of these numbers; None shows all."""
        with self._choice_kept():
            self.runs.keep(ids, valid=self.wish().valid)
        self._show_page()

    def wish(self) -> Wish:
        """Return what narrows the list now."""
        return Wish(
            self.filter.text().strip(),
            self.phone.currentData() or "",
            self.tag.currentData() or "",
            self.series.currentData(),
            self.valid.isChecked(),
        )

    def show_all(self) -> None:
        """Take away all that narrows the list."""
        blocked = [QSignalBlocker(each) for each in (*self._combos(), self.valid, self.filter)]
        self.filter.clear()
        self.valid.setChecked(False)
        for combo in self._combos():
            combo.setCurrentIndex(0)
        for each in blocked:
            each.unblock()
        self._ask()

    def say_deleted(self, count: int) -> None:
        """Say it for ten seconds, with the button that undoes it."""
        self.work.say("ok", f"Deleted {count} run{'s' * (count != 1)}.", undo=True)
        self._undoing.start()

    def say(self, state: str, what: str) -> None:
        """Say how something went, where the work stands; what went well for ten seconds."""
        self._undoing.stop()
        self.work.say(state, what)
        if state == "ok":
            self._undoing.start()

    def _offer(self, combo: Combo, every: str, choices: Sequence[tuple[object, str]]) -> None:
        """Offer what there is; what was chosen stays chosen where it can."""
        before = combo.currentData()
        with QSignalBlocker(combo):
            combo.clear()
            combo.addItem(every, None)
            for value, words in choices:
                combo.addItem(words, value)
            combo.setCurrentIndex(max(0, combo.findData(before)) if before is not None else 0)
        combo.setEnabled(bool(choices))
        if combo.currentData() != before:
            self._ask()

    def _show_page(self) -> None:
        shown, there = len(self.runs.rows), len(self.runs.listing.rows)
        text = f"{shown:,} of {there:,}" if shown != there else f"{there:,}"
        words = f"{text.replace(',', chr(0x202F))} run{'s' * (there != 1)}"
        self.count.setText(words if there else "")
        self.nothing.setText("No run is like that.")
        self.narrow.setVisible(bool(there))
        self.filter.setEnabled(bool(there))
        self.pages.setCurrentIndex(TABLE if shown else NOTHING if there else EMPTY)

    @contextmanager
    def _choice_kept(self, *, beside: bool = False) -> Iterator[None]:
        """Keep what is chosen over a change of the rows, and tell the choice once.

        Args:
            beside: Whether the run beside is chosen where the chosen ones went; else the first.
        """
        ids = {row.id for row in self.table.chosen()}
        place = self.table.first_chosen() if beside else 0
        current, scrolled = self.table.current(), self.table.verticalScrollBar().value()
        self._quiet = True
        yield
        self.table.choose(ids, current)
        if self.table.chosen() or not self.runs.rows:
            self.table.verticalScrollBar().setValue(scrolled)
        else:
            there = self.runs.rows[min(max(place, 0), len(self.runs.rows) - 1)].id
            self.table.choose({there}, there)
            self.table.scrollTo(self.table.currentIndex())
        self._quiet = False
        self.chosen.emit()

    def _tell(self) -> None:
        if not self._quiet:
            self.chosen.emit()

    def _ask(self, *_: object) -> None:
        self._typing.stop()
        self.wished.emit(self.wish())


def _centred(*parts: QWidget) -> QWidget:
    page = QWidget()
    box = QVBoxLayout(page)
    box.setSpacing(2 * SPACE)
    box.addStretch(1)
    for part in parts:
        if isinstance(part, Label):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            box.addWidget(part)
        else:
            box.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
    box.addStretch(1)
    return page


def dropped_zip(data: QMimeData) -> Path | None:
    """Return the first .zip of what is dragged; None without one."""
    for url in data.urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and path.suffix.lower() == ".zip":
            return path
    return None
