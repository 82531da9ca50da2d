"""The view "QA": the plan and its phones at the left, its form or a session at the right."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.first_frame import GAP
from gui.parts import Button
from gui.qa.editor import PlanEditor
from gui.qa.plan_card import PlanCard
from gui.qa.session_page import SessionPage
from gui.qa.sessions_card import SessionsCard
from gui.theme import SPACE, Theme

LEFT = 41 * SPACE
EDITOR, SESSION = range(2)


class QaView(QWidget):
    """Shows what it is given; wishes go out through its parts' signals."""

    shown = Signal()  # it came to the front

    def __init__(self, theme: Theme) -> None:
        """Make the view with an empty plan."""
        super().__init__()
        self.plan = PlanCard(theme)
        self.sessions = SessionsCard(theme)
        self.editor = PlanEditor(theme)
        self.page = SessionPage(theme)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.editor)
        self.pages.addWidget(self.page)
        left = QWidget()
        left.setFixedWidth(LEFT)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.plan)
        column.addWidget(self.sessions, 1)
        column.addStretch(0)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        box.addWidget(left)
        box.addWidget(self.pages, 1)
        save = QShortcut(QKeySequence.StandardKey.Save, self)
        save.activated.connect(self.plan.save_button.click)

    @property
    def export_button(self) -> Button:
        """What Ctrl+E presses while the view is in front."""
        return self.page.report_button

    def cancel_buttons(self) -> tuple[Button, ...]:
        """What Escape presses, if it is enabled."""
        return (self.page.cancel_button,)

    def show_page(self, page: int) -> None:
        """Show ``EDITOR`` or ``SESSION``."""
        self.pages.setCurrentIndex(page)

    def showEvent(self, _event: QShowEvent) -> None:
        """Tell that somebody looks."""
        self.shown.emit()
