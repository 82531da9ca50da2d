"""The figures of a run in columns: name, value, and what makes it sure."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.live.values import Figure
from gui.theme import CAPTION, MEDIUM, NO_VALUE, SPACE, TITLE, Theme

CELL, ROW = 15 * SPACE, 60
"""Least width of a column, and height of a row, pixels."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class FigureGrid(QWidget):
    """Paints the figures; each tells under the pointer what it means. Ctrl+C copies them."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.figures: tuple[Figure, ...] = ()
        self.setAccessibleName("Figures of the run")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show these, in their order."""
        self.figures = tuple(figures)
        self.setAccessibleDescription("; ".join(_line(each) for each in self.figures))
        self._fit()
        self.update()

    def columns(self) -> int:
        """Return how many stand side by side."""
        return min(5, max(2, self.width() // CELL))

    def sizeHint(self) -> QSize:
        """As high as the rows."""
        return QSize(4 * CELL, self.height())

    def minimumSizeHint(self) -> QSize:
        """Two columns."""
        return QSize(2 * CELL, self.height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Arrange anew."""
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(max(1, -(-len(self.figures) // self.columns())) * ROW)

    def _box(self, at: int) -> QRectF:
        columns = self.columns()
        width = self.width() / columns
        return QRectF(at % columns * width, at // columns * ROW, width - SPACE, ROW)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint each, and a ring with the focus."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for at, figure in enumerate(self.figures):
            box = self._box(at)
            small = self.theme.font(CAPTION)
            painter.setFont(small)
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(box.left(), box.top(), box.width(), 16), LEFT, figure.name)
            painter.setFont(self.theme.font(TITLE, MEDIUM))
            painter.setPen(QColor(c.text if figure.value != NO_VALUE else c.faint))
            value = QRectF(box.left(), box.top() + 16, box.width(), 22)
            painter.drawText(value, LEFT, figure.value)
            painter.setFont(small)
            painter.setPen(QColor(c.muted))
            note = QFontMetricsF(small).elidedText(
                figure.note, Qt.TextElideMode.ElideRight, box.width()
            )
            painter.drawText(QRectF(box.left(), box.top() + 38, box.width(), 16), LEFT, note)
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def tip_at(self, spot: QPointF) -> str:
        """Return what the figure there means; empty beside them."""
        boxes = ((self._box(at), figure) for at, figure in enumerate(self.figures))
        return next((_tip(figure) for box, figure in boxes if box.contains(spot)), "")

    def event(self, event: QEvent) -> bool:
        """Say under the pointer what a figure means."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().toPointF()), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the figures."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText("\n".join(_line(each) for each in self.figures))
        else:
            super().keyPressEvent(event)


def _tip(figure: Figure) -> str:
    return f"{_line(figure)}\n{figure.tip}" if figure.tip else _line(figure)


def _line(figure: Figure) -> str:
    return f"{figure.name} {figure.value}{f' ({figure.note})' if figure.note else ''}"
