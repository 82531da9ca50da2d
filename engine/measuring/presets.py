"""How long a run takes: presets, and when the samples so far are enough."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import SampleArray
from engine.link.protocol import join
from engine.measuring.quantiles import quantile_interval
from engine.measuring.warm_up import WarmUp, detect_warm_up

HEAD_SAMPLES = 20_000
"""Warm-up is looked for in so many leading samples while a run goes on; a minute at 300/s."""
GROWTH = 1.01
"""The interval is computed anew when there are so many times more samples: a run of half an
hour then costs no more per second than a short one."""


@dataclass(frozen=True, slots=True)
class Preset:
    """When a run is long enough.

    Attributes:
        name: How the terminal and the record call it; empty for a time of one's own.
        min_s: Seconds that the steady part lasts at least. Of a preset that is over after a
            fixed time (``fixed``), of the whole run.
        max_s: Seconds after which the run ends in any case, warm-up included.
        min_count: Samples in the steady part at least.
        target: Half the 95 % interval of the median over the median, at most; None leaves
            it at time and count.
    """

    name: str
    min_s: float
    max_s: float
    min_count: int
    target: float | None = None

    def __post_init__(self) -> None:
        """Reject what could never end."""
        if not 0 < self.min_s <= self.max_s or self.min_count < 0:
            raise ValueError(f"no run can be like that: {self}")

    @property
    def fixed(self) -> bool:
        """Whether it takes the same time whatever comes."""
        return self.min_s == self.max_s


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("quick", 3.0, 15.0, 100, 0.05),
        Preset("lab", 10.0, 60.0, 100, 0.02),
        Preset("mlperf", 60.0, 600.0, 1024),
        Preset("sustained", 600.0, 600.0, 100),
    )
}
"""By name. ``lab`` is the lab's own rule; ``mlperf`` takes MLPerf Mobile's least count and time
(1024 queries, 60 s, at most 600 s: its ``tasks.pbtxt``); ``sustained`` is for heat."""

SUSTAINED_MINUTES = (5.0, 30.0)
"""How long ``sustained`` may take."""


def sustained(minutes: float) -> Preset:
    """Return the preset ``sustained`` for so many minutes, 5 to 30.

    Raises:
        ValueError: Too short or too long.
    """
    least, most = SUSTAINED_MINUTES
    if not least <= minutes <= most:
        raise ValueError(f"a sustained run takes {least:g} to {most:g} minutes")
    return replace(PRESETS["sustained"], min_s=60 * minutes, max_s=60 * minutes)


def fixed_time(seconds: float) -> Preset:
    """Return the nameless preset of a time of one's own."""
    return Preset("", seconds, seconds, 0)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How far a run is from being enough.

    Attributes:
        count: Samples in the steady part so far.
        seconds: Since the run's first counted sample, warm-up included.
        half_width: Half the 95 % interval of the median over the median; None where there is
            no interval yet.
        target: What it is to come to; None where the preset does not ask.
        fraction: 0..1, how much of what is needed is there; never falls, 1 only when enough.
        missing: What is not enough yet, a few words each; empty when all is.
        enough: Whether the run may end.
        settled: Whether the warm-up is over.
        warm_up: Leading samples that do not count, as far as is known by now.
    """

    count: int
    seconds: float
    half_width: float | None
    target: float | None
    fraction: float
    missing: tuple[str, ...]
    enough: bool
    settled: bool
    warm_up: int

    @property
    def text(self) -> str:
        """All of it in one line: ``412 samples, ±0.8 % of ±2 %, 3 s more``."""
        words = [f"{self.count} samples"]
        if self.half_width is not None:
            aim = "" if self.target is None else f" of ±{100 * self.target:g} %"
            words.append(f"±{100 * self.half_width:.1f} %{aim}")
        return ", ".join((*words, *self.missing))


class Enough:
    """Watches one run: is told every sample that counts, and says when it is enough."""

    def __init__(self, preset: Preset) -> None:
        """Begin with no sample."""
        self._preset = preset
        self._head: list[SampleArray] = []
        self._head_count = 0
        self._head_grew = False
        self._warm_up = WarmUp(0, settled=False)
        self._latency_ns = _Column()
        self._finished_ns = _Column()
        self._half_width: float | None = None
        self._steady_before = 0  # the steady samples that the half width is of
        self._fraction = 0.0

    def add(self, samples: SampleArray) -> None:
        """Take more samples, in order."""
        self._latency_ns.add(samples["infer_ns"])
        self._finished_ns.add(samples["finished_ns"])
        room = HEAD_SAMPLES - self._head_count
        if room > 0 and len(samples):
            self._head.append(samples[:room])
            self._head_count += min(room, len(samples))
            self._head_grew = True

    def status(self, seconds: float) -> RunStatus:
        """Say how far it is, ``seconds`` after the run's first counted sample."""
        self._look_for_warm_up()
        warm_up, settled = self._warm_up.count, self._warm_up.settled
        count = max(0, self._latency_ns.count - warm_up)
        self._look_at_width(warm_up, count)
        shares, missing = self._compare(seconds, count)
        enough = not missing
        if enough:
            self._fraction = 1.0
        else:
            # whatever is missing, the run is over after its longest time
            share = max(min(shares), seconds / self._preset.max_s)
            self._fraction = max(self._fraction, min(share, 0.99))
        return RunStatus(
            count=count,
            seconds=seconds,
            half_width=self._half_width,
            target=self._preset.target,
            fraction=self._fraction,
            missing=missing,
            enough=enough,
            settled=settled,
            warm_up=warm_up,
        )

    def _look_for_warm_up(self) -> None:
        if self._head_grew:
            head = join(self._head)
            self._head = [head]
            self._warm_up = detect_warm_up(head)
            self._head_grew = False

    def _look_at_width(self, warm_up: int, count: int) -> None:
        """Compute the half width, unless so few samples came that it is the same as before."""
        if self._steady_before <= count < self._steady_before * GROWTH:
            return
        self._steady_before = count
        self._half_width = relative_half_width(self._latency_ns.values[warm_up:])

    def _compare(self, seconds: float, count: int) -> tuple[list[float], tuple[str, ...]]:
        """Return which share of each thing needed is there, and what is missing."""
        preset = self._preset
        so_far = seconds if preset.fixed else self._steady_s(count)
        shares, missing = [so_far / preset.min_s], []
        if so_far < preset.min_s:
            missing.append(f"{math.ceil(preset.min_s - so_far)} s more")
        if preset.fixed:  # the time alone ends it; whether it was enough is judged afterwards
            return shares, tuple(missing)
        if not self._warm_up.settled:
            shares.append(0.0)
            missing.append("still warming up")
        if count < preset.min_count:
            shares.append(count / preset.min_count)
            missing.append(f"{preset.min_count - count} more samples")
        if preset.target is not None:
            if self._half_width is None:
                shares.append(0.0)
                missing.append("no interval yet")
            elif self._half_width > preset.target:
                # the interval narrows with the square root of the count
                shares.append((preset.target / self._half_width) ** 2)
                missing.append("a narrower interval")
        return shares, tuple(missing)

    def _steady_s(self, count: int) -> float:
        """Return how long the steady part lasts so far, on the phone's clock."""
        if count < 2:
            return 0.0
        finished = self._finished_ns.values
        return float(finished[-1] - finished[-count]) / 1e9


def relative_half_width(latency: NDArray[np.float64]) -> float | None:
    """Return half the 95 % interval of the median over the median; None without interval.

    Args:
        latency: Shape (n,), in any order and unit.
    """
    interval = quantile_interval(latency, 0.5)
    if interval is None:
        return None
    median = float(np.median(latency))
    return (interval[1] - interval[0]) / 2 / median if median else 0.0


class _Column:
    """Numbers that become more and more, in one array."""

    def __init__(self) -> None:
        self.count = 0
        self._data = np.empty(4096, np.float64)

    @property
    def values(self) -> NDArray[np.float64]:
        return self._data[: self.count]

    def add(self, values: NDArray[np.void]) -> None:
        """Append; nanoseconds of years fit into a double to some microseconds."""
        end = self.count + len(values)
        if end > len(self._data):
            self._data = np.concatenate((self.values, np.empty(end, np.float64)))
        self._data[self.count : end] = values
        self.count = end
