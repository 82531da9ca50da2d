"""What is kept of a run."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from engine.link.messages import Health, SampleArray
from engine.measuring.analysis import Analysis
from engine.measuring.statistics import Summary
from engine.phones.readings import Reading


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
    LOW_BATTERY = "battery low"
    CUT_SHORT = "cut short"
    TOO_SHORT = "shorter than its preset asks"
    NOT_WARM = "never warmed up"
    THROTTLED = "slowed down by heat"
    GATE_SKIPPED = "start temperature skipped"

    @property
    def invalidates(self) -> bool:
        """Whether a run with it may be looked at but never ranked."""
        return self is not Flag.UNTRAINED  # random weights take as long as trained ones


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
        preset: The preset's name that said when it was enough; empty for a fixed time.
        series_id: The series that the run is part of; None for one of its own.
        block: Which of the series' interleaved blocks, from 1; None outside of one.
        place: What the run is in its series; all runs of one place are of the same thing.
        gate: ``met`` when the phone was let to cool down to its start temperature first,
            ``skipped`` when somebody would not wait; empty when nothing was asked for.
        start_c: The battery's temperature that the run was to begin at; None without one.
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
    preset: str = ""
    series_id: int | None = None
    block: int | None = None
    place: str = ""
    gate: str = ""
    start_c: float | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """The figures of a run that lists and charts need without its samples.

    Attributes:
        median_ms: Median latency of the steady part.
        low_ms: Lower end of its 95 % interval; None where there is none.
        high_ms: Upper end.
        p90_ms: 90th percentile; None where it was not earned.
        pipeline_fps: Results per wall second; None where there is none.
        count: Samples counted.
    """

    median_ms: float
    low_ms: float | None
    high_ms: float | None
    p90_ms: float | None
    pipeline_fps: float | None
    count: int


def digest_of(summary: Summary | None) -> Digest | None:
    """Return the figures to keep of a run; None when nothing was counted."""
    if summary is None:
        return None
    low, high = summary.interval_ms or (None, None)
    p90 = summary.percentile(0.9)
    return Digest(
        median_ms=summary.median_ms,
        low_ms=low,
        high_ms=high,
        p90_ms=p90.value_ms if p90.earned else None,
        pipeline_fps=summary.pipeline_fps,
        count=summary.count,
    )


def name_of_phone(phone: dict[str, Any]) -> str:
    """Return maker and model of a run's phone without repeating the maker; empty if unknown."""
    maker, model = str(phone.get("manufacturer") or ""), str(phone.get("model") or "")
    return model if model.lower().startswith(maker.lower()) else f"{maker} {model}".strip()


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as a list shows it: everything but its samples.

    Attributes:
        id: Its number in this database, from 1.
        end: How it ended.
        ended_utc: ISO 8601; of a killed run when it was last seen.
        sample_count: Samples kept, warm-up included.
        flags: What a reader must know.
        digest: Its figures; None while it runs, and when nothing was counted.
        tags: The person's own marks, in the order of the alphabet.
        origin: Where it came from; empty for one that this lab measured itself.
    """

    id: int
    facts: RunFacts
    end: End
    ended_utc: str
    sample_count: int
    flags: tuple[Flag, ...]
    digest: Digest | None = None
    tags: tuple[str, ...] = ()
    origin: str = ""

    @property
    def phone_name(self) -> str:
        """Maker and model as far as they are known, else the serial."""
        return name_of_phone(self.facts.phone) or self.facts.serial

    @property
    def valid(self) -> bool:
        """Whether it may be ranked against other runs."""
        return self.end is End.COMPLETED and not any(flag.invalidates for flag in self.flags)


@dataclass(frozen=True, slots=True, eq=False)
class RunRecord:
    """One run with all that was kept of it.

    Attributes:
        row: Its facts and its end.
        samples: All samples in order, warm-up included.
        health: The phone once per second as its app told it, on the samples' clock.
        readings: The phone once per second as its shell told it, on the same clock.
        analysis: Its warm-up, its parts, and when heat slowed it down.
    """

    row: RunRow
    samples: SampleArray
    health: tuple[Health, ...]
    readings: tuple[Reading, ...]
    analysis: Analysis

    @property
    def summary(self) -> Summary | None:
        """The figures of the steady part; None when no sample is left after warm-up."""
        return self.analysis.summary


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


@dataclass(frozen=True, slots=True)
class Series:
    """Runs that belong together: a sweep, an A/B test, a mirror's cost, a QA session.

    Attributes:
        id: Its number in this database, from 1.
        kind: ``sweep``, ``ab``, ``mirror-cost`` or ``qa``.
        title: For a person.
        plan: What was to be measured and how, as JSON values; never changed once begun.
        started_utc: ISO 8601 with a Z.
        ended_utc: Empty while it is not finished.
        outcome: How it ended; empty while it is not finished, so that it can be resumed.
        origin: Where it came from; empty for one of this lab's own.
    """

    id: int
    kind: str
    title: str
    plan: dict[str, Any]
    started_utc: str
    ended_utc: str
    outcome: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one step of a series on one phone.

    Attributes:
        series_id: The series.
        serial: The phone.
        number: Of the step in the plan, from 1.
        title: For a person.
        kind: ``measure`` or ``manual``; ``fingerprint`` is what the phone is, judged by nobody.
        outcome: ``PASS``, ``WARNING``, ``FAIL``, ``ERROR`` or ``ABORTED``.
        comment: The person's own, or why the outcome is what it is.
        facts: Limits, values, run ids, as JSON values.
        picture: A PNG of the phone's screen; empty without one.
        utc: When it was decided, ISO 8601 with a Z.
    """

    series_id: int
    serial: str
    number: int
    title: str
    kind: str
    outcome: str
    comment: str
    facts: dict[str, Any]
    picture: bytes
    utc: str


@dataclass(frozen=True, slots=True)
class Judged:
    """How often a model was right on a person's own pictures.

    Attributes:
        model_sha256: 64 hex digits.
        name: What the model is called.
        folder: Which pictures, for a person.
        pictures: How many.
        top1: How many were right at once.
        top5: How many were right among the five highest; None where that says nothing.
        preprocessing: How pictures were brought to the input.
        utc: ISO 8601 with a Z.
    """

    model_sha256: str
    name: str
    folder: str
    pictures: int
    top1: int
    top5: int | None
    preprocessing: str
    utc: str
