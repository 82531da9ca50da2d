"""What is drawn of what was found: every mark says what it is."""

import pytest

from gui.compare.scene import FAINT, GREY
from gui.compare.work import Shown, answer, limits_of, said, scene_of


def names_of(scene, indices):
    return {scene.names[index] for index in indices}


def test_measured_predicted_and_published_are_told_apart(found):
    scene = scene_of(found, Shown())
    assert names_of(scene, scene.ringed) == {"v1_0.75_192-int8"}
    tones = {
        name: scene.looks[look].tone for name, look in zip(scene.names, scene.look, strict=True)
    }
    assert tones["v1_0.75_160-int8"] == FAINT
    assert tones[""] == GREY
    assert "predicted" in scene.tips[scene.names.index("v1_0.75_192-int8")]


def test_the_front_is_drawn_and_who_is_dominated_crossed_out(found):
    scene = scene_of(found, Shown())
    assert names_of(scene, scene.crossed) == {"v1_0.75_128-int8"}
    front = [scene.names[index] for index in scene.front]
    assert front == ["v1_0.25_128-int8", "v1_0.50_160-int8", "v1_0.75_192-int8", "v1_1.00_224-int8"]


def test_who_is_grey_says_why_and_cannot_be_chosen(found):
    scene = scene_of(found, Shown())
    assert scene.names[-1] == ""
    assert "not comparable: another phone" in scene.tips[-1]
    assert scene.notes == ("Pixel 3 (1): not comparable: another phone",)
    assert len(scene_of(found, Shown(reference=False)).names) == len(scene.names) - 1


def test_predictions_can_be_left_out(found):
    scene = scene_of(found, Shown(predicted=False))
    assert "v1_0.75_192-int8" not in scene.names
    assert answer(found, _any(), predicted=False).best.name == "v1_1.00_224-int8"


def _any():
    from engine.catalog.selection import Budget

    return Budget()


@pytest.mark.parametrize("axis", ["macs", "apk_mb", "model_mb"])
def test_other_costs_need_no_latency(found, axis):
    scene = scene_of(found, Shown(axis=axis))
    assert "v1_0.50_128-float32" in scene.names
    assert not scene.ringed
    assert not scene.x_bars
    assert "" not in scene.names  # the published latencies are no cost of these


def test_intervals_are_bars(found):
    scene = scene_of(found, Shown())
    index = scene.names.index("v1_0.50_160-int8")
    assert (index, pytest.approx(6.3), pytest.approx(7.7)) in scene.x_bars


def test_limits_reach_over_what_can_be_recommended(found):
    ranges = limits_of(found)
    assert ranges["max_ms"] == (2.0, 34.0)
    assert ranges["min_top1"] == (0.395, 0.70)


def test_all_figures_are_said_with_their_units_and_origins(found):
    text = said(found.survey.candidates[0])
    assert "70.0 % top-1 published" in text
    assert "34.0 ms (30.6 to 37.4) measured" in text
    assert "5.0 MB reckoned" in text
