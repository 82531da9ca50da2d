"""A run taken apart: nothing is averaged across a slow-down."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.link.messages import Health
from engine.measuring.analysis import analyse
from tests.engine.measuring.known_runs import noise, samples


def run_of(factors, seed=1):
    return samples(60 * noise("normal", np.random.default_rng(seed), len(factors)) * factors)


def test_a_steady_run_has_one_part_after_its_warm_up():
    array = run_of(np.ones(500))
    found = analyse(array)
    assert found.throttling is None
    (part,) = found.parts
    assert (part.name, part.begin, part.end) == ("steady", found.warm_up.count, 500)
    assert found.summary is part.summary
    assert found.summary.warm_up == found.warm_up.count
    assert found.summary.settled
    assert found.summary.count == 500 - found.warm_up.count


def test_a_throttled_run_is_split_and_its_figures_are_those_of_before():
    factors = np.where(np.arange(1000) < 660, 1.0, 1.25)
    found = analyse(run_of(factors))
    steady, throttled = found.parts
    assert (steady.name, throttled.name) == ("steady", "throttled")
    assert steady.end == throttled.begin == pytest.approx(660, abs=40)
    assert throttled.end == 1000
    assert found.summary.median_ms == pytest.approx(60, rel=0.01)
    assert throttled.summary.median_ms == pytest.approx(75, rel=0.02)


def test_warm_up_is_found_in_a_run_that_throttles_too():
    factors = np.ones(1000)
    factors[:50] = 1.15
    factors[400:] = 1.2
    found = analyse(run_of(factors))
    assert 50 <= found.warm_up.count <= 90
    assert found.parts[0].end == pytest.approx(400, abs=40)
    assert found.summary.median_ms == pytest.approx(60, rel=0.01)


def test_a_run_that_began_hot_has_only_a_throttled_part():
    found = analyse(run_of(np.ones(500)), (Health(0, thermal=3),))
    assert [part.name for part in found.parts] == ["throttled"]
    assert found.summary is found.parts[0].summary
    assert found.throttling is not None


def test_no_samples_have_no_figures():
    found = analyse(samples([]))
    assert found.summary is None
    assert found.parts == ()
    assert not found.warm_up.settled


@given(
    st.lists(st.integers(0, 10**11), min_size=1, max_size=80),
    st.lists(st.tuples(st.integers(0, 10**11), st.integers(0, 3)), max_size=4),
)
def test_any_run_is_taken_apart_without_loss(latency_ns, told):
    array = samples(np.array(latency_ns) / 1e6)
    health = tuple(Health(at, thermal=status) for at, status in told)
    found = analyse(array, health)
    assert found.parts
    assert found.parts[0].begin == found.warm_up.count
    assert found.parts[-1].end == len(array)
    for before, after in zip(found.parts, found.parts[1:], strict=False):
        assert before.end == after.begin
    assert all(part.summary.count == part.end - part.begin for part in found.parts)
