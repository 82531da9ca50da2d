"""The view "Compare": the scatter and the budget's answer, sweeps, and the report's claims."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.compare.budget_card import BudgetCard
from gui.compare.chart_card import ChartCard
from gui.compare.claims_page import ClaimsPage
from gui.compare.plan_card import PlanCard
from gui.first_frame import GAP
from gui.parts import Segments
from gui.sweep.view import SweepView
from gui.theme import SPACE, Theme

RIGHT = 46 * SPACE
PAGES = ("choose", "sweep", "claim check")
CHOOSE, SWEEP, CLAIMS = PAGES


class CompareView(QWidget):
    """Shows what it is given; the wishes go out through its parts' signals."""

    shown = Signal()  # it came to the front: what it shows may be old

    def __init__(self, theme: Theme) -> None:
        """Make the view without models."""
        super().__init__()
        self.chart = ChartCard(theme)
        self.budget = BudgetCard(theme)
        self.plan = PlanCard(theme)
        self.sweep = SweepView(theme)
        self.claims = ClaimsPage(theme)
        self.page = Segments(theme, PAGES, "Choose a variant, measure many, or check the claims")
        self.page.chosen.connect(lambda word: self.pages.setCurrentIndex(PAGES.index(word)))
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(GAP)
        right.addWidget(self.budget)
        right.addWidget(self.plan)
        right.addStretch(1)
        column = QWidget()
        column.setLayout(right)
        choosing = QWidget()
        box = QHBoxLayout(choosing)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        box.addWidget(self.chart, 1)
        box.addWidget(_scrolling(column))
        self.pages = QStackedWidget()
        self.pages.addWidget(choosing)
        self.pages.addWidget(self.sweep)
        self.pages.addWidget(self.claims)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(SPACE)
        lines.addWidget(self.page, 0, Qt.AlignmentFlag.AlignLeft)
        lines.addWidget(self.pages, 1)

    def cancel_buttons(self) -> tuple[QWidget, ...]:
        """Return what Escape presses."""
        button = self.sweep.standing.cancel_button
        return (button,) if button.isVisible() else ()

    def find_models(self) -> None:
        """Put the keyboard into the filter of the models to measure."""
        self.page.choose(SWEEP)
        self.sweep.models.filter.setFocus()

    def showEvent(self, _event: QShowEvent) -> None:
        """Tell that somebody looks."""
        self.shown.emit()


def _scrolling(column: QWidget) -> QScrollArea:
    """Return the column in an area that scrolls only where the window is low."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFixedWidth(RIGHT)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    area.setWidget(column)
    column.setAutoFillBackground(False)
    return area
