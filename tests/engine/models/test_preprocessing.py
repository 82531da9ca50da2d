import json
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.errors import LabError
from engine.models.preprocessing import (
    FITS,
    centre_square,
    default_fit,
    input_area,
    resize_bilinear,
    to_tensor,
    value_table,
)
from engine.models.tasks import TASKS, TensorFacts
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


def test_a_crop_sees_the_centre_and_a_stretch_the_whole_picture():
    rgb = np.zeros((8, 16, 3), np.uint8)
    rgb[:, 4:12] = 255
    tensor = TensorFacts("in", (1, 8, 8, 3), "uint8", 1 / 128, 128)
    assert to_tensor(rgb, tensor, "crop").min() == 255
    assert to_tensor(rgb, tensor, "stretch").min() == 0


def test_a_letterbox_is_black_around_the_whole_picture():
    white = np.full((6, 12, 3), 255, np.uint8)
    seen = to_tensor(white, TensorFacts("in", (1, 8, 8, 3), "float32"), "letterbox")[0]
    assert seen[:2].max() == seen[6:].max() == -1
    assert seen[2:6].min() == 1


def test_each_task_has_its_own_fit_unless_told():
    fits = {task: default_fit(task) for task in (*TASKS, "unknown")}
    assert {task for task, fit in fits.items() if fit == "stretch"} == {"detection", "segmentation"}
    assert set(fits.values()) == {"crop", "stretch"}


@pytest.mark.parametrize(
    ("fit", "size", "area"),
    [
        ("stretch", (640, 480), (0, 0, 1, 1)),
        ("crop", (640, 480), (0.125, 0, 0.875, 1)),
        ("crop", (5, 8), (0, 1 / 8, 1, 6 / 8)),  # one row above, two below
        ("letterbox", (640, 480), (0, -1 / 6, 1, 7 / 6)),
        ("letterbox", (480, 640), (-1 / 6, 0, 7 / 6, 1)),
        ("letterbox", (480, 480), (0, 0, 1, 1)),
    ],
)
def test_the_input_lies_on_the_picture_where_it_was_taken_from(fit, size, area):
    assert input_area(fit, *size, 128, 128) == pytest.approx(area)


@settings(deadline=None)
@given(
    fit=st.sampled_from(FITS),
    size=st.tuples(st.integers(4, 60), st.integers(4, 60)),
    side=st.integers(8, 40),
)
def test_a_bright_spot_is_found_again_through_the_input_area(fit, size, side):
    """A box drawn by input_area covers what the model saw there, to within a pixel."""
    width, height = size
    at = (width // 2, height // 2)
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[at[1] - 1 : at[1] + 2, at[0] - 1 : at[0] + 2] = 255
    seen = to_tensor(rgb, TensorFacts("in", (1, side, side, 3), "float32"), fit)[0, ..., 0] + 1
    assume(seen.any())  # or it was made so much smaller that no sample fell on the spot
    rows, columns = np.nonzero(seen > 0)
    left, top, right, bottom = input_area(fit, width, height, side, side)
    for cells, low, high, length, centre in (
        (columns, left, right, width, at[0] + 0.5),
        (rows, top, bottom, height, at[1] + 0.5),
    ):
        found = (low + (high - low) * (cells.min() + cells.max() + 1) / 2 / side) * length
        cell = (high - low) * length / side
        assert abs(found - centre) <= 1.5 + cell


@pytest.mark.parametrize("call", [
    lambda: to_tensor(picture(4, 4), TensorFacts("in", (1, 8, 8, 3), "float32"), "fill"),
    lambda: input_area("fill", 4, 4, 8, 8),
])  # fmt: skip
def test_a_fit_that_is_none_is_named(call):
    with pytest.raises(LabError, match="no fit 'fill'"):
        call()


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
    made = to_tensor(picture(30, 50), tensor, "crop")
    assert made.shape == (1, 24, 24, 3)
    assert made.dtype == np.float32
    assert made.flags.c_contiguous


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (5, 5), (5, 5, 4)])
def test_an_empty_picture_is_named(shape):
    tensor = TensorFacts("in", (1, 8, 8, 3), "float32")
    with pytest.raises(LabError, match="picture"):
        to_tensor(np.zeros(shape, np.uint8), tensor, "crop")


def test_an_input_that_no_picture_fits_is_named():
    with pytest.raises(LabError, match="int16"):
        value_table(TensorFacts("in", (1, 8, 8, 3), "int16", 0.1, 0))


@pytest.mark.parametrize("name", sorted(vectors.CASES))
def test_the_vectors_are_made_into_just_their_bytes(name):
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    rows = [np.frombuffer(bytes.fromhex(row), np.uint8).reshape(-1, 3) for row in vector["upright"]]
    shape = (1, vector["rows"], vector["columns"], 3)
    for wanted in vector["tensors"]:
        tensor = TensorFacts("in", shape, wanted["dtype"], wanted["scale"], wanted["zero_point"])
        made = to_tensor(np.stack(rows), tensor, vector["fit"])
        assert made.astype(made.dtype.newbyteorder("<")).tobytes().hex() == wanted["hex"]


def test_the_vectors_are_what_the_page_says():
    assert {each.stem for each in VECTORS.glob("*.json")} == set(vectors.CASES)
    for number, name in enumerate(vectors.CASES, 1):
        kept = json.loads((VECTORS / f"{name}.json").read_text())
        assert kept == vectors.vector(name, number)
