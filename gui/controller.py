"""Turns wishes into jobs: the only place that calls the engine, and never on this thread.

It knows no rule about phones, models or statistics; it starts what was asked for, and hands
on what the engine says.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import LabError
from engine.jobs import CancelToken, Ended, Outcome, Progress, Report
from gui.bridge import EventBridge
from gui.demo_phone import DemoPhone
from gui.job_table import JobTable
from gui.shelf import Shelf
from gui.variant_rows import VariantRow
from gui.work import in_background, write_record

if TYPE_CHECKING:
    from engine.phones.adb import Adb
    from engine.phones.discovery import PhoneEntry, PhoneWatcher
    from engine.records.database import Database
    from engine.records.values import RunRecord
    from engine.session import Session
    from engine.settings import Settings

LEFT = "Plug it in again: the lab goes on by itself."
CONNECT_S = 20.0
LOOK_MS, LOOK_S = 5_000, 0.3
"""How often to look for the app and the battery while no app is linked; how long."""
CLOSE_S = 1.6
"""How long closing waits for the phone's side; what is left ends with the process."""


class _SessionMade(NamedTuple):
    """Tells the GUI thread of a session that begins to open."""

    session: "Session"


class Controller(QObject):
    """Owns the session and the jobs. Every signal is emitted on the GUI thread."""

    phones_changed = Signal(object)  # tuple of PhoneEntry
    adb_told = Signal(int, int)  # version, port
    adb_failed = Signal(str)  # empty when it is well again
    session_opening = Signal(str)  # serial
    session_event = Signal(object)  # PartStatus, PhoneFacts, MirrorStatus or a LinkEvent
    session_opened = Signal(str)
    vitals_read = Signal(object)  # Vitals, while no app tells them
    session_closed = Signal(str, str)  # serial, why
    slot_changed = Signal(object)  # FrameSlot or None
    deploy_started = Signal(str)
    deploy_progressed = Signal(Progress)
    deploy_ended = Signal(Ended)  # result: Deployed
    measure_started = Signal()
    measure_progressed = Signal(Progress)
    measure_ended = Signal(Ended)  # result: RunRecord
    apk_known = Signal(str, int)  # the model's sha256, the APK's bytes
    said = Signal(str)

    def __init__(self, bridge: EventBridge, settings: "Settings") -> None:
        """Start nothing yet; ``start`` does."""
        super().__init__(bridge)
        self._bridge = bridge
        self._settings = settings
        self._jobs = JobTable(bridge)
        self.shelf = Shelf(self._jobs, self)
        self._adb: Adb | None = None
        self._started = threading.Event()
        self._watcher: PhoneWatcher | None = None
        self._database: Database | None = None
        self._opening = threading.Lock()
        self.demo = DemoPhone(self._jobs, self._wait_for_adb, self)
        self._session_queue: SimpleQueue[Any] | None = None
        self._target = (0, 0)
        self._slot: object = None
        self._stopped = False
        self._left = False
        self._waiting: Callable[[], None] | None = None
        self._wanted: PhoneEntry | None = None
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self.read_vitals)
        self._looks.timeout.connect(self.look_again)
        self._looks.start()
        self.serial = ""
        self.session: Session | None = None
        self.last_run: RunRecord | None = None

    # the phones

    def start(self) -> None:
        """Load what is heavy and follow the phones; call it after the first paint."""
        phones = self._bridge.listen(self.phones_changed.emit)
        errors = self._bridge.listen(lambda error: self.adb_failed.emit(str(error or "")))

        def work(_report: Report, cancel: CancelToken) -> tuple[int, int]:
            from engine.phones.adb import Adb
            from engine.phones.discovery import PhoneWatcher

            try:
                self._adb = Adb(self._settings.adb_port or None)
            finally:
                self._started.set()
            cancel.check()
            self._watcher = PhoneWatcher(self._adb, phones.put, errors.put)
            self._watcher.start()
            return self._adb.version(), self._adb.port

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self.adb_told.emit(*ended.result)
            elif ended.outcome is Outcome.FAILED:
                self.adb_failed.emit(ended.message)

        self._jobs.run("adb", work, done)
        self.shelf.read()

    def choose_phone(self, entry: "PhoneEntry | None") -> None:
        """Open a session with a phone that is ready; close the one before.

        A phone that left in the middle of a deploy or a run is let go when that has ended
        with its own error, and opened again if it is back by then.
        """
        self._wanted = entry
        serial = entry.serial if entry is not None and entry.state.value == "ready" else ""
        alive = self.session is not None or self._jobs.busy("session")
        if alive and serial == self.serial and not self._left:
            return
        if self._jobs.busy("deploy", "measure") and serial in {"", self.serial}:
            self._left = True
            return
        self.close_session("" if serial else LEFT)
        if serial and not self._stopped:
            self._open_session(serial)

    def _let_go(self) -> None:
        """Close the session of a phone that left meanwhile."""
        if self._left:
            self._left = False
            self.close_session(LEFT)
            self.choose_phone(self._wanted)

    def ask_again(self, serial: str) -> None:
        """Connect a phone anew, so that it asks again whether this computer is allowed."""

        def work(_report: Report, _cancel: CancelToken) -> None:
            if self._adb is not None:
                self._adb.reconnect(serial)

        self._jobs.run("reconnect", work, self._say_trouble)

    def reconnect_mirror(self) -> None:
        """Start the mirror again; the whole session where there is none to start."""
        if self.session is not None and self.session.mirror is not None:
            self.session.mirror.start()
        elif self._jobs.busy("deploy", "measure"):
            self.said.emit("Reconnect when the deploy or the run has ended.")
        elif self.serial:
            serial = self.serial
            self.close_session("")
            self._open_session(serial)

    def _open_session(self, serial: str) -> None:
        if self._adb is None:
            return
        self.serial = serial
        self._session_queue = queue = self._bridge.listen(self._hear_session)
        adb, settings = self._adb, self._settings
        self.session_opening.emit(serial)

        def work(_report: Report, cancel: CancelToken) -> "Session":
            from engine.session import Session, SessionOptions

            options = SessionOptions(
                max_size=settings.mirror_max_size,
                max_fps=settings.mirror_max_fps,
                server=settings.server,
            )
            session = Session(adb, serial, queue, options)
            queue.put(_SessionMade(session))
            session.open(cancel)
            return session

        def done(ended: Ended) -> None:
            if self._session_queue is not queue:
                if ended.result is not None:
                    in_background(ended.result.close)
                return
            if ended.outcome is Outcome.COMPLETED:
                self.session = ended.result
                self._attach()
                self.session_opened.emit(serial)
                self.read_vitals()
                waiting, self._waiting = self._waiting, None
                if waiting is not None:
                    waiting()
            else:
                self._bridge.forget(queue)
                self.session = None
                self.session_closed.emit(serial, ended.message)

        self._jobs.run("session", work, done)

    def _idle_session(self) -> "Session | None":
        """Return the session if it is open, without a link, and nothing is done with it."""
        session = self.session
        if session is None or session.facts is None:
            return None
        if session.link is not None and session.link.error is None:
            return None
        return None if self._jobs.busy("session", "link", "deploy", "measure") else session

    def look_again(self) -> None:
        """Look for an app that was opened on the phone, or whose other lab left."""
        session = self._idle_session()
        if session is None:
            return

        def work(_report: Report, cancel: CancelToken) -> None:
            with contextlib.suppress(LabError):  # told as the link's status
                session.relink(cancel=cancel, timeout_s=LOOK_S)

        self._jobs.run("link", work, lambda _ended: None)

    def read_vitals(self) -> None:
        """Ask the phone for battery and heat, unless its app tells them anyway."""
        session = self._idle_session()
        if session is None or self._jobs.busy("vitals"):
            return

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED and self.session is session:
                self.vitals_read.emit(ended.result)

        self._jobs.run("vitals", lambda _report, _cancel: session.phone.vitals(), done)

    def close_session(self, why: str) -> None:
        """Close the session, if there is one; returns at once."""
        queue, self._session_queue = self._session_queue, None
        if queue is None:
            return
        self._bridge.forget(queue)
        self._waiting = None
        self._jobs.cancel("session", "link", "deploy", "measure")
        session, self.session = self.session, None
        serial, self.serial = self.serial, ""
        if session is not None:
            in_background(session.close)
        self._slot = None
        self.slot_changed.emit(None)
        self.session_closed.emit(serial, why)

    def _hear_session(self, event: object) -> None:
        if isinstance(event, _SessionMade):
            self.session = event.session
            return
        self._attach()
        self.session_event.emit(event)

    def _attach(self) -> None:
        """Hand on the picture's slot as soon as the session has a mirror."""
        mirror = self.session.mirror if self.session is not None else None
        if mirror is not None and mirror.slot is not self._slot:
            self._slot = mirror.slot
            mirror.set_target(*self._target)
            self.slot_changed.emit(mirror.slot)

    def set_target(self, width: int, height: int) -> None:
        """Tell the mirror how many physical pixels it may fill."""
        self._target = (width, height)
        self.with_mirror(lambda mirror: mirror.set_target(width, height))

    def with_mirror(self, act: Callable[[Any], object]) -> None:
        """Do something with the mirror, if there is one; its input methods do not block."""
        mirror = self.session.mirror if self.session is not None else None
        if mirror is not None:
            act(mirror)

    # deploy and measure

    def deploy(self, row: VariantRow, precision: str, *, remove: bool = False) -> None:
        """Build a variant if need be and put it on the phone; ``remove`` the old app first.

        While the session still opens (it looks for an app that runs already), the deploy
        waits for it: two links at once would push each other out.
        """
        session = self.session
        if session is not None and self._jobs.busy("session"):
            self._waiting = partial(self.deploy, row, precision, remove=remove)
            return
        if session is None or self._jobs.busy("deploy", "measure"):
            return
        self._jobs.cancel("link")
        shelf = self.shelf

        def work(report: Report, cancel: CancelToken) -> object:
            from engine.deploy import deploy
            from engine.phones import installer

            if remove:
                report(Progress("build", None, "removing the other app first"))
                installer.uninstall(session.phone, installer.PACKAGE, cancel)
            payload = shelf.payload(row, precision, report, cancel)
            return deploy(session, payload, database=self._records(), report=report, cancel=cancel)

        def done(ended: Ended) -> None:
            self.deploy_ended.emit(ended)
            if ended.outcome is Outcome.COMPLETED:
                self.shelf.read_sizes()
            self._let_go()

        self.deploy_started.emit(f"{row.title} {row.precision or precision}")
        self._jobs.run("deploy", work, done, self.deploy_progressed.emit)

    def measure(self, seconds: float) -> None:
        """Measure what runs on the phone for so long, and keep it."""
        session = self.session
        if session is None or self._jobs.busy("deploy", "measure"):
            return

        def work(report: Report, cancel: CancelToken) -> "RunRecord":
            from engine.measuring.run import MeasureOptions, measure

            options = MeasureOptions(seconds=seconds)
            return measure(session, options, database=self._records(), report=report, cancel=cancel)

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self.last_run = ended.result
            self.measure_ended.emit(ended)
            self._let_go()

        self.measure_started.emit()
        self._jobs.run("measure", work, done, self.measure_progressed.emit)

    def look_up_apk(self, model_sha256: str) -> None:
        """Look up how large the APK is that this lab put on the phone with that model."""
        serial = self.serial

        def done(ended: Ended) -> None:
            found = ended.result
            if found is not None and found.model_sha256 == model_sha256 and found.apk_size_bytes:
                self.apk_known.emit(model_sha256, found.apk_size_bytes)

        self._jobs.run(
            "apk", lambda _report, _cancel: self._records().last_deployment(serial), done
        )

    def export(self, path: Path) -> None:
        """Write the last run as ``run.json``."""
        record = self.last_run
        if record is None:
            return

        def done(ended: Ended) -> None:
            kept = ended.outcome is Outcome.COMPLETED
            self.said.emit(f"Exported to {ended.result}" if kept else ended.message)

        self._jobs.run("export", lambda _report, _cancel: write_record(record, path), done)

    @property
    def opened(self) -> bool:
        """Whether there is a session and it has opened."""
        return self.session is not None and not self._jobs.busy("session")

    def cancel(self, name: str) -> None:
        """Ask the job ``deploy``, ``measure`` or another to stop; its end is told as always."""
        self._jobs.cancel(name)

    def _say_trouble(self, ended: Ended) -> None:
        if ended.outcome is Outcome.FAILED:
            self.said.emit(ended.message)

    def _wait_for_adb(self) -> "Adb | None":
        """Return the adb server once it was tried; for a job's thread."""
        self._started.wait(CONNECT_S)
        return self._adb

    def _records(self) -> "Database":
        from engine.records.database import Database

        with self._opening:
            if self._database is None:
                self._database = Database()
            return self._database

    def stop(self) -> None:
        """End everything within 2 s: jobs, session, the virtual phone."""
        self._stopped = True
        self._looks.stop()
        self._bridge.stop()
        self._jobs.cancel_all()
        session, self.session = self.session, None
        self._slot = None
        self.slot_changed.emit(None)
        deadline = time.monotonic() + CLOSE_S
        self._jobs.join(deadline - CLOSE_S / 2)  # a run writes its end before the link goes
        ends = [threading.Thread(target=end, daemon=True) for end in self._ends(session)]
        for thread in ends:
            thread.start()
        for thread in ends:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._database is not None:
            self._database.close()

    def _ends(self, session: "Session | None") -> list[Callable[[], object]]:
        ends: list[Callable[[], object]] = [partial(self.demo.end, self._adb)]
        if self._watcher is not None:
            ends.append(self._watcher.stop)
        if session is not None:
            ends.append(session.close)
        return ends
