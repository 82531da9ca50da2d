"""The drawn phone around the picture of its screen."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.colours import Colours
from gui.theme import SPACE

BEZEL, CORNER = SPACE, 2 * SPACE + 2
"""Width of the drawn rim, radius of the screen's corners."""
BODY = "#0A0C10"
"""Of the phone, in both schemes."""


def paint_outline(painter: QPainter, colours: Colours, screen: QRectF, *, focused: bool) -> None:
    """Paint the phone's body around its screen, ringed while the keyboard is its own."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    body = screen.adjusted(-BEZEL, -BEZEL, BEZEL, BEZEL)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(BODY))
    painter.drawRoundedRect(body, CORNER + BEZEL, CORNER + BEZEL)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if focused:
        painter.setPen(QPen(QColor(colours.accent), 4))
        body = body.adjusted(-1, -1, 1, 1)
    else:
        painter.setPen(QPen(QColor(colours.border), 1))
    painter.drawRoundedRect(body, CORNER + BEZEL, CORNER + BEZEL)


def round_corners(painter: QPainter, screen: QRectF) -> None:
    """Cover the picture's corners with the body's colour: cheaper than a clip path."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(BODY))
    for right in (False, True):
        for low in (False, True):
            painter.drawPath(_corner(screen, CORNER, right=right, low=low))


def _corner(box: QRectF, radius: float, *, right: bool, low: bool) -> QPainterPath:
    x = box.right() if right else box.left()
    y = box.bottom() if low else box.top()
    inward_x, inward_y = (-radius if right else radius), (-radius if low else radius)
    reach = 1 - 0.5523  # a quarter of a circle as a cubic
    path = QPainterPath(QPointF(x, y))
    path.lineTo(x + inward_x, y)
    path.cubicTo(
        QPointF(x + reach * inward_x, y),
        QPointF(x, y + reach * inward_y),
        QPointF(x, y + inward_y),
    )
    path.closeSubpath()
    return path
