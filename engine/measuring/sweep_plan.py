"""What a sweep measures: places, in random order, block after block."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from engine.errors import LabError
from engine.link.messages import Hello
from engine.measuring.presets import PRESETS, Preset

LEAST_BLOCKS = 3
MOST_BLOCKS = 100
AROUND_S = 2.5
"""About how long a run's start of the app, change of model and warm-up take; a guess until the
sweep's own runs tell."""
USUAL_THREADS = 4


@dataclass(frozen=True, slots=True)
class Place:
    """One configuration of a sweep.

    Attributes:
        model: A model's name, or its file.
        threads: Interpreter threads; None is 4, or as many as the phone has if fewer.
        delegate: What is to execute the graph.
        source: Where pictures come from: ``camera``, ``pictures`` or ``loop``.
        label: Tells two places of the same configuration apart; else empty.
    """

    model: str
    threads: int | None = None
    delegate: str = "xnnpack"
    source: str = "loop"
    label: str = ""

    @property
    def name(self) -> str:
        """The place's name in the records: ``v1_0.50_128-int8, xnnpack, 4 threads, loop``."""
        return ", ".join((self.short, *self.how))

    @property
    def short(self) -> str:
        """The model's name without its folder."""
        return Path(self.model).stem if self.model.endswith(".tflite") else self.model

    @property
    def how(self) -> tuple[str, ...]:
        """Delegate, threads and source in words, and the label if there is one."""
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}" if self.threads else "auto"
        return self.delegate, threads, self.source, *([self.label] if self.label else [])


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of a sweep: a place in a block, counted from 1."""

    block: int
    place: Place


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What is measured, how long, and in which order.

    Attributes:
        places: The configurations, each once.
        preset: When one run is enough.
        blocks: How often each place is measured, 3 at least: a block has every place once.
        seed: Of the order within each block.
        start_c: Degrees Celsius that the battery cools down to before each run; None does
            not wait.
    """

    places: tuple[Place, ...]
    preset: Preset = PRESETS["quick"]
    blocks: int = LEAST_BLOCKS
    seed: int = 0
    start_c: float | None = None

    def __post_init__(self) -> None:
        """Reject what says nothing.

        Raises:
            LabError: No place, one twice, or too few blocks.
        """
        if not self.places:
            raise LabError("There is nothing to measure.", "Name one model at least.")
        names = [place.name for place in self.places]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise LabError(f"{twice[0]} is there twice.", "Name each once.")
        if not LEAST_BLOCKS <= self.blocks <= MOST_BLOCKS:
            raise LabError(
                f"A sweep has {LEAST_BLOCKS} to {MOST_BLOCKS} blocks, not {self.blocks}.",
                "Under three nobody can tell how much one block differs from the next.",
            )

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Every run in the order to measure: all places in each block, shuffled anew."""
        shuffled = random.Random(self.seed)  # noqa: S311 - to be repeatable, not secret
        return tuple(
            Turn(block, place)
            for block in range(1, self.blocks + 1)
            for place in shuffled.sample(self.places, len(self.places))
        )

    @property
    def turn_s(self) -> float:
        """About how many seconds one run takes, before any was measured."""
        return self.preset.min_s + AROUND_S

    def as_json(self) -> dict[str, Any]:
        """Return JSON values that ``from_json`` makes the same plan of."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "SweepPlan":
        """Read what ``as_json`` wrote.

        Raises:
            LabError: It is no plan of this lab.
        """
        try:
            places = tuple(Place(**place) for place in values["places"])
            return cls(**{**values, "places": places, "preset": Preset(**values["preset"])})
        except (KeyError, TypeError, ValueError) as error:
            raise LabError(
                "The plan of this series cannot be read.", "Begin a new one.", detail=repr(error)
            ) from error


def cross(
    models: Sequence[str],
    threads: Sequence[int] = (),
    delegates: Sequence[str] = (),
    sources: Sequence[str] = (),
) -> tuple[Place, ...]:
    """Return every combination; what is not given stays at the usual."""
    usual = Place("")
    return tuple(
        Place(*each)
        for each in product(
            models, threads or (None,), delegates or (usual.delegate,), sources or (usual.source,)
        )
    )


def for_phone(plan: SweepPlan, hello: Hello) -> SweepPlan:
    """Return the plan with each place's threads said, as this phone can run them.

    Raises:
        LabError: The phone does not have what a place asks for.
    """
    return replace(plan, places=tuple(_for_phone(place, hello) for place in plan.places))


def _for_phone(place: Place, hello: Hello) -> Place:
    for what, wish, offered in (
        ("delegate", place.delegate, hello.delegates),
        ("source", place.source, hello.sources),
    ):
        if wish not in offered:
            raise LabError(
                f"The app on this phone has no {what} {wish!r}.", f"It has {', '.join(offered)}."
            )
    threads = place.threads or min(USUAL_THREADS, hello.max_threads)
    if not 1 <= threads <= hello.max_threads:
        raise LabError(
            f"The app on this phone runs 1 to {hello.max_threads} threads, not {threads}."
        )
    return replace(place, threads=threads)
