"""What a timed run is to be like, as the person chose it."""

from typing import NamedTuple

FIXED = ""
"""The preset of a time of one's own."""
PRESETS = {
    "quick": ("Quick", "until ±5 %, 3 to 15 s"),
    "lab": ("Lab", "until ±2 %, 10 to 60 s"),
    "mlperf": ("MLPerf-like", "60 s and 1024 samples"),
    "sustained": ("Sustained", "{minutes:g} min, to see heat"),
    FIXED: ("Fixed time", "{seconds:g} s"),
}
"""Each preset's word, and when it is enough; the engine's own numbers, which a test compares."""
MINUTES = (5, 30)
SECONDS = (1, 3600)
COOLEST, WARMEST = 15, 45
"""Start temperatures that make sense of a phone's battery, degrees Celsius."""


class RunPlan(NamedTuple):
    """How to measure.

    Attributes:
        preset: Of ``PRESETS``.
        seconds: How long, of a fixed time.
        minutes: How long, of ``sustained``.
        start_c: Let the battery cool down to so many degrees first; None begins at once.
        note: The person's own word for the record.
    """

    preset: str = "lab"
    seconds: float = 30.0
    minutes: float = 10.0
    start_c: float | None = None
    note: str = ""

    @property
    def text(self) -> str:
        """When it is enough: ``until ±2 %, 10 to 60 s``."""
        said = PRESETS[self.preset][1].format(minutes=self.minutes, seconds=self.seconds)
        return said if self.start_c is None else f"{said}, from {self.start_c:g} °C"
