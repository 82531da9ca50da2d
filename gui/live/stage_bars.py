"""The engine's loop against the camera's pipeline: where the time between results goes."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.live.values import STAGES, Stages
from gui.theme import CAPTION, MEDIUM, NO_VALUE, SPACE, Theme

NAMES, ENDS = 8 * SPACE, 9 * SPACE
"""Room for a bar's name at its left, and for what it comes to at its right."""
BAR, APART = 14, 6
ROW = 20
WIDTHS = (72, 124, 90, 72, 74, 78)
"""Room for each stage's figure in one row."""
NARROW = sum(WIDTHS)
HATCHED = {"camera": Qt.BrushStyle.BDiagPattern, "waiting": Qt.BrushStyle.Dense6Pattern}
"""Waiting is no work: it is drawn so."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class StageBars(QWidget):
    """Two bars on one axis of milliseconds, and the figure of each stage below them."""

    def __init__(self, theme: Theme) -> None:
        """Make them empty."""
        super().__init__()
        self.theme = theme
        self.stages: Stages | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Where the time between results goes")
        theme.changed.connect(self.update)

    def show_stages(self, stages: Stages | None) -> None:
        """Show what each stage takes, mean milliseconds; None while it is not known."""
        if stages != self.stages:
            self.stages = stages
            self.setAccessibleDescription(said_of(stages))
            self.setToolTip(said_of(stages))
            self.update()

    def hasHeightForWidth(self) -> bool:
        """The figures take two rows where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that it needs."""
        return 2 * BAR + APART + 4 + ROW * (1 if width >= NARROW else 2)

    def sizeHint(self) -> QSize:
        """A calm size."""
        return QSize(60 * SPACE, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Two rows of figures."""
        return QSize(40 * SPACE, self.heightForWidth(self.width()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint both bars, then the figures."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stages = self.stages
        whole = stages.period_ms if stages is not None else 0.0
        for row, (name, keys) in enumerate(
            (("engine", ("infer",)), ("pipeline", tuple(key for key, _, _ in STAGES)))
        ):
            self._paint_bar(painter, row * (BAR + APART), name, keys, whole)
        self._paint_figures(painter, 2 * BAR + APART + 4)

    def _paint_bar(
        self, painter: QPainter, y: float, name: str, keys: tuple[str, ...], whole: float
    ) -> None:
        c = self.theme.colours
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(c.muted))
        painter.drawText(QRectF(0, y, NAMES, BAR), LEFT, name)
        rail = QRectF(NAMES, y, max(1, self.width() - NAMES - ENDS), BAR)
        painter.setPen(QPen(QColor(c.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rail)
        ms = self.stages.ms if self.stages is not None else {}
        x = rail.left()
        for key, _word, colour in STAGES:
            if key in keys and whole > 0:
                width = rail.width() * ms.get(key, 0.0) / whole
                fill(painter, QRectF(x, y, width, BAR), key, QColor(getattr(c, colour)))
                x += width
        total = sum(ms.get(key, 0.0) for key in keys)
        painter.setFont(self.theme.font(CAPTION, MEDIUM))
        painter.setPen(QColor(c.text))
        text = f"{total:.1f} ms" if ms else NO_VALUE
        painter.drawText(QRectF(self.width() - ENDS, y, ENDS, BAR), RIGHT, text)

    def _paint_figures(self, painter: QPainter, top: float) -> None:
        c = self.theme.colours
        columns = len(STAGES) // (1 if self.width() >= NARROW else 2)
        spare = (self.width() - NARROW) / len(STAGES) if self.width() >= NARROW else 0.0
        ms = self.stages.ms if self.stages is not None else {}
        for at, (key, word, colour) in enumerate(STAGES):
            each = WIDTHS[at] + spare if columns == len(STAGES) else self.width() / columns
            x = sum(WIDTHS[:at]) + at * spare if columns == len(STAGES) else at % columns * each
            y = top + at // columns * ROW
            fill(painter, QRectF(x, y + 5, 10, 10), key, QColor(getattr(c, colour)))
            painter.setFont(self.theme.font(CAPTION))
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(x + 15, y, each - 15, ROW), LEFT, word)
            before = painter.fontMetrics().horizontalAdvance(f"{word} ")
            painter.setFont(self.theme.font(CAPTION, MEDIUM))
            painter.setPen(QColor(c.text))
            text = f"{ms[key]:.1f}" if key in ms else NO_VALUE
            painter.drawText(QRectF(x + 15 + before, y, each - 15 - before, ROW), LEFT, text)


def fill(painter: QPainter, box: QRectF, key: str, ink: QColor) -> None:
    """Fill a stage's box: work whole, waiting hatched."""
    if key in HATCHED:
        painter.fillRect(box, QBrush(ink, HATCHED[key]))
        painter.setPen(QPen(ink, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if box.width() >= 2:
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    else:
        painter.fillRect(box, ink)


def said_of(stages: Stages | None) -> str:
    """Return the bars in words."""
    if stages is None:
        return "No two results yet"
    parts = [f"{word} {stages.ms.get(key, 0.0):.1f}" for key, word, _ in STAGES]
    return (
        f"The engine alone takes {stages.infer_ms:.1f} ms; from one result to the next it is "
        f"{stages.period_ms:.1f} ms: {', '.join(parts)}"
    )
