"""How smooth the window stays while it retrains with a virtual phone mirrored in it.

Run it by hand, on a display or under Xvfb: ``python tests/benchmarks/retraining_window.py PICTURES
WEIGHTS.tflite [--fine-tune BLOCKS]``. A timer of the window's thread is due every 10 ms; printed
is the longest time between two of its ticks, in ms, for each step, and the 99.9th percentile of
all, first ``at rest`` (the mirror alone), then looking at the pictures, retraining, and retraining
again after ten pictures got another class; and how long these took, in seconds.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

TICK_MS = 10
REST_S = 5.0
MOST_S = 900.0
RELABELLED = 10


class Heartbeat:
    """Notes the time between ticks of the window's thread, by what is being done."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.doing = "opening"
        self.gaps: dict[str, list[float]] = {}
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.setdefault(self.doing, []).append(1000 * (now - self._last))
        self._last = now

    def said(self, prefix: str) -> dict[str, object]:
        """Return the longest gap of each step, and of all the 99.9th percentile."""
        found = {name: row for name, row in self.gaps.items() if name.startswith(prefix)}
        every = sorted(gap for row in found.values() for gap in row)
        return {
            "longest_ms": {name: round(max(row)) for name, row in found.items()},
            "p99_9_ms": round(every[int(0.999 * (len(every) - 1))]),
        }


def run(options: argparse.Namespace) -> dict[str, object]:  # noqa: PLR0915 - one walk through
    """Open the window and do it all."""
    from PySide6.QtTest import QTest

    from engine.settings import load_settings
    from gui.app import compose, make_app
    from gui.options import Options

    app = make_app()
    parts = compose(app, Options(demo=True, theme="light"), load_settings().settings)
    window, training = parts.window, parts.lab.training
    heart = Heartbeat()
    window.resize(1600, 1000)
    window.show()
    parts.lab.start()

    def wait(until: object) -> float:
        begun = time.perf_counter()
        while not until():
            QTest.qWait(5)
            if time.perf_counter() - begun > MOST_S:
                raise TimeoutError(heart.doing)
        return time.perf_counter() - begun

    wait(lambda: window.mirror_view.state == "live")
    window.side_bar.choose("train")
    QTest.qWait(3000)
    heart.doing = "at rest"
    QTest.qWait(int(1000 * REST_S))
    ended: list[object] = []
    training.pictures.looked.connect(ended.append)
    training.trained.connect(ended.append)
    seconds = {}
    heart.doing = "look"
    training.pictures.look(options.pictures)
    seconds["look"] = wait(lambda: len(ended) == 1)
    training.take_file(options.weights)
    wait(lambda: training.view.train.wish().weights == options.weights)
    show = training.view.train.show_progress
    turn = ["first"]

    def note(progress: object) -> None:
        heart.doing = f"{turn[0]} {progress.step}"
        show(progress)

    training.view.train.show_progress = note
    wish = training.view.train.wish()
    if options.fine_tune:
        wish = wish._replace(blocks=options.fine_tune)
    training.train(wish)
    seconds["retrain"] = wait(lambda: len(ended) == 2)
    said = ended[1].result.result.title if ended[1].result else ended[1].message
    QTest.qWait(1000)
    turn[0], heart.doing = "again", "again look"
    found = training.pictures.found
    wrong = [each.path for each in found.dataset.pictures if each.label == 0][:RELABELLED]
    window.train_view.corrections.relabel(wrong, found.dataset.classes[-1])
    training.train(wish._replace(blocks=0) if options.fine_tune else wish)
    seconds["again"] = wait(lambda: len(ended) == 3)
    QTest.qWait(500)
    window.hide()
    parts.controller.stop()
    training.stop()
    return {
        "said": said,
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "at rest": heart.said("at rest"),
        "look": heart.said("look"),
        "retrain": heart.said("first"),
        "again": heart.said("again"),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("pictures", type=Path, metavar="PICTURES")
    parser.add_argument("weights", type=Path, metavar="WEIGHTS.tflite")
    parser.add_argument("--fine-tune", type=int, default=0, metavar="BLOCKS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["MOBILENET_LAB_HOME"] = home
        sys.stdout.write(json.dumps(run(options), indent=2) + "\n")


if __name__ == "__main__":
    main()
