"""The table of runs: marks, figures, states by shape and word, as many columns as fit."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QPointF,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QStyleOptionViewItem, QTableView

from gui.history.rows import (
    COLUMNS,
    COUNT,
    FPS,
    MEDIAN,
    MODEL,
    P90,
    PHONE,
    PRESET,
    ROW_ROLE,
    SERIES,
    STATE,
    TAGS,
    WHEN,
    RunTable,
    mark_of,
    state_of,
)
from gui.marks import draw_state, draw_variant_mark
from gui.rowed_view import CellPainter, Index, RowedView
from gui.theme import BODY, REGULAR, SEMIBOLD, SPACE, Theme

if TYPE_CHECKING:
    from engine.records.values import RunRow

WIDTHS = (142, 172, 104, 82, 112, 56, 56, 56, 156, 80, 94)
"""Least width of each column, pixels; what is more goes to the model, state, tags, series."""
GROWS = {MODEL: 4, STATE: 2, TAGS: 2, SERIES: 2, PHONE: 4}
LEAVING = (SERIES, P90, PRESET, COUNT, TAGS, FPS, PHONE)
"""Which columns leave first where there is no room: the details have them all."""
MARK = 26
SHAPE = 20


class HistoryTable(RowedView):
    """Several runs can be chosen; Delete asks for what deletes them."""

    delete_pressed = Signal()

    def __init__(self, theme: Theme, runs: RunTable) -> None:
        """Show the runs."""
        super().__init__(theme, runs, "Runs")
        self.runs = runs
        self.setItemDelegate(_RunPainter(theme, self))
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)

    def chosen(self) -> "tuple[RunRow, ...]":
        """Return the chosen runs, from the top."""
        return tuple(self.runs.rows[place] for place in self._places())

    def first_chosen(self) -> int:
        """Return the uppermost row that is chosen; -1 without one."""
        return next(iter(self._places()), -1)

    def _places(self) -> list[int]:
        """Return the chosen rows; from the ranges, as all 10,000 may be chosen."""
        ranges = self.selectionModel().selection()
        return sorted({row for part in ranges for row in range(part.top(), part.bottom() + 1)})

    def current(self) -> int:
        """Return the number of the run that the keyboard is on; 0 without one."""
        index = self.currentIndex()
        return int(index.data(ROW_ROLE).id) if index.isValid() else 0

    def choose(self, run_ids: Collection[int], current: int = 0) -> None:
        """Choose these runs, as far as they are shown; the keyboard goes to ``current``."""
        flags, wanted = QItemSelectionModel.SelectionFlag, QItemSelection()
        for place, row in enumerate(self.runs.rows):
            if row.id == current:
                at = self.runs.index(place, 0)
                self.selectionModel().setCurrentIndex(at, flags.NoUpdate)
            if row.id in run_ids:
                at = self.runs.index(place, 0)
                wanted.select(at, at)
        self.selectionModel().select(wanted, flags.ClearAndSelect | flags.Rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete deletes; all else as everywhere."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the columns that fit, and share what is left."""
        super().resizeEvent(event)
        room, shown = self.viewport().width(), set(range(len(COLUMNS)))
        for column in LEAVING:
            if sum(WIDTHS[each] for each in shown) > room:
                shown.discard(column)
        spare = max(0, room - sum(WIDTHS[each] for each in shown))
        shares = sum(GROWS.get(each, 0) for each in shown)
        used = 0
        for column in range(len(COLUMNS)):
            self.setColumnHidden(column, column not in shown)
            if column in shown and column != MODEL:
                width = WIDTHS[column] + spare * GROWS.get(column, 0) // shares
                self.setColumnWidth(column, width)
                used += width
        self.setColumnWidth(MODEL, max(12 * SPACE, room - used))


class _RunPainter(CellPainter):
    """Paints one cell."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box: QRect = option.rect
        row: RunRow = index.data(ROW_ROLE)
        self.paint_ground(painter, box, index)
        c, column = self.theme.colours, index.column()
        current = index.row() == self.view.currentIndex().row()
        weight = SEMIBOLD if current and column == MODEL else REGULAR
        strong = current or column in {MODEL, MEDIAN, STATE}
        painter.setFont(self.theme.font(BODY, weight))
        painter.setPen(QColor(c.text if strong else c.muted))
        if column == MODEL:
            centre = QPointF(box.left() + 14, box.center().y() + 0.5)
            draw_variant_mark(painter, centre, 5, *mark_of(row.facts.name))
            box = box.adjusted(MARK, 0, 0, 0)
        elif column == STATE:
            shape = state_of(row).shape
            inks = {"ok": c.ok, "warn": c.warn, "fail": c.fail, "busy": c.accent}
            at = QRectF(box.left() + 2, box.center().y() - 5.5, 13, 13)
            draw_state(painter, at, shape, QColor(inks.get(shape, c.muted)))
            box = box.adjusted(SHAPE, 0, 0, 0)
        elif column in {MEDIAN, P90, FPS, COUNT}:
            box = box.adjusted(0, 0, -SPACE, 0)
        else:
            box = box.adjusted(2 if column == WHEN else 4, 0, 0, 0)
        side = Qt.TextElideMode.ElideMiddle if column == MODEL else Qt.TextElideMode.ElideRight
        room = box.width() - (0 if column in {MEDIAN, P90, FPS, COUNT} else SPACE // 2)
        text = painter.fontMetrics().elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), side, room
        )
        painter.drawText(box, index.data(Qt.ItemDataRole.TextAlignmentRole), text)
