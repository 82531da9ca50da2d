"""One way to run long work: a job reports, obeys a cancel token, and ends exactly once."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from queue import SimpleQueue
from typing import Any

from engine.errors import Cancelled, LabError

logger = logging.getLogger(__name__)


class Outcome(Enum):
    """How a job ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a job under way.

    Attributes:
        step: The step's name, one or two words, lower case: ``push``.
        fraction: 0..1 of this step where it is known, else None.
        detail: What to show beside it, for instance ``3.1 of 5.6 MB``; may be empty.
    """

    step: str
    fraction: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The one event a job ends in.

    Attributes:
        outcome: How it ended.
        message: A sentence for the person when it failed, else empty.
        error: The error itself when a person can act on it.
        result: What the work returned when it completed.
    """

    outcome: Outcome
    message: str = ""
    error: LabError | None = None
    result: Any = None


Report = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """Report to nobody."""


class CancelToken:
    """Asks running work to stop; safe to use from any thread."""

    def __init__(self) -> None:
        """Start not cancelled."""
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._closers: list[Callable[[], object]] = []

    @property
    def cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the work to stop, and end its blocking calls by running their closers."""
        with self._lock:
            self._event.set()
            closers, self._closers = self._closers, []
        for close in closers:
            close()

    def check(self) -> None:
        """Raise ``Cancelled`` if the work was asked to stop."""
        if self._event.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Sleep, but raise ``Cancelled`` as soon as the work is asked to stop."""
        if self._event.wait(seconds):
            raise Cancelled

    @contextmanager
    def closing(self, close: Callable[[], object]) -> Iterator[None]:
        """Run ``close`` if the token is cancelled while the block runs.

        ``close`` is called on the cancelling thread and must not block: closing or
        shutting down a socket, ending a child process. An error that the block raises
        because of it becomes ``Cancelled``.
        """
        with self._lock:
            if not self._event.is_set():
                self._closers.append(close)
        self.check()
        try:
            yield
        except Exception as error:
            if self.cancelled and not isinstance(error, Cancelled):
                raise Cancelled from error
            raise
        finally:
            with self._lock:
                if close in self._closers:
                    self._closers.remove(close)


class Job:
    """Work on a thread of its own.

    ``work(report, cancel)`` is a plain function. What it reports and the one ``Ended``
    go to ``events`` from the job's thread; the reader drains the queue on its own.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Report, CancelToken], Any],
        events: "SimpleQueue[Any]",
    ) -> None:
        """Prepare the job; ``start`` runs it."""
        self.name = name
        self._work = work
        self._events = events
        self._token = CancelToken()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Run the work once; a second call raises ``RuntimeError``."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask the work to stop; its ``Ended`` follows."""
        self._token.cancel()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for the thread to end."""
        self._thread.join(timeout_s)

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            end = Ended(Outcome.COMPLETED, result=self._work(self._events.put, self._token))
        except Cancelled:
            end = Ended(Outcome.CANCELLED)
        except LabError as error:  # expected: the person can act on it
            logger.info("%s failed: %s %s", self.name, error, error.detail)
            end = Ended(Outcome.FAILED, str(error), error)
        except Exception:  # a bug: full trace in the log, the window lives on
            logger.exception("%s crashed", self.name)
            end = Ended(Outcome.FAILED, "Something in the lab broke. The log has the details.")
        self._events.put(end)
