"""Deploy: the steps are seen, cancel works, errors stand with their advice."""

import pytest
from PySide6.QtCore import Qt

from engine.errors import InstallError, PhoneError, Remedy
from engine.jobs import Ended, Outcome, Progress
from gui.deploy_panel import STEPS, DeployPanel


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


def test_an_app_of_another_signer_is_removed_by_its_button(qtbot, panel):
    error = InstallError("X", "Another copy.", "Remove it.", remedy=Remedy.REMOVE_OLD)
    panel.show_started("x")
    panel.show_ended(Ended(Outcome.FAILED, str(error), error))
    with qtbot.waitSignal(panel.remove_requested, timeout=1000):
        qtbot.mouseClick(panel.remove_button, Qt.MouseButton.LeftButton)
    panel.show_started("x")
    assert not panel.remove_button.isVisible()


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
