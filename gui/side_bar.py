"""The slim bar at the far left: the views, and the scheme."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.marks import draw_icon
from gui.theme import CAPTION, MEDIUM, SPACE, Theme

WIDTH = 9 * SPACE

VIEWS = (
    ("live", "Live"),
    ("compare", "Compare"),
    ("models", "Models"),
    ("sizes", "Sizes"),
    ("train", "Train"),
    ("qa", "QA"),
    ("history", "History"),
)
"""The views: name, which is also the icon's, and word."""


class SideBar(QWidget):
    """Lets the person choose a view and light or dark."""

    view_chosen = Signal(str)  # its name
    scheme_toggled = Signal()

    def __init__(self, theme: Theme, views: Sequence[tuple[str, str]] = VIEWS) -> None:
        """Make the bar; the first view is the chosen one."""
        super().__init__()
        self.theme = theme
        self.setFixedWidth(WIDTH)
        self.items: dict[str, QAbstractButton] = {}
        self._group = QButtonGroup(self)  # one of them is chosen, the arrows move it
        self.scheme = _Item(theme, "moon", "")
        self.scheme.setAccessibleName("Switch between light and dark")
        self.scheme.setToolTip("Switch between light and dark")
        self.scheme.clicked.connect(self.scheme_toggled)
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE // 2, SPACE, SPACE // 2, SPACE)
        box.setSpacing(SPACE)
        for number, (name, word) in enumerate(views, start=1):
            self.items[name] = item = _Item(theme, name, word)
            item.setCheckable(True)
            item.setToolTip(f"Ctrl+{number}")
            item.toggled.connect(partial(self._tell, name))
            self._group.addButton(item)
            box.addWidget(item)
        box.addStretch(1)
        box.addWidget(self.scheme)
        theme.changed.connect(self._recolour)
        self.choose(views[0][0])
        self._recolour()

    def choose(self, name: str) -> None:
        """Choose a view and tell it."""
        self.items[name].setChecked(True)

    def _tell(self, name: str, chosen: bool) -> None:
        if chosen:
            self.view_chosen.emit(name)

    def _recolour(self) -> None:
        self.scheme.icon_name = "sun" if self.theme.colours.dark else "moon"
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bar."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.colours.surface))
        painter.setPen(QColor(self.theme.colours.border))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())


class _Item(QAbstractButton):
    """An icon with its word beneath."""

    def __init__(self, theme: Theme, icon: str, text: str) -> None:
        super().__init__()
        self.theme = theme
        self.icon_name = icon
        self.setText(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(8 * SPACE, 8 * SPACE if self.text() else 6 * SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.selected if self.isChecked() else c.hover))
            painter.drawRoundedRect(box, 10, 10)
        if self.hasFocus():
            painter.setPen(QColor(c.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 9, 9)
        ink = QColor(c.accent if self.isChecked() else c.muted)
        top = 10 if self.text() else box.height() / 2 - 12
        draw_icon(painter, QRectF(box.center().x() - 12, top, 24, 24), self.icon_name, ink)
        if self.text():
            painter.setPen(QColor(c.text if self.isChecked() else c.muted))
            painter.setFont(self.theme.font(CAPTION, MEDIUM))
            low = box.adjusted(0, 36, 0, -6)
            painter.drawText(low, Qt.AlignmentFlag.AlignCenter, self.text())
