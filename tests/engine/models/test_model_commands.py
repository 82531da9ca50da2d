"""What `model inspect` and `model run` say of each task."""

import json

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from engine.errors import LabError
from engine.terminal.model_commands import model_app


@pytest.fixture
def ask(tmp_path):
    rgb = np.zeros((24, 32, 3), np.uint8)
    rgb[:, :16, 0] = rgb[:, 16:, 2] = 255
    path = tmp_path / "halves.png"
    cv2.imwrite(str(path), rgb[..., ::-1])

    def run(command, *args):
        given = [path] if command == "run" else []
        ended = CliRunner().invoke(model_app, [command, *map(str, [*args, *given])])
        if ended.exception and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    return run


def test_a_vector_is_told_by_its_length_norm_and_beginning(ask, small_models):
    said = ask("run", small_models / "embedding.tflite").splitlines()
    assert said[0].split() == ["picture", "length", "norm", "begins", "with"]
    assert said[1].split() == ["halves.png", "3", "1", "0", "-1", "0"]


def test_a_map_is_told_by_the_shares_of_its_classes(ask, small_models, tmp_path):
    labels = tmp_path / "labels.txt"
    labels.write_text("red\ngreen\nblue\n")
    said = ask("run", small_models / "map_of_softmax.tflite", "--labels", labels).splitlines()
    assert said[0].split() == ["picture", "label", "share"]
    assert [line.split()[1:3] for line in said[1:]] == [["red", "50.0"], ["blue", "50.0"]]


def test_json_holds_the_whole_answer(ask, small_models):
    (vector,) = json.loads(ask("run", "--json", small_models / "embedding.tflite"))
    assert vector["kind"] == "vector"
    assert vector["vector"] == pytest.approx([0, -1, 0], abs=1e-6)
    assert vector["map"] is None
    (seen,) = json.loads(ask("run", "--json", small_models / "map_of_softmax.tflite"))
    assert (seen["kind"], seen["fit"], seen["vector"]) == ("map", "stretch", None)
    assert seen["map"] == {"columns": 16, "rows": 16, "cells_hex": ("00" * 8 + "02" * 8) * 16}


def test_another_fit_may_be_asked_for(ask, small_models):
    path = small_models / "map_of_softmax.tflite"
    (seen,) = json.loads(ask("run", "--json", "--fit", "letterbox", path))
    assert seen["fit"] == "letterbox"
    assert bytes.fromhex(seen["map"]["cells_hex"])[:32] == bytes(32)  # a bar of two rows
    with pytest.raises(LabError, match="no fit 'fill'"):
        ask("run", "--fit", "fill", path)


def test_inspect_says_how_scores_are_read_and_pictures_fitted(ask, small_models):
    logits = ask("inspect", small_models / "logits.tflite")
    assert "scores: logits of 3 classes, to be softmaxed" in logits
    assert "fit: crop" in logits
    assert "scores: probabilities of 3 classes, by sigmoid" in ask(
        "inspect", small_models / "sigmoid.tflite"
    )
    mask = ask("inspect", small_models / "mask.tflite")
    assert "fit: stretch" in mask
    assert "scores:" not in mask
    told = json.loads(ask("inspect", "--json", small_models / "mask.tflite"))
    assert (told["task"], told["scores_are"], told["classes"]) == ("segmentation", "", 2)
    assert told["fit"] == "stretch"
