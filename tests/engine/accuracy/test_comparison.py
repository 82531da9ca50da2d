import pytest

from engine.accuracy.comparison import compare
from engine.errors import LabError

RIGHT, WRONG = (0, 1), (1, 0)


def answers(*said):
    return [(0, each, 0.8) for each in said]


def test_pictures_that_only_one_tells_right_are_counted(evaluation):
    first = evaluation(answers(RIGHT, RIGHT, WRONG, WRONG))
    second = evaluation(answers(RIGHT, WRONG, RIGHT, WRONG))
    result = compare(first, second)
    assert (result.only_first, result.only_second) == (1, 1)
    assert [each.path.name for each in result.differences] == ["001.png", "002.png"]
    assert result.agreement == 0.5


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [  # two-sided binomial tails with a half, by hand: 2 (1 + 6) / 2^6, 2 / 2^10, all
        (1, 5, 14 / 64),
        (10, 0, 2 / 1024),
        (3, 3, 1.0),
        (0, 0, 1.0),
    ],
)
def test_chance_is_mcnemars_exact_one(evaluation, only_first, only_second, p):
    first = evaluation(answers(*[RIGHT] * only_first, *[WRONG] * only_second, RIGHT))
    second = evaluation(answers(*[WRONG] * only_first, *[RIGHT] * only_second, RIGHT))
    assert compare(first, second).p_value == pytest.approx(p)


def test_the_better_one_is_named_only_beyond_chance(evaluation):
    good = evaluation(answers(*[RIGHT] * 12), model="good")
    bad = evaluation(answers(*[WRONG] * 12), model="bad")
    close = evaluation(answers(*[RIGHT] * 10, WRONG, WRONG), model="close")
    assert "good is better" in compare(bad, good).verdict
    assert "do not tell" in compare(good, close).verdict
    assert "same pictures" in compare(good, good).verdict


def test_other_pictures_cannot_be_compared(evaluation):
    with pytest.raises(LabError, match="not tried on the same pictures"):
        compare(evaluation(answers(RIGHT)), evaluation(answers(RIGHT, RIGHT)))


def test_classes_are_compared_by_name_where_models_number_them_differently(evaluation):
    first = evaluation([(0, (0,), 0.9)], labels=("cat", "dog"))
    second = evaluation([(1, (1,), 0.9)], labels=("background", "cat", "dog"))
    assert compare(first, second).differences == ()
