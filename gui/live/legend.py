"""Names with their colours and newest values in one line, each in a fixed width."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import CAPTION, MEDIUM, SPACE, Theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
SWATCH = 15
HEIGHT = 20
LONGEST = " 888.8"


class Legend(QWidget):
    """Shows what it is given; a column never moves."""

    def __init__(self, theme: Theme, unit: str) -> None:
        """Make it empty; each column has room for three digits, a point and ``unit``."""
        super().__init__()
        self.theme = theme
        self._unit = f" {unit}"
        self._entries: list[tuple[str, str, str, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_entries(self, entries: list[tuple[str, str, str, str]]) -> None:
        """Show ``(name, colour, look, value)``; look is ``fill``, ``line`` or ``dash``."""
        if entries != self._entries:
            resized = len(entries) != len(self._entries)
            self._entries = entries
            self.setAccessibleName(", ".join(f"{each[0]} {each[3]}" for each in entries))
            if resized:
                self.updateGeometry()
            self.update()

    def _widths(self, *, tight: bool) -> list[float]:
        """Return each column's width; tight ones say the unit once, behind the last."""
        name = QFontMetricsF(self.theme.font(CAPTION))
        value = QFontMetricsF(self.theme.font(CAPTION, MEDIUM))
        longest = LONGEST if tight else LONGEST + self._unit
        room = SWATCH + value.horizontalAdvance(longest) + (6 if tight else SPACE)
        widths = [room + name.horizontalAdvance(each[0]) for each in self._entries]
        if tight and widths:
            widths[-1] += value.horizontalAdvance(self._unit)
        return widths

    def sizeHint(self) -> QSize:
        """Fixed columns, so that nothing jumps."""
        return QSize(round(sum(self._widths(tight=False))), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The unit once."""
        return QSize(round(sum(self._widths(tight=True))), HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint swatch, name and value of each."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, tight = 0.0, self.width() < self.sizeHint().width()
        last = len(self._entries) - 1
        widths = self._widths(tight=tight)
        for at, ((name, colour, look, value), each) in enumerate(
            zip(self._entries, widths, strict=True)
        ):
            ink = QColor(getattr(c, colour))
            if look == "fill":
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ink)
                painter.drawRoundedRect(QRectF(x, 5, 10, 10), 2, 2)
            else:
                style = Qt.PenStyle.SolidLine if look == "line" else Qt.PenStyle.DotLine
                painter.setPen(QPen(ink, 2, style))
                painter.drawLine(QPointF(x, 10), QPointF(x + 11, 10))
            painter.setFont(self.theme.font(CAPTION))
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(x + SWATCH, 0, each - SWATCH, HEIGHT), LEFT, name)
            before = painter.fontMetrics().horizontalAdvance(f"{name} ")
            painter.setFont(self.theme.font(CAPTION, MEDIUM))
            painter.setPen(QColor(c.text))
            room = QRectF(x + SWATCH + before, 0, each - SWATCH - before, HEIGHT)
            shown = value.removesuffix(self._unit) if tight and at < last else value
            painter.drawText(room, LEFT, shown)
            x += each
