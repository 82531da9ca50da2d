"""Leave the phone clean: asked first, told as it goes, and what went is named."""

import pytest
from PySide6.QtCore import Qt

from engine.jobs import Ended, Outcome, Progress
from engine.phones.cleaning import Cleaned
from gui.cleaning_page import NOTHING, STEPS, CleaningPage


@pytest.fixture
def page(qtbot, light) -> CleaningPage:
    page = CleaningPage(light)
    qtbot.addWidget(page)
    page.resize(300, 600)
    page.show()
    return page


def test_what_goes_is_named_before_anything_goes(qtbot, page):
    with qtbot.assertNotEmitted(page.clean_requested):
        page.ask("Mi A1")
    assert "Mi A1" in page.confirm.sentence.text()
    assert "models" in page.confirm.sentence.text()
    with qtbot.waitSignal(page.clean_requested, timeout=1000):
        qtbot.mouseClick(page.confirm.yes, Qt.MouseButton.LeftButton)


def test_the_keyboard_is_on_the_button_that_keeps_everything(qtbot, page):
    page.activateWindow()
    page.ask("Mi A1")
    assert page.focusWidget() is page.confirm.no
    with qtbot.waitSignal(page.declined, timeout=1000):
        qtbot.keyClick(page.confirm.no, Qt.Key.Key_Return)


def test_the_steps_are_the_engines_own(page):
    page.show_started()
    for step, words in STEPS.items():
        page.show_progress(Progress(step, 0.5))
        assert page.said.text() == words


def test_what_was_removed_and_restored_is_shown(page):
    page.show_started()
    cleaned = Cleaned(("org.mobilenetlab.phone",), ("global stay_on_while_plugged_in = 0",))
    page.show_ended(Ended(Outcome.COMPLETED, result=cleaned))
    assert page.title.text() == "The phone is clean"
    assert "org.mobilenetlab.phone" in page.said.text()
    assert "stay_on_while_plugged_in = 0" in page.said.text()
    assert page.deploy_button.isVisible()
    assert not page.cancel_button.isVisible()


def test_a_phone_that_was_clean_says_so(page):
    page.show_started()
    page.show_ended(Ended(Outcome.COMPLETED, result=Cleaned((), ())))
    assert page.said.text() == NOTHING


@pytest.mark.parametrize(
    ("ended", "state"),
    [(Ended(Outcome.CANCELLED), "warn"), (Ended(Outcome.FAILED, "The phone left."), "fail")],
)
def test_what_is_not_clean_is_not_called_so(page, ended, state):
    page.show_started()
    page.show_ended(ended)
    assert page.shape.state == state
    assert "is clean" not in page.title.text()
