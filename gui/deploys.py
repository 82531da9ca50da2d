"""Puts models on the phone: deploy, swap, and what mends a refused app."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from engine.errors import Remedy
from engine.jobs import CancelToken, Ended, Outcome, Progress, Report
from gui.job_table import PHONE_JOBS
from gui.variant_rows import VariantRow

if TYPE_CHECKING:
    from engine.deploy import Payload
    from gui.controller import Controller


class DeployWish(NamedTuple):
    """What to put on the phone, and how it shall begin.

    Attributes:
        row: The variant, or the person's own model.
        precision: Of a variant; an own model has its own.
        fit: How pictures are fitted; empty leaves it to the task.
        source: Where pictures come from.
        threads: How many execute the graph.
        delegate: What executes it.
    """

    row: VariantRow
    precision: str
    fit: str = ""
    source: str = "camera"
    threads: int = 4
    delegate: str = "xnnpack"

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.row.title} {self.row.precision or self.precision}"


class Deploys(QObject):
    """One deploy or swap at a time, as the job ``deploy``."""

    started = Signal(str)  # title
    swap_started = Signal(str)
    progressed = Signal(Progress)
    ended = Signal(Ended)  # result: Deployed; None where the person is to do something first
    swap_ended = Signal(Ended)  # result: Swapped

    def __init__(self, controller: "Controller") -> None:
        """Work on the controller's session."""
        super().__init__(controller)
        self._controller = controller

    def deploy(self, wish: DeployWish, remedy: Remedy | None = None) -> None:
        """Build a variant if need be and put it on the phone.

        Args:
            wish: What to deploy.
            remedy: What to do first about the refusal before; where a person has to tap on
                the phone then, nothing is deployed yet.
        """
        controller = self._controller
        if controller.wait_for_session(partial(self.deploy, wish, remedy)):
            return
        session = controller.session
        if session is None or controller.jobs.busy(*PHONE_JOBS):
            return
        controller.jobs.cancel("link")

        def work(report: Report, cancel: CancelToken) -> object:
            from engine.deploy import deploy
            from engine.phones import remedies

            if remedy is not None:
                remedies.apply(remedy, session.phone, report, cancel)
                if remedy.needs_person:
                    return None
            payload = self._payload(wish, report, cancel)
            records = controller.records()
            return deploy(session, payload, database=records, report=report, cancel=cancel)

        def done(ended: Ended) -> None:
            self.ended.emit(ended)
            self._finish(ended)

        self.started.emit(wish.title)
        controller.jobs.run("deploy", work, done, self.progressed.emit)

    def swap(self, wish: DeployWish) -> None:
        """Send a model to the app that runs; the APK on the phone stays as it is."""
        controller = self._controller
        session = controller.session
        if session is None or controller.jobs.busy("session", *PHONE_JOBS):
            return
        controller.jobs.cancel("link")

        def work(report: Report, cancel: CancelToken) -> object:
            from engine.deploy import swap

            state = session.need_link().state
            now = wish
            if state is not None:  # what runs goes on as it was fed and executed
                now = wish._replace(threads=state.threads_asked, delegate=state.delegate)
            payload = self._payload(now, report, cancel)
            records = controller.records()
            return swap(session, payload, database=records, report=report, cancel=cancel)

        def done(ended: Ended) -> None:
            self.swap_ended.emit(ended)
            self._finish(ended)

        self.swap_started.emit(wish.title)
        controller.jobs.run("deploy", work, done, self.progressed.emit)

    def _payload(self, wish: DeployWish, report: Report, cancel: CancelToken) -> "Payload":
        from dataclasses import replace

        payload = self._controller.shelf.payload(wish.row, wish.precision, report, cancel)
        return replace(
            payload,
            fit=wish.fit,
            source=wish.source,
            threads=wish.threads,
            delegate=wish.delegate,
        )

    def _finish(self, ended: Ended) -> None:
        if ended.outcome is Outcome.COMPLETED:
            self._controller.shelf.read_sizes()
        self._controller.let_go()
