"""The Sweep page: from a tick to a ranking, and what may come between."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt

from engine.jobs import Outcome
from gui.sweep.values import Unfinished
from tests.gui.sweep.conftest import make_offer

THREE = ("v1_0.25_128-int8", "v1_0.50_160-int8", "v1_1.00_224-int8")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def begun(qtbot, side, engine):
    """A sweep of the three in its third run."""
    side.view.models.tick(THREE)
    qtbot.mouseClick(side.view.start_button, LEFT)
    qtbot.waitUntil(lambda: "9 min" in side.view.standing.said.what.text(), timeout=5000)
    return side


def end(qtbot, side, engine):
    with qtbot.waitSignal(side.ended, timeout=5000) as told:
        engine.go_on.set()
    return told.args[0]


def test_without_a_tick_nothing_can_be_started(side):
    assert not side.view.start_button.isEnabled()
    assert side.view.estimate.text() == "Tick the models to measure."


@pytest.mark.parametrize("precision", ["int8", "float32"])
def test_a_click_ticks_all_sixteen(qtbot, side, precision):
    qtbot.mouseClick(side.view.models.picks[f"16 {precision}"], LEFT)
    ticked = side.view.models.ticked()
    assert len(ticked) == 16
    assert all(name.endswith(precision) for name in ticked)


def test_the_time_is_estimated_before_and_building_is_named_apart(qtbot, side):
    qtbot.mouseClick(side.view.models.picks["16 int8"], LEFT)
    assert side.view.estimate.text() == "48 runs, about 4 min."
    qtbot.mouseClick(side.view.models.picks["16 float32"], LEFT)
    assert side.view.estimate.text().startswith("48 runs, about 4 min. Before it 16 models are")
    side.view.cross.threads[0].setChecked(True)
    assert side.view.estimate.text().startswith("96 runs")


def test_only_what_the_phone_offers_can_be_chosen(side):
    hello = SimpleNamespace(max_threads=2, delegates=("xnnpack", "cpu"), sources=("loop",))
    side.view.show_hello(hello)
    enabled = [each.text() for each in side.view.cross.threads if each.isEnabled()]
    assert enabled == ["1", "2"]
    assert [each.text() for each in side.view.cross.delegates if each.isEnabled()] == [
        "xnnpack", "cpu",
    ]  # fmt: skip
    assert side.view.cross.chosen() == ((2,), ("xnnpack",), ("loop",))  # 4 is too many
    side.view.mode.choose("A/B")
    assert side.view.a.side().threads == 2


def test_before_the_phone_told_what_it_has_the_usual_is_left_to_it(side):
    assert side.view.cross.chosen()[0] == ()
    assert side.view.a.side().threads is None
    side.view.cross.threads[0].setChecked(True)
    assert side.view.cross.chosen()[0] == (1, 4)


def test_what_is_ticked_is_measured(begun, engine):
    plan = engine.tasks[0].plan
    assert [place.model for place in plan.places] == [*reversed(THREE)]  # as listed
    assert plan.blocks == 3
    assert plan.preset.name == "quick"
    assert begun.running
    assert not begun.view.kinds.isEnabled()


def test_while_it_runs_the_ranking_grows_and_says_what_does_not_count(begun):
    card = begun.view.standing
    assert card.share.text() == "25 %"
    assert card.title.text() == "Sweep 7: 3 models, quick"
    assert card.answer.text().startswith("Fastest")
    assert [line.rank for line in card.ranking.lines] == [1, 1, None]
    said = card.ranking.accessibleDescription()
    assert "1 shared. v1_0.25_160-int8: 5.10 ms" in said
    assert "v1_1.00_224-int8: nothing counts" in said


def test_the_end_is_told_and_the_session_let_go(qtbot, begun, engine):
    ended = end(qtbot, begun, engine)
    assert ended.outcome is Outcome.COMPLETED
    card = begun.view.standing
    assert card.said.what.text() == "Done: 9 of 9 runs measured."
    assert card.html_button.isEnabled()
    assert not card.cancel_button.isVisible()
    assert begun.controller.let_go_count == 1
    assert begun.controller.shelf.read == 1
    assert begun.view.kinds.isEnabled()


def test_cancel_keeps_what_was_measured_and_offers_the_rest(qtbot, begun, engine):
    engine.offered = make_offer(unfinished=(Unfinished(7, "sweep", "3 models", 2, 9),))
    with qtbot.waitSignals([begun.ended, begun.offered], timeout=5000):
        qtbot.mouseClick(begun.view.standing.cancel_button, LEFT)
    card = begun.view.standing
    assert "Cancelled: 2 of 9 runs measured and kept" in card.said.what.text()
    assert card.answer.text().startswith("Fastest")
    (row,) = begun.view.unfinished.rows
    assert row.series.sentence == "Sweep 7: 2 of 9 measured."
    assert row.resume_button.isEnabled()


def test_an_unfinished_series_is_resumed(qtbot, side, engine):
    engine.offered = make_offer(unfinished=(Unfinished(7, "ab", "two", 17, 48),))
    with qtbot.waitSignal(side.offered, timeout=5000):
        side.refresh()
    qtbot.mouseClick(side.view.unfinished.rows[0].resume_button, LEFT)
    qtbot.waitUntil(engine.begun.is_set, timeout=5000)
    assert engine.tasks == [("ab", None, 7)]


def test_an_unfinished_series_is_closed(qtbot, side, engine):
    engine.offered = make_offer(unfinished=(Unfinished(7, "sweep", "3 models", 17, 48),))
    with qtbot.waitSignal(side.offered, timeout=5000):
        side.refresh()
    assert side.view.unfinished.isVisible()
    with qtbot.waitSignal(side.offered, timeout=5000):
        qtbot.mouseClick(side.view.unfinished.rows[0].close_button, LEFT)
    assert engine.closed == [7]
    assert not side.view.unfinished.isVisible()


def test_a_phone_that_left_is_said_and_waited_for(qtbot, side, engine):
    engine.left = True
    side.view.models.tick(THREE)
    qtbot.mouseClick(side.view.start_button, LEFT)
    said = side.view.standing.said
    qtbot.waitUntil(lambda: "the phone left" in said.what.text(), timeout=5000)
    assert said.state == "warn"
    assert side.running


def test_a_phone_that_stays_away_ends_it_with_what_to_do(qtbot, begun, engine, lost):
    engine.trouble = lost
    assert end(qtbot, begun, engine).outcome is Outcome.FAILED
    said = begun.view.standing.said
    assert said.state == "fail"
    assert "resume series 7" in said.advice.text()


@pytest.mark.parametrize("job", ["deploy", "measure", "qa"])
def test_nothing_else_is_begun_meanwhile(qtbot, side, engine, job):
    side.controller.jobs.run(job, lambda _report, cancel: cancel.wait(30), lambda _ended: None)
    side.view.models.tick(THREE)
    side.start()
    assert not side.running
    assert engine.tasks == []


def test_the_two_sides_of_an_ab_test_are_compared(qtbot, side, engine):
    side.view.mode.choose("A/B")
    assert side.view.repeats.blocks.value() == 5
    side.view.b.choose("v1_0.25_128-int8")
    qtbot.mouseClick(side.view.start_button, LEFT)
    end(qtbot, side, engine)
    task = engine.tasks[0]
    assert task.kind == "ab"
    assert [place.model for place in task.plan.places] == ["v1_0.50_160-int8", "v1_0.25_128-int8"]
    card = side.view.standing
    assert card.answer.text().startswith("No detectable change")
    assert card.interval.isVisible()


def test_the_same_twice_says_what_it_tells(side):
    side.view.mode.choose("A/B")
    assert "what chance alone makes" in side.view.estimate.text()
    assert side.view.start_button.isEnabled()


def test_models_named_elsewhere_are_ticked_and_measured_as_before(qtbot, side, engine):
    setting = SimpleNamespace(serial="A1", delegate="cpu", threads=2, source="camera")
    side.measure_models(THREE[:1], setting)
    qtbot.waitUntil(engine.begun.is_set, timeout=5000)
    (place,) = engine.tasks[0].plan.places
    assert place.name == "v1_0.25_128-int8, cpu, 2 threads, camera"


def test_a_setting_of_another_phone_is_not_taken(qtbot, side, engine):
    setting = SimpleNamespace(serial="B2", delegate="cpu", threads=2, source="camera")
    side.measure_models(THREE[:1], setting)
    qtbot.waitUntil(engine.begun.is_set, timeout=5000)
    (place,) = engine.tasks[0].plan.places
    assert place.delegate == "xnnpack"


def test_the_report_is_written(qtbot, begun, engine, tmp_path):
    end(qtbot, begun, engine)
    begun.write(7, tmp_path / "r.pdf")
    said = begun.view.standing.said
    qtbot.waitUntil(lambda: said.what.text().startswith("Wrote"), timeout=5000)
    assert engine.written == [(7, tmp_path / "r.pdf")]


def test_a_filter_leaves_ticks_alone(qtbot, side):
    side.view.models.tick(THREE)
    side.view.models.filter.setText("0.25 float32")
    assert side.view.models.list.kept.rowCount() == 4
    assert set(side.view.models.ticked()) == set(THREE)


def test_space_ticks_the_row_with_the_keyboard(qtbot, side):
    rows = side.view.models.list
    rows.setFocus()
    rows.setCurrentIndex(rows.kept.index(2, 0))
    qtbot.keyClick(rows, Qt.Key.Key_Space)
    assert side.view.models.ticked() == ("v1_1.00_160-int8",)


@pytest.mark.parametrize("size", [(1000, 630), (1500, 930)])
def test_start_and_ranking_are_in_sight(qtbot, frame, begun, size):
    frame.resize(*size)
    qtbot.waitUntil(lambda: frame.width() == size[0], timeout=2000)
    view = begun.view
    assert view.start_button.visibleRegion().boundingRect().height() == view.start_button.height()
    assert view.standing.cancel_button.isVisible()
    assert view.standing.ranking.plot().width() > 120
    setup = view.kinds.parentWidget()
    assert setup.minimumSizeHint().width() <= 46 * 8
