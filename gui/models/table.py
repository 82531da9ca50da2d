"""The table of models: painted with the variants' marks, as many columns as there is room for."""

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

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
    Index,
    Line,
    LineFilter,
    alignment,
)
from gui.theme import BODY, CAPTION, MEDIUM, REGULAR, SEMIBOLD, SPACE, Theme
from gui.variant_view import ROW_HEIGHT, RowedView

WIDTHS = (190, 80, 66, 58, 60, 60, 60, 60, 60, 60, 62, 62)
"""Least width of each column, pixels; what is more goes to the name."""
LEAVING = (TOP5_8, TOP5, FLOAT16, FLOAT32, PARAMS, YOURS)
"""Which columns leave first where there is no room: the details have them all."""
MARK, INDENT = 28, 2 * SPACE


class ModelsTable(RowedView):
    """One line is the current one; several can be chosen."""

    def __init__(self, theme: Theme, kept: LineFilter) -> None:
        """Show what the filter keeps."""
        super().__init__(theme)
        self.hover_row = -1
        self.setModel(kept)
        self.setItemDelegate(_LinePainter(theme, self))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setSortingEnabled(True)
        kept.sort(-1)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setAccessibleName("Models")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerItem)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.viewport().setAutoFillBackground(False)
        head = self.horizontalHeader()
        head.setFont(theme.font(CAPTION, MEDIUM))
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setMinimumSectionSize(24)
        theme.changed.connect(self.viewport().update)

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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the line under the pointer."""
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def viewportEvent(self, event: QEvent) -> bool:
        """Put the light out when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        if row != self.hover_row:
            self.hover_row = row
            self.viewport().update()

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


class _LinePainter(QStyledItemDelegate):
    """Paints one cell; the first one with the network's mark."""

    def __init__(self, theme: Theme, view: ModelsTable) -> None:
        super().__init__(view)
        self.theme = theme
        self.view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box: QRect = option.rect
        line: Line = index.data(LINE_ROLE)
        self._paint_ground(painter, box, index)
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
        painter.drawText(box, alignment(column), text)

    def _last(self) -> int:
        shown = (at for at in reversed(range(len(COLUMNS))) if not self.view.isColumnHidden(at))
        return next(shown)

    def _paint_ground(self, painter: QPainter, box: QRect, index: Index) -> None:
        c, view = self.theme.colours, self.view
        chosen = view.selectionModel().isRowSelected(index.row())
        if not chosen and index.row() != view.hover_row:
            return
        first, last = index.column() == NAME, index.column() == self._last()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(box)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.selected if chosen else c.hover))
        wide = QRectF(box).adjusted(0 if first else -16, 1, 0 if last else 16, -1)
        painter.drawRoundedRect(wide, 6, 6)
        if index.row() == view.currentIndex().row() and view.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(wide.adjusted(1, 1, -1, -1), 5, 5)
        painter.restore()
