"""The child process that holds TensorFlow: a recipe in, a ``.tflite`` out, again and again.

It also trains the last blocks of a network, see ``engine.models.tuning``.

Started by ``engine.models.worker`` as ``python -m engine.models.conversion``. Standard input
carries one line of JSON per recipe or order; when it ends, the lab is gone and so is this
process, at once. Standard output carries lines of JSON: progress and passes, then
``{"done": true}`` or an error's sentence. What TensorFlow prints goes to standard error.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from engine.errors import LabError
from engine.files import is_no_room
from engine.models.recipe import Recipe
from engine.models.tune_order import TuneOrder


def main() -> int:
    """Convert what standard input asks for, until it ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # TensorFlow prints to standard output, from Python and from C++
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()
    kitchen = Kitchen()
    while True:
        request = json.loads(requests.get())
        try:
            _serve(kitchen, request, answers)
        except LabError as error:
            _say(answers, what=error.what, advice=error.advice, detail=error.detail)
        except OSError as error:  # what is in files here are the lab's own: no room, or no right
            what = "There is no room left" if is_no_room(error) else "Files cannot be written"
            advice = "Free some space on the disk of temporary files, and try again."
            _say(answers, what=f"{what} to make the model.", advice=advice, detail=str(error))
        except MemoryError as error:
            advice = "Close other programs, or choose a smaller variant."
            _say(answers, what="There is too little memory.", advice=advice, detail=str(error))
        else:
            _say(answers, done=True)


def _serve(kitchen: "Kitchen", request: dict[str, Any], answers: IO[str]) -> None:
    if "tune" in request:
        order = TuneOrder.from_json(request["tune"])
        kitchen.tune(order, _saying(answers), lambda epoch: _say(answers, epoch=epoch))
    else:
        data = kitchen.convert(Recipe.from_json(request["recipe"]), _saying(answers))
        Path(request["output"]).write_bytes(data)


class Kitchen:
    """What converts recipes; TensorFlow is loaded with the first."""

    def __init__(self) -> None:
        self._folded: Any = None
        self._networks: Any = None

    def convert(self, recipe: Recipe, say: Callable[[float, str], object]) -> bytes:
        """Return the bytes of the ``.tflite``.

        Raises:
            LabError: If TensorFlow is missing or the weights or pictures cannot be read.
        """
        say(0.02, "loading TensorFlow")
        _load_tensorflow()
        data: bytes = self._conversion(recipe.variant).convert(recipe, say)
        return data

    def tune(
        self,
        order: TuneOrder,
        say: Callable[[float, str], object],
        say_epoch: Callable[[dict[str, float]], object],
    ) -> None:
        """Train the last blocks of a network and write them where the order says.

        Raises:
            LabError: If TensorFlow is missing or the weights cannot be read.
        """
        say(0.0, "loading TensorFlow")
        _load_tensorflow()
        from engine.models.tuning import tune

        tune(order, say_epoch)

    def _conversion(self, variant: str) -> Any:
        from engine.models.folded_conversion import FoldedConversion
        from engine.models.network_conversion import NetworkConversion

        if variant.startswith("v1_"):
            self._folded = self._folded or FoldedConversion()
            return self._folded
        self._networks = self._networks or NetworkConversion()
        return self._networks


def _load_tensorflow() -> None:
    try:
        import_module("tensorflow")
    except ImportError as error:
        raise LabError(
            "TensorFlow is not installed, so no model can be built.",
            "Run packaging/run.py again to repair the environment.",
            detail=str(error),
        ) from error


def _read_requests(requests: "SimpleQueue[bytes]") -> None:
    """Hand requests over as they come; end the process when no more can come."""
    waiting = b""
    while chunk := os.read(0, 65_536):  # not sys.stdin: its lock would be held at the end
        *lines, waiting = (waiting + chunk).split(b"\n")
        for line in lines:
            requests.put(line)
    os._exit(3)


def _saying(answers: IO[str]) -> Callable[[float, str], object]:
    return lambda fraction, detail: _say(answers, fraction=fraction, detail=detail)


def _say(answers: IO[str], **message: object) -> None:
    answers.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    sys.exit(main())
