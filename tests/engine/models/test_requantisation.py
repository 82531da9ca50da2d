import numpy as np
import pytest

from engine.catalog.variants import ModelName
from engine.models.agreement import agreement
from engine.models.converter import build_model
from engine.models.graph import parse_graph
from engine.models.interpreter import HostModel
from engine.models.pictures import find_pictures, read_picture
from engine.models.requantisation import quantised
from engine.models.weights import WEIGHED, read_weights


def test_weights_that_fit_keep_their_step_exactly():
    kernel = 0.25 * np.array([[[[-127.0, 3, 0], [5, 100, 1]]]])
    stored, steps = quantised(kernel, 0.25)
    np.testing.assert_array_equal(stored * steps, kernel)
    np.testing.assert_array_equal(steps, [0.25, 0.25, 0.25])


def test_a_depthwise_kernel_has_a_step_per_channel():
    kernel = np.zeros((3, 3, 2, 1))
    kernel[0, 0, 0, 0], kernel[1, 1, 1, 0] = 127, 254
    stored, steps = quantised(kernel, 1.0)
    np.testing.assert_array_equal(steps, [1, 2])
    np.testing.assert_array_equal(stored[:, :, 1, 0] * 2, kernel[:, :, 1, 0])


def test_where_the_step_grows_the_channels_sum_is_kept():
    generator = np.random.default_rng(3)
    kernel = generator.integers(-150, 150, (1, 1, 200, 4)).astype(float)
    kernel[0, 0, 0] = 150
    stored, steps = quantised(kernel, 1.0)
    assert (steps > 1).all()
    assert np.abs(stored).max() <= 127
    assert np.abs((stored * steps - kernel).sum((0, 1, 2))).max() <= steps.max() / 2
    assert np.abs(stored * steps - kernel).max() < 1.5 * steps.max()


@pytest.mark.parametrize("layer", [0, 1, 14, 27])
def test_a_built_int8_model_holds_the_old_files_weights(eights, layer):
    source, path = eights
    graph = parse_graph(path.read_bytes())
    operator = [each for each in graph.operators if each.name in WEIGHED][layer]
    kernel = graph.tensors[operator.inputs[1]]
    old, new = read_weights(source), read_weights(path)
    ratio = new.layers[layer][0] / np.where(old.layers[layer][0] == 0, 1, old.layers[layer][0])
    scales = np.array(kernel.scales)
    kept = np.isclose(scales, scales.min(), rtol=1e-6)
    assert kept.mean() > 0.8
    depthwise = kernel.axis == 3
    shown = ratio[:, :, kept] if depthwise else ratio[..., kept]
    slope = 127 / 128 * 1.00577 if layer == 0 else 1.0  # the first layer takes up the input
    np.testing.assert_allclose(shown[shown != 0], slope, rtol=2e-3)


@pytest.fixture(scope="module")
def floats(shared, built_store, workers):
    """The float file, and int8 of its weights with nothing to calibrate on."""
    source = shared / "models" / "mobilenet_v1_0.25_224_float.tflite"
    name = ModelName("v1_0.25_224", "int8")
    return source, build_model(name, weights=source, store=built_store, workers=workers)


def test_int8_of_float_weights_answers_like_them(floats, shared):
    pictures = [read_picture(path) for path in find_pictures(shared / "pictures" / "imagenet_100")]
    with HostModel(floats[0]) as source, HostModel(floats[1]) as built:
        agreed, count = agreement(source, built, pictures)
        tied = sum(is_tied(built, each) for each in pictures)
    assert (agreed >= 85, count) == (True, 100)  # 75 where the biases stay as they are
    assert tied < 15  # 39 where the classifier's range is that of made up pictures


def is_tied(model, rgb):
    model.predict(rgb)
    scores = model.outputs()[0].ravel()
    return (scores == scores.max()).sum() > 1


@pytest.fixture(scope="module")
def eights(shared, built_store, workers):
    source = shared / "models/mobilenet_v1_0.25_128_quant.tflite"
    name = ModelName("v1_0.25_128", "int8")
    return source, build_model(name, weights=source, store=built_store, workers=workers)
