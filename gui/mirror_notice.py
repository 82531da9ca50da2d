"""What is said where the phone's screen would be: a shape, a title, a sentence, room for a button.

Over a still of the screen it stands on a panel of its own, so that nothing shines through.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gui.marks import draw_icon, draw_state
from gui.theme import BODY, SEMIBOLD, SPACE, TITLE, Theme

TITLES = {
    "none": "No phone",
    "connecting": "Connecting",
    "stopped": "The mirror is off",
    "failed": "The mirror broke off",
    "left": "The phone left",
    "waiting": "Waiting for the phone",
    "paused": "Mirror paused",
    "measuring": "Measuring",
}
SHAPES = {"failed": "fail", "left": "fail", "connecting": "busy", "measuring": "busy"}
MARK, EDGE = 4 * SPACE, 2 * SPACE
MOST_HIDDEN = 0.5
"""Of the picture's height, as with a phone held upright; more is a picture that lies."""
WRAP = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class Notice:
    """One state with its sentence, laid out around the middle of an area."""

    def __init__(
        self, theme: Theme, area: QRectF, state: str, text: str, button_height: float = 0.0
    ) -> None:
        """Lay it out; ``button_height`` is kept free below, logical pixels."""
        self._theme, self._state, self._text = theme, state, text
        self._title = TITLES.get(state, state)
        width = area.width() - 2 * SPACE
        room = QRectF(0, 0, width - 2 * EDGE, 10_000)
        self._title_height = _height(theme, TITLE, room, self._title)
        text_height = _height(theme, BODY, room, text) + SPACE if text else 0.0
        button = button_height + 2 * SPACE if button_height else 0.0
        self._top = MARK + SPACE
        height = 2 * EDGE + self._top + self._title_height + text_height + button
        self.panel = QRectF(0, 0, width, height)
        self.panel.moveCenter(area.center())

    def stand_clear(self, picture: QRectF, floor: float) -> None:
        """Move below a picture of which it would hide too much, if ``floor`` leaves the room."""
        top = picture.bottom() + 2 * SPACE
        hides = self.panel.height() / max(1.0, picture.height())
        if hides > MOST_HIDDEN and top + self.panel.height() <= floor:
            self.panel.moveTop(top)

    def button_spot(self, width: float, height: float) -> QPointF:
        """Return where a button of this size belongs."""
        x = self.panel.center().x() - width / 2
        return QPointF(round(x), round(self.panel.bottom() - EDGE - height))

    def paint(self, painter: QPainter, *, raised: bool) -> None:
        """Paint it; ``raised`` puts it on a panel."""
        c = self._theme.colours
        if raised:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.surface))
            painter.drawRoundedRect(self.panel, 12, 12)
        mark = QRectF(0, 0, MARK, MARK)
        mark.moveCenter(QPointF(self.panel.center().x(), self.panel.top() + EDGE + MARK / 2))
        shape = SHAPES.get(self._state)
        if shape is None:
            draw_icon(painter, mark, "phone", QColor(c.muted))
        else:
            colour = c.fail if shape == "fail" else c.accent
            draw_state(painter, mark.adjusted(4, 4, -4, -4), shape, QColor(colour))
        box = self.panel.adjusted(EDGE, EDGE + self._top, -EDGE, 0)
        painter.setFont(self._theme.font(TITLE, SEMIBOLD))
        painter.setPen(QColor(c.text))
        painter.drawText(box, WRAP, self._title)
        box.setTop(box.top() + self._title_height + SPACE)
        painter.setFont(self._theme.font(BODY))
        painter.setPen(QColor(c.muted))
        painter.drawText(box, WRAP, self._text)


def _height(theme: Theme, size: int, room: QRectF, text: str) -> float:
    font = theme.font(size, SEMIBOLD) if size == TITLE else theme.font(size)
    return QFontMetricsF(font).boundingRect(room, int(WRAP), text).height()
