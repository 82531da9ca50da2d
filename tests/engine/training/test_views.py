import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.models.preprocessing import centre_square, resize_bilinear
from engine.training.views import MIRRORED, PLAIN, view

SHA = "0123456789abcdef" * 4
OTHER = "f" + SHA[1:]
DAY, NIGHT, RAIN, GREY = 2, 3, 4, 5


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


@pytest.mark.parametrize("number", [GREY, GREY + 4, GREY + 8])
def test_a_grey_view_has_no_colour(scene, number):
    seen = view(scene, 32, SHA, number).astype(int)
    assert np.ptp(seen, axis=2).max() <= 1


def test_a_night_is_darker_than_a_day(scene):
    def brightness(first):
        return np.mean([view(scene, 32, SHA, n).mean() for n in range(first, 80, 4)])

    assert brightness(NIGHT) < 0.6 * brightness(DAY)


def test_rain_takes_colour_away(scene):
    def colour(first):
        views = [view(scene, 32, SHA, n).astype(int) for n in range(first, 80, 4)]
        return np.mean([np.ptp(each, axis=2).mean() for each in views])

    assert colour(RAIN) < 0.6 * colour(DAY)


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
