"""The scatter's legend: what colours, shapes and fillings mean, and why grey is apart."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.colours import Colours
from gui.compare.scene import FAINT, GREY, Look, Scene
from gui.compare.stamps import draw_look
from gui.theme import ALPHA_COLOURS, SPACE

ROW, MARK, APART = 20, 18, 14
RESOLUTIONS = (224, 192, 160, 128)
PRECISIONS = ("float32", "float16", "int8")
MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Legend:
    """Entries that flow over lines, only for what is there; then a line for each note."""

    def __init__(self, scene: Scene, colours: Colours, font: QFont) -> None:
        """Find out what needs explaining."""
        self._notes = scene.notes
        self._colours, self._font = colours, font
        self._metrics = QFontMetricsF(font)
        looks = [look for look in scene.looks if look.tone != GREY]
        entries: list[tuple[str, Look | str]] = []
        entries += [
            (f"alpha {alpha:.2f}", Look(alpha, 224, "int8"))
            for alpha in ALPHA_COLOURS
            if any(look.alpha == alpha for look in looks)
        ]
        entries += [
            (f"{side} px", Look(None, side, "int8"))
            for side in RESOLUTIONS
            if any(look.resolution == side for look in looks)
        ]
        entries += [
            (precision, Look(None, 224, precision))
            for precision in PRECISIONS
            if any(look.precision == precision for look in looks)
        ]
        if any(look.tone == FAINT for look in looks):
            entries.append(("not valid", Look(None, 224, "int8", FAINT)))
        special = (
            (len(scene.front) > 1, "Pareto front", "front"),
            (bool(scene.crossed), "dominated", "cross"),
            (bool(scene.ringed), "predicted", "ring"),
            (bool(scene.x_bars or scene.y_bars), "95 % interval", "bar"),
        )
        entries += [(word, what) for there, word, what in special if there]
        self._entries = entries

    def _width(self, word: str) -> float:
        return MARK + self._metrics.horizontalAdvance(word) + APART

    def height(self, width: float) -> float:
        """Return the height that it needs in so much width."""
        rows = self._rows(width)
        return ROW * (len(rows) + len(self._notes)) + (SPACE / 2 if rows or self._notes else 0)

    def _rows(self, width: float) -> list[list[tuple[str, Look | str]]]:
        rows: list[list[tuple[str, Look | str]]] = []
        left = 0.0
        for entry in self._entries:
            wide = self._width(entry[0])
            if not rows or left + wide > width:
                rows.append([])
                left = 0.0
            rows[-1].append(entry)
            left += wide
        return rows

    def paint(self, painter: QPainter, box: QRectF) -> None:
        """Paint it from the box' top."""
        painter.setFont(self._font)
        y = box.top()
        for row in self._rows(box.width()):
            x = box.left()
            for word, what in row:
                self._paint_mark(painter, QPointF(x + MARK / 2 - 2, y + ROW / 2), what)
                painter.setPen(QColor(self._colours.muted))
                wide = self._width(word)
                painter.drawText(QRectF(x + MARK, y, wide, ROW), MIDDLE, word)
                x += wide
            y += ROW
        grey = Look(None, 224, "int8", GREY)
        for note in self._notes:
            self._paint_mark(painter, QPointF(box.left() + MARK / 2 - 2, y + ROW / 2), grey)
            painter.setPen(QColor(self._colours.muted))
            room = box.width() - MARK
            text = self._metrics.elidedText(note, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(box.left() + MARK, y, room, ROW), MIDDLE, text)
            y += ROW

    def _paint_mark(self, painter: QPainter, centre: QPointF, what: Look | str) -> None:
        c = self._colours
        if isinstance(what, Look):
            draw_look(painter, centre, 5.0, what, QColor(c.faint))
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if what == "front":
            painter.setPen(QPen(QColor(c.accent), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(centre.x() - 7, centre.y(), centre.x() + 7, centre.y()))
        elif what == "ring":
            painter.setPen(QPen(QColor(c.muted), 1))
            painter.drawEllipse(centre, 6, 6)
        elif what == "cross":
            painter.setPen(QPen(QColor(c.text), 1.2))
            x, y = centre.x(), centre.y()
            painter.drawLine(QLineF(x - 5, y - 5, x + 5, y + 5))
            painter.drawLine(QLineF(x - 5, y + 5, x + 5, y - 5))
        else:
            painter.setPen(QPen(QColor(c.faint), 1))
            x, y = centre.x(), centre.y()
            painter.drawLine(QLineF(x - 7, y, x + 7, y))
            for end in (x - 7, x + 7):
                painter.drawLine(QLineF(end, y - 3, end, y + 3))
