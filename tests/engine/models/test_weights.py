import contextlib
import random
import warnings

import numpy as np
import pytest

from engine.errors import LabError
from engine.models.weights import read_weights


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
