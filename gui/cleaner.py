"""Leaves the phone clean: closes its session, then takes off what the lab put there."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.jobs import CancelToken, Ended, Progress, Report

if TYPE_CHECKING:
    from engine.phones.cleaning import Cleaned
    from gui.controller import Controller


class Cleaner(QObject):
    """One cleaning at a time, as the job ``clean``."""

    started = Signal()
    progressed = Signal(Progress)
    ended = Signal(Ended)  # result: Cleaned

    def __init__(self, controller: "Controller") -> None:
        """Work on the controller's phone."""
        super().__init__(controller)
        self._controller = controller

    def clean(self) -> None:
        """Close the session and clean its phone; it is left alone until it is used again."""
        session = self._controller.take_for_cleaning()
        if session is None:
            return

        def work(report: Report, cancel: CancelToken) -> "Cleaned":
            from engine.phones.borrowed import give_back
            from engine.phones.cleaning import Cleaned, clean

            restored = give_back(session.phone, cancel)  # closing would restore it untold
            session.close()
            cleaned = clean(session.phone, report, cancel)
            return Cleaned(cleaned.removed, (*restored, *cleaned.restored))

        self.started.emit()
        self._controller.jobs.run("clean", work, self.ended.emit, self.progressed.emit)
