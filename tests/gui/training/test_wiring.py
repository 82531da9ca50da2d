"""The Train view at work: from a folder to a result, corrections, and the way to the phone."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt

from engine.errors import LabError
from engine.jobs import Outcome
from gui.main_window import MainWindow
from gui.training.pictures_card import EMPTY, FOUND
from gui.training.train_card import KEPT, KEPT_HEAD
from gui.training.wiring import NO_PICTURES, NO_WEIGHTS, TrainingSide

COLLAPSE = LabError(
    "Training gave every picture the same answer: nothing tells meadow and road apart.",
    "Look whether the folders hold what their names say.",
)


def look(qtbot, side: TrainingSide, folder) -> None:
    with qtbot.waitSignal(side.pictures.looked, timeout=20_000):
        side.pictures.look(folder)


def train(qtbot, side: TrainingSide) -> Outcome:
    with qtbot.waitSignal(side.trained, timeout=20_000) as told:
        side.view.train.train_button.click()
    return told.args[0].outcome


@pytest.fixture
def looked(qtbot, side, drawn) -> TrainingSide:
    look(qtbot, side, drawn)
    return side


def test_without_pictures_nothing_can_be_trained(side):
    assert side.view.pictures.pages.currentIndex() == EMPTY
    assert not side.view.train.train_button.isEnabled()
    assert side.view.train.said.what.text() == NO_PICTURES
    assert not side.view.deploy_panel.deploy_button.isEnabled()


def test_a_folder_is_shown_with_its_split_and_what_is_left_out(looked):
    pictures = looked.view.pictures
    assert pictures.pages.currentIndex() == FOUND
    assert [line.total for line in pictures.bars.lines] == [14, 14]
    assert "6 near-copies" in pictures.copies_said.text()
    assert "only 14" in pictures.warnings.text()
    assert pictures.problem_line.said == "1 file"
    assert "ends in the middle" in pictures.problems.item(0).text()
    assert looked.view.train.train_button.isEnabled()


def test_the_keyboard_goes_on_to_training_when_a_folder_was_chosen(qtbot, side, drawn, window):
    window.activateWindow()
    side.view.pictures.choose_button.setFocus()
    look(qtbot, side, drawn)
    qtbot.waitUntil(side.view.train.train_button.isEnabled, timeout=20_000)
    assert window.focusWidget() is side.view.train.train_button


def test_another_seed_divides_anew_without_looking_again(qtbot, looked):
    looked.view.pictures.seed.setValue(1)
    qtbot.waitUntil(lambda: looked.view.pictures.bars.lines[1].train == 9, timeout=20_000)
    assert looked.view.train.wish().seed == 1


def test_a_folder_that_will_not_do_is_told_in_place_with_a_way_out(qtbot, side, engine, drawn):
    engine.trouble = LabError("There is only the class road.", "Make one folder per class.")
    look(qtbot, side, drawn)
    said = side.view.pictures.said
    assert said.state == "fail"
    assert "only the class" in said.what.text()
    assert said.button.isVisible()
    assert side.view.pictures.pages.currentIndex() == EMPTY


def test_looking_can_be_cancelled(qtbot, side, engine, drawn, window):
    engine.go_on.clear()
    side.pictures.look(drawn)
    qtbot.waitUntil(side.view.pictures.cancel_button.isVisible, timeout=20_000)
    with qtbot.waitSignal(side.pictures.looked, timeout=20_000) as told:
        window.shortcuts["Escape"].activated.emit()
    assert told.args[0].outcome is Outcome.CANCELLED
    assert side.view.pictures.said.state == "none"


def test_a_training_shows_its_passes_and_its_result(qtbot, looked):
    assert train(qtbot, looked) is Outcome.COMPLETED
    view = looked.view
    assert [each.number for each in view.train.curves.epochs] == [0, 1, 2]
    assert view.train.track.states == ["ok"] * 6
    assert view.result.digits.text() == "87.5"
    assert "n = 8" in view.result.interval.text()
    assert view.result.precision == "int8"
    assert view.result.confusion.counts == {(0, 0): 3, (0, 1): 1, (1, 1): 4}
    assert view.result.confusion.current == (0, 1)  # the mistake is what one wants to see
    assert [each.path.name for each in view.result.gallery.shots.answers] == ["3.png"]


def test_cancel_keeps_what_was_learned_and_says_so(qtbot, looked, engine):
    engine.go_on.clear()
    view = looked.view
    view.train.train_button.click()
    qtbot.waitUntil(lambda: len(view.train.curves.epochs) == 3, timeout=20_000)
    with qtbot.waitSignal(looked.trained, timeout=20_000) as told:
        view.train.cancel_button.click()
    assert told.args[0].outcome is Outcome.CANCELLED
    assert view.train.said.what.text() == KEPT
    engine.go_on.set()
    assert train(qtbot, looked) is Outcome.COMPLETED
    assert [resume for _wish, _marks, resume in engine.asked] == [False, True]


def test_a_collapse_is_explained_where_it_happens(qtbot, looked, engine):
    engine.trouble = COLLAPSE
    assert train(qtbot, looked) is Outcome.FAILED
    said = looked.view.train.said
    assert said.state == "fail"
    assert "same answer" in said.what.text()
    assert "Look whether" in said.advice.text()
    assert "fail" in looked.view.train.track.states


def test_a_collapse_that_was_undone_is_told_with_the_result(qtbot, looked, engine):
    engine.notice = "Training fell to one answer for every picture: that was undone."
    assert train(qtbot, looked) is Outcome.COMPLETED
    assert looked.view.result.notice.state == "warn"
    assert "undone" in looked.view.result.notice.what.text()
    assert "undone" in looked.view.train.said.advice.text()


def test_a_second_stage_is_off_until_it_is_asked_for(qtbot, looked, engine):
    train(qtbot, looked)
    card = looked.view.train
    assert "minutes" in card.stages.itemText(1)
    card.stages.setCurrentIndex(2)
    assert train(qtbot, looked) is Outcome.COMPLETED
    assert [wish.blocks for wish, _marks, _resume in engine.asked] == [0, 2]
    assert looked.view.train.curves.key.stage == "second stage"


def test_cancelled_in_the_second_stage_the_head_can_be_used_alone(qtbot, looked, engine):
    card = looked.view.train
    card.stages.setCurrentIndex(1)
    engine.go_on.clear()
    card.train_button.click()
    qtbot.waitUntil(lambda: len(card.curves.epochs) == 2, timeout=20_000)
    with qtbot.waitSignal(looked.trained, timeout=20_000):
        card.cancel_button.click()
    assert card.said.what.text() == KEPT_HEAD
    engine.go_on.set()
    card.stages.setCurrentIndex(0)
    assert train(qtbot, looked) is Outcome.COMPLETED
    assert [resume for _wish, _marks, resume in engine.asked] == [False, True]


def test_variants_that_cannot_be_retrained_are_told_of_and_not_offered(looked):
    variants = looked.view.train.variant
    names = [variants.itemData(at) for at in range(variants.count() - 1)]
    assert all(name.startswith("v1_") for name in names)
    last = variants.count() - 1
    assert "v1 only" in variants.itemText(last)
    assert not variants.model().item(last).isEnabled()


def test_corrections_go_into_the_next_training(qtbot, looked, engine, drawn):
    train(qtbot, looked)
    result = looked.view.result
    assert result.again_button.isHidden()
    result.gallery.selectAll()
    qtbot.keyClick(result.gallery, Qt.Key.Key_2)
    assert looked.view.corrections.said(drawn / "meadow" / "3.png") == "road"
    assert not result.again_button.isHidden()
    with qtbot.waitSignal(looked.trained, timeout=20_000):
        result.again_button.click()
    assert dict(engine.asked[-1][1].relabelled) == {drawn / "meadow" / "3.png": "road"}
    assert result.again_button.isHidden()


def test_a_correction_is_undone_by_its_shortcut(qtbot, looked, drawn):
    train(qtbot, looked)
    result = looked.view.result
    result.gallery.selectAll()
    result.exclude_button.click()
    assert looked.view.corrections.said(drawn / "meadow" / "3.png") == ""
    looked.view.shortcuts["Ctrl+Z"].activated.emit()
    assert looked.view.corrections.said(drawn / "meadow" / "3.png") is None
    assert not result.undo_button.isEnabled()


def test_another_folder_forgets_result_and_corrections(qtbot, looked, tmp_path):
    train(qtbot, looked)
    looked.view.result.gallery.selectAll()
    looked.view.result.exclude_button.click()
    (tmp_path / "other").mkdir()
    look(qtbot, looked, tmp_path / "other")
    assert looked.view.corrections.marks.count == 0
    assert looked.view.result.result is None
    assert looked.chosen_model() is None


def test_the_weights_of_a_file_bring_their_variant(qtbot, side, tmp_path):
    train_card = side.view.train
    side.take_file(tmp_path / "own.tflite")
    qtbot.waitUntil(lambda: train_card.wish().weights == tmp_path / "own.tflite", timeout=20_000)
    assert train_card.wish().variant == "v1_0.25_160"


def test_a_file_without_weights_is_refused_in_place(qtbot, looked, tmp_path):
    assert looked.view.train.said.what.text() == NO_WEIGHTS
    looked.take_file(tmp_path / "own.txt")
    qtbot.waitUntil(lambda: looked.view.train.said.state == "fail", timeout=20_000)
    assert looked.view.train.wish().weights is None


def test_deploy_makes_the_retrained_model_the_chosen_one(qtbot, looked):
    train(qtbot, looked)
    looked.show_phone((True, "Puts it on the phone"), (True, ""))
    panel, result = looked.view.deploy_panel, looked.view.result
    with qtbot.waitSignal(looked.deploy_wanted, timeout=20_000):
        panel.deploy_button.click()
    result.precisions.choose(result.precisions.words[0])
    with qtbot.waitSignal(looked.swap_wanted, timeout=20_000):
        panel.swap_button.click()
    opened = [path.stem for path in looked.controller.shelf.opened]
    assert opened == ["drawn-int8", "drawn-float32"]


def test_ctrl_d_deploys_what_the_view_in_front_shows(qtbot, looked, window: MainWindow):
    train(qtbot, looked)
    looked.show_phone((True, ""), (False, ""))
    with qtbot.waitSignal(looked.deploy_wanted, timeout=20_000):
        window.shortcuts["Ctrl+D"].activated.emit()


def test_the_phones_answers_are_shown_only_of_the_retrained_model(qtbot, looked):
    train(qtbot, looked)
    looked.take_running(SimpleNamespace(sha256="cd" * 32))
    assert looked.view.on_phone.isHidden()
    looked.take_running(SimpleNamespace(sha256="ab" * 32))
    assert not looked.view.on_phone.isHidden()
    looked.take_running(None)
    assert looked.view.on_phone.isHidden()


def test_a_tried_model_is_marked_as_measured_here(qtbot, side, drawn):
    with qtbot.waitSignal(side.trial.tried, timeout=20_000):
        side.trial.try_model(drawn)
    result = side.view.result
    assert "Measured on your pictures, n = 8; no published figure" in result.origin.text()
    assert "random" in result.notice.what.text()
    assert result.actions.isHidden()
    assert result.digits.text() == "87.5"


def test_both_results_can_be_seen_one_after_the_other(qtbot, looked, drawn):
    train(qtbot, looked)
    with qtbot.waitSignal(looked.trial.tried, timeout=20_000):
        looked.trial.try_model(drawn)
    result = looked.view.result
    assert result.result.tried
    result.which.choose("retrained")
    assert not result.result.tried
    assert not result.actions.isHidden()


def test_a_model_that_learned_from_the_pictures_says_so(side, drawn, tmp_path):
    side.trial.learned_from = {tmp_path / "m.tflite": drawn}
    assert "learned from" in side.trial._warning(tmp_path / "m.tflite", drawn, untrained=False)
    assert side.trial._warning(tmp_path / "m.tflite", tmp_path, untrained=False) == ""


def test_a_report_is_written_and_its_place_told(qtbot, side, evaluation, tmp_path, window):
    from gui.training.work import save_report

    with qtbot.waitSignal(side.trial.saved, timeout=20_000) as told:
        side.trial.save(lambda: save_report(evaluation, tmp_path / "accuracy.html"))
    assert told.args[0].outcome is Outcome.COMPLETED
    assert "n = 8" in (tmp_path / "accuracy.html").read_text()


def test_a_report_that_cannot_be_written_is_told_in_place(qtbot, looked, evaluation, tmp_path):
    from gui.training.work import save_report

    train(qtbot, looked)
    with qtbot.waitSignal(looked.trial.saved, timeout=20_000):
        looked.trial.save(lambda: save_report(evaluation, tmp_path / "nowhere" / "a.html"))
    assert looked.view.result.notice.state == "fail"
