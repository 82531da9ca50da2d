"""The models to tick: a list with marks, a filter, and what it says of each."""

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.marks import draw_variant_mark
from gui.rowed_view import ROW_HEIGHT
from gui.sweep.values import HERE, Model
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

MODEL_ROLE = Qt.ItemDataRole.UserRole
BOX = 16
Index = QModelIndex | QPersistentModelIndex


class ModelTicks(QAbstractListModel):
    """The models, each ticked or not."""

    ticked_changed = Signal()

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.models: tuple[Model, ...] = ()
        self._ticked: set[str] = set()

    def set_models(self, models: Sequence[Model]) -> None:
        """List these; what is ticked and still there stays so."""
        if tuple(models) == self.models:
            return
        self.beginResetModel()
        self.models = tuple(models)
        self._ticked &= {each.name for each in models}
        self.endResetModel()
        self.ticked_changed.emit()

    def ticked(self) -> tuple[str, ...]:
        """Return what is ticked, in the order of the list."""
        return tuple(each.name for each in self.models if each.name in self._ticked)

    def tick(self, names: Collection[str]) -> None:
        """Tick these alone."""
        self._ticked = {each.name for each in self.models if each.name in names}
        self._tell(0, len(self.models) - 1)

    def toggle(self, row: int) -> None:
        """Tick a row, or take its tick away."""
        self._ticked ^= {self.models[row].name}
        self._tell(row, row)

    def _tell(self, first: int, last: int) -> None:
        if last >= 0:
            self.dataChanged.emit(self.index(first), self.index(last))
        self.ticked_changed.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many there are."""
        return 0 if parent.isValid() else len(self.models)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a model's title, the model itself, or whether it is ticked."""
        model = self.models[index.row()]
        if role == MODEL_ROLE:
            return model
        if role == Qt.ItemDataRole.CheckStateRole:
            on = model.name in self._ticked
            return (Qt.CheckState.Checked if on else Qt.CheckState.Unchecked).value
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return model.title
        return None


class ModelFilter(QSortFilterProxyModel):
    """Keeps the models in which every word occurs."""

    def __init__(self, ticks: ModelTicks) -> None:
        """Keep all."""
        super().__init__()
        self._words: list[str] = []
        self.setSourceModel(ticks)

    def set_words(self, text: str) -> None:
        """Keep the models in which these words occur."""
        self.beginFilterChange()
        self._words = text.lower().split()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Say whether a row stays."""
        model = self.sourceModel().index(row, 0, parent).data(MODEL_ROLE)
        text = f"{model.title} {model.group} {'built' if model.built else ''}".lower()
        return all(word in text for word in self._words)


class ModelList(QListView):
    """Ticks by a click on the row, or by Space or Enter."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.ticks = ModelTicks()
        self.kept = ModelFilter(self.ticks)
        self.setModel(self.kept)
        self.setItemDelegate(_Painter(theme, self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setMouseTracking(True)
        self.setAccessibleName("Models to measure")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        theme.changed.connect(self.viewport().update)

    def toggle(self, index: Index) -> None:
        """Tick a row of the view, or take its tick away."""
        if index.isValid():
            self.ticks.toggle(self.kept.mapToSource(index).row())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick what was clicked."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle(self.indexAt(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick with Space or Enter."""
        if event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.toggle(self.currentIndex())
        else:
            super().keyPressEvent(event)


class _Painter(QStyledItemDelegate):
    """Paints box, mark, name, and whether the model is there."""

    def __init__(self, theme: Theme, view: ModelList) -> None:
        super().__init__(view)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(20 * SPACE, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        c, box = self._theme.colours, QRectF(option.rect)
        state = option.state
        model: Model = index.data(MODEL_ROLE)
        on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked.value
        enabled = bool(state & QStyle.StateFlag.State_Enabled)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if enabled and state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, QColor(c.hover))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(c.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        self._box(painter, box, on=on, enabled=enabled)
        centre = QPointF(box.left() + 42, box.center().y())
        draw_variant_mark(painter, centre, 6, model.alpha, model.resolution, model.precision)
        note = "not built yet" if not model.built else "here" if model.group == HERE else ""
        painter.setFont(self._theme.font(CAPTION))
        room = painter.fontMetrics().horizontalAdvance(note) + SPACE if note else 0
        painter.setPen(QColor(c.muted if enabled else c.faint))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(0, 0, -SPACE, 0), right, note)
        painter.setFont(self._theme.font(BODY, MEDIUM if on else self._theme.font().weight()))
        painter.setPen(QColor(c.text if enabled else c.faint))
        words = QRect(box.adjusted(58, 0, -SPACE - room, 0).toRect())
        text = painter.fontMetrics().elidedText(
            model.title, Qt.TextElideMode.ElideMiddle, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def _box(self, painter: QPainter, row: QRectF, *, on: bool, enabled: bool) -> None:
        c = self._theme.colours
        box = QRectF(row.left() + 8.5, row.center().y() - BOX / 2, BOX - 1, BOX - 1)
        full = on and enabled
        painter.setPen(QPen(QColor(c.accent if full else c.faint), 1))
        painter.setBrush(QColor(c.accent if full else c.raised))
        painter.drawRoundedRect(box, 4, 4)
        if on:
            painter.setPen(QPen(QColor(c.on_accent if full else c.faint), 2))
            left, middle = box.left(), box.center().y()
            tick = [(4.0, 0.0), (7.0, 3.0), (11.5, -3.5)]
            painter.drawPolyline(QPolygonF([QPointF(left + x, middle + y) for x, y in tick]))
