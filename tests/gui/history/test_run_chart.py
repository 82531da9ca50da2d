"""A run's course: reduced without losing its slowest sample, and drawn with its warm-up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records.values import End
from gui.history.run_chart import EMPTY, RunChart, said_of, time_ticks, value_ticks
from gui.history.work import curve_of
from tests.engine.records.conftest import keep_run, make_facts, make_samples


@pytest.fixture
def record(database):
    return database.load(1)


def test_no_slow_or_fast_sample_is_lost(database):
    run = database.begin_run(make_facts())
    samples = make_samples(5_000)
    samples["infer_ns"][1234] = 500_000_000
    samples["infer_ns"][2345] = 1_000_000
    database.append(run, samples)
    database.finish(run, End.COMPLETED)
    curve = curve_of(database.load(run), columns=100)
    assert len(curve.seconds) <= 100
    assert curve.high_ms.max() == 500
    assert curve.low_ms.min() == 1
    assert curve.top_ms < 100  # one slow sample does not press the others flat
    assert np.all(curve.low_ms <= curve.middle_ms)
    assert np.all(curve.middle_ms <= curve.high_ms)


def test_warm_up_and_heat_have_their_place(database):
    run = database.begin_run(make_facts())
    samples = make_samples(3_000)
    samples["infer_ns"][:40] = samples["infer_ns"][:40] * 2
    samples["infer_ns"][1500:] = samples["infer_ns"][1500:] * 1.5
    database.append(run, samples)
    record = database.load(run)
    curve = curve_of(record)
    count = record.analysis.warm_up.count
    assert count >= 12  # half a second at least
    assert curve.warm_up_s == pytest.approx(0.04 * count, abs=0.1)
    assert curve.slow_s == pytest.approx(60, abs=6)
    assert curve.median_ms == pytest.approx(40, rel=0.02)
    assert curve.later_ms == pytest.approx(60, rel=0.02)
    assert "hatched" in said_of(curve)
    assert "slowed down by heat" in said_of(curve)


def test_a_gap_breaks_the_line(database):
    run = database.begin_run(make_facts())
    samples = make_samples(400)
    for name in ("captured_ns", "finished_ns"):
        samples[name][200:] += 30_000_000_000
    database.append(run, samples)
    curve = curve_of(database.load(run))
    (at,) = curve.breaks
    assert curve.seconds[at] - curve.seconds[at - 1] > 29


def test_a_run_without_samples_has_no_course(database, qtbot, light):
    run = database.begin_run(make_facts())
    assert curve_of(database.load(run)) is None
    chart = RunChart(light)
    qtbot.addWidget(chart)
    chart.show_curve(None)
    assert chart.accessibleDescription() == EMPTY


def test_one_sample_is_a_course(database, qtbot, light):
    run = keep_run(database, count=1)
    chart = RunChart(light)
    qtbot.addWidget(chart)
    chart.show_curve(curve_of(database.load(run)))
    chart.resize(400, 160)
    assert not chart.grab().isNull()


def test_the_chart_draws_warm_up_samples_and_heat(qtbot, theme, record):
    chart = RunChart(theme)
    qtbot.addWidget(chart)
    curve = curve_of(record)
    chart.resize(500, 200)
    chart.show_curve(curve)
    plain = chart.grab().toImage()
    chart.show_curve(curve._replace(warm_up_s=2.0))
    hatched = chart.grab().toImage()
    chart.show_curve(curve._replace(slow_s=4.0))
    assert len({image.text() or str(image.bits().tobytes()) for image in (
        plain, hatched, chart.grab().toImage())}) == 3  # fmt: skip


@given(st.floats(0.01, 100_000), st.integers(1, 20))
def test_times_are_round_rise_and_fit(end_s, most):
    ticks = time_ticks(end_s, most)
    seconds = [at for at, _words in ticks]
    assert seconds == sorted(set(seconds))
    assert seconds[0] == 0
    assert seconds[-1] <= end_s
    assert len(ticks) <= most + 1


@pytest.mark.parametrize("top", [0.2, 1, 2, 3, 4, 5, 6, 8, 10, 20, 60, 80, 100, 400])
def test_values_go_from_zero_to_the_end_in_equal_steps(top):
    ticks = value_ticks(float(top), 6)
    assert (ticks[0], ticks[-1]) == (0, top)
    assert len(ticks) <= 7
    assert np.allclose(np.diff(ticks), ticks[1])


def test_minutes_are_told_where_seconds_are_many():
    assert [words for _at, words in time_ticks(600, 5)] == ["0", "2 min", "4 min", "6 min",
                                                            "8 min", "10 min"]  # fmt: skip
