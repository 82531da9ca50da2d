"""Live charts: latency stacked by stage, the two frame rates, the battery's temperature.

numpy is loaded with the first samples, long after the window was painted.
"""

import time
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.chart import SECONDS, Chart, Shape
from gui.labels import ElidedLabel, Label
from gui.parts import Card
from gui.theme import BODY, CAPTION, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, Theme

if TYPE_CHECKING:
    from engine.link.messages import SampleArray
    from gui.chart_data import Ring, Stack

REPAINT_MS = 100
OFF_AXIS = 5
"""An engine so many times faster than the pipeline leaves the axis to the pipeline."""
ARROW = " \N{UPWARDS ARROW}"
STAGE_COLOURS = (("convert", "convert"), ("infer", "accent"), ("post", "post"), ("draw", "draw"))


class LiveCharts(Card):
    """Draws what runs on the phone now. Its axes stand still; hidden it draws nothing."""

    def __init__(self, theme: Theme) -> None:
        """Make empty charts."""
        super().__init__(theme)
        self._ring: Ring | None = None
        self._offset_ns: int | None = None
        self._rates: list[tuple[int, float, float]] = []
        self._usual: tuple[float | None, float | None] = (None, None)
        self._heat: list[tuple[int, float]] = []
        self._off_axis = False
        self.latency = Chart(theme, top=40)
        self.rates = Chart(theme, top=60)
        self.heat = Chart(theme, low=20, top=50, axis=False)
        self.heat.setFixedHeight(6 * SPACE)
        self.latency_legend = Legend(theme)
        self.rates_legend = Legend(theme, width=11 * SPACE)
        self.heat_legend = Legend(theme)
        self.box.addLayout(
            _head(theme, "Time per picture", "by stage; infer is the latency", self.latency_legend)
        )
        self.box.addWidget(self.latency, 3)
        self.rates_head = QWidget()
        self.rates_head.setLayout(
            _head(theme, "Frame rates", "per second", self.rates_legend, above=SPACE)
        )
        self.box.addWidget(self.rates_head)
        self.box.addWidget(self.rates, 2)
        self.heat_head = QWidget()
        self.heat_head.setLayout(_head(theme, "Battery", "temperature", self.heat_legend))
        self.box.addWidget(self.heat_head)
        self.box.addWidget(self.heat)
        self.heat.setAccessibleName("Chart of the battery's temperature, last 30 seconds")
        self.latency.setAccessibleName("Chart of the time per picture by stage, last 30 seconds")
        self.rates.setAccessibleName("Chart of engine FPS and pipeline FPS, last 30 seconds")
        self._timer = QTimer(self, interval=REPAINT_MS)
        self._timer.timeout.connect(self.redraw)
        self.clear()

    def clear(self, text: str = "Deploy a variant to see what each picture costs") -> None:
        """Forget what was drawn: another phone or another model."""
        if self._ring is not None:
            self._ring.clear()
        self._offset_ns = None
        self._rates.clear()
        self._usual = (None, None)
        self._heat.clear()
        self.heat.clear()
        self._show_legends((None,) * 4, None, None)
        self.latency.clear(text)
        self.rates.clear()

    def add_samples(self, samples: "SampleArray") -> None:
        """Take samples, oldest first; they are drawn at the next tick."""
        if self._ring is None:
            from gui.chart_data import Ring

            self._ring = Ring()
        self._ring.append(samples)
        offset = time.monotonic_ns() - int(samples["finished_ns"][-1])
        if self._offset_ns is None or abs(offset - self._offset_ns) > 2_000_000_000:
            self._offset_ns = offset
        self._offset_ns = min(self._offset_ns, offset)

    def now_ns(self) -> int:
        """Return the phone's clock as far as it is known here."""
        return time.monotonic_ns() - (self._offset_ns or 0)

    def held(self, seconds: float) -> "SampleArray | None":
        """Return the samples of the last seconds; None before the first."""
        if self._ring is None or not len(self._ring):
            return None
        return self._ring.since(self.now_ns() - int(seconds * 1e9))

    @Slot(object, object)
    def show_rates(self, pipeline_fps: float, engine_fps: float) -> None:
        """Add one point to the frame rates."""
        now = self.now_ns()
        self._rates.append((now, pipeline_fps, engine_fps))
        oldest = now - (SECONDS + 1) * 1_000_000_000
        while self._rates and self._rates[0][0] < oldest:
            self._rates.pop(0)

    def show_usual_rates(self, pipeline_fps: float | None, engine_fps: float | None) -> None:
        """Name these beside the lines: the same figures as everywhere else in the window."""
        self._usual = (pipeline_fps, engine_fps)

    def show_temperature(self, temperature_c: float | None) -> None:
        """Add the battery's temperature, degrees Celsius."""
        if temperature_c is None or self._offset_ns is None:
            return
        now = self.now_ns()
        self._heat.append((now, temperature_c))
        while self._heat[0][0] < now - (SECONDS + 1) * 1_000_000_000:
            self._heat.pop(0)
        self.heat_legend.show_entries([("now", "warn", "line", f"{temperature_c:.1f} °C")])

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Give the temperature's place to the others where there is little, then the rates'."""
        for part in (self.rates, self.rates_head):
            part.setVisible(self.height() >= 38 * SPACE)
        roomy = self.height() >= 56 * SPACE
        self.heat.setVisible(roomy)
        self.heat_head.setVisible(roomy)

    def showEvent(self, _event: QShowEvent) -> None:
        """Begin to draw."""
        self._timer.start()

    def hideEvent(self, _event: QHideEvent) -> None:
        """Stop drawing."""
        self._timer.stop()

    def redraw(self) -> None:
        """Draw the last 30 s."""
        samples = self.held(SECONDS + 1)
        if samples is None:
            return
        import numpy as np

        from gui.chart_data import axis_end, nice_top, stack_columns

        columns = max(1, self.latency.plot_width() // 2)
        stack = stack_columns(samples, self.now_ns(), seconds=SECONDS, columns=columns)
        if stack is None:
            self.latency.clear("No pictures in the last 30 s")
            self.rates.clear()
            return
        top = nice_top(axis_end(stack))
        self.latency.show_shapes(_stack_shapes(stack), top)
        self._draw_rates()
        latest = samples[-min(len(samples), 16) :]
        shown = tuple(float(latest[f"{name}_ns"].mean()) / 1e6 for name, _ in STAGE_COLOURS)
        if self._heat and self.heat.isVisible():
            line = np.array([((self.now_ns() - at) / 1e9, value) for at, value in self._heat])
            self.heat.show_shapes((Shape("warn", [line]),), self.heat.top)
        self._show_legends(shown, *self._usual)

    def _draw_rates(self) -> None:
        import numpy as np

        from gui.chart_data import nice_top

        if not self._rates:
            return
        now = self.now_ns()
        ages = [(now - at) / 1e9 for at, _pipeline, _engine in self._rates]
        pipeline = np.array([(age, rate[1]) for age, rate in zip(ages, self._rates, strict=True)])
        engine = np.array([(age, rate[2]) for age, rate in zip(ages, self._rates, strict=True)])
        slow = max(rate[1] for rate in self._rates)
        fast = max(rate[2] for rate in self._rates)
        self._off_axis = fast > OFF_AXIS * slow > 0
        top = nice_top(1.1 * (slow if self._off_axis else max(slow, fast)))
        self.rates.show_shapes(
            (Shape("muted", [engine], dashed=True), Shape("accent", [pipeline])), top
        )

    def _show_legends(
        self, stages: tuple[float | None, ...], pipeline: float | None, engine: float | None
    ) -> None:
        self.latency_legend.show_entries(
            [
                (name, colour, "fill", _text(value, "ms"))
                for (name, colour), value in zip(STAGE_COLOURS, stages, strict=True)
            ]
        )
        self.rates_legend.show_entries(
            [
                (f"engine{ARROW if self._off_axis else ''}", "muted", "dash", _text(engine, "fps")),
                ("pipeline", "accent", "line", _text(pipeline, "fps")),
            ]
        )
        if not self._heat:
            self.heat_legend.show_entries([("now", "warn", "line", NO_VALUE)])


def _head(theme: Theme, title: str, unit: str, legend: "Legend", *, above: int = 0) -> QHBoxLayout:
    head = QHBoxLayout()
    head.setContentsMargins(0, above, 0, 0)
    head.setSpacing(SPACE)
    names = QVBoxLayout()
    names.setSpacing(0)
    names.addWidget(Label(theme, title, BODY, SEMIBOLD))
    names.addWidget(ElidedLabel(theme, unit, CAPTION, tone="muted"))
    head.addLayout(names, 1)
    head.addWidget(legend)
    return head


def _text(value: float | None, unit: str) -> str:
    if value is None:
        return NO_VALUE
    return f"{value:.0f} {unit}" if value >= 99.95 else f"{value:.1f} {unit}"


def _stack_shapes(stack: "Stack") -> list[Shape]:
    import numpy as np

    breaks = [0, *stack.gap.nonzero()[0].tolist(), len(stack.age_s)]
    pieces = [slice(low, high) for low, high in pairwise(breaks) if high > low]
    ages = [stack.age_s[piece] for piece in pieces]
    slowest = [
        np.stack((age, stack.slowest_ms[piece]), 1) for age, piece in zip(ages, pieces, strict=True)
    ]
    shapes = [Shape("faint", slowest)]
    below = np.zeros_like(stack.age_s)
    for (_name, colour), above in zip(STAGE_COLOURS, stack.edges_ms, strict=True):
        rounds = [
            np.stack((np.r_[age, age[::-1]], np.r_[above[piece], below[piece][::-1]]), 1)
            for age, piece in zip(ages, pieces, strict=True)
        ]
        shapes.append(Shape(colour, rounds, area=True))
        below = above
    return shapes


class Legend(QWidget):
    """Names with their colours and newest values, right aligned, each in a fixed width."""

    def __init__(self, theme: Theme, *, width: int = 8 * SPACE) -> None:
        """Make it empty; each entry is so wide."""
        super().__init__()
        self.theme = theme
        self._each = width
        self._entries: list[tuple[str, str, str, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_entries(self, entries: list[tuple[str, str, str, str]]) -> None:
        """Show ``(name, colour, look, value)``; look is ``fill``, ``line`` or ``dash``."""
        if entries != self._entries:
            resized = len(entries) != len(self._entries)
            self._entries = entries
            if resized:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Fixed columns, so that nothing jumps."""
        return QSize(self._each * len(self._entries), 5 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """As wide as it is."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint swatch, name and value of each."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for at, (name, colour, look, value) in enumerate(self._entries):
            x = at * self._each + SPACE // 2
            ink = QColor(getattr(c, colour))
            if look == "fill":
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ink)
                painter.drawRoundedRect(QRectF(x, 5, 10, 10), 2, 2)
            else:
                style = Qt.PenStyle.SolidLine if look == "line" else Qt.PenStyle.DotLine
                painter.setPen(QPen(ink, 2, style))
                painter.drawLine(QPointF(x, 10), QPointF(x + 11, 10))
            painter.setFont(self.theme.font(CAPTION))
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(x + 15, 0, self._each - 15, 20), left, name)
            painter.setFont(self.theme.font(BODY, MEDIUM))
            painter.setPen(QColor(c.text))
            painter.drawText(QRectF(x, 20, self._each, 20), left, value)
