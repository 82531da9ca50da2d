"""Measures an update of the Compare view's scatter with 10,000 marks against plain pyqtgraph.

An update is new figures until they are painted. ``lab`` is the widget of the view with 16
kinds of marks; ``plain`` is pyqtgraph's ``ScatterPlotItem`` with one kind, which is its
fastest, and ``alike`` the same item with 16 kinds. All have axes that stand still. They
alternate in one process, so that what else runs on the computer touches all alike. Prints one
JSON object: median CPU times and the median ratios of ``lab`` to the others; the goal is 0.4
of ``plain``. pyqtgraph is no part of the lab: put it where Python finds it, for instance

    python -m pip install --target /tmp/rival --no-deps pyqtgraph colorama
    PYTHONPATH=/tmp/rival python tests/benchmarks/scatter.py [--rounds 25]
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtWidgets import QApplication

MARKS = 10_000
SIZE = (980, 640)
ALPHAS, SIDES = (1.0, 0.75, 0.5, 0.25), (224, 192, 160, 128)
SYMBOLS = ("o", "s", "t", "d")
COLOURS = ("#D55E00", "#E69F00", "#009E73", "#CC79A7")
GOAL = 0.4

Update = Callable[[np.ndarray, np.ndarray], None]


def lab(app: QApplication) -> Update:
    """Return how the lab's widget takes new figures and paints them."""
    from gui.compare.axes import Axis
    from gui.compare.scatter import Scatter
    from gui.compare.scene import Look, Scene
    from gui.theme import Theme

    widget = Scatter(Theme(app, "light"))
    widget.resize(*SIZE)
    widget.show()
    looks = tuple(Look(alpha, side, "int8") for alpha in ALPHAS for side in SIDES)
    look = np.arange(MARKS) % len(looks)
    names = [str(number) for number in range(MARKS)]
    axes = {"x_axis": Axis("Latency, ms", 0.0, 1.0), "y_axis": Axis("Top-1, %", 0.0, 1.0)}

    def update(x: np.ndarray, y: np.ndarray) -> None:
        widget.show_scene(Scene(x, y, look, looks, names, names, **axes))
        widget.repaint()

    return update


def rival(*, kinds: bool) -> Update:
    """Return how pyqtgraph's item takes new figures and paints them."""
    import pyqtgraph

    plot = pyqtgraph.PlotWidget()
    plot.resize(*SIZE)
    item = pyqtgraph.ScatterPlotItem(size=13)
    plot.addItem(item)
    plot.setRange(xRange=(0, 1), yRange=(0, 1), disableAutoRange=True)
    plot.show()
    more = {}
    if kinds:
        brushes = [pyqtgraph.mkBrush(colour) for colour in COLOURS]
        more = {
            "symbol": [SYMBOLS[number % 4] for number in range(MARKS)],
            "brush": [brushes[number // 4 % 4] for number in range(MARKS)],
        }

    def update(x: np.ndarray, y: np.ndarray) -> None:
        item.setData(x, y, **more)
        plot.viewport().repaint()

    return update


def main() -> int:
    """Alternate them and print what they cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    try:
        updates = {"lab": lab(app), "plain": rival(kinds=False), "alike": rival(kinds=True)}
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}: see the head of this file for how to install it aside.\n")
        return 2
    random = np.random.default_rng(1)
    times: dict[str, list[float]] = {name: [] for name in updates}
    for turn in range(options.rounds + 2):
        x, y = random.random(MARKS), random.random(MARKS)
        for name in sorted(updates, reverse=bool(turn % 2)):
            begin = time.process_time()
            updates[name](x, y)
            if turn >= 2:  # the first ones fill caches
                times[name].append(1000 * (time.process_time() - begin))
            app.processEvents()
    ratios = {
        name: statistics.median(a / b for a, b in zip(times["lab"], times[name], strict=True))
        for name in ("plain", "alike")
    }
    report = {
        "marks": MARKS,
        "rounds": options.rounds,
        "cpu_ms": {name: round(statistics.median(each), 2) for name, each in times.items()},
        "ratio_to_plain": round(ratios["plain"], 3),
        "ratio_to_alike": round(ratios["alike"], 3),
        "goal_ratio_to_plain": GOAL,
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
