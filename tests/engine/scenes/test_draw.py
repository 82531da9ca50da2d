"""Drawn scenes: what a seed promises, what moves, and what is written for training."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.pictures import read_picture
from engine.scenes.draw import KINDS, NOT_ROAD, ROAD, TRUTHS, deal, draw, write_dataset

NAMES = [kind.name for kind in KINDS]
SMALL = (160, 120)


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_fills_the_picture(name):
    picture = draw(name, 3, 0.5, *SMALL)

    assert picture.shape == (120, 160, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 4


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    seed=st.integers(0, 2**40),
    moment_s=st.floats(0, 1e5),
    width=st.integers(64, 220),
    height=st.integers(64, 220),
)
def test_any_seed_moment_and_size_can_be_drawn(name, seed, moment_s, width, height):
    assert draw(name, seed, moment_s, width, height).shape == (height, width, 3)


@pytest.mark.parametrize("name", ["street-day", "water", "room"])
def test_a_scene_is_the_same_for_the_same_seed(name):
    first = draw(name, 5, 1.0, *SMALL)
    for other in range(3):  # so that nothing is remembered
        draw(name, 100 + other, 0.0, *SMALL)

    assert np.array_equal(draw(name, 5, 1.0, *SMALL), first)


def test_another_seed_is_another_picture():
    pictures = [draw("street-day", seed, 0.0, *SMALL) for seed in range(6)]

    for number, one in enumerate(pictures):
        for other in pictures[:number]:
            assert np.abs(one.astype(int) - other).mean() > 8


@pytest.mark.parametrize("name", ["road-day", "water", "meadow"])
def test_what_moves_moves_smoothly(name):
    seed = 8
    begin, next_frame, later = (
        draw(name, seed, moment, *SMALL).astype(int) for moment in (1.0, 1.0 + 1 / 30, 2.5)
    )

    assert np.abs(later - begin).mean() > 0
    assert np.abs(next_frame - begin).mean() < 15


def test_a_scene_of_no_kind_is_refused():
    with pytest.raises(LabError, match="no scene 'moon'"):
        draw("moon", 0)


def test_both_truths_have_many_kinds():
    for truth in TRUTHS:
        assert sum(kind.truth == truth for kind in KINDS) >= 10


def test_a_data_set_deals_each_kind_as_often_as_it_says():
    for truth in TRUTHS:
        kinds = [kind for kind in KINDS if kind.truth == truth]
        dealt = [deal(truth, number) for number in range(2 * sum(kind.often for kind in kinds))]
        assert all(dealt.count(kind.name) == 2 * kind.often for kind in kinds)


def test_a_data_set_has_half_roads_and_is_the_same_again(tmp_path):
    for name in ("one", "two"):
        write_dataset(tmp_path / name, 8, 40, *SMALL)

    written = sorted(path.relative_to(tmp_path / "one") for path in tmp_path.glob("one/*/*.jpg"))
    assert [path.parts[0] for path in written] == [NOT_ROAD] * 4 + [ROAD] * 4
    for path in written:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()
        assert read_picture(tmp_path / "one" / path).shape == (120, 160, 3)


def test_a_data_set_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "road").write_bytes(b"a file where a folder should be")

    with pytest.raises(LabError, match="cannot be written"):
        write_dataset(tmp_path, 2, 0, *SMALL)


def test_a_data_set_tells_how_far_it_is_and_stops_when_asked(tmp_path):
    cancel, told = CancelToken(), []

    def report(progress):
        told.append(progress.fraction)
        if len(told) == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        write_dataset(tmp_path, 10, 0, *SMALL, report=report, cancel=cancel)
    assert told == [0.1, 0.2, 0.3]
    assert len(list(tmp_path.glob("*/*.jpg"))) == 3  # what was drawn stays


def test_headlights_show_the_road_at_night_and_day_is_brighter():
    def mean(kind):
        return np.mean([draw(kind, seed, 0.0, *SMALL).mean() for seed in range(12)])

    assert mean("road-night") < 0.6 * mean("road-day")


def test_a_road_lies_where_its_geometry_says():
    """The dash of a straight road's middle line is brighter than the asphalt beside it."""
    from engine.scenes.ground import Ground, View
    from engine.scenes.light import DAY, make_light
    from engine.scenes.roads import Line, Plan, Road

    chance = np.random.default_rng(1)
    view = View(width=200, height=160, focal=150, eye_m=1.5, horizon=60, middle=100)
    line = Line(0.0, 0.3, (255, 255, 255))
    plan = Plan(3.0, (80, 80, 80), ((90, 120, 60), (90, 120, 60)), lines=(line,))
    picture = Road(chance, make_light(chance, DAY), view, plan).at(0.0)

    x, y = Ground(view).place(0.0, 0.0, 4.0)
    assert picture[round(y), round(x)].mean() > picture[round(y), round(x) - 12].mean() + 40
    grass = picture[90, 3].astype(int)
    assert grass[1] > grass[0]  # beyond the edge it is green
    assert cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)[150, 60, 1] < 60  # asphalt is grey
