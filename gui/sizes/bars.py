"""Horizontal stacked bars of APK sizes on one axis, each part labelled where it has room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.sizes.parts import (
    MEGA,
    NATIVE,
    Part,
    axis_end,
    colour_of,
    grouped,
    in_order,
    ink_on,
    megabytes,
    percent,
)
from gui.theme import BODY, CAPTION, MEDIUM, NO_VALUE, SPACE, Theme

if TYPE_CHECKING:
    from engine.apk.sizes import ApkSizes

AXIS, TEXT, GAP = 20, 22, SPACE
"""Heights of the axis, of the line above a bar, and of the gap below it; pixels."""
INSET = 3
"""Between the outline of what was said and the parts inside it."""
QUARTERS = 4
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Bar(NamedTuple):
    """One bar.

    Attributes:
        title: What it is.
        parts: The engine's parts, in any order; empty while they are not known.
        total: Bytes of the whole; None while that is not known.
        claimed: What somebody said that it is, bytes; drawn as an outline behind the parts.
        note: Small print beside the title; may be empty.
        empty: What stands where the bar would be while it is not known.
    """

    title: str
    parts: tuple[Part, ...] = ()
    total: int | None = None
    claimed: int | None = None
    note: str = ""
    empty: str = ""

    @classmethod
    def of(cls, title: str, sizes: "ApkSizes | None", *, note: str = "", empty: str = "") -> "Bar":
        """Return the bar of an APK; without one, of nothing."""
        if sizes is None:
            return cls(title, note=note, empty=empty)
        return cls(title, in_order(sizes.parts), sizes.total_bytes, note=note)


class SizeBars(QWidget):
    """Draws what it is given. Every bar begins at the same zero and ends on the same axis."""

    def __init__(self, theme: Theme, name: str, *, bar: tuple[int, int]) -> None:
        """Make it empty.

        Args:
            theme: The look.
            name: Read out by screen readers.
            bar: Least and most height of a bar, logical pixels, as the window has room.
        """
        super().__init__()
        self.theme = theme
        self.bars: tuple[Bar, ...] = ()
        self.end = 0.0
        self._least, self._most = bar
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    def show_bars(self, bars: Sequence[Bar], *, at_least: float = 0.0) -> None:
        """Show these bars; the axis reaches ``at_least`` so many megabytes."""
        if len(bars) != len(self.bars):
            self.updateGeometry()
        self.bars = tuple(bars)
        counts = [count for bar in bars for count in (bar.total, bar.claimed) if count]
        self.end = max(axis_end(counts), at_least)
        self.setAccessibleDescription("; ".join(_said(bar) for bar in self.bars))
        self.update()

    def sizeHint(self) -> QSize:
        """Each bar with its title above it, and the axis."""
        return QSize(60 * SPACE, round(len(self.bars) * (TEXT + self._most + GAP)) + AXIS)

    def minimumSizeHint(self) -> QSize:
        """Bars may be narrow and slim, never out of sight."""
        return QSize(32 * SPACE, round(len(self.bars) * (TEXT + self._least + GAP)) + AXIS)

    def _step(self) -> float:
        return (self.height() - AXIS) / max(1, len(self.bars))

    def _box(self, number: int) -> QRectF:
        height = min(self._most, max(self._least, self._step() - TEXT - GAP))
        return QRectF(0, round(number * self._step()) + TEXT, self.width(), round(height))

    def cells(self, number: int) -> list[tuple[Part, QRectF]]:
        """Return where each part of a bar lies, logical pixels."""
        box, bar, cells = self._box(number), self.bars[number], []
        x, scale = 0.0, box.width() / (self.end * MEGA) if self.end else 0.0
        for part in bar.parts:
            width = part.size_bytes * scale
            cells.append((part, QRectF(x, box.top(), width, box.height())))
            x += width
        return cells

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint axis, bars and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter)
        for number, bar in enumerate(self.bars):
            self._paint_words(painter, number, bar)
            self._paint_bar(painter, number, bar)

    def _paint_axis(self, painter: QPainter) -> None:
        """Paint a track for each bar, marked in quarters, and the figures below."""
        c = self.theme.colours
        painter.setFont(self.theme.font(CAPTION))
        metrics = QFontMetricsF(painter.font())
        tracks = [self._box(number) for number in range(len(self.bars))]
        for track in tracks:
            painter.fillRect(track, QColor(c.raised))
        for number in range(QUARTERS + 1):
            x = round((self.width() - 1) * number / QUARTERS) + 0.5
            painter.setPen(QPen(QColor(c.border), 1))
            for track in tracks:
                painter.drawLine(QPointF(x, track.top()), QPointF(x, track.bottom()))
            value = self.end * number / QUARTERS
            text = f"{value:g} MB" if number in {0, QUARTERS} else f"{value:g}"
            room = metrics.horizontalAdvance(text) + 2
            left = min(max(0.0, x - room / 2), self.width() - room)
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(left, self.height() - AXIS, room, AXIS - 4), LEFT, text)

    def _paint_words(self, painter: QPainter, number: int, bar: Bar) -> None:
        c = self.theme.colours
        line = QRectF(0, round(number * self._step()), self.width(), TEXT - 2)
        total = NO_VALUE if bar.total is None else megabytes(bar.total)
        if bar.claimed is not None:
            total = f"{megabytes(bar.claimed)} said · {total} rebuilt"
        painter.setFont(self.theme.font(BODY, MEDIUM))
        painter.setPen(QColor(c.text))
        painter.drawText(line, RIGHT, total)
        metrics = QFontMetricsF(painter.font())
        line.setWidth(line.width() - metrics.horizontalAdvance(total) - 2 * SPACE)
        title = metrics.elidedText(bar.title, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, LEFT, title)
        line.setLeft(metrics.horizontalAdvance(title) + SPACE)
        if bar.note and line.width() > 4 * SPACE:
            painter.setFont(self.theme.font(CAPTION))
            painter.setPen(QColor(c.muted))
            note = QFontMetricsF(painter.font()).elidedText(
                bar.note, Qt.TextElideMode.ElideRight, line.width()
            )
            painter.drawText(line.adjusted(0, 1, 0, 1), LEFT, note)

    def _paint_bar(self, painter: QPainter, number: int, bar: Bar) -> None:
        c = self.theme.colours
        box = self._box(number)
        if not bar.parts:
            painter.setFont(self.theme.font(CAPTION))
            painter.setPen(QColor(c.muted))
            painter.drawText(box.adjusted(SPACE, 0, 0, 0), LEFT, bar.empty)
            return
        inset = 0 if bar.claimed is None else INSET
        outline = box.adjusted(0.5, 0.5, -0.5, -0.5)
        if bar.claimed is not None and self.end:
            outline.setWidth(box.width() * bar.claimed / (self.end * MEGA))
        for part, cell in self.cells(number):
            self._paint_cell(painter, part, cell.adjusted(0, inset, 0, -inset), outline.right())
        if bar.claimed is not None:
            painter.setPen(QPen(QColor(c.text), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(outline)

    def _paint_cell(self, painter: QPainter, part: Part, cell: QRectF, edge: float) -> None:
        """Paint a part, and its words where they have room; none crosses ``edge``."""
        c = self.theme.colours
        colour = colour_of(part.what, dark=c.dark)
        seam = 1.0 if cell.width() > 3 else 0.0  # the card shines through between two parts
        painter.fillRect(cell.adjusted(0, 0, -seam, 0), colour)
        metrics = QFontMetricsF(self.theme.font(CAPTION, MEDIUM))
        room = cell.adjusted(SPACE, 0, -SPACE, 0)
        if cell.left() < edge < cell.right():
            before, after = edge - SPACE - room.left(), room.right() - edge - SPACE
            if before > after:
                room.setRight(edge - SPACE)
            else:
                room.setLeft(edge + SPACE)
        name = part.what.removeprefix(NATIVE)
        for text in (f"{part.what}  {megabytes(part.size_bytes)}", part.what, name):
            if metrics.horizontalAdvance(text) <= room.width():
                painter.setFont(self.theme.font(CAPTION, MEDIUM))
                painter.setPen(ink_on(colour))
                painter.drawText(room, LEFT, text)
                return

    def event(self, event: QEvent) -> bool:
        """Tell what lies under the pointer; the table has it all for the keyboard."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _tip(self, spot: QPointF) -> str:
        for number, bar in enumerate(self.bars):
            for part, cell in self.cells(number):
                if cell.adjusted(-1, 0, 1, 0).contains(spot):
                    share = percent(part.size_bytes, bar.total or 0)
                    return f"{part.what}: {grouped(part.size_bytes)} bytes, {share} %"
            box = self._box(number)
            if bar.note and QRectF(0, box.top() - TEXT, box.width(), TEXT).contains(spot):
                return f"{bar.title}: {bar.note}"
        return ""


def _said(bar: Bar) -> str:
    parts = ", ".join(f"{part.what} {megabytes(part.size_bytes)}" for part in bar.parts)
    whole = NO_VALUE if bar.total is None else megabytes(bar.total)
    return f"{bar.title}: {whole}{f' ({parts})' if parts else ''} {bar.note}".strip()
