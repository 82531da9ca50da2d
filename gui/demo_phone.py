"""The virtual phone as a child process: started when it is asked for, ended with the lab."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import LabError
from engine.jobs import CancelToken, Ended, Outcome, Report
from engine.paths import log_dir
from gui.job_table import JobTable
from gui.work import in_background, quietly

if TYPE_CHECKING:
    from engine.phones.adb import Adb

END_PATIENCE_S = 1.0
WATCH_MS = 1_000
LOG_NAME = "virtual-phone.log"
ENDED = "The virtual phone ended. Start it again."
SAID_WHY = 2
"""The program's exit code when its last line is a sentence for the person."""


class DemoPhone(QObject):
    """Starts the virtual phone and connects adb to it; its signals come on the GUI thread.

    Attributes:
        program: The program, while there is one.
        serial: How adb names the phone; empty until it is connected.
    """

    told = Signal(str, bool)  # sentence, still waiting
    ready = Signal(str)  # serial

    def __init__(
        self, jobs: JobTable, adb: "Callable[[], Adb | None]", parent: QObject | None = None
    ) -> None:
        """Start nothing yet.

        Args:
            jobs: Runs the start.
            adb: Waits for the adb server, on a job's thread; None if there is none.
            parent: Owns it.
        """
        super().__init__(parent)
        self._jobs = jobs
        self._adb = adb
        self.serial = ""
        self.program: PhoneProgram | None = None
        self._watch = QTimer(self, interval=WATCH_MS)
        self._watch.timeout.connect(self._look)

    def start(self, camera: Path | None = None, pace: str = "") -> None:
        """Start it unless it runs; it appears among the phones. See ``PhoneProgram``."""
        if self._jobs.busy("virtual phone") or (self.program is not None and self.program.running):
            return
        self.program = program = PhoneProgram(camera, pace=pace)
        self.told.emit("Starting the virtual phone…", True)

        def work(_report: Report, cancel: CancelToken) -> str:
            serial = program.start(cancel)
            adb = self._adb()
            cancel.check()
            if adb is None:
                raise LabError("There is no adb server that could connect to the virtual phone.")
            adb.connect(serial)
            return serial

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self.serial = ended.result
                self.told.emit("", False)
                self.ready.emit(ended.result)
                self._watch.start()
            else:
                in_background(program.end)
                self.told.emit(ended.message, False)

        self._jobs.run("virtual phone", work, done)

    def _look(self) -> None:
        """Tell if the program ended by itself, and take its phone off the list."""
        program, serial = self.program, self.serial
        if program is None or program.running:
            return
        self._watch.stop()
        self.program = None

        def work(_report: Report, _cancel: CancelToken) -> None:
            program.end()
            adb = self._adb()
            if adb is not None:
                adb.disconnect(serial)

        self._jobs.run("virtual phone", work, lambda _ended: self.told.emit(ENDED, False))

    def forget(self) -> None:
        """Watch it no longer: it is about to be ended."""
        self._watch.stop()

    def end(self, adb: "Adb | None") -> None:
        """Disconnect adb and end the program; blocks, on any thread, after ``forget``."""
        if self.program is None:
            return
        if adb is not None and self.serial:
            serial = self.serial
            quietly(lambda: adb.disconnect(serial))
        self.program.end()


class PhoneProgram:
    """One virtual phone's process; ``start`` and ``end`` block and belong on a job's thread."""

    def __init__(
        self, camera: Path | None = None, log: Path | None = None, *, pace: str = ""
    ) -> None:
        """Prepare it.

        Args:
            camera: A folder of pictures that it sees; its own samples if None.
            log: Takes what it says beside its answers; a file of its own if None.
            pace: Whose times it makes up; this computer's own if empty.
        """
        self._camera = camera
        self._pace = pace
        self._log = log or log_dir() / LOG_NAME
        self.child: subprocess.Popen[str] | None = None

    def start(self, cancel: CancelToken) -> str:
        """Start the program and return the serial that adb can connect to.

        Raises:
            LabError: If the program does not start; its last line is the sentence where the
                program meant it for the person, else the detail.
            Cancelled: If the token was cancelled.
        """
        cancel.check()
        command = [sys.executable, "-m", "engine.virtual_phone.program", "--until-stdin-closes"]
        if self._camera is not None:
            command += ["--camera", str(self._camera)]
        if self._pace:
            command += ["--pace", self._pace]
        try:
            with self._log.open("wb") as log:
                self.child = child = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
                )
        except OSError as error:
            raise LabError(f"The virtual phone did not start: {error.strerror}.") from error
        try:
            with cancel.closing(child.kill):
                line = child.stdout.readline() if child.stdout else ""
            return str(json.loads(line)["serial"])
        except (ValueError, KeyError, TypeError) as error:
            self.end()
            raise self._trouble(child.returncode) from error
        except BaseException:
            self.end()
            raise

    def _trouble(self, code: int | None) -> LabError:
        said = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line.strip() for line in reversed(said) if line.strip()), "")
        if code == SAID_WHY and last:
            return LabError(last)
        return LabError("The virtual phone did not start.", f"See {self._log}.", detail=last)

    @property
    def running(self) -> bool:
        """Whether the program runs."""
        return self.child is not None and self.child.poll() is None

    def end(self) -> None:
        """End the program: ask by closing its input, then insist. Takes 2 s at most."""
        child, self.child = self.child, None
        if child is None:
            return
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
        try:
            child.wait(END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(END_PATIENCE_S)
        finally:
            if child.stdout is not None:
                child.stdout.close()
