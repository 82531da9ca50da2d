import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.accuracy.shares import Share


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [  # by hand from Wilson's formula with z = 1.959964; the report's 95.0 % for n = 600 and 300
        (570, 600, 0.9296, 0.9647),
        (285, 300, 0.9192, 0.9694),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_the_interval_is_wilsons(hits, n, low, high):
    assert Share(hits, n).interval == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_value_and_stays_within_0_and_1(counted):
    share = Share(*counted)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-12
    assert share.value - 1e-12 <= high <= 1


@pytest.mark.parametrize(("hits", "n"), [(-1, 3), (4, 3), (0, 0)])
def test_what_cannot_be_counted_is_refused(hits, n):
    with pytest.raises(ValueError, match="of"):
        Share(hits, n)


def test_a_share_says_its_value_interval_and_count():
    assert str(Share(570, 600)) == "95.0 % (93.0 to 96.5, n = 600)"
