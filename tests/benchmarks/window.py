"""Measures the lab's window against a bare Qt window, from start to paint.

``bare`` is an empty Qt window; ``first`` is the lab's window painted first, with the outlines
of its content; ``whole`` is the same window once all of its content was painted. They are
child processes that alternate, so that what else runs on the computer touches all alike.
Prints one JSON object: medians of CPU and wall time, and the median ratios to ``bare``; the
goal is 1.2 for ``first``. Run it as

    python tests/benchmarks/window.py [--rounds 15] [--platform offscreen]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BARE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

class Window(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, app.quit)

app = QApplication(sys.argv)
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""

LAB = """
import sys
sys.path.insert(0, {root!r})
from gui.app import make_app
from engine.settings import load_settings
settings = load_settings().settings
app = make_app()
from PySide6.QtCore import QTimer
from gui.first_frame import FirstFrame
frame = FirstFrame(settings.theme, settings.window_geometry)
frame.painted.connect(lambda: QTimer.singleShot(0, {then}))
{fill}
frame.show()
app.exec()
heavy = [name for name in ("numpy", "av", "cv2", "adbutils") if name in sys.modules]
if heavy:
    sys.exit("loaded before the first paint: " + ", ".join(heavy))
"""

FILL = """
from gui.options import Options
def fill():
    from gui.app import compose
    parts = compose(app, Options(), settings)
    parts.window.shown_first.connect(lambda: QTimer.singleShot(0, app.quit))
    frame.hold(parts.window)
"""

TAIL = """
import os, resource
sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_utime
                     + resource.getrusage(resource.RUSAGE_SELF).ru_stime))
sys.stdout.flush()
os._exit(0)
"""


def run_once(program: str, environment: dict[str, str]) -> tuple[float, float]:
    """Start a child; return its CPU and wall seconds until its first paint."""
    begin = time.perf_counter()
    child = subprocess.run(
        [sys.executable, "-c", program + TAIL],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    wall = time.perf_counter() - begin
    if child.returncode:
        raise SystemExit(child.stderr)
    return float(child.stdout), wall


def main() -> int:
    """Alternate them and print what they cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--platform", default="", help="Qt platform; the session's own if empty")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "MOBILENET_LAB_HOME": home}
        if options.platform:
            environment["QT_QPA_PLATFORM"] = options.platform
        programs = {
            "bare": BARE,
            "first": LAB.format(root=str(ROOT), then="app.quit", fill=""),
            "whole": LAB.format(root=str(ROOT), then="fill", fill=FILL),
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
        for program in programs.values():  # once uncounted: fills the file caches
            run_once(program, environment)
        for turn in range(options.rounds):
            order = list(programs) if turn % 2 else list(reversed(list(programs)))
            for name in order:
                times[name].append(run_once(programs[name], environment))
    report: dict[str, object] = {"rounds": options.rounds}
    for at, kind in enumerate(("cpu", "wall")):
        medians = {name: statistics.median(each[at] for each in times[name]) for name in programs}
        report[kind] = {f"{name}_ms": round(1000 * value, 1) for name, value in medians.items()} | {
            f"{name}_ratio": round(
                statistics.median(
                    lab[at] / bare[at] for bare, lab in zip(times["bare"], times[name], strict=True)
                ),
                3,
            )
            for name in ("first", "whole")
        }
    report["goal_first_ratio"] = 1.2
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
