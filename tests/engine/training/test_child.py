"""What the child says of its troubles: a sentence each, for bugs the trace."""

import errno
import io
import pickle

import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Progress
from engine.training.child import served
from engine.training.orders import Crashed, Done, Order, Refused, Stopped


class Cook:
    """Carries an order out as it is told to."""

    def __init__(self, does):
        self.does = does

    def serve(self, _order, _cancel, tell):
        return self.does(tell)


def raising(error):
    def does(_tell):
        raise error

    return does


def last_word(does, answers=None):
    return served(Cook(does), Order(1, "retrain"), CancelToken(), answers or io.BytesIO())


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (LabError("The folder is empty."), "The folder is empty."),
        (MemoryError(), "too little memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "no room left on the disk"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "no room left on the disk"),
    ],
)
def test_what_a_person_can_act_on_is_a_sentence(error, what):
    said = last_word(raising(error))
    assert isinstance(said, Refused)
    assert what in said.what


def test_a_bug_is_told_with_its_trace():
    said = last_word(raising(KeyError("features")))
    assert isinstance(said, Crashed)
    assert "KeyError: 'features'" in said.trace


def test_a_cancel_and_a_result_are_words_too():
    assert last_word(raising(Cancelled())) == Stopped()
    assert last_word(lambda _tell: 7) == Done(7)


def test_a_flood_of_progress_is_thinned_but_each_steps_end_is_told():
    def does(tell):
        for at in range(1, 1001):
            tell(Progress("test", at / 1000))
        tell(Progress("next", 0.0))

    answers = io.BytesIO()
    last_word(does, answers)
    answers.seek(0)
    said = []
    while answers.tell() < len(answers.getvalue()):
        said.append(pickle.load(answers))
    assert len(said) < 500
    assert said[0].fraction == 0.001
    assert [each.fraction for each in said[-2:]] == [1.0, 0.0]
