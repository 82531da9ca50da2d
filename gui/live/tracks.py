"""The live charts one below the other on the same time axis, each with its name and legend."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.chart import Chart
from gui.labels import ElidedLabel
from gui.live.legend import Legend
from gui.theme import BODY, SEMIBOLD, SPACE, Theme


class Track(QWidget):
    """A chart under its name and legend. Hidden it costs nothing."""

    def __init__(
        self, theme: Theme, name: str, legend: Legend | None, chart: QWidget, tip: str
    ) -> None:
        """Put them together; ``tip`` says what the name leaves out."""
        super().__init__()
        self.chart = chart
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        if name:
            head.addWidget(ElidedLabel(theme, name, BODY, SEMIBOLD), 1)
        if legend is not None:
            head.addWidget(legend)
        if not name:
            head.addStretch(1)
        if name or legend is not None:
            box.addLayout(head)
        box.addWidget(chart, 1)
        if isinstance(chart, Chart):
            chart.setToolTip(tip)
            chart.setAccessibleName(f"{name or 'Time per picture'}, 30 seconds. {tip}")
