"""What a QA session came to, from its records alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import LabError
from engine.measuring.plan import Plan, plan_of
from engine.qa.outcomes import Outcome, worst
from engine.records.database import Database
from engine.records.values import Series, Step

KIND = "qa"
FINGERPRINT = "fingerprint"
"""The kind of the step that holds what the phone is; it is judged by nobody."""


@dataclass(frozen=True, slots=True)
class PhoneResult:
    """What came of a session on one phone.

    Attributes:
        serial: The phone's.
        name: Maker and model; the serial where it was never reached.
        fingerprint: See ``take_fingerprint``; empty where it was never reached.
        steps: The last word on each step that was done, in the plan's order.
        outcome: The worst of them; ``ABORTED`` at least where one was not done.
        finished: Whether every step was decided.
    """

    serial: str
    name: str
    fingerprint: dict[str, Any]
    steps: tuple[Step, ...]
    outcome: Outcome
    finished: bool


@dataclass(frozen=True, slots=True)
class QaResult:
    """What came of a session.

    Attributes:
        series: Its record; it can be resumed while its outcome is empty.
        plan: The plan, as it was when the session began.
        phones: In the order in which they were named.
        outcome: The worst of all.
        finished: Whether every step was decided on every phone.
    """

    series: Series
    plan: Plan
    phones: tuple[PhoneResult, ...]
    outcome: Outcome
    finished: bool

    @property
    def sentence(self) -> str:
        """The answer for a person."""
        steps = [step for phone in self.phones for step in phone.steps]
        counts = [
            f"{number} {outcome}"
            for outcome in Outcome
            if (number := sum(step.outcome == outcome for step in steps))
        ]
        where = f" on {len(self.phones)} phones" if len(self.phones) > 1 else ""
        rest = "" if self.finished else " It can be resumed."
        told = ", ".join(counts) or "no step was done"
        return f"{self.outcome}: {self.series.title}{where}: {told}.{rest}"


def qa_result(database: Database, series_id: int) -> QaResult:
    """Return what came of a QA session, finished or not.

    Raises:
        LabError: There is no such series, it is of another kind, or its plan cannot be read.
    """
    series = database.series.load(series_id)
    if series.kind != KIND:
        raise LabError(f"Series {series_id} is no QA session.", "See `mobilenet-lab qa list`.")
    plan = plan_of_series(series)
    steps = database.series.steps(series_id)
    phones = tuple(
        _phone_result(serial, plan, [each for each in steps if each.serial == serial])
        for serial in serials_of(series, steps)
    )
    return QaResult(
        series=series,
        plan=plan,
        phones=phones,
        outcome=worst(each.outcome for each in phones),
        finished=all(each.finished for each in phones),
    )


def plan_of_series(series: Series) -> Plan:
    """Return the plan that a session was locked to.

    Raises:
        LabError: It is no plan of this lab.
    """
    values = dict(series.plan)
    folder = values.pop("folder", "")
    for name in ("sha256", "phones"):
        values.pop(name, None)
    return plan_of(values, Path(str(folder)), f"The plan of series {series.id}")


def plan_json(plan: Plan, serials: Sequence[str]) -> dict[str, Any]:
    """Return what a session's record keeps of its plan."""
    return {
        **plan.values(),
        "folder": str(plan.folder),
        "sha256": plan.sha256,
        "phones": list(serials),
    }


def serials_of(series: Series, steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the phones of a session: those it was begun with, then those that came later."""
    begun = series.plan.get("phones")
    named = [str(each) for each in begun] if isinstance(begun, list) else []
    return tuple(dict.fromkeys([*named, *(each.serial for each in steps)]))


def sessions(database: Database) -> tuple[Series, ...]:
    """Return every QA session, newest first."""
    return database.series.every(KIND)


def decided(steps: Sequence[Step]) -> dict[int, Step]:
    """Return the last word on each step of one phone that need not be done again."""
    last = {each.number: each for each in steps if each.kind != FINGERPRINT}
    return {number: each for number, each in last.items() if each.facts.get("decided")}


def _phone_result(serial: str, plan: Plan, steps: Sequence[Step]) -> PhoneResult:
    prints = [each for each in steps if each.kind == FINGERPRINT]
    fingerprint = prints[-1].facts if prints else {}
    last = {each.number: each for each in steps if each.kind != FINGERPRINT}
    known = [last[number] for number in sorted(last)]
    missing = len(plan.steps) - len(known)
    outcomes = [Outcome(each.outcome) for each in known]
    return PhoneResult(
        serial=serial,
        name=str(fingerprint.get("phone") or serial),
        fingerprint=fingerprint,
        steps=tuple(known),
        outcome=worst([*outcomes, *[Outcome.ABORTED] * (missing > 0)]),
        finished=len(decided(steps)) == len(plan.steps),
    )
