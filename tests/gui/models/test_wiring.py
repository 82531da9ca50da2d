"""The Models view at work: each wish is a job that says how it goes and how it ended."""

import pytest
from PySide6.QtCore import Qt

from engine.jobs import Outcome
from engine.models.store import ModelStore
from gui.models.wiring import ModelsSide


def ended(qtbot, side: ModelsSide, act):
    """Do something that changes the models, and wait until the table shows it."""
    told = []
    side.ended.connect(told.append)
    with qtbot.waitSignals([side.ended, side.read], timeout=20_000):
        act()
    side.ended.disconnect(told.append)
    return told[0]


def here(view) -> list[str]:
    return [line.name for line in view.list.lines.lines if line.kept is not None]


def test_nothing_is_read_while_nobody_looks(side, view):
    side.look()
    assert view.list.lines.lines == []
    assert not side.controller.jobs.busy("model table")


def test_all_networks_are_listed_and_the_first_is_told_of(shown, view):
    assert len(view.list.lines.lines) == 46  # with the sample
    assert view.about.title.text() == "v1 1.00 @ 224"
    assert any("Latency" in line.what for line in view.about.figures.lines)
    assert "points between" in view.about.apart.text()


def test_conflicting_figures_are_both_shown_with_their_sources(shown, view):
    view.list.choose("v1_0.75_224")
    macs = [line for line in view.about.figures.lines if "M" in line.value][:3]
    assert [line.value for line in macs] == ["325.40 M", "317.00 M", "317.00 M"]
    assert len({line.source for line in macs}) == 3
    assert "2.6 % less" in view.about.apart.text()


def test_what_is_built_appears_and_is_chosen(qtbot, shown, view):
    view.list.choose("v2_1.00_224")
    view.about.precision.choose("float16")
    told = ended(qtbot, shown, view.about.build_button.click)
    assert told.outcome is Outcome.COMPLETED
    assert shown.engine.asked == [("build", (("v2_1.00_224", "float16"),), None)]
    assert here(view) == ["road-or-not", "v2_1.00_224-float16"]
    assert view.list.table.line().name == "v2_1.00_224-float16"
    assert view.about.chip.text == "untrained"
    assert "Built" in view.list.work.said.what.text()
    assert shown.controller.shelf.read == 1


def test_a_build_says_how_far_it_is_and_is_cancelled(qtbot, shown, view):
    shown.engine.go_on.clear()
    view.about.build_button.click()
    work = view.list.work
    qtbot.waitUntil(lambda: work.bar.share == 0.5, timeout=20_000)
    assert "half of it" in work.said.aside.text()
    assert not view.about.build_button.isEnabled()
    assert ended(qtbot, shown, work.cancel_button.click).outcome is Outcome.CANCELLED
    assert view.about.build_button.isEnabled()


def test_several_networks_are_fetched_in_one_go(qtbot, shown, view):
    view.list.filter.setText("v1 1.00")
    view.list.table.selectAll()
    view.about.offers.setCurrentIndex(view.about.offers.findData("quant"))
    assert "4 models" in view.about.offers.currentText()
    ended(qtbot, shown, view.about.fetch_button.click)
    names = tuple(f"v1_1.00_{side}-quant" for side in (224, 192, 160, 128))
    assert shown.engine.asked == [("fetch", names)]


def test_offline_is_said_with_advice(qtbot, shown, view):
    shown.engine.trouble = "There is no network."
    ended(qtbot, shown, view.about.fetch_button.click)
    said = view.list.work.said
    assert (said.state, said.what.text()) == ("fail", "There is no network.")
    assert "network" in said.advice.text()


def test_a_file_that_is_dropped_is_kept(qtbot, shown, view, tiny):
    ended(qtbot, shown, lambda: view.list.folder_dropped.emit(tiny))
    assert "colours" in here(view)
    assert view.list.table.line().name == "colours"
    assert view.about.chip.text == "imported"


def test_what_is_no_model_is_refused_in_words(qtbot, shown, view, home):
    (home / "no.tflite").write_bytes(b"nothing")
    ended(qtbot, shown, lambda: view.list.folder_dropped.emit(home / "no.tflite"))
    assert view.list.work.said.state == "fail"
    assert "not a TensorFlow Lite model" in view.list.work.said.what.text()


def test_chosen_models_go_into_a_pack_and_come_out_of_it(qtbot, kept, shown, view, home):
    keys = tuple(each.key for each in kept[:1])
    ended(qtbot, shown, lambda: shown.pack(keys, home / "pack.zip"))
    ModelStore().remove(keys[0])
    ended(qtbot, shown, lambda: shown.take_in(home / "pack.zip"))
    assert "colours" in here(view)


def test_a_removal_is_undone(qtbot, kept, shown, view):
    view.list.choose("colours")
    ended(qtbot, shown, lambda: qtbot.keyClick(view.list.table, Qt.Key.Key_Delete))
    assert "colours" not in here(view)
    assert len(view.list.table.lines()) == 1  # what stands in its place
    assert view.list.work.undo_button.isVisible()
    ended(qtbot, shown, view.undo.activated.emit)
    assert "colours" in here(view)
    assert view.list.table.line().name == "colours"


def test_the_sample_can_be_used_but_not_removed(qtbot, shown, view, window):
    view.list.choose("road-or-not")
    assert not view.about.remove_button.isEnabled()
    view.about.use_button.click()
    ((path, labels),) = shown.controller.shelf.opened
    assert (path.stem, labels.name) == ("road-or-not", "labels.txt")
    assert window.splitter.isVisible()  # Live is in front, where it is deployed


def test_a_variant_is_used_at_its_precision_and_a_baseline_must_be_built_first(qtbot, shown, view):
    view.list.choose("v2_1.00_224")
    assert not view.about.use_button.isEnabled()
    assert "Build or fetch it first" in view.about.use_button.toolTip()
    view.list.choose("v1_0.50_128")
    with qtbot.waitSignal(shown.used, timeout=5_000) as told:
        view.list.activated.emit()
    assert told.args == ["v1_0.50_128-int8"]


def test_several_lines_offer_what_all_can(kept, shown, view):
    view.list.which.choose("here")
    view.list.table.selectAll()
    assert view.about.title.text() == "3 lines chosen"
    assert not view.about.use_button.isEnabled()
    assert view.about.pack_button.isEnabled()


@pytest.mark.parametrize("text", ["no such model"])
def test_an_empty_list_says_why(shown, view, text):
    view.list.filter.setText(text)
    assert view.list.nothing.isVisible()
    assert text in view.list.nothing.text()
    view.list.choose("v1_0.50_128")  # takes the filter away
    assert view.list.place.isVisible()
