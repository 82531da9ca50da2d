"""The Compare view at work: it asks while somebody looks, and after each run."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.errors import LabError
from engine.jobs import Ended, Outcome
from gui.bridge import EventBridge
from gui.compare.view import CompareView
from gui.compare.wiring import CompareSide
from gui.job_table import JobTable


class Runs(QObject):
    ended = Signal(Ended)


class Said(QObject):
    said = Signal(str)


class Records:
    """Answers with what it holds."""

    def __init__(self, found) -> None:
        self.found = found
        self.asked = []
        self.trouble = ""

    def __call__(self, _records, asked):
        self.asked.append(asked)
        if self.trouble:
            raise LabError(self.trouble)
        return self.found


class Frame(QWidget):
    """As much of the window as the view's side knows."""

    def __init__(self, theme) -> None:
        super().__init__()
        self.theme = theme
        self.compare_view = CompareView(theme)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.compare_view)
        self.compare_view.hide()


@pytest.fixture
def window(qtbot, light) -> Frame:
    frame = Frame(light)
    qtbot.addWidget(frame)
    return frame


@pytest.fixture
def records(found) -> Records:
    return Records(found)


@pytest.fixture
def side(qtbot, window, records):
    bridge = EventBridge()
    teller = Said(window)
    controller = SimpleNamespace(
        jobs=JobTable(bridge), runs=Runs(window), records=lambda: None, said=teller.said
    )
    side = CompareSide(window, controller, records)
    window.show()
    yield side
    bridge.stop()


@pytest.fixture
def looked(qtbot, window, side):
    with qtbot.waitSignal(side.found, timeout=5000):
        window.compare_view.show()
    return side


def test_hidden_it_asks_nothing(qtbot, window, side, records):
    side.controller.runs.ended.emit(Ended(Outcome.COMPLETED))
    assert records.asked == []
    assert window.compare_view.chart.scatter.scene is None


def test_what_was_found_is_shown_with_what_it_holds_for(window, looked):
    view = window.compare_view
    assert view.chart.settings.currentText() == "Pixel 6a, xnnpack, 4 threads, camera"
    assert view.chart.note.text() == "virtual phone: this computer's speed"
    assert view.budget.best.name == "v1_1.00_224-int8"
    assert view.chart.scatter.marked.labels[0] == ("v1_1.00_224-int8", "ship")
    assert len(view.claims.rows) == 2


def test_the_answer_follows_the_sliders(window, looked):
    view = window.compare_view
    limit = view.budget.limits["max_ms"]
    limit.setValue(limit.maximum() // 2)
    assert view.chart.scatter.marked.most_x == limit.limit()
    assert view.budget.best.name == "v1_0.50_160-int8"


def test_a_run_that_ends_is_asked_for(qtbot, looked, records):
    count = len(records.asked)
    with qtbot.waitSignal(looked.found, timeout=5000):
        looked.controller.runs.ended.emit(Ended(Outcome.COMPLETED))
    assert len(records.asked) == count + 1


def test_a_chosen_mark_is_told_to_the_list(qtbot, window, looked):
    scatter = window.compare_view.chart.scatter
    scatter.look_at(0)
    with qtbot.waitSignal(looked.picked, timeout=1000) as told:
        qtbot.keyClick(scatter, Qt.Key.Key_Return)
    assert told.args == ["v1_1.00_224-int8"]


def test_another_accuracy_is_asked_for(qtbot, window, looked, records):
    box = window.compare_view.chart.accuracies
    with qtbot.waitSignal(looked.found, timeout=5000):
        box.setCurrentIndex(1)
        box.activated.emit(1)
    assert records.asked[-1].accuracy == "road"


def test_other_axes_are_drawn_at_once(window, looked):
    chart = window.compare_view.chart
    chart.axis.choose("MACs")
    assert chart.scatter.scene.x_axis.title == "MACs, millions"
    assert not chart.reference.isEnabled()
    chart.log.setChecked(False)
    assert not chart.scatter.scene.x_axis.log


def test_before_anything_is_measured_there_is_one_next_action(
    qtbot, window, side, records, nothing
):
    records.found = nothing
    with qtbot.waitSignal(side.found, timeout=5000):
        window.compare_view.show()
    view = window.compare_view
    assert not view.budget.isVisible()
    assert view.plan.isVisible()
    assert set(view.chart.scatter.scene.names) == {""}  # the published reference alone
    with qtbot.waitSignal(side.wanted, timeout=1000) as told:
        qtbot.mouseClick(view.plan.button, Qt.MouseButton.LeftButton)
    assert told.args == ["v1_0.25_128-int8"]


def test_the_three_are_measured_from_the_card(qtbot, window, side, records, nothing):
    records.found = nothing
    with qtbot.waitSignal(side.found, timeout=5000):
        window.compare_view.show()
    button = window.compare_view.plan.measure_button
    assert button.text() == "Measure these three"
    assert not button.isEnabled()  # there is no phone
    assert button.toolTip() == "Connect a phone first"
    window.compare_view.plan.show_ready(True, "")
    with qtbot.waitSignal(side.measure_wanted, timeout=1000) as told:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == [tuple(name for name, _why, _done in nothing.plan), None]


def test_one_is_verified_and_the_verdict_is_shown(qtbot, window, looked, records, found):
    plan = window.compare_view.plan
    plan.show_ready(True, "")
    assert plan.measure_button.text() == "Verify one"
    survey = found.survey
    records.found = found._replace(survey=replace(survey, fits={"int8": "a fit"}))
    with qtbot.waitSignal(looked.found, timeout=5000):
        looked.refresh()
    with qtbot.waitSignal(looked.measure_wanted, timeout=1000) as told:
        qtbot.mouseClick(plan.measure_button, Qt.MouseButton.LeftButton)
    assert told.args == [("v1_0.75_192-int8",), survey.setting]
    records.found = found._replace(verdict=(True, "It took 16 ms, within."))
    with qtbot.waitSignal(looked.found, timeout=5000):
        looked.follow(("A1", "xnnpack", 4, "camera"))
    asked = records.asked[-1]
    assert asked.trial.name == "v1_0.75_192-int8"
    assert asked.prefer == ("A1", "xnnpack", 4, "camera")
    assert plan.verdict.text() == "It took 16 ms, within."
    assert plan.verdict_shape.state == "ok"


def test_trouble_is_said_where_it_happened(qtbot, window, side, records):
    records.trouble = "The file of runs cannot be used."
    with qtbot.waitSignal(side.failed, timeout=5000):
        window.compare_view.show()
    assert "cannot be used" in window.compare_view.chart.trouble.text()


@pytest.mark.parametrize(
    ("name", "begins"), [("c.png", b"\x89PNG"), ("c.svg", b"<?xml"), ("c.csv", b"model,alpha")]
)
def test_it_is_exported_as_picture_drawing_and_table(looked, tmp_path, name, begins):
    looked.export(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    assert data.startswith(begins)
    if name.endswith("png"):
        assert int.from_bytes(data[16:20], "big") == 1920  # twice its size
    if name.endswith("svg"):
        assert data.count(b"<path") + data.count(b"<circle") + data.count(b"<polyline") > 5


def test_another_ending_is_a_sentence(window, looked, tmp_path):
    looked.export(tmp_path / "c.doc")
    assert "End it with .png" in window.compare_view.chart.trouble.text()
    assert not (tmp_path / "c.doc").exists()


# what a window of 1100 x 700 and one of 1600 x 1000 leave to the view
@pytest.mark.parametrize("size", [(1000, 630), (1500, 930)])
def test_scatter_and_limits_are_in_sight(qtbot, window, looked, size):
    window.resize(*size)
    view = window.compare_view
    qtbot.waitUntil(lambda: window.size().width() == size[0], timeout=2000)
    drawing = view.chart.scatter.drawing()
    assert drawing.plot.height() > 150
    assert drawing.plot.width() > 400
    for limit in view.budget.limits.values():
        assert limit.visibleRegion().boundingRect().height() == limit.height()
