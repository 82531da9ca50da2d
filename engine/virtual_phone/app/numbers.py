"""What the lab app's screen shows: the newest answers and numbers that can be read."""

import statistics
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.models.recognition import Box, ClassScore
from engine.virtual_phone.app.link_messages import Sample
from engine.virtual_phone.app.settings import AppSettings
from engine.virtual_phone.screen.camera import clock_ns

WINDOW_NS = 2 * 10**9
REFRESH_NS = 250 * 10**6
"""Digits that change faster cannot be read."""

Entry = tuple[str, ClassScore | Box]
"""A class's label, empty if it has none, and what the model said."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the model said of one picture. Each is itself alone: two are never equal.

    Attributes:
        kind: ``classes``, ``boxes``, ``vector`` or ``map``.
        entries: Name and answer, highest score (of a map: largest share) first.
        vector: Shape (n,), of the kind ``vector``.
        cells: Shape (rows, columns), of the kind ``map``: the class of each cell.
        picture: The APK's picture that it was, from 1; 0 if it was none of them.
        rgb: That picture.
    """

    kind: str
    entries: tuple[Entry, ...] = ()
    vector: NDArray[np.float32] | None = None
    cells: NDArray[np.uint8] | None = None
    picture: int = 0
    rgb: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class ShownModel:
    """What the screen says of the model that runs.

    Attributes:
        sent: Whether it came over the link, not in the APK.
        columns: Of the input, pixels; 0 while none is open.
        rows: Of the input, pixels.
        applied: The delegate that really executes it.
    """

    name: str = ""
    sent: bool = False
    untrained: bool = False
    task: str = ""
    fit: str = "crop"
    columns: int = 0
    rows: int = 0
    dtype: str = ""
    applied: str = ""


@dataclass(frozen=True, slots=True)
class LabView:
    """All that the lab app's screen shows at one moment.

    Attributes:
        preview: The newest picture of the source, upright; None if there is none.
        preview_number: Changes with each preview.
        cameras: How many cameras may be chosen from.
        pictures: How many pictures the APK has.
        opening: Whether the first model is being opened.
        note: What stands below everything: whose speed this is.
        locale: The person's language.
    """

    settings: AppSettings = field(default_factory=AppSettings)
    model: ShownModel = field(default_factory=ShownModel)
    preview: NDArray[np.uint8] | None = None
    preview_number: int = 0
    cameras: int = 0
    pictures: int = 0
    linked: bool = False
    trouble: Trouble | None = None
    opening: bool = False
    note: str = ""
    locale: str = "en-US"
    numbers: Numbers = field(default_factory=Numbers)
    answer: Answer | None = None

    @property
    def source(self) -> str:
        """Where pictures come from."""
        return self.settings.source

    @property
    def mirrored(self) -> bool:
        """Whether the preview shows as in a mirror, as people expect of a front camera."""
        return self.source == "camera" and self.settings.camera == "front"


class LabNumbers:
    """Collects samples; one thread adds, another reads.

    Attributes:
        draw_ns: How long the last drawing took.
        answer: The newest one; None before the first.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.draw_ns = 0
        self.answer: Answer | None = None
        self._samples: deque[Sample] = deque(maxlen=8192)
        self._shown = Numbers()
        self._shown_ns = 0

    def clear(self) -> None:
        """Forget another model's numbers."""
        self.answer = None
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
