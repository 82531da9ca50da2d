"""What the charts draw: nothing is invented, spikes are kept, gaps stay gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.link.messages import SAMPLE_DTYPE
from gui.chart_data import STAGES, Columns, Ring, axis_end, nice_top, stack_columns

SECOND = 1_000_000_000


def at_times(times_ns: list[int]) -> np.ndarray:
    samples = np.zeros(len(times_ns), SAMPLE_DTYPE)
    samples["sequence"] = np.arange(len(times_ns))
    samples["finished_ns"] = times_ns
    for number, stage in enumerate(STAGES, start=1):
        samples[f"{stage}_ns"] = number * 1_000_000
    return samples


def test_the_ring_forgets_the_oldest_beyond_its_capacity():
    ring = Ring(8)
    for start in range(0, 30, 3):
        ring.append(at_times([start, start + 1, start + 2]))
    assert len(ring) == 8
    assert ring.since(0)["finished_ns"].tolist() == list(range(22, 30))


@given(st.lists(st.integers(1, 30), max_size=20), st.integers(1, 20))
def test_the_ring_holds_the_newest_whatever_the_batches(batches: list[int], capacity: int):
    ring, sent = Ring(capacity), 0
    for size in batches:
        ring.append(at_times(list(range(sent, sent + size))))
        sent += size
    assert ring.since(0)["finished_ns"].tolist() == list(range(max(0, sent - capacity), sent))


def test_since_returns_only_what_was_finished_by_then():
    ring = Ring(100)
    ring.append(at_times([10, 20, 30, 40]))
    assert ring.since(25)["finished_ns"].tolist() == [30, 40]
    assert ring.since(-5)["finished_ns"].tolist() == [10, 20, 30, 40]


def test_a_stretch_ends_before_its_end():
    ring = Ring(100)
    assert ring.oldest_ns is None
    ring.append(at_times([10, 20, 30, 40]))
    assert ring.between(20, 40)["finished_ns"].tolist() == [20, 30]
    assert ring.between(50, 60)["finished_ns"].tolist() == []
    assert ring.oldest_ns == 10


def test_a_single_slow_sample_is_not_lost_among_many():
    samples = at_times([n * 1_000_000 for n in range(10_000)])
    samples["infer_ns"][5_000] = 80_000_000
    stack = stack_columns(samples, 10 * SECOND, seconds=30, columns=100)
    assert stack is not None
    assert stack.slowest_ms.max() == pytest.approx(80 + 2 + 3 + 4)
    assert stack.edges_ms[-1].max() == pytest.approx(10)


def test_stages_add_up_to_a_real_sample():
    stack = stack_columns(at_times([SECOND, 2 * SECOND]), 3 * SECOND, seconds=30, columns=300)
    assert stack is not None
    assert stack.edges_ms[:, 0].tolist() == pytest.approx([1, 3, 6, 10])


def test_a_pause_leaves_a_gap():
    times = [n * 40_000_000 for n in range(100)]
    times += [times[-1] + 5 * SECOND + n * 40_000_000 for n in range(100)]
    stack = stack_columns(at_times(times), times[-1], seconds=30, columns=300)
    assert stack is not None
    assert stack.gap.sum() == 1


def test_a_slow_model_has_no_gaps():
    times = [n * 2 * SECOND for n in range(10)]
    stack = stack_columns(at_times(times), times[-1], seconds=30, columns=300)
    assert stack is not None
    assert not stack.gap.any()


def test_columns_keep_their_shape_while_they_move():
    samples = at_times([n * 7_000_000 for n in range(1000)])
    first = stack_columns(samples, 7 * SECOND, seconds=30, columns=300)
    later = stack_columns(samples, 7 * SECOND + 33_000_000, seconds=30, columns=300)
    assert first is not None
    assert later is not None
    assert np.allclose(later.age_s - first.age_s, 0.033)
    assert (later.slowest_ms == first.slowest_ms).all()


@given(st.floats(1e-3, 1e6))
def test_the_axis_ends_above_the_value_at_a_short_number(value: float):
    top = nice_top(value)
    assert value <= top * (1 + 1e-6)
    assert top <= 2 * value * (1 + 1e-6)
    assert float(f"{top:.0e}") == pytest.approx(top)


def test_one_very_slow_sample_does_not_press_the_others_flat():
    samples = at_times([n * 40_000_000 for n in range(700)])
    samples["infer_ns"][300] = 500_000_000
    stack = stack_columns(samples, 28 * SECOND, seconds=30, columns=250)
    assert stack is not None
    assert axis_end(stack) < 20
    assert axis_end(stack) > stack.edges_ms[-1].max()


@given(
    st.lists(st.tuples(st.integers(1, 40), st.floats(-3, 3)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_columns_that_are_remembered_are_those_of_all_samples(steps, random):
    ring, columns, sent = Ring(1 << 12), Columns(), 40 * SECOND
    for count, back_s in steps:
        times = sorted(sent + random.randrange(1, SECOND) for _ in range(count))
        sent = times[-1]
        samples = at_times(times)
        samples["infer_ns"] = [random.randrange(1, 10**8) for _ in times]
        ring.append(samples)
        edge = sent - int(back_s * SECOND)
        told = columns.stack(ring, edge, seconds=3, columns=30)
        held = ring.between(0, edge + 1)
        asked = stack_columns(held, edge, seconds=3, columns=30)
        keep = asked.age_s < 3 if asked is not None else None
        if told is None:
            assert asked is None or not keep.any()
            continue
        shown = told.age_s < 3
        assert told.age_s[shown].tolist() == asked.age_s[keep].tolist()
        assert told.edges_ms[:, shown].tolist() == asked.edges_ms[:, keep].tolist()
        assert told.slowest_ms[shown].tolist() == asked.slowest_ms[keep].tolist()
