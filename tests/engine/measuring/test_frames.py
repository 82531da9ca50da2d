"""The pipeline's pace, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.link.messages import SAMPLE_DTYPE
from engine.measuring.frames import frame_times_ms, low_fps, pipeline_fps, split_gap
from tests.engine.measuring.known_runs import samples

MS = 10**6


def camera_run(n=50):
    """Every 50 ms a result: 20 for the picture, 4 convert, 15 infer, 1 post, 3 draw, 7 rest."""
    array = np.zeros(n, SAMPLE_DTYPE)
    array["finished_ns"] = 10**9 + np.arange(n) * 50 * MS
    array["convert_ns"], array["infer_ns"] = 4 * MS, 15 * MS
    array["post_ns"], array["draw_ns"] = MS, 3 * MS
    array["camera_ns"] = 33 * MS
    # the picture is held 20 ms after the result before it
    array["captured_ns"] = array["finished_ns"] - (50 - 20 + 33) * MS
    return array


def test_the_gap_is_split_by_stage_and_adds_up():
    gap = split_gap(camera_run())
    assert gap == pytest.approx({"camera": 20, "convert": 4, "post": 1, "draw": 3, "waiting": 7})
    assert sum(gap.values()) == pytest.approx(50 - 15)


def test_a_picture_that_was_there_already_was_not_waited_for():
    array = camera_run()
    array["camera_ns"] = 5 * MS
    gap = split_gap(array)
    assert gap["camera"] == 0
    assert sum(gap.values()) == pytest.approx(35)


def test_drawing_that_overlaps_counts_as_far_as_there_is_time():
    array = camera_run()
    array["draw_ns"] = 500 * MS
    gap = split_gap(array)
    assert gap["draw"] == pytest.approx(30)
    assert gap["camera"] == gap["waiting"] == 0


def test_one_result_has_no_gap():
    assert split_gap(camera_run(1)) == {}
    assert len(frame_times_ms(camera_run(1))) == 0


def test_low_1_percent_is_the_pace_of_the_slowest_frames():
    frames = np.full(300, 20.0)
    frames[[7, 80, 200]] = 100, 200, 300
    assert low_fps(frames) == pytest.approx(5)  # 3 frames in 600 ms


def test_low_1_percent_needs_100_frames():
    assert low_fps(np.full(99, 20.0)) is None
    assert low_fps(np.full(100, 20.0)) == 50
    assert low_fps(np.zeros(100)) is None


def test_pipeline_fps_is_results_per_wall_second():
    assert pipeline_fps(camera_run()) == pytest.approx(20)
    assert pipeline_fps(camera_run(1)) is None
    still = camera_run()
    still["finished_ns"] = 5
    assert pipeline_fps(still) is None


@given(st.lists(st.integers(0, 10**10), min_size=2, max_size=50))
def test_the_gap_of_an_engine_loop_is_what_is_left(latency_ns):
    array = samples(np.array(latency_ns) / 1e6, gap_ms=2)
    assert sum(split_gap(array).values()) == pytest.approx(2, abs=1e-3)
