"""Live accuracy in the window: asked for, counted and let go of."""

from types import SimpleNamespace

import pytest

from engine.accuracy.shares import Share
from gui.bridge import EventBridge
from gui.drive import MOST_SILENT, Drive
from gui.job_table import JobTable
from gui.recognised import Answer, Recognised

ROAD = Answer("classes", (("Road", 0.9), ("Not road", 0.1)))


class KnowingPhone:
    """Tells the truth that a test gives it, and counts who asks."""

    def __init__(self, truth):
        self.truth = truth
        self.asked = 0

    def shell(self, command):
        assert command == "getprop mobilenetlab.scene.truth"
        self.asked += 1
        return SimpleNamespace(stdout=f"{self.truth}\n")


@pytest.fixture
def make_drive(qtbot):
    bridge = EventBridge()

    def make(truth):
        jobs = JobTable(bridge)
        phone = KnowingPhone(truth)
        controller = SimpleNamespace(session=SimpleNamespace(phone=phone), jobs=jobs)
        return Drive(controller, bridge, every_ms=10), phone

    yield make
    bridge.deleteLater()


def model(**changes):
    facts = {"task": "classification", "untrained": False, "labels": ("Not road", "Road")}
    return SimpleNamespace(**facts | changes)


def test_right_answers_are_counted_while_the_truth_is_known(qtbot, make_drive):
    drive, _ = make_drive("road")
    told = []
    drive.told.connect(told.append)
    drive.take_model(model())

    def counted():
        drive.take_answer(ROAD)
        assert told
        assert told[-1] is not None
        assert told[-1].n >= 3

    qtbot.waitUntil(counted, timeout=10_000)
    assert told[-1].hits == told[-1].n
    drive.stop()
    assert told[-1] is None


def test_a_phone_that_does_not_know_is_soon_left_alone(qtbot, make_drive):
    drive, phone = make_drive("")
    drive.take_model(model())
    qtbot.waitUntil(lambda: not drive._timer.isActive(), timeout=10_000)
    assert phone.asked == MOST_SILENT


@pytest.mark.parametrize("changes", [{"untrained": True}, {"task": "detection"}])
def test_only_a_trained_classifier_is_judged(make_drive, changes):
    drive, phone = make_drive("road")
    drive.take_model(model(**changes))
    assert not drive._timer.isActive()
    assert phone.asked == 0


def test_the_card_shows_the_count_and_lets_go_of_it(qtbot, light):
    card = Recognised(light)
    qtbot.addWidget(card)
    card.show_score(Share(23, 24))
    assert card.score.text() == "right 23 of 24"
    card.show_score(None)
    assert card.score.isHidden()
