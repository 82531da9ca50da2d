"""Paces: made-up times of inferences that resemble a named phone. Pure, and seeded.

A pace is no measurement. Its line comes from published figures; its noise is made up: a
log-normal jitter, a warm-up of the first inferences after a model was opened, and rare
outliers. Two phones of one pace agree in their median; no two runs are the same.
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from engine.errors import LabError

JITTER = 0.025
"""Standard deviation of the logarithm of an inference's time."""
OUTLIER_SHARE = 0.005
OUTLIER_FACTORS = (1.5, 3.0)
FIRST_FACTOR = 2.5
"""The first inference of an opened model pays for what is prepared then."""
WARM_UP_FACTOR = 0.35
WARM_UP_COUNT = 8.0
"""The second takes 35 % longer; with each 8 that follow, 1/e of that is left."""
PARALLEL_SHARE = 0.85
"""Of the time that grows with MACs: what more threads share, after Amdahl. Assumed."""
FLOAT_PRECISIONS = ("float32", "float16", "mixed")
"""Precisions of the float line; LiteRT reckons these in float, 8-bit ones in integers."""
CPU_DELEGATE_FACTOR = 1.3
"""How much longer the interpreter's own kernels take than XNNPACK. Made up."""
BATCH = 256


@dataclass(frozen=True, slots=True)
class Line:
    """Milliseconds of an inference: ``base_ms`` and so much more for each million MACs."""

    base_ms: float
    ms_per_mmac: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a made-up phone is.

    Attributes:
        name: What it is asked for by.
        resembles: A phrase that says what it is made of.
        float_line: On ``line_threads`` threads.
        quant_line: The same for 8-bit models.
        line_threads: How many threads the lines hold for; more are not faster.
        cores_khz: The highest clock of each core, kHz.
    """

    name: str
    resembles: str
    float_line: Line
    quant_line: Line
    line_threads: int
    cores_khz: tuple[int, ...]

    @property
    def note(self) -> str:
        """What stands beside every number of a phone at this pace."""
        return f"virtual phone: simulated {self.name} pace"

    def nominal_ms(self, macs: int, precision: str, threads: int, delegate: str) -> float:
        """Return the median of a warm inference, milliseconds.

        Args:
            macs: Multiply-accumulates of one inference.
            precision: As ``ModelFacts.precision``.
            threads: Of the interpreter.
            delegate: What executes the graph: ``xnnpack`` or ``cpu``.
        """
        line = self.float_line if precision in FLOAT_PRECISIONS else self.quant_line
        useful = min(threads, self.line_threads)
        alone = 1 - PARALLEL_SHARE
        scale = (PARALLEL_SHARE / useful + alone) / (PARALLEL_SHARE / self.line_threads + alone)
        kernels = CPU_DELEGATE_FACTOR if delegate == "cpu" else 1.0
        return (line.base_ms + line.ms_per_mmac * macs / 1e6 * scale) * kernels


_PIXEL_3_FLOAT, _PIXEL_3_QUANT = Line(1.27, 0.0408), Line(1.01, 0.0217)
"""Least squares over the 16 MobileNet v1 of ``assets/catalog.toml``, source ``hosted``: Pixel 3,
Android 10, CPU, 4 threads (R2 0.997 and 0.991)."""

_MI_A1 = 93.0 / (_PIXEL_3_FLOAT.base_ms + _PIXEL_3_FLOAT.ms_per_mmac * 569)
"""One published figure of the Snapdragon 625: MobileNet v1 1.0@224 float in 93.0 ms, 8 threads of
ncnn (github.com/Tencent/ncnn/issues/826). That 8-bit models gain as on a Pixel 3 is assumed."""


def _slower(line: Line, factor: float) -> Line:
    return Line(line.base_ms * factor, line.ms_per_mmac * factor)


PACES = {
    pace.name: pace
    for pace in (
        Pace(
            "pixel-3",
            "the published Pixel 3 table (CPU, 4 threads), as a line in MACs",
            *(_PIXEL_3_FLOAT, _PIXEL_3_QUANT, 4),
            cores_khz=(1_766_400,) * 4 + (2_803_200,) * 4,
        ),
        Pace(
            "mi-a1",
            "the Pixel 3 line, slowed to the one figure that ncnn's users published of a "
            "Snapdragon 625",
            *(_slower(_PIXEL_3_FLOAT, _MI_A1), _slower(_PIXEL_3_QUANT, _MI_A1), 8),
            cores_khz=(2_016_000,) * 8,
        ),
    )
}
"""All paces by name. Clocks are the chips' nominal ones (Snapdragon 845 and 625)."""


def find_pace(name: str) -> Pace:
    """Return a pace by its name.

    Raises:
        LabError: If there is none.
    """
    if name not in PACES:
        raise LabError(f"There is no pace {name!r}.", f"Choose one of {', '.join(PACES)}.")
    return PACES[name]


class Times:
    """The times of one opened model's inferences, one after the other; one thread uses it."""

    def __init__(self, nominal_ms: float, seed: str) -> None:
        """Start with the first inference; the same seed gives the same times."""
        self._nominal_ns = nominal_ms * 1e6
        self._random = np.random.default_rng(
            int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "little")
        )
        self._batch: list[float] = []
        self._count = 0

    def next_ns(self) -> int:
        """Return how long the next inference takes while the phone is not throttled."""
        if not self._batch:
            self._batch = self._factors()
        count, self._count = self._count, self._count + 1
        factor = self._batch.pop()
        if count == 0:
            factor *= FIRST_FACTOR
        else:
            factor *= 1 + WARM_UP_FACTOR * math.exp(-(count - 1) / WARM_UP_COUNT)
        return round(self._nominal_ns * factor)

    def _factors(self) -> list[float]:
        factors = np.exp(self._random.normal(0.0, JITTER, BATCH))
        hit = self._random.random(BATCH) < OUTLIER_SHARE
        factors[hit] *= self._random.uniform(*OUTLIER_FACTORS, int(hit.sum()))
        return [float(factor) for factor in factors]
