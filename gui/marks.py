"""Small drawings: a variant's mark, the shapes of states, the icons; all vector, no files."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from gui.theme import ALPHA_COLOURS, OTHER_COLOUR


def alpha_colour(alpha: float | None) -> QColor:
    """Return the colour of a width multiplier; grey for what is no variant."""
    return QColor(OTHER_COLOUR if alpha is None else ALPHA_COLOURS.get(alpha, OTHER_COLOUR))


def variant_path(centre: QPointF, radius: float, resolution: int | None) -> QPainterPath:
    """Return the outline whose shape is the resolution, in pixels.

    Circle 224, square 192, triangle 160, diamond 128; a hexagon for what is no variant.
    """
    path = QPainterPath()
    if resolution == 224:
        path.addEllipse(centre, radius, radius)
    elif resolution == 192:
        half = radius * 0.88
        path.addRoundedRect(
            QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half), 1.5, 1.5
        )
    elif resolution == 160:
        path.addPolygon(_polygon(centre, radius * 1.15, 3))
    elif resolution == 128:
        path.addPolygon(_polygon(centre, radius * 1.05, 4))
    else:
        path.addPolygon(_polygon(centre, radius * 1.05, 6))
    path.closeSubpath()
    return path


def draw_variant_mark(
    painter: QPainter,
    centre: QPointF,
    radius: float,
    alpha: float | None,
    resolution: int | None,
    precision: str,
) -> None:
    """Draw one variant: colour = alpha, shape = resolution, fill = precision.

    float32 is hollow, float16 half filled, int8 filled.
    """
    colour = alpha_colour(alpha)
    path = variant_path(centre, radius, resolution)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if precision != "float32":
        painter.save()
        if precision == "float16":
            painter.setClipRect(QRectF(centre.x() - 2 * radius, centre.y(), 4 * radius, 2 * radius))
        painter.fillPath(path, colour)
        painter.restore()
    painter.setPen(QPen(colour, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()


def draw_state(painter: QPainter, box: QRectF, state: str, colour: QColor) -> None:
    """Draw a state's shape: tick, triangle, cross, ring (under way) or dash (not there)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    centre, radius = box.center(), min(box.width(), box.height()) / 2
    pen = QPen(colour, max(1.5, radius / 4), Qt.PenStyle.SolidLine)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if state == "ok":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(centre, radius, radius)
        pen.setColor(QColor("#FFFFFF" if colour.lightnessF() < 0.55 else "#0D1015"))
        painter.setPen(pen)
        painter.drawPolyline(_tick(centre, radius * 0.9))
    elif state == "warn":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(_polygon(centre + QPointF(0, radius * 0.15), radius * 1.15, 3))
        pen.setColor(QColor("#12161E"))
        painter.setPen(pen)
        painter.drawLine(centre + QPointF(0, -radius * 0.25), centre + QPointF(0, radius * 0.2))
        painter.drawPoint(centre + QPointF(0, radius * 0.52))
    elif state == "fail":
        painter.setPen(pen)
        reach = radius * 0.62
        painter.drawLine(centre + QPointF(-reach, -reach), centre + QPointF(reach, reach))
        painter.drawLine(centre + QPointF(-reach, reach), centre + QPointF(reach, -reach))
    elif state == "busy":
        painter.setPen(pen)
        inner = radius - pen.widthF() / 2
        painter.drawEllipse(centre, inner, inner)
        painter.setBrush(colour)
        painter.drawEllipse(centre, radius * 0.22, radius * 0.22)
    else:
        painter.setPen(pen)
        painter.drawLine(centre - QPointF(radius * 0.6, 0), centre + QPointF(radius * 0.6, 0))
    painter.restore()


def draw_icon(painter: QPainter, box: QRectF, name: str, colour: QColor) -> None:
    """Draw a line icon that fits ``box``; ``_ICONS`` names them."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, max(1.6, box.width() / 12))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.translate(box.topLeft())
    painter.scale(box.width() / 24, box.height() / 24)
    pen.setWidthF(pen.widthF() * 24 / box.width())
    painter.setPen(pen)
    _ICONS[name](painter, colour)
    painter.restore()


def _live(painter: QPainter, _colour: QColor) -> None:
    points = [(2, 13), (7, 13), (10, 5), (14, 19), (17, 11), (18, 13), (22, 13)]
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _sizes(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for top, width in ((4, 20), (10, 12), (16, 7)):
        painter.drawRoundedRect(QRectF(2, top, width, 4), 1.2, 1.2)


def _compare(painter: QPainter, colour: QColor) -> None:
    painter.drawPolyline(QPolygonF([QPointF(3, 3), QPointF(3, 21), QPointF(21, 21)]))
    painter.setBrush(colour)
    for x, y in ((7.5, 16.5), (10, 10.5), (15, 7.5), (20, 5.5)):
        painter.drawEllipse(QPointF(x, y), 1.3, 1.3)


def _models(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    for top in (5, 12, 19):
        painter.drawEllipse(QPointF(4.5, top), 1.2, 1.2)
        painter.drawLine(QPointF(9, top), QPointF(21, top))


def _train(painter: QPainter, colour: QColor) -> None:
    painter.drawPolyline(QPolygonF([QPointF(3, 3), QPointF(3, 21), QPointF(21, 21)]))
    curve = QPainterPath(QPointF(6.5, 16.5))
    curve.cubicTo(QPointF(9, 8), QPointF(13, 6.5), QPointF(20, 6))
    painter.drawPath(curve)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(20, 6), 1.4, 1.4)


def _qa(painter: QPainter, _colour: QColor) -> None:
    for top in (4.5, 13.5):
        tick = [(2.5, top + 3), (4.5, top + 5), (8.5, top)]
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in tick]))
        painter.drawLine(QPointF(12.5, top + 2.7), QPointF(21.5, top + 2.7))


def _history(painter: QPainter, _colour: QColor) -> None:
    painter.drawArc(QRectF(3.5, 3.5, 17, 17), -150 * 16, 290 * 16)  # open at the left
    painter.drawPolyline(QPolygonF([QPointF(2.2, 12.2), QPointF(4.6, 16), QPointF(8.2, 13.4)]))
    painter.drawPolyline(QPolygonF([QPointF(12, 7.5), QPointF(12, 12), QPointF(15.2, 14)]))


def _folders(painter: QPainter, colour: QColor) -> None:
    folder = QPainterPath(QPointF(2, 19))
    for x, y in ((2, 5), (8, 5), (10.5, 8), (22, 8), (22, 19)):
        folder.lineTo(QPointF(x, y))
    folder.closeSubpath()
    painter.drawPath(folder)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for left in (5.5, 10.5, 15.5):
        painter.drawRoundedRect(QRectF(left, 12, 3.2, 3.2), 0.8, 0.8)


def _more(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x in (5, 12, 19):
        painter.drawEllipse(QPointF(x, 12), 1.9, 1.9)


def _moon(painter: QPainter, _colour: QColor) -> None:
    whole, bite = QPainterPath(), QPainterPath()
    whole.addEllipse(QPointF(12, 12), 8.5, 8.5)
    bite.addEllipse(QPointF(16, 8.5), 7, 7)
    painter.drawPath(whole.subtracted(bite))


def _sun(painter: QPainter, _colour: QColor) -> None:
    painter.drawEllipse(QPointF(12, 12), 4, 4)
    painter.translate(12, 12)
    for _ in range(8):
        painter.drawLine(QPointF(0, -7.5), QPointF(0, -9.5))
        painter.rotate(45)


def _chevron(painter: QPainter, _colour: QColor) -> None:
    painter.drawPolyline(QPolygonF([QPointF(6, 9), QPointF(12, 15), QPointF(18, 9)]))


def _search(painter: QPainter, _colour: QColor) -> None:
    painter.drawEllipse(QPointF(10.5, 10.5), 6, 6)
    painter.drawLine(QPointF(15, 15), QPointF(20, 20))


def _phone(painter: QPainter, colour: QColor) -> None:
    painter.drawRoundedRect(QRectF(6, 2, 12, 20), 2.5, 2.5)
    painter.setBrush(colour)
    painter.drawLine(QPointF(10.5, 18.8), QPointF(13.5, 18.8))


def _pause(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    for left in (7, 14):
        painter.drawRoundedRect(QRectF(left, 5, 3, 14), 1, 1)


def _play(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(8, 5), QPointF(19, 12), QPointF(8, 19)]))


_ICONS = {
    "pause": _pause,
    "play": _play,
    "live": _live,
    "compare": _compare,
    "models": _models,
    "sizes": _sizes,
    "train": _train,
    "qa": _qa,
    "history": _history,
    "folders": _folders,
    "more": _more,
    "moon": _moon,
    "sun": _sun,
    "chevron": _chevron,
    "search": _search,
    "phone": _phone,
}


def _tick(centre: QPointF, radius: float) -> QPolygonF:
    offsets = ((-0.5, 0.05), (-0.12, 0.42), (0.52, -0.38))
    return QPolygonF([centre + QPointF(x * radius, y * radius) for x, y in offsets])


def _polygon(centre: QPointF, radius: float, sides: int) -> QPolygonF:
    points = [centre + QPointF(x * radius, y * radius) for x, y in _ARMS[sides]]
    return QPolygonF([*points, points[0]])


_ARMS = {
    3: ((0.0, -1.0), (0.866, 0.5), (-0.866, 0.5)),
    4: ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)),
    6: ((0.5, -0.866), (1.0, 0.0), (0.5, 0.866), (-0.5, 0.866), (-1.0, 0.0), (-0.5, -0.866)),
}
"""Unit vectors of the corners, y downwards, first corner up."""
