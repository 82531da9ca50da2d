from collections import Counter

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.measuring.ab import two_places
from engine.measuring.presets import PRESETS
from engine.measuring.sweep_plan import Place, SweepPlan, cross

MODELS = ("v1_0.25_128-int8", "v1_0.50_128-int8", "v1_1.00_224-int8")


@given(blocks=st.integers(3, 8), seed=st.integers(0, 10_000))
def test_every_block_has_every_place_once(blocks: int, seed: int) -> None:
    plan = SweepPlan(cross(MODELS, threads=(1, 2)), blocks=blocks, seed=seed)
    counted = Counter((turn.block, turn.place) for turn in plan.turns)
    assert set(counted.values()) == {1}
    assert len(counted) == blocks * 6
    assert [turn.block for turn in plan.turns] == sorted(turn.block for turn in plan.turns)


def test_the_order_differs_between_blocks_and_seeds_and_is_repeatable() -> None:
    plan = SweepPlan(cross(MODELS), blocks=10)
    orders = {
        tuple(turn.place for turn in plan.turns if turn.block == block) for block in range(1, 11)
    }
    assert len(orders) > 1
    assert plan.turns == SweepPlan(cross(MODELS), blocks=10).turns
    assert plan.turns != SweepPlan(cross(MODELS), blocks=10, seed=1).turns


def test_a_plan_comes_back_from_its_json() -> None:
    plan = SweepPlan(cross(MODELS, (1, 4), ("cpu",)), PRESETS["lab"], 4, 7, 31.5)
    assert SweepPlan.from_json(orjson.loads(orjson.dumps(plan.as_json()))) == plan


@pytest.mark.parametrize("values", [{}, {"places": [{"modle": 1}]}, {"places": [], "preset": {}}])
def test_a_plan_that_is_none_is_said(values: dict) -> None:
    with pytest.raises(LabError, match=r"cannot be read|nothing to measure"):
        SweepPlan.from_json(values)


def test_too_few_blocks_nothing_and_the_same_twice_are_refused() -> None:
    with pytest.raises(LabError, match="3 to 100 blocks"):
        SweepPlan(cross(MODELS), blocks=2)
    with pytest.raises(LabError, match="nothing to measure"):
        SweepPlan(())
    with pytest.raises(LabError, match="there twice"):
        SweepPlan((Place("/a/mine.tflite"), Place("/b/mine.tflite")))


def test_a_file_is_called_by_its_name() -> None:
    assert Place("/far/away/mine.tflite", 2).name == "mine, xnnpack, 2 threads, loop"
    assert Place("v1_0.50_128-int8", 1).name == "v1_0.50_128-int8, xnnpack, 1 thread, loop"


def test_the_same_twice_is_an_ab_test_of_its_own() -> None:
    mine = Place("v1_0.50_128-int8", 1)
    a, b = two_places(mine, mine)
    assert (a.name, b.name) == (f"{mine.name}, A", f"{mine.name}, B")
    assert SweepPlan((a, b)).places == (a, b)
    other = Place("v1_0.25_128-int8", 1)
    assert two_places(mine, other) == (mine, other)
