"""What there is to say about a run: names at the left, values wrapped at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy

from gui.copied import CopiedText
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

NAMES, APART = 14 * SPACE, 6
"""Width of the names' column, and the gap below a line, pixels."""
WRAP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class LineList(CopiedText):
    """Paints the lines. Ctrl+C copies them."""

    def __init__(self, theme: Theme, name: str) -> None:
        """Make it empty; ``name`` is read out by screen readers."""
        super().__init__(theme, name, "Ctrl+C copies it")
        self.lines: tuple[tuple[str, str], ...] = ()
        self._tops: list[float] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show names and values; a line without a name goes on with the one above."""
        self.lines = tuple((name, value) for name, value in lines)
        self.setAccessibleDescription("; ".join(f"{name} {value}" for name, value in self.lines))
        self._measure()
        self.update()

    def text(self) -> str:
        """Return the lines for the clipboard, a tab between name and value."""
        return "\n".join(f"{name}\t{value}" for name, value in self.lines)

    def sizeHint(self) -> QSize:
        """As high as the wrapped lines."""
        return QSize(40 * SPACE, round(self._tops[-1]) if self._tops else 0)

    def minimumSizeHint(self) -> QSize:
        """Any width."""
        return QSize(NAMES + 12 * SPACE, self.sizeHint().height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Wrap anew."""
        self._measure()

    def _measure(self) -> None:
        metrics = QFontMetricsF(self.theme.font(BODY))
        room = QRectF(0, 0, max(8 * SPACE, self.width() - NAMES - 2), 10_000)
        self._tops = [0.0]
        for _name, value in self.lines:
            height = metrics.boundingRect(room, int(WRAP), value).height()
            self._tops.append(self._tops[-1] + max(metrics.height(), height) + APART)
        self.setFixedHeight(round(self._tops[-1]))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint names and values, and a ring with the focus."""
        c = self.theme.colours
        painter = QPainter(self)
        for top, (name, value) in zip(self._tops, self.lines, strict=False):
            painter.setFont(self.theme.font(CAPTION, MEDIUM))
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(0, top + 1, NAMES - SPACE, 20), WRAP, name)
            painter.setFont(self.theme.font(BODY))
            painter.setPen(QColor(c.text))
            room = QRectF(NAMES, top, self.width() - NAMES - 2, 10_000)
            painter.drawText(room, WRAP, value)
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
