"""Deploy: the steps are seen, cancel works, errors stand with their advice."""

import pytest
from PySide6.QtCore import Qt

from engine.errors import InstallError
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
    assert panel.what.text() == "The phone refused."
    assert panel.advice.text() == "Tap Install."
    assert panel.advice.isVisible()


def test_a_bug_without_an_error_still_says_something(panel):
    panel.show_started("x")
    panel.show_ended(Ended(Outcome.FAILED, "Something in the lab broke."))
    assert panel.what.text() == "Something in the lab broke."
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
