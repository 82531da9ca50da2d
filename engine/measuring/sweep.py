"""Measure many configurations in random order and interleaved blocks, and survive what happens."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from engine.deploy import Payload, deploy, swap
from engine.errors import LabError, LinkError, PhoneError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.link.messages import SampleArray
from engine.measuring.preparation import MeasureOptions
from engine.measuring.presets import RunStatus
from engine.measuring.run import measure
from engine.measuring.sweep_plan import Place, SweepPlan, Turn, for_phone
from engine.measuring.sweep_result import KINDS, SweepResult, sweep_result
from engine.models.inspector import inspect_model
from engine.phones import installer
from engine.records.database import Database
from engine.records.values import End, RunRecord, Series, Step, utc_now

if TYPE_CHECKING:
    from engine.session import Session

logger = logging.getLogger(__name__)

LINK_S = 15.0
"""How long the app may take to listen after it was started."""
ATTEMPTS = 3
"""How often one run is tried when the phone or its app leaves in the middle."""
PATIENCE_S = 120.0
"""How long a phone that left is waited for: time enough to find the cable and plug it in."""
LOOK_S = 1.0
CLOSED = "closed"
"""The outcome of a series that somebody finished before all was measured."""

Resolve = Callable[[str, Report, CancelToken], Payload]
"""Turns a place's model into what can be sent: a name or a file."""


def sweep(  # noqa: PLR0913 - as ``measure``, and what a sweep adds
    session: "Session",
    plan: SweepPlan,
    *,
    resolve: Resolve,
    database: Database,
    kind: str = "sweep",
    series_id: int | None = None,
    on_begun: Callable[[int], None] | None = None,
    on_run: Callable[[RunRecord], None] | None = None,
    on_samples: Callable[[SampleArray], None] | None = None,
    on_status: Callable[[RunStatus], None] | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> SweepResult:
    """Measure every place of a plan in each block.

    The steps are ``models``, ``sweep``, and ``wait`` while the phone is away.

    The app is started anew for each run, so that what differs from one start to the next shows
    between the blocks. A run that broke off because the app or the phone left is kept and
    tried again, once the phone is back; what the app refuses is noted and left out. However it
    ends, what was measured is kept, and ``series_id`` goes on where it was.

    Args:
        session: An open session. An app that is not on the phone is installed.
        plan: What to measure; of a series that is resumed, that of its records counts.
        resolve: Finds or builds each model, before anything is measured.
        database: Where the runs are kept.
        kind: ``sweep`` or ``ab``.
        series_id: Resumes this series; None begins one.
        on_begun: Told the series' number before the first run.
        on_run: Called on this thread after each run.
        on_samples: See ``measure``.
        on_status: See ``measure``.
        report: Told which run it is, how far all are and about how long the rest takes.
        cancel: Ends it; the series can be resumed.

    Raises:
        PhoneError: The phone left and did not come back in time.
        LinkError: The app left again and again.
        LabError: A model is not to be had, the phone lacks what a place asks for, the records
            cannot be written, or the series cannot be resumed.
        Cancelled: It was cancelled.
    """
    cancel = cancel or CancelToken()
    if series_id is not None:
        plan = _plan_of(database, series_id, kind)
    elif session.link is not None and session.link.error is None:
        plan = for_phone(plan, session.link.hello)  # before models are built for nothing
    payloads = _resolve_all(plan, resolve, report, cancel)
    _bring_up(session, next(iter(payloads.values())), database, report, cancel)
    if series_id is None:
        plan = for_phone(plan, session.need_link().hello)
        series_id = database.series.begin(kind, _title(plan), plan.as_json())
    if on_begun is not None:
        on_begun(series_id)
    listeners = Listeners(report, on_run, on_samples, on_status)
    Course(session, plan, payloads, database, series_id, listeners, cancel).run()
    database.series.finish(series_id, "completed")
    report(Progress("sweep", 1.0, ""))
    return sweep_result(database, series_id)


def resumable(database: Database) -> tuple[Series, ...]:
    """Return this lab's sweeps and A/B tests that were not finished, newest first."""
    return tuple(
        each
        for each in database.series.every()
        if each.kind in KINDS and not each.outcome and not each.origin
    )


def close_series(database: Database, series_id: int) -> Series:
    """Finish a sweep or an A/B test as it is: it keeps its runs and is not resumed any more.

    Raises:
        LabError: There is no such series, it is of another kind, or finished.
    """
    series = database.series.load(series_id)
    if series.kind not in KINDS:
        raise LabError(f"Series {series_id} is no sweep.", "See `mobilenet-lab runs series`.")
    if series.outcome:
        raise LabError(f"Series {series_id} is finished.", "Nothing is left to be closed.")
    database.series.finish(series_id, CLOSED)
    return database.series.load(series_id)


def _plan_of(database: Database, series_id: int, kind: str) -> SweepPlan:
    series = database.series.load(series_id)
    if series.kind != kind:
        raise LabError(f"Series {series_id} is no {kind}.", "See `mobilenet-lab runs series`.")
    if series.outcome:
        raise LabError(f"Series {series_id} is finished.", "Begin a new one.")
    return SweepPlan.from_json(series.plan)


def _title(plan: SweepPlan) -> str:
    models = list(dict.fromkeys(place.short for place in plan.places))
    return ", ".join(models) if len(models) <= 2 else f"{len(models)} models, {plan.preset.name}"


def _resolve_all(
    plan: SweepPlan, resolve: Resolve, report: Report, cancel: CancelToken
) -> dict[str, Payload]:
    models = list(dict.fromkeys(place.model for place in plan.places))
    payloads = {}
    for number, model in enumerate(models):
        told = f"{number + 1} of {len(models)}, {Place(model).short}"

        def pass_on(progress: Progress, number: int = number, told: str = told) -> None:
            share = (number + min(progress.fraction or 0.0, 0.99)) / len(models)
            report(Progress("models", share, told))

        pass_on(Progress("models", 0.0))
        payloads[model] = resolve(model, pass_on, cancel)
        cancel.check()
    report(Progress("models", 1.0))
    return payloads


def _bring_up(
    session: "Session", payload: Payload, database: Database, report: Report, cancel: CancelToken
) -> None:
    """Have the app on the phone and linked."""
    if session.link is not None and session.link.error is None:
        return
    if installer.is_installed(session.phone, cancel=cancel):
        installer.start(session.phone, report=report, cancel=cancel)
        session.relink(cancel=cancel, timeout_s=LINK_S)
    else:
        deploy(session, payload, database=database, report=report, cancel=cancel)


class Listeners(NamedTuple):
    """Who is told what happens.

    Attributes:
        report: How far it is.
        run: Each run.
        samples: See ``measure``.
        status: See ``measure``.
        refused: What the app does not do, in place of a step of the series.
        turn: Each turn that begins.
    """

    report: Report
    run: Callable[[RunRecord], None] | None = None
    samples: Callable[[SampleArray], None] | None = None
    status: Callable[[RunStatus], None] | None = None
    refused: Callable[[Place, LabError], None] | None = None
    turn: Callable[[Turn], None] | None = None


class Course:
    """The runs of a sweep on one phone, one after the other; what was completed is left out."""

    def __init__(  # noqa: PLR0913 - as ``sweep``
        self,
        session: "Session",
        plan: SweepPlan,
        payloads: Mapping[str, Payload],
        database: Database,
        series_id: int,
        listeners: Listeners,
        cancel: CancelToken,
        *,
        shared: bool = False,
        skip_gate: threading.Event | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Prepare; ``run`` measures.

        Args:
            session: An open session whose app is on the phone.
            plan: What to measure, threads as this phone has them.
            payloads: By each place's model.
            database: Where the runs are kept.
            series_id: The series they belong to.
            listeners: Who is told.
            cancel: Ends it.
            shared: Whether other phones measure in the same series: only this one's runs count.
            skip_gate: See ``MeasureOptions``.
            patience_s: How long a phone that left is waited for.
        """
        self._session = session
        self._plan = plan
        self._payloads = payloads
        self._sha256 = {name: inspect_model(each.model).sha256 for name, each in payloads.items()}
        self._database = database
        self._series_id = series_id
        self._listeners = listeners
        self._cancel = cancel
        self._shared = shared
        self._skip_gate = skip_gate
        self._patience_s = patience_s
        self._refused: set[str] = set()
        self._took_s: list[float] = []
        self._number = 0  # runs that are behind us

    def run(self) -> None:
        """Measure what is not measured yet."""
        turns = self._plan.turns
        done = self._done()
        self._number = len(done)
        for turn in turns:
            if (turn.place.name, turn.block) in done or turn.place.name in self._refused:
                continue
            begun = time.monotonic()
            self._measure(turn)
            self._took_s.append(time.monotonic() - begun)
            self._number += 1

    def _done(self) -> set[tuple[str, int | None]]:
        """Return which turns were completed, and check that the models are still the same."""
        rows = self._database.runs(series_id=self._series_id)
        if self._shared:
            rows = tuple(row for row in rows if row.facts.serial == self._session.serial)
        models = {place.name: place.model for place in self._plan.places}
        for row in rows:
            model = models.get(row.facts.place, "")
            if model and row.facts.model_sha256 != self._sha256[model]:
                raise LabError(
                    f"{model} is not the model that this series began with.",
                    "Begin a new one: times of different models cannot stand in one row.",
                )
        return {(row.facts.place, row.facts.block) for row in rows if row.end is End.COMPLETED}

    def _measure(self, turn: Turn) -> None:
        """Measure one turn, again if the phone or its app leaves."""
        if self._listeners.turn is not None:
            self._listeners.turn(turn)
        for attempt in range(1, ATTEMPTS + 1):
            self._tell(turn)
            try:
                return self._try(turn)
            except (LinkError, PhoneError) as error:
                link = self._session.link
                if isinstance(error, LinkError) and link is not None and link.error is None:
                    return self._refuse(turn, error)
                logger.info("run broke off, attempt %d: %s %s", attempt, error, error.detail)
                if attempt == ATTEMPTS:
                    raise
                self._wait_for_phone(turn)
        return None

    def _try(self, turn: Turn) -> None:
        """Start the app anew, give it the model, and measure."""
        session, cancel = self._session, self._cancel
        session.drop_link()
        installer.start(session.phone, cancel=cancel, restart=True)
        link = session.relink(cancel=cancel, timeout_s=LINK_S)
        link.first_state(cancel=cancel)
        if link.model is None or link.model.sha256 != self._sha256[turn.place.model]:
            payload = replace(self._payloads[turn.place.model], threads=turn.place.threads)
            swap(session, payload, database=self._database, cancel=cancel)
        listeners = self._listeners
        record = measure(
            session,
            MeasureOptions(
                preset=self._plan.preset,
                source=turn.place.source,
                threads=turn.place.threads,
                delegate=turn.place.delegate,
                start_c=self._plan.start_c,
                skip_gate=self._skip_gate,
                series_id=self._series_id,
                block=turn.block,
                place=turn.place.name,
            ),
            database=self._database,
            on_samples=listeners.samples,
            on_status=listeners.status,
            report=lambda progress: self._tell(turn, progress),
            cancel=cancel,
        )
        if listeners.run is not None:
            listeners.run(record)
        cancel.check()
        if record.row.end is not End.COMPLETED:
            raise LinkError(
                f"A run ended early: {record.row.end}.",
                f"Series {self._series_id} keeps all runs so far; resume it.",
            )

    def _refuse(self, turn: Turn, error: LabError) -> None:
        """Note what the app does not do, and leave it out from here on."""
        logger.info("%s is left out: %s %s", turn.place.name, error, error.detail)
        self._refused.add(turn.place.name)
        if self._listeners.refused is not None:
            self._listeners.refused(turn.place, error)
            return
        self._database.series.add_step(
            Step(
                series_id=self._series_id,
                serial=self._session.serial,
                number=turn.block,
                title=turn.place.name,
                kind="measure",
                outcome="ERROR",
                comment=str(error),
                facts={"place": turn.place.name, "block": turn.block},
                picture=b"",
                utc=utc_now(),
            )
        )

    def _tell(self, turn: Turn, progress: Progress | None = None) -> None:
        """Report all runs' progress from that of one."""
        planned = len(self._plan.turns)
        share = 0.0
        detail = f"{min(self._number + 1, planned)} of {planned}, {turn.place.short}"
        if progress is not None:
            share = progress.fraction or 0.0 if progress.step == "measure" else 0.0
            if progress.step == "cool down":
                detail = f"{detail}: {progress.detail}"
        left_s = (planned - self._number - share) * self._turn_s
        detail = f"{detail}, about {_span(left_s)} left"
        self._listeners.report(
            Progress("sweep", min(1.0, (self._number + share) / planned), detail)
        )

    @property
    def _turn_s(self) -> float:
        took = self._took_s
        return sum(took) / len(took) if took else self._plan.turn_s

    def _wait_for_phone(self, turn: Turn) -> None:
        """Wait until the phone answers again.

        Raises:
            PhoneError: It did not come back.
        """
        end = time.monotonic() + self._patience_s
        phone = self._session.phone
        while True:
            try:
                if ":" in phone.serial:  # a phone on the network is connected anew
                    phone.adb.connect(phone.serial)
                phone.shell("true", 5.0, self._cancel)
            except (PhoneError, LinkError) as error:
                left_s = end - time.monotonic()
                if left_s <= 0:
                    raise PhoneError(
                        "The phone left and did not come back.",
                        f"All runs so far are kept: plug it in and resume series "
                        f"{self._series_id}.",
                        detail=error.detail,
                    ) from error
                planned = len(self._plan.turns)
                text = f"{turn.place.short}: the phone left. Plug it in again ({left_s:.0f} s)"
                self._listeners.report(Progress("wait", self._number / planned, text))
                self._cancel.wait(LOOK_S)
            else:
                return


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(seconds, 1):.0f} s"
