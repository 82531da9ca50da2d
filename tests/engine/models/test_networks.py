import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.catalog.variants import Catalog, ModelName
from engine.errors import LabError
from engine.models.calibration import synthetic_picture
from engine.models.converter import build_model, build_models
from engine.models.detection import anchors
from engine.models.graph import parse_graph
from engine.models.inspector import inspect_model
from engine.models.interpreter import HostModel
from engine.models.store import ModelStore

NAMES = [
    "v2_0.35_96-int8",
    "v3_small_0.75_224-int8",
    "v3_large_0.75_224-float16",
    "inception_v1_224-float32",
    "ssd_mobilenet_v1_300-int8",
    "ssd_mobilenet_v2_300-float16",
]


@pytest.fixture(scope="module")
def networks(built_store, workers):
    names = [ModelName.parse(name) for name in NAMES]
    built = build_models(names, store=built_store, workers=workers)
    return {str(name): path for name, path in built.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_baseline_is_what_the_catalog_counts(networks, name):
    facts = inspect_model(networks[name])
    variant, precision = name.split("-")
    baseline = Catalog.load().baseline(variant)
    assert (facts.macs, facts.params) == (baseline.macs[0].value, baseline.params[0].value)
    assert facts.task == baseline.task
    assert facts.precision == precision
    assert facts.untrained
    assert facts.name == name


@pytest.mark.parametrize("name", [name for name in NAMES if "ssd" not in name])
def test_an_untrained_classifier_tells_pictures_and_classes_apart(networks, name):
    generator = np.random.default_rng(2)
    with HostModel(networks[name]) as model:
        seen = []
        for _ in range(3):
            model.predict(synthetic_picture(generator, 224))
            seen.append(model.scores())
    assert all(0.0011 < scores.max() < 0.99 for scores in seen)
    assert np.ptp(seen, axis=0).max() > 0.004


def test_no_classifier_falls_back_to_floats_in_int8(networks):
    for name in ("v2_0.35_96-int8", "v3_small_0.75_224-int8"):
        graph = parse_graph(networks[name].read_bytes())
        assert "float32" not in {tensor.dtype for tensor in graph.tensors}


def test_only_the_last_step_of_a_detector_computes_with_floats(networks):
    graph = parse_graph(networks["ssd_mobilenet_v1_300-int8"].read_bytes())
    floats = {
        operator.name
        for operator in graph.operators
        if any(i >= 0 and graph.tensors[i].dtype == "float32" for i in operator.outputs)
    }
    assert floats == {"DEQUANTIZE", "TFLite_Detection_PostProcess"}
    assert graph.tensors[graph.inputs[0]].dtype == "int8"


@pytest.mark.parametrize("name", [name for name in NAMES if "ssd" in name])
def test_a_detector_gives_boxes(networks, name):
    picture = synthetic_picture(np.random.default_rng(2), 300)
    with HostModel(networks[name]) as model:
        assert model.task == "detection"
        boxes = model.predict(picture).entries
        assert len(model.outputs()[0][0]) == 10
    assert boxes
    assert all(0 <= box.index < 90 for box in boxes)


def test_anchors_are_those_of_the_published_detector(shared):
    """That file keeps them in 8 bits: a step is 0.0065."""
    path = shared / "models/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite"
    graph = parse_graph(path.read_bytes())
    (last,) = [each for each in graph.operators if each.name == "TFLite_Detection_PostProcess"]
    published = graph.tensors[last.inputs[2]].values()
    np.testing.assert_allclose(anchors([19, 10, 5, 3, 2, 1]), published, atol=0.0066 / 2)


@pytest.fixture(scope="module")
def keras_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras")
    program = Path(__file__).parent / "keras_files.py"
    ended = subprocess.run(
        [sys.executable, program, folder], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.mark.parametrize(
    ("variant", "file"),
    [
        ("v1_0.25_128", "v1.weights.h5"),
        ("v1_0.25_128", "v1.h5"),
        ("v1_0.25_128", "v1.keras"),
        ("v2_0.35_128", "v2.keras"),
    ],
)
def test_weights_of_a_keras_file_survive(keras_files, tmp_path, workers, variant, file):
    path = build_model(
        ModelName(variant, "float32"),
        weights=keras_files / file,
        classes=7,
        labels=tuple("abcdefg"),
        store=ModelStore(tmp_path),
        workers=workers,
    )
    with HostModel(path) as model:
        assert not model.facts.untrained
        assert model.labels == tuple("abcdefg")
        model.predict(np.load(keras_files / "picture.npy"))
        expected = np.load(keras_files / f"{variant[:2]}.npy")
        np.testing.assert_allclose(model.scores(), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("variant", "classes"), [("v1_0.50_128", 7), ("v1_0.25_128", 8), ("v2_1.00_224", 7)]
)
def test_a_keras_file_of_another_network_is_named(keras_files, tmp_path, workers, variant, classes):
    with pytest.raises(LabError, match=r"v1\.h5 does not hold the weights of"):
        build_model(
            ModelName(variant, "float32"), weights=keras_files / "v1.h5", classes=classes,
            store=ModelStore(tmp_path), workers=workers,
        )  # fmt: skip


def test_a_damaged_keras_file_is_named(keras_files, tmp_path, workers):
    broken = shutil.copy(keras_files / "v1.h5", tmp_path / "broken.h5")
    data = bytearray(broken.read_bytes())
    data[8:4_000] = bytes(3_992)
    broken.write_bytes(data)
    with pytest.raises(LabError, match=r"broken\.h5 does not hold"):
        build_model(
            ModelName("v1_0.25_128", "float32"), weights=broken, classes=7,
            store=ModelStore(tmp_path / "models"), workers=workers,
        )  # fmt: skip


def test_a_tflite_gives_weights_to_v1_only(shared, tmp_path):
    source = shared / "models/mobilenet_v2_1.0_224_quant.tflite"
    with pytest.raises(LabError, match=r"v2_1\.00_224 cannot be taken out of"):
        build_model(ModelName("v2_1.00_224", "float32"), weights=source, store=ModelStore(tmp_path))
