"""What the Sweep page shows and asks for: plain values, made on jobs' threads."""

from typing import NamedTuple

VARIANTS, BASELINES, HERE = "variants", "baselines", "on this computer"
"""Groups of models, in the order of the list."""
SWEEP, AB = "sweep", "ab"
"""Kinds of series, as the engine calls them."""


class Model(NamedTuple):
    """A model that can be measured.

    Attributes:
        name: What the engine finds it by.
        title: For a person.
        group: One of this module's words.
        alpha: Of a variant, else None.
        resolution: Of a variant, else None.
        precision: May be empty.
        built: Whether it is on this computer.
    """

    name: str
    title: str
    group: str
    alpha: float | None = None
    resolution: int | None = None
    precision: str = ""
    built: bool = True


class Unfinished(NamedTuple):
    """A series that can be resumed."""

    series_id: int
    kind: str
    title: str
    measured: int
    planned: int

    @property
    def sentence(self) -> str:
        """What it is and how far it came."""
        return f"{named(self.kind, self.series_id)}: {self.measured} of {self.planned} measured."


class Offer(NamedTuple):
    """What there is to choose from.

    Attributes:
        models: All that can be measured.
        three: The variants to measure so that the others can be predicted.
        unfinished: What can be resumed, newest first.
    """

    models: tuple[Model, ...] = ()
    three: tuple[str, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()


class Side(NamedTuple):
    """One side of an A/B test."""

    model: str
    threads: int | None
    delegate: str
    source: str


class Repeats(NamedTuple):
    """How long and how often each is measured.

    Attributes:
        preset: When one run is enough.
        blocks: How often each is measured.
        seed: Of the random order.
        start_c: Degrees Celsius to cool down to before each run; None does not wait.
    """

    preset: str = "quick"
    blocks: int = 3
    seed: int = 0
    start_c: float | None = None


class SweepWish(NamedTuple):
    """What a sweep is to measure; empty threads, delegates or sources are the usual one."""

    models: tuple[str, ...]
    threads: tuple[int, ...] = ()
    delegates: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    repeats: Repeats = Repeats()


class AbWish(NamedTuple):
    """What an A/B test is to compare."""

    a: Side
    b: Side
    repeats: Repeats = Repeats(blocks=5)


Wish = SweepWish | AbWish


class Line(NamedTuple):
    """One configuration of a ranking.

    Attributes:
        title: As short as it can be told from the others.
        name: In full.
        alpha: Of a variant, else None.
        resolution: Of a variant, else None.
        precision: May be empty.
        blocks_ms: Median of each valid block, milliseconds.
        median_ms: Of all blocks; None where nothing counts.
        interval_ms: Its 95 % interval; None under two blocks.
        rank: From 1; None where nothing counts.
        tied: Whether another one has that rank.
        why: Why runs of it do not count; may be empty.
    """

    title: str
    name: str
    alpha: float | None
    resolution: int | None
    precision: str
    blocks_ms: tuple[float, ...]
    median_ms: float | None
    interval_ms: tuple[float, float] | None
    rank: int | None
    tied: bool
    why: str


class Change(NamedTuple):
    """The difference that an A/B test found: how many times as slow B is."""

    ratio: float
    interval: tuple[float, float]
    sentence: str


class Standing(NamedTuple):
    """How a series stands, by its records.

    Attributes:
        series_id: Its number.
        kind: ``sweep`` or ``ab``.
        title: What it measures.
        lines: Fastest first.
        blocks: How many each one is to have.
        measured: Runs that were completed.
        planned: Runs in all.
        sentence: The answer so far.
        finished: Whether nothing more comes.
        change: What an A/B test found; None of a sweep.
        setting: Delegate, threads and source of all; None where they are several.
    """

    series_id: int
    kind: str
    title: str
    lines: tuple[Line, ...]
    blocks: int
    measured: int
    planned: int
    sentence: str
    finished: bool
    change: Change | None = None
    setting: tuple[str, int, str] | None = None


def named(kind: str, series_id: int) -> str:
    """Return what people call a series: ``Sweep 12``."""
    return f"{'A/B' if kind == AB else 'Sweep'} {series_id}"
