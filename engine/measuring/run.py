"""Measure the variant that runs on a phone, from start to stop, and keep all of it."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from engine.about import lab_version
from engine.errors import LabError, LinkError
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
from engine.measuring.gate import wait_until_cool
from engine.measuring.heat import HeatReader, PhoneClock
from engine.measuring.preparation import MeasureOptions, mirror_aside, prepared
from engine.measuring.presets import Enough, RunStatus
from engine.measuring.validity import judge
from engine.phones.readings import PhoneFacts, Reading
from engine.records.database import Database
from engine.records.values import End, RunFacts, RunRecord, digest_of, utc_now

if TYPE_CHECKING:
    from engine.session import Session

logger = logging.getLogger(__name__)

__all__ = ["MeasureOptions", "RunStatus", "measure"]

Event = LinkEvent | Reading | None
Inbox = SimpleQueue[Event]
"""What the link says and the heat reader reads, in the order in which it came."""

SETTLE_S = 15.0
"""How long to wait for the app's first sample."""
WRITE_S = 0.25
"""How often samples go to the disk; with the app's 100 ms, a kill loses under 0.5 s."""
LOOK_S = 0.5
"""How often it is looked at whether there are enough samples."""
FATAL_TROUBLE = frozenset(
    {"no_model", "bad_model", "camera_permission", "no_pictures", "inference"}
)
"""Troubles of the app that do not pass by themselves."""


def measure(  # noqa: PLR0913 - each listener is one
    session: "Session",
    options: MeasureOptions,
    *,
    database: Database,
    on_samples: Callable[[SampleArray], None] | None = None,
    on_status: Callable[[RunStatus], None] | None = None,
    on_reading: Callable[[Reading], None] | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> RunRecord:
    """Measure what runs on the session's phone (steps ``cool down``, ``settle``, ``measure``).

    Samples are written as they come, at least every half second, so that whatever ends
    the lab loses no more than that. A cancelled run and a lost link end the run, not the
    call: the record comes back with its ``end`` saying so.

    An app that was paused runs for the measurement, and is paused again afterwards. While the
    phone cools down to a start temperature it is paused in any case.

    Args:
        session: An open session whose app is running.
        options: How long and how.
        database: Where the run is kept.
        on_samples: Called on this thread with each batch of samples that counts.
        on_status: Called on this thread about twice a second: how near it is to being enough.
        on_reading: Called on this thread with each reading of heat and clocks.
        report: Told how far it is.
        cancel: Ends the run; what was measured is kept.

    Raises:
        LinkError: There is no link, the app refused what was asked, or no sample came.
        LabError: The run cannot be kept, or the phone does not have what was asked.
        Cancelled: Cancelled before the run began; nothing was kept.
    """
    link = session.need_link()
    cancel = cancel or CancelToken()
    inbox: Inbox = SimpleQueue()
    clock, stop = PhoneClock(), options.stop

    def hear(event: LinkEvent) -> None:
        clock.hear(event, time.monotonic_ns())
        inbox.put(event)

    def tell(status: RunStatus) -> None:
        report(Progress("measure", status.fraction, status.text))
        if on_status is not None:
            on_status(status)

    with (
        mirror_aside(session, options) as mirror,
        HeatReader(session.phone, inbox.put) as heat,
        prepared(link, options, report, cancel, _gate(link, heat, options, report, cancel)) as gate,
        link.listening(hear),
    ):
        state, model = _settle(link, inbox, cancel)
        facts = _facts(session, link, state, model, options, mirror, database)
        facts = replace(facts, gate=gate)
        recorder = _Recorder(facts, database, clock, Enough(stop), on_samples, on_reading)
        recorder.take(link.health)  # how the phone was when the run began
        recorder.take(heat.last)
        end, elapsed_s = _collect(recorder, inbox, stop.max_s, tell, cancel)
    recorder.write()
    run_id = recorder.run_id
    record = database.load(run_id)
    flags = judge(record, end, stop, elapsed_s)
    database.finish(run_id, end, flags, digest_of(record.summary))
    return database.load(run_id)


def _gate(
    link: Link, heat: HeatReader, options: MeasureOptions, report: Report, cancel: CancelToken
) -> Callable[[], str] | None:
    """Return what waits for the start temperature; None where none was asked for."""
    if options.start_c is None:
        return None

    def celsius() -> float | None:
        if link.error is not None:  # nothing more will be heard, and nothing can be measured
            raise link.error
        if heat.last is None and heat.running:
            return None  # the app's own word may be a second old: the shell's comes at once
        told = heat.last.vitals.temperature_c if heat.last else None
        return link.health.battery_c if told is None and link.health else told

    return partial(
        wait_until_cool,
        options.start_c,
        celsius,
        skip=options.skip_gate,
        report=report,
        cancel=cancel,
    )


def _settle(link: Link, inbox: Inbox, cancel: CancelToken) -> tuple[AppState, AppModel]:
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
    phone = _present_facts(session)
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
        seconds_asked=options.stop.max_s,
        started_utc=utc_now(),
        note=options.note,
        preset=options.stop.name,
        series_id=options.series_id,
        block=options.block,
        place=options.place,
        start_c=options.start_c,
    )


def _present_facts(session: "Session") -> PhoneFacts | None:
    """Return what the phone is, with what it says of itself now: that may change meanwhile."""
    facts = session.facts
    if facts is None:
        return None
    try:
        return replace(facts, virtual_note=session.phone.note())
    except LabError as error:
        logger.info("the phone's note is not known anew: %s", error)
        return facts


def _camera(state: AppState) -> str:
    """Return the camera that pictures come from; empty when they do not."""
    return state.camera if state.source == "camera" else ""


class _Recorder:
    """Takes what is said about one run and writes it in batches."""

    def __init__(
        self,
        facts: RunFacts,
        database: Database,
        clock: PhoneClock,
        enough: Enough,
        on_samples: Callable[[SampleArray], None] | None,
        on_reading: Callable[[Reading], None] | None,
    ) -> None:
        self.facts = facts
        self.enough = enough
        self.run_id = database.begin_run(facts)
        self._database = database
        self._clock = clock
        self._on_samples = on_samples or (lambda _samples: None)
        self._on_reading = on_reading or (lambda _reading: None)
        self._samples: list[SampleArray] = []
        self._health: list[Health] = []
        self._readings: list[Reading] = []
        self._last_health: Health | None = None

    def take(self, event: Event) -> End | None:
        """Keep what counts; return how the run ended if it did."""
        match event:
            case Samples():
                self._take_samples(event.array)
            case Reading():
                reading = self._clock.translate(event)
                self._readings.append(reading)
                self._on_reading(reading)
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
        self._database.append(
            self.run_id, join(self._samples), tuple(self._health), tuple(self._readings)
        )
        self._samples.clear()
        self._health.clear()
        self._readings.clear()

    def _take_samples(self, samples: SampleArray) -> None:
        counted = samples[samples["generation"] == self.facts.generation]
        if len(counted):
            self._samples.append(counted)
            self.enough.add(counted)
            self._on_samples(counted)


def _collect(
    recorder: _Recorder,
    inbox: Inbox,
    most_s: float,
    tell: Callable[[RunStatus], None],
    cancel: CancelToken,
) -> tuple[End, float]:
    """Take events until there are enough samples, time is up or something ends the run.

    Returns:
        How the run ended, and how many seconds it took.
    """
    begin = time.monotonic()
    written = looked = 0.0
    end: End | None = None
    while True:
        now = time.monotonic() - begin
        if end is not None or cancel.cancelled:
            return end or End.CANCELLED, now
        if now - written >= WRITE_S:
            recorder.write()
            written = now
        if now - looked >= LOOK_S or now >= most_s:
            status = recorder.enough.status(now)
            tell(status)
            looked = now
            if status.enough or now >= most_s:
                return End.COMPLETED, now
        due = min(written + WRITE_S, looked + LOOK_S, most_s)
        try:
            end = recorder.take(inbox.get(timeout=max(0.0, due - now)))
        except Empty:
            continue
