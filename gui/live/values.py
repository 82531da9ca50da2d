"""What the Live view shows of a run, as its jobs hand it over."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gui.history.values import Column, Curve

STAGES = (
    ("infer", "infer", "accent"),
    ("camera", "camera wait", "muted"),
    ("convert", "convert", "convert"),
    ("post", "post", "post"),
    ("draw", "draw", "draw"),
    ("waiting", "other", "faint"),
)
"""Where the time between results goes: the engine's word, the word shown, the colour's name."""


class Level(NamedTuple):
    """The median of one part of a run with its interval, on the phone's clock.

    Attributes:
        begin_ns: Where the part begins.
        end_ns: Where it ends; None while it goes on.
        interval_ms: The median's 95 % interval; None where there is none.
    """

    begin_ns: int
    end_ns: int | None
    median_ms: float
    interval_ms: tuple[float, float] | None


class RunMarks(NamedTuple):
    """What the live charts draw over the samples of a run, on the phone's clock.

    Attributes:
        begin_ns: The run's first sample.
        steady_ns: Where the warm-up ends as far as it is known; None before.
        end_ns: Its last sample; None while it goes on.
        levels: The medians of its parts.
        slow_ns: Since when heat slows it down; None when it does not.
    """

    begin_ns: int
    steady_ns: int | None = None
    end_ns: int | None = None
    levels: tuple[Level, ...] = ()
    slow_ns: int | None = None


class Figure(NamedTuple):
    """One figure: never without its unit; ``note`` below it, ``tip`` says what it means."""

    name: str
    value: str
    note: str = ""
    tip: str = ""


class Stages(NamedTuple):
    """Where the time between results goes, mean milliseconds by ``STAGES``' first words."""

    ms: dict[str, float]

    @property
    def infer_ms(self) -> float:
        """What the engine alone takes."""
        return self.ms.get("infer", 0.0)

    @property
    def period_ms(self) -> float:
        """From one result to the next."""
        return sum(self.ms.values())


class Line(NamedTuple):
    """Values over the seconds of a run, both of shape (n,)."""

    seconds: "Column"
    values: "Column"


class Heat(NamedTuple):
    """How warm the phone was during a run and how fast its cores ran.

    Attributes:
        celsius: The battery's temperature.
        ghz: The fastest core's clock.
        allowed_ghz: The highest clock that any core was allowed.
    """

    celsius: Line
    ghz: Line
    allowed_ghz: Line


class Caution(NamedTuple):
    """What to know before believing a run.

    Attributes:
        word: The flag.
        means: What it means and what to do.
        against: Whether it keeps the run from being ranked.
    """

    word: str
    means: str
    against: bool


class RunView(NamedTuple):
    """One run as it is shown in place.

    Attributes:
        run_id: Its number.
        said: Model, preset, how long, on what.
        valid: Whether it may be ranked.
        verdict: That in words.
        figures: All figures, most important first.
        warnings: Its flags, and what else to know.
        stages: Of the steady part; None without samples.
        curve: Its latency; None without samples.
        heat: On the same axis.
        marks: For the live charts; None without samples.
    """

    run_id: int
    said: str
    valid: bool
    verdict: str
    figures: tuple[Figure, ...]
    warnings: tuple[Caution, ...]
    stages: Stages | None
    curve: "Curve | None"
    heat: Heat | None
    marks: RunMarks | None
