"""The card at the right: one chosen run, from its figures to its tags."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gui.history.line_list import LineList
from gui.history.rows import local_time, state_of
from gui.history.run_chart import RunChart
from gui.history.tag_editor import TagEditor
from gui.history.values import Opened
from gui.labels import ElidedLabel, Label
from gui.parts import Card, Chip, StateShape
from gui.theme import BODY, CAPTION, LARGE, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.scrolling import Scrolling

if TYPE_CHECKING:
    from engine.records.values import RunRow

EMPTY = "Choose a run at the left: its figures, its course and what to know of it stand here."
CHART = 22 * SPACE
SAID_ABOVE = ("run", "model", "tags", "note", "median latency")
"""Lines of ``tell_run`` that have a place of their own here."""


class RunCard(Card):
    """Shows one run. Knows nothing of where runs are kept."""

    tag_added = Signal(str)
    tag_removed = Signal(str)
    note_changed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        """Make the card without a run."""
        super().__init__(theme)
        self.run_id = 0
        self._note = ""
        self.title = ElidedLabel(theme, "No run chosen", TITLE, SEMIBOLD)
        self.chip = Chip(theme)
        self.said = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.simulated = ElidedLabel(theme, "", CAPTION, MEDIUM, tone="muted")
        self.simulated.setToolTip("What the phone says of its times")
        self.empty = Label(theme, EMPTY, BODY, tone="muted", wrap=True)
        self.figures = [_Figure(theme, *each) for each in (("median", "ms"), ("pipeline", "fps"))]
        self.chart = RunChart(theme)
        self.chart.setFixedHeight(CHART)
        self.flags = _Flags(theme)
        self.lines = LineList(theme, "What is known of the run")
        self.tags = TagEditor(theme)
        self.note = QLineEdit()
        self._lay_out(theme)
        self.tags.added.connect(self.tag_added)
        self.tags.removed.connect(self.tag_removed)
        self.note.editingFinished.connect(self._tell_note)
        self.show_nothing()

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.title, 1)
        head.addWidget(self.chip)
        self.note.setFont(theme.font(BODY))
        self.note.setPlaceholderText("Note")
        self.note.setAccessibleName("Note")
        self.note.setToolTip("What you want to remember; the measurement never changes")
        self.note.setMaxLength(10_000)
        digits = QHBoxLayout()
        digits.setSpacing(SPACE)
        for share, figure in zip((3, 2), self.figures, strict=True):
            digits.addWidget(figure, share)
        self.inside = QWidget()
        lines = QVBoxLayout(self.inside)
        lines.setContentsMargins(0, 0, SPACE, 0)
        lines.setSpacing(2 * SPACE)
        lines.addLayout(digits)
        chart = QVBoxLayout()
        chart.setSpacing(SPACE // 2)
        chart.addWidget(ElidedLabel(theme, "latency over the run, ms", CAPTION, tone="muted"))
        chart.addWidget(self.chart)
        lines.addLayout(chart)
        for part in (self.flags, self.tags, self.note, self.lines):
            lines.addWidget(part)
        self.scrolling = Scrolling(self.inside)
        self.box.addLayout(head)
        self.box.addWidget(self.said)
        self.box.addWidget(self.simulated)
        self.box.addWidget(self.empty)
        self.box.addWidget(self.scrolling, 1)
        self.box.addStretch(0)

    def show_nothing(self, text: str = EMPTY) -> None:
        """Show that no single run is chosen, or why it is not shown."""
        self.run_id = 0
        self.title.setText("No run chosen")
        self.said.setText("")
        self.simulated.hide()
        self.chip.hide()
        self.scrolling.hide()
        self.empty.setText(text)
        self.empty.show()

    def show_row(self, row: "RunRow") -> None:
        """Show what the list knows already, before the run is opened."""
        facts, digest, state = row.facts, row.digest, state_of(row)
        if (row.id, facts.note) != (self.run_id, self._note):  # else it may be being written
            with QSignalBlocker(self.note):
                self.note.setText(facts.note)
        self.run_id, self._note = row.id, facts.note
        self.title.setText(facts.name)
        self.said.setText(f"run {row.id}, {row.phone_name}, {local_time(facts.started_utc)}")
        self.simulated.setText(facts.phone_note)
        self.simulated.setVisible(bool(facts.phone_note))
        self.chip.show_state(state.shape, state.word)
        self.chip.show()
        half = None
        if digest is not None and digest.low_ms is not None and digest.high_ms is not None:
            half = (digest.high_ms - digest.low_ms) / 2
        self.figures[0].show_value(digest.median_ms if digest else None, 2, half)
        self.figures[1].show_value(digest.pipeline_fps if digest else None, 1, None)
        self.empty.hide()
        self.scrolling.show()

    def show_tags(self, tags: Sequence[str], known: Sequence[str]) -> None:
        """Show the run's tags, and offer the known ones."""
        self.tags.show_tags(tags, known)

    def show_opened(self, opened: Opened) -> None:
        """Show the whole run, if it is still the chosen one."""
        if opened.row.id != self.run_id:
            return
        self.chart.show_curve(opened.curve)
        self.flags.show_flags(opened.flags)
        kept = [line for line in opened.lines if line.name not in SAID_ABOVE]
        self.lines.show_lines([(line.name, _together(line.value)) for line in kept])
        self.inside.updateGeometry()

    def _tell_note(self) -> None:
        if self.run_id and self.note.text().strip() != self._note:
            self._note = self.note.text().strip()
            self.note_changed.emit(self._note)


def _together(text: str) -> str:
    """Keep numbers and their units on one line."""
    for unit in ("ms", "FPS"):
        text = text.replace(f" {unit}", f"\N{NO-BREAK SPACE}{unit}")
    return text


class _Figure(QWidget):
    """One large figure: its name and unit below it."""

    def __init__(self, theme: Theme, name: str, unit: str) -> None:
        super().__init__()
        self._name, self._unit = name, unit
        self.value = Label(theme, NO_VALUE, LARGE, SEMIBOLD)
        self.caption = ElidedLabel(theme, name, CAPTION, tone="muted")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.value)
        box.addWidget(self.caption)

    def show_value(self, value: float | None, digits: int, half: float | None) -> None:
        known = value is not None
        self.value.setText(f"{value:.{digits}f} {self._unit}" if known else NO_VALUE)
        sure = f", \N{PLUS-MINUS SIGN}{half:.{digits}f}" if half is not None else ""
        self.caption.setText(f"{self._name}{sure}")
        self.setAccessibleName(f"{self._name} {self.value.text()}{sure}")


class _Flags(QWidget):
    """Each flag with what it means and what to do."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(SPACE)
        self._lines: list[QWidget] = []
        self.shown: tuple[tuple[str, str, bool], ...] = ()
        self.hide()

    def show_flags(self, flags: tuple[tuple[str, str, bool], ...]) -> None:
        if flags == self.shown:
            return
        self.shown = flags
        for line in self._lines:
            self._box.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(*flag) for flag in flags]
        for line in self._lines:
            self._box.addWidget(line)
        self.setVisible(bool(flags))

    def _line(self, flag: str, means: str, against: bool) -> QWidget:
        line = QWidget()
        box = QHBoxLayout(line)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE)
        shape = StateShape(self.theme)
        shape.show_state("warn" if against else "busy")
        words = QVBoxLayout()
        words.setSpacing(0)
        ranked = ", not ranked" if against else ""
        words.addWidget(Label(self.theme, f"{flag}{ranked}", BODY, MEDIUM, wrap=True))
        words.addWidget(Label(self.theme, means, BODY, tone="muted", wrap=True))
        box.addWidget(shape, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(words, 1)
        line.setAccessibleName(f"{flag}{ranked}. {means}")
        return line
