"""Refusals of `retrain` and `capture` before any work, and what `capture` writes."""

import json

import av
import numpy as np
import pytest

from engine.cli import run_cli
from engine.terminal.console import EXIT_INPUT


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for at in range(10):
            rgb = np.full((48, 64, 3), 20 * at, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, "rgb24")))
        file.mux(stream.encode())
    return path


def refused(capsys, *args):
    assert run_cli([str(each) for each in args]) == EXIT_INPUT
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("by_option", [False, True])
def test_frames_of_a_video_go_into_the_class_folder(tmp_path, capsys, video, by_option):
    source = ["--phone", video] if by_option else [video]
    args = ["capture", *source, "--class", "🛣️", "-o", tmp_path / "out", "--every", 4, "--json"]
    assert run_cli([str(each) for each in args]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["pictures"]) == 3
    assert len(list((tmp_path / "out" / "🛣️").iterdir())) == 3


def test_a_class_outside_the_folder_is_refused(tmp_path, capsys, video):
    said = refused(capsys, "capture", video, "--class", "../x", "-o", tmp_path / "out")
    assert "cannot be called '../x'" in said
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("source", [[], ["clip.mp4", "--phone", "emulator-5554"]])
def test_exactly_one_source_is_wanted(tmp_path, capsys, source):
    assert "Say where from" in refused(
        capsys, "capture", *source, "--class", "road", "-o", tmp_path
    )


def test_a_webcam_has_a_number(tmp_path, capsys):
    said = refused(capsys, "capture", "webcam:first", "--class", "road", "-o", tmp_path)
    assert "Write webcam:0" in said


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"--variant": "v1_0.5_128"}, "Did you mean v1_0.50_128"),
        ({"--precision": "int4"}, "There is no precision 'int4'"),
        ({"--fine-tune": "7"}, "less than or equal to 6"),
        ({"-o": "model.bin"}, "End it with .tflite"),
        ({"-o": "nowhere/model.tflite"}, "There is no folder"),
    ],
)
def test_what_cannot_be_made_is_refused_before_looking(
    tmp_path, capsys, monkeypatch, changed, what
):
    monkeypatch.chdir(tmp_path)
    given = {"--variant": "v1_0.50_128", "--weights": "none", "-o": "model.tflite"} | changed
    options = [each for pair in given.items() for each in pair]
    assert what in refused(capsys, "retrain", "nowhere", *options)


def test_a_folder_that_is_not_there_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = refused(
        capsys,
        "retrain",
        "nowhere",
        "--variant",
        "v1_0.50_128",
        "--weights",
        "none",
        "-o",
        "m.tflite",
    )
    assert "The folder nowhere cannot be read" in said


def test_weights_of_another_graph_are_named(tmp_path, capsys, monkeypatch, shared):
    monkeypatch.chdir(tmp_path)
    detector = shared / "models" / "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite"
    pictures = shared / "pictures" / "road"
    said = refused(
        capsys, "retrain", pictures, "--variant", "v1_1.00_224", "--weights", detector,
        "-o", "m.tflite",
    )  # fmt: skip
    assert "does not hold the weights of a MobileNet v1" in said
    assert not (tmp_path / "m.tflite").exists()
