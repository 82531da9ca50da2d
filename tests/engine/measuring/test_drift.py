"""Whether the last minute is like the first."""

import pytest

from engine.measuring.drift import drift_of
from tests.engine.measuring.made import made_record, made_samples


def test_a_phone_that_slows_down_is_told_with_its_interval():
    drift = drift_of(made_record(made_samples(300, slower=1.12, at_s=150)))
    assert drift.detectable
    assert drift.ratio == pytest.approx(1.12, abs=0.01)
    assert drift.sentence.startswith("the last minute is 1")
    assert "slower than the first minute" in drift.sentence


def test_a_phone_that_holds_out_has_no_detectable_drift():
    drift = drift_of(made_record(made_samples(300)))
    assert not drift.detectable
    assert "No detectable change" in drift.sentence


@pytest.mark.parametrize("seconds", [0, 0.1, 200])
def test_a_short_run_says_nothing_of_it(seconds):
    assert drift_of(made_record(made_samples(seconds), ())) is None
