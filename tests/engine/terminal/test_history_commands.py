"""What the `runs` commands do and say."""

import csv
import json
from contextlib import closing

import pytest
from typer.testing import CliRunner

from engine.errors import LabError
from engine.records.database import Database
from engine.records.values import Flag
from engine.terminal.history_commands import runs_app
from tests.engine.records.conftest import keep_run


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))

    def run(*args):
        ended = CliRunner().invoke(runs_app, [str(each) for each in args])
        if ended.exception and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return ended

    return run


@pytest.fixture
def library(ask):
    """Two valid runs, and one that may not be ranked, in an unfinished series."""
    with closing(Database()) as database:
        keep_run(database)
        keep_run(database, ms=50, seed=1, name="v1_1.00_224-int8")
        series = database.series.begin("sweep", "All 16", {})
        keep_run(database, series_id=series, flags=(Flag.HOT,), seed=2)


@pytest.mark.usefixtures("library")
def test_filters_narrow_the_list(ask):
    def listed(*args):
        return [each["id"] for each in json.loads(ask("list", "--json", *args).stdout)]

    ask("tag", 2, "release")
    assert listed() == [3, 2, 1]
    assert listed("--valid") == [2, 1]
    assert listed("--tag", "release") == [2]
    assert listed("--model", "1.00") == [2]
    assert listed("--series", 1) == [3]
    assert listed("--text", "mi a1 0.50") == [3, 1]
    assert listed("--since", "2026-01-03") == []
    table = ask("list", "--tag", "release").stdout.splitlines()
    assert len(table) == 2
    assert "release" in table[1]
    assert "49." in table[1] or "50." in table[1]
    assert "No run is like that." in ask("list", "--phone", "nobody").stderr
    ask("tag", 2, "release", "--remove")
    assert listed("--tag", "release") == []


@pytest.mark.usefixtures("library")
def test_a_run_is_shown_in_words_and_as_json(ask):
    said = ask("show", 3).stdout
    assert "median latency" in said
    assert "phone throttling: " in said
    told = json.loads(ask("show", 3, "--json").stdout)
    assert told["samples"] is None
    assert told["run"]["valid"] is False


@pytest.mark.usefixtures("library")
def test_the_files_name_says_the_kind(ask, tmp_path):
    for name in ("runs.json", "runs.csv", "runs.parquet", "runs.zip"):
        assert ask("export", 1, 2, tmp_path / name).stdout == f"{tmp_path / name}\n"
    assert len(json.loads((tmp_path / "runs.json").read_text())["runs"]) == 2
    with (tmp_path / "runs.csv").open(newline="") as file:
        assert {row["run"] for row in csv.DictReader(file)} == {"1", "2"}
    assert (tmp_path / "runs.parquet").read_bytes()[:4] == b"PAR1"
    assert "latency" in json.loads(ask("export", 1, "--litert").stdout)
    ask("export", 1, tmp_path / "litert.json", "--litert")
    assert "latency" in json.loads((tmp_path / "litert.json").read_text())


@pytest.mark.usefixtures("library")
def test_runs_go_to_another_lab_and_a_series_with_all_its_runs(ask, tmp_path, monkeypatch):
    ask("export", "--series", 1, tmp_path / "series.zip")
    ask("export", 1, 2, tmp_path / "runs.zip")
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "other"))
    assert ask("import", tmp_path / "runs.zip").stdout == "1 2\n"
    imported = json.loads(ask("import", tmp_path / "series.zip", "--json").stdout)
    assert imported == {"runs": [3], "new": 1, "series": [1]}
    again = ask("import", tmp_path / "runs.zip")
    assert (again.stdout, again.stderr.splitlines()[-1]) == (
        "1 2\n",
        "Nothing new: all of it is here already.",
    )
    (first, *_) = json.loads(ask("list", "--json").stdout)
    assert first["origin"] == "imported from series.zip"


@pytest.mark.usefixtures("library")
def test_a_deleted_run_is_restored_as_the_command_says(ask):
    assert "runs restore 1 2" in ask("delete", 1, 2).stderr
    assert len(json.loads(ask("list", "--json").stdout)) == 1
    assert len(json.loads(ask("list", "--deleted", "--json").stdout)) == 2
    ask("restore", 1, 2)
    assert len(json.loads(ask("list", "--json").stdout)) == 3


@pytest.mark.usefixtures("library")
def test_two_runs_are_compared_in_a_sentence(ask):
    said = ask("compare", 1, 2).stdout
    assert "Run 2" in said
    assert "they differ in" not in said.splitlines()[0]
    assert "measured once" in said
    told = json.loads(ask("compare", 1, 2, "--json").stdout)
    assert told["difference"]["ratio"] == pytest.approx(1.25, rel=0.02)


@pytest.mark.usefixtures("library")
def test_an_unfinished_series_is_said_to_be_resumable(ask):
    assert "can be resumed" in ask("series").stdout
    (series,) = json.loads(ask("series", "--json").stdout)
    assert (series["title"], series["runs"], series["outcome"]) == ("All 16", 1, "")


def test_a_series_that_cannot_be_resumed_is_not_said_to_be(ask):
    with closing(Database()) as database:
        database.series.begin("mirror-cost", "Mirror cost", {})
    assert "unfinished" in ask("series").stdout
    assert "resumed" not in ask("series").stdout


def test_what_a_phone_says_of_its_times_stands_in_the_list(ask):
    with closing(Database()) as database:
        keep_run(database, phone_note="virtual phone: simulated mi-a1 pace")
    assert "(virtual phone: simulated mi-a1 pace)" in ask("list").stdout


@pytest.mark.usefixtures("library")
def test_a_note_is_changed(ask):
    ask("note", 1, "by the window")
    assert json.loads(ask("show", 1, "--json").stdout)["run"]["note"] == "by the window"


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("export", 1, "run.txt"), "does not say what to write"),
        (("export", 1, "run.html"), "would be a report"),
        (("export", "run.json"), "no run to export"),
        (("export", "one", "run.json"), "one is no run's number"),
        (("export", 1, "/no/such/run.json"), "no folder"),
        (("export", 1, 2, "--litert"), "holds one run"),
        (("export", 1, "run.csv", "--litert"), "are JSON"),
        (("export", 1, "run.csv", "--series", 1), "Only a .zip"),
        (("import", "no.zip"), "cannot be read"),
        (("delete", 1, 99), "no run 99"),
        (("restore", 99), "no run 99"),
        (("show", 99), "no run 99"),
        (("show", 10**20), "a number that large"),
        (("list", "--series", 10**20), "a number that large"),
        (("note", 99, "x"), "no run 99"),
        (("tag", 99, "x"), "no run 99"),
        (("compare", 1, 1), "with itself"),
        (("list", "--since", "soon"), "is no day"),
    ],
)
def test_bad_input_is_one_sentence(ask, tmp_path, monkeypatch, args, sentence):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LabError, match=sentence):
        ask(*args)
