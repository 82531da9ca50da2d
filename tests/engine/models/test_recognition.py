"""What a model said: which entries are worth showing."""

import pytest

from engine.models.recognition import worth_showing


@pytest.mark.parametrize(
    ("score", "box", "shown"),
    [(0.39, True, False), (0.4, True, True), (0.01, False, True)],
)
def test_only_faint_boxes_are_left_out(score, box, shown):
    assert worth_showing(score, box=box) is shown
