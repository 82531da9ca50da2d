"""Two runs are compared for what they are: repeats of a series, or two single runs."""

import pytest

from engine.errors import LabError
from engine.records.comparing import compare_runs
from engine.records.values import Flag
from tests.engine.records.conftest import keep_run


def test_two_single_runs_say_that_they_are_single(database):
    a, b = keep_run(database, ms=40), keep_run(database, ms=44, seed=1, serial="P3")
    found = compare_runs(database, a, b)
    assert found.difference.ratio == pytest.approx(1.1, rel=0.02)
    assert found.difference.detectable
    assert found.difference.sentence.startswith(f"Run {b} is ")
    assert found.blocks == (0, 0)
    assert found.differ == ("phone",)
    assert any("measured once" in each for each in found.caveats)


def test_the_same_thing_twice_shows_no_change(database):
    a, b = keep_run(database, seed=1), keep_run(database, seed=2)
    found = compare_runs(database, a, b)
    assert not found.difference.detectable
    assert found.differ == ()


def test_runs_of_a_series_stand_for_all_their_repeats(database):
    series = database.series.begin("ab", "A and B", {})
    runs = {
        (place, block): keep_run(
            database, ms=ms, seed=10 * block + len(place), series_id=series, place=place,
            block=block, flags=(Flag.HOT,) if (place, block) == ("a", 3) else (),
        )
        for block in (1, 2, 3)
        for place, ms in (("a", 40), ("bb", 50))
    }  # fmt: skip
    found = compare_runs(database, runs["a", 1], runs["bb", 2])
    assert found.blocks == (2, 3)  # what may not be ranked is left out
    assert found.difference.ratio == pytest.approx(1.25, rel=0.02)
    assert found.caveats == ()


def test_repeats_of_one_place_are_two_single_runs(database):
    series = database.series.begin("ab", "A and B", {})
    a, b = (
        keep_run(database, series_id=series, place="a", block=block, seed=block) for block in (1, 2)
    )
    assert compare_runs(database, a, b).blocks == (0, 0)


def test_an_invalid_run_is_said(database):
    a, b = keep_run(database), keep_run(database, seed=1, flags=(Flag.HOT, Flag.UNTRAINED))
    first, _ = compare_runs(database, a, b).caveats
    assert first == f"Run {b} may not be ranked: phone throttling."


def test_short_runs_are_not_cut_up(database):
    a, b = keep_run(database, count=30), keep_run(database, count=30, seed=1)
    assert not compare_runs(database, a, b).difference.detectable


def test_what_cannot_be_compared_is_one_sentence(database, facts):
    a, empty = keep_run(database), database.begin_run(facts)
    with pytest.raises(LabError, match="with itself"):
        compare_runs(database, a, a)
    with pytest.raises(LabError, match="no samples"):
        compare_runs(database, a, empty)
    with pytest.raises(LabError, match="no run 99"):
        compare_runs(database, a, 99)
