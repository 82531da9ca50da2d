"""The table of models: painted with the variants' marks, as many columns as there is room for."""

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QStyleOptionViewItem, QTableView

from gui.marks import draw_variant_mark
from gui.models.lines import (
    COLUMNS,
    FLOAT16,
    FLOAT32,
    LINE_ROLE,
    NAME,
    PARAMS,
    TOP5,
    TOP5_8,
    WEIGHTS,
    YOURS,
    Line,
    LineFilter,
)
from gui.rowed_view import CellPainter, Index, RowedView
from gui.theme import BODY, MEDIUM, REGULAR, SEMIBOLD, SPACE, Theme

WIDTHS = (190, 80, 66, 58, 60, 60, 60, 60, 60, 60, 62, 62)
"""Least width of each column, pixels; what is more goes to the name."""
LEAVING = (TOP5_8, TOP5, FLOAT16, FLOAT32, PARAMS, YOURS)
"""Which columns leave first where there is no room: the details have them all."""
MARK, INDENT = 28, 2 * SPACE


class ModelsTable(RowedView):
    """One line is the current one; several can be chosen."""

    def __init__(self, theme: Theme, kept: LineFilter) -> None:
        """Show what the filter keeps."""
        super().__init__(theme, kept, "Models")
        self.setItemDelegate(_LinePainter(theme, self))
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        kept.sort(-1)

    def lines(self) -> tuple[Line, ...]:
        """Return the chosen lines, from the top."""
        indexes = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return tuple(index.data(LINE_ROLE) for index in indexes)

    def line(self) -> Line | None:
        """Return the current line."""
        index = self.currentIndex()
        return index.data(LINE_ROLE) if index.isValid() else None

    def choose(self, name: str) -> bool:
        """Choose the line of that id or name alone; False if it is not in sight."""
        for row in range(self.model().rowCount()):
            index = self.model().index(row, 0)
            line = index.data(LINE_ROLE)
            if name in (line.id, line.name):
                self.setCurrentIndex(index)
                self.selectRow(row)
                self.scrollTo(index)
                return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the columns that fit; the name takes what is left."""
        super().resizeEvent(event)
        room, shown = self.viewport().width(), set(range(len(COLUMNS)))
        for column in LEAVING:
            if sum(WIDTHS[each] for each in shown) > room:
                shown.discard(column)
        used = 0
        for column in range(len(COLUMNS)):
            self.setColumnHidden(column, column not in shown)
            if column in shown and column != NAME:
                self.setColumnWidth(column, WIDTHS[column])
                used += WIDTHS[column]
        self.setColumnWidth(NAME, max(12 * SPACE, room - used))


class _LinePainter(CellPainter):
    """Paints one cell; the first one with the network's mark."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box: QRect = option.rect
        line: Line = index.data(LINE_ROLE)
        self.paint_ground(painter, box, index)
        c, column = self.theme.colours, index.column()
        current = index.row() == self.view.currentIndex().row()
        strong = line.kept is None and column == NAME
        weight = SEMIBOLD if current and column == NAME else MEDIUM if strong else REGULAR
        painter.setFont(self.theme.font(BODY, weight))
        painter.setPen(QColor(c.text if current or column in {NAME, WEIGHTS} else c.muted))
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        if column == NAME:
            left = INDENT if line.kept is not None and line.network is not None else 0
            precision = line.kept.precision if line.kept is not None else "float32"
            centre = QPointF(box.left() + left + 14, box.center().y() + 0.5)
            radius = 5 if line.kept is not None else 6
            draw_variant_mark(painter, centre, radius, line.alpha, line.resolution, precision)
            box = box.adjusted(left + MARK, 0, 0, 0)
            text = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideMiddle, box.width() - SPACE // 2
            )
        elif column == WEIGHTS:
            box = box.adjusted(2, 0, 0, 0)
        else:
            box = box.adjusted(0, 0, -SPACE, 0)
        painter.drawText(box, index.data(Qt.ItemDataRole.TextAlignmentRole), text)
