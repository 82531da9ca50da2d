"""Marks of the scatter: each kind is painted once, then stamped wherever it stands.

Ten thousand marks are one call of Qt's own loop over an array instead of as many calls from
here; the array holds what ``QPainter::PixmapFragment`` is made of, ten doubles each.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from shiboken6 import Shiboken

from gui.compare.scene import FAINT, GREY, Look
from gui.marks import draw_variant_mark, variant_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RADIUS, SMALL = 6.5, 3.0
"""Of a mark, logical pixels; small ones where there are very many."""
CROWD = 1_000
FRAGMENT = 10
"""Doubles of a fragment: x, y, source left, top, width, height, scales, rotation, opacity."""
FAINTLY = 0.35


def radius_for(count: int) -> float:
    """Return the radius of each of so many marks."""
    return RADIUS if count <= CROWD else SMALL


def draw_look(painter: QPainter, centre: QPointF, radius: float, look: Look, grey: QColor) -> None:
    """Draw one mark; references are grey and smaller, what is not valid is faint."""
    if look.tone == GREY:
        path = variant_path(centre, radius * 0.7, look.resolution)
        painter.setPen(QPen(grey, 1.2))
        filled = look.precision == "int8"
        painter.setBrush(grey if filled else Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        return
    painter.save()
    painter.setOpacity(FAINTLY if look.tone == FAINT else 1.0)
    draw_variant_mark(painter, centre, radius, look.alpha, look.resolution, look.precision)
    painter.restore()


class Stamps:
    """Kinds of marks, painted side by side on one pixmap."""

    def __init__(self, looks: Sequence[Look], radius: float, ratio: float, grey: QColor) -> None:
        """Paint them.

        Args:
            looks: The kinds.
            radius: Logical pixels.
            ratio: Physical pixels per logical one.
            grey: The colour of references.
        """
        self.key = (tuple(looks), radius, ratio, grey.name())
        self._ratio = ratio
        self.side = int((2 * radius + 4) * ratio + 0.5) | 1  # odd: the centre is a pixel's
        self._sheet = QPixmap(self.side * max(1, len(looks)), self.side)
        self._sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(ratio, ratio)
        half = self.side / 2
        for index, look in enumerate(looks):
            centre = QPointF((index * self.side + half) / ratio, half / ratio)
            draw_look(painter, centre, radius, look, grey)
        painter.end()

    def stamp(
        self,
        painter: QPainter,
        x: "NDArray[np.float64]",
        y: "NDArray[np.float64]",
        look: "NDArray[np.intp]",
    ) -> None:
        """Stamp marks at logical pixels ``x``, ``y``, each of shape (n,)."""
        import numpy as np

        if not len(x):
            return
        fragments = np.zeros((len(x), FRAGMENT))
        fragments[:, 0] = np.floor(x * self._ratio) + 0.5
        fragments[:, 1] = np.floor(y * self._ratio) + 0.5
        fragments[:, 2] = look * self.side
        fragments[:, 4:6] = self.side
        fragments[:, 6:8] = 1.0
        fragments[:, 9] = 1.0
        first = Shiboken.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
        painter.save()
        painter.scale(1 / self._ratio, 1 / self._ratio)
        painter.drawPixmapFragments(first, len(fragments), self._sheet)
        painter.restore()
