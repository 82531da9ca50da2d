"""Choosing from a terminal: the recommendation, the prediction, and the claims."""

import csv
import json
from xml.etree import ElementTree as ET

import pytest

from engine.catalog.variants import Catalog
from engine.cli import run_cli
from engine.records.database import Database
from engine.records.values import Digest, End
from tests.engine.catalog.conftest import FACTS


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep the records in a home of their own."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))


@pytest.fixture
def three_runs():
    """Runs of the three int8 variants that the others are predicted from."""
    from dataclasses import replace

    from engine.apk.sizes import model_size

    database, catalog = Database(), Catalog.load()
    for name in ("v1_0.25_128", "v1_0.50_160", "v1_1.00_224"):
        ms = 1 + catalog.variant(name).macs[0].value * 3e-8
        size = model_size(name, "int8")
        facts = replace(FACTS, name=f"{name}-int8", model_sha256=name, model_size_bytes=size)
        run = database.begin_run(facts)
        digest = Digest(ms, 0.98 * ms, 1.02 * ms, None, 25.0, 400)
        database.finish(run, End.COMPLETED, (), digest)
    database.close()


def run_json(capsys, *arguments):
    assert run_cli([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_choose_recommends_within_the_budget(three_runs, capsys):
    found = run_json(capsys, "choose", "--max-ms", "4", "--measured-only")
    assert found["recommended"] == "v1_0.50_160-int8"
    assert found["runner_up"] == "v1_0.25_128-int8"
    assert {each["latency_origin"] for each in found["candidates"]} == {"measured"}
    assert run_cli(["choose", "--max-ms", "4", "--measured-only"]) == 0
    said = capsys.readouterr()
    assert found["sentence"] in said.out
    assert "Latencies hold for Pixel 6a, xnnpack, 4 threads, camera." in said.out


def test_choose_says_what_the_nearest_misses(three_runs, capsys):
    found = run_json(capsys, "choose", "--max-ms", "1")
    assert found["recommended"] is None
    assert found["nearest"] == "v1_0.25_128-int8"
    assert found["misses"][0]["unit"] == "ms"


def test_choose_writes_a_drawing_and_a_table(three_runs, tmp_path, capsys):
    svg, table = tmp_path / "front.svg", tmp_path / "front.csv"
    assert run_cli(["choose", "--svg", str(svg), "--csv", str(table)]) == 0
    assert ET.parse(svg).getroot().tag.endswith("svg")
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    origins = [row["latency_origin"] for row in rows]
    assert origins.count("measured") == 3
    assert origins.count("predicted") == 13
    assert {row["setting"] for row in rows} == {"Pixel 6a, xnnpack, 4 threads, camera"}


def test_predict_first_names_three_to_measure(capsys):
    found = run_json(capsys, "predict", "--precision", "float32")
    assert [each["name"] for each in found["measure"]] == [
        "v1_0.25_128-float32",
        "v1_0.50_160-float32",
        "v1_1.00_224-float32",
    ]
    assert found["fit"] is None
    assert run_cli(["predict"]) == 0
    assert "v1_0.50_160-int8" in capsys.readouterr().out


def test_predict_then_tells_the_others_and_which_to_verify(three_runs, capsys):
    found = run_json(capsys, "predict")
    assert found["fit"]["kind"] == "MACs"
    assert found["fit"]["r2"] > 0.999
    assert len(found["latencies"]) == 16
    assert found["verify_with"] not in {each["name"] for each in found["measure"]}
    assert run_cli(["predict"]) == 0
    assert f"to verify it, measure {found['verify_with']}" in capsys.readouterr().out


def test_claims_come_with_verdicts(three_runs, capsys):
    found = {each["id"]: each for each in run_json(capsys, "claims")}
    assert found["native-30-fps"]["verdict"] == "does not hold"
    assert run_cli(["claims"]) == 0
    assert "cannot be told yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["choose", "--phone", "nobody"],
        ["predict", "--precision", "int4"],
        ["choose", "--accuracy", "nowhere"],
        ["choose", "--svg", "/nowhere/at/all.svg"],
        ["choose", "--min-top1", "101"],
        ["choose", "--svg", "front.svg"],
        ["claims", "--phone", "nobody"],
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_cli(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err
