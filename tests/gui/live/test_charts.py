"""The live charts: paused, scrolled back, marked with what a run is; hidden they rest."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.chart import SECONDS, WORDS
from gui.live.course_data import Series, marks_of
from gui.live.scroll import HELD_S, Scroll, clock_words
from gui.live.stage_bars import StageBars, said_of
from gui.live.values import Level, RunMarks, Stages
from gui.live_charts import LiveCharts

SECOND = 1_000_000_000


@pytest.fixture
def shown(qtbot, window, samples):
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=2000)
    window.charts.add_samples(samples(900, end_ns=time.monotonic_ns()))
    return window


@pytest.fixture
def charts(qtbot, light, samples):
    charts = LiveCharts(light)
    qtbot.addWidget(charts)
    charts.resize(640, 540)
    charts.show()
    charts.add_samples(samples(2400, end_ns=time.monotonic_ns()))  # 100 s
    return charts


def test_a_paused_chart_stands_still_and_goes_on_at_a_click(qtbot, charts, samples):
    charts.toggle()
    edge = charts.scroll.edge_ns
    drawn = charts.latency.shapes
    charts.add_samples(samples(24, end_ns=time.monotonic_ns()))
    charts._tick()
    assert charts.scroll.edge_ns == edge
    assert charts.latency.shapes is drawn
    assert charts.latency.words != WORDS
    qtbot.mouseClick(charts.live_button, Qt.MouseButton.LeftButton)
    assert charts.scroll.edge_ns is None
    assert charts.latency.words == WORDS


def test_arrows_and_dragging_scroll_back_and_end_goes_live(qtbot, charts):
    QTest.keyClick(charts, Qt.Key.Key_Left)
    first = charts.scroll.edge_ns
    assert charts.now_ns() - first >= 5 * SECOND
    QTest.keyClick(charts, Qt.Key.Key_PageUp)
    assert first - charts.scroll.edge_ns == SECONDS * SECOND
    QTest.mousePress(charts, Qt.MouseButton.LeftButton, pos=charts.rect().center())
    before = charts.scroll.edge_ns
    QTest.mouseMove(charts, charts.rect().center() - charts.rect().topLeft() / 1)
    charts.scroll_back(-1)
    assert charts.scroll.edge_ns > before
    QTest.mouseRelease(charts, Qt.MouseButton.LeftButton)
    QTest.keyClick(charts, Qt.Key.Key_End)
    assert not charts.scroll.paused


def test_what_is_scrolled_to_is_what_was(charts, samples):
    charts.scroll_back(40)
    charts.redraw()
    areas = [shape for shape in charts.latency.shapes if shape.area]
    ages = np.concatenate([piece[:, 0] for piece in areas[0].pieces])
    assert ages.min() < 1  # it reaches the right edge although that is 40 s ago
    assert ages.max() > 29


@given(st.lists(st.floats(-2000, 2000), max_size=20), st.integers(0, 1000))
def test_one_never_scrolls_beyond_what_is_held(steps: list[float], held_s: int):
    scroll, now = Scroll(), 2000 * SECOND
    oldest = now - held_s * SECOND
    for step in steps:
        scroll.move(step, now, oldest)
        assert scroll.edge_ns <= now
        assert scroll.edge_ns >= min(now, oldest + SECONDS * SECOND)
        assert scroll.edge_ns >= now - HELD_S * SECOND


def test_an_axis_that_stands_still_has_the_times_of_day():
    words = clock_words(1_700_000_030.0)
    assert [int(word[-2:]) for word in words] == [20, 30, 40, 50]


def test_space_pauses_unless_a_button_has_the_focus(qtbot, shown):
    shown.variant_list.view.setFocus()
    QTest.keyClick(shown.variant_list.view, Qt.Key.Key_Space)
    assert shown.charts.scroll.paused
    shown.charts.scroll.go_live()
    shown.run_panel.show_ready(True, "x")
    shown.run_panel.measure_button.setFocus()
    with qtbot.waitSignal(shown.run_panel.measure_requested, timeout=1000):
        QTest.keyClick(shown.run_panel.measure_button, Qt.Key.Key_Space)
    assert not shown.charts.scroll.paused


def test_space_is_written_into_a_field(shown):
    shown.variant_list.filter.setFocus()
    QTest.keyClicks(shown.variant_list.filter, "a b")
    assert shown.variant_list.filter.text() == "a b"
    assert not shown.charts.scroll.paused


def test_a_run_is_marked_over_its_samples(charts):
    now = charts.now_ns()
    level = Level(now - 9 * SECOND, now - 4 * SECOND, 12.4, (12.1, 12.6))
    slow = Level(now - 4 * SECOND, None, 15.0, None)
    marks = RunMarks(now - 10 * SECOND, now - 9 * SECOND, None, (level, slow), now - 4 * SECOND)
    charts.show_run(marks._replace(levels=()))
    charts.show_run(marks)
    charts.redraw()
    kinds = [mark.kind for mark in charts.latency.marks]
    assert kinds == ["hatch", "band", "band", "rule"]
    hatch, steady, later, rule = marks_of(marks, now)
    assert (hatch.begin_s, hatch.end_s) == (10, 9)
    assert (steady.low, steady.value, steady.high) == (12.1, 12.4, 12.6)
    assert (later.end_s, later.low) == (0, 15.0)
    assert rule.word == "slowed by heat"
    charts.grab()


def test_a_run_that_just_began_is_all_warm_up():
    (hatch,) = marks_of(RunMarks(0), 3 * SECOND)
    assert (hatch.begin_s, hatch.end_s) == (3, 0)


def test_temperature_and_clocks_stand_on_the_same_axis(charts):
    now = charts.now_ns()
    for age in range(20):
        at = now - age * SECOND
        charts.add_condition(at, 31.0 + age / 10, (652_800, 2_016_000), (2_016_000,))
    charts.add_condition(now, None, None)
    charts.redraw()
    (line,) = charts.heat.shapes[0].pieces
    assert line.shape == (20, 2)
    assert line[0, 0] > line[-1, 0]  # oldest first
    assert charts.heat_legend._entries[0][3] == "31.0 °C"
    assert [each[3] for each in charts.clocks_legend._entries] == ["2.02 GHz", "2.02 GHz"]


def test_what_was_told_is_kept_for_ten_minutes():
    series = Series()
    for second in range(2000):
        series.add(second * SECOND, float(second))
    assert len(series._points) == HELD_S + 1
    assert series.last(1500 * SECOND) == 1500


def test_where_there_is_little_room_one_chart_is_chosen(qtbot, charts):
    shown = [track.isVisible() for track in charts.tracks]
    assert all(shown)
    charts.resize(412, 210)
    assert [track.isVisible() for track in charts.tracks] == [True, False, False, False, False]
    charts.choice.choose("heat")
    assert [track.isVisible() for track in charts.tracks] == [False, False, False, True, True]


def test_the_stages_add_up_to_the_time_between_results(light, qtbot):
    bars = StageBars(light)
    qtbot.addWidget(bars)
    stages = Stages({"infer": 9.5, "camera": 20.0, "convert": 0.5, "post": 0.1, "draw": 2.0})
    bars.show_stages(stages)
    assert stages.period_ms == pytest.approx(32.1)
    assert bars.toolTip() == said_of(stages)
    assert "9.5 ms" in said_of(stages)
    for width in (380, 640):
        bars.resize(width, bars.heightForWidth(width))
        bars.grab()
    assert bars.heightForWidth(380) > bars.heightForWidth(640)


def test_the_ground_is_painted_anew_for_another_theme_and_size(charts):
    for _turn in range(2):
        charts.theme.toggle()
        chart = charts.latency
        chart.resize(chart.width() + 40, chart.height() + 20)
        image = chart.grab().toImage()
        assert image.size() == chart.size() * chart.devicePixelRatioF()
        for x in (1, image.width() - 2):
            assert image.pixelColor(x, 1).name() == charts.theme.colours.surface.lower()
