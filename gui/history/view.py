"""The view "History": left every run that was kept, right the chosen one, or two compared."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.first_frame import GAP
from gui.history.difference_card import DifferenceCard
from gui.history.list_card import ListCard
from gui.history.run_card import RunCard
from gui.parts import Button
from gui.theme import SPACE, Theme

LEFT, RIGHT = (62 * SPACE, 5), (44 * SPACE, 2)
"""Least width of each column, pixels, and its share of what is more."""
KINDS = (
    (".zip", "Everything, for another lab (.zip)"),
    (".html", "Report for a browser (.html)"),
    (".pdf", "Report to print (.pdf)"),
    (".json", "One JSON object (.json)"),
    (".csv", "One row per sample (.csv)"),
    (".parquet", "One row per sample, packed (.parquet)"),
)
"""What runs can be handed out as: the files' suffix, and what it is for."""


class HistoryView(QWidget):
    """Shows what it is given; the wishes go out through its parts' signals."""

    shown = Signal()  # it came to the front: what it shows may be old
    hidden = Signal()
    delete_requested = Signal()
    export_requested = Signal(str)  # the file's suffix

    def __init__(self, theme: Theme) -> None:
        """Make the view without runs."""
        super().__init__()
        self.list = ListCard(theme)
        self.run = RunCard(theme)
        self.difference = DifferenceCard(theme)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.run)
        self.pages.addWidget(self.difference)
        self.export_button = Button(theme, "Export", tip="Write what is chosen to a file (Ctrl+E)")
        self.export_button.clicked.connect(self._open_menu)
        self.delete_button = Button(theme, "Delete", tip="Delete what is chosen; it can be undone")
        self.delete_button.clicked.connect(self.delete_requested)
        self.list.delete_pressed.connect(self.delete_button.click)
        self.menu = QMenu(self)
        for suffix, words in KINDS:
            action = self.menu.addAction(words)
            action.triggered.connect(
                lambda _on=False, kind=suffix: self.export_requested.emit(kind)
            )
        self._lay_out()
        self.undo = QShortcut(QKeySequence("Ctrl+Z"), self)
        self.undo.activated.connect(self._undo)
        self.show_choice(0)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.export_button, 1)
        buttons.addWidget(self.delete_button, 1)
        right = QWidget()
        lines = QVBoxLayout(right)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(SPACE)
        lines.addWidget(self.pages, 1)
        lines.addLayout(buttons)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        for part, (width, share) in ((self.list, LEFT), (right, RIGHT)):
            part.setMinimumWidth(width)
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            box.addWidget(part, share)

    def show_choice(self, count: int) -> None:
        """Show the page for so many chosen runs, and whether something can be done with them."""
        self.pages.setCurrentWidget(self.run if count < 2 else self.difference)
        if count == 0:
            self.run.show_nothing()
        elif count > 2:
            self.difference.show_count(count)
        for button in (self.export_button, self.delete_button):
            button.setEnabled(bool(count))

    def find(self) -> None:
        """Put the keyboard into the filter."""
        self.list.filter.setFocus()
        self.list.filter.selectAll()

    def cancel_buttons(self) -> tuple[QWidget, ...]:
        """Return what Escape presses, the first that can be."""
        return (self.list.work.cancel_button,)

    def _open_menu(self) -> None:
        height = self.menu.sizeHint().height()
        self.menu.popup(self.export_button.mapToGlobal(QPoint(0, -height)))

    def _undo(self) -> None:
        if self.list.work.undo_button.isVisible():
            self.list.work.undo_button.click()

    def showEvent(self, _event: QShowEvent) -> None:
        """Tell that somebody looks."""
        self.shown.emit()

    def hideEvent(self, _event: QHideEvent) -> None:
        """Tell that nobody looks any more."""
        self.hidden.emit()
