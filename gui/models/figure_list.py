"""Figures with their sources: what, how much, and who says so, line by line."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import BODY, CAPTION, MEDIUM, REGULAR, SPACE, Theme

ROW, HEAD = 22, 26
"""Height of a line and of one that begins a quantity, pixels."""
NAMES, VALUES = 12 * SPACE, 13 * SPACE
"""Width of the quantities' and of the values' column."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class FigureLine(NamedTuple):
    """One figure: of what (empty for one more of the same), how much, from where.

    Attributes:
        what: The quantity; empty where it is that of the line above.
        value: With its unit.
        source: Who says so.
        tip: Where and when, in full.
    """

    what: str
    value: str
    source: str
    tip: str = ""


class FigureList(QWidget):
    """Paints the lines; the tool tip of each has its source in full."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.lines: tuple[FigureLine, ...] = ()
        self.setAccessibleName("Figures and their sources")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_lines(self, lines: Sequence[FigureLine]) -> None:
        """Show these lines in this order."""
        self.lines = tuple(lines)
        said = (f"{line.what} {line.value}, {line.source}".strip() for line in self.lines)
        self.setAccessibleDescription("; ".join(said))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Whole lines."""
        return QSize(44 * SPACE, round(self._top(len(self.lines))))

    def minimumSizeHint(self) -> QSize:
        """Whole lines, whatever the width."""
        return QSize(30 * SPACE, self.sizeHint().height())

    def _top(self, number: int) -> float:
        return sum(HEAD if line.what else ROW for line in self.lines[:number])

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the lines."""
        c = self.theme.colours
        painter = QPainter(self)
        top = 0.0
        for number, line in enumerate(self.lines):
            height = HEAD if line.what else ROW
            if line.what and number:
                painter.setPen(QColor(c.border))
                painter.drawLine(0, round(top), self.width(), round(top))
            box = QRectF(0, top, self.width(), height)
            painter.setPen(QColor(c.muted))
            painter.setFont(self.theme.font(CAPTION, MEDIUM))
            painter.drawText(box, LEFT, line.what)
            painter.setPen(QColor(c.text))
            painter.setFont(self.theme.font(BODY, MEDIUM if line.what else REGULAR))
            painter.drawText(box.adjusted(NAMES, 0, 0, 0), LEFT, line.value)
            painter.setPen(QColor(c.muted))
            painter.setFont(self.theme.font(CAPTION))
            room = box.adjusted(NAMES + VALUES, 0, 0, 0)
            text = QFontMetricsF(painter.font()).elidedText(
                line.source, Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, LEFT, text)
            top += height

    def event(self, event: QEvent) -> bool:
        """Say a line's source in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = (n for n in range(len(self.lines)) if event.pos().y() < self._top(n + 1))
            number = next(at, None)
            tip = self.lines[number].tip if number is not None else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)
