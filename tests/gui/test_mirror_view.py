"""The phone's screen: one paint per frame taken, states, input, and the way out."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent

from engine.mirror.frames import Frame, FrameSlot
from gui.mirror_view import MirrorView

RIGHT_CONTROL_KEYSYM = 0xFFE4


@pytest.fixture
def view(qtbot, theme) -> MirrorView:
    view = MirrorView(theme)
    qtbot.addWidget(view)
    view.resize(320, 680)
    view.show()
    qtbot.waitExposed(view)
    return view


def make_frame(width: int = 280, height: int = 600, colour=(10, 20, 200)) -> Frame:
    bgra = np.full((height, width, 4), (*colour, 255), np.uint8)
    return Frame(width, height, bgra, 2 * width, 2 * height, 0, 1)


def centre(view: MirrorView) -> QPoint:
    return view.picture_box().center().toPoint()


@pytest.fixture
def live(view) -> MirrorView:
    view.show_frame(make_frame())
    view.show_state("live", "")
    view.setFocus()
    return view


def test_a_frame_is_painted_one_to_one_in_its_colours(live):
    picture = live.grab().toImage()
    pixel = picture.pixelColor(centre(live) * picture.devicePixelRatio())
    assert (pixel.red(), pixel.green(), pixel.blue()) == (200, 20, 10)


def test_the_corners_are_round(live):
    picture = live.grab().toImage()
    box = live.picture_box().toAlignedRect()
    corner = picture.pixelColor((box.topLeft() + QPoint(1, 1)) * picture.devicePixelRatio())
    assert corner.red() < 30


def test_a_burst_of_frames_wakes_the_view_once(qtbot, view):
    slot = FrameSlot()
    view.show_slot(slot)
    wakes = []
    slot.on_frame, inner = (lambda: (wakes.append(1), inner())), slot.on_frame
    worker = threading.Thread(target=lambda: [slot.put(make_frame()) for _ in range(50)])
    worker.start()
    worker.join()
    assert len(wakes) == 1
    qtbot.waitUntil(lambda: view.picture() is not None, timeout=2000)
    assert slot.take() is None


def test_a_frame_that_waits_is_taken_when_the_slot_is_shown(view):
    slot = FrameSlot()
    slot.put(make_frame())
    view.show_slot(slot)
    assert view.picture() is not None


def test_the_target_is_told_in_physical_pixels_at_each_size(qtbot, view):
    with qtbot.waitSignal(view.target_changed, timeout=1000) as told:
        view.resize(400, 800)
    assert told.args == list(view.target)
    assert 300 < told.args[0] <= 400 * view.devicePixelRatioF()


def test_a_tap_is_told_in_fractions_of_the_picture(qtbot, live):
    told = []
    live.touched.connect(lambda *where: told.append(where))
    qtbot.mouseClick(live, Qt.MouseButton.LeftButton, pos=centre(live))
    down, up = told
    assert down[0] == "down"
    assert up[0] == "up"
    assert down[1] == pytest.approx(0.5, abs=0.01)
    assert down[2] == pytest.approx(0.5, abs=0.01)


def test_a_drag_that_leaves_the_picture_still_lifts_the_finger(qtbot, live):
    qtbot.mousePress(live, Qt.MouseButton.LeftButton, pos=centre(live))
    with qtbot.waitSignal(live.touched, timeout=1000) as told:
        qtbot.mouseRelease(live, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert told.args == ["up", 0.0, 0.0]


def test_a_click_beside_the_picture_does_not_touch(qtbot, live):
    with qtbot.assertNotEmitted(live.touched):
        qtbot.mouseClick(live, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))


def test_right_click_is_back_and_middle_click_is_home(qtbot, live):
    with qtbot.waitSignal(live.back_requested, timeout=1000):
        qtbot.mouseClick(live, Qt.MouseButton.RightButton, pos=centre(live))
    told = []
    live.key_changed.connect(lambda *key: told.append(key))
    qtbot.mouseClick(live, Qt.MouseButton.MiddleButton, pos=centre(live))
    assert told == [(3, True), (3, False)]


def test_the_wheel_scrolls_by_notches(qtbot, live):
    where = QPointF(centre(live))
    event = QWheelEvent(
        where,
        live.mapToGlobal(where),
        QPoint(0, 0),
        QPoint(0, -240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    with qtbot.waitSignal(live.scrolled, timeout=1000) as told:
        live.wheelEvent(event)
    assert told.args[3] == -2


def test_letters_are_typed_and_enter_is_a_key(qtbot, live):
    with qtbot.waitSignal(live.typed, timeout=1000) as typed:
        qtbot.keyClick(live, "a")
    assert typed.args == ["a"]
    told = []
    live.key_changed.connect(lambda *key: told.append(key))
    qtbot.keyClick(live, Qt.Key.Key_Return)
    assert told == [(66, True), (66, False)]


def test_tab_goes_to_the_phone(qtbot, live):
    told = []
    live.key_changed.connect(lambda *key: told.append(key))
    qtbot.keyClick(live, Qt.Key.Key_Tab)
    assert told == [(61, True), (61, False)]


def test_right_ctrl_gives_the_keyboard_back(qtbot, live):
    press = QKeyEvent(
        QEvent.Type.KeyPress,
        Qt.Key.Key_Control,
        Qt.KeyboardModifier.ControlModifier,
        105,
        RIGHT_CONTROL_KEYSYM,
        0,
    )
    with qtbot.waitSignal(live.left, timeout=1000):
        live.keyPressEvent(press)


def test_left_ctrl_does_not(qtbot, live):
    press = QKeyEvent(
        QEvent.Type.KeyPress,
        Qt.Key.Key_Control,
        Qt.KeyboardModifier.ControlModifier,
        37,
        0xFFE3,
        0,
    )
    with qtbot.assertNotEmitted(live.left):
        live.keyPressEvent(press)


def test_nothing_goes_to_a_phone_that_is_not_live(qtbot, live):
    live.show_state("measuring", "")
    with qtbot.assertNotEmitted(live.touched), qtbot.assertNotEmitted(live.typed):
        qtbot.mouseClick(live, Qt.MouseButton.LeftButton, pos=centre(live))
        qtbot.keyClick(live, "a")


@pytest.mark.parametrize("state", ["none", "waiting", "connecting", "stopped", "failed"])
def test_no_state_is_an_empty_blank(view, state):
    view.show_state(state, "Check the cable and plug the phone in again.")
    picture = view.grab().toImage()
    box = view.picture_box().toAlignedRect().adjusted(30, 60, -30, -100)
    colours = {
        picture.pixel(x, y)
        for x in range(box.left(), box.right(), 3)
        for y in range(box.top(), box.bottom(), 3)
    }
    assert len(colours) > 8


def test_a_failure_offers_to_reconnect(qtbot, view):
    view.show_state("failed", "The phone left.")
    with qtbot.waitSignal(view.reconnect_requested, timeout=1000):
        qtbot.mouseClick(view.again, Qt.MouseButton.LeftButton)
    view.show_state("live", "")
    assert not view.again.isVisible()


def test_the_last_still_stays_while_measuring(live):
    live.show_state("measuring", "")
    assert live.picture() is not None


@pytest.mark.parametrize("state", ["failed", "stopped", "left", "waiting", "measuring"])
def test_what_is_said_over_a_still_stands_on_a_panel(view, state):
    view.show_frame(make_frame())
    view.show_state(state, "A sentence that says what happened and what to do about it.")
    panel = view._notice().panel
    picture = view.grab().toImage()
    spot = (panel.topLeft() + QPointF(20, 12)).toPoint() * picture.devicePixelRatio()
    assert picture.pixelColor(spot).name().upper() == view.theme.colours.surface


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_reconnect_stands_below_the_sentence(view, state):
    view.show_state(state, "A sentence that is long enough to need two lines of its own. " * 2)
    assert view.again.isVisible()
    assert view._notice().panel.contains(view.again.geometry().toRectF())


def test_a_phone_that_left_offers_nothing_to_click(view):
    view.show_state("failed", "x")
    view.show_state("left", "Plug it in again.")
    assert not view.again.isVisible()


@pytest.mark.parametrize("state", ["failed", "measuring"])
def test_what_is_said_does_not_hide_a_phone_that_lies(view, state):
    view.show_frame(make_frame(280, 130))
    view.show_state(state, "A sentence that says what happened and what to do about it.")
    panel = view._notice().panel
    assert panel.top() > view.picture_box().bottom()
    assert panel.bottom() <= view.height()


def test_a_slot_that_is_no_longer_shown_wakes_nobody(view):
    old = FrameSlot()
    view.show_slot(old)
    view.show_slot(None)
    woken = []
    view._frame_waits.connect(lambda: woken.append(1))
    old.put(make_frame())
    assert woken == []
    assert view.picture() is None
