"""The variants to choose from: filter, precision switch, table, and a place to drop a model."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QPointF, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from gui.marks import draw_icon, draw_variant_mark
from gui.parts import Card, ElidedLabel, Label, Segments, StateShape
from gui.theme import BODY, CAPTION, MEDIUM, REGULAR, SEMIBOLD, SPACE, TITLE, Theme
from gui.variant_rows import COLUMNS, ROW_ROLE, Index, VariantFilter, VariantRow, VariantTable

PRECISIONS = ("float32", "float16", "int8")
ROW_HEIGHT = 3 * SPACE + SPACE // 2
WEIGHTS = (19, 11, 15, 16, 14, 12)
"""How the width is shared between the columns."""

PARAMS_COLUMN, ROOM_FOR_ALL = 4, 330
NAME_COLUMNS = (0, 1, 2)
"""An own model has no alpha and no published accuracy: its name takes their place."""
MARK = 30
BREAK = "\N{ZERO WIDTH SPACE}"
"""Where the long names of files may be broken."""
CAPTION_TEXT = "top-1: published figures of the trained networks"


class VariantList(Card):
    """Lets the person choose a variant and a precision, or bring a model of their own."""

    chosen = Signal(object)  # VariantRow
    precision_chosen = Signal(str)
    activated = Signal()  # Enter or double click: deploy it
    model_dropped = Signal(Path)

    def __init__(self, theme: Theme) -> None:
        """Make an empty list; ``show_variants`` fills it."""
        super().__init__(theme)
        self.setAcceptDrops(True)
        self._drop_note = ""
        self.table = VariantTable(self)
        self.kept = VariantFilter(self)
        self.kept.setSourceModel(self.table)
        self.filter = FilterBox(theme)
        self.filter.textChanged.connect(self._filter)
        self.precision = Segments(theme, PRECISIONS, "Precision of all variants")
        self.precision.choose("int8")
        self.precision.chosen.connect(self._switch)
        self.view = _View(theme, self.table, self.kept)
        self.view.selectionModel().currentRowChanged.connect(self._tell)
        self.view.activated.connect(self.activated)
        self.view.clicked.connect(lambda _index: self.show_trouble(""))
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(Label(theme, "Variants", TITLE, SEMIBOLD))
        head.addStretch(1)
        head.addWidget(self.filter, 2)
        self.nothing = Label(theme, "", BODY, tone="muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        self.trouble = Label(theme, "", BODY, wrap=True)
        self.trouble.hide()
        self.trouble_shape = StateShape(theme)
        said = QHBoxLayout()
        said.setSpacing(SPACE)
        said.addWidget(self.trouble_shape, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.trouble, 1)
        self.caption = ElidedLabel(theme, CAPTION_TEXT, CAPTION, tone="muted")
        self.box.addLayout(head)
        self.box.addWidget(self.precision)
        self.box.addLayout(said)
        self.box.addWidget(self.view, 1)
        self.box.addWidget(self.nothing, 1)
        self.box.addWidget(self.caption)

    @Slot(object)
    def show_variants(self, rows: Sequence[VariantRow]) -> None:
        """Show these rows; the choice stays where it can."""
        before = self.choice()
        self.table.set_rows(rows)
        if before is not None:
            self.choose(before.name)
        elif rows:
            self.view.selectRow(0)

    def add_own(self, row: VariantRow) -> None:
        """Put the person's own model first and choose it; one of the same file is replaced."""
        self.filter.clear()
        others = [other for other in self.table.rows if other.path is None or other != row]
        others = [other for other in others if other.path is None or other.path != row.path]
        self.table.set_rows([row, *others])
        self.choose(row.name)

    @Slot(str)
    def show_trouble(self, text: str) -> None:
        """Say why a model was not taken; empty takes it back."""
        self.trouble.setText(text.replace("_", "_" + BREAK))
        self.trouble.setVisible(bool(text))
        self.trouble_shape.show_state("fail" if text else "none")

    def choose(self, name: str) -> bool:
        """Choose a row by its name; False if it is not there."""
        for number, row in enumerate(self.table.rows):
            if row.name == name:
                index = self.kept.mapFromSource(self.table.index(number, 0))
                self.view.setCurrentIndex(index)
                self.view.scrollTo(index)
                return index.isValid()
        return False

    def choice(self) -> VariantRow | None:
        """Return what is chosen."""
        index = self.view.currentIndex()
        row = index.data(ROW_ROLE) if index.isValid() else None
        return row if isinstance(row, VariantRow) else None

    def _tell(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        if row is not None:
            self.chosen.emit(row)

    def _switch(self, precision: str) -> None:
        self.table.set_precision(precision)
        self.precision_chosen.emit(precision)

    def _filter(self, text: str) -> None:
        self.kept.set_words(text)
        empty = self.kept.rowCount() == 0 and bool(self.table.rows)
        self.nothing.setText(f"No variant matches “{text}”. Try 0.50, 128 or a file's name.")
        self.nothing.setVisible(empty)
        self.view.setVisible(not empty)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up and name the action, for a file that is a model."""
        path = _dropped_model(event)
        if path is not None:
            event.acceptProposedAction()
            self._drop_note = f"Drop to add {path.name}"
            self._relight()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._drop_note = ""
        self._relight()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the model."""
        path = _dropped_model(event)
        self._drop_note = ""
        self._relight()
        if path is not None:
            event.acceptProposedAction()
            self.model_dropped.emit(path)

    def _relight(self) -> None:
        self.view.note = self._drop_note
        self.view.viewport().update()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card, lit up while something hangs over it."""
        super().paintEvent(event)
        if self._drop_note:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self.theme.colours.accent), 3))
            painter.setBrush(QColor(self.theme.colours.selected))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 11, 11)


def _dropped_model(event: QDropEvent) -> Path | None:
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if path.suffix.lower() == ".tflite":
            return path
    return None


class FilterBox(QLineEdit):
    """A line to type into, with a magnifying glass."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.setFont(theme.font(BODY))
        self.setPlaceholderText("Filter")
        self.setAccessibleName("Filter the variants")
        self.setToolTip("Words that begin an alpha, a resolution or a name: 0.5 128")
        self.setTextMargins(2 * SPACE + 4, 0, 0, 0)
        self.setMinimumWidth(12 * SPACE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line and the glass."""
        super().paintEvent(event)
        box = QRectF(10, self.height() / 2 - 8, 16, 16)
        draw_icon(QPainter(self), box, "search", QColor(self.theme.colours.muted))


class _View(QTableView):
    """The table, without grid, one row chosen at a time."""

    def __init__(self, theme: Theme, table: VariantTable, kept: VariantFilter) -> None:
        super().__init__()
        self.theme = theme
        self.table = table
        self.note = ""
        self.hover_row = -1
        self.setModel(kept)
        self.setItemDelegate(_RowPainter(theme, self))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setSortingEnabled(True)
        kept.sort(-1)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setAccessibleName("Variants")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerItem)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        head = self.horizontalHeader()
        head.setFont(theme.font(CAPTION, MEDIUM))
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setMinimumSectionSize(24)
        self.setMinimumHeight(3 * ROW_HEIGHT)
        theme.changed.connect(self.viewport().update)

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


class _RowPainter(QStyledItemDelegate):
    """Paints one cell; the first one with the variant's mark."""

    def __init__(self, theme: Theme, view: _View) -> None:
        super().__init__(view)
        self.theme = theme
        self.view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        c = self.theme.colours
        box: QRect = option.rect
        current = index.row() == self.view.currentIndex().row()
        over = index.row() == self.view.hover_row
        first, last = index.column() == 0, index.column() == len(COLUMNS) - 1
        if current or over:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(box)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.selected if current else c.hover))
            wide = QRectF(box).adjusted(0 if first else -16, 1, 0 if last else 16, -1)
            painter.drawRoundedRect(wide, 6, 6)
            if current and self.view.hasFocus():
                painter.setPen(QPen(QColor(c.accent), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(wide.adjusted(1, 1, -1, -1), 5, 5)
            painter.restore()
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
