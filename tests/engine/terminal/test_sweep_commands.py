"""What `sweep` says before a phone is asked, and how an unfinished series is closed."""

import json
from contextlib import closing

import pytest
import typer
from typer.testing import CliRunner

from engine.errors import LabError
from engine.measuring.sweep_plan import SweepPlan, cross
from engine.records.database import Database
from engine.terminal import sweep_commands
from engine.terminal.history_commands import runs_app


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    app = typer.Typer()
    sweep_commands.register(app)
    app.add_typer(runs_app, name="runs")

    def run(*args):
        ended = CliRunner().invoke(app, [str(each) for each in args])
        if ended.exception and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return ended.stdout

    return run


def test_without_a_model_it_says_what_to_do(ask):
    with pytest.raises(LabError, match=r"sweep 'v1_\*-int8'.*--resume"):
        ask("sweep")


def test_a_dry_run_tells_the_order_and_the_time(ask):
    told = json.loads(ask("sweep", "v1_*_128-int8", "--threads", 2, "--dry-run", "--json"))
    assert told["runs"] == 4 * 3
    assert told["seconds"] == pytest.approx(12 * 5.5)
    assert {place["threads"] for place in told["plan"]["places"]} == {2}


def test_one_side_is_no_ab_test(ask):
    with pytest.raises(LabError, match="needs two models"):
        ask("ab", "v1_0.50_128-int8")


def test_an_unfinished_series_is_closed_for_good(ask):
    with closing(Database()) as database:
        plan = SweepPlan(cross(["v1_0.50_128-int8"]))
        number = database.series.begin("sweep", "one", plan.as_json())
    (series,) = json.loads(ask("runs", "series", "--close", number, "--json"))
    assert series["outcome"] == "closed"
    with pytest.raises(LabError, match="is finished"):
        ask("runs", "series", "--close", number)
