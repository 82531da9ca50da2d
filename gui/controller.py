"""The phones and the session: follows, opens, closes, and hands on what they say.

What is done with an open session stands beside it: ``deploys``, ``runs`` and ``cleaner``. All
of them turn wishes into jobs and call the engine there, never on this thread; none knows a
rule about phones, models or statistics.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import LabError
from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.bridge import EventBridge
from gui.cleaner import Cleaner
from gui.demo_phone import DemoPhone
from gui.deploys import Deploys
from gui.job_table import PHONE_JOBS, JobTable
from gui.runs import Runs
from gui.shelf import Shelf
from gui.work import in_background

if TYPE_CHECKING:
    from engine.phones.adb import Adb
    from engine.phones.discovery import PhoneEntry, PhoneWatcher
    from engine.records.database import Database
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
    """Owns the session and the jobs. Every signal is emitted on the GUI thread.

    Attributes:
        jobs: What runs now.
        shelf: What can be deployed.
        demo: The virtual phone.
        deploys: Puts models on the phone.
        runs: Measures what runs on it, and changes how it runs.
        cleaner: Takes everything off it again.
        session: The phone connected; None without one.
        serial: Its serial; empty without one.
    """

    phones_changed = Signal(object)  # tuple of PhoneEntry
    adb_told = Signal(int, int)  # version, port
    adb_failed = Signal(str)  # empty when it is well again
    session_opening = Signal(str)  # serial
    session_event = Signal(object)  # PartStatus, PhoneFacts, MirrorStatus or a LinkEvent
    session_opened = Signal(str)
    vitals_read = Signal(object)  # Vitals, while no app tells them
    session_closed = Signal(str, str)  # serial, why
    slot_changed = Signal(object)  # FrameSlot or None
    said = Signal(str)

    def __init__(self, bridge: EventBridge, settings: "Settings") -> None:
        """Start nothing yet; ``start`` does."""
        super().__init__(bridge)
        self._bridge = bridge
        self._settings = settings
        self.jobs = JobTable(bridge)
        self.shelf = Shelf(self.jobs, self)
        self._adb: Adb | None = None
        self._started = threading.Event()
        self._watcher: PhoneWatcher | None = None
        self._database: Database | None = None
        self._opening = threading.Lock()
        self.demo = DemoPhone(self.jobs, self.wait_for_adb, self)
        self._session_queue: SimpleQueue[Any] | None = None
        self._target = (0, 0)
        self._slot: object = None
        self._stopped = False
        self._left = False
        self._clean = ""
        self._waiting: Callable[[], None] | None = None
        self._wanted: PhoneEntry | None = None
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self.read_vitals)
        self._looks.timeout.connect(self.look_again)
        self._looks.start()
        self.serial = ""
        self.session: Session | None = None
        self.deploys = Deploys(self)
        self.runs = Runs(self)
        self.cleaner = Cleaner(self)

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

        self.jobs.run("adb", work, done)
        self.shelf.read()

    def choose_phone(self, entry: "PhoneEntry | None") -> None:
        """Open a session with a phone that is ready; close the one before.

        A phone that left in the middle of a deploy, a run or a sweep is let go when that has
        ended with its own error, and opened again if it is back by then.
        """
        self._wanted = entry
        serial = entry.serial if entry is not None and entry.state.value == "ready" else ""
        if serial != self._clean:
            self._clean = ""  # it left or another was chosen: its rest is over
        alive = self.session is not None or self.jobs.busy("session")
        if alive and serial == self.serial and not self._left:
            return
        own = self.jobs.busy(*PHONE_JOBS) and serial in {"", self.serial}
        if own or self.jobs.busy("qa"):  # a QA session may have a link of its own to any phone
            self._left = True
            return
        self.close_session("" if serial else LEFT)
        if serial and serial != self._clean and not self._stopped:
            self._open_session(serial)

    def let_go(self) -> None:
        """Close the session of a phone that left while something was done with it."""
        if self._left:
            self._left = False
            self.close_session(LEFT)
            self.choose_phone(self._wanted)

    def ask_again(self, serial: str) -> None:
        """Connect a phone anew, so that it asks again whether this computer is allowed."""

        def work(_report: Report, _cancel: CancelToken) -> None:
            if self._adb is not None:
                self._adb.reconnect(serial)

        self.jobs.run("reconnect", work, self._say_trouble)

    def reconnect_mirror(self) -> None:
        """Start the mirror again; the whole session where there is none to start."""
        if self.session is not None and self.session.mirror is not None:
            self.session.mirror.start()
        elif self.jobs.busy(*PHONE_JOBS):
            self.said.emit("Reconnect when what is done with the phone has ended.")
        elif self.serial:
            serial = self.serial
            self.close_session("")
            self._open_session(serial)

    def take_for_cleaning(self) -> "Session | None":
        """Let go of the session for good; its phone is left alone until ``use_again``."""
        session, serial = self.session, self.serial
        if session is None or self.jobs.busy("session", *PHONE_JOBS):
            return None
        self._clean = serial
        self.close_session("", leave=True)
        return session

    def use_again(self, then: Callable[[], None] | None = None) -> None:
        """Open a session with the phone that was left clean, and go on with ``then``."""
        serial, self._clean = self._clean, ""
        if serial and not self._stopped and self.session is None:
            self._open_session(serial)
            self._waiting = then

    def _open_session(self, serial: str) -> None:
        if self._adb is None:
            return
        self.serial = serial
        self._session_queue = queue = self._bridge.listen(self._hear_session)
        adb, settings = self._adb, self._settings
        self._clean = ""
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

        self.jobs.run("session", work, done)

    def _idle_session(self) -> "Session | None":
        """Return the session if it is open, without a link, and nothing is done with it."""
        session = self.session
        if session is None or session.facts is None:
            return None
        if session.link is not None and session.link.error is None:
            return None
        return None if self.jobs.busy("session", "link", *PHONE_JOBS) else session

    def look_again(self) -> None:
        """Look for an app that was opened on the phone, or whose other lab left."""
        session = self._idle_session()
        if session is None:
            return

        def work(_report: Report, cancel: CancelToken) -> None:
            with contextlib.suppress(LabError):  # told as the link's status
                session.relink(cancel=cancel, timeout_s=LOOK_S)

        self.jobs.run("link", work, lambda _ended: None)

    def read_vitals(self) -> None:
        """Ask the phone for battery and heat, unless its app tells them anyway."""
        session = self._idle_session()
        if session is None or self.jobs.busy("vitals"):
            return

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED and self.session is session:
                self.vitals_read.emit(ended.result)

        self.jobs.run("vitals", lambda _report, _cancel: session.phone.vitals(), done)

    def wait_for_session(self, then: Callable[[], None]) -> bool:
        """Do something when the session has opened; False if it is open already.

        It looks for an app that runs: two links at once would push each other out.
        """
        waits = self.session is not None and self.jobs.busy("session")
        if waits:
            self._waiting = then
        return waits

    def close_session(self, why: str, *, leave: bool = False) -> None:
        """Close the session, if there is one; returns at once.

        Args:
            why: What the person is told.
            leave: Whether somebody else ends what is open.
        """
        queue, self._session_queue = self._session_queue, None
        if queue is None:
            return
        self._bridge.forget(queue)
        self._waiting = None
        self.jobs.cancel("session", "link", *PHONE_JOBS)
        session, self.session = self.session, None
        serial, self.serial = self.serial, ""
        if session is not None and not leave:
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

    @property
    def opened(self) -> bool:
        """Whether there is a session and it has opened."""
        return self.session is not None and not self.jobs.busy("session")

    @property
    def cleaning(self) -> bool:
        """Whether a phone is being left clean."""
        return self.jobs.busy("clean")

    @property
    def left_clean(self) -> bool:
        """Whether the chosen phone was left clean and waits to be used again."""
        return bool(self._clean) and not self.cleaning

    def cancel(self, name: str) -> None:
        """Ask the job ``deploy``, ``measure`` or another to stop; its end is told as always."""
        self.jobs.cancel(name)

    def _say_trouble(self, ended: Ended) -> None:
        if ended.outcome is Outcome.FAILED:
            self.said.emit(ended.message)

    def wait_for_adb(self) -> "Adb | None":
        """Return the adb server once it was tried; for a job's thread."""
        self._started.wait(CONNECT_S)
        return self._adb

    def records(self) -> "Database":
        """Return the records, opened when they are first needed; for a job's thread."""
        from engine.records.database import Database

        with self._opening:
            if self._database is None:
                self._database = Database()
            return self._database

    def stop(self) -> None:
        """End everything within 2 s: jobs, session, the virtual phone."""
        self._stopped = True
        self._looks.stop()
        self.demo.forget()
        self._bridge.stop()
        self.jobs.cancel_all()
        session, self.session = self.session, None
        self._slot = None
        self.slot_changed.emit(None)
        deadline = time.monotonic() + CLOSE_S
        self.jobs.join(deadline - CLOSE_S / 2)  # a run writes its end before the link goes
        ends = [threading.Thread(target=end, daemon=True) for end in self._ends(session)]
        for thread in ends:
            thread.start()
        self.shelf.close()
        for thread in ends:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._database is not None:
            self._database.close()

    def _ends(self, session: "Session | None") -> list[Callable[[], object]]:
        def end_phone() -> None:
            if session is not None:
                session.close()  # it gives back what it borrowed: the phone must still be there
            self.demo.end(self._adb)

        return [end_phone] if self._watcher is None else [end_phone, self._watcher.stop]
