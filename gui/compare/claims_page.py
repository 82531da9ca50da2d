"""The claim check: what the report says, what arithmetic says, what was measured, verdict."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from gui.labels import Label
from gui.parts import Card, Chip
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme

if TYPE_CHECKING:
    from engine.catalog.claims import ClaimRow

HEADS = ("Claimed", "Arithmetic", "Measured", "Verdict")
SHARES = (5, 7, 6, 5)
SHAPES = {"holds": "ok", "does not hold": "fail", "cannot be told yet": "none"}
"""A verdict's shape: tick, cross, dash. Its word stands beside it."""


class ClaimsPage(Card):
    """A table of wrapped texts; it scrolls where the window is low."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__(theme)
        self.rows: Sequence[ClaimRow] = ()
        self._body = _Rows(theme)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(self._body)
        area.setAccessibleName("Claims")
        self._body.setAutoFillBackground(False)
        self.box.addWidget(Label(theme, "The report's claims", TITLE, SEMIBOLD))
        self.box.addWidget(
            Label(
                theme,
                "Each is held against arithmetic and against what the phones here measured.",
                BODY,
                tone="muted",
                wrap=True,
            )
        )
        self.box.addWidget(area, 1)

    def show_rows(self, rows: Sequence["ClaimRow"]) -> None:
        """Show the claims; the same ones again cost nothing."""
        if tuple(rows) != tuple(self.rows):
            self.rows = tuple(rows)
            self._body.show_rows(self.rows)


class _Rows(QWidget):
    """One grid of all rows, so that the columns stand in line."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._grid: QWidget | None = None
        self._lines: list[QWidget] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, SPACE, 0)
        theme.changed.connect(self.update)

    def show_rows(self, rows: "Sequence[ClaimRow]") -> None:
        """Make the texts anew."""
        if self._grid is not None:
            self._box.removeWidget(self._grid)
            self._grid.deleteLater()
        self._grid = QWidget()
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setVerticalSpacing(2 * SPACE)
        for column, (head, share) in enumerate(zip(HEADS, SHARES, strict=True)):
            grid.addWidget(Label(self.theme, head, CAPTION, MEDIUM, "muted"), 0, column)
            grid.setColumnStretch(column, share)
        self._lines = []
        for number, row in enumerate(rows, start=1):
            cells = (
                Label(self.theme, row.claim, BODY, MEDIUM, wrap=True),
                Label(self.theme, row.arithmetic, BODY, wrap=True),
                Label(self.theme, row.measured, BODY, wrap=True),
                _verdict(self.theme, row),
            )
            for column, cell in enumerate(cells):
                grid.addWidget(cell, number, column, Qt.AlignmentFlag.AlignTop)
            self._lines.append(cells[0])
        grid.setRowStretch(len(rows) + 1, 1)
        self._box.addWidget(self._grid)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a line above each row."""
        painter = QPainter(self)
        painter.setPen(QColor(self.theme.colours.border))
        for cell in self._lines:
            y = cell.mapTo(self, cell.rect().topLeft()).y() - SPACE
            painter.drawLine(0, y, self.width() - SPACE, y)


def _verdict(theme: Theme, row: "ClaimRow") -> QWidget:
    """Return the verdict as shape and word, and why below it."""
    cell = QWidget()
    box = QVBoxLayout(cell)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(SPACE // 2)
    word = str(row.verdict)
    box.addWidget(Chip(theme, word[:1].upper() + word[1:], SHAPES[word]))
    if row.why:
        box.addWidget(Label(theme, row.why, CAPTION, tone="muted", wrap=True))
    return cell
