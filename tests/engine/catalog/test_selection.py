"""Who is on the front, and what is recommended within a budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog.reference import reference_series
from engine.catalog.selection import Budget, Candidate, front, recommend


def measured(name, top1, ms, **more):
    return Candidate(name=name, top1=top1, top1_origin="published", latency_ms=ms,
                     latency_origin="measured", **more)  # fmt: skip


def names(candidates, found):
    return [candidates[index].name for index in found]


def test_the_front_rises_with_the_cost():
    three = [measured("slow", 0.7, 30), measured("fast", 0.4, 2), measured("mid", 0.6, 10)]
    on_front, dominated = front(three)
    assert names(three, on_front) == ["fast", "mid", "slow"]
    assert dominated == {}


def test_who_is_slower_and_less_right_is_dominated():
    two = [measured("good", 0.6, 5), measured("bad", 0.5, 6)]
    assert front(two) == ((0,), {1: 0})


def test_equal_figures_are_a_tie_and_both_stay():
    two = [measured("one", 0.6, 5), measured("other", 0.6, 5)]
    on_front, dominated = front(two)
    assert set(on_front) == {0, 1}
    assert dominated == {}


def test_overlapping_intervals_do_not_dominate():
    one = measured("one", 0.6, 5.0, latency_interval=(4.8, 5.2))
    near = measured("near", 0.6, 5.1, latency_interval=(4.9, 5.3))
    far = measured("far", 0.6, 5.6, latency_interval=(5.4, 5.8))
    assert front([one, near, far])[1] == {2: 0}


def test_an_accuracy_is_surely_higher_only_beyond_its_interval():
    one = measured("one", 0.9, 5.0, top1_interval=(0.85, 0.95), latency_interval=(4, 6))
    other = measured("other", 0.88, 5.5, top1_interval=(0.8, 0.93), latency_interval=(4, 6))
    assert front([one, other])[1] == {}


def test_invalid_runs_and_references_take_no_part():
    bad = measured("invalid", 0.9, 1.0, valid=False)
    grey = Candidate(name="grey", top1=0.9, latency_ms=1.0, latency_origin="reference")
    good = measured("good", 0.5, 9.0)
    assert front([bad, grey, good]) == ((2,), {})
    assert recommend([bad, grey, good], Budget()).best is good


def test_three_float_variants_of_the_published_table_are_dominated(catalog):
    series = next(s for s in reference_series(catalog) if s.title == "Pixel 3, CPU, 4 threads")
    table = [
        measured(each.name, each.top1, each.latency_ms)
        for each in series.points
        if each.name.startswith("v1_") and each.precision == "float32"
    ]
    assert len(table) == 16
    dominated = {table[i].name: table[j].name for i, j in front(table)[1].items()}
    assert set(dominated) == {
        "v1_0.25_224-float32",
        "v1_0.50_192-float32",
        "v1_1.00_128-float32",
    }


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=12
    )
)
def test_the_front_is_never_empty_and_splits_all(figures):
    some = [
        measured(str(i), top1 / 10, ms, latency_interval=(ms - wide / 2, ms + wide / 2))
        for i, (top1, ms, wide) in enumerate(figures)
    ]
    on_front, dominated = front(some)
    assert on_front
    assert set(on_front) | set(dominated) == set(range(len(some)))
    assert not set(on_front) & set(dominated)


def test_the_most_accurate_that_fits_is_recommended_with_what_the_runner_up_gives_up():
    some = [
        measured("big", 0.70, 40.0, apk_mb=8.4, fps=20.0),
        measured("mid", 0.60, 12.0, apk_mb=6.6, fps=28.0),
        measured("small", 0.40, 2.0, apk_mb=4.4, fps=30.0),
    ]
    answer = recommend(some, Budget(max_ms=20))
    assert answer.best.name == "mid"
    assert answer.runner_up.name == "small"
    assert answer.sentence == (
        "mid is the most accurate that fits: 60.0 % top-1 (published) at 12.0 ms, 28.0 FPS, "
        "APK 6.6 MB; the runner-up small gives up 20.0 points of top-1 but saves 10.0 ms and "
        "2.2 MB."
    )


@pytest.mark.parametrize(
    ("budget", "best"),
    [
        (Budget(max_ms=12.0), "mid"),
        (Budget(max_ms=11.9), "small"),
        (Budget(max_mb=6.6), "mid"),
        (Budget(min_fps=29), "small"),
        (Budget(min_top1=0.65), "big"),
        (Budget(), "big"),
    ],
)
def test_each_limit_limits(budget, best):
    some = [
        measured("big", 0.70, 40.0, apk_mb=8.4, fps=20.0),
        measured("mid", 0.60, 12.0, apk_mb=6.6, fps=28.0),
        measured("small", 0.40, 2.0, apk_mb=4.4, fps=30.0),
    ]
    assert recommend(some, budget).best.name == best


def test_the_runner_up_is_no_one_that_only_loses_if_another_gains():
    some = [
        measured("best", 0.70, 10.0),
        measured("loser", 0.69, 20.0),
        measured("cheap", 0.50, 5.0),
    ]
    assert recommend(some, Budget()).runner_up.name == "cheap"
    assert "gains nothing" in recommend(some[:2], Budget()).sentence


def test_ties_are_shown_as_ties():
    one = measured("one", 0.95, 5.0, top1_interval=(0.9, 0.98), latency_interval=(4.8, 5.2))
    other = measured("other", 0.96, 5.1, top1_interval=(0.91, 0.99), latency_interval=(4.9, 5.3))
    answer = recommend([one, other], Budget())
    assert answer.best is one  # as right as far as the pictures can tell, and faster
    assert answer.ties == (other,)
    assert "other ties with it, their intervals overlap" in answer.sentence


def test_as_right_within_the_interval_and_surely_faster_is_recommended():
    fast = measured("fast", 0.94, 2.0, top1_interval=(0.9, 0.98), latency_interval=(1.9, 2.1))
    slow = measured("slow", 0.95, 9.0, top1_interval=(0.91, 0.99), latency_interval=(8.8, 9.2))
    answer = recommend([fast, slow], Budget())
    assert answer.best is fast
    assert answer.ties == ()


def test_what_is_only_predicted_is_recommended_only_marked_so():
    told = Candidate(name="told", top1=0.7, top1_origin="published", latency_ms=5.0,
                     latency_interval=(3.0, 7.0), latency_origin="predicted")  # fmt: skip
    known = measured("known", 0.5, 5.0)
    answer = recommend([told, known], Budget())
    assert answer.best is told
    assert "predicted, 3.0 to 7.0: measure it first" in answer.sentence
    assert recommend([told, known], Budget(), measured_only=True).best is known


def test_where_nothing_fits_the_nearest_is_named_with_what_it_misses():
    some = [measured("big", 0.70, 40.0, apk_mb=8.4), measured("small", 0.40, 3.0, apk_mb=4.4)]
    answer = recommend(some, Budget(max_ms=2.5, min_top1=0.41))
    assert answer.best is None
    assert answer.sentence == (
        "Nothing fits: the nearest is small, it misses by 0.5 ms and 1.0 points of top-1."
    )


def test_without_anything_measured_the_next_action_is_named():
    assert "deploy a variant and measure it" in recommend([], Budget()).sentence
    invalid = measured("hot", 0.7, 5.0, valid=False)
    assert "no run is valid" in recommend([invalid], Budget()).sentence
