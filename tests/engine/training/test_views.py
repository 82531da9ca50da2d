import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.models.preprocessing import centre_square, resize_bilinear
from engine.training.views import MIRRORED, PLAIN, kind_of, view

SHA = "0123456789abcdef" * 4
OTHER = "f" + SHA[1:]


def numbers(kind, count=20):
    """The first views of a kind."""
    return [n for n in range(2, 2 + 4 * count) if kind_of(SHA, n) == kind]


@pytest.fixture
def scene():
    """A sky above a striped ground, 60 x 90."""
    rgb = np.full((60, 90, 3), (120, 160, 220), np.uint8)
    rgb[30:] = (90, 110, 70)
    rgb[30:, ::10] = (240, 230, 60)
    return rgb


def test_the_plain_view_is_what_the_deployed_model_sees(scene):
    seen = resize_bilinear(centre_square(scene), 32, 32)
    np.testing.assert_array_equal(view(scene, 32, SHA, PLAIN), seen)


def test_the_mirrored_view_is_the_plain_one_in_a_mirror(scene):
    plain, mirrored = (view(scene, 32, SHA, n) for n in (PLAIN, MIRRORED))
    np.testing.assert_array_equal(mirrored, plain[:, ::-1])


@pytest.mark.parametrize("number", range(10))
def test_a_number_is_always_the_same_view(scene, number):
    first, second = (view(scene, 32, SHA, number) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("number", range(2, 10))
def test_another_picture_is_changed_in_another_way(scene, number):
    assert not np.array_equal(view(scene, 32, SHA, number), view(scene, 32, OTHER, number))


def test_no_two_views_are_equal(scene):
    assert len({view(scene, 32, SHA, number).tobytes() for number in range(30)}) == 30


@pytest.mark.parametrize("number", numbers("grey", 3))
def test_a_grey_view_has_no_colour(scene, number):
    seen = view(scene, 32, SHA, number).astype(int)
    assert np.ptp(seen, axis=2).max() <= 1


def test_a_night_is_darker_than_a_day(scene):
    def brightness(kind):
        return np.mean([view(scene, 32, SHA, n).mean() for n in numbers(kind)])

    assert brightness("night") < 0.6 * brightness("day")


def test_rain_takes_colour_away(scene):
    def colour(kind):
        views = [view(scene, 32, SHA, n).astype(int) for n in numbers(kind)]
        return np.mean([np.ptp(each, axis=2).mean() for each in views])

    assert colour("rain") < 0.6 * colour("day")


def test_the_picture_itself_is_left_alone(scene):
    before = scene.copy()
    for number in range(10):
        view(scene, 32, SHA, number)
    np.testing.assert_array_equal(scene, before)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(8, 40), st.integers(0, 40), st.binary())
def test_every_picture_has_every_view(height, width, side, number, raw):
    chance = np.random.default_rng(list(raw))
    rgb = chance.integers(0, 256, (height, width, 3), np.uint8)
    seen = view(rgb, side, SHA, number)
    assert seen.shape == (side, side, 3)
    assert seen.dtype == np.uint8


def test_four_views_in_a_row_are_of_each_kind_and_pictures_begin_with_different_ones():
    assert {kind_of(SHA, n) for n in range(2, 6)} == {"day", "night", "rain", "grey"}
    assert {kind_of(f"{at:064x}", 2) for at in range(8)} == {"day", "night", "rain", "grey"}
