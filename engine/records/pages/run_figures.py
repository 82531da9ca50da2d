"""The charts of one run, all on the run's own time axis."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.measuring.analysis import Analysis, Part
from engine.measuring.conditions import Condition, conditions
from engine.records.document.charts import (
    Band,
    Bar,
    Curve,
    Mark,
    bar_chart,
    histogram,
    line_chart,
)
from engine.records.document.content import Figure
from engine.records.pages.words import DOT, count, ms, with_unit
from engine.records.values import RunRecord

TIME = "time in the run, s"
THERMAL = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
LEAST_C = 4.0
"""A temperature axis spans at least so many degrees."""
FAR = 1.6
"""How far above the 99th percentile the latency axis goes at most."""

Values = NDArray[np.float64]


class RunFigures:
    """Draws one run; time 0 is when its first picture was taken."""

    def __init__(self, record: RunRecord) -> None:
        """Take a run of at least one sample."""
        self._analysis = record.analysis
        self._samples = record.samples
        self._begin_ns = int(record.samples["captured_ns"][0])
        finished = record.samples["finished_ns"].astype(np.int64)
        self.finished_s: Values = (finished - self._begin_ns) / 1e9
        self.latency_ms: Values = record.samples["infer_ns"] / 1e6
        told = conditions(record.health, record.readings)
        self.conditions = tuple(each for each in told if each.clock_ns >= self._begin_ns - 2e9)
        self._range = (0.0, float(self.finished_s.max()) or 1.0)

    def latency(self) -> Figure:
        """Latency over time, what is left out hatched, what heat slowed down tinted."""
        marks = [
            Mark(
                part.summary.median_ms,
                f"median {ms(part.summary.median_ms, part.summary.interval_ms)} ms",
                part.summary.interval_ms,
                (self.second(part.begin), self.second(part.end - 1)),
            )
            for part in self._analysis.parts
        ]
        top = float(np.quantile(self.latency_ms, 0.99)) * FAR
        high = float(self.latency_ms.max())
        beyond = int(np.count_nonzero(self.latency_ms > top))
        drawing = line_chart(
            [Curve(self.finished_s, self.latency_ms, width=0.9)],
            x_label=TIME,
            y_label="latency, ms",
            x_range=self._range,
            y_range=(0.0, max(min(top, high * 1.06), 1e-6)),
            bands=self._bands(),
            marks=marks,
            title="Latency of each inference over the time of the run",
            height=240.0,
        )
        note = "Each inference, in the order in which it was measured."
        if beyond and high > top:
            note += f" {count(beyond)} above the edge, the slowest {ms(high)} ms."
        return Figure(drawing, "Latency over time", note)

    def second(self, index: int) -> float:
        """Return when a sample was finished, in seconds of the run."""
        return float(self.finished_s[index])

    def conditions_over_time(self) -> tuple[Figure, ...]:
        """Temperature, clocks and thermal status as far as the phone told them."""
        temperature, clocks, thermal = self._temperature(), self._clocks(), self._thermal()
        found = (
            ("Battery temperature", "battery, °C", temperature, _at_least(temperature, LEAST_C)),
            ("Processor clocks", "clock, GHz", clocks, None),
            ("Thermal status", "Android's 0 to 6", thermal, (0.0, 6.0)),
        )
        figures = []
        for title, label, curves, y_range in found:
            if not curves:
                continue
            drawing = line_chart(
                curves,
                x_label=TIME,
                y_label=label,
                x_range=self._range,
                y_range=y_range,
                bands=self._bands(texts=False),
                title=f"{title} over the time of the run",
                height=140.0,
                zero=True,
            )
            figures.append(Figure(drawing, title))
        return tuple(figures)

    def distribution(self, part: Part) -> Figure:
        """How often which latency occurred in one part."""
        summary = part.summary
        marks = [
            Mark(
                summary.median_ms,
                f"median {ms(summary.median_ms, summary.interval_ms)} ms",
                summary.interval_ms,
            )
        ]
        marks += [
            Mark(each.value_ms, f"p{100 * each.q:g} {ms(each.value_ms, each.interval_ms)} ms")
            for each in summary.percentiles
            if each.earned
        ]
        values = self.latency_ms[part.begin : part.end]
        where = " before the phone slowed down" if self._analysis.throttling else ""
        return Figure(
            histogram(values, x_label="latency, ms", marks=marks, title="How often which latency"),
            "Distribution of latency",
            f"{count(summary.count)} inferences{where}, warm-up left out; the tint is the 95 % "
            "interval of the median.",
        )

    def _bands(self, *, texts: bool = True) -> list[Band]:
        warm_up, throttling = self._analysis.warm_up.count, self._analysis.throttling
        bands = []
        if warm_up:
            left_out = f"warm-up{DOT}{count(warm_up)} left out" if texts else ""
            bands.append(Band(0.0, self.second(warm_up - 1), left_out, hatched=True))
        if throttling:
            at = max(0.0, (throttling.at_ns - self._begin_ns) / 1e9)
            bands.append(Band(at, self._range[1], "slowed down by heat" if texts else ""))
        return bands

    def _temperature(self) -> list[Curve]:
        curve = self._told(lambda each: each.battery_c, "", "heat")
        return [curve] if curve else []

    def _clocks(self) -> list[Curve]:
        found = (
            self._told(lambda each: _ghz(max(each.cpu_khz, default=0)), "fastest core", "clock"),
            self._told(lambda each: _ghz(min(each.cpu_khz, default=0)), "slowest core", "faint"),
            self._told(
                lambda each: _ghz(max(each.cpu_max_khz, default=0)), "allowed at most", "muted"
            ),
        )
        return [each for each in found if each]

    def _thermal(self) -> list[Curve]:
        curve = self._told(
            lambda each: None if each.thermal is None else float(each.thermal), "", "fail"
        )
        return [curve] if curve and curve.y.max() > 0 else []

    def _told(
        self, pick: Callable[[Condition], float | None], name: str, colour: str
    ) -> Curve | None:
        """Return what the phone told as a line; None where it told it less than twice."""
        pairs = [
            ((each.clock_ns - self._begin_ns) / 1e9, value)
            for each in self.conditions
            if (value := pick(each)) is not None
        ]
        if len(pairs) < 2:
            return None
        x, y = np.array(pairs, np.float64).T
        return Curve(x, y, name, colour, width=1.6, steps=True)


def stage_figure(rows: Sequence[tuple[str, Analysis]]) -> Figure | None:
    """Where the time between results goes, one bar per run; None where nothing is known."""
    bars = []
    for name, analysis in rows:
        summary = analysis.summary
        if summary is None or not summary.gap_ms or summary.pipeline_fps is None:
            continue
        period = 1000 / summary.pipeline_fps
        gap = {part: max(0.0, value) for part, value in summary.gap_ms.items()}
        infer = max(0.0, period - sum(summary.gap_ms.values()))
        parts = [("camera", gap["camera"]), ("convert", gap["convert"]), ("infer", infer)]
        parts += [(part, gap[part]) for part in ("post", "draw", "waiting")]
        coloured = tuple((part, value, part) for part, value in parts)
        bars.append(Bar(name, coloured, f"{ms(period)} ms"))
    if not bars:
        return None
    return Figure(
        bar_chart(bars, x_label="mean time between two results, ms", title="Stages of a result"),
        "Where the time between two results goes",
        "Means, because only they add up. The rest is the gap between the model alone and the "
        "app: waiting for the camera, preparing the picture, reading the answer, drawing.",
    )


def heat_words(told: Sequence[Condition]) -> list[tuple[str, str]]:
    """Return in words how the phone was at the run's begin and end."""
    rows: list[tuple[str, str]] = []
    temperatures = [each.battery_c for each in told if each.battery_c is not None]
    charges = [each.battery_percent for each in told if each.battery_percent is not None]
    for name, values, unit, decimals in (
        ("Battery temperature", temperatures, "°C", 1),
        ("Battery charge", charges, "%", 0),
    ):
        words = [with_unit(value, unit, decimals) for value in (*values[:1], *values[-1:])]
        if words:
            first, last = words
            text = f"{first} throughout" if first == last else f"{first} at first, {last} at last"
            rows.append((name, text))
    charging = {each.charging for each in told if each.charging is not None}
    if charging:
        text = "at times" if len(charging) == 2 else "yes" if charging == {True} else "no"
        rows.append(("Charging", text))
    statuses = [each.thermal for each in told if each.thermal is not None]
    if statuses:
        rows.append(("Thermal status", f"{THERMAL[max(statuses)]} at worst (Android's own)"))
    return rows


def _at_least(curves: Sequence[Curve], span: float) -> tuple[float, float] | None:
    """Return a range around curves that makes no mountain of a tenth of a degree."""
    if not curves:
        return None
    low = min(float(each.y.min()) for each in curves)
    high = max(float(each.y.max()) for each in curves)
    room = max(span - (high - low), (high - low) / 8) / 2
    return low - room, high + room


def _ghz(khz: int) -> float | None:
    return khz / 1e6 if khz else None
