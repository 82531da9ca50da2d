"""What the phone app says, as values; their bytes are in ``protocol``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import LinkError
from engine.models.recognition import Box, ClassScore

NO_RESULT = 0xFFFFFFFF
"""``result`` of a sample that no ``Result`` belongs to."""
NO_TEMPERATURE = -32768
"""``temperature_dc`` of a sample whose battery temperature is unknown."""
FLAG_FIRST = 1
"""Bit of a sample's ``flags``: the first after a load."""
FLAG_UNTRAINED = 2
"""Bit of a sample's ``flags``: the model was never trained."""

SAMPLE_DTYPE = np.dtype(
    [
        ("sequence", "<u4"),
        ("generation", "<u4"),
        ("captured_ns", "<u8"),
        ("finished_ns", "<u8"),
        ("camera_ns", "<u8"),
        ("convert_ns", "<u8"),
        ("infer_ns", "<u8"),
        ("post_ns", "<u8"),
        ("draw_ns", "<u8"),
        ("result", "<u4"),
        ("temperature_dc", "<i2"),
        ("flags", "<u2"),
    ]
)
"""One sample record, 72 bytes; times on the phone's monotonic clock."""

SampleArray = NDArray[np.void]
"""Shape (n,), dtype ``SAMPLE_DTYPE``, oldest first."""


@dataclass(frozen=True, slots=True)
class AppFacts:
    """The phone app that speaks.

    Attributes:
        runtime: What executes the graph, with its version: ``LiteRT 1.0.1``.
        debuggable: Whether it is a debug build, whose times do not count.
    """

    version: str
    version_code: int
    package: str
    debuggable: bool
    runtime: str


@dataclass(frozen=True, slots=True)
class AppPhone:
    """The phone as the app sees it."""

    manufacturer: str
    model: str
    android: str
    sdk: int
    fingerprint: str
    abis: tuple[str, ...]
    soc: str


@dataclass(frozen=True, slots=True)
class Hello:
    """The app's first message.

    Attributes:
        sources: Where its pictures can come from: ``camera``, ``pictures``, ``loop``.
        delegates: What can execute the graph: ``cpu``, ``xnnpack``, ``nnapi``, ``gpu``.
        clock_ns: The phone's monotonic clock when this was written.
        pid: The app's process; another one later means that it was restarted.
        cameras: Which cameras the phone has: ``back``, ``front``.
        pictures: How many pictures are in the APK.
    """

    app: AppFacts
    phone: AppPhone
    sources: tuple[str, ...]
    delegates: tuple[str, ...]
    max_threads: int
    clock_ns: int
    pid: int
    cameras: tuple[str, ...]
    pictures: int


@dataclass(frozen=True, slots=True)
class AppTrouble:
    """Why the app cannot measure now: its code, and a sentence for a person."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class AppState:
    """What the app is doing.

    Attributes:
        delegate: What was asked for.
        delegate_applied: What really executes the graph.
        delegate_note: Why the two differ; else empty.
        threads: How many really execute the graph.
        threads_asked: How many were asked for.
        camera: Which camera the source ``camera`` means: ``back`` or ``front``.
        error: What keeps it from measuring, or None.
    """

    source: str
    paused: bool
    threads: int
    delegate: str
    delegate_applied: str
    delegate_note: str
    threads_asked: int
    camera: str
    error: AppTrouble | None


@dataclass(frozen=True, slots=True)
class ModelInput:
    """The input tensor: NHWC shape, dtype, real value = scale * (value - zero_point)."""

    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int


@dataclass(frozen=True, slots=True)
class AppModel:
    """The model that the app has opened.

    Attributes:
        generation: Grows at each load and each change of threads or delegate; samples
            carry it.
        task: ``classification``, ``detection``, ``embedding`` or ``segmentation``.
        fit: How a picture is laid into its input: ``crop``, ``letterbox`` or ``stretch``.
        load_ms: Creation and allocation of the interpreter.
        first_ms: The first ``Interpreter.run``, which is also the first sample.
    """

    generation: int
    name: str
    sha256: str
    size_bytes: int
    task: str
    fit: str
    untrained: bool
    input: ModelInput
    labels: tuple[str, ...]
    load_ms: float
    first_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples, oldest first.

    Attributes:
        array: Shape (n,), n >= 1, dtype ``SAMPLE_DTYPE``, read-only.
    """

    array: SampleArray


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What one sample recognised.

    Attributes:
        sequence: Of the sample that it belongs to.
        kind: ``classes``, ``boxes``, ``vector`` or ``map``: what was recognised, also when
            there are no entries.
        entries: Highest score first; of a map the classes on most of it, their share of its
            cells as score; of a vector none.
        picture: Which of the APK's pictures it was, from 1; 0 for any other source.
        vector: Of the kind ``vector``: float32, shape (n,), n from 1 to 65,536, read-only.
        cells: Of the kind ``map``: each cell's class, uint8, shape (rows, columns), the upper
            left cell first, at most 262,144 cells, read-only.
    """

    sequence: int
    generation: int
    kind: str
    entries: tuple[ClassScore, ...] | tuple[Box, ...]
    picture: int = 0
    vector: NDArray[np.float32] | None = None
    cells: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The app's answer to the command of that id; ``code`` and ``text`` when not ok."""

    id: int
    ok: bool
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How the phone is, once per second; None is what it could not read.

    Attributes:
        thermal: Android's thermal status 0 (none) to 6 (shutdown).
        cpu_khz: Current clock of each core, or of each that could be read.
        pss_kb: Memory of the app, proportional set size; up to 10 s old.
        power_save: Whether Android's battery saver is on.
        native_heap_kb: What the app's native allocator has handed out.
    """

    clock_ns: int
    battery_percent: float | None = None
    battery_c: float | None = None
    charging: bool | None = None
    thermal: int | None = None
    screen_on: bool | None = None
    cpu_khz: tuple[int, ...] | None = None
    pss_kb: int | None = None
    power_save: bool | None = None
    native_heap_kb: int | None = None


@dataclass(frozen=True, slots=True)
class Bye:
    """The app's last message; ``busy`` when another lab is connected."""

    code: str
    text: str


Message = Hello | AppState | AppModel | Samples | Result | Answer | Health | Bye


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link ended without the lab closing it; nothing follows. Never on the wire."""

    error: LinkError


LinkEvent = Hello | AppState | AppModel | Samples | Result | Health | Bye | LinkLost
"""What a link hands to its listeners."""
