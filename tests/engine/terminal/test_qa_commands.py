"""The qa commands that need no phone."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from engine.cli import run_cli
from engine.measuring.plan import plan_of
from engine.qa.result import plan_json
from engine.records.database import Database
from engine.records.values import Step

PLAN = 'title = "A"\nmodels = ["v1_0.50_128-int8"]\n[limits]\nmedian_ms = 60\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    return tmp_path


def begin_session(outcome: str) -> int:
    plan = plan_of({"title": "Release", "models": ["m"], "limits": {"median_ms": 60}})
    with closing(Database()) as database:
        series = database.series.begin("qa", plan.title, plan_json(plan, ["A1", "A2"]))
        for serial, came_to in (("A1", "PASS"), ("A2", outcome)):
            facts = {"decided": outcome != "ERROR"}
            database.series.add_step(
                Step(series, serial, 1, "Measure m", "measure", came_to, "why", facts, b"", "2026")
            )
        if outcome != "ERROR":
            database.series.finish(series, outcome)
    return series


def test_a_new_plan_is_one_that_can_be_done_and_is_never_written_over(home, capsys):
    path = home / "plan.toml"
    assert run_cli(["qa", "new", str(path)]) == 0
    assert run_cli(["qa", "check", str(path)]) == 0
    assert "Release 1.4: 3 runs on each phone" in capsys.readouterr().out
    assert run_cli(["qa", "new", str(path)]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PLAN + "p90 = 3\n", "limits.p90: is not known here. Did you mean p90_ms?"),
        (PLAN.replace("v1_0.50_128-int8", "v1_0.50_128-int9"), "v1_0.50_128-int9"),
        (PLAN.replace("v1_0.50_128-int8", "gone.tflite"), "models: there is no file"),
        (PLAN.replace("[limits]", "baseline = 99\n[limits]"), "There is no series 99."),
    ],
)
def test_a_plan_that_cannot_be_done_is_bad_input(home, capsys, text, says):
    path = home / "plan.toml"
    path.write_text(text)
    assert run_cli(["qa", "check", str(path)]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "needs a plan, or one to go on with"),
        (["plan.toml", "--resume", "1"], "needs a plan, or one to go on with"),
        (["plan.toml", "--skip-manual", "--answers", "a.toml"], "exclude each other"),
        (["none.toml"], "cannot be read"),
        (["--resume", "7"], "There is no series 7."),
    ],
)
def test_a_session_that_cannot_begin_is_bad_input(home, capsys, arguments, says):
    assert run_cli(["qa", "run", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_sessions_are_listed_and_shown(home, capsys):
    assert run_cli(["qa", "list"]) == 0
    assert "There is no session yet." in capsys.readouterr().err
    failed, unfinished = begin_session("FAIL"), begin_session("ERROR")
    assert run_cli(["qa", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[-1] == "finished"
    assert lines[2].split()[-1] == "FAIL"
    assert run_cli(["qa", "show", str(failed)]) == 0
    assert "FAIL: Release on 2 phones: 1 PASS, 1 FAIL." in capsys.readouterr().out
    assert run_cli(["qa", "show", str(unfinished), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["outcome"], shown["finished"]) == ("ERROR", False)
    assert [each["outcome"] for each in shown["phones"]] == ["PASS", "ERROR"]
    assert run_cli(["qa", "show", "99"]) == 2
