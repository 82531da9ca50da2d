"""The run panel: what is planned, whether there are enough samples, how it ends."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.jobs import Ended, Outcome, Progress
from engine.measuring.presets import PRESETS as ENGINE
from engine.measuring.presets import SUSTAINED_MINUTES, RunStatus
from gui.live.plan import MINUTES, PRESETS, RunPlan
from gui.live.work import measure_options
from gui.run_panel import RunPanel


@pytest.fixture
def panel(qtbot, light):
    panel = RunPanel(light)
    qtbot.addWidget(panel)
    panel.show()
    panel.show_ready(True, "until ±2 %, 10 to 60 s")
    return panel


def status(**told):
    known = {
        "count": 412,
        "seconds": 7.0,
        "half_width": 0.013,
        "target": 0.02,
        "fraction": 0.7,
        "missing": ("3 s more",),
        "enough": False,
        "settled": True,
        "warm_up": 37,
    }
    return RunStatus(**(known | told))


def choose(panel, name):
    panel.preset.setCurrentIndex(panel.preset.findData(name))
    panel.preset.activated.emit(panel.preset.currentIndex())


def test_the_window_says_of_presets_what_the_engine_means():
    assert set(PRESETS) == {*ENGINE, ""}
    for name in ("quick", "lab"):
        preset = ENGINE[name]
        said = f"until ±{100 * preset.target:g} %, {preset.min_s:g} to {preset.max_s:g} s"
        assert PRESETS[name][1] == said
    assert PRESETS["mlperf"][1] == f"{ENGINE['mlperf'].min_s:g} s and 1024 samples"
    assert ENGINE["mlperf"].min_count == 1024
    assert MINUTES == SUSTAINED_MINUTES


def test_a_plan_means_to_the_engine_what_it_says():
    assert measure_options(RunPlan()).stop == ENGINE["lab"]
    long = measure_options(RunPlan("sustained", minutes=7, start_c=31.0, note="window seat"))
    assert (long.stop.min_s, long.start_c, long.note) == (420, 31.0, "window seat")
    assert measure_options(RunPlan("", seconds=12)).stop.max_s == 12


def test_lab_is_what_is_measured_unless_something_else_is_chosen(qtbot, panel):
    with qtbot.waitSignal(panel.measure_requested, timeout=1000) as told:
        qtbot.mouseClick(panel.measure_button, Qt.MouseButton.LeftButton)
    assert told.args == [RunPlan("lab")]
    choose(panel, "mlperf")
    with qtbot.waitSignal(panel.measure_requested, timeout=1000) as told:
        panel.measure_button.click()
    assert told.args[0].preset == "mlperf"


def test_a_note_takes_the_spaces_that_are_typed(qtbot, panel):
    qtbot.keyClicks(panel.more.note, "by the window")
    assert panel.plan.note == "by the window"


def test_start_temperature_time_and_note_are_part_of_the_plan(panel):
    choose(panel, "sustained")
    assert panel.plan.start_c is None
    panel.more.start.setValue(31)
    panel.more.minutes.setValue(20)
    panel.more.note.setText(" by the window ")
    assert panel.plan == RunPlan("sustained", minutes=20, start_c=31, note="by the window")
    assert panel.plan.text == "20 min, to see heat, from 31 °C"
    panel.more.start.setValue(panel.more.start.minimum())
    assert panel.more.start.text() == "off"
    assert panel.plan.start_c is None


def test_only_the_time_that_the_preset_takes_is_asked_for(panel):
    for name, shown in (("lab", ()), ("sustained", ("minutes",)), ("", ("seconds",))):
        choose(panel, name)
        told = [each for each in ("minutes", "seconds") if not getattr(panel.more, each).isHidden()]
        assert tuple(told) == shown


def test_whether_there_are_enough_samples_is_seen_while_it_runs(panel):
    panel.show_started()
    panel.show_status(status())
    assert panel.title.text() == "±1.3 % of ±2 %"
    assert panel.said.text() == "n 412, 3 s more\n37 left out as warm-up"
    assert panel.bar.share == 0.7
    panel.show_status(status(settled=False, missing=("still warming up",), fraction=0.8))
    assert panel.said.text() == "n 412\nstill warming up, 37 left out"
    panel.show_status(status(half_width=None, target=None, missing=()))
    panel.show_status(status(target=None, fraction=1.0, enough=True, missing=()))
    assert panel.title.text() == "±1.3 %"
    assert panel.step.text() == "enough"


def test_a_phone_that_cools_down_can_be_measured_at_once(qtbot, panel):
    panel.show_started()
    assert not panel.skip_button.isVisible()
    panel.show_progress(Progress("cool down", 0.4, "34.2 °C, waits for 31 °C, about 2 min"))
    assert panel.title.text() == "Cooling down"
    assert "about 2 min" in panel.said.text()
    assert panel.bar.share == 0.4
    with qtbot.waitSignal(panel.skip_requested, timeout=1000):
        qtbot.mouseClick(panel.skip_button, Qt.MouseButton.LeftButton)
    panel.show_progress(Progress("settle", None, "waiting for the first sample"))
    assert not panel.skip_button.isVisible()


def test_a_run_can_be_stopped_and_says_how_it_ended(qtbot, panel):
    panel.show_started()
    panel.show_status(status())
    assert not panel.measure_button.isVisible()
    assert not panel.preset.isVisible()
    with qtbot.waitSignal(panel.stop_requested, timeout=1000):
        qtbot.mouseClick(panel.stop_button, Qt.MouseButton.LeftButton)
    panel.show_ended(Ended(Outcome.COMPLETED), "Run 3: kept")
    panel.show_ready(True, "until ±2 %")
    assert panel.said.text() == "Run 3: kept"
    assert panel.preset.isVisible()
    choose(panel, "quick")
    panel.show_ready(True, "until ±5 %")
    assert panel.said.text() == "until ±5 %"


def test_late_words_of_a_run_that_ended_change_nothing(panel):
    panel.show_started()
    panel.show_ended(Ended(Outcome.COMPLETED), "Run 3: kept")
    panel.show_status(status())
    panel.show_progress(Progress("measure", 0.5))
    assert panel.said.text() == "Run 3: kept"
    assert panel.measure_button.isVisible()


def test_the_mirrors_cost_is_measured_from_the_panel(qtbot, panel):
    with qtbot.waitSignal(panel.cost_requested, timeout=1000):
        panel.more.cost_button.click()
    panel.show_started()
    panel.show_progress(Progress("mirror cost", 0.5, "run 4 of 6, mirror on"))
    assert (panel.title.text(), panel.said.text()) == ("Mirror cost", "run 4 of 6, mirror on")
    panel.show_status(status())
    assert panel.title.text() == "Mirror cost"


def test_a_run_under_way_moves_nothing(qtbot, panel):
    panel.resize(192, 176)
    QApplication.processEvents()
    before = (panel.minimumWidth(), panel.bar.geometry(), panel.size())
    panel.show_started()
    panel.show_status(status(settled=False))
    QApplication.processEvents()
    assert (panel.minimumWidth(), panel.bar.geometry(), panel.size()) == before
    assert panel.minimumSizeHint().width() <= panel.minimumWidth()
