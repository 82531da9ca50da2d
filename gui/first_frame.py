"""The window's frame: shown and painted at once, before its content is even imported.

The content takes a few tenths of a second to load. Meanwhile the frame stands in its place
with the columns of what comes, in the right colours. The name ``Qt``, brushes and pens are
not used here: their first use makes a hundred enumerations (15 ms with PySide6 6.11.3), a
seventh of what a bare window costs. Filled palettes do without.
"""

from PySide6.QtCore import QByteArray, Signal
from PySide6.QtGui import QCloseEvent, QColor, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.colours import DARK, LIGHT

SMALLEST, USUAL = (1100, 700), (1440, 900)
BAR, GAP, FOOT = 72, 12, 36
"""Width of the bar, gap between the columns, room below them; pixels."""
SHARES = (0.23, 0.29, 0.48)
"""Of the columns."""


class FirstFrame(QWidget):
    """The top-level window. Shows plain columns until ``hold`` gives it its content."""

    painted = Signal()  # the first time
    closing = Signal()

    def __init__(self, theme: str = "system", geometry: str = "") -> None:
        """Make the frame.

        Args:
            theme: ``system``, ``light`` or ``dark``.
            geometry: Qt's own bytes as base64, or nothing.
        """
        super().__init__()
        self._told = False
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        colours = DARK if theme == "dark" or (theme == "system" and dark) else LIGHT
        _fill(self, colours.window)
        self._outlines = [QWidget(self) for _ in range(1 + len(SHARES))]
        for outline in self._outlines:
            _fill(outline, colours.surface)
        self.setWindowTitle("MobileNet Lab")
        self.setMinimumSize(*SMALLEST)
        self.resize(*USUAL)
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))

    def hold(self, content: QWidget) -> None:
        """Put the content in; it fills the frame from now on."""
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(content)
        for outline in self._outlines:
            outline.deleteLater()
        self._outlines = []

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Place the outlines."""
        if not self._outlines:
            return
        bar, *columns = self._outlines
        bar.setGeometry(0, 0, BAR, self.height())
        room = self.width() - BAR - GAP * (1 + len(SHARES))
        x = BAR + GAP
        for column, share in zip(columns, SHARES, strict=True):
            column.setGeometry(x, GAP, int(room * share), self.height() - GAP - FOOT)
            x += int(room * share) + GAP

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Tell once that something was painted; the ground paints itself."""
        if not self._told:
            self._told = True
            self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the window goes."""
        self.closing.emit()
        super().closeEvent(event)


def _fill(widget: QWidget, colour: str) -> None:
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor.fromString(colour))
    widget.setPalette(palette)
    widget.setAutoFillBackground(True)
