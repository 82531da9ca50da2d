"""What the `report` commands write and say."""

from contextlib import closing
from pathlib import Path

import pytest

from engine.cli import run_cli
from engine.records.database import Database
from tests.engine.records.conftest import keep_run


@pytest.fixture(autouse=True)
def library(tmp_path, monkeypatch):
    """Two runs, one of them in a series."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    with closing(Database()) as database:
        keep_run(database)
        series = database.series.begin("sweep", "All", {})
        keep_run(database, name="v1_1.00_224-int8", ms=50, seed=1, series_id=series)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("run", "1"), "mobilenet-lab-run-1-v1_0.50_128-int8-mi-a1"),
        (("series", "1"), "mobilenet-lab-sweep-1-all"),
        (("comparison", "1", "2"), "mobilenet-lab-comparison-1-2"),
        (("day", "2026-01-02"), "mobilenet-lab-day-2026-01-02"),
    ],
)
def test_files_are_written_and_named(tmp_path, capsys, words, name):
    assert run_cli(["report", *words, "-o", str(tmp_path / "out"), "--kinds", "html, json"]) == 0
    written = [Path(each) for each in capsys.readouterr().out.split()]
    assert [each.name for each in written] == [f"{name}.html", f"{name}.json"]
    assert all(each.stat().st_size for each in written)


def test_serials_are_masked_on_request(tmp_path, capsys):
    file = tmp_path / "mine.html"
    assert run_cli(["report", "run", "1", "-o", str(file), "--mask-serials"]) == 0
    assert capsys.readouterr().out.strip() == str(file)
    assert "phone A" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "9"), "There is no run 9."),
        (("series", "9"), "There is no series 9."),
        (("day", "May"), "is no day"),
        (("day", "today"), "Nothing was measured on"),
        (("run", "1", "--kinds", "docx"), "docx"),
        (("run", "1", "--kinds", ","), "--kinds is empty"),
    ],
)
def test_bad_input_ends_with_2_and_a_sentence(tmp_path, capsys, words, told):
    assert run_cli(["report", *words, "-o", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
