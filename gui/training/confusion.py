"""What the pictures are against what the model said: a matrix whose cells open pictures."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.sizes.parts import ink_on
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, Theme
from gui.training.values import Told, worst_classes

MOST = 10
"""Classes in sight; of more those with the most mistakes."""
HEAD, NAMES, LEAST, TALLEST = 24, 12 * SPACE, 24, 40
"""Height of the head, width of the names, least and most height of a row; pixels."""
CENTRE = Qt.AlignmentFlag.AlignCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Confusion(QWidget):
    """Rows: what the pictures are. Columns: what the model said. One cell is chosen."""

    cell_chosen = Signal(int, int)  # truth, said

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.classes: tuple[int, ...] = ()
        self.names: dict[int, str] = {}
        self.counts: dict[tuple[int, int], int] = {}
        self.current: tuple[int, int] | None = None
        self._over: tuple[int, int] | None = None
        self.setAccessibleName("Confusion matrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    def show_told(self, told: Told) -> None:
        """Show what was said; the cell stays chosen where it can, else the worst mistake is."""
        before = self.current
        self.classes = worst_classes(told, MOST)
        self.names = told.names
        self.counts = {cell: len(answers) for cell, answers in told.cells().items()}
        self.updateGeometry()
        self.update()
        in_sight = [cell for cell in self.counts if set(cell) <= set(self.classes)]
        if before in in_sight:
            self.choose(*before)
        elif in_sight:
            self.choose(*max(in_sight, key=lambda cell: (cell[0] != cell[1], self.counts[cell])))

    def clear(self) -> None:
        """Show nothing."""
        self.classes, self.counts, self.current = (), {}, None
        self.updateGeometry()
        self.update()

    def choose(self, truth: int, said: int) -> None:
        """Choose a cell and tell it."""
        self.current = (truth, said)
        self.setAccessibleDescription(self._words(self.current))
        self.update()
        self.cell_chosen.emit(truth, said)

    def _words(self, cell: tuple[int, int]) -> str:
        truth, said = (self.names.get(index, str(index)) for index in cell)
        count = self.counts.get(cell, 0)
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        if cell[0] == cell[1]:
            return f"{pictures} of {truth}, told right"
        return f"{pictures} of {truth}, taken for {said}"

    def sizeHint(self) -> QSize:
        """Rows as tall as is comfortable."""
        return QSize(50 * SPACE, HEAD + TALLEST * max(2, len(self.classes)))

    def minimumSizeHint(self) -> QSize:
        """Rows that a figure still fits into."""
        return QSize(30 * SPACE, HEAD + LEAST * max(2, len(self.classes)))

    def _row_height(self) -> float:
        rows = max(1, len(self.classes))
        return min(TALLEST, max(LEAST, (self.height() - HEAD) / rows))

    def box(self, truth: int, said: int) -> QRectF:
        """Return where a cell lies, logical pixels."""
        height = self._row_height()
        width = (self.width() - NAMES) / max(1, len(self.classes))
        column, row = self.classes.index(said), self.classes.index(truth)
        return QRectF(NAMES + column * width, HEAD + row * height, width - 3, height - 3)

    def _at(self, spot: QPointF) -> tuple[int, int] | None:
        for truth in self.classes:
            for said in self.classes:
                if self.box(truth, said).adjusted(-1, -1, 2, 2).contains(spot):
                    return truth, said
        return None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint names and cells."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.theme.font(CAPTION))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QColor(c.muted))
        if self.classes:
            painter.drawText(QRectF(0, 0, NAMES, HEAD - 2), LEFT, "is  \N{RIGHTWARDS ARROW}  said")
        for index in self.classes:
            name = self.names.get(index, str(index))
            head = self.box(index, index)
            head.setTop(0)
            head.setHeight(HEAD - 2)
            painter.drawText(
                head, CENTRE, metrics.elidedText(name, Qt.TextElideMode.ElideRight, head.width())
            )
            row = self.box(index, index)
            row.setLeft(0)
            row.setWidth(NAMES - SPACE)
            painter.drawText(
                row, LEFT, metrics.elidedText(name, Qt.TextElideMode.ElideRight, row.width())
            )
        for truth in self.classes:
            for said in self.classes:
                self._paint_cell(painter, (truth, said))

    def _paint_cell(self, painter: QPainter, cell: tuple[int, int]) -> None:
        c = self.theme.colours
        box, count = self.box(*cell), self.counts.get(cell, 0)
        whole = sum(n for (truth, _said), n in self.counts.items() if truth == cell[0])
        strength = count / whole if whole else 0.0
        ground = _mixed(
            QColor(c.raised),
            QColor(c.accent if cell[0] == cell[1] else c.warn),
            (0.25 + 0.75 * strength) if count else 0.0,
        )
        chosen = cell == self.current
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 6, 6)
        if chosen or cell == self._over:
            ring = c.text if chosen else c.muted
            painter.setPen(QPen(QColor(ring), 2 if chosen else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
            if chosen and self.hasFocus():
                painter.setPen(QPen(QColor(c.surface), 1))
                painter.drawRoundedRect(box.adjusted(2.5, 2.5, -2.5, -2.5), 4, 4)
        painter.setFont(self.theme.font(BODY, SEMIBOLD if count else MEDIUM))
        painter.setPen(ink_on(ground) if count else QColor(c.faint))
        painter.drawText(box, CENTRE, str(count))

    def event(self, event: QEvent) -> bool:
        """Say in words what lies under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(cell) if cell else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked."""
        cell = self._at(event.position())
        if cell is not None:
            self.choose(*cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up what is under the pointer."""
        self._over = self._at(event.position())
        self.update()

    def leaveEvent(self, _event: object) -> None:
        """Put the light out."""
        self._over = None
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys go."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no more."""
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self.current is None:
            super().keyPressEvent(event)
            return
        last = len(self.classes) - 1
        moved = (
            self.classes[min(max(self.classes.index(index) + by, 0), last)]
            for index, by in zip(self.current, step, strict=True)
        )
        self.choose(*moved)


_STEPS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


def _mixed(ground: QColor, colour: QColor, share: float) -> QColor:
    """Return ``colour`` laid over ``ground``, 0..1 thick."""
    pairs = zip(
        (ground.red(), ground.green(), ground.blue()),
        (colour.red(), colour.green(), colour.blue()),
        strict=True,
    )
    return QColor(*(round(below + share * (above - below)) for below, above in pairs))
