"""Jobs by name: at most one of each, its events heard on the GUI thread."""

import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from engine.jobs import CancelToken, Ended, Job, Progress, Report
from gui.bridge import EventBridge

Work = Callable[[Report, CancelToken], Any]

PHONE_JOBS = ("deploy", "measure", "sweep", "qa")
"""Jobs that have the phone to themselves: while one runs its session stays, and no other begins."""


class JobTable:
    """Starts jobs and tells their ends. Belongs to the GUI thread."""

    def __init__(self, bridge: EventBridge) -> None:
        """Start empty."""
        self._bridge = bridge
        self._jobs: dict[str, Job] = {}

    def run(
        self,
        name: str,
        work: Work,
        done: Callable[[Ended], object],
        progressed: Callable[[Progress], object] | None = None,
    ) -> None:
        """Run work on a thread of its own; one of the same name is asked to stop."""

        def hear(event: object) -> None:
            if isinstance(event, Ended):
                self._bridge.forget(queue)
                if self._jobs.get(name) is job:
                    del self._jobs[name]
                done(event)
            elif isinstance(event, Progress) and progressed is not None:
                progressed(event)

        self.cancel(name)
        queue = self._bridge.listen(hear)
        self._jobs[name] = job = Job(name, work, queue)
        job.start()

    def listen(self, handler: Callable[[Any], object]) -> "SimpleQueue[Any]":
        """Return a queue for jobs' threads; what is put into it reaches ``handler`` here."""
        return self._bridge.listen(handler)

    def forget(self, queue: "SimpleQueue[Any]") -> None:
        """Stop hearing a queue."""
        self._bridge.forget(queue)

    def busy(self, *names: str) -> bool:
        """Return whether a job of one of these names runs."""
        return any(name in self._jobs for name in names)

    def cancel(self, *names: str) -> None:
        """Ask jobs to stop; their ends are told as always."""
        for name in names:
            job = self._jobs.get(name)
            if job is not None:
                job.cancel()

    def join(self, deadline: float) -> None:
        """Wait for all jobs to end, at most until ``deadline`` of the monotonic clock."""
        for job in tuple(self._jobs.values()):
            job.join(max(0.0, deadline - time.monotonic()))

    def cancel_all(self) -> None:
        """Ask every job to stop."""
        self.cancel(*self._jobs)
