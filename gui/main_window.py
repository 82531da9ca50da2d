"""The window: left the phone, middle the choice, right the truth."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.banner import Banner, StatusLine
from gui.cleaning_page import CleaningPage
from gui.compare.view import CompareView
from gui.deploy_panel import DeployPanel
from gui.empty_state import EmptyState
from gui.first_frame import GAP, SMALLEST, USUAL
from gui.headline_digits import HeadlineDigits
from gui.history.view import HistoryView
from gui.live.result import RunResult
from gui.live_charts import LiveCharts
from gui.mirror_view import MirrorView
from gui.models.view import ModelsView
from gui.phone_card import PhoneCard
from gui.qa.view import QaView
from gui.recognised import Recognised
from gui.run_options import RunOptions
from gui.run_panel import RunPanel
from gui.side_bar import VIEWS, SideBar
from gui.sizes.view import SizesView
from gui.theme import SPACE, Theme, style_sheet
from gui.training.view import TrainView
from gui.variant_card import VariantCard
from gui.variant_list import VariantList

ROOMY = 860
EMPTY, SCREEN, CLEANING = range(3)
"""What stands where the phone's screen is: how to connect one, the screen, leaving it clean."""


class MainWindow(QWidget):
    """Holds the views and the shortcuts. State comes in through its parts' slots."""

    shown_first = Signal()  # after the first paint: now heavy things may be loaded
    open_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the window with every part empty."""
        super().__init__()
        self.theme = theme
        self._painted = False
        theme.changed.connect(self._restyle)  # first: Qt then takes back the labels' colours
        self.setWindowTitle("MobileNet Lab")
        self.setMinimumSize(*SMALLEST)
        self.resize(*USUAL)
        self.side_bar = SideBar(theme)
        self.banner = Banner(theme)
        self.phone_card = PhoneCard(theme)
        self.empty_state = EmptyState(theme)
        self.mirror_view = MirrorView(theme)
        self.cleaning_page = CleaningPage(theme)
        self.variant_list = VariantList(theme)
        self.variant_card = VariantCard(theme)
        self.deploy_panel = DeployPanel(theme)
        self.digits = HeadlineDigits(theme)
        self.charts = LiveCharts(theme)
        self.recognised = Recognised(theme)
        self.run_options = RunOptions(theme)
        self.run_panel = RunPanel(theme)
        self.run_result = RunResult(theme)
        self.compare_view = CompareView(theme)
        self.models_view = ModelsView(theme)
        self.sizes_view = SizesView(theme)
        self.train_view = TrainView(theme)
        self.qa_view = QaView(theme)
        self.history_view = HistoryView(theme)
        self.status_line = StatusLine(theme)
        self._lay_out()
        self._add_shortcuts()
        self.side_bar.view_chosen.connect(self.show_view)
        self.side_bar.scheme_toggled.connect(theme.toggle)
        self.mirror_view.left.connect(self.variant_list.view.setFocus)
        self._restyle()

    def _lay_out(self) -> None:
        self.phone_stack = QStackedWidget()
        for place in (self.empty_state, self.mirror_view, self.cleaning_page):
            self.phone_stack.addWidget(place)
        cards = (self.phone_card, self.variant_card, self.deploy_panel, self.run_options)
        for card in cards:
            card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        left = _column(self.phone_card, self.phone_stack)
        left.setMinimumWidth(30 * SPACE)
        middle = _column(self.variant_list, self.variant_card, self.deploy_panel)
        middle.setMinimumWidth(41 * SPACE)
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addWidget(self.recognised, 3)
        foot.addWidget(self.run_panel, 2)
        self.truth = QStackedWidget()  # what runs now, or what came of a run
        self.truth.addWidget(self.charts)
        self.truth.addWidget(self.run_result)
        right = _column(self.digits, self.run_options, self.truth)
        right.setMinimumWidth(48 * SPACE)
        right_box = right.layout()
        if isinstance(right_box, QVBoxLayout):
            right_box.addLayout(foot)
            right_box.setStretch(2, 1)
        for column, grows in ((left, self.phone_stack), (middle, self.variant_list)):
            box = column.layout()
            if isinstance(box, QVBoxLayout):
                box.setStretchFactor(grows, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(GAP)
        self.splitter.setChildrenCollapsible(False)
        for column in (left, middle, right):
            self.splitter.addWidget(column)
        self.splitter.setSizes([312, 400, 640])
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setStretchFactor(2, 5)
        page = QVBoxLayout()
        page.setContentsMargins(GAP, GAP, GAP, SPACE // 2)
        page.setSpacing(SPACE)
        page.addWidget(self.banner)
        self.views = QStackedWidget()  # a view that is not in front is hidden: it draws nothing
        for view in (  # in the side bar's order
            self.splitter,
            self.compare_view,
            self.models_view,
            self.sizes_view,
            self.train_view,
            self.qa_view,
            self.history_view,
        ):
            self.views.addWidget(view)
        page.addWidget(self.views, 1)
        page.addWidget(self.status_line)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.side_bar)
        whole.addLayout(page, 1)

    def _add_shortcuts(self) -> None:
        self.shortcuts: dict[str, QShortcut] = {}
        actions: dict[str, Callable[[], object]] = {
            "Ctrl+R": self.run_panel.measure_button.click,
            "Ctrl+D": self._deploy,
            "Ctrl+E": self._export,
            "Ctrl+O": self._open,
            "Ctrl+F": self._find,
            "F11": self._toggle_full_screen,
            "Escape": self._cancel,
            "Space": self._pause_charts,
        }
        for number, (name, _word) in enumerate(VIEWS, start=1):
            actions[f"Ctrl+{number}"] = partial(self.side_bar.choose, name)
        for keys, action in actions.items():
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(action)
            self.shortcuts[keys] = shortcut

    def _open(self) -> None:
        """Open a plan where plans are made, else a model."""
        if self.views.currentWidget() is self.qa_view:
            self.qa_view.plan.open_button.click()
        else:
            self.open_requested.emit()

    def _deploy(self) -> None:
        """Press the button of the view in front: in Train it is another model that is meant."""
        here = self.views.currentWidget() is self.train_view
        (self.train_view.deploy_panel if here else self.deploy_panel).deploy_button.click()

    def _export(self) -> None:
        """Press the button of the view in front: in Compare it is the chart that is meant."""
        places = {
            self.compare_view: self.compare_view.chart,
            self.qa_view: self.qa_view,
            self.history_view: self.history_view,
        }
        places.get(self.views.currentWidget(), self.run_panel).export_button.click()

    def _find(self) -> None:
        """Put the keyboard into the filter of the view in front."""
        if self.views.currentWidget() is self.history_view:
            self.history_view.find()
        elif self.views.currentWidget() is self.compare_view:
            self.compare_view.find_models()
        elif self.views.currentWidget() is self.models_view:
            self.models_view.list.filter.setFocus()
        else:
            self.variant_list.filter.setFocus()

    def _cancel(self) -> None:
        for button in (
            *self.compare_view.cancel_buttons(),
            *self.models_view.cancel_buttons(),
            *self.train_view.cancel_buttons(),
            *self.qa_view.cancel_buttons(),
            *self.history_view.cancel_buttons(),
            self.deploy_panel.cancel_button,
            self.run_panel.stop_button,
            self.cleaning_page.cancel_button,
        ):
            if button.isEnabled():
                button.click()
                return
        if self.window().isFullScreen():
            self.window().showNormal()

    def _pause_charts(self) -> None:
        """Pause the live charts, or let them go on."""
        if self.charts.isVisible():
            self.charts.toggle()

    def event(self, event: QEvent) -> bool:
        """Leave Space to whatever needs it: what is pressed with it, and what is written."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            used = isinstance(self.focusWidget(), QAbstractButton | QComboBox)
            if event.key() == Qt.Key.Key_Space and (used or not self.charts.isVisible()):
                event.accept()
                return True
        return super().event(event)

    def _toggle_full_screen(self) -> None:
        window = self.window()
        if window.isFullScreen():
            window.showNormal()
        else:
            window.showFullScreen()

    def _restyle(self) -> None:
        self.setStyleSheet(style_sheet(self.theme.colours))
        self.update()

    @Slot(str)
    def show_view(self, name: str) -> None:
        """Bring a view to the front."""
        self.views.setCurrentIndex([view for view, _word in VIEWS].index(name))

    def show_phone_page(self, page: int) -> None:
        """Show ``EMPTY``, ``SCREEN`` or ``CLEANING`` where the phone's screen is."""
        self.phone_stack.setCurrentIndex(page)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Leave the small print to the tool tips and shrink the digits in a low window."""
        roomy = self.height() >= ROOMY
        self.variant_card.show_small_print(roomy)
        self.variant_list.caption.setVisible(roomy)
        self.digits.show_low(not roomy)

    def layout_state(self) -> tuple[str, str]:
        """Return geometry and splitter, base64, for the settings."""
        return (
            _text(self.window().saveGeometry()),
            _text(self.splitter.saveState()),
        )

    def restore_layout(self, geometry: str, splitter: str) -> None:
        """Take back what ``layout_state`` gave; what does not fit is left as it is."""
        if geometry:
            self.window().restoreGeometry(QByteArray.fromBase64(geometry.encode()))
        if splitter:
            self.splitter.restoreState(QByteArray.fromBase64(splitter.encode()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground, and tell once that the window was painted."""
        QPainter(self).fillRect(self.rect(), QColor(self.theme.colours.window))
        if not self._painted:
            self._painted = True
            self.shown_first.emit()


def _text(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode()


def _column(*parts: QWidget) -> QWidget:
    column = QWidget()
    box = QVBoxLayout(column)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(GAP)
    for part in parts:
        box.addWidget(part)
    return column
