"""Measures the live charts: one update against plain pyqtgraph, and all beside the mirror.

``update`` is 10,000 samples in a chart of 480x220, a tenth of a second of them new, from figures
to paint: ``lab`` is the time per picture with its four stages stacked, warm-up and median marked
(what was drawn before is not reduced anew), ``line`` is one line in the lab's chart;
``plain`` is pyqtgraph with one line of as many points, ``alike`` with four lines. The goal is
0.4 of ``plain`` for ``line``: one line against one line.

``beside`` is all live charts drawn ten times a second, by CPU per frame of a mirror of 60
frames a second (decoded, scaled and painted as ``mirror.py`` does); the goal is 8 %. Each
part's contestants take turns in one process, so that what else runs touches all alike. Prints
one JSON object of median CPU times. pyqtgraph is no part of the lab; without it ``update`` has
no rival. Put it where Python finds it, for instance

    python -m pip install --target /tmp/rival --no-deps pyqtgraph colorama
    PYTHONPATH=/tmp/rival python tests/benchmarks/live_charts.py [--rounds 25]
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

import mirror  # noqa: E402
import numpy as np  # noqa: E402
from PySide6.QtGui import QImage  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from engine.link.messages import SAMPLE_DTYPE  # noqa: E402
from engine.mirror.decoder import fit  # noqa: E402
from gui.chart import Chart, Shape  # noqa: E402
from gui.chart_data import Columns, Ring  # noqa: E402
from gui.live.values import Level, RunMarks, Stages  # noqa: E402
from gui.live_charts import LiveCharts  # noqa: E402
from gui.theme import Theme  # noqa: E402

POINTS, SIZE = 10_000, (480, 220)
CARD = (700, 530)
"""The card of the charts in a window of 1600x1000."""
CHARTS_HZ, MIRROR_HZ, SPAN_S = 10, 60, 30
VIDEO, SHOWN, SECONDS = (1080, 2336), (486, 1052), 3
UPDATE_GOAL, BESIDE_GOAL = 0.4, 0.08

Update = Callable[[], object]


def samples(count: int, now_ns: int) -> np.ndarray:
    """Return samples of the last 30 s."""
    random = np.random.default_rng(1)
    made = np.zeros(count, SAMPLE_DTYPE)
    made["finished_ns"] = now_ns - np.linspace(29.9e9, 0, count).astype(np.int64)
    for stage, ms in (("convert", 3.1), ("infer", 12.4), ("post", 0.8), ("draw", 2.2)):
        made[f"{stage}_ns"] = (ms * 1e6 * random.normal(1, 0.1, count)).clip(1e5).astype(np.uint64)
    return made


def make_charts(app: QApplication, count: int) -> LiveCharts:
    """Return all charts with 30 s of everything in them, and a run marked."""
    charts = LiveCharts(Theme(app, "light"))
    charts._timer.setInterval(10**8)  # here it is drawn when it is asked for
    charts.resize(*CARD)
    charts.show()
    app.processEvents()
    now = time.monotonic_ns()
    charts.add_samples(samples(count, now))
    for second in range(60):
        at = charts.now_ns() - second * 500_000_000
        charts.add_condition(at, 31.0, (652_800, 2_016_000), (2_016_000,))
        charts._of("pipeline").add(at, 24.0)
        charts._of("engine").add(at, 80.0)
    charts.show_stages(Stages({"infer": 12.4, "camera": 20.0, "convert": 3.1, "draw": 2.2}))
    begin = charts.now_ns() - 20_000_000_000
    level = Level(begin + 10**9, None, 12.4, (12.3, 12.5))
    charts.show_run(RunMarks(begin, begin + 10**9, None, (level,)))
    return charts


def lab(app: QApplication) -> Update:
    """Return how the lab's chart takes 10,000 samples and paints them."""
    charts = make_charts(app, POINTS)
    chart = charts.latency
    chart.setParent(None)
    chart.resize(*SIZE)
    chart.show()
    app.processEvents()
    fresh = samples(POINTS, charts.now_ns())[-POINTS // SPAN_S // CHARTS_HZ :]

    def update() -> None:
        now = charts.now_ns()
        fresh["finished_ns"] += np.uint64(now - int(fresh["finished_ns"][-1]))
        charts.add_samples(fresh)
        charts._draw_latency(now)
        chart.repaint()

    return update


def line(app: QApplication) -> Update:
    """Return how the lab's chart takes 10,000 samples as one line and paints it."""
    chart = Chart(Theme(app, "light"), top=30)
    chart.resize(*SIZE)
    chart.show()
    app.processEvents()
    ring, columns = Ring(), Columns()
    ring.append(samples(POINTS, time.monotonic_ns()))
    fresh = ring.between(0, 2**63)[-POINTS // SPAN_S // CHARTS_HZ :].copy()

    def update() -> None:
        now = time.monotonic_ns()
        fresh["finished_ns"] += np.uint64(now - int(fresh["finished_ns"][-1]))
        ring.append(fresh)
        wide = chart.plot_width() // 2
        stack = columns.stack(ring, now, seconds=SPAN_S, columns=wide)
        points = np.stack((stack.age_s, stack.edges_ms[0]), 1)
        chart.show_shapes((Shape("accent", [points]),), 30)
        chart.repaint()

    return update


def rival(lines: int) -> Update:
    """Return how pyqtgraph takes as many points, once or four times, and paints them."""
    import pyqtgraph

    plot = pyqtgraph.PlotWidget()
    plot.resize(*SIZE)
    plot.setRange(xRange=(-30, 0), yRange=(0, 30), disableAutoRange=True)
    curves = [plot.plot() for _ in range(lines)]
    plot.show()
    random = np.random.default_rng(1)
    x, y = np.linspace(-30, 0, POINTS), random.normal(12.4, 1.2, POINTS)

    def update() -> None:
        for number, curve in enumerate(curves):
            curve.setData(x, y + 3 * number)
        plot.viewport().repaint()

    return update


def take_turns(updates: dict[str, Update], rounds: int, app: QApplication) -> dict[str, list]:
    """Return the CPU ms of each, in rounds."""
    times: dict[str, list[float]] = {name: [] for name in updates}
    for turn in range(rounds + 2):
        for name in sorted(updates, reverse=bool(turn % 2)):
            begin = time.process_time()
            updates[name]()
            if turn >= 2:  # the first ones fill caches
                times[name].append(1000 * (time.process_time() - begin))
            app.processEvents()
    return times


def ratio(times: dict[str, list[float]], one: str, other: str) -> float:
    """Return the median ratio of two that took turns."""
    return round(statistics.median(a / b for a, b in zip(times[one], times[other], strict=True)), 3)


def measure_update(app: QApplication, rounds: int) -> dict[str, object]:
    """Compare one update."""
    updates = {"lab": lab(app), "line": line(app)}
    try:
        updates |= {"plain": rival(1), "alike": rival(4)}
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}: see the head of this file for how to install it aside.\n")
    times = take_turns(updates, rounds, app)
    told: dict[str, object] = {
        "points": POINTS,
        "cpu_ms": {name: round(statistics.median(each), 2) for name, each in times.items()},
    }
    if "plain" in updates:
        for ours, theirs in (("line", "plain"), ("lab", "plain"), ("lab", "alike")):
            told[f"ratio_{ours}_to_{theirs}"] = ratio(times, ours, theirs)
    return told | {"goal_ratio_line_to_plain": UPDATE_GOAL}


def measure_beside(app: QApplication, rounds: int) -> dict[str, object]:
    """Compare all charts at 10 Hz with the mirror at 60 Hz."""
    charts = make_charts(app, 900)

    def draw() -> None:
        charts.redraw()
        app.processEvents()

    shares, drawn, mirrored = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.h264"
        mirror.make_clip(path, VIDEO, SECONDS)
        stream, target = mirror.read_stream(path), fit(VIDEO, SHOWN)
        window = QImage(*target, QImage.Format.Format_RGB32)
        for _ in range(rounds):
            cpu, count = mirror.run_ours(stream, target, window)
            frame = 1000 * cpu / count
            redraw = statistics.median(take_turns({"lab": draw}, 20, app)["lab"])
            drawn.append(redraw)
            mirrored.append(frame)
            shares.append(redraw * CHARTS_HZ / MIRROR_HZ / frame)
    return {
        "mirror_cpu_ms_per_frame": round(statistics.median(mirrored), 2),
        "redraw_of_all_cpu_ms": round(statistics.median(drawn), 2),
        "added_per_frame": round(statistics.median(shares), 3),
        "goal": BESIDE_GOAL,
    }


def main() -> int:
    """Measure both and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    report = {
        "update": measure_update(app, options.rounds),
        "beside": measure_beside(app, max(3, options.rounds // 5)),
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
