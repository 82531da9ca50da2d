"""What other threads want of the app's worker, done between two inferences."""

import queue
from collections.abc import Callable
from concurrent.futures import Future

from engine.errors import LabError
from engine.virtual_phone.app.refusal import Refused

TIMEOUT_S = 60.0


class Errands:
    """A queue of functions; one thread runs them, and those who ask wait."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when there is something to run."""
        self._wake = wake
        self._waiting: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = (
            queue.SimpleQueue()
        )
        self._ended = False

    def ask(self, apply: Callable[[], None]) -> None:
        """Have ``apply`` run, and wait for it.

        Raises:
            Refused: What it raised; a ``LabError`` of it is a model that does not run.
        """
        done: Future[None] = Future()
        self._waiting.put((apply, done))
        self._wake()
        if self._ended:
            raise Refused("bad_state", "The app is ending.")
        try:
            done.result(TIMEOUT_S)
        except LabError as error:
            raise Refused("bad_model", str(error)) from error
        except TimeoutError as error:
            raise Refused("bad_state", "The app is busy.") from error

    def run(self, ran: Callable[[], None]) -> None:
        """Run all that wait; ``ran`` is called after each that succeeded, before its answer."""
        while not self._waiting.empty():
            apply, done = self._waiting.get()
            try:
                apply()
            except (LabError, Refused) as error:
                done.set_exception(error)
                continue
            except Exception:
                done.set_exception(Refused("bad_state", "The app crashed."))
                raise
            ran()
            done.set_result(None)

    def end(self) -> None:
        """Refuse what waits, and what comes."""
        self._ended = True
        while not self._waiting.empty():
            self._waiting.get()[1].set_exception(Refused("bad_state", "The app ended."))
