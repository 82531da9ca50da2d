"""The same figures as a table: bytes, megabytes and percent of each part, side by side."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy

from gui.copied import CopiedText
from gui.sizes.bars import LEFT, RIGHT, Bar
from gui.sizes.parts import NATIVE, colour_of, fixed_rows, grouped, megabytes, percent
from gui.theme import BODY, CAPTION, MEDIUM, NO_VALUE, REGULAR, SEMIBOLD, SPACE, Theme

LEAST, MOST, HEAD = 19, 26, 38
"""Height of a row, as the window has room, and of the head; pixels."""
FIRST, WIDEST = 23 * SPACE, 60 * SPACE
"""Width of the parts' column, and of one bar's columns where there is much room."""
APART = 3 * SPACE
UNITS = ("bytes", "MB", "%")
SHARES = (0.46, 0.29, 0.25)
"""How a bar's columns share its width."""


class SizeTable(CopiedText):
    """One row per part, three columns per bar. Its rows stand still. Ctrl+C copies it."""

    def __init__(self, theme: Theme, titles: Sequence[str]) -> None:
        """Make it with a dash everywhere; ``titles`` head the bars' columns."""
        super().__init__(theme, "Table of where the bytes go", "Ctrl+C copies the table")
        self.titles = tuple(titles)
        self.rows: list[tuple[str, ...]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.show_bars(())

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show the parts of these bars, one per title."""
        found = [dict(bar.parts) for bar in bars]
        known = fixed_rows()
        extra = sorted({what for parts in found for what in parts if what not in known})
        rows = [*known, *extra, "total"]
        self.rows = [(what, *self._cells(what, bars, found)) for what in rows]
        self.setAccessibleDescription("; ".join(" ".join(row) for row in self.rows))
        self.updateGeometry()
        self.update()

    def _cells(
        self, what: str, bars: Sequence[Bar], found: Sequence[dict[str, int]]
    ) -> tuple[str, ...]:
        cells: list[str] = []
        for number in range(len(self.titles)):
            bar = bars[number] if number < len(bars) else None
            total = bar.total if bar is not None else None
            count = total if what == "total" else found[number].get(what) if bar else None
            if count is None or total is None:
                cells += [NO_VALUE] * len(UNITS)
            else:
                cells += [
                    grouped(count),
                    megabytes(count, unit=False),
                    percent(count, total),
                ]
        return tuple(cells)

    def text(self) -> str:
        """Return the table for the clipboard, tabs between the columns."""
        heads = [f"{title}, {unit}" for title in self.titles for unit in UNITS]
        lines = [("part", *heads), *self.rows]
        return "\n".join("\t".join(line) for line in lines).replace("\N{NARROW NO-BREAK SPACE}", "")

    def sizeHint(self) -> QSize:
        """Whole rows."""
        return QSize(FIRST + len(self.titles) * WIDEST, HEAD + MOST * len(self.rows))

    def minimumSizeHint(self) -> QSize:
        """Figures may stand closer, never out of sight."""
        return QSize(FIRST + len(self.titles) * 22 * SPACE, HEAD + LEAST * len(self.rows))

    def _row_height(self) -> int:
        return min(MOST, max(LEAST, (self.height() - HEAD) // max(1, len(self.rows))))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint head, swatches, figures and the line above the total."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height, columns = self._row_height(), self._columns()
        self._paint_head(painter, columns)
        for number, row in enumerate(self.rows):
            self._paint_row(painter, QRectF(0, HEAD + number * height, self.width(), height), row)
        c = self.theme.colours
        painter.setPen(QPen(QColor(c.border), 1))
        right = columns[-1][0] + columns[-1][1]
        y = HEAD + (len(self.rows) - 1) * height - 0.5
        painter.drawLine(QPointF(0, y), QPointF(right, y))
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _columns(self) -> list[tuple[float, float]]:
        """Return left edge and width of each column of figures."""
        room = (self.width() - FIRST) / len(self.titles) - APART
        each = min(room, WIDEST - APART)
        edges = []
        for number in range(len(self.titles)):
            x = FIRST + APART + number * (each + APART)
            for share in SHARES:
                edges.append((x, share * each))
                x += share * each
        return edges

    def _paint_head(self, painter: QPainter, columns: list[tuple[float, float]]) -> None:
        c = self.theme.colours
        for number, title in enumerate(self.titles):
            left = columns[number * len(UNITS)][0]
            right = sum(columns[(number + 1) * len(UNITS) - 1])
            painter.setFont(self.theme.font(CAPTION, SEMIBOLD))
            painter.setPen(QColor(c.text))
            painter.drawText(QRectF(left, 0, right - left, 17), RIGHT, title)
            painter.setPen(QPen(QColor(c.border), 1))
            for y in (17.5, HEAD - 1.5):
                painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.drawLine(QPointF(0, HEAD - 1.5), QPointF(FIRST, HEAD - 1.5))
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(c.muted))
        painter.drawText(QRectF(0, 18, FIRST, 18), LEFT, "part")
        for at, (x, width) in enumerate(columns):
            painter.drawText(QRectF(x, 18, width, 18), RIGHT, UNITS[at % len(UNITS)])

    def _paint_row(self, painter: QPainter, line: QRectF, row: tuple[str, ...]) -> None:
        c = self.theme.colours
        what, *cells = row
        whole = what == "total"
        if not whole:
            painter.setPen(QPen(QColor(c.border), 1))
            painter.setBrush(colour_of(what, dark=c.dark))
            swatch = QRectF(0.5, round(line.center().y() - 6) + 0.5, 11, 11)
            painter.drawRoundedRect(swatch, 2, 2)
        painter.setFont(self.theme.font(BODY, SEMIBOLD if whole else REGULAR))
        known = any(cell != NO_VALUE for cell in cells)
        painter.setPen(QColor(c.text if known else c.muted))
        left = 0 if whole else 2.5 * SPACE
        word = f"native library {what.removeprefix(NATIVE)}" if what.startswith(NATIVE) else what
        painter.drawText(line.adjusted(left, 0, 0, 0), LEFT, word)
        for at, ((x, width), cell) in enumerate(zip(self._columns(), cells, strict=True)):
            weight = SEMIBOLD if whole else MEDIUM if at % len(UNITS) == 1 else REGULAR
            painter.setFont(self.theme.font(BODY, weight))
            painter.setPen(QColor(c.text if cell != NO_VALUE else c.muted))
            painter.drawText(QRectF(x, line.top(), width, line.height()), RIGHT, cell)
