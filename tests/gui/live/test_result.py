"""What came of a run: its figures with intervals, its parts, what to know; and where it stands."""

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from engine.errors import LabError
from engine.jobs import Ended, Outcome
from engine.measuring.presets import RunStatus
from engine.phones.readings import PhoneFacts, Reading, Vitals
from engine.records.values import End, Flag
from gui.bridge import EventBridge
from gui.job_table import JobTable
from gui.live.plan import RunPlan
from gui.live.result import RunResult
from gui.live.work import look_at, write_report_of
from gui.right_side import RightSide, run_sentence
from gui.runs import Runs
from tests.engine.records.conftest import keep_run, make_facts, make_samples

SECOND = 1_000_000_000


def keep(database, samples, flags=(), end=End.COMPLETED):
    run = database.begin_run(replace(make_facts(), untrained=False, note="by the window"))
    begin = int(samples["captured_ns"][0])
    readings = tuple(
        Reading(
            begin + at * SECOND,
            Vitals(82, 31.0 + at / 10, False, 0, (652_800, 2_016_000)),
            (2_016_000, 2_016_000),
            4.0,
        )
        for at in range(60)
    )
    database.append(run, samples, (), readings)
    database.finish(run, end, flags)
    return database.load(run)


@pytest.fixture
def throttled(database):
    samples = make_samples(3_000)
    samples["infer_ns"][1500:] = samples["infer_ns"][1500:] * 1.3
    return keep(database, samples, (Flag.THROTTLED,))


def figure(view, name):
    (found,) = [each for each in view.figures if each.name == name]
    return found


def test_a_percentile_that_was_not_earned_says_what_it_needs(database):
    view = look_at(keep(database, make_samples(120)))
    assert figure(view, "p99").value == "\N{EN DASH}"
    assert figure(view, "p99").note == "needs n \N{GREATER-THAN OR EQUAL TO} 299"
    assert figure(view, "p90").value.endswith(" ms")
    assert " to " in figure(view, "p90").note


def test_start_warm_up_and_steady_part_stand_apart(database):
    record = keep(database, make_samples(600))
    view = look_at(record)
    assert figure(view, "init").value == "12.5 ms"
    assert figure(view, "first inference").value == "31.0 ms"
    count = record.analysis.warm_up.count
    assert figure(view, "warm-up").value == f"n\N{NO-BREAK SPACE}{count}"
    assert figure(view, "steady").value == f"n\N{NO-BREAK SPACE}{600 - count}"
    assert figure(view, "reading cost").value == "0.4 %"
    assert "by the window" in view.said


def test_a_run_that_heat_slowed_down_is_split_and_not_ranked(throttled):
    view = look_at(throttled)
    assert not view.valid
    assert view.verdict == "not ranked"
    words = [each.word for each in view.warnings]
    assert words[0] == "slowed down by heat"
    assert words[1].startswith("split after ")
    first, second = view.marks.levels
    assert second.median_ms == pytest.approx(1.3 * first.median_ms, rel=0.02)
    assert view.marks.slow_ns == throttled.analysis.throttling.at_ns
    assert figure(view, "then, by heat").value == f"{second.median_ms:.2f} ms"
    assert figure(view, "median latency").value == f"{first.median_ms:.2f} ms"


def test_temperature_and_clocks_are_on_the_runs_own_axis(throttled):
    heat = look_at(throttled).heat
    assert heat.celsius.seconds[:3].tolist() == [0, 1, 2]
    assert heat.celsius.values[1] == pytest.approx(31.1)
    assert set(heat.ghz.values.tolist()) == {2.016}


def test_a_run_without_samples_can_be_looked_at(database):
    run = database.begin_run(make_facts())
    database.finish(run, End.CANCELLED, (Flag.CUT_SHORT,))
    view = look_at(database.load(run))
    assert (view.stages, view.curve, view.heat, view.marks) == (None, None, None, None)
    assert view.verdict == "stopped early"
    assert figure(view, "median latency").note == "no sample counted"


def test_each_flag_has_its_shape_its_word_and_what_it_means(qtbot, light, throttled):
    card = RunResult(light)
    qtbot.addWidget(card)
    card.show_run(look_at(throttled))
    chip = card.cautions.chips[0]
    assert (chip.state, chip.text) == ("warn", "slowed down by heat")
    assert "not ranked" in chip.toolTip()
    assert card.chip.text == "not ranked"
    for size in ((412, 210), (660, 540)):
        card.resize(*size)
        card.show()
        card.grab()
    before = card.cautions.chips
    card.show_run(look_at(throttled))
    assert card.cautions.chips is before


def test_a_figure_tells_what_it_means_and_can_be_copied(qtbot, light, throttled):
    card = RunResult(light)
    qtbot.addWidget(card)
    card.show_run(look_at(throttled))
    card.resize(660, 540)
    card.show()
    grid = card.figures
    assert "Interpreter.run alone" in grid.tip_at(QPointF(20, 20))
    assert grid.tip_at(QPointF(-5, 20)) == ""
    QTest.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("median latency ")


def test_a_report_is_written_where_the_lab_keeps_them(database, throttled, tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    path = write_report_of(database, throttled.row.id, lambda _progress: None, None)
    assert path.suffix == ".html"
    assert "reports" in path.parts
    assert "<svg" in path.read_text(encoding="utf-8")


def test_the_sentence_of_a_run_names_first_what_spoils_it(database):
    run = keep_run(database, flags=(Flag.UNTRAINED, Flag.THROTTLED))
    assert run_sentence(database.load(run)) == (f"Run {run}: kept, not ranked\nslowed down by heat")


class Controller(QObject):
    """What runs and the column need of the controller."""

    said = Signal(str)


class Deploys(QObject):
    """Nothing is deployed."""

    started, swap_started = Signal(str), Signal(str)
    ended, swap_ended = Signal(Ended), Signal(Ended)


@pytest.fixture
def side(qtbot, window, database):
    bridge = EventBridge(window)
    controller = Controller(window)
    controller.jobs = JobTable(bridge)
    controller.deploys = Deploys(window)
    facts = PhoneFacts("0123", "Xiaomi", "Mi A1", "7.1.2", 25, (), "", "", "old note")
    phone = SimpleNamespace(note=lambda _cancel=None: "simulated")
    controller.session = SimpleNamespace(facts=facts, phone=phone)
    controller.serial = "0123"
    controller.records = lambda: database
    controller.cancel = controller.jobs.cancel
    controller.let_go = lambda: None
    controller.runs = Runs(controller)
    window.show()
    return RightSide(window, controller)


def test_a_result_takes_the_place_of_the_charts_until_one_goes_back(qtbot, side, throttled):
    window, runs = side.window, side.controller.runs
    ended = Ended(Outcome.COMPLETED, result=throttled)
    with qtbot.waitSignal(runs.looked, timeout=5000):
        runs.ended.emit(ended)
        runs._look(throttled)
    assert window.run_result.isVisible()
    assert not window.charts.isVisible()
    assert window.run_panel.export_button.isEnabled()
    assert window.digits.chip.state == "warn"
    qtbot.mouseClick(window.digits.back, Qt.MouseButton.LeftButton)
    assert window.charts.isVisible()
    assert window.charts._runs[-1].slow_ns == throttled.analysis.throttling.at_ns


def test_a_run_that_goes_on_is_marked_as_far_as_it_is_known(side, samples):
    charts, runs = side.window.charts, side.controller.runs
    held = samples(600, end_ns=time.monotonic_ns())
    charts.add_samples(held)
    begin = int(held["finished_ns"][100]) - 1
    runs.started.emit()
    runs.begun.emit(begin)
    assert charts._runs[-1].steady_ns is None
    runs.status_told.emit(RunStatus(463, 20.0, 0.01, 0.02, 0.9, (), False, True, 37))
    (level,) = charts._runs[-1].levels
    assert charts._runs[-1].steady_ns == int(held["finished_ns"][136])
    assert level.median_ms == pytest.approx(12.4, rel=0.05)
    assert level.interval_ms[1] == pytest.approx(1.01 * level.median_ms)


def test_what_the_phone_says_of_itself_is_asked_anew_with_each_model(qtbot, side):
    with qtbot.waitSignal(side.controller.runs.note_told, timeout=5000):
        side.controller.runs.read_note()
    assert side.window.banner.text == "Simulated"


def test_the_mirrors_cost_is_told_in_a_sentence(side):
    runs, panel = side.controller.runs, side.window.run_panel
    runs.started.emit()
    cost = SimpleNamespace(sentence="With the mirror on, latency is 12 % higher.")
    runs.cost_ended.emit(Ended(Outcome.COMPLETED, result=cost))
    assert panel.said.text() == cost.sentence
    assert not panel.running
    runs.started.emit()
    runs.cost_ended.emit(Ended(Outcome.FAILED, "There is no mirror.", LabError("x")))
    assert panel.said.text() == "There is no mirror."


def test_nothing_is_measured_while_something_else_has_the_phone(qtbot, side):
    jobs, runs = side.controller.jobs, side.controller.runs
    jobs.run("sweep", lambda _report, cancel: cancel.wait(30), lambda _ended: None)
    with qtbot.assertNotEmitted(runs.started):
        runs.measure(RunPlan())
        runs.measure_mirror_cost()
    jobs.cancel("sweep")
    jobs.join(time.monotonic() + 2)
