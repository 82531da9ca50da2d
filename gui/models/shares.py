"""How often a model is right, drawn: class by class, and against how sure it was."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import BODY, CAPTION, SPACE, Theme
from gui.training.values import interval_said

if TYPE_CHECKING:
    from engine.accuracy.evaluation import Bin
    from engine.accuracy.shares import Share

ROW = 24
NAMES, FIGURES = 0.34, 19 * SPACE
"""Share of the width for the names, and the figures' width in pixels."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


class ClassShare(NamedTuple):
    """A class and how often it was told right."""

    name: str
    share: "Share"


class ClassShares(QWidget):
    """One line per class, the worst first: a bar, so many of so many, and the interval."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.rows: tuple[ClassShare, ...] = ()
        self.setAccessibleName("How often each class was told right")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_rows(self, rows: Sequence[ClassShare]) -> None:
        """Show these classes, the worst first."""
        self.rows = tuple(sorted(rows, key=lambda row: (row.share.value, row.name)))
        said = (f"{row.name} {row.share.hits} of {row.share.n}" for row in self.rows)
        self.setAccessibleDescription("; ".join(said))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Whole lines."""
        return QSize(44 * SPACE, ROW * max(1, len(self.rows)))

    def minimumSizeHint(self) -> QSize:
        """Whole lines, whatever the width."""
        return QSize(30 * SPACE, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines that are in sight."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.theme.font(BODY))
        metrics = QFontMetricsF(painter.font())
        names = NAMES * self.width()
        room = self.width() - names - FIGURES - SPACE
        first = event.rect().top() // ROW
        for number in range(first, min(len(self.rows), event.rect().bottom() // ROW + 1)):
            name, share = self.rows[number]
            top = number * ROW
            painter.setPen(QColor(c.text))
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names - SPACE)
            painter.drawText(QRectF(0, top, names, ROW), LEFT, text)
            painter.setPen(Qt.PenStyle.NoPen)
            rail = QRectF(names, top + ROW / 2 - 4, room, 8)
            painter.setBrush(QColor(c.border))
            painter.drawRoundedRect(rail, 4, 4)
            if share.hits:
                rail.setWidth(max(8.0, room * share.value))
                painter.setBrush(QColor(c.accent))
                painter.drawRoundedRect(rail, 4, 4)
            painter.setPen(QColor(c.muted))
            figures = QRectF(self.width() - FIGURES, top, FIGURES, ROW)
            painter.drawText(figures, LEFT, f"  {share.hits} of {share.n}")
            painter.drawText(figures, RIGHT, interval_said(share))


class Sureness(QWidget):
    """How often it was right where it was how sure; on the line it is as right as it is sure."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.bins: tuple[Bin, ...] = ()
        self.setAccessibleName("How right the model is where it is how sure")
        self.setMinimumSize(24 * SPACE, 20 * SPACE)
        theme.changed.connect(self.update)

    def show_bins(self, bins: "Sequence[Bin]") -> None:
        """Show these ranges of the score."""
        self.bins = tuple(bins)
        said = (
            f"{100 * each.mean_score:.0f} % sure: {each.right} of {each.n} right"
            for each in self.bins
            if each.n
        )
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def _field(self) -> QRectF:
        return QRectF(6 * SPACE, 2 * SPACE, self.width() - 10 * SPACE, self.height() - 8 * SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint axes, diagonal and a dot per range, larger for more pictures."""
        c, field = self.theme.colours, self._field()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.theme.font(CAPTION))
        for part in range(0, 101, 25):
            x, y = self._spot(part / 100, part / 100, field)
            painter.setPen(QColor(c.border))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(0, y - 8, 5 * SPACE, 16), RIGHT, f"{part} %")
            painter.drawText(QRectF(x - 24, field.bottom() + 4, 48, 16), CENTRE, f"{part} %")
        names = QRectF(0, field.bottom() + 20, self.width(), 18)
        painter.drawText(names, CENTRE, "how sure it was; upwards: how often it was right")
        painter.setPen(QPen(QColor(c.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(*self._spot(0, 0, field)), QPointF(*self._spot(1, 1, field)))
        most = max((each.n for each in self.bins), default=1)
        seen = [each for each in self.bins if each.n]
        spots = [QPointF(*self._spot(e.mean_score, e.right / e.n, field)) for e in seen]
        painter.setPen(QPen(QColor(c.accent), 2))
        for begin, end in pairwise(spots):
            painter.drawLine(begin, end)
        painter.setBrush(QColor(c.accent))
        for each, spot in zip(seen, spots, strict=True):
            radius = 3 + 6 * (each.n / most) ** 0.5
            painter.drawEllipse(spot, radius, radius)

    def _spot(self, sure: float, right: float, field: QRectF) -> tuple[float, float]:
        return field.left() + sure * field.width(), field.bottom() - right * field.height()
