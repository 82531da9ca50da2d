"""Answers to manual steps that were written down before."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from engine.errors import LabError
from engine.jobs import CancelToken
from engine.measuring.plan import MOST_BYTES, Plan, PlanError
from engine.measuring.plan_reader import Complaint, Reader
from engine.qa.asking import Answer, Mark, Question


@dataclass(frozen=True, slots=True)
class _Given:
    step: str
    phone: str
    answer: Answer


class WrittenAnswers:
    """Answers questions from a file; what it does not know is skipped, and says so.

    The file is TOML: ``[[answer]]`` with ``step`` (its title), ``mark`` (``P``, ``F`` or ``S``),
    and as one likes ``comment`` and ``phone`` (a serial; without one for every phone).
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        """Read the file.

        Raises:
            PlanError: It says what cannot be understood, or names a step that the plan has not.
            LabError: It cannot be read.
        """
        self._name = path.name
        self._given = _read(path, {each.title for each in plan.manual})

    def __call__(self, question: Question, _cancel: CancelToken) -> Answer:
        """Return the answer for this phone, or that for every phone."""
        mine = [each for each in self._given if each.step == question.step.title]
        for each in (*[e for e in mine if e.phone == question.serial], *mine):
            if each.phone in ("", question.serial):
                return each.answer
        return Answer(Mark.SKIP, f"{self._name} has no answer to it.")


def _read(path: Path, titles: set[str]) -> list[_Given]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LabError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        values = tomllib.loads(data[:MOST_BYTES].decode())
    except (ValueError, RecursionError) as error:
        raise PlanError([Complaint("", f"It is no TOML: {error}.")], path.name) from error
    complaints: list[Complaint] = []
    reader = Reader(values, "", complaints)
    table = reader.get("answer")
    if not isinstance(table, list):
        reader.complain("answer", "must be a list: [[answer]].")
        table = []
    reader.refuse_unknown()
    given = []
    for number, each in enumerate(table, 1):
        own = Reader(each, f"answer {number}", complaints)
        step = own.text("step", needed=True, among=sorted(titles))
        mark = own.text("mark", needed=True, among=[each.value for each in Mark])
        answer = Answer(Mark(mark or Mark.SKIP), own.text("comment"))
        given.append(_Given(step, own.text("phone"), answer))
        own.refuse_unknown()
    if complaints:
        raise PlanError(complaints, path.name)
    return given
