"""What the QA view's jobs do, on threads of their own: they call the engine."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import LabError
from engine.jobs import CancelToken, Report
from gui.qa.values import (
    PastSession,
    PhoneLine,
    SessionShown,
    StepLine,
    about_phone,
    verdict_line,
)

if TYPE_CHECKING:
    from engine.deploy import Payload
    from engine.measuring.plan import Plan
    from engine.models.worker import Workers
    from engine.phones.adb import Adb
    from engine.qa.asking import Answer, Question
    from engine.qa.on_phone import News
    from engine.qa.result import QaResult
    from engine.records.database import Database
    from engine.session import Session

LOOK_S = 2.0
"""How often the phone's screen is photographed anew while a question waits."""


class Checked(NamedTuple):
    """What is to say about a plan.

    Attributes:
        plan: None where it cannot be used.
        complaints: ``(place, text)`` of all that is wrong.
        seconds: About how long it takes on a phone, without the manual steps.
    """

    plan: "Plan | None"
    complaints: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


class OpenedPlan(NamedTuple):
    """A plan's file as it was read."""

    path: Path
    values: dict[str, Any]


class Asked(NamedTuple):
    """A manual step that waits for a person; ``answers`` takes the answer."""

    question: "Question"
    answers: "SimpleQueue[Answer | None]"


class Seen(NamedTuple):
    """The screen of a phone whose question waits."""

    serial: str
    screen: bytes


class Begun(NamedTuple):
    """The number of the session that begins."""

    series_id: int


class Engine:
    """Calls the engine; its methods block and belong on jobs' threads."""

    def __init__(
        self,
        records: "Callable[[], Database]",
        adb: "Callable[[], Adb | None]",
        workers: "Callable[[], Workers]",
    ) -> None:
        """Know where the records, the phones and TensorFlow are; nothing is opened yet."""
        self._records = records
        self._adb = adb
        self._workers = workers

    def check(self, values: Mapping[str, Any], folder: Path) -> Checked:
        """Say whether a form's values are a plan that can be done."""
        from engine.measuring.plan import PlanError, missing_files, plan_of

        try:
            plan = plan_of(values, folder)
        except PlanError as error:
            return Checked(None, tuple((each.place, each.text) for each in error.complaints))
        missing = tuple((each.place, each.text) for each in missing_files(plan))
        sweep = plan.sweep
        seconds = len(sweep.turns) * sweep.turn_s
        return Checked(None if missing else plan, missing, seconds)

    def open_plan(self, path: Path) -> OpenedPlan:
        """Read a plan's file.

        Raises:
            LabError: It is no plan.
        """
        from engine.measuring.plan import read_plan

        return OpenedPlan(path, read_plan(path).values())

    def save_plan(self, plan: "Plan", path: Path) -> OpenedPlan:
        """Write a plan's file; the files that it names are named from its folder.

        Raises:
            LabError: It cannot be written.
        """
        from engine.measuring.plan import write_plan

        moved = rebased(plan, path.absolute().parent)
        write_plan(moved, path)
        return OpenedPlan(path, moved.values())

    def models(self) -> tuple[str, ...]:
        """Return the names of all models that a plan can name."""
        from engine.catalog.variants import BASELINES, PRECISIONS, variant_names
        from engine.models.finding import samples
        from engine.models.store import ModelStore

        here = [model.name for model in ModelStore().list()]
        shipped = [sample.name for sample in samples()]
        built = [f"{name}-{each}" for name in (*variant_names(), *BASELINES) for each in PRECISIONS]
        return tuple(dict.fromkeys([*shipped, *here, *built]))

    def sessions(self) -> tuple[PastSession, ...]:
        """Return the sessions of the past, newest first."""
        from engine.qa.result import sessions

        return tuple(
            PastSession(
                series_id=each.id,
                title=each.title,
                when=each.started_utc[:16].replace("T", " "),
                phones=", ".join(map(str, each.plan.get("phones", []))),
                outcome=each.outcome,
                resumable=not each.outcome and not each.origin,
            )
            for each in sessions(self._records())
        )

    def session(self, series_id: int) -> SessionShown:
        """Return what came of a session.

        Raises:
            LabError: There is no such session, or its plan cannot be read.
        """
        from engine.qa.result import qa_result

        return shown_of(qa_result(self._records(), series_id))

    def plan_of_session(self, series_id: int) -> tuple["Plan", tuple[str, ...]]:
        """Return the plan that a session was locked to, and its phones.

        Raises:
            LabError: There is no such session.
        """
        from engine.qa.result import plan_of_series, serials_of

        series = self._records().series.load(series_id)
        return plan_of_series(series), serials_of(series, ())

    def run(  # noqa: PLR0913 - as the engine's own
        self,
        *,
        serials: tuple[str, ...],
        connected: "Session | None",
        plan: "Plan | None",
        series_id: int | None,
        tell: "Callable[[News | Asked | Seen | Begun], object]",
        skip_gates: Mapping[str, threading.Event],
        report: Report,
        cancel: CancelToken,
    ) -> SessionShown:
        """Do a plan on phones, or go on with a session.

        Args:
            serials: The phones.
            connected: The window's own session, used for its phone; the others get their own.
            plan: What to do; None goes on with ``series_id``.
            series_id: See ``plan``.
            tell: Told what happens, on the phones' threads.
            skip_gates: By serial.
            report: Told how far it is.
            cancel: Ends it.

        Raises:
            LabError: It cannot begin.
            Cancelled: It was cancelled before it began.
        """
        from engine.qa.runner import run_plan

        def opener(serial: str) -> "Callable[[CancelToken], AbstractContextManager[Session]]":
            if connected is not None and connected.serial == serial:
                return lambda _cancel: nullcontext(connected)
            return lambda token: self._own_session(serial, token)

        result = run_plan(
            {serial: opener(serial) for serial in serials},
            plan,
            resolve=self._resolve,
            database=self._records(),
            ask=lambda question, token: _ask(question, token, tell),
            series_id=series_id,
            on_begun=lambda number: tell(Begun(number)),
            on_news=tell,
            skip_gates=skip_gates,
            report=report,
            cancel=cancel,
        )
        return shown_of(result)

    def answer(self, asked: Asked, key: str, comment: str) -> None:
        """Answer a question; returns at once.

        Args:
            asked: The question.
            key: ``P``, ``F`` or ``S``.
            comment: The person's word.
        """
        from engine.qa.asking import Answer, Mark

        asked.answers.put(Answer(Mark(key), comment))

    def report(self, series_id: int, folder: Path, report: Report, cancel: CancelToken) -> Path:
        """Write a session's HTML, PDF and all its data into a folder; returns the HTML.

        Raises:
            LabError: It cannot be written.
        """
        from engine.records.exchange import export_zip
        from engine.records.report import ReportOf, write_report

        what = ReportOf.series(series_id)
        page, *_rest = write_report(
            what, self._records(), folder, kinds=("html", "pdf"), report=report, cancel=cancel
        )
        data = page.with_suffix(".zip")
        export_zip((), data, self._records(), series_ids=(series_id,), cancel=cancel)
        return page

    @contextmanager
    def _own_session(self, serial: str, cancel: CancelToken) -> "Iterator[Session]":
        from engine.session import Session, SessionOptions

        adb = self._adb()
        if adb is None:
            raise LabError("There is no adb server.", "The status line says why.")
        session = Session(adb, serial, SimpleQueue(), SessionOptions(mirror=False))
        session.open(cancel)
        try:
            yield session
        finally:
            session.close()

    def _resolve(self, model: str, report: Report, cancel: CancelToken) -> "Payload":
        from engine.deploy import Payload
        from engine.models.converter import build_model
        from engine.models.finding import Found, find_model
        from engine.models.inspector import check_runnable, inspect_model
        from engine.models.labels import read_labels
        from engine.models.store import ModelStore

        store = ModelStore()
        found = find_model(model, store)
        if not isinstance(found, Found):
            built = build_model(
                found, store=store, workers=self._workers(), report=report, cancel=cancel
            )
            found = Found(built)
        facts = inspect_model(found.path)
        check_runnable(facts)
        labels = read_labels(found.labels) if found.labels else facts.labels
        return Payload(found.path, tuple(labels), found.name or facts.name, facts.untrained)


def rebased(plan: "Plan", folder: Path) -> "Plan":
    """Return a plan as it is named from another folder; what lies elsewhere by its whole path."""

    def name(told: str) -> str:
        path = plan.file(told)
        inside = path.is_relative_to(folder)
        return path.relative_to(folder).as_posix() if inside else str(path)

    models = {each: name(each) if each.endswith(".tflite") else each for each in plan.models}
    return replace(
        plan,
        models=tuple(models.values()),
        pictures=name(plan.pictures) if plan.pictures else "",
        baseline=name(plan.baseline) if isinstance(plan.baseline, str) else plan.baseline,
        manual=tuple(
            replace(
                step,
                picture=name(step.picture) if step.picture else "",
                model=models.get(step.model, step.model),
            )
            for step in plan.manual
        ),
        folder=folder,
    )


def shown_of(result: "QaResult") -> SessionShown:
    """Return a session for the page."""
    phones = []
    for phone in result.phones:
        done = {step.number: step for step in phone.steps}
        lines = []
        for step in result.plan.steps:
            record = done.get(step.number)
            if record is None:
                lines.append(StepLine(step.number, step.title))
                continue
            verdicts = tuple(verdict_line(each) for each in record.facts.get("verdicts", []))
            lines.append(
                StepLine(step.number, step.title, "done", record.outcome, record.comment, verdicts)
            )
        phones.append(
            PhoneLine(
                phone.serial,
                phone.name,
                tuple(lines),
                outcome=str(phone.outcome),
                share=1.0,
                about=about_phone(phone.fingerprint),
            )
        )
    series = result.series
    return SessionShown(
        series_id=series.id,
        title=series.title,
        phones=tuple(phones),
        outcome=str(result.outcome),
        sentence=result.sentence,
        resumable=not series.outcome and not series.origin,
        gated=result.plan.start_c is not None,
    )


def _ask(
    question: "Question",
    cancel: CancelToken,
    tell: "Callable[[Asked | Seen], object]",
) -> "Answer":
    """Put a question before the person and wait; the screen is looked at meanwhile."""
    answers: SimpleQueue[Answer | None] = SimpleQueue()
    tell(Asked(question, answers))
    with cancel.closing(lambda: answers.put(None)):
        while True:
            tell(Seen(question.serial, question.look()))
            try:
                answer = answers.get(timeout=LOOK_S)
            except Empty:
                continue
            cancel.check()
            if answer is not None:
                return answer
