"""The view "Sizes": where the bytes go, what would change them, and the report's apps beside."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.first_frame import GAP
from gui.labels import ElidedLabel, Label
from gui.parts import Card, StateShape
from gui.sizes.bars import Bar, SizeBars
from gui.sizes.table import SizeTable
from gui.sizes.what_if import WhatIf
from gui.theme import BODY, CAPTION, SEMIBOLD, SPACE, TITLE, Theme

LEFT = 41 * SPACE
REPORT_AXIS = 120.0
"""The report's first app said 105 MB: the axis stands still for all that is smaller."""
WOULD_BE, LAST = "would be built", "last deployed"


class SizesView(QWidget):
    """Shows what it is given; the wishes go out through ``what_if.wished``."""

    shown = Signal()  # it came to the front: what it shows may be old

    def __init__(self, theme: Theme) -> None:
        """Make the view without figures."""
        super().__init__()
        self.what_if = WhatIf(theme)
        self.what_if.setFixedWidth(LEFT)
        self.detail = SizeBars(theme, "Where the bytes go", bar=(28, 44))
        self.table = SizeTable(theme, (WOULD_BE, LAST))
        self.report = SizeBars(theme, "Beside the report's apps, on one axis", bar=(20, 32))
        self.trouble = Label(theme, "", BODY, wrap=True)
        self.trouble_shape = StateShape(theme)
        self.trouble.hide()
        said = QHBoxLayout()
        said.setSpacing(SPACE)
        said.addWidget(self.trouble_shape)
        said.addWidget(self.trouble, 1)
        bytes_card = Card(theme)
        bytes_card.box.addLayout(_head(theme, "Where the bytes go", "MB = 10⁶ bytes"))
        bytes_card.box.addLayout(said)
        bytes_card.box.addWidget(self.detail)
        bytes_card.box.addWidget(self.table, 1)
        report_card = Card(theme)
        report_card.box.addLayout(
            _head(theme, "Beside the report's apps", "outline: as said there; filled: rebuilt")
        )
        report_card.box.addWidget(self.report, 1)
        right = QVBoxLayout()
        right.setSpacing(GAP)
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(bytes_card, 2)
        right.addWidget(report_card, 1)
        column = QWidget()
        column.setLayout(right)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        box.addWidget(self.what_if)
        box.addWidget(_scrolling(column), 1)

    def show_bars(self, wished: Bar, deployed: Bar, report: Sequence[Bar]) -> None:
        """Show the APK that would be built, the one deployed last, and the report's."""
        self.detail.show_bars((wished, deployed))
        self.table.show_bars((wished, deployed))
        self.report.show_bars((wished._replace(note=""), *report), at_least=REPORT_AXIS)

    def showEvent(self, _event: QShowEvent) -> None:
        """Tell that somebody looks."""
        self.shown.emit()

    @Slot(str)
    def show_trouble(self, text: str) -> None:
        """Say why there are no figures; empty takes it back."""
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
        self.trouble_shape.show_state("fail" if text else "none")


def _scrolling(column: QWidget) -> QScrollArea:
    """Return the column in an area that scrolls only where the window is very low."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    area.setWidget(column)
    column.setAutoFillBackground(False)
    return area


def _head(theme: Theme, title: str, small: str) -> QHBoxLayout:
    head = QHBoxLayout()
    head.setSpacing(SPACE)
    head.addWidget(Label(theme, title, TITLE, SEMIBOLD))
    head.addStretch(1)
    head.addWidget(ElidedLabel(theme, small, CAPTION, tone="muted"))
    return head
