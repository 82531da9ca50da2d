"""The steps of one phone: shape, title, outcome; the values held to their limits beneath."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.marks import draw_state
from gui.qa.values import STATES, StepLine, VerdictLine, figure
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, Theme

ROW, LINE, APART = 26, 24, 6
LEFT = 3 * SPACE
TITLES, VALUES, AIMS = 17 * SPACE, 25 * SPACE, 17 * SPACE
WRAP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
UNDER_WAY = {"measuring": "measuring", "asking": "asks", "waiting": ""}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a step is painted, pixels from the top."""

    step: StepLine
    top: float
    text_height: float


class StepList(QWidget):
    """Paints the steps; screen readers hear them in words."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.steps: tuple[StepLine, ...] = ()
        self._places: list[_Place] = []
        self.setAccessibleName("Steps")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_steps(self, steps: Sequence[StepLine]) -> None:
        """Show the steps in their order."""
        self.steps = tuple(steps)
        self.setAccessibleDescription(
            "; ".join(f"{each.number} {each.title}: {_word(each)}" for each in self.steps)
        )
        self._measure()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as they are."""
        return QSize(48 * SPACE, self.height())

    def minimumSizeHint(self) -> QSize:
        """Narrower, words are cut."""
        return QSize(36 * SPACE, self.height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Wrap anew."""
        self._measure()

    def _measure(self) -> None:
        metrics = QFontMetricsF(self.theme.font(CAPTION))
        room = QRectF(0, 0, max(8 * SPACE, self.width() - LEFT - SPACE), 10_000)
        self._places, top = [], 0.0
        for step in self.steps:
            text = _text(step)
            height = metrics.boundingRect(room, int(WRAP), text).height() + 4 if text else 0.0
            self._places.append(_Place(step, top, height))
            top += ROW + height + LINE * len(step.verdicts) + APART
        self.setFixedHeight(max(ROW, round(top)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the steps."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in self._places:
            self._paint_step(painter, place)

    def _paint_step(self, painter: QPainter, place: _Place) -> None:
        c, step = self.theme.colours, place.step
        state, colour = self._state(step)
        draw_state(painter, QRectF(1, place.top + 5, 14, 14), state, QColor(colour))
        line = QRectF(LEFT, place.top, self.width() - LEFT - SPACE, ROW)
        word = _word(step)
        painter.setFont(self.theme.font(CAPTION, SEMIBOLD))
        painter.setPen(QColor(c.text if step.state != "waiting" else c.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
        room = line.width() - QFontMetricsF(painter.font()).horizontalAdvance(word) - SPACE
        painter.setFont(self.theme.font(BODY, MEDIUM))
        title = QFontMetricsF(painter.font()).elidedText(
            f"{step.number}  {step.title}", Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(line, MIDDLE, title)
        if place.text_height:
            painter.setFont(self.theme.font(CAPTION))
            painter.setPen(QColor(c.muted))
            painter.drawText(
                QRectF(LEFT, place.top + ROW, line.width(), place.text_height), WRAP, _text(step)
            )
        top = place.top + ROW + place.text_height
        for verdict in step.verdicts:
            self._paint_verdict(painter, verdict, top)
            top += LINE

    def _paint_verdict(self, painter: QPainter, verdict: VerdictLine, top: float) -> None:
        c = self.theme.colours
        state = STATES.get(verdict.outcome, "none")
        colours = {"ok": c.ok, "warn": c.warn, "fail": c.fail}
        colour = QColor(colours.get(state, c.muted))
        if verdict.outcome:
            draw_state(painter, QRectF(LEFT, top + 6, 12, 12), state, colour)
        x = LEFT + 20.0
        for text, width, ink in self._cells(verdict):
            painter.setFont(self.theme.font(CAPTION, MEDIUM if ink == c.text else SEMIBOLD))
            painter.setPen(QColor(ink))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(x, top, width, LINE), MIDDLE, shown)
            x += width + SPACE
        bar = QRectF(x, top + 4, self.width() - SPACE - x, LINE - 8)
        if bar.width() > 6 * SPACE and verdict.low is not None and verdict.limit is not None:
            self._paint_bar(painter, verdict, bar, colour)

    def _cells(self, verdict: VerdictLine) -> Iterator[tuple[str, float, str]]:
        """Return texts with widths and inks: title, value with interval, limit."""
        c = self.theme.colours
        yield verdict.title, TITLES, c.muted
        if verdict.value is None:
            yield verdict.sentence, self.width() - LEFT - TITLES - 4 * SPACE, c.text
            return
        low, high = verdict.low, verdict.high
        apart = high - low if low is not None and high is not None and low != high else None
        value = f"{figure(verdict.value, apart)} {verdict.unit}"
        if apart is not None:
            value += f"  ({figure(low, apart)} to {figure(high, apart)})"
        aim = ""
        if verdict.limit is not None:
            word = "at most" if verdict.most else "at least"
            aim = f"{word} {figure(verdict.limit)} {verdict.unit}"
        yield value, VALUES, c.text
        yield aim, AIMS, c.muted

    def _paint_bar(
        self, painter: QPainter, verdict: VerdictLine, bar: QRectF, colour: QColor
    ) -> None:
        """Paint the interval as a band, the value as a dot and the limit as a line."""
        c = self.theme.colours
        value, limit = verdict.value or 0.0, verdict.limit or 0.0
        low, high = verdict.low or 0.0, verdict.high or 0.0
        least, most = min(0.0, low), max(limit * 1.25, high * 1.08, 1e-9)
        if verdict.unit == "%" and verdict.title.startswith("Change"):
            reach = max(abs(low), abs(high), limit) * 1.2 or 1.0
            least, most = -reach, reach

        def at(figure_: float) -> float:
            return bar.left() + (figure_ - least) / (most - least) * bar.width()

        y = bar.center().y()
        painter.setPen(QPen(QColor(c.border), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(bar.left() + 2, y), QPointF(bar.right() - 2, y))
        painter.setPen(QPen(colour, 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(at(low), y), QPointF(max(at(high), at(low) + 2), y))
        painter.setPen(QPen(QColor(c.surface), 1.5))
        painter.setBrush(QColor(c.text))
        painter.drawEllipse(QPointF(at(value), y), 4, 4)
        painter.setPen(QPen(QColor(c.text), 2))
        painter.drawLine(QPointF(at(limit), bar.top()), QPointF(at(limit), bar.bottom()))

    def _state(self, step: StepLine) -> tuple[str, str]:
        c = self.theme.colours
        if step.state in ("measuring", "asking"):
            return "busy", c.accent
        state = STATES.get(step.outcome, "none")
        colours = {"ok": c.ok, "warn": c.warn, "fail": c.fail}
        return state, colours.get(state, c.faint)


def _word(step: StepLine) -> str:
    return step.outcome or UNDER_WAY.get(step.state, "") or "waiting"


def _text(step: StepLine) -> str:
    """Return what stands beneath a step; what the verdicts say is not said twice."""
    if step.verdicts and step.outcome in ("PASS", "WARNING", "FAIL"):
        return ""
    return step.text
