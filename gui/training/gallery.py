"""Pictures in a grid, with how sure the model was; corrected ones say so."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from gui.theme import CAPTION, MEDIUM, REGULAR, SPACE, Theme
from gui.training.thumbnails import Thumbnails

if TYPE_CHECKING:
    from engine.accuracy.evaluation import Answer

Index = QModelIndex | QPersistentModelIndex
ANSWER = Qt.ItemDataRole.UserRole + 1
PICTURE, FOOT, GAP = 12 * SPACE, 20, SPACE
"""Least side of a picture, height of the line below it, and the gap; logical pixels."""
CENTRE = Qt.AlignmentFlag.AlignCenter


class Shots(QAbstractListModel):
    """The answers of one cell."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        """Start empty."""
        super().__init__()
        self.answers: tuple[Answer, ...] = ()
        self._places: dict[Path, int] = {}
        thumbnails.arrived.connect(self._show)

    def show_answers(self, answers: "Sequence[Answer]") -> None:
        """Show these, in this order."""
        self.beginResetModel()
        self.answers = tuple(answers)
        self._places = {each.path: place for place, each in enumerate(self.answers)}
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """One row per picture."""
        return 0 if parent is not None and parent.isValid() else len(self.answers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the answer itself, or words for screen readers and tool tips."""
        answer = self.answers[index.row()]
        if role == ANSWER:
            return answer
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"{answer.path.name}, the model was {100 * answer.score:.0f} % sure"
        return None

    def _show(self, path: Path) -> None:
        place = self._places.get(path)
        if place is not None:
            index = self.index(place, 0)
            self.dataChanged.emit(index, index, [ANSWER])


class Gallery(QListView):
    """Shows pictures; several can be chosen. Digits and Delete tell a correction."""

    class_pressed = Signal(int)  # 0 for the key 1
    left_out = Signal()

    def __init__(
        self, theme: Theme, thumbnails: Thumbnails, said: "Callable[[Path], str | None]"
    ) -> None:
        """Make it empty; ``said`` tells a picture's correction, see ``Corrections.said``."""
        super().__init__()
        self.theme = theme
        self.thumbnails = thumbnails
        self.shots = Shots(thumbnails)
        self.side = PICTURE
        self.setModel(self.shots)
        self.setItemDelegate(_Painter(self, said))
        self.setAccessibleName("Pictures of the chosen cell")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(PICTURE + FOOT + GAP)
        self.viewport().setAutoFillBackground(False)
        theme.changed.connect(self.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let as many pictures as fit fill the width, a scroll bar there or not."""
        super().resizeEvent(event)
        room = self.width() - self.verticalScrollBar().sizeHint().width() - 2
        side = room // max(1, room // (PICTURE + GAP)) - GAP
        if side != self.side:
            self.side = side
            self.scheduleDelayedItemsLayout()

    def show_answers(self, answers: "Sequence[Answer]") -> None:
        """Show these pictures; none is chosen."""
        self.thumbnails.forget_wishes()
        self.shots.show_answers(answers)
        self.scrollToTop()

    def chosen(self) -> tuple[Path, ...]:
        """Return the chosen pictures, in their order."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return tuple(self.shots.answers[row].path for row in rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit names a class, Delete leaves out; arrows and Ctrl+A as everywhere."""
        digit = event.key() - Qt.Key.Key_1
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.left_out.emit()
        elif 0 <= digit < 9 and not event.modifiers():
            self.class_pressed.emit(digit)
        else:
            super().keyPressEvent(event)


class _Painter(QStyledItemDelegate):
    """Paints one picture with the line below it."""

    def __init__(self, view: Gallery, said: "Callable[[Path], str | None]") -> None:
        super().__init__(view)
        self._view, self._said = view, said

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(self._view.side + GAP, self._view.side + FOOT + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        c, answer = self._view.theme.colours, index.data(ANSWER)
        correction = self._said(answer.path)
        side = self._view.side
        box = QRectF(option.rect.x() + 2, option.rect.y() + 2, side, side)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(box, 6, 6)
        painter.fillPath(shape, QColor(c.raised))
        picture = self._view.thumbnails.get(answer.path)
        painter.setClipPath(shape)
        if picture is not None:
            painter.setOpacity(0.25 if correction == "" else 1.0)
            painter.drawPixmap(box, picture, QRectF(picture.rect()))
            painter.setOpacity(1.0)
        if correction is not None:
            self._paint_band(painter, box, correction)
        painter.setClipping(False)
        if chosen or focused:
            painter.setPen(QPen(QColor(c.accent if chosen else c.muted), 3 if chosen else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(self._view.theme.font(CAPTION, MEDIUM if chosen else REGULAR))
        painter.setPen(QColor(c.text if chosen else c.muted))
        foot = QRectF(box.left(), box.bottom(), box.width(), FOOT)
        painter.drawText(foot, CENTRE, f"{100 * answer.score:.0f} % sure")
        painter.restore()

    def _paint_band(self, painter: QPainter, box: QRectF, correction: str) -> None:
        c = self._view.theme.colours
        band = QRectF(box.left(), box.bottom() - 22, box.width(), 22)
        painter.fillRect(band, QColor(c.accent if correction else c.text))
        painter.setFont(self._view.theme.font(CAPTION, MEDIUM))
        painter.setPen(QColor(c.on_accent if correction else c.surface))
        words = f"\N{RIGHTWARDS ARROW} {correction}" if correction else "left out"
        room = band.width() - SPACE
        text = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(band, CENTRE, text)
