"""A model on a person's pictures: measured, told apart from what is published, recorded."""

import pytest

from engine.jobs import Outcome
from gui.models.judging_side import NOT_HERE
from gui.models.view import ACCURACY, COMPARE


@pytest.fixture
def judge(qtbot, kept, shown):
    """Try the chosen model, or it against the other, and wait for the table to be read again."""

    def run(act, folder):
        told = []
        shown.judging.judged.connect(told.append)
        with qtbot.waitSignals([shown.judging.judged, shown.read], timeout=20_000):
            act(folder)
        shown.judging.judged.disconnect(told.append)
        return told[0]

    return run


def test_a_model_is_tried_and_recorded_with_its_interval(judge, shown, view, pictures):
    view.list.choose("colours")
    view.page.choose(ACCURACY)
    assert judge(shown.judging.judge, pictures).outcome is Outcome.COMPLETED
    page = view.accuracy
    assert (page.top1.digits.text(), page.top1.interval.text()) == (
        "100.0",
        "61.0 to 100.0 %, n = 6",
    )
    assert "Measured on your pictures" in page.origin.text()
    assert "no published figure" in page.origin.text()
    assert not page.top5.isVisible()  # of three classes it says nothing
    assert [row.share.n for row in page.classes.rows] == [2, 2, 2]
    (judged,) = shown.controller.records().judged()
    assert (judged.name, judged.top1, judged.pictures) == ("colours", 6, 6)
    line = view.list.table.line()
    assert line.kept.judged == (judged,)


def test_each_models_result_is_shown_with_that_model_only(judge, shown, view, pictures):
    view.list.choose("colours")
    judge(shown.judging.judge, pictures)
    view.list.choose("swapped")
    assert view.accuracy.tried is None
    view.list.choose("colours")
    assert view.accuracy.tried.name == "colours"


def test_mistakes_are_shown_with_what_was_said(judge, shown, view, pictures):
    view.list.choose("swapped")
    judge(shown.judging.judge, pictures)
    page = view.accuracy
    assert page.top1.digits.text() == "33.3"
    assert {each.path.parent.name for each in page.worst.shots.answers} == {"red", "blue"}
    assert set(page._said.values()) == {"red", "blue"}
    assert page.classes.rows[0].share.hits == 0  # the worst class first
    page.confusion.choose(0, 2)
    assert "2 blue taken for red" in page.cell.text()


def test_two_models_are_compared_on_the_same_pictures(judge, shown, view, pictures):
    view.list.choose("colours")
    view.page.choose(COMPARE)
    page = view.difference
    page.other.setCurrentIndex(page.other.findText("swapped"))
    assert judge(shown.judging.compare, pictures).outcome is Outcome.COMPLETED
    assert page.which.words == ("first right 4", "second right 0", "neither 0")
    assert len(page.gallery.shots.answers) == 4
    assert "do not tell which is better" in page.verdict.text()
    page.gallery.setCurrentIndex(page.gallery.model().index(0, 0))
    assert "the first said" in page.picture.text()
    assert {each.name for each in shown.controller.records().judged()} == {"colours", "swapped"}


def test_two_chosen_models_are_those_to_compare(kept, shown, view):
    view.list.which.choose("here")
    table, rows = view.list.table, range(view.list.kept.rowCount())
    names = [view.list.kept.index(row, 0).data() for row in rows]
    flags = table.selectionModel().SelectionFlag
    table.selectRow(names.index("colours"))
    second = view.list.kept.index(names.index("swapped"), 0)
    table.selectionModel().select(second, flags.Select | flags.Rows)
    assert view.difference.title.text() == "colours"
    assert view.difference.other.currentText() == "swapped"


def test_why_nothing_can_be_tried_is_said(shown, view):
    view.list.choose("v1_0.50_128")
    assert view.accuracy.hint.text() == NOT_HERE
    assert not view.accuracy.choose_button.isEnabled()
    view.list.choose("road-or-not")
    assert view.accuracy.hint.text() == ""
    assert "no other trained classifier" in view.difference.hint.text()


def test_a_folder_of_other_classes_is_refused_in_words(judge, shown, view, pictures):
    view.list.choose("road-or-not")
    assert judge(shown.judging.judge, pictures).outcome is Outcome.FAILED
    said = view.accuracy.work.said
    assert (said.state, said.what.text()) == ("fail", "The model has no class blue, green, red.")
    assert view.accuracy.choose_button.isEnabled()
