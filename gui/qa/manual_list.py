"""The manual steps of a plan: a list in their order, and what the chosen one says."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QHBoxLayout,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from gui.labels import Label
from gui.parts import Button
from gui.qa.field import Complaints, Field
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

KEYS = ("title", "instruction", "expects", "picture", "model")
ROW = 4 * SPACE
MOST_ROWS = 5


class ManualList(QWidget):
    """Shows and changes the steps; ``changed`` tells each change."""

    changed = Signal()
    picture_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it without steps."""
        super().__init__()
        self.theme = theme
        self.steps: list[dict[str, str]] = []
        self._complaints: dict[str, str] = {}
        self.complaint = Complaints(theme)
        self.list = QListWidget()
        self.list.setAccessibleName("Manual steps")
        self.list.setFont(theme.font(BODY))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._show_chosen)
        self.add_button = Button(theme, "Add step")
        self.up_button = Button(theme, "Up")
        self.down_button = Button(theme, "Down")
        self.remove_button = Button(theme, "Remove step")
        self.add_button.clicked.connect(self.add)
        self.up_button.clicked.connect(lambda: self._move(-1))
        self.down_button.clicked.connect(lambda: self._move(1))
        self.remove_button.clicked.connect(self._remove)
        self.fields = {
            "title": Field(theme, "Title"),
            "instruction": Field(theme, "What to do"),
            "expects": Field(theme, "What is to be seen", hint="may stay empty"),
            "picture": Field(theme, "Picture", hint="a file, may stay empty"),
            "model": Field(theme, "Model that runs meanwhile", hint="the first one"),
        }
        self.picture_button = Button(theme, "Choose\N{HORIZONTAL ELLIPSIS}")
        self.picture_button.setAccessibleName("Choose a picture")
        self.picture_button.clicked.connect(self.picture_requested)
        self._lay_out()
        for key, field in self.fields.items():
            field.changed.connect(lambda key=key: self._edit(key))
        theme.changed.connect(self._recolour)
        self._recolour()
        self.show_steps(())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self.add_button, self.up_button, self.down_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        picture = QHBoxLayout()
        picture.setSpacing(SPACE)
        picture.addWidget(self.fields["picture"], 1)
        picture.addWidget(self.picture_button, 0, Qt.AlignmentFlag.AlignBottom)
        self.editor = QWidget()
        inner = QVBoxLayout(self.editor)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(SPACE)
        for key in ("title", "instruction", "expects"):
            inner.addWidget(self.fields[key])
        inner.addLayout(picture)
        inner.addWidget(self.fields["model"])
        left = QVBoxLayout()
        left.setSpacing(SPACE)
        words = "Asked after the measuring, in this order"
        left.addWidget(Label(self.theme, words, CAPTION, MEDIUM, "muted"))
        left.addWidget(self.list)
        left.addLayout(buttons)
        left.addWidget(self.complaint)
        left.addStretch(1)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(3 * SPACE)
        self._both.addLayout(left, 1)
        self._both.addWidget(self.editor, 1)

    def show_beside(self, beside: bool) -> None:
        """Show what a step says beside the list, or below it."""
        ways = QBoxLayout.Direction
        self._both.setDirection(ways.LeftToRight if beside else ways.TopToBottom)

    def show_steps(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Show the steps of a plan, the first chosen; nothing is told."""
        self.steps = [{key: str(each.get(key, "")) for key in KEYS} for each in steps]
        self._fill(0)

    def values(self) -> list[dict[str, str]]:
        """Return the steps as a plan has them."""
        return [{key: each[key] for key in KEYS if each[key]} for each in self.steps]

    def show_complaints(self, complaints: Mapping[str, str]) -> None:
        """Say what is wrong: ``manual 2.title`` at that step, ``manual`` at all of them."""
        self._complaints = dict(complaints)
        self.complaint.say(self._complaints.get("manual", ""))
        self._mark()

    def add(self) -> None:
        """Add a step behind the chosen one, to be filled in."""
        at = self.list.currentRow() + 1
        self.steps.insert(at, dict.fromkeys(KEYS, "") | {"title": f"Step {len(self.steps) + 1}"})
        self._fill(at)
        self.fields["title"].line.setFocus()
        self.fields["title"].line.selectAll()
        self.changed.emit()

    def show_picture(self, name: str) -> None:
        """Take a picture for the chosen step."""
        self.fields["picture"].show_text(name)
        self._edit("picture")

    def _remove(self) -> None:
        at = self.list.currentRow()
        if at >= 0:
            del self.steps[at]
            self._fill(min(at, len(self.steps) - 1))
            self.changed.emit()

    def _move(self, by: int) -> None:
        at = self.list.currentRow()
        to = at + by
        if at >= 0 and 0 <= to < len(self.steps):
            self.steps.insert(to, self.steps.pop(at))
            self._fill(to)
            self.changed.emit()

    def _edit(self, key: str) -> None:
        at = self.list.currentRow()
        if at >= 0:
            self.steps[at][key] = self.fields[key].text()
            self.list.item(at).setText(self._words(at))
            self.changed.emit()

    def _fill(self, chosen: int) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([self._words(at) for at in range(len(self.steps))])
        self.list.setCurrentRow(chosen if self.steps else -1)
        self.list.blockSignals(False)
        rows = min(max(len(self.steps), 1), MOST_ROWS)
        self.list.setFixedHeight(rows * ROW + SPACE)
        self.list.setVisible(bool(self.steps))
        self._show_chosen(self.list.currentRow())

    def _words(self, at: int) -> str:
        return f"{at + 1}  {self.steps[at]['title']}"

    def _show_chosen(self, at: int) -> None:
        there = 0 <= at < len(self.steps)
        self.editor.setVisible(there)
        for button in (self.up_button, self.down_button, self.remove_button):
            button.setEnabled(there)
        if there:
            for key, field in self.fields.items():
                field.show_text(self.steps[at][key])
        self._mark()

    def _mark(self) -> None:
        at = self.list.currentRow()
        for key, field in self.fields.items():
            field.complaint.say(self._complaints.get(f"manual {at + 1}.{key}", ""))
        wrong = {
            place.split(".", maxsplit=1)[0].removeprefix("manual ")
            for place in self._complaints
            if place.startswith("manual ")
        }
        for row in range(self.list.count()):
            mark = "  \N{MULTIPLICATION SIGN} to be mended" if str(row + 1) in wrong else ""
            self.list.item(row).setText(self._words(row) + mark)

    def _recolour(self) -> None:
        c = self.theme.colours
        self.list.setStyleSheet(
            f"QListWidget {{ background: {c.raised}; color: {c.text};"
            f" border: 1px solid {c.border}; border-radius: 8px; outline: 0; padding: 3px; }}"
            f"QListWidget:focus {{ border: 2px solid {c.accent}; padding: 2px; }}"
            f"QListWidget::item {{ min-height: {ROW - 2}px; padding: 0 8px; border-radius: 4px; }}"
            f"QListWidget::item:selected {{ background: {c.selected}; color: {c.text}; }}"
        )
