"""The table of variants: rows painted with their marks, always whole ones."""

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.marks import draw_variant_mark
from gui.rowed_view import ROW_HEIGHT, CellPainter, Index, RowedView
from gui.theme import BODY, MEDIUM, REGULAR, SEMIBOLD, SPACE, TITLE, Theme
from gui.variant_rows import COLUMNS, ROW_ROLE, VariantFilter, VariantTable

WEIGHTS = (19, 11, 15, 16, 14, 12)
"""How the width is shared between the columns."""

PARAMS_COLUMN, ROOM_FOR_ALL = 4, 330
NAME_COLUMNS = (0, 1, 2)
"""An own model has no alpha and no published accuracy: its name takes their place."""
MARK = 30
FEWEST = 3
"""Rows that are always in sight."""


class WholeRows(QWidget):
    """Gives a table the height of whole rows: at the list's end Qt cuts the first one."""

    def __init__(self, view: RowedView) -> None:
        """Hold the view."""
        super().__init__()
        self.view = view
        view.setParent(self)
        view.theme.changed.connect(self._fit)
        self.setMinimumHeight(view.height_of(FEWEST))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Fit the table."""
        self._fit()

    def showEvent(self, _event: QShowEvent) -> None:
        """Fit it with the fonts that it got by now."""
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(self.view.height_of(FEWEST))
        rows = (self.height() - self.view.height_of(0)) // ROW_HEIGHT
        self.view.setGeometry(0, 0, self.width(), self.view.height_of(max(FEWEST, rows)))


class VariantView(RowedView):
    """The table, without grid, one row chosen at a time."""

    def __init__(self, theme: Theme, table: VariantTable, kept: VariantFilter) -> None:
        """Show what the filter keeps of the table."""
        super().__init__(theme, kept, "Variants")
        self.table = table
        self.note = ""
        self.setItemDelegate(_RowPainter(theme, self))
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        kept.sort(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width; parameters, which the card shows too, leave first."""
        super().resizeEvent(event)
        room = self.viewport().width()
        self.setColumnHidden(PARAMS_COLUMN, room < ROOM_FOR_ALL)
        shown = [at for at in range(len(COLUMNS)) if not self.isColumnHidden(at)]
        whole = sum(WEIGHTS[at] for at in shown)
        used = 0
        for at in shown[1:]:
            width = room * WEIGHTS[at] // whole
            self.setColumnWidth(at, width)
            used += width
        self.setColumnWidth(0, room - used)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or the name of the action while something hangs over them."""
        if not self.note:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.setFont(self.theme.font(TITLE, SEMIBOLD))
        painter.setPen(QColor(self.theme.colours.accent))
        painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.note)


class _RowPainter(CellPainter):
    """Paints one cell; the first one with the variant's mark."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        c = self.theme.colours
        box: QRect = option.rect
        current = index.row() == self.view.currentIndex().row()
        first = index.column() == 0
        self.paint_ground(painter, box, index)
        painter.setFont(
            self.theme.font(BODY, SEMIBOLD if current else MEDIUM if first else REGULAR)
        )
        painter.setPen(QColor(c.text if current or first else c.muted))
        row = index.data(ROW_ROLE)
        if first:
            precision = row.precision or self.view.table.precision
            centre = QPointF(box.left() + 16, box.center().y() + 0.5)
            draw_variant_mark(painter, centre, 6, row.alpha, row.resolution, precision)
        if row.alpha is None and index.column() in NAME_COLUMNS:
            self._paint_piece_of_name(painter, box, row.title)
            return
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        side = Qt.AlignmentFlag.AlignLeft if first else Qt.AlignmentFlag.AlignRight
        room = box.adjusted(MARK, 0, 0, 0) if first else box.adjusted(0, 0, -SPACE, 0)
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_piece_of_name(self, painter: QPainter, box: QRect, name: str) -> None:
        """Paint the part of an own model's name that falls into this cell."""
        left = self.view.columnViewportPosition(0) + MARK
        width = sum(self.view.columnWidth(at) for at in NAME_COLUMNS) - MARK - SPACE
        room = QRect(left, box.top(), width, box.height())
        painter.save()
        painter.setClipRect(box)
        painter.setPen(QColor(self.theme.colours.text))
        text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()
