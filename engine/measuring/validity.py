"""What a reader must know before believing a run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.link.messages import Health
from engine.measuring.presets import Preset
from engine.phones.readings import Reading
from engine.records.values import End, Flag

if TYPE_CHECKING:
    from engine.measuring.statistics import Summary
    from engine.records.values import RunRecord

FEW_SAMPLES = 100
STALL_NS = 1_000_000_000
LOW_BATTERY_PERCENT = 30
"""Below it phones save power in ways that they do not tell."""


def judge(record: "RunRecord", end: End, stop: Preset, elapsed_s: float) -> tuple[Flag, ...]:
    """Return what a reader must know before believing the run.

    Args:
        record: The run as it was kept; it need not be finished there.
        end: How it ended.
        stop: When it was to be enough.
        elapsed_s: How long it took, from its first counted sample on.
    """
    facts, summary, analysis = record.row.facts, record.summary, record.analysis
    samples, health, readings = record.samples, record.health, record.readings
    finished = samples["finished_ns"].astype(np.int64)
    steady = finished[analysis.warm_up.count :]
    sequence = samples["sequence"].astype(np.int64)
    checks = {
        Flag.UNTRAINED: facts.untrained,
        Flag.FEW_SAMPLES: len(steady) < FEW_SAMPLES,
        Flag.TOO_SHORT: _too_short(steady, stop, elapsed_s),
        Flag.NOT_WARM: not analysis.warm_up.settled,
        Flag.UNSTABLE: summary is not None and bool(summary.unstable),
        Flag.THROTTLED: analysis.throttling is not None,
        Flag.HOT: _hot(health, readings),
        Flag.GATE_SKIPPED: facts.gate == "skipped",
        Flag.MIRROR_ON: facts.mirror == "on",
        Flag.DELEGATE_DIFFERS: facts.delegate != facts.delegate_applied,
        Flag.THREADS_DIFFER: facts.threads_asked not in (None, facts.threads),
        Flag.SAMPLES_MISSING: bool(np.any(np.diff(sequence) != 1)),
        Flag.STALLED: _stalled(finished, _longest_gap_ns(summary), end, elapsed_s),
        Flag.DEBUG_APP: bool(facts.app_debuggable),
        Flag.POWER_SAVE: any(each.power_save for each in health),
        Flag.LOW_BATTERY: _low_battery(health, readings),
        Flag.SCREEN_OFF: any(each.screen_on is False for each in health),
        Flag.CUT_SHORT: end is not End.COMPLETED,
    }
    return tuple(flag for flag, raised in checks.items() if raised)


def _too_short(steady_ns: NDArray[np.int64], stop: Preset, elapsed_s: float) -> bool:
    """Whether the run has less than its preset's least count or time, throttled part included."""
    if len(steady_ns) < stop.min_count:
        return True
    if stop.fixed:
        return elapsed_s < stop.min_s
    return len(steady_ns) < 2 or steady_ns[-1] - steady_ns[0] < stop.min_s * 1e9


def _hot(health: Sequence[Health], readings: Sequence[Reading]) -> bool:
    statuses = [each.thermal for each in health]
    statuses += [each.vitals.thermal_status for each in readings]
    return any((each or 0) > 0 for each in statuses)


def _low_battery(health: Sequence[Health], readings: Sequence[Reading]) -> bool:
    told: list[tuple[float | None, bool | None]]
    told = [(each.battery_percent, each.charging) for each in health]
    told += [(each.vitals.battery_percent, each.vitals.charging) for each in readings]
    return any(
        percent is not None and percent < LOW_BATTERY_PERCENT and charging is False
        for percent, charging in told
    )


def _longest_gap_ns(summary: "Summary | None") -> float:
    """Return the longest time between two results that is no pause: a slow model is slow."""
    slowest = 3 * summary.maximum_ms * 1e6 if summary else 0.0
    return max(STALL_NS, slowest)


def _stalled(finished_ns: NDArray[np.int64], gap_ns: float, end: End, elapsed_s: float) -> bool:
    """Whether results paused, in the midst of the run or until its end."""
    if len(finished_ns) == 0 or bool(np.any(np.diff(finished_ns) > gap_ns)):
        return True
    missing_ns = elapsed_s * 1e9 - int(finished_ns[-1] - finished_ns[0])
    return end is End.COMPLETED and missing_ns > gap_ns
