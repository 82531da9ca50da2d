"""A run taken apart: warm-up, steady part, throttled part. Nothing is averaged across."""

from dataclasses import dataclass, replace

import numpy as np

from engine.link.messages import Health, SampleArray
from engine.measuring.conditions import conditions
from engine.measuring.statistics import Summary, summarise_samples
from engine.measuring.throttling import Throttling, find_throttling
from engine.measuring.warm_up import WarmUp, detect_warm_up
from engine.phones.readings import Reading

STEADY = "steady"
THROTTLED = "throttled"
LEAST_STEADY = 6
"""Samples that a median's interval needs; fewer before the heat are no part of their own."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a run.

    Attributes:
        name: ``steady`` or ``throttled``.
        begin: Index of its first sample.
        end: Index after its last.
        summary: Of its samples alone.
    """

    name: str
    begin: int
    end: int
    summary: Summary


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a run consists of.

    Attributes:
        warm_up: The leading samples that count nowhere.
        throttling: When and why it was slowed down by heat; None when it was not.
        parts: In time order: the steady part, then the throttled one. Only the one that there is
            of a run that was throttled throughout, or never.
    """

    warm_up: WarmUp
    throttling: Throttling | None
    parts: tuple[Part, ...]

    @property
    def summary(self) -> Summary | None:
        """The run's figures: those of the first part; None when no sample is left."""
        return self.parts[0].summary if self.parts else None


def analyse(
    samples: SampleArray, health: tuple[Health, ...] = (), readings: tuple[Reading, ...] = ()
) -> Analysis:
    """Take a run apart.

    Args:
        samples: Shape (n,), oldest first, all of one generation.
        health: The phone as its app told it.
        readings: The phone as its shell told it, on the same clock.
    """
    warm_up = detect_warm_up(samples)
    throttling = find_throttling(samples, conditions(health, readings), warm_up=warm_up.count)
    end = len(samples)
    if throttling is None:
        return Analysis(warm_up, None, _parts(samples, warm_up, end))
    cut = int(np.searchsorted(samples["finished_ns"].astype(np.int64), throttling.at_ns))
    if cut - warm_up.count >= LEAST_STEADY:
        warm_up = detect_warm_up(samples[:cut])  # judged by what it led to
        return Analysis(warm_up, throttling, _parts(samples, warm_up, cut))
    return Analysis(warm_up, throttling, _parts(samples, warm_up, warm_up.count))


def _parts(samples: SampleArray, warm_up: WarmUp, cut: int) -> tuple[Part, ...]:
    parts = []
    for name, begin, end in ((STEADY, warm_up.count, cut), (THROTTLED, cut, len(samples))):
        if end > begin:
            summary = summarise_samples(samples[begin:end], warm_up=0, settled=warm_up.settled)
            parts.append(Part(name, begin, end, replace(summary, warm_up=warm_up.count)))
    return tuple(parts)
