"""Deploy: the steps are seen, cancel works, errors stand with their advice."""

import pytest
from PySide6.QtCore import Qt

from engine.errors import InstallError, PhoneError, Remedy
from engine.jobs import Ended, Outcome, Progress
from gui.deploy_panel import LOSES, STEPS, SWAP_STEPS, WORDS, DeployPanel


@pytest.fixture
def panel(qtbot, light) -> DeployPanel:
    panel = DeployPanel(light)
    qtbot.addWidget(panel)
    panel.show_ready(True, "Puts it on Mi A1")
    panel.show()
    return panel


def test_the_steps_are_the_engines_own():
    from engine.deploy import STEPS as ENGINE_STEPS

    assert STEPS == ENGINE_STEPS


def test_a_swap_has_the_engines_own_steps_after_the_build():
    from engine.deploy import SWAP_STEPS as ENGINE_STEPS

    assert ("build", *ENGINE_STEPS) == SWAP_STEPS
    assert set(WORDS) >= {*STEPS, *SWAP_STEPS}


def test_earlier_steps_are_ticked_and_the_current_one_shows_its_share(panel):
    panel.show_started("0.50 @ 128 int8")
    panel.show_progress(Progress("push", 0.64, "5.4 of 8.4 MB"))
    assert panel.track.states == ["ok", "ok", "busy", "none", "none", "none", "none"]
    assert panel.track.fraction == 0.64
    assert "64 %" in panel.what.text()
    assert "5.4 of 8.4 MB" in panel.what.text()


def test_cancel_asks_only_while_a_deploy_runs(qtbot, panel):
    assert not panel.cancel_button.isEnabled()
    panel.show_started("x")
    with qtbot.waitSignal(panel.cancel_requested, timeout=1000):
        qtbot.mouseClick(panel.cancel_button, Qt.MouseButton.LeftButton)
    panel.show_ended(Ended(Outcome.CANCELLED))
    assert not panel.cancel_button.isEnabled()
    assert panel.deploy_button.isEnabled()


def test_an_error_stands_at_its_step_with_its_advice(panel):
    error = InstallError("INSTALL_FAILED_USER_RESTRICTED", "The phone refused.", "Tap Install.")
    panel.show_started("x")
    panel.show_progress(Progress("install"))
    panel.show_ended(Ended(Outcome.FAILED, str(error), error))
    assert panel.track.states[3] == "fail"
    assert panel.what.text() == "While installing: The phone refused."
    assert panel.advice.text() == "Tap Install."
    assert panel.advice.isVisible()


def test_a_bug_without_an_error_still_says_something(panel):
    panel.show_started("x")
    panel.show_ended(Ended(Outcome.FAILED, "Something in the lab broke."))
    assert panel.what.text() == "While building: Something in the lab broke."
    assert "fail" in panel.track.states


def test_a_finished_deploy_ticks_all(panel):
    panel.show_started("x")
    panel.show_ended(Ended(Outcome.COMPLETED), "Linked in 3.4 s")
    assert set(panel.track.states) == {"ok"}
    assert panel.what.text() == "Linked in 3.4 s"


def test_progress_after_the_end_changes_nothing(panel):
    panel.show_started("x")
    panel.show_ended(Ended(Outcome.CANCELLED))
    panel.show_progress(Progress("install", 0.5))
    assert "busy" not in panel.track.states


def test_without_a_phone_deploy_says_what_is_missing(qtbot, panel):
    panel.show_ready(False, "Connect a phone first")
    assert not panel.deploy_button.isEnabled()
    assert panel.what.text() == "Connect a phone first"
    with qtbot.assertNotEmitted(panel.deploy_requested):
        qtbot.mouseClick(panel.deploy_button, Qt.MouseButton.LeftButton)


def test_from_the_first_moment_a_step_and_the_time_are_seen(panel):
    panel.show_started("0.50 @ 128 int8")
    assert panel.track.states[0] == "busy"
    assert panel.elapsed.text() == "0 s"
    panel.show_progress(Progress("build", 0.6, "network: converting to int8"))
    assert "converting" in panel.what.text()
    panel.show_ended(Ended(Outcome.COMPLETED), "Linked in 8.1 s")
    assert panel.elapsed.text() == ""


def refused(panel: DeployPanel, remedy: Remedy | None) -> None:
    error = InstallError("INSTALL_FAILED_X", "It was refused.", "Do this.", remedy=remedy)
    panel.show_started("x")
    panel.show_progress(Progress("install"))
    panel.show_ended(Ended(Outcome.FAILED, str(error), error))


@pytest.mark.parametrize("remedy", [each for each in Remedy if each not in LOSES])
def test_a_remedy_that_loses_nothing_is_one_click(qtbot, panel, remedy):
    refused(panel, remedy)
    assert panel.remedy_button.text() == remedy.label
    with qtbot.waitSignal(panel.remedy_requested, timeout=1000) as told:
        qtbot.mouseClick(panel.remedy_button, Qt.MouseButton.LeftButton)
    assert told.args == [remedy]
    panel.show_started("x")
    assert not panel.remedy_button.isVisible()


def test_what_removes_data_is_asked_once_more_in_its_place(qtbot, panel):
    refused(panel, Remedy.REMOVE_OLD)
    with qtbot.assertNotEmitted(panel.remedy_requested):
        qtbot.mouseClick(panel.remedy_button, Qt.MouseButton.LeftButton)
    assert not panel.remedy_button.isVisible()
    assert "data" in panel.confirm.sentence.text()
    assert panel.confirm.yes.text() == Remedy.REMOVE_OLD.label
    with qtbot.waitSignal(panel.remedy_requested, timeout=1000) as told:
        qtbot.mouseClick(panel.confirm.yes, Qt.MouseButton.LeftButton)
    assert told.args == [Remedy.REMOVE_OLD]


def test_who_keeps_the_old_app_can_still_change_their_mind(qtbot, panel):
    refused(panel, Remedy.REMOVE_OLD)
    panel.remedy_button.click()
    with qtbot.assertNotEmitted(panel.remedy_requested):
        qtbot.mouseClick(panel.confirm.no, Qt.MouseButton.LeftButton)
    assert not panel.confirm.isVisible()
    assert panel.remedy_button.isVisible()


def test_an_error_that_no_click_mends_has_no_button(panel):
    refused(panel, None)
    assert not panel.remedy_button.isVisible()


def test_a_remedy_that_needs_a_hand_on_the_phone_says_so(panel):
    panel.show_started("x")
    panel.show_asked("Tap Install on the phone, then deploy.")
    assert panel.shape.state == "warn"
    assert panel.deploy_button.isEnabled()
    assert "busy" not in panel.track.states


def test_swap_is_there_only_while_an_app_listens(qtbot, panel):
    assert not panel.swap_button.isEnabled()
    panel.show_swap(True, "Sends the model")
    with qtbot.waitSignal(panel.swap_requested, timeout=1000):
        qtbot.mouseClick(panel.swap_button, Qt.MouseButton.LeftButton)
    panel.show_started("0.25 @ 128 int8", SWAP_STEPS)
    assert not panel.swap_button.isEnabled()
    assert panel.track.steps == SWAP_STEPS
    panel.show_progress(Progress("send", 0.4, ""))
    assert panel.track.states == ["ok", "busy", "none"]
    panel.show_ended(Ended(Outcome.COMPLETED), "Swapped in 0.31 s.")
    panel.show_at_rest("")
    assert panel.track.steps == STEPS


def test_a_long_sentence_leaves_no_room_behind(panel):
    panel.resize(320, panel.height())
    panel.show_started("x")
    panel.show_ended(Ended(Outcome.FAILED, "A sentence that is long. " * 8))
    tall = panel.what.minimumHeight()
    panel.show_started("x")
    assert panel.what.minimumHeight() < tall


def test_a_phone_that_left_is_told_with_the_step(panel):
    error = PhoneError("The phone left in the middle of something.", "Check the cable.")
    panel.show_started("x")
    panel.show_progress(Progress("linked"))
    panel.show_ended(Ended(Outcome.FAILED, str(error), error))
    assert panel.what.text().startswith("While waiting for the app: The phone left")


def test_a_cancelled_deploy_says_so_until_something_else_is_chosen(panel):
    panel.show_started("x")
    panel.show_ended(Ended(Outcome.CANCELLED))
    panel.show_ready(True, "Puts it on Mi A1")
    assert panel.what.text().startswith("Cancelled")
    panel.show_at_rest("")
    panel.show_ready(True, "Puts it on Mi A1")
    assert panel.what.text() == "Puts it on Mi A1"


def test_what_is_refused_before_anything_is_sent_is_no_fault_of_the_step_before(panel):
    error = InstallError("INSTALL_FAILED_UPDATE_INCOMPATIBLE", "Another copy.", "")
    panel.show_started("x")
    panel.show_progress(Progress("sign", 1.0))
    panel.show_ended(Ended(Outcome.FAILED, str(error), error))
    assert panel.track.states[:3] == ["ok", "ok", "fail"]
    assert panel.what.text() == "While installing: Another copy."
