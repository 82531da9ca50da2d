"""Answers that were written down before, and those that are typed."""

import threading
from pathlib import Path

import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.measuring.plan import ManualStep, Plan, PlanError, PlanStep
from engine.qa.answers import WrittenAnswers
from engine.qa.asking import Answer, Mark, Question
from engine.terminal import qa_asking
from engine.terminal.qa_asking import TerminalAsker

STEP = ManualStep("Look", "Look at it.")
PLAN = Plan("A", ("m",), manual=(STEP, ManualStep("Turn", "Turn it.")))


def question(title: str = "Look", serial: str = "A1") -> Question:
    return Question(serial, "Phone", PlanStep(2, title, manual=STEP), None, lambda: b"")


def written(path: Path, text: str) -> WrittenAnswers:
    path.write_text(text)
    return WrittenAnswers(path, PLAN)


def test_an_answer_for_the_phone_goes_before_one_for_all(tmp_path):
    answers = written(
        tmp_path / "a.toml",
        '[[answer]]\nstep="Look"\nmark="P"\n'
        '[[answer]]\nstep="Look"\nmark="F"\nphone="A2"\ncomment="dark"\n',
    )
    token = CancelToken()
    assert answers(question(), token) == Answer(Mark.PASS)
    assert answers(question(serial="A2"), token) == Answer(Mark.FAIL, "dark")
    skipped = answers(question("Turn"), token)
    assert skipped == Answer(Mark.SKIP, "a.toml has no answer to it.")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("answer = 3", "answer: must be a list"),
        ('[[answer]]\nstep="Lok"\nmark="P"', "answer 1.step: must be one of Look, Turn"),
        ('[[answer]]\nstep="Look"\nmark="X"', "answer 1.mark: must be one of P, F, S"),
        ('[[answer]]\nstep="Look"', "answer 1.mark: is missing."),
        ("[[answer", "no TOML"),
    ],
)
def test_what_is_wrong_with_answers_is_said_with_its_place(tmp_path, text, says):
    with pytest.raises(PlanError, match=says):
        written(tmp_path / "a.toml", text)
    with pytest.raises(LabError, match="cannot be read"):
        WrittenAnswers(tmp_path / "none.toml", PLAN)


class Lines:
    """Standard input that stands still after its lines until it is let go."""

    def __init__(self, *lines: str) -> None:
        self._lines = lines
        self.let_go = threading.Event()

    def __iter__(self):
        yield from self._lines
        self.let_go.wait(10)


def test_a_typed_line_is_mark_and_comment(monkeypatch, capsys):
    lines = Lines("x\n", "f too dark\n", "p\n")
    monkeypatch.setattr("sys.stdin", lines)
    asker = TerminalAsker()
    assert asker(question(), CancelToken()) == Answer(Mark.FAIL, "too dark")
    assert asker(question(), CancelToken()) == Answer(Mark.PASS)
    lines.let_go.set()
    assert asker(question(), CancelToken()) == Answer(Mark.SKIP, qa_asking.CLOSED)
    assert "'x' is none of them." in capsys.readouterr().err


def test_cancel_ends_the_waiting_for_a_line(monkeypatch):
    lines, token = Lines(), CancelToken()
    monkeypatch.setattr("sys.stdin", lines)
    threading.Timer(0.05, token.cancel).start()
    with pytest.raises(Cancelled):
        TerminalAsker()(question(), token)
    lines.let_go.set()
