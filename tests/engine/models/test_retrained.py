import numpy as np
import pytest

from engine.catalog.variants import PRECISIONS, ModelName
from engine.errors import LabError
from engine.models.inspector import inspect_model
from engine.models.interpreter import HostModel
from engine.models.pictures import find_pictures, read_picture
from engine.models.retrained import backbone_model, build_retrained
from engine.models.store import ModelStore

VARIANT = "v1_0.25_128"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return ModelStore(tmp_path_factory.mktemp("retrained"))


@pytest.fixture(scope="module")
def weights(shared):
    return shared / "models/mobilenet_v1_0.25_128_quant.tflite"


@pytest.fixture(scope="module")
def pictures(shared):
    return [read_picture(path) for path in find_pictures(shared / "pictures/photos")]


@pytest.fixture(scope="module")
def features(weights, store, workers, pictures):
    with HostModel(backbone_model(VARIANT, weights, store, workers=workers)) as backbone:
        assert backbone.facts.task == "embedding"
        return np.array([backbone.predict(rgb).vector for rgb in pictures])


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_head_answers_as_it_did_on_the_backbones_features(
    features, weights, store, workers, pictures, precision
):
    assert features.shape == (len(pictures), 256)
    kernel = np.linalg.pinv(features) @ (6 * np.eye(len(pictures)))  # each its own class
    bias = np.zeros(len(pictures))
    labels = [f"picture {number}" for number in range(len(pictures))]
    side = min(min(rgb.shape[:2]) for rgb in pictures)
    shown = np.stack([rgb[:side, :side] for rgb in pictures])
    path = build_retrained(
        ModelName(VARIANT, precision), weights, kernel, bias, labels,
        calibration=shown, store=store, workers=workers,
    )  # fmt: skip
    facts = inspect_model(path)
    assert facts.labels == tuple(labels)
    assert not facts.untrained
    assert facts.precision == precision
    assert facts.marker.calibration == ("8 pictures" if precision == "int8" else "")
    with HostModel(path) as model:
        said = [model.predict(rgb).entries[0].index for rgb in pictures]
    right = np.mean(np.array(said) == np.arange(len(pictures)))
    assert right == 1 if precision != "int8" else right >= 0.75


def test_the_same_head_is_not_built_twice(weights, store, workers, features):
    kernel, bias = np.ones((features.shape[1], 2)), np.zeros(2)
    said = []
    first, second = (
        build_retrained(
            ModelName(VARIANT, "float32"), weights, kernel, bias, ("a", "b"),
            store=store, workers=workers, report=said.append,
        )
        for _ in range(2)
    )  # fmt: skip
    assert first == second
    assert said[-1].detail == "already built"


def test_ingredients_that_do_not_fit_are_named(weights, store, workers):
    kernel, bias = np.ones((512, 2)), np.zeros(2)
    name = ModelName(VARIANT, "float32")
    with pytest.raises(LabError, match="3 labels for 2 classes"):
        build_retrained(name, weights, kernel, bias, "abc", store=store, workers=workers)
    with pytest.raises(LabError, match="does not fit 256 features"):
        build_retrained(name, weights, kernel, bias, "ab", store=store, workers=workers)
    with pytest.raises(LabError, match=r"alpha 0\.25; v1_0\.50_128 needs"):
        backbone_model("v1_0.50_128", weights, store, workers=workers)
