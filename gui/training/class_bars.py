"""The classes as bars: how many pictures each has, and what they serve."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme
from gui.training.values import SIDES, ClassLine

NAME, BAR, COUNTS, GAP = 22, 8, 22, 8
"""Heights of a row's name, bar and counts, and what is below them; pixels."""
ROW = NAME + BAR + COUNTS + GAP
SWATCH = 8
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ClassBars(QWidget):
    """A row per class: name and count, a bar on one axis for all, and what the pictures serve."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.lines: tuple[ClassLine, ...] = ()
        self.setAccessibleName("Pictures of each class")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_lines(self, lines: Sequence[ClassLine]) -> None:
        """Show these classes."""
        self.lines = tuple(lines)
        said = (
            f"{each.name}: {each.total}, {each.train} for training, "
            f"{each.validation} for validation, {each.test} for the test"
            for each in self.lines
        )
        words = tuple(said)
        self.setAccessibleDescription("; ".join(words))
        self.setToolTip("\n".join(words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(34 * SPACE, ROW * len(self.lines))

    def minimumSizeHint(self) -> QSize:
        """All rows; they scroll where they do not fit."""
        return QSize(24 * SPACE, ROW * len(self.lines))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint names, figures and bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((each.total for each in self.lines), default=0)
        for number, line in enumerate(self.lines):
            self._paint_line(painter, number * ROW, line, most)

    def _paint_line(self, painter: QPainter, top: float, line: ClassLine, most: int) -> None:
        c = self.theme.colours
        painter.setFont(self.theme.font(BODY, MEDIUM))
        painter.setPen(QColor(c.text))
        metrics = QFontMetricsF(painter.font())
        room = QRectF(0, top, self.width(), NAME)
        painter.drawText(room, RIGHT, str(line.total))
        room.setRight(room.right() - metrics.horizontalAdvance(str(line.total)) - SPACE)
        name = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, LEFT, name)
        track = QRectF(0, top + NAME, self.width(), BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.raised))
        painter.drawRoundedRect(track, 3, 3)
        counts = (line.train, line.validation, line.test)
        x, scale = 0.0, track.width() / max(1, most)
        for count, (_word, colour) in zip(counts, SIDES, strict=True):
            piece = QRectF(x, track.top(), max(0.0, count * scale - 1), BAR)
            painter.fillRect(piece, QColor(getattr(c, colour)))
            x += count * scale
        self._paint_counts(painter, track.bottom(), counts)

    def _paint_counts(self, painter: QPainter, top: float, counts: Sequence[int]) -> None:
        c = self.theme.colours
        painter.setFont(self.theme.font(CAPTION))
        metrics = QFontMetricsF(painter.font())
        texts = [f"{count} {word}" for count, (word, _colour) in zip(counts, SIDES, strict=True)]
        around = len(texts) * (SWATCH + 4 + 2 + SPACE)
        if sum(map(metrics.horizontalAdvance, texts)) + around > self.width() + SPACE:
            texts = [str(count) for count in counts]  # the colours tell; the tool tip has it all
        x = 0.0
        for text, (_word, colour) in zip(texts, SIDES, strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(c, colour)))
            swatch = QRectF(x, top + (COUNTS - SWATCH) / 2, SWATCH, SWATCH)
            painter.drawRoundedRect(swatch, 2, 2)
            painter.setPen(QColor(c.muted))
            width = metrics.horizontalAdvance(text) + 2
            painter.drawText(QRectF(x + SWATCH + 4, top, width, COUNTS), LEFT, text)
            x += SWATCH + 4 + width + SPACE
