"""`evaluate` and `compare` take names, and remember what they found."""

import json
from contextlib import closing

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from engine.errors import LabError
from engine.models.store import ModelStore
from engine.records.database import Database
from engine.terminal import accuracy_commands

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


@pytest.fixture
def ask(tmp_path, monkeypatch, tiny_model):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    for number, (name, colour) in enumerate(COLOURS.items()):
        folder = tmp_path / "pictures" / name
        folder.mkdir(parents=True)
        rgb = np.full((16, 16, 3), colour, np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), rgb[..., ::-1])
    (tmp_path / "colours.tflite").write_bytes(tiny_model())
    ModelStore().add(tmp_path / "colours.tflite", labels=tuple(COLOURS))
    app = typer.Typer()
    app.command()(accuracy_commands.evaluate)
    app.command()(accuracy_commands.compare)

    def run(*args):
        ended = CliRunner().invoke(app, [str(each) for each in args])
        if ended.exception and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return ended.stdout

    return run


def test_a_model_here_is_judged_by_its_name_with_its_own_labels_and_remembered(ask, tmp_path):
    told = json.loads(ask("evaluate", "colours", tmp_path / "pictures", "--json"))
    assert (told["top1"], told["n"]) == (1.0, 3)
    with closing(Database()) as database:
        (judged,) = database.judged()
    assert (judged.name, judged.pictures, judged.top1) == ("colours", 3, 3)
    assert judged.top5 is None  # of three classes it says nothing
    assert judged.model_sha256 == told["model_sha256"]


def test_both_of_a_comparison_are_remembered(ask, tmp_path):
    ask("compare", "colours", tmp_path / "colours.tflite", tmp_path / "pictures", "--labels",
        _labels(tmp_path))  # fmt: skip
    with closing(Database()) as database:
        assert [judged.name for judged in database.judged()] == ["colours", "colours"]


def _labels(folder):
    path = folder / "labels.txt"
    path.write_text("\n".join(COLOURS))
    return path


def test_a_name_that_is_nearly_right_is_put_right(ask, tmp_path):
    with pytest.raises(LabError, match="Did you mean colours"):
        ask("evaluate", "colors", tmp_path / "pictures")
