"""The child process that looks at pictures, retrains and evaluates, so that a window stays smooth.

Started by ``engine.training.trainer`` as ``python -m engine.training.child``. Standard input
carries pickled orders and cancels; when it ends, the lab is gone and so is this process, at once,
and with it TensorFlow's, which hangs on this one alike. Standard output carries pickled messages:
progress, passes, and one last word for each order. What libraries print goes to standard error.
"""

import contextlib
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO, Any, Final

from engine.errors import Cancelled, LabError
from engine.files import is_no_room
from engine.jobs import CancelToken, Progress
from engine.training.orders import Cancel, Crashed, Done, Order, Refused, Stopped

NICE: Final = 10
"""Of this process and of TensorFlow's: whatever there is to compute, the window comes first."""
TELL_S: Final = 0.05
"""Between two words about the same step: more often nobody can read."""


def main() -> int:
    """Do what standard input asks for, until it ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the lab's to handle
    if hasattr(os, "nice"):
        os.nice(NICE)
    desk = _Desk()
    threading.Thread(target=desk.read, args=(os.fdopen(os.dup(0), "rb"),), daemon=True).start()
    kitchen = Kitchen()
    while True:
        order, cancel = desk.orders.get()
        _send(answers, served(kitchen, order, cancel, answers))


class _Desk:
    """Takes orders, and cancels of the one at work."""

    def __init__(self) -> None:
        self.orders: SimpleQueue[tuple[Order, CancelToken]] = SimpleQueue()
        self._newest = (0, CancelToken())

    def read(self, asked: IO[bytes]) -> None:
        """Hand orders over as they come; end the process when no more can come."""
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                message = pickle.load(asked)  # noqa: S301 - the lab's own words
                if isinstance(message, Order):
                    self._newest = (message.number, CancelToken())
                    self.orders.put((message, self._newest[1]))
                elif isinstance(message, Cancel) and message.number == self._newest[0]:
                    self._newest[1].cancel()
        os._exit(3)


class Kitchen:
    """Carries orders out; TensorFlow's children and decoded pictures stay between them."""

    def __init__(self) -> None:
        self._workers: Any = None
        self._small: Any = None

    def serve(self, order: Order, cancel: CancelToken, tell: Callable[[Any], None]) -> Any:
        """Do it and return what came of it.

        Raises:
            LabError: If it cannot be done.
            Cancelled: If it was cancelled.
        """
        given = order.given | {"report": tell, "cancel": cancel}
        if order.what == "scan":
            from engine.training.dataset import scan

            return scan(**given)
        if order.what == "evaluate":
            from engine.accuracy.evaluation import evaluate

            return evaluate(**given)
        from engine.models.store import ModelStore
        from engine.models.worker import Workers
        from engine.training.networks import LabNetworks
        from engine.training.retraining import retrain
        from engine.training.testing import SmallPictures

        if self._workers is None:
            self._workers, self._small = Workers(), SmallPictures()
        networks = LabNetworks(ModelStore(), self._workers)
        return retrain(**given, networks=networks, small=self._small, on_epoch=tell)


def served(kitchen: Kitchen, order: Order, cancel: CancelToken, answers: IO[bytes]) -> object:
    """Carry an order out and return the last word, whatever happens."""
    try:
        return Done(kitchen.serve(order, cancel, _telling(answers)))
    except Cancelled:
        return Stopped()
    except LabError as error:
        return Refused(error.what, error.advice, error.detail)
    except MemoryError as error:
        advice = "Close other programs, or take fewer pictures; what was computed is kept."
        return Refused("There is too little memory.", advice, str(error))
    except Exception as error:  # noqa: BLE001 - the lab writes it into its log
        if is_no_room(error):
            advice = "Free some space and try again: it goes on from there."
            return Refused("There is no room left on the disk.", advice, str(error))
        return Crashed(traceback.format_exc())


def _telling(answers: IO[bytes]) -> Callable[[Any], None]:
    """Return what tells the lab of progress and passes."""
    lock = threading.Lock()
    last = [("", 0.0)]

    def tell(said: Any) -> None:
        now = time.monotonic()
        with lock:
            if isinstance(said, Progress):
                step, told = last[0]
                if step == said.step and said.fraction != 1 and now - told < TELL_S:
                    return
                last[0] = (said.step, now)
            _send(answers, said)

    return tell


def _send(answers: IO[bytes], message: object) -> None:
    pickle.dump(message, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
