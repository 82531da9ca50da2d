"""What the lab's tables share: rows of one height, the row under the pointer, named columns."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
)
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QTableView

from gui.theme import CAPTION, MEDIUM, SPACE, Theme

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 3 * SPACE + SPACE // 2


class NamedColumns(QAbstractTableModel):
    """A table whose columns have names with units, and say what they mean."""

    def __init__(
        self, columns: Sequence[str], what: Sequence[str], parent: QObject | None = None
    ) -> None:
        """Start empty.

        Args:
            columns: The columns' names with their units.
            what: What each means, for its tool tip.
            parent: Owns it.
        """
        super().__init__(parent)
        self._columns, self._what = columns, what

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's name with its unit, and what it means as a tool tip."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._what[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(section)
        return None

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Return where a column's text stands: the first at the left, figures at the right."""
        side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter


class RowedView(QTableView):
    """A table without grid, whose rows are all of one height and light up under the pointer."""

    def __init__(self, theme: Theme, model: QAbstractTableModel | Any, name: str) -> None:
        """Show a model.

        Args:
            theme: Colours and fonts.
            model: The rows; it can sort.
            name: What the table is called by who cannot see it.
        """
        super().__init__()
        self.theme = theme
        self.hover_row = -1
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
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
        self.setSortingEnabled(True)
        theme.changed.connect(self.viewport().update)

    def height_of(self, rows: int) -> int:
        """Return the height with so many rows in sight, logical pixels."""
        return (
            2 * self.frameWidth() + self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT
        )

    def moveCursor(
        self, action: QTableView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Go by rows, as they are chosen: Home to the first one, End to the last."""
        ends = {QTableView.CursorAction.MoveHome: 0, QTableView.CursorAction.MoveEnd: -1}
        if action not in ends:
            return super().moveCursor(action, modifiers)
        rows = self.model().rowCount()
        return self.model().index(ends[action] % max(1, rows), max(0, self.currentIndex().column()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer."""
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


class CellPainter(QStyledItemDelegate):
    """Paints cells of a rowed view on the ground that they share."""

    def __init__(self, theme: Theme, view: RowedView) -> None:
        """Paint for this view."""
        super().__init__(view)
        self.theme = theme
        self.view: Any = view

    def paint_ground(self, painter: QPainter, box: QRect, index: Index) -> None:
        """Paint one rounded ground under a row that is chosen or under the pointer."""
        c, view = self.theme.colours, self.view
        chosen = view.selectionModel().isSelected(index)
        if not chosen and index.row() != view.hover_row:
            return
        shown = [at for at in range(view.model().columnCount()) if not view.isColumnHidden(at)]
        first, last = index.column() == shown[0], index.column() == shown[-1]
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
