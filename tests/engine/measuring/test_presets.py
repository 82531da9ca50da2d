"""When a run is enough, and how near it says that it is."""

import numpy as np
import pytest

from engine.link.messages import SAMPLE_DTYPE
from engine.measuring import presets
from engine.measuring.presets import PRESETS, Enough, Preset, fixed_time, sustained


def samples(count, *, begin=0, fps=50, noise=0.05, warm_up=0, seed=1):
    """Samples of 10 ms; the first ``warm_up`` take twice as long."""
    random = np.random.default_rng((seed, begin))
    array = np.zeros(count, SAMPLE_DTYPE)
    index = np.arange(begin, begin + count)
    latency = 10e6 * (1 + noise * random.standard_normal(count)) * (1 + (index < warm_up))
    array["sequence"] = index
    array["captured_ns"] = index * (1e9 / fps)
    array["finished_ns"] = array["captured_ns"] + np.uint64(15_000_000)
    array["infer_ns"] = latency
    return array


def course(preset, seconds, *, fps=50, step_s=0.5, **shape):
    """What is said each half second of a run, until it is enough."""
    enough, told = Enough(preset), []
    per_step = round(fps * step_s)
    for step in range(round(seconds / step_s)):
        enough.add(samples(per_step, begin=step * per_step, fps=fps, **shape))
        told.append(enough.status((step + 1) * step_s))
        if told[-1].enough:
            break
    return told


def test_a_calm_run_is_enough_after_ten_steady_seconds():
    told = course(PRESETS["lab"], 13)
    done = told[-1]
    assert done.enough
    assert done.settled
    assert 10.5 <= done.seconds <= 12
    assert done.count >= 500
    assert done.half_width < 0.02
    assert (done.fraction, done.missing) == (1.0, ())


def test_a_noisy_run_goes_on_until_the_interval_is_narrow():
    told = course(PRESETS["lab"], 60, fps=10, noise=0.15)
    done = told[-1]
    assert done.enough
    before = told[-2]
    assert done.seconds > 20
    assert done.half_width <= 0.02 < before.half_width
    assert before.missing == ("a narrower interval",)


def test_a_slow_model_needs_a_hundred_samples():
    told = course(PRESETS["lab"], 60, fps=4)
    assert "more samples" in " ".join(told[30].missing)
    assert told[-1].enough
    assert told[-1].count >= 100


def test_a_run_that_warms_up_does_not_count_its_warm_up():
    told = course(PRESETS["lab"], 20, warm_up=150)
    done = told[-1]
    assert done.enough
    assert done.warm_up >= 150
    assert done.seconds >= 13
    assert any("still warming up" in each.missing for each in told)


@pytest.mark.parametrize("shape", [{}, {"noise": 0.4, "fps": 10}, {"warm_up": 300}])
@pytest.mark.parametrize("name", ["quick", "lab", "mlperf"])
def test_the_fraction_never_falls_and_is_whole_only_when_it_is_enough(name, shape):
    told = course(PRESETS[name], 30, **shape)
    fractions = [each.fraction for each in told]
    assert fractions == sorted(fractions)
    assert all((each.fraction == 1.0) == each.enough for each in told)
    assert all(bool(each.missing) != each.enough for each in told)


def test_the_fraction_is_honest_about_the_time_it_takes():
    told = course(PRESETS["lab"], 40, fps=10, noise=0.15)
    end_s = told[-1].seconds
    half = next(each for each in told if each.seconds >= end_s / 2)
    assert 0.25 <= half.fraction <= 0.8


def test_mlperf_asks_for_1024_samples_and_a_minute_and_for_no_interval():
    told = course(PRESETS["mlperf"], 66, fps=50)
    done = told[-1]
    assert done.enough
    assert 60 <= done.seconds <= 63
    assert done.target is None
    few = course(PRESETS["mlperf"], 66, fps=10)
    assert not few[-1].enough
    assert few[-1].missing[-1].endswith("more samples")


def test_a_fixed_time_is_enough_when_it_is_over_whatever_came():
    told = course(fixed_time(2.0), 2.0, fps=2)
    assert [each.enough for each in told] == [False, False, False, True]
    assert [each.fraction for each in told] == [0.25, 0.5, 0.75, 1.0]


def test_sustained_takes_five_to_thirty_minutes():
    assert (sustained(5).min_s, sustained(30).max_s) == (300, 1800)
    assert sustained(5).fixed
    for minutes in (4.9, 31):
        with pytest.raises(ValueError, match="5 to 30"):
            sustained(minutes)


@pytest.mark.parametrize("wrong", [(0, 1, 1), (2, 1, 1), (1, 1, -1)])
def test_a_preset_that_could_never_end_is_refused(wrong):
    with pytest.raises(ValueError, match="no run"):
        Preset("x", *wrong)


def test_a_line_says_what_there_is_and_what_is_missing():
    told = course(PRESETS["lab"], 5)[-1]
    assert told.text.startswith("2")
    assert "% of ±2 %, 5 s more" in told.text or "% of ±2 %, 6 s more" in told.text


def test_a_long_run_is_not_sorted_anew_each_time(monkeypatch):
    counted = []

    def width(latency):
        counted.append(len(latency))
        return 0.01

    monkeypatch.setattr(presets, "relative_half_width", width)
    monkeypatch.setattr(presets, "HEAD_SAMPLES", 2_000)
    enough = Enough(sustained(5))
    for step in range(600):
        enough.add(samples(50, begin=step * 50, fps=100))
        enough.status(step / 2)
    assert sum(counted) < 110 * counted[-1]  # one in a hundred each: a hundred times the last
