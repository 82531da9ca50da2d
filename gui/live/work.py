"""What the Live view's jobs do, each on a thread of its own; heavy imports happen here."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from engine.jobs import CancelToken, Report
from gui.live.plan import RunPlan
from gui.live.values import Caution, Figure, Heat, Level, Line, RunMarks, RunView, Stages
from gui.theme import NO_VALUE

if TYPE_CHECKING:
    from engine.measuring.preparation import MeasureOptions
    from engine.measuring.statistics import Percentile, Summary
    from engine.records.database import Database
    from engine.records.values import RunRecord

LATENCY = "Interpreter.run alone, on the phone's own clock"
SURE = "with its 95 % interval by order statistics"
ENDS = {
    "cancelled": "stopped early",
    "link lost": "the link was lost",
    "model changed": "the model changed",
}


def measure_options(plan: RunPlan, skip: threading.Event | None = None) -> "MeasureOptions":
    """Return what a plan means to the engine; ``skip`` ends the waiting for a temperature."""
    from engine.measuring.preparation import MeasureOptions
    from engine.measuring.presets import PRESETS, sustained

    preset = PRESETS.get(plan.preset)
    if plan.preset == "sustained":
        preset = sustained(plan.minutes)
    return MeasureOptions(
        seconds=plan.seconds, preset=preset, start_c=plan.start_c, skip_gate=skip, note=plan.note
    )


def write_report_of(database: "Database", run_id: int, report: Report, cancel: CancelToken) -> Path:
    """Write a run's report where the lab keeps its own, and return where.

    Raises:
        LabError: It cannot be written.
    """
    from engine.paths import data_dir
    from engine.records.report import ReportOf, write_report

    folder = data_dir() / "reports"
    (path,) = write_report(ReportOf.run(run_id), database, folder, report=report, cancel=cancel)
    return path


def look_at(record: "RunRecord") -> RunView:
    """Return a run as it is shown in place."""
    from gui.history.work import curve_of

    row, summary = record.row, record.summary
    return RunView(
        run_id=row.id,
        said=_said(record),
        valid=row.valid,
        verdict=_verdict(record),
        figures=_figures(record),
        warnings=_warnings(record),
        stages=None if summary is None else stages_of(summary),
        curve=curve_of(record),
        heat=_heat(record),
        marks=_marks(record),
    )


def stages_of(summary: "Summary") -> Stages | None:
    """Return where the time between results goes; None where there is no result to compare."""
    if not summary.gap_ms:
        return None
    return Stages({"infer": summary.mean_ms, **summary.gap_ms})


def _said(record: "RunRecord") -> str:
    facts = record.row.facts
    threads = f"{facts.threads} thread{'s' * (facts.threads != 1)}"
    took = f"{_span_s(record):.0f} s"
    parts = (facts.name, facts.preset, took, facts.delegate_applied, threads, facts.note)
    return " · ".join(part for part in parts if part)


def _verdict(record: "RunRecord") -> str:
    row = record.row
    if row.valid:
        return "valid"
    return ENDS.get(row.end.value, "not ranked")


def _span_s(record: "RunRecord") -> float:
    finished = record.samples["finished_ns"]
    return float(int(finished[-1]) - int(finished[0])) / 1e9 if len(finished) else 0.0


def _figures(record: "RunRecord") -> tuple[Figure, ...]:
    facts, summary = record.row.facts, record.summary
    begin = (
        Figure("init", f"{facts.load_ms:.1f} ms", "model loaded", "Until the model was ready"),
        Figure("first inference", f"{facts.first_ms:.1f} ms", "apart", "Before the warm-up"),
        *_cost(record),
    )
    if summary is None:
        return (Figure("median latency", NO_VALUE, "no sample counted", LATENCY), *begin)
    return (*_latency(summary), *_rates(summary), *_course(record, summary), *begin)


def _latency(summary: "Summary") -> list[Figure]:
    sure = "no interval" if summary.interval_ms is None else _between(summary.interval_ms)
    middle = Figure("median latency", _ms(summary.median_ms), sure, f"{LATENCY}; {SURE}")
    return [middle, *(_percentile(each) for each in summary.percentiles)]


def _percentile(each: "Percentile") -> Figure:
    name, tip = f"p{100 * each.q:g}", f"{100 * each.q:g} % of inferences are faster; {SURE}"
    if each.interval_ms is None:
        return Figure(name, NO_VALUE, f"needs n \N{GREATER-THAN OR EQUAL TO} {each.needed}", tip)
    return Figure(name, _ms(each.value_ms), _between(each.interval_ms), tip)


def _rates(summary: "Summary") -> list[Figure]:
    return [
        Figure("engine", _fps(summary.engine_fps), "model alone", "1000 / median latency in ms"),
        Figure("pipeline", _fps(summary.pipeline_fps), "with the camera", "Results per second"),
        Figure(
            "frame time p95",
            NO_VALUE if summary.frame_p95_ms is None else _ms(summary.frame_p95_ms),
            "between results",
            "19 of 20 results come sooner after the one before",
        ),
        Figure(
            "low 1 %",
            _fps(summary.low_1_fps),
            "slowest frames",
            "Frames per second over the slowest 1 % of frames",
        ),
    ]


def _course(record: "RunRecord", summary: "Summary") -> list[Figure]:
    warm_up, analysis = record.analysis.warm_up, record.analysis
    rest = f"{warm_up.seconds:.1f} s, left out" if warm_up.settled else "never came to rest"
    far = summary.outliers
    figures = [
        Figure("warm-up", _count(warm_up.count), rest, "Found in the run; counted nowhere"),
        Figure("steady", _count(summary.count), _part_s(record, 0), "What the figures are of"),
        Figure("outliers", _count(far), "kept and counted", "Over 14.8 median deviations off"),
    ]
    later = [part for part in analysis.parts[1:] if part.name == "throttled"]
    for part in later:
        tip = "Median latency after heat slowed the phone down; it is in no other figure"
        note = f"median, {_count(part.summary.count)}"
        figures.append(Figure("then, by heat", _ms(part.summary.median_ms), note, tip))
    return figures


def _part_s(record: "RunRecord", number: int) -> str:
    part = record.analysis.parts[number]
    finished = record.samples["finished_ns"][part.begin : part.end]
    return f"{(int(finished[-1]) - int(finished[0])) / 1e9:.1f} s"


def _cost(record: "RunRecord") -> list[Figure]:
    from engine.measuring.heat import heat_of

    cost = heat_of(record.readings, record.health).cost
    if cost is None:
        return []
    tip = "What the phone spent on telling its temperature and clocks, once per second"
    return [Figure("reading cost", f"{100 * cost:.1f} %", "of one core", tip)]


def _warnings(record: "RunRecord") -> tuple[Caution, ...]:
    from engine.records.telling import EXPLAINED

    told = [Caution(str(flag), EXPLAINED[flag], flag.invalidates) for flag in record.row.flags]
    throttling, summary = record.analysis.throttling, record.summary
    if throttling is not None:
        after = (throttling.at_ns - int(record.samples["captured_ns"][0])) / 1e9
        means = "; ".join(throttling.reasons)
        told.append(Caution(f"split after {max(0.0, after):.0f} s", f"{means}.", against=False))
    if summary is not None and summary.unstable:
        told.append(Caution("in words", summary.unstable, against=False))
    return tuple(told)


def _heat(record: "RunRecord") -> Heat | None:
    from engine.measuring.conditions import conditions

    if not len(record.samples):
        return None
    begin_ns = int(record.samples["captured_ns"][0])
    known = conditions(record.health, record.readings)
    if not known:
        return None

    def line(points: list[tuple[int, float | None]]) -> Line:
        import numpy as np

        told = [(max(0.0, (at - begin_ns) / 1e9), value) for at, value in points if value]
        return Line(*np.array(told, float).reshape(-1, 2).T)

    return Heat(
        line([(each.clock_ns, each.battery_c) for each in known]),
        line([(each.clock_ns, max(each.cpu_khz, default=0) / 1e6) for each in known]),
        line([(each.clock_ns, max(each.cpu_max_khz, default=0) / 1e6) for each in known]),
    )


def _marks(record: "RunRecord") -> RunMarks | None:
    samples, analysis = record.samples, record.analysis
    if not len(samples):
        return None
    finished = samples["finished_ns"]
    count, throttling = analysis.warm_up.count, analysis.throttling
    begin_ns = int(samples["captured_ns"][0])
    return RunMarks(
        begin_ns=begin_ns,
        steady_ns=int(finished[count - 1]) if count else begin_ns,
        end_ns=int(finished[-1]),
        levels=tuple(
            Level(
                int(finished[part.begin]),
                int(finished[part.end - 1]),
                part.summary.median_ms,
                part.summary.interval_ms,
            )
            for part in analysis.parts
        ),
        slow_ns=None if throttling is None else throttling.at_ns,
    )


def _ms(value: float) -> str:
    digits = 2 if value < 100 else 1 if value < 1000 else 0
    return f"{value:.{digits}f} ms"


def _between(interval: tuple[float, float]) -> str:
    digits = 2 if interval[1] < 100 else 1
    return f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}"


def _fps(value: float | None) -> str:
    if value is None:
        return NO_VALUE
    return f"{value:.0f} fps" if value >= 99.95 else f"{value:.1f} fps"


def _count(number: int) -> str:
    return f"n\N{NO-BREAK SPACE}{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
