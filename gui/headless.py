"""The window's own session without display or hands, leaving what it saw in a folder.

The real window does the real thing on Qt's offscreen platform: connect, mirror, deploy,
measure. What is done by hand elsewhere is done here when the window says it is possible.
"""

import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import LabError
from engine.jobs import CancelToken, Ended, Job, Outcome, Report

if TYPE_CHECKING:
    from engine.accuracy.shares import Share
    from engine.measuring.statistics import Summary
    from engine.records.values import RunRecord
    from gui.bridge import EventBridge
    from gui.variant_rows import VariantRow
    from gui.wiring import Lab

LOOK_S = 3.0
"""How long the model runs before it is measured, so that the charts have something."""
DRIVE_S = 9.0
"""The same where answers can be judged: two of a test drive's scenes."""
RUN_S = 6.0
STEP_TIMEOUT_S = 90.0
"""A variant that was never built may take this long on a slow computer; then it failed."""


RESULTS = ("window.png", "sizes.png", "phone.png", "lab.apk", "run.json")


def prepare_folder(output: Path) -> None:
    """Make the folder, and remove what an earlier session left: nothing old is taken for new.

    Raises:
        LabError: It cannot be written.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name in RESULTS:
            (output / name).unlink(missing_ok=True)
    except OSError as error:
        raise LabError(f"The folder {output} cannot be written: {error.strerror}.") from error


class HeadlessSession(QObject):
    """Waits for the window to be ready for each step, then takes it."""

    ended = Signal(int)  # exit code: 0 only if each step truly happened

    def __init__(self, lab: "Lab", bridge: "EventBridge", output: Path) -> None:
        """Listen to the window; it begins when the window starts to work."""
        super().__init__(lab)
        self._lab, self._bridge, self._output = lab, bridge, output
        self._began = time.monotonic()
        self._waiting_for = "a phone"
        self._seen: set[str] = set()
        self._deploying = False
        self._over = False
        self._saves = bridge.listen(self._saved)
        self._then: Callable[[], None] = self._finish
        self._deadline = QTimer(self, interval=round(STEP_TIMEOUT_S * 1000), singleShot=True)
        self._deadline.timeout.connect(self._too_late)
        self._deadline.start()
        lab.phone_ready.connect(lambda facts: self._have("phone", facts.name))
        lab.mirror_live.connect(lambda: self._have("mirror", "live"))
        lab.window.variant_list.chosen.connect(self._chosen)
        lab.deployed.connect(self._deployed)
        lab.measured.connect(self._measured)
        lab.controller.shelf.model_refused.connect(self._fail)
        lab.controller.demo.told.connect(self._demo_told)
        self._score: Share | None = None
        lab.right.drive.told.connect(self._take_score)

    def _chosen(self, row: "VariantRow") -> None:
        options = self._lab.options
        wanted = row.path is not None if options.model else options.variant.startswith(row.name)
        if wanted:
            self._have("choice", row.title)

    def _take_score(self, score: "Share | None") -> None:
        self._score = score

    def _have(self, what: str, text: str) -> None:
        if what not in self._seen:
            self._seen.add(what)
            self._told(what, text)
        if self._seen >= {"phone", "mirror", "choice"} and not self._deploying:
            self._deploying = True
            self._wait_for("the deploy")
            self._lab.deploy()

    def _deployed(self, ended: Ended) -> None:
        if ended.outcome is not Outcome.COMPLETED:
            self._fail(ended.message or "The deploy was cancelled.")
            return
        steps = ", ".join(
            f"{step} {seconds:.2f} s" for step, seconds in ended.result.seconds.items()
        )
        self._told("deploy", steps)
        self._apk: Path = ended.result.apk.path
        self._wait_for("the app's first results")
        judged = self._lab.options.demo and self._lab.options.model is not None
        QTimer.singleShot(round((DRIVE_S if judged else LOOK_S) * 1000), self._look)

    def _look(self) -> None:
        """Take the phone's picture while the app runs, then measure."""
        if self._score is not None:
            self._told("drive", f"right {self._score.hits} of {self._score.n} looks")
        session = self._lab.controller.session
        mirror = session.mirror if session is not None else None
        if mirror is None:
            self._fail("The mirror ended before the run began.")
            return
        self._wait_for("the phone's picture")
        self._save(partial(mirror.screenshot, self._output / "phone.png"), self._measure)

    def _measure(self) -> None:
        self._told("picture", "phone.png")
        self._wait_for("the run")
        self._lab.measure(RUN_S)
        QTimer.singleShot(round(RUN_S * 500), self._photograph)

    def _photograph(self) -> None:
        """Photograph the window in mid-run."""
        if not self._lab.window.run_panel.running:
            self._fail("The run was not under way when the window was photographed.")
        else:
            self._grab("window.png")

    def _measured(self, ended: Ended) -> None:
        if ended.outcome is not Outcome.COMPLETED:
            self._fail(ended.message or "The run was cancelled.")
            return
        record: RunRecord = ended.result
        if record.row.end != "completed" or record.summary is None:
            self._fail(f"The run did not complete: {record.row.end}.")
            return
        self._told("run", _figures(record.summary))
        self._wait_for("the files")
        self._save(partial(_write_results, record, self._apk, self._output), self._show_sizes)

    def _show_sizes(self) -> None:
        """Look at the view "Sizes" as soon as it has its figures."""
        self._wait_for("the sizes")
        self._lab.sizes.found.connect(self._photograph_sizes)
        self._lab.sizes.failed.connect(self._fail)
        self._lab.window.side_bar.choose("sizes")

    def _photograph_sizes(self) -> None:
        if self._grab("sizes.png"):
            self._finish()

    def _grab(self, name: str) -> bool:
        """Photograph the window."""
        if not self._lab.window.grab().save(str(self._output / name)):
            self._fail(f"The window's picture could not be written to {self._output}.")
            return False
        self._told("picture", name)
        return True

    def _finish(self) -> None:
        missing = [name for name in RESULTS if not (self._output / name).is_file()]
        if missing:
            self._fail(f"Not written: {', '.join(missing)}.")
            return
        self._told("done", f"{', '.join(RESULTS)} in {self._output}")
        self._end(0)

    def _save(self, work: Callable[[], object], then: Callable[[], None]) -> None:
        """Write files on a job's thread, then go on."""

        def job(_report: Report, _cancel: CancelToken) -> None:
            work()

        self._then = then
        Job("save", job, self._saves).start()

    def _saved(self, ended: Ended) -> None:
        if ended.outcome is Outcome.COMPLETED:
            self._then()
        else:
            self._fail(ended.message)

    def _wait_for(self, what: str) -> None:
        self._waiting_for = what
        self._deadline.start()

    def _demo_told(self, text: str, waiting: bool) -> None:
        if text and not waiting:
            self._fail(text)

    def _too_late(self) -> None:
        self._fail(f"Waited {STEP_TIMEOUT_S:.0f} s for {self._waiting_for} in vain.")

    def _fail(self, text: str) -> None:
        _say(text)
        self._end(2)

    def _end(self, code: int) -> None:
        self._deadline.stop()
        self._bridge.forget(self._saves)
        if not self._over:
            self._over = True
            self.ended.emit(code)

    def _told(self, what: str, text: str) -> None:
        _say(f"{time.monotonic() - self._began:5.1f} s  {what:8} {text}")


def _write_results(record: "RunRecord", apk: Path, output: Path) -> None:
    from engine.records.export import write_run

    write_run(record, output / "run.json")
    try:
        shutil.copyfile(apk, output / "lab.apk")
    except OSError as error:
        raise LabError(f"The APK could not be copied to {output}: {error.strerror}.") from error


def _figures(summary: "Summary") -> str:
    return (
        f"median {summary.median_ms:.2f} ms, engine {summary.engine_fps:.0f} FPS, "
        f"pipeline {summary.pipeline_fps or 0:.1f} FPS, n {summary.count}"
    )


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
