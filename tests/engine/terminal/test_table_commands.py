"""What `variants` and `model table` say."""

import csv
import json

import pytest
import typer
from typer.testing import CliRunner

from engine.terminal import table_commands


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    app = typer.Typer()
    table_commands.register(app)
    app.command()(table_commands.variants)

    def run(*args):
        ended = CliRunner().invoke(app, [str(each) for each in args], catch_exceptions=False)
        assert ended.exit_code == 0, ended.stderr
        return ended.stdout

    return run


def test_variants_lists_the_baselines_by_their_families(ask):
    lines = ask("variants").splitlines()
    assert lines.index("MobileNet v1:") < lines.index("MobileNet v2:") < len(lines) - 2
    assert len(json.loads(ask("variants", "--json"))) == 45


def test_the_table_is_the_same_on_screen_as_csv_and_as_json(ask, tmp_path):
    shown = ask("table")
    told = json.loads(ask("table", "--json"))
    ask("table", "--csv", tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="", encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    names = [row["name"] for row in told["rows"]]
    assert [row["name"] for row in written] == names
    assert all(name in shown for name in names)
    assert "v1_0.75_224" in shown
    assert written[4]["macs_published"] == str(told["rows"][4]["macs_published"])


def test_every_figure_of_the_json_has_its_source(ask):
    told = json.loads(ask("table", "--json"))
    for figures in told["figures"].values():
        for each in (figure for listed in figures.values() for figure in listed):
            assert told["sources"][each["source"]]["title"]
    assert any("points between" in each for each in told["differences"]["v1_0.50_128"])
