"""Measure the variant that runs on a phone, from start to stop, and keep all of it."""

import time
from collections.abc import Callable
from dataclasses import asdict
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.about import lab_version
from engine.errors import LinkError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.link.client import Link
from engine.link.messages import (
    AppModel,
    AppState,
    Health,
    LinkEvent,
    LinkLost,
    SampleArray,
    Samples,
)
from engine.link.protocol import join
from engine.measuring.preparation import MeasureOptions, mirror_aside, prepared
from engine.measuring.statistics import Summary
from engine.records.database import Database
from engine.records.values import End, Flag, RunFacts, RunRecord, digest_of, utc_now

if TYPE_CHECKING:
    from engine.session import Session

__all__ = ["MeasureOptions", "judge", "measure"]

SETTLE_S = 15.0
"""How long to wait for the app's first sample."""
WRITE_S = 0.25
"""How often samples go to the disk; with the app's 100 ms, a kill loses under 0.5 s."""
ENOUGH_SAMPLES = 100
STALL_NS = 1_000_000_000
FATAL_TROUBLE = frozenset(
    {"no_model", "bad_model", "camera_permission", "no_pictures", "inference"}
)
"""Troubles of the app that do not pass by themselves."""


def measure(
    session: "Session",
    options: MeasureOptions,
    *,
    database: Database,
    on_samples: Callable[[SampleArray], None] | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> RunRecord:
    """Measure what runs on the session's phone (steps ``settle``, ``measure``).

    Samples are written as they come, at least every half second, so that whatever ends
    the lab loses no more than that. A cancelled run and a lost link end the run, not the
    call: the record comes back with its ``end`` saying so.

    An app that was paused runs for the measurement, and is paused again afterwards.

    Args:
        session: An open session whose app is running.
        options: How long and how.
        database: Where the run is kept.
        on_samples: Called on this thread with each batch of samples that counts.
        report: Told how far it is.
        cancel: Ends the run; what was measured is kept.

    Raises:
        LinkError: There is no link, the app refused what was asked, or no sample came.
        LabError: The run cannot be kept, or the phone does not have what was asked.
        Cancelled: Cancelled before the run began; nothing was kept.
    """
    link = session.need_link()
    cancel = cancel or CancelToken()
    inbox: SimpleQueue[LinkEvent | None] = SimpleQueue()
    with (
        mirror_aside(session, options) as mirror,
        prepared(link, options, report, cancel),
        link.listening(inbox.put),
    ):
        state, model = _settle(link, inbox, cancel)
        facts = _facts(session, link, state, model, options, mirror, database)
        recorder = _Recorder(facts, database, on_samples or (lambda _samples: None))
        recorder.take(link.health)  # how the phone was when the run began
        end = _collect(recorder, inbox, options.seconds, report, cancel)
    recorder.write()
    run_id = recorder.run_id
    record = database.load(run_id)
    flags = judge(record.samples, record.summary, record.health, facts, end)
    database.finish(run_id, end, flags, digest_of(record.summary))
    return database.load(run_id)


def judge(
    samples: SampleArray,
    summary: Summary | None,
    health: tuple[Health, ...],
    facts: RunFacts,
    end: End,
) -> tuple[Flag, ...]:
    """Return what a reader must know before believing the run."""
    finished = samples["finished_ns"].astype(np.int64)
    sequence = samples["sequence"].astype(np.int64)
    checks = {
        Flag.UNTRAINED: facts.untrained,
        Flag.FEW_SAMPLES: summary is None or summary.count < ENOUGH_SAMPLES,
        Flag.UNSTABLE: summary is not None and bool(summary.unstable),
        Flag.MIRROR_ON: facts.mirror == "on",
        Flag.DELEGATE_DIFFERS: facts.delegate != facts.delegate_applied,
        Flag.THREADS_DIFFER: facts.threads_asked not in (None, facts.threads),
        Flag.SAMPLES_MISSING: bool(np.any(np.diff(sequence) != 1)),
        Flag.STALLED: _stalled(finished, _longest_gap_ns(summary), facts, end),
        Flag.DEBUG_APP: bool(facts.app_debuggable),
        Flag.POWER_SAVE: any(each.power_save for each in health),
        Flag.HOT: any((each.thermal or 0) > 0 for each in health),
        Flag.SCREEN_OFF: any(each.screen_on is False for each in health),
        Flag.CUT_SHORT: end is not End.COMPLETED,
    }
    return tuple(flag for flag, raised in checks.items() if raised)


def _longest_gap_ns(summary: Summary | None) -> float:
    """Return the longest time between two results that is no pause: a slow model is slow."""
    slowest = 3 * summary.maximum_ms * 1e6 if summary else 0.0
    return max(STALL_NS, slowest)


def _stalled(finished_ns: NDArray[np.int64], gap_ns: float, facts: RunFacts, end: End) -> bool:
    """Whether results paused, in the midst of the run or until its end."""
    if len(finished_ns) == 0 or bool(np.any(np.diff(finished_ns) > gap_ns)):
        return True
    missing_ns = facts.seconds_asked * 1e9 - int(finished_ns[-1] - finished_ns[0])
    return end is End.COMPLETED and missing_ns > gap_ns


def _settle(
    link: Link, inbox: "SimpleQueue[LinkEvent | None]", cancel: CancelToken
) -> tuple[AppState, AppModel]:
    """Wait until the app delivers samples of the model that it names."""
    deadline = time.monotonic() + SETTLE_S
    with cancel.closing(lambda: inbox.put(None)):
        while True:
            try:
                event = inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise _no_samples(link) from None
            cancel.check()
            if isinstance(event, LinkLost):
                raise event.error
            state, model = link.state, link.model
            if state is not None and state.error and state.error.code in FATAL_TROUBLE:
                raise _no_samples(link)
            if state is None or model is None or not isinstance(event, Samples):
                continue
            if int(event.array["generation"][-1]) == model.generation:
                return state, model


def _no_samples(link: Link) -> LinkError:
    """Return the error for an app that does not measure: its own reason if it has one."""
    if link.state is not None and link.state.error is not None:
        return LinkError(
            f"The phone app cannot measure: {link.state.error.text}",
            detail=link.state.error.code,
        )
    return LinkError(
        "The phone app sends no samples.",
        "Look at the phone: the app must be open and not covered; deploy again to restart it.",
    )


def _facts(
    session: "Session",
    link: Link,
    state: AppState,
    model: AppModel,
    options: MeasureOptions,
    mirror: str,
    database: Database,
) -> RunFacts:
    deployment = database.last_deployment(session.serial)
    known = deployment if deployment and deployment.model_sha256 == model.sha256 else None
    packed = known if known and not known.swapped else None
    phone = session.facts
    return RunFacts(
        name=model.name,
        task=model.task,
        model_sha256=model.sha256,
        model_size_bytes=model.size_bytes,
        untrained=model.untrained,
        apk_sha256=packed.apk_sha256 if packed else "",
        apk_size_bytes=packed.apk_size_bytes if packed else None,
        serial=session.serial,
        phone=asdict(phone) if phone is not None else {},
        phone_note=phone.virtual_note if phone is not None else "",
        app_version=link.hello.app.version,
        app_runtime=link.hello.app.runtime,
        lab_version=lab_version(),
        delegate=state.delegate,
        delegate_applied=state.delegate_applied,
        delegate_note=state.delegate_note,
        threads=state.threads,
        threads_asked=state.threads_asked,
        source=state.source,
        camera=_camera(state),
        fit=model.fit,
        app_debuggable=link.hello.app.debuggable,
        swapped=known.swapped if known else None,
        mirror=mirror,
        generation=model.generation,
        load_ms=model.load_ms,
        first_ms=model.first_ms,
        seconds_asked=options.seconds,
        started_utc=utc_now(),
        note=options.note,
    )


def _camera(state: AppState) -> str:
    """Return the camera that pictures come from; empty when they do not."""
    return state.camera if state.source == "camera" else ""


class _Recorder:
    """Takes what the link says about one run and writes it in batches."""

    def __init__(
        self, facts: RunFacts, database: Database, on_samples: Callable[[SampleArray], None]
    ) -> None:
        self.facts = facts
        self.run_id = database.begin_run(facts)
        self.count = 0
        self._database = database
        self._on_samples = on_samples
        self._samples: list[SampleArray] = []
        self._health: list[Health] = []
        self._last_health: Health | None = None

    def take(self, event: LinkEvent | None) -> End | None:
        """Keep what counts; return how the run ended if it did."""
        match event:
            case Samples():
                counted = event.array[event.array["generation"] == self.facts.generation]
                if len(counted):
                    self._samples.append(counted)
                    self.count += len(counted)
                    self._on_samples(counted)
            case Health() if event != self._last_health:
                self._last_health = event
                self._health.append(event)
            case AppModel() if event.generation != self.facts.generation:
                return End.CHANGED
            case AppState() if (event.source, _camera(event)) != (
                self.facts.source,
                self.facts.camera,
            ):
                return End.CHANGED
            case LinkLost():
                return End.LINK_LOST
        return None

    def write(self) -> None:
        """Bring everything taken so far to the disk."""
        self._database.append(self.run_id, join(self._samples), tuple(self._health))
        self._samples.clear()
        self._health.clear()


def _collect(
    recorder: _Recorder,
    inbox: "SimpleQueue[LinkEvent | None]",
    seconds: float,
    report: Report,
    cancel: CancelToken,
) -> End:
    """Take events until time is up or something ends the run."""
    begin = time.monotonic()
    written = begin
    end: End | None = None
    while end is None:
        now = time.monotonic()
        if cancel.cancelled:
            return End.CANCELLED
        if now - begin >= seconds:
            report(Progress("measure", 1.0, f"{recorder.count} samples"))
            return End.COMPLETED
        if now - written >= WRITE_S:
            recorder.write()
            written = now
            report(Progress("measure", (now - begin) / seconds, f"{recorder.count} samples"))
        wait = min(written + WRITE_S, begin + seconds) - now
        try:
            end = recorder.take(inbox.get(timeout=max(0.0, wait)))
        except Empty:
            continue
    return end
