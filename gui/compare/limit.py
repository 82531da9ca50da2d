"""A limit of the budget: a slider whose one end is "any"."""

import math

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy

from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

STEPS = 200
HANDLE = 8.0
HEIGHT = 44
RAIL = 31.0


class Limit(QAbstractSlider):
    """``Latency at most 20 ms``. At its loose end it sets no limit.

    It moves with the pointer, the arrows, Page Up and Down, Home and End.
    """

    limited = Signal(object)  # float, or None for no limit

    def __init__(
        self, theme: Theme, title: str, unit: str, *, at_most: bool, log: bool = False
    ) -> None:
        """Make it set no limit.

        Args:
            theme: The look.
            title: ``Latency``.
            unit: Behind the number, ``ms``.
            at_most: Whether less is asked for; else at least.
            log: Whether each step is a share of the value.
        """
        super().__init__()
        self.theme = theme
        self.title, self.unit, self.at_most, self._log = title, unit, at_most, log
        self._low, self._high = 1.0, 100.0
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, STEPS)
        self.setSingleStep(2)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{title} {'at most' if at_most else 'at least'}")
        self.setToolTip("Its " + ("right" if at_most else "left") + " end sets no limit")
        self.setValue(STEPS if at_most else 0)
        self.valueChanged.connect(lambda _value: self._tell())
        theme.changed.connect(self.update)
        self.setAccessibleDescription(self.words())

    def show_range(self, low: float, high: float) -> None:
        """Let it reach from a little below ``low`` to a little above ``high``."""
        wanted = self.limit()
        self._low, self._high = (low * 0.9, high * 1.1) if self._log else (low, high)
        if self._high <= self._low:
            self._high = self._low * 1.5 or 1.0
        if wanted is not None:
            self.blockSignals(True)
            self.setValue(min(STEPS - 1, max(1, round(STEPS * self._share(wanted)))))
            self.blockSignals(False)
        self.setAccessibleDescription(self.words())
        self.update()

    def limit(self) -> float | None:
        """Return the limit in its unit; None for none."""
        if self.value() == (STEPS if self.at_most else 0):
            return None
        share = self.value() / STEPS
        if self._log:
            return float(self._low * (self._high / self._low) ** share)
        return self._low + share * (self._high - self._low)

    def words(self) -> str:
        """Return the limit for a person."""
        limit = self.limit()
        if limit is None:
            return "any"
        digits = 0 if limit >= 100 else 1
        return f"{limit:.{digits}f} {self.unit}"

    def _share(self, value: float) -> float:
        if self._log:
            return math.log(max(value, 1e-9) / self._low) / math.log(self._high / self._low)
        return (value - self._low) / (self._high - self._low)

    def _tell(self) -> None:
        self.setAccessibleDescription(self.words())
        self.limited.emit(self.limit())
        self.update()

    def sizeHint(self) -> QSize:
        """A line of words and a rail."""
        return QSize(24 * SPACE, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Words must fit."""
        return QSize(20 * SPACE, HEIGHT)

    def _knob(self) -> float:
        return HANDLE + (self.width() - 2 * HANDLE) * self.value() / STEPS

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint words, rail and knob."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QRectF(0, 0, self.width(), 20)
        on = self.limit() is not None
        painter.setFont(self.theme.font(BODY, MEDIUM))
        painter.setPen(QColor(c.text if on else c.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, right, self.words())
        painter.setPen(QColor(c.text))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, left, self.title)
        room = QFontMetricsF(painter.font()).horizontalAdvance(self.title) + 6
        painter.setFont(self.theme.font(CAPTION))
        painter.setPen(QColor(c.muted))
        word = "at most" if self.at_most else "at least"
        painter.drawText(line.adjusted(room, 1, 0, 1), left, word)
        knob = self._knob()
        rail = QRectF(HANDLE / 2, RAIL - 2, self.width() - HANDLE, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.border))
        painter.drawRoundedRect(rail, 2, 2)
        if on:
            kept = QRectF(rail)
            if self.at_most:
                kept.setRight(knob)
            else:
                kept.setLeft(knob)
            painter.setBrush(QColor(c.accent))
            painter.drawRoundedRect(kept, 2, 2)
        painter.setPen(QPen(QColor(c.accent if on or self.hasFocus() else c.faint), 2))
        painter.setBrush(QColor(c.surface))
        painter.drawEllipse(QRectF(knob - HANDLE + 1, RAIL - HANDLE + 1, 14, 14))
        if self.hasFocus():
            painter.setBrush(QColor(c.accent))
            painter.drawEllipse(QRectF(knob - 3, RAIL - 3, 6, 6))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the pointer."""
        self._follow(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event.position().x())

    def _follow(self, x: float) -> None:
        self.setValue(round(STEPS * (x - HANDLE) / max(1.0, self.width() - 2 * HANDLE)))
