"""What the view reckons from answers."""

import pytest

from engine.accuracy.shares import Share
from gui.training.values import Told, interval_said, seconds_said, worst_classes


def test_cells_hold_every_answer_the_surest_first(answers):
    told = Told("int8", {0: "meadow", 1: "road"}, answers, None)
    cells = told.cells()
    assert sum(map(len, cells.values())) == len(answers)
    assert [len(cells[cell]) for cell in ((0, 0), (0, 1), (1, 1))] == [3, 1, 4]
    scores = [each.score for each in cells[0, 0]]
    assert scores == sorted(scores, reverse=True)


def test_of_many_classes_those_with_mistakes_are_in_sight(answers):
    names = {index: str(index) for index in range(40)}
    assert worst_classes(Told("int8", names, answers, None), 3) == (0, 1, 2)
    assert len(worst_classes(Told("int8", names, answers, None), 10)) == 10


def test_an_interval_is_said_in_percent():
    assert interval_said(Share(8, 8)) == "67.6 to 100.0 %"


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "1 s"), (59.6, "60 s"), (240, "4 min")])
def test_time_is_said_as_people_say_it(seconds, said):
    assert seconds_said(seconds) == said
