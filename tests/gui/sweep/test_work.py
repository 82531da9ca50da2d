"""What the page makes of the records and of a wish."""

from contextlib import closing

import pytest

from engine.measuring.sweep_plan import Place, SweepPlan, cross
from engine.records.database import Database
from gui.sweep.values import AbWish, Model, Repeats, Side, SweepWish
from gui.sweep.work import Engine, estimate, plan_of, short_title, span, task_of

A = Side("v1_0.50_128-int8", 4, "xnnpack", "loop")


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    with closing(Database(tmp_path / "lab.sqlite")) as opened:
        yield opened


def test_a_wish_is_the_plan_it_looks_like():
    repeats = Repeats("lab", 4, 9, 31.0)
    plan = plan_of(SweepWish(("a", "b"), (1, 2), ("cpu",), ("camera",), repeats))
    assert len(plan.turns) == 2 * 2 * 4
    assert plan.places[0] == Place("a", 1, "cpu", "camera")
    assert (plan.preset.name, plan.seed, plan.start_c) == ("lab", 9, 31.0)


def test_an_ab_test_is_of_its_own_kind():
    assert task_of(AbWish(A, A._replace(threads=2))).kind == "ab"
    assert [place.label for place in task_of(AbWish(A, A)).plan.places] == ["A", "B"]
    assert estimate(AbWish(A, A), ()).same


def test_what_is_not_built_is_counted_once():
    models = (Model("a", "a", "variants", built=False), Model("b", "b", "variants"))
    told = estimate(SweepWish(("a", "b"), (1, 2)), models)
    assert (told.runs, told.unbuilt) == (12, 1)
    assert "1 model is built" in told.sentence


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (50, "50 s"), (300, "5 min"), (3 * 3600, "3.0 h")]
)
def test_times_are_said_as_people_do(seconds, said):
    assert span(seconds) == said


def test_titles_leave_out_what_all_share():
    places = cross(("a", "b"), (1, 2))
    assert short_title(places[0], places) == "a, 1 thread"
    assert short_title(places[0], places[:1]) == "a"


def test_all_variants_baselines_and_unfinished_series_are_offered(database):
    plan = SweepPlan(cross(("v1_0.50_128-int8", "v1_0.25_128-int8")))
    series = database.series.begin("sweep", "two", plan.as_json())
    offer = Engine(lambda: database, lambda: None).offer()
    names = [model.name for model in offer.models]
    assert len(names) == len(set(names))
    assert sum(name.startswith("v1_") for name in names) == 48
    assert "inception_v1_224-int8" in names
    assert "road-or-not" in names  # the sample that ships
    (unfinished,) = offer.unfinished
    assert unfinished.sentence == f"Sweep {series}: 0 of 6 measured."


def test_a_series_without_runs_stands_at_nothing(database):
    plan = SweepPlan(cross(("v1_0.50_128-int8", "v1_0.25_128-int8")))
    series = database.series.begin("ab", "two", plan.as_json())
    standing = Engine(lambda: database, lambda: None).standing(series)
    assert (standing.measured, standing.planned, standing.change) == (0, 6, None)
    assert standing.lines[0].alpha == 0.5
