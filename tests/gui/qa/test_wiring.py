"""The QA view at work: its form, a session with a question, what came of it."""

import threading
import time
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.errors import LabError
from engine.jobs import Outcome
from engine.measuring import plan as plans
from engine.phones.discovery import PhoneEntry, PhoneState
from engine.qa.asking import Answer, Mark, Question
from engine.qa.on_phone import PhoneNews, StepNews
from engine.qa.outcomes import Outcome as Came
from engine.qa.result import plan_json
from engine.records.database import Database
from engine.records.values import Step
from engine.settings import Settings
from gui.bridge import EventBridge
from gui.controller import Controller
from gui.qa.values import DELEGATES, LIMITS, PRESETS, SOURCES, SessionShown
from gui.qa.view import EDITOR, SESSION
from gui.qa.wiring import QaSide
from gui.qa.work import Asked, Begun, Engine, Seen
from gui.theme import SPACE

WAIT_MS = 20_000
PNG = cv2.imencode(".png", np.zeros((4, 2, 3), np.uint8))[1].tobytes()


class FakeEngine(Engine):
    """Does all but the phones: a session asks one question and ends with its answer."""

    def __init__(self, records) -> None:
        super().__init__(records, lambda: None, lambda: None)  # type: ignore[arg-type]
        self.told: dict[str, object] = {}
        self.answer_was: Answer | None = None
        self.fault: LabError | None = None

    def models(self) -> tuple[str, ...]:
        return ("m", "n")

    def run(self, *, serials, tell, cancel, plan, series_id, **told) -> SessionShown:
        self.told = {"serials": serials, "plan": plan, "series": series_id, **told}
        if self.fault is not None:
            raise self.fault
        records = self._records()
        if series_id is None:
            series_id = records.series.begin("qa", plan.title, plan_json(plan, serials))
        tell(Begun(series_id))
        manual = plans.PlanStep(2, "Look", manual=plans.ManualStep("Look", "Look at it."))
        for serial in serials:
            tell(PhoneNews(serial, "Phone", 0.5, "2 of 3"))
            tell(StepNews(serial, 1, "done", Came.PASS, "fine"))
            answers: SimpleQueue[Answer | None] = SimpleQueue()
            tell(StepNews(serial, 2, "asking"))
            tell(Asked(Question(serial, "Phone", manual, None, lambda: b""), answers))
            tell(Seen(serial, PNG))
            with cancel.closing(lambda queue=answers: queue.put(None)):
                answer = answers.get()
            outcome = answer.mark.outcome if answer else Came.ABORTED
            self.answer_was = answer
            for number, came in ((1, Came.PASS), (2, outcome)):
                facts = {"decided": answer is not None}
                records.series.add_step(
                    Step(series_id, serial, number, "A", "manual", came, "", facts, b"", "2026")
                )
            tell(PhoneNews(serial, "Phone", 1.0, "done", over=True))
            if answer is None:
                break
        return self.session(series_id)


@pytest.fixture
def database(tmp_path):
    with closing(Database(tmp_path / "lab.sqlite")) as opened:
        yield opened


@pytest.fixture
def side(qtbot, window, database):
    bridge = EventBridge(window)
    controller = Controller(bridge, Settings())
    side = QaSide(window, controller, FakeEngine(lambda: database))
    window.resize(1400, 900)
    window.show()
    window.side_bar.choose("qa")
    qtbot.waitUntil(lambda: not controller.jobs.busy("qa models", "qa check"), timeout=WAIT_MS)
    yield side
    controller.jobs.cancel_all()
    controller.jobs.join(time.monotonic() + 30)
    bridge.stop()
    window.hide()


def offer(side, *serials: str) -> None:
    entries = tuple(PhoneEntry(each, PhoneState.READY, "Phone", "") for each in serials)
    side.controller.phones_changed.emit(entries)


def check(qtbot, side) -> None:
    with qtbot.waitSignal(side.checked, timeout=WAIT_MS):
        side.check()


def ready(qtbot, side, *serials: str) -> None:
    """Make the plan one that can be done, on these phones."""
    editor = side.view.editor
    editor.models.add("m")
    editor.manual.add()
    editor.manual.steps[0] |= {"title": "Look", "instruction": "Look at it."}
    offer(side, *serials)
    for toggle in side.view.plan.toggles.values():
        toggle.setChecked(True)
    check(qtbot, side)
    assert side.view.plan.start_button.isEnabled(), side.view.plan.why.text()


def test_the_form_offers_what_the_engine_has():
    ours = [(row.name, row.title, row.unit, row.most) for row in LIMITS]
    assert ours == [(each.name, each.title, each.unit, each.most) for each in plans.LIMITS]
    assert set(PRESETS) == set(plans.PRESETS)
    assert set(DELEGATES) == set(plans.DELEGATES)
    assert set(SOURCES) == set(plans.SOURCES)


def test_faults_stand_at_their_field_and_nothing_starts(qtbot, side):
    editor, plan = side.view.editor, side.view.plan
    offer(side, "A1")
    editor.limits["median_ms"].show_text("fast")
    editor.fields["blocks"].show_text("2")
    editor.manual.add()
    check(qtbot, side)
    assert "must be a number" in editor.limits["median_ms"].complaint.text
    assert "from 3 to 100" in editor.fields["blocks"].complaint.text
    assert editor.manual.fields["instruction"].complaint.text == "is missing."
    assert "to be mended" in editor.manual.list.item(0).text()
    assert not plan.start_button.isEnabled()
    assert plan.why.text().startswith("3 faults")
    editor.limits["median_ms"].show_text("60")
    check(qtbot, side)
    assert not editor.limits["median_ms"].complaint.isVisible()


def test_typing_is_judged_by_itself(qtbot, side):
    with qtbot.waitSignal(side.checked, timeout=WAIT_MS):
        side.view.editor.models.line.setText("m")
        qtbot.keyClick(side.view.editor.models.line, Qt.Key.Key_Return)
    assert side.view.editor.models.models == ("m",)
    assert not side.view.editor.models.complaint.isVisible()


def test_a_plan_is_saved_and_opened_as_it_was(qtbot, side, tmp_path):
    ready(qtbot, side, "A1")
    side.view.editor.fields["start_c"].show_text("31.5")
    check(qtbot, side)
    values = side.view.editor.values()
    side.save_plan(tmp_path / "plan.toml")
    qtbot.waitUntil(lambda: side.view.plan.file.text() == "plan.toml", timeout=WAIT_MS)
    side.new_plan()
    assert side.view.editor.values() != values
    side.open_plan(tmp_path / "plan.toml")
    qtbot.waitUntil(lambda: side.view.plan.file.text() == "plan.toml", timeout=WAIT_MS)
    assert plans.plan_of(side.view.editor.values()) == plans.plan_of(values)
    assert plans.read_plan(tmp_path / "plan.toml").start_c == 31.5


def test_a_file_that_is_no_plan_says_why(qtbot, side, tmp_path):
    (tmp_path / "bad.toml").write_text("title = 3")
    side.open_plan(tmp_path / "bad.toml")
    qtbot.waitUntil(lambda: side.view.plan.said.state == "fail", timeout=WAIT_MS)
    assert "title: must be a text" in side.view.plan.said.what.text().replace("\u200b", "")


def test_files_are_named_from_where_the_plan_is_saved(tmp_path):
    from gui.qa.work import rebased

    old, new = tmp_path / "old", tmp_path / "new"
    plan = plans.Plan("A", ("m.tflite", "v"), pictures="shots", folder=old)
    moved = rebased(plan, new)
    assert moved.models == (str(old / "m.tflite"), "v")
    assert rebased(moved, old).models == ("m.tflite", "v")
    assert moved.file(moved.pictures) == old / "shots"


@pytest.mark.parametrize(("key", "mark"), [("p", Mark.PASS), ("f", Mark.FAIL), ("s", Mark.SKIP)])
def test_a_key_answers_the_question_and_the_result_is_shown(qtbot, side, window, key, mark):
    ready(qtbot, side, "A1")
    side.start()
    page = side.view.page
    qtbot.waitUntil(page.question.isVisible, timeout=WAIT_MS)
    assert side.view.pages.currentIndex() == SESSION
    assert page.cards[0].steps.steps[0].outcome == "PASS"
    assert not side.view.plan.start_button.isEnabled()
    assert not side.view.plan.open_button.isEnabled()
    qtbot.waitUntil(lambda: not page.question.phone_screen.image.isNull(), timeout=WAIT_MS)
    page.question.comment.setText("dim")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    page.question.buttons["P"].setFocus()
    with qtbot.waitSignal(side.ended, timeout=WAIT_MS):
        qtbot.keyClick(page.question.buttons["P"], key)
    assert side.engine.answer_was == Answer(mark, "dim")
    assert page.shown.outcome == str(mark.outcome)
    assert not page.question.isVisible()
    assert page.report_button.isVisible()
    assert not side.running


def test_letters_typed_into_the_comment_are_no_answer(qtbot, side, window):
    ready(qtbot, side, "A1")
    side.start()
    question = side.view.page.question
    qtbot.waitUntil(question.isVisible, timeout=WAIT_MS)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    question.comment.setFocus()
    qtbot.keyClicks(question.comment, "pfs")
    assert question.comment.text() == "pfs"
    assert side.running
    with qtbot.waitSignal(side.ended, timeout=WAIT_MS):
        question.buttons["S"].click()


def test_cancel_keeps_the_session_and_it_is_resumed(qtbot, side):
    ready(qtbot, side, "A1")
    side.start()
    page = side.view.page
    qtbot.waitUntil(page.question.isVisible, timeout=WAIT_MS)
    with qtbot.waitSignal(side.ended, timeout=WAIT_MS):
        page.cancel_button.click()
    assert page.shown.outcome == "ABORTED"
    assert page.resume_button.isVisible()
    series = page.shown.series_id
    page.resume_button.click()
    qtbot.waitUntil(page.question.isVisible, timeout=WAIT_MS)
    assert side.engine.told["series"] == series
    assert side.engine.told["plan"] is None
    with qtbot.waitSignal(side.ended, timeout=WAIT_MS):
        page.question.buttons["P"].click()
    assert page.shown.outcome == "PASS"


def test_a_session_without_its_phones_says_which_to_connect(qtbot, side, database):
    plan = plans.plan_of({"title": "A", "models": ["m"], "limits": {"median_ms": 60}})
    series = database.series.begin("qa", "A", plan_json(plan, ["B7"]))
    side.show_session(series)
    qtbot.waitUntil(lambda: side.view.page.shown.series_id == series, timeout=WAIT_MS)
    side.view.page.resume_button.click()
    qtbot.waitUntil(lambda: side.view.page.said.state == "warn", timeout=WAIT_MS)
    assert "B7" in side.view.page.said.advice.text()


def test_the_connected_phone_lends_its_session(qtbot, side):
    session = SimpleNamespace(serial="A1", close=lambda: None)
    side.controller.session, side.controller.serial = session, "A1"
    ready(qtbot, side, "A1", "A2")
    side.start()
    qtbot.waitUntil(side.view.page.question.isVisible, timeout=WAIT_MS)
    assert side.engine.told["connected"] is session
    assert set(side.engine.told["serials"]) == {"A1", "A2"}
    assert isinstance(side.engine.told["skip_gates"]["A1"], threading.Event)
    # another phone may be chosen; it is opened when the session has ended
    side.controller.choose_phone(PhoneEntry("A2", PhoneState.READY, "Phone", ""))
    assert side.controller.session is session
    assert side.controller.jobs.busy("qa")
    side.controller.choose_phone(PhoneEntry("A1", PhoneState.READY, "Phone", ""))
    for _ in range(2):
        qtbot.waitUntil(side.view.page.question.isVisible, timeout=WAIT_MS)
        before = side.course.questions[0]
        side.view.page.question.buttons["P"].click()
        qtbot.waitUntil(
            lambda before=before: (
                side.course is None
                or (bool(side.course.questions) and side.course.questions[0] is not before)
            ),
            timeout=WAIT_MS,
        )
    assert side.view.page.shown.outcome == "PASS"


def test_nothing_starts_while_the_phone_is_measured(qtbot, side):
    ready(qtbot, side, "A1")
    go = threading.Event()
    side.controller.jobs.run("measure", lambda _report, _cancel: go.wait(10), lambda _ended: None)
    side.start()
    assert not side.running
    assert "Wait for what is done" in side.view.plan.why.text()
    go.set()


def test_a_session_that_cannot_begin_says_why_where_it_was_started(qtbot, side):
    ready(qtbot, side, "A1")
    side.engine.fault = LabError("There is no model 'm'.", "Name another.")
    with qtbot.waitSignal(side.ended, timeout=WAIT_MS) as caught:
        side.start()
    assert caught.args[0].outcome is Outcome.FAILED
    assert side.view.pages.currentIndex() == EDITOR
    assert side.view.plan.said.advice.text() == "Name another."


def test_manual_steps_are_added_moved_and_removed(side):
    manual = side.view.editor.manual
    for title in ("one", "two", "three"):
        manual.add()
        manual.fields["title"].show_text(title)
        manual.fields["title"].changed.emit()
    manual.up_button.click()
    assert [each["title"] for each in manual.values()] == ["one", "three", "two"]
    manual.remove_button.click()
    assert [each["title"] for each in manual.values()] == ["one", "two"]


def test_the_report_is_written_and_offered(qtbot, side, tmp_path):
    ready(qtbot, side, "A1")
    side.start()
    qtbot.waitUntil(side.view.page.question.isVisible, timeout=WAIT_MS)
    with qtbot.waitSignal(side.ended, timeout=WAIT_MS):
        side.view.page.question.buttons["P"].click()
    side.write_report(side.view.page.shown.series_id, tmp_path / "out")
    qtbot.waitUntil(side.view.page.open_button.isVisible, timeout=WAIT_MS)
    kinds = sorted(each.suffix for each in Path(tmp_path / "out").iterdir())
    assert kinds == [".html", ".pdf", ".zip"]


def test_nothing_is_cut_in_the_smallest_window(qtbot, side, window):
    ready(qtbot, side, "A1")
    window.resize(window.minimumSize())
    editor = side.view.editor

    def cut() -> list[QWidget]:
        shown = [each for each in editor.findChildren(QWidget) if each.isVisible()]
        return [
            each
            for each in shown
            if each.mapTo(editor, each.rect().topRight()).x() > editor.width()
        ]

    qtbot.waitUntil(lambda: not cut(), timeout=WAIT_MS)
    assert editor.width() < 90 * SPACE
