import contextlib
import random
import warnings

import numpy as np
import pytest

from engine.errors import LabError
from engine.models.preprocessing import value_table
from engine.models.weights import FLOAT_INPUT, INT8_INPUT, read_weights


def test_layers_have_the_layouts_of_keras(shared):
    weights = read_weights(shared / "models/mobilenet_v1_0.5_160_quant.tflite")
    shapes = [kernel.shape for kernel, _ in weights.layers]
    assert shapes[:3] == [(3, 3, 3, 16), (3, 3, 16, 1), (1, 1, 16, 32)]
    assert shapes[-1] == (1, 1, 512, 1001)
    assert (weights.alpha, weights.resolution, weights.classes) == (0.5, 160, 1001)
    assert not weights.untrained


def test_an_8_bit_kernel_is_dequantised_by_scale_and_zero_point(shared):
    """The 8-bit file quantises a retrained copy of the float file: alike, not equal."""
    floats, quants = (
        read_weights(shared / f"models/mobilenet_v1_0.25_224_{kind}.tflite").layers
        for kind in ("float", "quant")
    )
    for (expected, _), (found, _) in zip(floats[-1:], quants[-1:], strict=True):
        assert np.corrcoef(expected.ravel(), found.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_weights_of_the_labs_own_models_are_read(built, precision):
    reference = read_weights(built["float32"])
    weights = read_weights(built[precision])
    assert (weights.alpha, weights.classes, weights.untrained) == (0.25, 1000, True)
    for (expected, _), (found, _) in zip(reference.layers, weights.layers, strict=True):
        assert np.corrcoef(expected.ravel(), found.ravel())[0, 1] > 0.999


def test_what_the_8_bits_stand_for_is_read_too(shared):
    weights = read_weights(shared / "models/mobilenet_v1_0.5_128_quant.tflite")
    assert len(weights.ranges) == 29
    assert weights.ranges[0] == pytest.approx((0, 6), abs=0.001)
    low, high = weights.ranges[-1]  # of the file: a step of 0.14345, zero at 80
    assert (low, high) == pytest.approx((-80 * 0.143448502, 175 * 0.143448502))
    assert weights.steps[0] == pytest.approx(0.01662798784)
    assert weights.pixels == pytest.approx((1 / 128, -1))


def test_a_float_file_rounds_nothing(shared):
    weights = read_weights(shared / "models/mobilenet_v1_0.25_224_float.tflite")
    assert set(weights.ranges) == {None}
    assert set(weights.steps) == {0.0}
    assert weights.fed_by(FLOAT_INPUT) is weights


@pytest.mark.parametrize("tensor", [FLOAT_INPUT, INT8_INPUT])
def test_the_first_layer_takes_up_another_input(shared, tensor):
    """Of a picture of one colour it makes the same as the file makes of its own input."""
    weights = read_weights(shared / "models/mobilenet_v1_0.5_128_quant.tflite")
    fed = weights.fed_by(tensor)
    for pixel in (0, 40, 200, 255):
        seen = (float(value_table(tensor)[pixel]) - tensor.zero_point) * (tensor.scale or 1)
        expected = _first_layer(weights, (pixel - 128) / 128)
        np.testing.assert_allclose(_first_layer(fed, seen), expected, atol=0.06)
    assert fed.layers[1:] == weights.layers[1:]


def _first_layer(weights, value):
    kernel, bias = weights.layers[0]
    return kernel.sum((0, 1, 2)) * value + bias


def test_a_head_replaces_the_classifier(shared):
    weights = read_weights(shared / "models/mobilenet_v1_0.5_128_quant.tflite")
    headed = weights.with_head(np.ones((512, 3)), np.zeros(3))
    assert headed.layers[-1][0].shape == (1, 1, 512, 3)
    assert (headed.classes, headed.ranges[-1], headed.steps[-1]) == (3, None, 0.0)
    with pytest.raises(LabError, match="does not fit 512 features"):
        weights.with_head(np.ones((256, 3)), np.zeros(3))
    with pytest.raises(LabError, match="no numbers"):
        weights.with_head(np.full((512, 3), np.nan), np.zeros(3))


def test_another_network_is_named(tmp_path, tiny_model):
    path = tmp_path / "colours.tflite"
    path.write_bytes(tiny_model())
    with pytest.raises(LabError, match=r"colours\.tflite does not hold the weights"):
        read_weights(path)


def test_damage_never_crashes_the_reader(shared, tmp_path):
    whole = (shared / "models/mobilenet_v1_0.25_224_float.tflite").read_bytes()
    chance, path = random.Random(4), tmp_path / "damaged.tflite"
    with warnings.catch_warnings(action="error"):
        for _ in range(60):
            data = bytearray(whole)
            for _ in range(chance.randint(1, 5_000)):
                data[chance.randrange(100, len(data) - 60_000)] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
            with contextlib.suppress(LabError):
                assert len(read_weights(path).layers) == 28
