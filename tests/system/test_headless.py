"""The whole line in the real window, with no display and no hands."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from engine.apk.inspector import inspect_apk
from engine.apk.signing import verify_apk

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The lab's own folders; shared, so that the variant is built once."""
    return tmp_path_factory.mktemp("lab")


def lab(adb, home, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "gui", *map(str, arguments)],
        cwd=ROOT,
        env={
            **adb.environment,
            "MOBILENET_LAB_HOME": str(home),
            "ANDROID_ADB_SERVER_PORT": str(adb.port),
            "QT_QPA_PLATFORM": "offscreen",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def pixels(path):
    with av.open(path) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


@pytest.mark.parametrize(
    ("words", "name", "untrained"),
    [
        ((), "road-or-not", False),
        (("--variant", "v1_0.50_128-int8"), "v1_0.50_128-int8", True),
    ],
    ids=["sample", "variant"],
)
def test_the_demo_leaves_window_phone_apk_and_record(adb, home, tmp_path, words, name, untrained):
    done = lab(adb, home, "--demo", "--headless", tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert ("right" in done.stderr) is not untrained  # answers are judged where they mean something

    record = json.loads((tmp_path / "run.json").read_text())
    assert record["run"]["name"] == name
    assert record["run"]["untrained"] is untrained
    assert record["run"]["end"] == "completed"
    assert record["run"]["mirror"] == "paused"
    assert record["run"]["phone_note"] == "virtual phone: this computer's speed"
    assert record["run"]["sample_count"] == len(record["samples"]["infer_ns"]) > 60
    assert min(record["samples"]["infer_ns"]) > 0

    apk = tmp_path / "lab.apk"
    assert hashlib.sha256(apk.read_bytes()).hexdigest() == record["run"]["apk_sha256"]
    assert inspect_apk(apk).model.sha256 == record["run"]["model_sha256"]
    assert verify_apk(apk).schemes == ("v2", "v3")

    assert pixels(tmp_path / "phone.png").shape == (1560, 720, 3)
    assert pixels(tmp_path / "sizes.png").shape == (900, 1440, 3)
    window = pixels(tmp_path / "window.png")
    assert window.shape == (900, 1440, 3)
    assert len(np.unique(window.reshape(-1, 3), axis=0)) > 1000, "the window shows a picture"


def test_a_model_that_cannot_run_ends_with_a_sentence(adb, home, tmp_path):
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"\x1c\x00\x00\x00TFL3" + bytes(100))
    done = lab(adb, home, "--demo", "--headless", tmp_path / "out", "--model", broken)
    assert done.returncode == 2
    assert "damaged or cut short" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").iterdir())


def test_a_variant_that_does_not_exist_ends_with_the_near_ones(adb, home, tmp_path):
    done = lab(adb, home, "--demo", "--headless", tmp_path / "out", "--variant", "v1_0.5_128-int8")
    assert done.returncode == 2
    assert "v1_0.50_128" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_camera_folder_ends_with_a_sentence(adb, home, tmp_path):
    (tmp_path / "camera").mkdir()
    done = lab(adb, home, "--demo", "--headless", tmp_path / "out", "--camera", tmp_path / "camera")
    assert done.returncode == 2
    assert "picture" in done.stderr
    assert "Traceback" not in done.stderr
