import json
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import LabError
from engine.models.inspector import CLASSIFICATION, DETECTION, TensorFacts
from engine.models.preprocessing import centre_square, resize_bilinear, to_tensor, value_table
from tests.vectors.preprocessing import write as vectors

VECTORS = Path(__file__).parents[2] / "vectors" / "preprocessing"


def picture(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def exact(rgb, height, width, row, column, channel):
    """The page's words in fractions: half-pixel centres, edges repeated, rounded half up."""

    def taps(source, target, i):
        at = (i + Fraction(1, 2)) * source / target - Fraction(1, 2)
        at = min(max(at, Fraction(0)), Fraction(source - 1))
        low = int(at)
        return (low, 1 - (at - low)), (min(low + 1, source - 1), at - low)

    value = sum(
        int(rgb[y, x, channel]) * wy * wx
        for y, wy in taps(rgb.shape[0], height, row)
        for x, wx in taps(rgb.shape[1], width, column)
    )
    return int(value + Fraction(1, 2))


@settings(deadline=None, max_examples=60)
@given(
    source=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    target=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    seed=st.integers(0, 9),
)
def test_resize_is_exactly_what_the_page_says(source, target, seed):
    rgb = picture(*source, seed)
    resized = resize_bilinear(rgb, *target)
    assert resized.shape == (*target, 3)
    for row, column in {(0, 0), (target[0] - 1, target[1] - 1), (target[0] // 2, target[1] // 3)}:
        for channel in range(3):
            assert resized[row, column, channel] == exact(rgb, *target, row, column, channel)


@pytest.mark.parametrize("side", [128, 160, 192, 224, 300])
def test_resize_agrees_with_opencv_within_one_step(side):
    rgb = picture(480, 480)
    ours, theirs = resize_bilinear(rgb, side, side), cv2.resize(rgb, (side, side))
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_white_stays_white_at_any_size():
    white = np.full((1079, 1079, 3), 255, np.uint8)
    assert resize_bilinear(white, 224, 224).min() == 255


@pytest.mark.parametrize(
    ("shape", "top", "left", "side"),
    [((4, 9), 0, 2, 4), ((9, 4), 2, 0, 4), ((5, 5), 0, 0, 5), ((480, 641), 0, 80, 480)],
)
def test_the_square_is_centred_with_offsets_rounded_down(shape, top, left, side):
    rgb = picture(*shape)
    np.testing.assert_array_equal(centre_square(rgb), rgb[top : top + side, left : left + side])


def test_a_classifier_sees_the_centre_and_a_detector_the_whole_picture():
    rgb = np.zeros((8, 16, 3), np.uint8)
    rgb[:, 4:12] = 255
    tensor = TensorFacts("in", (1, 8, 8, 3), "uint8", 1 / 128, 128)
    assert to_tensor(rgb, tensor, CLASSIFICATION).min() == 255
    assert to_tensor(rgb, tensor, DETECTION).min() == 0


def test_float_input_runs_from_minus_one_to_one():
    table = value_table(TensorFacts("in", (1, 8, 8, 3), "float32"))
    assert table.dtype == np.float32
    assert (table[0], table[255]) == (-1, 1)
    assert table[128] == np.float32(0.5 / 127.5)


@pytest.mark.parametrize(
    ("scale", "zero"), [(0.0078125, 128), (0.007843137718737125, 127), (1 / 127.5, 128)]
)
def test_models_of_2018_take_the_bytes_unchanged(scale, zero):
    table = value_table(TensorFacts("in", (1, 8, 8, 3), "uint8", scale, zero))
    np.testing.assert_array_equal(table, np.arange(256))


def test_other_quantised_inputs_take_the_real_value_in_steps():
    table = value_table(TensorFacts("in", (1, 8, 8, 3), "int8", 0.0078125, 0))
    assert table.dtype == np.int8
    assert table[0] == -128
    assert table[255] == 127  # 128 steps, clamped to the type
    assert table[128] == 1  # 0.0039 is 0.502 steps: up
    assert table[127] == -1  # -0.502 steps
    wide = value_table(TensorFacts("in", (1, 8, 8, 3), "uint8", 0.02, 100))
    assert (wide[0], wide[255], wide.dtype) == (50, 150, np.uint8)


def test_half_a_step_is_rounded_up():
    # scale 2/255 exactly: every pixel lies half-way between two steps
    table = value_table(TensorFacts("in", (1, 8, 8, 3), "int8", 2 / 255, 0))
    np.testing.assert_array_equal(np.clip(np.arange(256) - 127, -128, 127), table)


def test_a_tensor_has_the_shape_the_model_takes():
    tensor = TensorFacts("in", (1, 24, 24, 3), "float32")
    made = to_tensor(picture(30, 50), tensor, CLASSIFICATION)
    assert made.shape == (1, 24, 24, 3)
    assert made.dtype == np.float32
    assert made.flags.c_contiguous


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (5, 5), (5, 5, 4)])
def test_an_empty_picture_is_named(shape):
    tensor = TensorFacts("in", (1, 8, 8, 3), "float32")
    with pytest.raises(LabError, match="picture"):
        to_tensor(np.zeros(shape, np.uint8), tensor, CLASSIFICATION)


def test_an_input_that_no_picture_fits_is_named():
    with pytest.raises(LabError, match="int16"):
        value_table(TensorFacts("in", (1, 8, 8, 3), "int16", 0.1, 0))


@pytest.mark.parametrize("name", sorted(vectors.CASES))
def test_the_vectors_are_made_into_just_their_bytes(name):
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    rows = [np.frombuffer(bytes.fromhex(row), np.uint8).reshape(-1, 3) for row in vector["upright"]]
    task = DETECTION if vector["whole_picture"] else CLASSIFICATION
    shape = (1, vector["rows"], vector["columns"], 3)
    for wanted in vector["tensors"]:
        tensor = TensorFacts("in", shape, wanted["dtype"], wanted["scale"], wanted["zero_point"])
        made = to_tensor(np.stack(rows), tensor, task)
        assert made.astype(made.dtype.newbyteorder("<")).tobytes().hex() == wanted["hex"]


def test_the_vectors_are_what_the_page_says():
    assert {each.stem for each in VECTORS.glob("*.json")} == set(vectors.CASES)
    for number, name in enumerate(vectors.CASES, 1):
        kept = json.loads((VECTORS / f"{name}.json").read_text())
        assert kept == vectors.vector(name, number)
