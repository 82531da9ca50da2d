"""What is kept of a run."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from engine.link.messages import Health, SampleArray
from engine.measuring.statistics import Summary


def utc_now() -> str:
    """Return the present time as ISO 8601 with milliseconds and a Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class End(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    LINK_LOST = "link lost"
    CHANGED = "model changed"
    KILLED = "killed"  # never finished: the lab ended in mid-run
    RUNNING = "running"


class Flag(StrEnum):
    """What a reader must know before believing a run; the value is shown as it stands."""

    UNTRAINED = "untrained model"
    FEW_SAMPLES = "few samples"
    UNSTABLE = "unstable"
    MIRROR_ON = "mirror was on"
    DELEGATE_DIFFERS = "another delegate than asked for"
    THREADS_DIFFER = "fewer threads than asked for"
    SAMPLES_MISSING = "samples missing"
    STALLED = "the app paused"
    DEBUG_APP = "debug app"
    HOT = "phone throttling"
    SCREEN_OFF = "screen off"
    POWER_SAVE = "battery saver on"
    CUT_SHORT = "cut short"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What was measured, on what; known when the run begins.

    Attributes:
        name: The model's name: ``v1_0.50_128-int8``.
        model_sha256: 64 hex digits.
        apk_sha256: Of the APK that this lab installed with the model in it; empty when it is
            not known, or the model came over the link.
        apk_size_bytes: Size of that APK; None when it is not known.
        serial: The phone's serial.
        phone: The phone's facts as JSON values (``PhoneFacts``'s fields).
        phone_note: What the phone says about itself, shown wherever its numbers are.
        app_version: The phone app's version.
        app_runtime: What executes the graph, with its version.
        lab_version: This lab's version.
        delegate: What was asked for.
        delegate_applied: What really executed the graph.
        delegate_note: Why the two differ.
        threads: How many really executed the graph.
        threads_asked: How many were asked for; None when it is not known.
        source: ``camera``, ``pictures`` or ``loop``.
        mirror: ``paused``, ``on`` or ``off`` during the run.
        generation: The generation that the samples carry.
        seconds_asked: How long it was to take.
        started_utc: ISO 8601 with a Z.
        note: The person's own word.
        camera: ``back`` or ``front`` when that is the source; else empty.
        fit: How pictures were laid into the input; empty when it is not known.
        app_debuggable: Whether it was a debug build; None when it is not known.
        swapped: Whether this lab sent the model over the link; False when it was in the APK,
            None when this lab does not know how it came there.
    """

    name: str
    task: str
    model_sha256: str
    model_size_bytes: int
    untrained: bool
    apk_sha256: str
    apk_size_bytes: int | None
    serial: str
    phone: dict[str, Any]
    phone_note: str
    app_version: str
    app_runtime: str
    lab_version: str
    delegate: str
    delegate_applied: str
    delegate_note: str
    threads: int
    source: str
    mirror: str
    generation: int
    load_ms: float
    first_ms: float
    seconds_asked: float
    started_utc: str
    note: str = ""
    threads_asked: int | None = None
    camera: str = ""
    fit: str = ""
    app_debuggable: bool | None = None
    swapped: bool | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as a list shows it: everything but its samples.

    Attributes:
        id: Its number in this database, from 1.
        end: How it ended.
        ended_utc: ISO 8601; of a killed run when it was last seen.
        sample_count: Samples kept, warm-up included.
        flags: What a reader must know.
    """

    id: int
    facts: RunFacts
    end: End
    ended_utc: str
    sample_count: int
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RunRecord:
    """One run with all that was kept of it.

    Attributes:
        row: Its facts and its end.
        samples: All samples in order, warm-up included.
        health: The phone once per second, on the samples' clock.
        summary: None when no sample is left after warm-up.
    """

    row: RunRow
    samples: SampleArray
    health: tuple[Health, ...]
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """Which APK or model was last put on a phone.

    Attributes:
        apk_sha256: Of the APK; of a swap that of the APK before, or empty.
        swapped: Whether the model went over the link into the app that was there.
    """

    serial: str
    apk_sha256: str
    apk_size_bytes: int
    model_sha256: str
    name: str
    utc: str
    swapped: bool = False
