"""Live charts: time per picture by stage, frame rates, heat and clocks on one time axis.

numpy is loaded with the first samples, long after the window was painted.
"""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, QTimer, Slot
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget

from gui.chart import MINUS, SECONDS, WORDS, Chart, Shape
from gui.labels import ElidedLabel, Label
from gui.live.legend import Legend
from gui.live.scroll import Scroll, clock_words
from gui.live.stage_bars import StageBars
from gui.live.tracks import Track
from gui.live.values import RunMarks, Stages
from gui.parts import Button, Card, IconButton, Segments
from gui.theme import BODY, CAPTION, NO_VALUE, SEMIBOLD, SPACE, Theme

if TYPE_CHECKING:
    from engine.link.messages import SampleArray
    from gui.chart_data import Columns, Ring
    from gui.live.course_data import Series

REPAINT_MS = 100
OFF_AXIS = 5
"""An engine so many times faster than the pipeline leaves the axis to the pipeline."""
STEP_S = 5.0
"""How far an arrow key scrolls."""
MOST_RUNS = 8
"""Runs whose marks are kept for scrolling back."""
ARROW = " \N{UPWARDS ARROW}"
STAGE_COLOURS = (("infer", "accent"), ("convert", "convert"), ("post", "post"), ("draw", "draw"))
VIEWS = ("time", "stages", "rates", "heat")
"""What is chosen between where there is no room for all."""
ROOMY = 56 * SPACE
STRIP = 38
LATENCY_TIP = (
    "Infer is the latency. Hatched: warm-up, counted nowhere. Dashed: the run's median with its "
    "95 % interval. Space pauses, arrows and dragging scroll back"
)


class LiveCharts(Card):
    """Draws what runs on the phone now. Its axes stand still; hidden it draws nothing."""

    def __init__(self, theme: Theme) -> None:
        """Make empty charts."""
        super().__init__(theme)
        self._ring: Ring | None = None
        self._columns: Columns | None = None
        self._offset_ns: int | None = None
        self._series: dict[str, Series] = {}
        self._usual: tuple[float | None, float | None] = (None, None)
        self._runs: list[RunMarks] = []
        self._off_axis = False
        self._drag: float | None = None
        self.scroll = Scroll(self)
        self.latency = Chart(theme, top=40)
        self.rates = Chart(theme, top=60, axis=False)
        self.heat = Chart(theme, low=20, top=50, axis=False)
        self.clocks = Chart(theme, top=3, axis=False)
        self.bars = StageBars(theme)
        self.latency_legend = Legend(theme, "ms")
        self.rates_legend = Legend(theme, "fps")
        self.heat_legend = Legend(theme, "°C")
        self.clocks_legend = Legend(theme, "GHz")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Live charts")
        self._make_tracks(theme)
        self._make_head(theme)
        self.box.addLayout(self.head)
        for track, share in zip(self.tracks, (6, 0, 1, 0, 0), strict=True):
            self.box.addWidget(track, share)
        self.box.addStretch(0)
        self._timer = QTimer(self, interval=REPAINT_MS)
        self._timer.timeout.connect(self._tick)
        self.scroll.changed.connect(self._show_scroll)
        self._show_scroll()
        self.clear()

    def _make_tracks(self, theme: Theme) -> None:
        for strip in (self.heat, self.clocks):
            strip.setFixedHeight(STRIP)
        self.rates.setMinimumHeight(STRIP)
        self.tracks = (
            Track(theme, "", self.latency_legend, self.latency, LATENCY_TIP),
            Track(theme, "", None, self.bars, ""),
            Track(theme, "Frame rates", self.rates_legend, self.rates, "Results per second"),
            Track(theme, "Battery", self.heat_legend, self.heat, "Temperature, °C"),
            Track(
                theme,
                "Clocks",
                self.clocks_legend,
                self.clocks,
                "GHz of the fastest core, and the most that any core is allowed",
            ),
        )

    def _make_head(self, theme: Theme) -> None:
        self.pause_button = IconButton(theme, "pause", "Pause the charts (Space)")
        self.live_button = Button(theme, "Live", "secondary", "Follow the present again (Space)")
        self.live_button.setFixedHeight(4 * SPACE)
        policy = self.live_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.live_button.setSizePolicy(policy)
        self.state = Label(theme, "", CAPTION, tone="muted")
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.choice = Segments(theme, VIEWS, "Which chart")
        self.choice.chosen.connect(lambda _word: self._arrange())
        self.title = ElidedLabel(theme, "Time per picture, ms", BODY, SEMIBOLD)
        self.named = QStackedWidget()
        self.named.setFixedHeight(4 * SPACE)
        self.named.addWidget(self.title)
        self.named.addWidget(self.choice)
        self.pause_button.clicked.connect(self.toggle)
        self.live_button.clicked.connect(self.scroll.go_live)
        self.head = QHBoxLayout()
        self.head.setSpacing(SPACE // 2)
        self.head.addWidget(self.named, 1)
        self.head.addWidget(self.state)
        self.head.addWidget(self.live_button)
        self.head.addWidget(self.pause_button)

    def clear(self, text: str = "Deploy a variant to see what each picture costs") -> None:
        """Forget what was drawn: another phone or another model."""
        if self._ring is not None and self._columns is not None:
            self._ring.clear()
            self._columns.clear()
        self._offset_ns = None
        self._usual = (None, None)
        self._runs.clear()
        for series in self._series.values():
            series.clear()
        for chart in (self.rates, self.heat, self.clocks):
            chart.clear()
        self._show_legends((None,) * 4, None, None)
        self._show_heat_legends(None, None, None)
        self.bars.show_stages(None)
        self.latency.clear(text)
        self.scroll.go_live()

    # what comes in

    def add_samples(self, samples: "SampleArray") -> None:
        """Take samples, oldest first; they are drawn at the next tick."""
        if self._ring is None:
            from gui.chart_data import Columns, Ring

            self._ring, self._columns = Ring(), Columns()
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

    def since(self, begin_ns: int) -> "SampleArray | None":
        """Return the samples from a time of the phone's clock on; None before the first."""
        return None if self._ring is None else self._ring.since(begin_ns)

    @Slot(object, object)
    def show_rates(self, pipeline_fps: float, engine_fps: float) -> None:
        """Add one point to the frame rates."""
        now = self.now_ns()
        self._of("pipeline").add(now, pipeline_fps)
        self._of("engine").add(now, engine_fps)

    def show_usual_rates(self, pipeline_fps: float | None, engine_fps: float | None) -> None:
        """Name these beside the lines: the same figures as everywhere else in the window."""
        self._usual = (pipeline_fps, engine_fps)

    def show_stages(self, stages: Stages | None) -> None:
        """Show where the time between results goes."""
        if not self.scroll.paused:
            self.bars.show_stages(stages)

    def add_condition(
        self,
        clock_ns: int,
        celsius: float | None,
        cpu_khz: tuple[int, ...] | None,
        cpu_max_khz: tuple[int, ...] = (),
    ) -> None:
        """Add what the phone told: the battery's temperature, clocks and what they may be."""
        self._of("celsius").add(clock_ns, celsius)
        for name, khz in (("ghz", cpu_khz), ("allowed", cpu_max_khz)):
            self._of(name).add(clock_ns, max(khz) / 1e6 if khz else None)

    def show_run(self, marks: RunMarks) -> None:
        """Draw a run's marks over its samples; one that goes on is told again and again."""
        if self._runs and self._runs[-1].begin_ns == marks.begin_ns:
            self._runs.pop()
        self._runs.append(marks)
        del self._runs[:-MOST_RUNS]

    def _of(self, name: str) -> "Series":
        if name not in self._series:
            from gui.live.course_data import Series

            self._series[name] = Series()
        return self._series[name]

    # which stretch of time

    @Slot()
    def toggle(self) -> None:
        """Pause, or go live again."""
        if self.scroll.paused:
            self.scroll.go_live()
        elif self._ring is not None and len(self._ring):
            self.scroll.pause(self.now_ns())
            self.setFocus()

    def scroll_back(self, seconds: float) -> None:
        """Scroll back by so many seconds, forth below 0."""
        if self._ring is not None and len(self._ring):
            self.scroll.move(seconds, self.now_ns(), self._ring.oldest_ns)

    def _show_scroll(self) -> None:
        paused = self.scroll.paused
        self.pause_button.icon_name = "play" if paused else "pause"
        word = "Follow the present (Space)" if paused else "Pause the charts (Space)"
        self.pause_button.setToolTip(word)
        self.pause_button.setAccessibleName(word)
        self.pause_button.update()
        self.live_button.setVisible(paused)
        back = (self.now_ns() - (self.scroll.edge_ns or 0)) / 1e9 if paused else 0.0
        words = f"paused, {back:.0f} s ago" if back >= 1 else "paused"
        if self.named.currentWidget() is self.choice:  # where there is little room
            words = f"{MINUS}{back:.0f} s"
        self.state.setText(words if paused else "")
        if self.isVisible():
            self.redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll with the arrows, go live with End."""
        steps = {Qt.Key.Key_Left: STEP_S, Qt.Key.Key_Right: -STEP_S, Qt.Key.Key_PageUp: SECONDS}
        steps |= {Qt.Key.Key_PageDown: -SECONDS, Qt.Key.Key_Home: 1e6}
        key = Qt.Key(event.key())
        if key in steps:
            self.scroll_back(steps[key])
        elif key == Qt.Key.Key_End:
            self.scroll.go_live()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        self._drag = event.globalPosition().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the time axis."""
        if self._drag is not None:
            x = event.globalPosition().x()
            scale = SECONDS / max(1.0, self.latency.plot_width() / self.devicePixelRatioF())
            if abs(x - self._drag) >= 2:
                self.scroll_back((x - self._drag) * scale)
                self._drag = x

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """End dragging."""
        self._drag = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll with the wheel, sideways or up."""
        turn: QPointF = event.angleDelta().toPointF()
        self.scroll_back((turn.x() or turn.y()) / 120 * STEP_S / 2)

    # drawing

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Leave a choice between the charts where there is no room for all."""
        self._arrange()

    def _arrange(self) -> None:
        roomy = self.height() >= ROOMY
        self.named.setCurrentWidget(self.title if roomy else self.choice)
        self.state.setFixedWidth(14 * SPACE if roomy else 6 * SPACE)
        shown = VIEWS.index(self.choice.choice)
        for at, track in enumerate(self.tracks):
            track.setVisible(roomy or min(at, len(VIEWS) - 1) == shown)

    def showEvent(self, _event: QShowEvent) -> None:
        """Begin to draw."""
        self._timer.start()

    def hideEvent(self, _event: QHideEvent) -> None:
        """Stop drawing."""
        self._timer.stop()

    def _tick(self) -> None:
        if not self.scroll.paused:
            self.redraw()

    def redraw(self) -> None:
        """Draw 30 s: the last ones, or those that were scrolled to."""
        if self._ring is None or not len(self._ring):
            return
        edge = self.scroll.edge_ns or self.now_ns()
        self._draw_latency(edge)
        self._draw_rates(edge)
        self._draw_heat(edge)
        self._show_words(edge)

    def _draw_latency(self, edge: int) -> None:
        from gui.chart_data import axis_end, nice_top
        from gui.live.course_data import marks_of, stack_shapes

        if self._ring is None or self._columns is None:
            return
        columns = max(1, self.latency.plot_width() // 2)
        stack = self._columns.stack(self._ring, edge, seconds=SECONDS, columns=columns)
        if stack is None:
            self.latency.clear("No pictures in these 30 s")
            self._show_legends((None,) * 4, *self._usual)
            return
        marks = [mark for run in self._runs for mark in marks_of(run, edge)]
        shapes = stack_shapes(stack, [colour for _, colour in STAGE_COLOURS])
        self.latency.show_shapes(shapes, nice_top(axis_end(stack)), marks)
        latest = self._ring.between(edge - SECONDS * 1_000_000_000, edge + 1)[-16:]
        shown: tuple[float | None, ...] = (None,) * 4
        if len(latest):
            shown = tuple(float(latest[f"{name}_ns"].mean()) / 1e6 for name, _ in STAGE_COLOURS)
        self._show_legends(shown, *self._usual)

    def _draw_rates(self, edge: int) -> None:
        from gui.chart_data import nice_top

        pipeline = self._of("pipeline").ages(edge, SECONDS)
        engine = self._of("engine").ages(edge, SECONDS)
        if not self.rates.isVisible() or not len(pipeline):
            return
        slow, fast = float(pipeline[:, 1].max()), float(engine[:, 1].max())
        self._off_axis = fast > OFF_AXIS * slow > 0
        top = nice_top(1.1 * (slow if self._off_axis else max(slow, fast)))
        lines = (Shape("muted", [engine], dashed=True), Shape("accent", [pipeline]))
        self.rates.show_shapes(lines, top)

    def _draw_heat(self, edge: int) -> None:
        from gui.chart_data import nice_top

        if not self.heat.isVisible():
            return
        celsius, ghz, allowed = (self._of(name) for name in ("celsius", "ghz", "allowed"))
        self.heat.show_shapes((Shape("warn", [celsius.ages(edge, SECONDS)]),), self.heat.top)
        most = nice_top(max(ghz.most(), allowed.most(), 1.0))
        lines = (
            Shape("muted", [allowed.ages(edge, SECONDS)], dashed=True),
            Shape("accent", [ghz.ages(edge, SECONDS)]),
        )
        self.clocks.show_shapes(lines, most)
        self._show_heat_legends(celsius.last(edge), ghz.last(edge), allowed.last(edge))

    def _show_words(self, edge: int) -> None:
        words = WORDS
        if self.scroll.paused:
            words = clock_words(time.time() - (self.now_ns() - edge) / 1e9)
        self.latency.show_words(words)

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

    def _show_heat_legends(
        self, celsius: float | None, ghz: float | None, allowed: float | None
    ) -> None:
        self.heat_legend.show_entries([("battery", "warn", "line", _text(celsius, "°C"))])
        self.clocks_legend.show_entries(
            [
                ("allowed", "muted", "dash", _text(allowed, "GHz", 2)),
                ("fastest", "accent", "line", _text(ghz, "GHz", 2)),
            ]
        )


def _text(value: float | None, unit: str, digits: int = 1) -> str:
    if value is None:
        return NO_VALUE
    return f"{value:.0f} {unit}" if value >= 99.95 else f"{value:.{digits}f} {unit}"
