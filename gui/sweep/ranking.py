"""The places of a sweep: block medians as dots, intervals as bars, ties bracketed."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolTip, QWidget

from gui.compare.axes import Axis, axis_over, tick_text
from gui.marks import alpha_colour, draw_state, draw_variant_mark
from gui.sweep.values import Line
from gui.theme import BODY, CAPTION, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, Theme

ROW, WHY = 30, 18
"""Height of a line, and what the reason that something does not count adds; pixels."""
RANK, BRACKET, MARK, FIGURE, BLOCKS = 34, 10, 24, 84, 44
NAME_SHARE, NAME_MOST = 0.36, 240
AXIS = 24
SPREAD = 30.0
"""From this ratio of slowest to fastest on the axis is logarithmic."""
TICK = 34
TIE = "="
V = Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | V
CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


class Ranking(QWidget):
    """Paints the lines it is given, fastest first."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.lines: tuple[Line, ...] = ()
        self.blocks = 0
        self._axis: Axis = axis_over((), "ms")
        self.setAccessibleName("Ranking")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_lines(self, lines: Sequence[Line], blocks: int) -> None:
        """Show these; ``blocks`` is how many each is to have."""
        self.lines, self.blocks = tuple(lines), blocks
        values = [ms for line in lines for ms in (*line.blocks_ms, *_interval(line))]
        log = bool(values) and max(values) > SPREAD / 10 * min(values)
        self._axis = axis_over(values, "ms", log=log)
        self.setAccessibleDescription("; ".join(_said(line) for line in lines))
        self.setFixedHeight(self._height())
        self.update()

    def _height(self) -> int:
        return AXIS + sum(self._row_height(line) for line in self.lines)

    def _row_height(self, line: Line) -> int:
        return ROW + (WHY if line.why else 0)

    def sizeHint(self) -> QSize:
        """Wide enough to be read."""
        return QSize(60 * SPACE, self._height())

    def _name_width(self) -> float:
        return min(NAME_MOST, NAME_SHARE * self.width())

    def plot(self) -> QRectF:
        """Return where the dots lie."""
        left = RANK + BRACKET + MARK + self._name_width() + SPACE
        right = self.width() - FIGURE - BLOCKS - SPACE
        return QRectF(left, AXIS, max(1.0, right - left), self.height() - AXIS)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the axis, then line by line."""
        if not self.lines:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter)
        top = float(AXIS)
        for line in self.lines:
            self._paint_line(painter, line, top)
            top += self._row_height(line)
        self._paint_brackets(painter)

    def _paint_axis(self, painter: QPainter) -> None:
        c, plot = self.theme.colours, self.plot()
        painter.setFont(self.theme.font(CAPTION))
        for tick in self._axis.ticks(max(2, int(plot.width() / TICK))):
            x = self._x(plot, tick)
            painter.setPen(QPen(QColor(c.border), 1))
            painter.drawLine(QPointF(x, AXIS), QPointF(x, self.height()))
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(x - 30, 2, 60, AXIS - 4), CENTRE, tick_text(tick))
        painter.setPen(QColor(c.muted))
        figures = QRectF(plot.right() + SPACE, 0, FIGURE - SPACE, AXIS - 2)
        painter.drawText(figures, RIGHT, "median, ms")
        blocks = QRectF(self.width() - BLOCKS, 0, BLOCKS - SPACE // 2, AXIS - 2)
        painter.drawText(blocks, RIGHT, "blocks")

    def _paint_line(self, painter: QPainter, line: Line, top: float) -> None:
        c, plot, middle = self.theme.colours, self.plot(), top + ROW / 2
        counts = line.median_ms is not None
        rank = QRectF(0, top, RANK - SPACE // 2, ROW)
        painter.setFont(self.theme.font(BODY, SEMIBOLD))
        painter.setPen(QColor(c.text))
        tie = TIE if line.tied else ""
        painter.drawText(rank, RIGHT, f"{line.rank}{tie}" if line.rank else NO_VALUE)
        mark = QPointF(RANK + BRACKET + MARK / 2, middle)
        draw_variant_mark(painter, mark, 7, line.alpha, line.resolution, line.precision)
        name = QRectF(RANK + BRACKET + MARK + 4, top, self._name_width(), ROW)
        painter.setFont(self.theme.font(BODY, MEDIUM))
        painter.setPen(QColor(c.text if counts else c.muted))
        text = painter.fontMetrics().elidedText(
            line.title, Qt.TextElideMode.ElideMiddle, int(name.width() - 4)
        )
        painter.drawText(name, V, text)
        self._paint_dots(painter, line, plot, middle)
        figure = QRectF(plot.right() + SPACE, top, FIGURE - SPACE, ROW)
        painter.setPen(QColor(c.text if counts else c.muted))
        said = _ms(line.median_ms) if line.median_ms is not None else NO_VALUE
        painter.drawText(figure, RIGHT, said)
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(c.muted))
        blocks = QRectF(self.width() - BLOCKS, top, BLOCKS - SPACE // 2, ROW)
        painter.drawText(blocks, RIGHT, f"{len(line.blocks_ms)}/{self.blocks}")
        if line.why:
            self._paint_why(painter, line, top + ROW - 4, name.left())

    def _paint_why(self, painter: QPainter, line: Line, top: float, left: float) -> None:
        c = self.theme.colours
        draw_state(painter, QRectF(left, top + 3, 11, 11), "warn", QColor(c.warn))
        room = QRectF(left + 18, top, self.width() - left - 18 - BLOCKS, WHY)
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(c.muted))
        text = f"does not count: {line.why}"
        fits = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, V, fits)

    def _paint_dots(self, painter: QPainter, line: Line, plot: QRectF, y: float) -> None:
        c, colour = self.theme.colours, alpha_colour(line.alpha)
        if line.interval_ms is not None:
            low, high = (self._x(plot, each) for each in line.interval_ms)
            painter.setPen(QPen(colour, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            middle = (low + high) / 2
            half = max((high - low) / 2, 1.5)
            painter.setOpacity(0.55)
            painter.drawLine(QPointF(middle - half, y), QPointF(middle + half, y))
            painter.setOpacity(1.0)
        painter.setPen(QPen(QColor(c.surface), 1))
        painter.setBrush(QColor(c.text))
        for each in line.blocks_ms:
            painter.drawEllipse(QPointF(self._x(plot, each), y), 3.5, 3.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_brackets(self, painter: QPainter) -> None:
        """Bracket those who share a rank."""
        painter.setPen(QPen(QColor(self.theme.colours.muted), 1.5))
        top = float(AXIS)
        spans: dict[int, tuple[float, float]] = {}
        for line in self.lines:
            if line.rank is not None and line.tied:
                first, _last = spans.get(line.rank, (top + 7, 0.0))
                spans[line.rank] = (first, top + ROW - 7)
            top += self._row_height(line)
        for first, last in spans.values():
            x = RANK + 2.0
            painter.drawLine(QPointF(x, first), QPointF(x, last))
            for y in (first, last):
                painter.drawLine(QPointF(x, y), QPointF(x + 5, y))

    def _x(self, plot: QRectF, value: float) -> float:
        return plot.left() + min(1.0, max(0.0, self._axis.share(value))) * plot.width()

    def event(self, event: QEvent) -> bool:
        """Tell all of a line where the pointer rests."""
        if isinstance(event, QHelpEvent):
            line = self.line_at(event.pos().y())
            QToolTip.showText(event.globalPos(), tip_of(line) if line is not None else "", self)
            return True
        return super().event(event)

    def line_at(self, y: float) -> Line | None:
        """Return the line at a height, or None."""
        top = AXIS
        for line in self.lines:
            if top <= y < top + self._row_height(line):
                return line
            top += self._row_height(line)
        return None


def scrolling(ranking: Ranking) -> QScrollArea:
    """Return the ranking in an area that scrolls where it is longer than the window."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.viewport().setAutoFillBackground(False)
    area.setWidget(ranking)
    area.setAlignment(Qt.AlignmentFlag.AlignTop)
    area.setAccessibleName("Places")
    ranking.setAutoFillBackground(False)
    return area


def tip_of(line: Line) -> str:
    """Return all that is known of a line."""
    parts = [line.name]
    if line.median_ms is not None:
        parts.append("block medians " + ", ".join(_ms(each) for each in line.blocks_ms) + " ms")
    if line.interval_ms is not None:
        low, high = line.interval_ms
        parts.append(f"95 % interval {_ms(low)} to {_ms(high)} ms")
    if line.tied:
        parts.append("not to be told apart from the others of its rank")
    if line.why:
        parts.append(f"does not count: {line.why}")
    return "\n".join(parts)


def _said(line: Line) -> str:
    rank = f"{line.rank}{' shared' if line.tied else ''}. " if line.rank else ""
    median = f"{_ms(line.median_ms)} ms" if line.median_ms is not None else "nothing counts"
    return f"{rank}{line.title}: {median}"


def _interval(line: Line) -> tuple[float, ...]:
    """Return an interval's ends, unless it is so wide that it would press all else flat."""
    if line.interval_ms is None or line.median_ms is None:
        return ()
    low, high = line.interval_ms
    near = line.median_ms / 2 < low and high < 2 * line.median_ms
    return line.interval_ms if near else ()


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.1f}"
