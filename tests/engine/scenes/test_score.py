"""Live accuracy: which answers count, and which nobody can judge."""

from engine.accuracy.shares import Share
from engine.scenes.score import DriveScore

LABELS = ("Not road", "Road")


def drive(score, *steps):
    for step in steps:
        if step.startswith("said "):
            score.hear(step.removeprefix("said "))
        else:
            score.look(step)
    return score.share


def test_answers_count_between_two_looks_at_the_same_truth():
    share = drive(DriveScore(LABELS), "road", "said Road", "road", "said Not road", "road")
    assert share == Share(1, 2)


def test_nothing_counts_where_the_truth_changed_in_between():
    assert drive(DriveScore(LABELS), "road", "said Road", "not_road") is None


def test_names_are_compared_as_a_folder_writes_them():
    assert drive(DriveScore(LABELS), "not_road", "said Not road", "not_road") == Share(1, 1)


def test_an_answer_counts_once_however_often_one_looks():
    assert drive(DriveScore(LABELS), "road", "said Road", "road", "road", "road") == Share(1, 1)


def test_the_newest_answer_counts():
    assert drive(DriveScore(LABELS), "road", "said Not road", "said Road", "road") == Share(1, 1)


def test_a_model_of_other_classes_is_not_judged():
    assert drive(DriveScore(("tench", "goldfish")), "road", "said tench", "road") is None


def test_without_truth_nothing_counts():
    assert drive(DriveScore(LABELS), "", "said Road", "") is None
