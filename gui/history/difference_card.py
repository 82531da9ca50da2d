"""The card at the right when several runs are chosen: two are compared, more are counted."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.jobs import Ended
from gui.history.interval_bar import IntervalBar
from gui.history.rows import local_time, state_of
from gui.history.values import Compared
from gui.labels import ElidedLabel, Label
from gui.parts import Card, Chip
from gui.theme import BODY, CAPTION, LARGE, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.said_line import SaidLine

if TYPE_CHECKING:
    from engine.records.values import RunRow

MANY = (
    "What the buttons below do is done to all of them. Choose two to compare them, one to see "
    "all of it."
)


class DifferenceCard(Card):
    """Shows how a second run compares with a first one, in words before figures."""

    def __init__(self, theme: Theme) -> None:
        """Make it without runs."""
        super().__init__(theme)
        self.title = ElidedLabel(theme, "", TITLE, SEMIBOLD)
        self.sentence = Label(theme, "", BODY, MEDIUM, wrap=True)
        self.bar = IntervalBar(theme)
        self.sides = (_Side(theme), _Side(theme))
        self.how = Label(theme, "", BODY, tone="muted", wrap=True)
        self.differ = Label(theme, "", BODY, tone="muted", wrap=True)
        self.caveats = [SaidLine(theme) for _ in range(3)]
        sides = QHBoxLayout()
        sides.setSpacing(2 * SPACE)
        for side in self.sides:
            sides.addWidget(side, 1)
        self.box.setSpacing(2 * SPACE)
        self.box.addWidget(self.title)
        self.box.addLayout(sides)
        for part in (self.sentence, self.bar, self.how, self.differ, *self.caveats):
            self.box.addWidget(part)
        self.box.addStretch(1)

    def show_count(self, count: int) -> None:
        """Show that more than two are chosen."""
        self._show_words(f"{count:,} runs chosen".replace(",", "\N{NARROW NO-BREAK SPACE}"), MANY)

    def show_waiting(self) -> None:
        """Show that two are being compared."""
        self._show_words("Two runs", "Comparing\N{HORIZONTAL ELLIPSIS}")

    def show_failed(self, ended: Ended) -> None:
        """Say why they cannot be compared."""
        self._show_words("Two runs", "")
        self.caveats[0].say_failed(ended)

    def show_compared(self, compared: Compared) -> None:
        """Show the difference."""
        found = compared.found
        self._show_words(
            f"Run {compared.first.id} and run {compared.second.id}", found.difference.sentence
        )
        for side, row in zip(self.sides, (compared.first, compared.second), strict=True):
            side.show_row(row)
            side.show()
        self.bar.show_ratio(found.difference.ratio, found.difference.interval)
        self.bar.show()
        first, second = found.blocks
        if first:
            self.how.setText(f"Compared by {first} and {second} interleaved blocks.")
        self.how.setVisible(bool(first))
        self.differ.setText(f"They differ in: {', '.join(found.differ)}.")
        self.differ.setVisible(bool(found.differ))
        for line, caveat in zip(self.caveats, found.caveats, strict=False):
            line.say("warn", caveat)

    def _show_words(self, title: str, sentence: str) -> None:
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        for part in (self.bar, self.how, self.differ, *self.sides):
            part.hide()
        for line in self.caveats:
            line.say("none", "")


class _Side(QWidget):
    """One of the two runs."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.value = Label(theme, NO_VALUE, LARGE, SEMIBOLD)
        self.sure = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.name = ElidedLabel(theme, "", BODY, MEDIUM)
        self.where = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.when = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.chip = Chip(theme)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        for part in (self.name, self.value, self.sure, self.where, self.when):
            box.addWidget(part)
        box.addSpacing(SPACE // 2)
        box.addWidget(self.chip)

    def show_row(self, row: "RunRow") -> None:
        digest, state = row.digest, state_of(row)
        self.name.setText(row.facts.name)
        self.value.setText(f"{digest.median_ms:.2f} ms" if digest else NO_VALUE)
        sure = "median"
        if digest is not None and digest.low_ms is not None and digest.high_ms is not None:
            sure = f"median, \N{PLUS-MINUS SIGN}{(digest.high_ms - digest.low_ms) / 2:.2f}"
        self.sure.setText(sure)
        self.where.setText(f"run {row.id}, {row.phone_name}")
        self.when.setText(local_time(row.facts.started_utc))
        self.chip.show_state(state.shape, state.word)
