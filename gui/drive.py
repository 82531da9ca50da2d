"""Live accuracy: asks the phone now and then what its camera truly sees, if anybody knows."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.job_table import PHONE_JOBS
from gui.recognised import Answer

if TYPE_CHECKING:
    from engine.link.messages import AppModel
    from engine.scenes.score import DriveScore

ASK_MS = 500
MOST_SILENT = 6
"""Looks without a truth after which nobody asks any more, until a model begins."""


class Drive(QObject):
    """Counts the answers that are right where the truth is known; rests while a run is timed."""

    told = Signal(object)  # Share, or None where nothing can be said

    def __init__(
        self, controller: Controller, parent: QObject | None = None, every_ms: int = ASK_MS
    ) -> None:
        """Ask the phone of this controller's session, as often as this."""
        super().__init__(parent)
        self._controller = controller
        self._score: DriveScore | None = None
        self._silent = 0
        self._timer = QTimer(self, interval=every_ms)
        self._timer.timeout.connect(self._ask)

    def take_model(self, model: "AppModel") -> None:
        """Begin anew with a model."""
        from engine.scenes.score import DriveScore

        self.stop()
        if model.task == "classification" and not model.untrained:
            self._score, self._silent = DriveScore(model.labels), 0
            self._timer.start()

    def stop(self) -> None:
        """Forget what was counted: another phone or model, or none."""
        self._timer.stop()
        self._score = None
        self.told.emit(None)

    def take_answer(self, answer: Answer | None) -> None:
        """Take what the model said."""
        if answer is not None and answer.entries and self._score is not None:
            self._score.hear(answer.entries[0][0])

    def _ask(self) -> None:
        session, jobs = self._controller.session, self._controller.jobs
        if session is None or jobs.busy("truth", "session", *PHONE_JOBS):
            return
        phone = session.phone

        def work(_report: Report, _cancel: CancelToken) -> str:
            from engine.scenes.score import ask_truth

            return ask_truth(phone)

        jobs.run("truth", work, self._take_truth)

    def _take_truth(self, ended: Ended) -> None:
        score = self._score
        if score is None or ended.outcome is not Outcome.COMPLETED:
            return
        self._silent = 0 if ended.result else self._silent + 1
        if self._silent >= MOST_SILENT:
            self._timer.stop()
        score.look(ended.result)
        if score.share is not None:
            self.told.emit(score.share)
