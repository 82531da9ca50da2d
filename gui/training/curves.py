"""Loss and accuracy over the passes of a training: the lab's chart with another axis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.chart import BOTTOM, LEFT, SECONDS, TOP, Chart, Shape
from gui.labels import Label
from gui.theme import BODY, CAPTION, NO_VALUE, SEMIBOLD, SPACE, Theme

if TYPE_CHECKING:
    from engine.training.head import Epoch

STAGES = {"blocks": "second stage"}
"""What is said beside the key; of the first stage nothing."""
FEWEST = 10
"""Passes on the axis at least, so that the first ones do not fill it."""


class EpochChart(Chart):
    """Lines over passes. The axis of passes stands still: its end is known before."""

    def __init__(self, theme: Theme, *, top: float) -> None:
        """Make it empty, up to ``top``."""
        super().__init__(theme, top=top, axis=False)
        self.most = 0

    def _plot(self) -> QRectF:
        width, height = self.width() - LEFT, self.height() - TOP - BOTTOM
        return QRectF(LEFT, TOP, max(1, width), max(1, height))

    def show_lines(
        self, passes: Sequence[int], lines: Sequence[tuple[str, bool, Sequence[float]]], most: int
    ) -> None:
        """Draw ``(colour, dashed, values)`` over passes 0 to ``most``."""
        import numpy as np

        self.most = most
        ages = SECONDS * (1 - np.asarray(passes, float) / max(1, most))
        shapes = [
            Shape(colour, [np.column_stack([ages, np.asarray(values, float)])], dashed=dashed)
            for colour, dashed, values in lines
        ]
        self.show_shapes(shapes, self.top)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chart, and the passes below."""
        super().paintEvent(event)
        painter, plot = QPainter(self), self._plot()
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(self.theme.colours.muted))
        foot = QRectF(plot.left(), plot.bottom() + 4, plot.width(), 18)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, "0")
        if self.most:
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight, f"pass {self.most}")


class Curves(QWidget):
    """Accuracy and loss side by side, of learning and of checking."""

    def __init__(self, theme: Theme) -> None:
        """Make them empty."""
        super().__init__()
        self.epochs: list[Epoch] = []
        self.accuracy = EpochChart(theme, top=100)
        self.loss = EpochChart(theme, top=1.0)
        self.accuracy.setAccessibleName("Chart of accuracy over the passes")
        self.loss.setAccessibleName("Chart of loss over the passes")
        self.accuracy_said = Label(theme, "", CAPTION, tone="muted")
        self.loss_said = Label(theme, "", CAPTION, tone="muted")
        self.key = _Key(theme)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        charts = QHBoxLayout()
        charts.setSpacing(2 * SPACE)
        for word, said, chart in (
            ("Accuracy, %", self.accuracy_said, self.accuracy),
            ("Loss", self.loss_said, self.loss),
        ):
            column = QVBoxLayout()
            column.setSpacing(0)
            line = QHBoxLayout()
            line.setSpacing(SPACE)
            line.addWidget(Label(theme, word, BODY, SEMIBOLD))
            line.addStretch(1)
            line.addWidget(said)
            column.addLayout(line)
            column.addWidget(chart, 1)
            charts.addLayout(column, 1)
        box.addLayout(charts, 1)
        box.addWidget(self.key)
        self.clear()

    def clear(self) -> None:
        """Forget what was drawn."""
        self.epochs = []
        for chart, said in ((self.accuracy, self.accuracy_said), (self.loss, self.loss_said)):
            chart.most = 0
            chart.clear()
            said.setText(NO_VALUE)
        self.loss.top = 1.0
        self.key.show_stage("")

    def add(self, last: "Epoch") -> None:
        """Take one more pass."""
        if last.number == 0:  # training began anew, or another stage of it
            self.epochs = []
        self.epochs.append(last)
        self.key.show_stage(STAGES.get(last.stage, ""))
        passes = [each.number for each in self.epochs]
        most = max(FEWEST, last.of)
        train = [100 * each.train_accuracy for each in self.epochs]
        check = [100 * each.validation_accuracy for each in self.epochs]
        self.accuracy.show_lines(passes, (("accent", True, train), ("warn", False, check)), most)
        train_loss = [each.train_loss for each in self.epochs]
        check_loss = [each.validation_loss for each in self.epochs]
        highest = max(*train_loss, *check_loss) if train_loss else 0.0
        self.loss.top = next((end for end in (1.0, 2.0, 4.0, 8.0) if highest <= end), highest)
        self.loss.show_lines(
            passes, (("accent", True, train_loss), ("warn", False, check_loss)), most
        )
        self.accuracy_said.setText(f"{check[-1]:.1f}")
        self.loss_said.setText(f"{check_loss[-1]:.3f}")


class _Key(QWidget):
    """Says which line is which."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.stage = ""
        self.setFixedHeight(18)
        theme.changed.connect(self.update)

    def show_stage(self, words: str) -> None:
        """Say which stage is drawn."""
        self.stage = words
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        c = self.theme.colours
        painter = QPainter(self)
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(c.muted))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(self.rect()), middle | Qt.AlignmentFlag.AlignRight, self.stage)
        x = 0
        for word, colour, dashed in (
            ("training", c.accent, True),
            ("validation", c.warn, False),
        ):
            pen = painter.pen()
            pen.setColor(QColor(colour))
            pen.setWidth(2)
            pen.setStyle(Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.drawLine(x, 9, x + 16, 9)
            painter.setPen(QColor(c.muted))
            width = painter.fontMetrics().horizontalAdvance(word)
            painter.drawText(QRectF(x + 22, 0, width + 2, 18), Qt.AlignmentFlag.AlignVCenter, word)
            x += 22 + width + 2 * SPACE
