"""Opens a model for the lab's app, by the delegates that this phone has, and runs it once."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import LabError
from engine.models.interpreter import BY_OUTPUTS, HostModel
from engine.virtual_phone.app.facts import is_untrained
from engine.virtual_phone.app.model import LabModel
from engine.virtual_phone.app.numbers import ShownModel
from engine.virtual_phone.app.settings import MAX_THREADS
from engine.virtual_phone.screen.camera import clock_ns
from engine.virtual_phone.screen.scene import draw_scene
from engine.virtual_phone.screen.sources import fit_picture

NOT_HERE = {
    "nnapi": "This phone has no NNAPI driver; XNNPACK runs instead.",
    "gpu": "This phone has no GPU driver; XNNPACK runs instead.",
}

OpenHostModel = Callable[..., HostModel]
"""``HostModel.from_bytes`` or what stands in for it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A model that was opened and has run once.

    Attributes:
        threads: How many execute it; with a pace the made-up phone has more than this computer.
        delegate: What was asked for.
        applied: What really executes it.
        note: Why that is another one.
        begun_ns: When its first run began.
        first_ns: How long that took.
    """

    model: LabModel
    host: HostModel
    threads: int
    delegate: str
    applied: str
    note: str
    begun_ns: int
    first_ns: int

    @property
    def untrained(self) -> bool:
        """Whether its answers mean nothing."""
        return is_untrained(self.model, self.host)

    def run_fixed(self) -> int:
        """Fill the input with the fixed tensor and run; return nanoseconds of the run alone."""
        return _run_fixed(self.host)

    def shown(self) -> ShownModel:
        """Return what the screen says of it."""
        taken = self.host.facts.inputs[0]
        return ShownModel(
            name=self.model.name,
            sent=self.model.sent,
            untrained=self.untrained,
            task=self.host.task,
            fit=self.host.fit,
            columns=taken.shape[2],
            rows=taken.shape[1],
            dtype=taken.dtype,
            applied=self.applied,
        )


def open_model(model: LabModel, threads: int, delegate: str, opener: OpenHostModel) -> Opened:
    """Open a model for the asked delegate as far as this phone has it, and run it once.

    Raises:
        LabError: If LiteRT cannot open it, it does not fit its task, or it fails.
    """
    applied = "cpu" if delegate == "cpu" else "xnnpack"
    reading = model.reading
    host = opener(
        model.data,
        name=model.name,
        threads=min(threads, MAX_THREADS),
        labels=model.labels,
        delegate=applied,
        task=reading.task or BY_OUTPUTS,  # the app reads no graphs
        fit=reading.fit,
        scores=reading.scores or BY_OUTPUTS,
    )
    begun_ns = clock_ns()
    try:
        first_ns = _run_fixed(host)
    except LabError:
        host.close()
        raise
    note = NOT_HERE.get(delegate, "")
    return Opened(model, host, threads, delegate, applied, note, begun_ns, first_ns)


def _run_fixed(host: HostModel) -> int:
    return host.predict(fit_picture(draw_scene(0.0)[0])).infer_ns
