import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.catalog.variants import Catalog, ModelName
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.agreement import agreement
from engine.models.architectures import random_layers
from engine.models.calibration import synthetic_picture
from engine.models.converter import build_model, build_models
from engine.models.graph import parse_graph
from engine.models.inspector import check_runnable, inspect_model
from engine.models.interpreter import HostModel
from engine.models.recipe import TENSORFLOW_PIN
from engine.models.store import ModelStore
from engine.models.weights import WEIGHED

SIZES = {"float32": 1_875_844, "float16": 952_036, "int8": 578_992}
"""Measured on a network whose biases are all zero, which the converter stores only once."""

TINY = ModelName("v1_0.25_128", "float32")


@pytest.mark.parametrize("precision", SIZES)
def test_a_built_model_is_what_the_catalog_counts(built, precision):
    facts = inspect_model(built[precision])
    check_runnable(facts)
    counted = {
        quantity: next(
            f.value
            for f in Catalog.load().variant("v1_0.25_128").figures(quantity)
            if f.source == "counted"
        )
        for quantity in ("macs", "params")
    }
    assert (facts.macs, facts.params) == (counted["macs"], counted["params"])
    assert SIZES[precision] < facts.size_bytes < SIZES[precision] + 20_000
    assert facts.precision == precision
    assert facts.inputs[0].shape == (1, 128, 128, 3)
    assert facts.outputs[0].shape == (1, 1000)
    assert facts.scores == "softmax"


def test_a_model_with_random_weights_is_marked_untrained(built):
    for precision, path in built.items():
        facts = inspect_model(path)
        assert facts.untrained
        assert facts.name == f"v1_0.25_128-{precision}"
        assert facts.marker.calibration == ("synthetic" if precision == "int8" else "")


def test_int8_is_int8_from_input_to_output(built):
    facts = inspect_model(built["int8"])
    assert (facts.inputs[0].dtype, facts.outputs[0].dtype) == ("int8", "int8")
    assert facts.inputs[0].scale == pytest.approx(1 / 127)  # the full range -1..1
    assert facts.inputs[0].zero_point == 0
    assert "QUANTIZE" not in facts.ops
    assert "DEQUANTIZE" not in facts.ops


def test_no_weight_of_int8_stays_float_and_each_channel_has_its_step(built):
    graph = parse_graph(built["int8"].read_bytes())
    assert "float32" not in {tensor.dtype for tensor in graph.tensors}
    for operator in graph.operators:
        if operator.name in WEIGHED:
            kernel = graph.tensors[operator.inputs[1]]
            assert len(kernel.scales) == kernel.shape[kernel.axis]


def test_the_precisions_hold_the_same_weights(built):
    rgb = synthetic_picture(np.random.default_rng(1), 128)
    scores = {}
    for precision, path in built.items():
        with HostModel(path) as model:
            model.predict(rgb)
            scores[precision] = model.scores()
    assert scores["float32"].max() > 0.02  # not the same 0.001 for each class
    np.testing.assert_allclose(scores["float16"], scores["float32"], atol=0.002)
    np.testing.assert_allclose(scores["int8"], scores["float32"], atol=0.015)


def test_random_weights_keep_signals_alive_and_follow_the_seed():
    shapes = [(3, 3, 3, 8), (3, 3, 8, 1), (1, 1, 8, 512), (1, 1, 512, 5)]
    layers = random_layers(shapes, 7)
    assert [kernel.shape for kernel, _ in layers] == shapes
    assert [bias.shape for _, bias in layers] == [(8,), (8,), (512,), (5,)]
    assert layers[2][0].std() == pytest.approx((2 / 8) ** 0.5, rel=0.1)
    assert layers[1][0].std() == pytest.approx((2 / 9) ** 0.5, rel=0.4)
    for (kernel, _), (again, _), (other, _) in zip(
        layers, random_layers(shapes, 7), random_layers(shapes, 8), strict=True
    ):
        np.testing.assert_array_equal(kernel, again)
        assert (kernel != other).all()


def test_the_same_ingredients_are_not_converted_again(built, built_store):
    said = []
    path = build_model(TINY, store=built_store, report=said.append)
    assert path == built["float32"]
    assert [progress.detail for progress in said] == ["already built"]


def test_weights_of_a_float_file_survive_exactly(shared, tmp_path, read_picture, workers):
    """Batch norm is folded into the file's kernels; unfolded, the network says the same."""
    source = shared / "models/mobilenet_v1_0.25_224_float.tflite"
    pictures = sorted((shared / "pictures/imagenet_100").glob("*"))[::4]
    fractions = []
    path = build_model(
        ModelName("v1_0.25_224", "float32"),
        weights=source,
        store=ModelStore(tmp_path),
        workers=workers,
        report=lambda progress: fractions.append(progress.fraction),
    )
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    facts = inspect_model(path)
    assert not facts.untrained
    assert facts.classes == 1001
    with HostModel(source) as original, HostModel(path) as rebuilt:
        for picture in pictures:
            rgb = read_picture(picture)
            original.predict(rgb)
            rebuilt.predict(rgb)
            np.testing.assert_allclose(rebuilt.scores(), original.scores(), atol=1e-4)


QUANTISED = ["0.25_128", "0.25_224", "0.5_128", "0.5_160", "0.75_192"]


@pytest.mark.parametrize("name", QUANTISED)
def test_weights_of_an_8_bit_file_answer_as_it_does(shared, tmp_path, read_picture, workers, name):
    source = shared / f"models/mobilenet_v1_{name}_quant.tflite"
    alpha, side = name.split("_")
    path = build_model(
        ModelName(f"v1_{float(alpha):.2f}_{side}", "int8"),
        weights=source,
        calibration=shared / "pictures/photos",
        store=ModelStore(tmp_path),
        workers=workers,
    )
    facts = inspect_model(path)
    assert facts.marker.calibration == "8 pictures"
    assert not facts.untrained
    assert facts.labels == inspect_model(source).labels
    pictures = map(read_picture, sorted((shared / "pictures/imagenet_100").glob("*")))
    with HostModel(source) as original, HostModel(path) as rebuilt:
        agreed, count = agreement(original, rebuilt, pictures)
    assert count == 100
    assert agreed >= 98


@pytest.fixture(scope="module")
def answers_of_keras(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    files = [shared / f"models/mobilenet_v1_{name}_quant.tflite" for name in QUANTISED]
    files.append(shared / "models/mobilenet_v1_0.25_224_float.tflite")
    program = Path(__file__).parent / "keras_answers.py"
    command = [sys.executable, program, shared / "pictures/imagenet_100", folder, *files]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.mark.parametrize("name", [*(f"{each}_quant" for each in QUANTISED), "0.25_224_float"])
def test_a_keras_graph_with_imported_weights_answers_as_the_file_does(
    shared, answers_of_keras, read_picture, name
):
    path = shared / f"models/mobilenet_v1_{name}.tflite"
    answers = np.load(answers_of_keras / f"{path.stem}.npy")
    agreed = []
    with HostModel(path) as source:
        pictures = sorted((shared / "pictures/imagenet_100").glob("*"))
        for picture, scores in zip(pictures, answers, strict=True):
            source.predict(read_picture(picture))
            said = source.outputs()[0][0]
            agreed.append(said[scores.argmax()] == said.max())
    assert np.mean(agreed) >= 0.98


def test_8_bit_weights_serve_another_resolution(shared, tmp_path, read_picture, workers):
    names = [ModelName("v1_0.50_128", precision) for precision in ("float32", "int8")]
    built = build_models(
        names,
        weights=shared / "models/mobilenet_v1_0.5_160_quant.tflite",
        store=ModelStore(tmp_path),
        workers=workers,
    )
    photos = [
        read_picture(shared / f"pictures/photos/{photo}.jpg")
        for photo in ("cat_720p", "parrot", "hot_dog", "burger")
    ]
    with HostModel(built[names[0]]) as floats, HostModel(built[names[1]]) as eights:
        assert agreement(floats, eights, photos) == (4, 4)


def test_weights_of_another_width_are_refused(shared, tmp_path):
    source = shared / "models/mobilenet_v1_0.5_160_quant.tflite"
    with pytest.raises(LabError, match=r"alpha 0\.50; v1_0\.25_128 needs alpha 0\.25"):
        build_model(TINY, weights=source, store=ModelStore(tmp_path))


@pytest.mark.parametrize(
    "name", ["mobilenet_v2_1.0_224_quant", "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29"]
)
def test_weights_of_another_network_are_refused(shared, tmp_path, name):
    with pytest.raises(LabError, match="does not hold the weights of a MobileNet v1"):
        build_model(TINY, weights=shared / f"models/{name}.tflite", store=ModelStore(tmp_path))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"classes": 1}, "1 classes"),
        ({"classes": 10**6}, "1000000 classes"),
        ({"classes": 3, "labels": ("road", "not road")}, "2 labels for 3 classes"),
        ({"weights": Path("nowhere.tflite")}, r"nowhere\.tflite cannot be read"),
    ],
)
def test_ingredients_that_do_not_fit_are_named(tmp_path, options, sentence):
    with pytest.raises(LabError, match=sentence):
        build_model(TINY, store=ModelStore(tmp_path), **options)


def test_a_calibration_folder_without_pictures_is_named(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(LabError, match="no pictures"):
        build_model(
            ModelName("v1_0.25_128", "int8"), calibration=tmp_path, store=ModelStore(tmp_path)
        )


def test_an_unreadable_calibration_picture_is_named(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    with pytest.raises(LabError, match=r"b\.jpg is not a picture"):
        build_model(
            ModelName("v1_0.25_128", "int8"),
            calibration=tmp_path,
            store=ModelStore(tmp_path / "models"),
        )


def test_cancel_ends_the_child_process(tmp_path):
    store, token, ended = ModelStore(tmp_path), CancelToken(), []
    started = threading.Event()

    def build():
        with pytest.raises(Cancelled) as caught:
            build_model(TINY, store=store, report=lambda _: started.set(), cancel=token)
        ended.append(caught.value)

    thread = threading.Thread(target=build)
    thread.start()
    assert started.wait(60)
    token.cancel()
    thread.join(30)
    assert not thread.is_alive()
    assert len(ended) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_build_cancelled_beforehand_starts_nothing(tmp_path, monkeypatch):
    token = CancelToken()
    token.cancel()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Cancelled):
        build_model(TINY, store=ModelStore(tmp_path), cancel=token)


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script")
@pytest.mark.parametrize(
    ("script", "advice"),
    [("echo nonsense from below >&2; exit 7", "The log"), ("kill -9 $$", "lack of memory")],
)
def test_a_child_that_dies_is_told_with_its_last_words(tmp_path, monkeypatch, script, advice):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(LabError, match="broke off") as caught:
        build_model(TINY, store=ModelStore(tmp_path / "models"))
    assert caught.value.advice.find(advice) >= 0
    assert "exit code" in caught.value.detail
    if "nonsense" in script:
        assert "nonsense from below" in caught.value.detail


def test_the_child_ends_when_the_lab_is_gone(tmp_path):
    recipe = {"variant": "v1_0.25_128", "precision": "float32", "classes": 1000, "seed": 0}
    child = subprocess.Popen(
        [sys.executable, "-m", "engine.models.conversion"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
    )
    request = json.dumps({"recipe": recipe, "output": str(tmp_path / "model.tflite")})
    said, _ = child.communicate(request.encode() + b"\n", timeout=60)  # and closes its input
    assert child.returncode == 3
    assert b"done" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_converter_that_cannot_start_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(LabError, match="cannot be started"):
        build_model(TINY, store=ModelStore(tmp_path))


def test_tensorflow_is_never_loaded_in_this_process(built):
    assert built
    assert not {"tensorflow", "keras"} & set(sys.modules)


def test_the_key_names_the_tensorflow_that_is_pinned():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    pins = [
        match[1]
        for requirement in project["project"]["dependencies"]
        if (match := re.match(r"tensorflow(?:-cpu)?==([\d.]+)", requirement))
    ]
    assert pins
    assert set(pins) == {TENSORFLOW_PIN}
