"""The steps of a deploy in a row: done ones ticked, the current one a ring with its share."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.marks import draw_state
from gui.theme import CAPTION, REGULAR, SEMIBOLD, SPACE, Theme


class StepTrack(QWidget):
    """The steps in a row: done ones ticked, the current one a ring with its share."""

    def __init__(self, theme: Theme, steps: Sequence[str]) -> None:
        """Make the row with nothing done."""
        super().__init__()
        self.theme = theme
        self.steps = tuple(steps)
        self.states = ["none"] * len(self.steps)
        self.fraction: float | None = None
        self._places = len(self.steps)
        self.setAccessibleName("Steps of the deploy")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Circles and words beneath."""
        return QSize(self._places * 6 * SPACE, 7 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """The words touch below this width."""
        return QSize(self._places * 5 * SPACE, 7 * SPACE)

    def reset(self, steps: Sequence[str] | None = None) -> None:
        """Show nothing done; of other steps, if there are given."""
        self.steps = self.steps if steps is None else tuple(steps)
        self.states = ["none"] * len(self.steps)
        self.fraction = None
        self.update()

    def show_step(self, step: str, fraction: float | None) -> None:
        """Show that ``step`` is under way and those before it are done.

        A step that the row does not know is shown by its word only, elsewhere.
        """
        if step in self.steps:
            at = self.steps.index(step)
            self.states = [
                "ok" if number < at else "busy" if number == at else "none"
                for number in range(len(self.steps))
            ]
        self.fraction = fraction
        self.update()

    def has_reached(self, step: str) -> bool:
        """Whether a step has begun; one that the row does not know has not."""
        return step in self.steps and self.states[self.steps.index(step)] != "none"

    def finish(self) -> None:
        """Show all done."""
        self.states = ["ok"] * len(self.steps)
        self.update()

    def stop(self, *, failed: bool) -> None:
        """Show that the current step failed or was left."""
        if "busy" not in self.states and failed:
            self.states[0] = "busy"
        self.states = [
            ("fail" if failed else "none") if state == "busy" else state for state in self.states
        ]
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rail, the circles and the words."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, y, radius = self.width() / len(self.steps), 14.0, 10.0
        for number, (step, state) in enumerate(zip(self.steps, self.states, strict=True)):
            x = (number + 0.5) * width
            if number:
                colour = c.ok if state == "ok" else c.accent if state == "busy" else c.border
                painter.setPen(QPen(QColor(colour), 2))
                painter.drawLine(QPointF(x - width + radius + 4, y), QPointF(x - radius - 4, y))
            self._paint_circle(painter, QPointF(x, y), radius, state)
            active = state in {"busy", "fail"}
            painter.setFont(self.theme.font(CAPTION, SEMIBOLD if active else REGULAR))
            painter.setPen(QColor(c.text if state != "none" else c.muted))
            painter.drawText(
                QRectF(x - width / 2, y + radius + 6, width, 18),
                Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter,
                step,
            )

    def _paint_circle(self, painter: QPainter, centre: QPointF, radius: float, state: str) -> None:
        c = self.theme.colours
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if state == "ok":
            draw_state(painter, box, "ok", QColor(c.ok))
        elif state == "fail":
            painter.setPen(QPen(QColor(c.fail), 2))
            painter.drawEllipse(centre, radius - 1, radius - 1)
            draw_state(painter, box.adjusted(4, 4, -4, -4), "fail", QColor(c.fail))
        elif state == "busy":
            painter.setPen(QPen(QColor(c.border), 3))
            painter.drawEllipse(centre, radius - 1.5, radius - 1.5)
            pen = QPen(QColor(c.accent), 3)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            share = 0.25 if self.fraction is None else max(0.02, self.fraction)
            painter.drawArc(box.adjusted(1.5, 1.5, -1.5, -1.5), 90 * 16, int(-360 * 16 * share))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.accent))
            painter.drawEllipse(centre, 3, 3)
        else:
            painter.setPen(QPen(QColor(c.border), 2))
            painter.drawEllipse(centre, radius - 1, radius - 1)
