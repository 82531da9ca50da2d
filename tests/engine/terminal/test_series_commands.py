"""Series from a terminal: which can be gone on with, and what stands beside their numbers."""

import json
from contextlib import closing

import pytest

from engine.cli import run_cli
from engine.measuring.sweep_plan import Place, SweepPlan
from engine.records.database import Database
from engine.records.values import Flag
from engine.terminal.run_text import phone_notes
from engine.terminal.sweep_commands import _say_run
from tests.engine.records.conftest import keep_run


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep everything in a home of its own."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))


@pytest.fixture
def series():
    """A finished A/B test, and a sweep that was not finished."""
    with closing(Database()) as database:
        pair = (Place("a", 1), Place("a", 2))
        done = database.series.begin("ab", "a", SweepPlan(pair).as_json())
        database.series.finish(done, "completed")
        database.series.begin("sweep", "a", SweepPlan(pair).as_json())


@pytest.mark.usefixtures("series")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sweep"], "There is nothing to measure"),
        (["sweep", "a", "--start-c", "nan"], "'--start-c'"),
        (["sweep", "a", "--start-c", "500"], "'--start-c'"),
        (["sweep", "--resume", "99"], "There is no series 99"),
        (["sweep", "--resume", "99999999999999999999"], "a number that large"),
        (["sweep", "--resume", "1"], "Series 1 is no sweep"),
        (["sweep", "a", "--resume", "2"], "Leave the models away"),
        (["ab", "a"], "needs two models"),
        (["ab", "--resume", "1"], "Series 1 is finished"),
        (["ab", "--resume", "2"], "Series 2 is no ab"),
    ],
)
def test_bad_input_leaves_with_2_and_promises_nothing(arguments, sentence, capsys):
    assert run_cli(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert sentence in told.err
    assert "is kept" not in told.err
    assert "Traceback" not in told.err


def test_a_dry_run_says_its_time_in_seconds_where_it_is_short(capsys):
    assert run_cli(["sweep", "v1_0.25_128-int8", "--dry-run"]) == 0
    assert "3 runs, about 16 s" in capsys.readouterr().out
    assert run_cli(["sweep", "v1_*-int8", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["runs"], len(told["plan"]["places"])) == (48, 16)


def test_only_what_counts_against_a_run_is_said_to(capsys):
    with closing(Database()) as database:
        flags = (Flag.UNTRAINED, Flag.UNSTABLE)
        _say_run(database.load(keep_run(database, block=1, place="a", flags=flags)))
    assert "(does not count: unstable)" in capsys.readouterr().err


def test_what_phones_say_of_their_times_is_told_once():
    notes = ("simulated mi-a1 pace", "", "simulated mi-a1 pace")
    with closing(Database()) as database:
        for seed, note in enumerate(notes):
            keep_run(database, seed=seed, phone_note=note)
        assert phone_notes(database.runs()) == ("simulated mi-a1 pace",)
