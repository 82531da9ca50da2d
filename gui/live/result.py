"""What came of a run, in the place of the live charts until something else runs."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.history.run_chart import RunChart
from gui.labels import ElidedLabel, Label
from gui.live.course import HeatCourse
from gui.live.figure_grid import FigureGrid
from gui.live.stage_bars import StageBars
from gui.live.values import Caution, RunView
from gui.parts import Button, Card, Chip
from gui.theme import BODY, CAPTION, SEMIBOLD, SPACE, Theme
from gui.training.scrolling import Scrolling

CHART = 18 * SPACE


class RunResult(Card):
    """Shows one run, from its course to its figures. Knows nothing of records."""

    report_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it without a run."""
        super().__init__(theme)
        self.view: RunView | None = None
        self.title = Label(theme, "", BODY, SEMIBOLD)
        self.chip = Chip(theme)
        self.said = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.report_button = Button(theme, "Open report", "secondary", "In the browser")
        self.report_button.setFixedHeight(4 * SPACE)
        self._had_focus = False
        self.report_button.clicked.connect(self.report_requested)
        self.chart = RunChart(theme)
        self.chart.setFixedHeight(CHART)
        self.heat = HeatCourse(theme)
        self.bars = StageBars(theme)
        self.cautions = _Cautions(theme)
        self.figures = FigureGrid(theme)
        head = QVBoxLayout()
        head.setSpacing(2)
        first = QHBoxLayout()
        first.setSpacing(SPACE)
        first.addWidget(self.title)
        first.addWidget(self.chip)
        first.addStretch(1)
        first.addWidget(self.report_button)
        head.addLayout(first)
        head.addWidget(self.said)
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, SPACE, 0)
        lines.setSpacing(SPACE)
        for part in (self.cautions, self.figures):
            lines.addWidget(part)
        lines.addWidget(ElidedLabel(theme, "latency over the run, ms", CAPTION, tone="muted"))
        for part in (self.chart, self.heat):
            lines.addWidget(part)
        where = "where the time between results goes, ms"
        lines.addWidget(ElidedLabel(theme, where, CAPTION, tone="muted"))
        lines.addWidget(self.bars)
        self.box.addLayout(head)
        self.box.addWidget(Scrolling(inside), 1)

    def show_run(self, view: RunView) -> None:
        """Show a run."""
        self.view = view
        self.title.setText(f"Run {view.run_id}")
        self.chip.show_state("ok" if view.valid else "warn", view.verdict)
        self.chip.setToolTip(
            "It may be ranked against other runs"
            if view.valid
            else "It can be looked at, but is never ranked against other runs"
        )
        self.said.setText(view.said)
        curve = view.curve
        self.chart.show_curve(curve)
        end_s, slow_s = (curve.end_s, curve.slow_s) if curve is not None else (1.0, None)
        self.heat.show_heat(view.heat, end_s, slow_s)
        self.bars.show_stages(view.stages)
        self.cautions.show_cautions(view.warnings)
        self.figures.show_figures(view.figures)

    def show_reporting(self, busy: bool) -> None:
        """Show whether a report is being written."""
        if busy:  # what is disabled would hand the keyboard to its neighbour
            self._had_focus = self.report_button.hasFocus()
            self.report_button.clearFocus()
        self.report_button.setEnabled(not busy)
        if not busy and self._had_focus and self.focusWidget() is None:
            self.report_button.setFocus()


class _Cautions(QWidget):
    """A chip for each: its shape and its word; the tool tip says what it means."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.shown: tuple[Caution, ...] = ()
        self.chips: list[Chip] = []
        self.hide()

    def show_cautions(self, cautions: tuple[Caution, ...]) -> None:
        """Show these."""
        if cautions == self.shown:
            return
        self.shown = cautions
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        self.chips = [self._chip(each) for each in cautions]
        self._place()
        self.setVisible(bool(cautions))

    def _chip(self, caution: Caution) -> Chip:
        chip = Chip(self.theme, caution.word, "warn" if caution.against else "busy")
        chip.setParent(self)
        ranked = ", not ranked" if caution.against else ""
        chip.setToolTip(f"{caution.word}{ranked}: {caution.means}")
        chip.setAccessibleName(chip.toolTip())
        chip.show()
        return chip

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Place them anew."""
        self._place()

    def _place(self) -> None:
        """Put them side by side in as many rows as they need."""
        x = y = 0
        for chip in self.chips:
            size = chip.sizeHint()
            if x and x + size.width() > self.width():
                x, y = 0, y + size.height() + SPACE // 2
            chip.setGeometry(x, y, size.width(), size.height())
            x += size.width() + SPACE // 2
        self.setFixedHeight(y + 3 * SPACE)
