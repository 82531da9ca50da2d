"""A QA plan on one phone: its fingerprint, what is measured, what a person looks at."""

import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.apk.archive import ArchiveReader
from engine.apk.builder import BASE_APK
from engine.apk.inspector import abis_of
from engine.apk.sizes import SizeChoice, SizedModel, what_if
from engine.deploy import Payload, choose_abi, deploy, swap
from engine.errors import Cancelled, LabError, PhoneError
from engine.jobs import CancelToken, Progress, Report
from engine.measuring.plan import Plan, PlanStep
from engine.measuring.sweep import LINK_S, PATIENCE_S, Course, Listeners
from engine.measuring.sweep_plan import Place, for_phone
from engine.models.inspector import inspect_model
from engine.paths import cache_dir
from engine.phones import installer
from engine.qa.asking import Ask, Question, look_at
from engine.qa.baseline import Baseline
from engine.qa.fingerprint import take_fingerprint
from engine.qa.judging import Judgement, ModelFigures, Past, judge_measured
from engine.qa.outcomes import Outcome
from engine.qa.result import FINGERPRINT, decided
from engine.records.database import Database
from engine.records.values import RunRecord, Step, utc_now

if TYPE_CHECKING:
    from engine.session import Session

logger = logging.getLogger(__name__)

OpenPhone = Callable[[CancelToken], "AbstractContextManager[Session]"]
"""Opens a phone's session for the time of the block, or hands over one that is open."""


@dataclass(frozen=True, slots=True)
class StepNews:
    """How one step on one phone stands.

    Attributes:
        serial: The phone.
        number: The step's in the plan.
        state: ``measuring``, ``asking`` or ``done``.
        outcome: What it came to; None while it is not done.
        text: Why, or how far it is.
    """

    serial: str
    number: int
    state: str
    outcome: Outcome | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class PhoneNews:
    """How far one phone is.

    Attributes:
        serial: The phone.
        name: Its name; empty while it is not known.
        fraction: 0..1 of its steps.
        text: What it does, for a person.
        over: Whether it is at its end, well or not.
    """

    serial: str
    name: str
    fraction: float
    text: str
    over: bool = False


News = StepNews | PhoneNews


@dataclass(frozen=True, slots=True)
class Common:
    """What all phones of a session share.

    Attributes:
        payloads: By the place's model.
        figures: By the plan's model.
        tell: Told what happens, on any thread.
        skip_gates: By serial: set to wait for the start temperature no longer.
        patience_s: How long a phone that left is waited for.
    """

    plan: Plan
    payloads: Mapping[str, Payload]
    figures: Mapping[str, ModelFigures]
    baseline: Baseline | None
    database: Database
    series_id: int
    ask: Ask
    tell: Callable[[News], None]
    skip_gates: Mapping[str, threading.Event]
    patience_s: float = PATIENCE_S


class OnPhone:
    """The steps of one phone. ``run`` is a job's work: it never raises what a person can mend."""

    def __init__(self, common: Common, serial: str, open_phone: OpenPhone) -> None:
        """Prepare; nothing is asked of the phone yet."""
        self._common = common
        self._serial = serial
        self._open = open_phone
        self._name = ""
        self._share = 0.0
        self._left: list[PlanStep] = []

    def run(self, _report: Report, cancel: CancelToken) -> None:
        """Do every step that is not decided; what could not be done is kept as such."""
        plan, text = self._common.plan, "done"
        self._left = list(plan.steps)
        try:
            done = decided(self._own_steps())
            for number, step in done.items():
                self._common.tell(_news_of(step, number))
            self._left = [each for each in plan.steps if each.number not in done]
            if self._left:
                self._tell("opening")
                with self._open(cancel) as session:
                    self._do_all(session, cancel)
        except Cancelled:
            text = "cancelled; what was measured is kept"
            self._give_up(Outcome.ABORTED, "Cancelled; the session can be resumed.")
        except LabError as error:
            logger.info("QA on %s broke off: %s %s", self._serial, error, error.detail)
            text = str(error)
            self._give_up(Outcome.ERROR, str(error))
        except Exception:  # a bug: full trace in the log, the other phones go on
            logger.exception("QA on %s crashed", self._serial)
            text = "Something in the lab broke. The log has the details."
            self._give_up(Outcome.ERROR, text)
        finally:
            self._share = 1.0
            self._tell(text, over=True)

    def _own_steps(self) -> list[Step]:
        steps = self._common.database.series.steps(self._common.series_id)
        return [each for each in steps if each.serial == self._serial]

    def _do_all(self, session: "Session", cancel: CancelToken) -> None:
        plan, database = self._common.plan, self._common.database
        self._tell("looking for the app")
        self._bring_up(session, cancel)
        prints = take_fingerprint(session, database, cancel)
        self._name = str(prints["phone"])
        models = {each.name: each.sha256 for each in self._common.figures.values()}
        about = {**prints, "plan_sha256": plan.sha256, "models": models}
        self._keep(PlanStep(0, "Fingerprint"), FINGERPRINT, "", "", about)
        measured = [each for each in self._left if each.manual is None]
        if measured:
            self._measure(session, measured, cancel)
        for step in [each for each in self._left if each.manual is not None]:
            self._ask(session, step, cancel)

    def _bring_up(self, session: "Session", cancel: CancelToken) -> None:
        """Have the app on the phone, running and linked."""
        if session.link is not None and session.link.error is None:
            return
        if installer.is_installed(session.phone, cancel=cancel):
            installer.start(session.phone, cancel=cancel)
            session.relink(cancel=cancel, timeout_s=LINK_S)
            return
        folder = cache_dir() / "apks"
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9._-]+", "_", self._serial)
        deploy(
            session,
            next(iter(self._common.payloads.values())),
            output=folder / f"qa-{name}.apk",  # phones of the same kind install at the same time
            database=self._common.database,
            report=lambda progress: self._tell(f"installing the app: {progress.step}"),
            cancel=cancel,
        )

    def _measure(self, session: "Session", steps: Sequence[PlanStep], cancel: CancelToken) -> None:
        """Measure all models in interleaved blocks, then judge each."""
        common = self._common
        hello = session.need_link().hello
        wanted = {common.plan.place_of(each.model).model: each for each in steps}
        plan = common.plan.sweep
        plan = replace(plan, places=tuple(e for e in plan.places if e.model in wanted))
        try:
            plan = for_phone(plan, hello)
        except LabError as error:  # the same on the next try: it is decided
            for step in steps:
                self._end(step, Outcome.ERROR, str(error), {"decided": True})
            return
        places = {each.model: each for each in plan.places}
        listeners = Listeners(
            report=self._tell_sweep,
            turn=lambda turn: common.tell(
                StepNews(
                    self._serial,
                    wanted[turn.place.model].number,
                    "measuring",
                    text=f"block {turn.block} of {plan.blocks}",
                )
            ),
            refused=lambda place, error: self._end(
                wanted[place.model], Outcome.ERROR, str(error), {"decided": True}
            ),
        )
        try:
            Course(
                session,
                plan,
                common.payloads,
                common.database,
                common.series_id,
                listeners,
                cancel,
                shared=True,
                skip_gate=common.skip_gates.get(self._serial),
                patience_s=common.patience_s,
            ).run()
        finally:  # what was measured whole before it broke off is judged too
            for model, step in wanted.items():
                if step in self._left:
                    self._judge(session, step, places[model])

    def _judge(self, session: "Session", step: PlanStep, place: Place) -> None:
        common = self._common
        rows = [
            row
            for row in common.database.runs(series_id=common.series_id)
            if row.facts.serial == self._serial
        ]
        figures = common.figures[step.model]
        past = None
        if common.baseline is not None:
            base = common.baseline
            past = Past(base.name, base.blocks_of(self._name, self._serial, figures.name, place))

        def load(run_id: int) -> RunRecord:
            return common.database.load(run_id)

        apk_bytes = _apk_bytes(session, common.payloads[place.model], place)
        judged = judge_measured(common.plan, place, rows, load, figures, apk_bytes, past)
        if judged is not None:
            self._end_judged(step, judged)

    def _ask(self, session: "Session", step: PlanStep, cancel: CancelToken) -> None:
        """Let a person do a manual step and say what came of it."""
        manual = step.manual
        if manual is None:
            return
        self._tell(f"step {step.number}: {step.title}")
        self._show_model(session, manual.model or self._common.plan.models[0], cancel)
        self._common.tell(StepNews(self._serial, step.number, "asking"))

        def look() -> bytes:
            return look_at(session, cancel)

        picture = self._common.plan.file(manual.picture) if manual.picture else None
        question = Question(self._serial, self._name, step, picture, look)
        answer = self._common.ask(question, cancel)
        cancel.check()
        screen = look()
        facts = {
            "instruction": manual.instruction,
            "expects": manual.expects,
            "answer": answer.mark.name.lower(),
            "decided": True,
        }
        skipped = answer.mark.outcome is Outcome.WARNING
        comment = ": ".join(filter(None, ["Skipped" if skipped else "", answer.comment]))
        self._end(step, answer.mark.outcome, comment, facts, screen)

    def _show_model(self, session: "Session", model: str, cancel: CancelToken) -> None:
        """Have the app run a model on what its camera sees; without it the person still looks."""
        payload = self._common.payloads[self._common.plan.place_of(model).model]
        try:
            self._bring_up(session, cancel)
            link = session.need_link()
            link.first_state(cancel=cancel)
            if link.model is None or link.model.sha256 != self._common.figures[model].sha256:
                swap(session, payload, database=self._common.database, cancel=cancel)
            source = "camera" if "camera" in link.hello.sources else None
            link.set(source=source, paused=False, cancel=cancel)
        except PhoneError:
            raise
        except LabError as error:
            logger.info("%s is not shown: %s %s", model, error, error.detail)

    def _end_judged(self, step: PlanStep, judged: Judgement) -> None:
        facts = {**judged.facts, "decided": True}
        self._end(step, judged.outcome, judged.comment, facts)

    def _end(
        self,
        step: PlanStep,
        outcome: Outcome,
        comment: str,
        facts: dict[str, Any],
        picture: bytes = b"",
    ) -> None:
        """Keep what came of a step, and tell it."""
        self._left.remove(step)
        self._keep(step, step.kind, outcome, comment, facts, picture)
        self._common.tell(StepNews(self._serial, step.number, "done", outcome, comment))

    def _give_up(self, outcome: Outcome, why: str) -> None:
        """Keep that the rest was not done; the session can be resumed."""
        for step in list(self._left):
            try:
                self._end(step, outcome, why, {"decided": False})
            except LabError as error:  # a full disk: what was kept before is safe
                logger.warning("step %d was not kept: %s %s", step.number, error, error.detail)
                news = StepNews(self._serial, step.number, "done", outcome, why)
                self._common.tell(news)

    def _keep(
        self,
        step: PlanStep,
        kind: str,
        outcome: str,
        comment: str,
        facts: dict[str, Any],
        picture: bytes = b"",
    ) -> None:
        self._common.database.series.add_step(
            Step(
                series_id=self._common.series_id,
                serial=self._serial,
                number=step.number,
                title=step.title,
                kind=kind,
                outcome=str(outcome),
                comment=comment,
                facts=facts,
                picture=picture,
                utc=utc_now(),
            )
        )

    def _tell_sweep(self, progress: Progress) -> None:
        steps = self._common.plan.steps
        measured = sum(each.manual is None for each in steps) / len(steps)
        self._share = max(self._share, measured * (progress.fraction or 0.0))
        self._tell(progress.detail)

    def _tell(self, text: str, *, over: bool = False) -> None:
        self._common.tell(PhoneNews(self._serial, self._name, self._share, text, over))


def _news_of(step: Step, number: int) -> StepNews:
    return StepNews(step.serial, number, "done", Outcome(step.outcome), step.comment)


def _apk_bytes(session: "Session", payload: Payload, place: Place) -> int | None:
    """Return how large a model's APK for a phone is; None where no ABI fits."""
    facts = inspect_model(payload.model)
    sized = SizedModel(
        payload.name, facts.size_bytes, payload.labels, payload.untrained, facts.task,
        facts.scores_are,
    )  # fmt: skip
    try:
        with ArchiveReader(BASE_APK) as base:
            abi = choose_abi(abis_of(base), session.facts.abis if session.facts else ())
        choice = SizeChoice((sized,), (abi,), gpu=place.delegate == "gpu")
        return what_if(choice).total_bytes
    except LabError as error:
        logger.info("the size of the APK is not known: %s %s", error, error.detail)
        return None
