"""The view "Models": left the table, right the chosen model, its accuracy, and comparisons."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gui.first_frame import GAP
from gui.models.about_page import AboutPage
from gui.models.accuracy_page import AccuracyPage
from gui.models.difference_page import DifferencePage
from gui.models.list_card import ListCard
from gui.parts import Segments
from gui.theme import SPACE, Theme
from gui.training.thumbnails import Thumbnails

LEFT, RIGHT = (64 * SPACE, 9), (46 * SPACE, 5)
"""Least width of each column, pixels, and its share of what is more."""
PAGES = ("about", "accuracy", "compare")
ABOUT, ACCURACY, COMPARE = PAGES
ROOMY = 80 * SPACE


class ModelsView(QWidget):
    """Shows what it is given; the wishes go out through its parts' signals."""

    shown = Signal()  # it came to the front: what it shows may be old

    def __init__(self, theme: Theme) -> None:
        """Make the view without models."""
        super().__init__()
        self.thumbnails = Thumbnails(self)
        self.list = ListCard(theme)
        self.about = AboutPage(theme)
        self.accuracy = AccuracyPage(theme, self.thumbnails)
        self.difference = DifferencePage(theme, self.thumbnails)
        self.page = Segments(theme, PAGES, "What is shown of the model")
        self.page.chosen.connect(lambda word: self.pages.setCurrentIndex(PAGES.index(word)))
        self.pages = QStackedWidget()
        for page in (self.about, self.accuracy, self.difference):
            self.pages.addWidget(page)
        right = QWidget()
        lines = QVBoxLayout(right)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(SPACE)
        lines.addWidget(self.page)
        lines.addWidget(self.pages, 1)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        for part, (width, share) in ((self.list, LEFT), (right, RIGHT)):
            part.setMinimumWidth(width)
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            box.addWidget(part, share)
        self.undo = QShortcut(QKeySequence("Ctrl+Z"), self)
        self.undo.activated.connect(self._undo)

    def _undo(self) -> None:
        if self.list.work.undo_button.isVisible():
            self.list.work.undo_button.click()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Leave out the small print where the window is low."""
        self.list.caption.setVisible(self.height() >= ROOMY)

    def showEvent(self, _event: QShowEvent) -> None:
        """Tell that somebody looks."""
        self.shown.emit()

    def cancel_buttons(self) -> tuple[QWidget, ...]:
        """Return what Escape presses, the first that can be."""
        works = (self.accuracy.work, self.difference.work, self.list.work)
        return tuple(work.cancel_button for work in works)
