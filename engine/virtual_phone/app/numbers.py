"""What the lab app's screen shows: the newest answers and numbers that can be read."""

import statistics
from collections import deque
from dataclasses import dataclass, field

from engine.models.recognition import Box, ClassScore
from engine.virtual_phone.app.link_messages import Sample
from engine.virtual_phone.screen.camera import CameraFrame, clock_ns

WINDOW_NS = 2 * 10**9
REFRESH_NS = 250 * 10**6
"""Digits that change faster cannot be read."""

Entry = tuple[str, ClassScore | Box]
"""A class's name and what the model said."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing is inferred: a code of the protocol and a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Medians of the last two seconds.

    Attributes:
        latency_ms: Of the inference alone; None before the first.
        results_per_s: What really arrives per second of wall time.
    """

    latency_ms: float | None = None
    results_per_s: float | None = None
    camera_ms: float = 0.0
    convert_ms: float = 0.0
    post_ms: float = 0.0
    draw_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class LabView:
    """All that the lab app's screen shows at one moment.

    Attributes:
        picture: The camera's newest frame; None if the source is no camera.
        opening: Whether the first model is being opened.
        resolution: The model's input side in pixels; 0 without a model.
        execution: Delegate and threads in words.
        note: What stands below everything: whose speed this is.
        entries: Name and answer, highest score first.
    """

    picture: CameraFrame | None = None
    source: str = "camera"
    paused: bool = False
    linked: bool = False
    trouble: Trouble | None = None
    opening: bool = False
    model_name: str = ""
    model_origin: str = ""
    untrained: bool = False
    resolution: int = 0
    dtype: str = ""
    detection: bool = False
    execution: str = ""
    note: str = ""
    numbers: Numbers = field(default_factory=Numbers)
    entries: tuple[Entry, ...] = ()


class LabNumbers:
    """Collects samples; one thread adds, another reads.

    Attributes:
        draw_ns: How long the last drawing took.
        entries: The newest answer.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.draw_ns = 0
        self.entries: tuple[Entry, ...] = ()
        self._samples: deque[Sample] = deque(maxlen=8192)
        self._shown = Numbers()
        self._shown_ns = 0

    def clear(self) -> None:
        """Forget another model's numbers."""
        self.entries = ()
        self._samples = deque(maxlen=8192)
        self._shown_ns = 0

    def add(self, sample: Sample) -> None:
        """Count one inference."""
        self._samples.append(sample)

    def shown(self) -> Numbers:
        """Return the numbers, at most four times per second new ones."""
        now_ns = clock_ns()
        if now_ns - self._shown_ns >= REFRESH_NS:
            self._shown = self._summarise(now_ns)
            self._shown_ns = now_ns
        return self._shown

    def _summarise(self, now_ns: int) -> Numbers:
        samples = self._samples
        while len(samples) > 1 and now_ns - samples[0].finished_ns > WINDOW_NS:
            samples.popleft()
        recent = list(samples)
        if not recent or now_ns - recent[-1].finished_ns > WINDOW_NS:
            return Numbers()
        span_ns = recent[-1].finished_ns - recent[0].finished_ns
        return Numbers(
            latency_ms=statistics.median(one.infer_ns for one in recent) / 1e6,
            results_per_s=(len(recent) - 1) * 1e9 / span_ns if span_ns else None,
            camera_ms=statistics.median(one.camera_ns for one in recent) / 1e6,
            convert_ms=statistics.median(one.convert_ns for one in recent) / 1e6,
            post_ms=statistics.median(one.post_ns for one in recent) / 1e6,
            draw_ms=statistics.median(one.draw_ns for one in recent) / 1e6,
        )
