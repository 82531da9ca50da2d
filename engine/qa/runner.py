"""Do a QA plan on several phones at once; one that is slow or fails never stops the others."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

from engine.accuracy.evaluation import Evaluation, evaluate
from engine.accuracy.judging import judged_of
from engine.deploy import Payload
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Job, Progress, Report, ignore_progress
from engine.measuring.plan import Plan, PlanError, missing_files
from engine.measuring.sweep import PATIENCE_S, Resolve
from engine.models.inspector import inspect_model
from engine.qa.asking import Ask
from engine.qa.baseline import load_baseline
from engine.qa.judging import ModelFigures
from engine.qa.on_phone import Common, News, OnPhone, OpenPhone, PhoneNews
from engine.qa.outcomes import Value
from engine.qa.result import KIND, QaResult, plan_json, plan_of_series, qa_result
from engine.records.database import Database

logger = logging.getLogger(__name__)


def run_plan(  # noqa: PLR0913 - who is asked and told
    phones: Mapping[str, OpenPhone],
    plan: Plan | None,
    *,
    resolve: Resolve,
    database: Database,
    ask: Ask,
    series_id: int | None = None,
    on_begun: Callable[[int], None] | None = None,
    on_news: Callable[[News], None] | None = None,
    skip_gates: Mapping[str, threading.Event] | None = None,
    patience_s: float = PATIENCE_S,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> QaResult:
    """Do a plan on phones, each in its own session and thread, in one series (step ``qa``).

    On each phone: the app is installed where it is missing, the fingerprint taken, every model
    measured in interleaved blocks and judged, then a person asked. Once the series has begun
    nothing is raised: a phone that leaves and does not come back, an app that will not run and a
    cancel are outcomes of the steps they hit (``ERROR``, ``ABORTED``), and the series stays open,
    to be resumed, until every step is decided on every phone.

    Args:
        phones: By serial, how to open each.
        plan: What to do; None of a series that is resumed, whose own plan counts: it was locked
            when the series began.
        resolve: Finds or builds each model, before anything is measured.
        database: Where all is kept.
        ask: Asks a person; called on the phones' threads, several at once.
        series_id: Resumes this series; None begins one.
        on_begun: Told the series' number before any phone is touched.
        on_news: Told what happens, on the phones' threads.
        skip_gates: By serial: set to wait for the start temperature no longer.
        patience_s: How long a phone that left is waited for.
        report: Told how far all phones are (before that: ``models``, ``accuracy``).
        cancel: Ends it; what was measured is kept.

    Raises:
        LabError: There is no phone, a model or a file of the plan is not to be had, or the
            series cannot be resumed; nothing was begun.
        Cancelled: It was cancelled before it began.
    """
    cancel = cancel or CancelToken()
    if not phones:
        raise LabError("There is no phone to test.", "Name one at least.")
    plan = _plan(plan, database, series_id)
    if missing := missing_files(plan):
        raise PlanError(missing)
    payloads = _resolve_all(plan, resolve, report, cancel)
    figures = _judge_models(plan, payloads, database, report, cancel)
    baseline = load_baseline(plan, database, cancel)
    cancel.check()
    if series_id is None:
        series_id = database.series.begin(KIND, plan.title, plan_json(plan, list(phones)))
    if on_begun is not None:
        on_begun(series_id)
    common = Common(
        plan=plan,
        payloads=payloads,
        figures=figures,
        baseline=baseline,
        database=database,
        series_id=series_id,
        ask=ask,
        tell=_Teller(list(phones), report, on_news).tell,
        skip_gates=skip_gates or {},
        patience_s=patience_s,
    )
    _run_all([OnPhone(common, serial, phones[serial]) for serial in phones], cancel)
    result = qa_result(database, series_id)
    if result.finished:
        database.series.finish(series_id, result.outcome)
        result = qa_result(database, series_id)
    report(Progress("qa", 1.0, result.sentence))
    return result


def _plan(plan: Plan | None, database: Database, series_id: int | None) -> Plan:
    if series_id is None:
        if plan is None:
            raise LabError("There is no plan to do.", "Command qa new writes one.")
        return plan
    series = database.series.load(series_id)
    if series.kind != KIND:
        raise LabError(f"Series {series_id} is no QA session.", "See `mobilenet-lab qa list`.")
    if series.outcome:
        raise LabError(f"Series {series_id} is finished: {series.outcome}.", "Begin a new one.")
    return plan_of_series(series)


def _resolve_all(
    plan: Plan, resolve: Resolve, report: Report, cancel: CancelToken
) -> dict[str, Payload]:
    """Return the payload of each place's model."""
    payloads: dict[str, Payload] = {}
    for number, model in enumerate(plan.models):
        told = f"{number + 1} of {len(plan.models)}, {model}"
        report(Progress("models", number / len(plan.models), told))
        place = plan.place_of(model)
        payloads[place.model] = resolve(place.model, ignore_progress, cancel)
        cancel.check()
    report(Progress("models", 1.0))
    return payloads


def _judge_models(
    plan: Plan,
    payloads: Mapping[str, Payload],
    database: Database,
    report: Report,
    cancel: CancelToken,
) -> dict[str, ModelFigures]:
    """Return what is known of each of the plan's models; top-1 is the same on every phone."""
    figures = {}
    for number, model in enumerate(plan.models):
        payload = payloads[plan.place_of(model).model]
        facts = inspect_model(payload.model)
        top1, words = None, ""
        if plan.pictures:
            report(Progress("accuracy", number / len(plan.models), payload.name))
            judged = evaluate(
                payload.model, plan.file(plan.pictures), labels=payload.labels, cancel=cancel
            )
            database.record_judged(judged_of(judged, payload.name))
            top1, words = _top1(judged), str(judged.top1)
        figures[model] = ModelFigures(payload.name, facts.sha256, facts.size_bytes, top1, words)
    return figures


def _top1(evaluation: Evaluation) -> Value:
    low, high = evaluation.top1.interval
    return Value(100 * evaluation.top1.value, (100 * low, 100 * high))


def _run_all(courses: Sequence[OnPhone], cancel: CancelToken) -> None:
    """Let every phone go its way, and wait for the last; each keeps what it came to."""
    said: SimpleQueue[Any] = SimpleQueue()
    jobs = [Job(f"qa {number}", each.run, said) for number, each in enumerate(courses, 1)]

    def cancel_all() -> None:
        for job in jobs:
            job.cancel()

    for job in jobs:
        job.start()
    try:
        with cancel.closing(cancel_all):
            for job in jobs:
                job.join()
    except Cancelled:  # it came before the jobs could hear it
        cancel_all()
        for job in jobs:
            job.join()


class _Teller:
    """Passes on what the phones tell, and sums it up as progress."""

    def __init__(
        self, serials: Sequence[str], report: Report, on_news: Callable[[News], None] | None
    ) -> None:
        self._lock = threading.Lock()
        self._last = {serial: PhoneNews(serial, "", 0.0, "") for serial in serials}
        self._report = report
        self._on_news = on_news

    def tell(self, news: News) -> None:
        if self._on_news is not None:
            self._on_news(news)
        if isinstance(news, PhoneNews):
            with self._lock:
                self._last[news.serial] = news
                last = list(self._last.values())
            share = sum(each.fraction for each in last) / len(last)
            told = [each for each in last if each.text]
            text = " | ".join(
                f"{each.name or each.serial}: {each.text}" if len(last) > 1 else each.text
                for each in told
            )
            self._report(Progress("qa", min(share, 0.999), text))
