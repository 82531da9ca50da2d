"""The mirror, the real adb and a virtual phone's screen server, together."""

import threading
from queue import SimpleQueue

import numpy as np
import pytest

from engine.mirror.client import Mirror, MirrorState
from engine.phones.adb import Adb
from engine.phones.phone import Phone

HOME = 3  # Android's KEYCODE_HOME
SETTINGS_ICON = (0.21, 0.81)  # on the virtual phone's home screen, as fractions

pytestmark = pytest.mark.system


@pytest.fixture
def program(start_phone):
    return start_phone()


@pytest.fixture
def phone(adb, program):
    lab = Adb(adb.port)
    lab.connect(program.serial)
    assert adb.run("-s", program.serial, "wait-for-device").code == 0
    yield Phone(lab, program.serial)
    lab.disconnect(program.serial)


class Life:
    """A mirror and what it said."""

    def __init__(self, phone, **options):
        self.events = SimpleQueue()
        self.mirror = Mirror(phone, self.events, **options)

    def next(self):
        return self.events.get(timeout=10)

    def until(self, state):
        while (status := self.next()).state is not state:
            assert status.state is not MirrorState.FAILED, status.text
        return status

    def frame(self):
        frame = self.mirror.slot.wait(10)
        assert frame is not None
        return frame


@pytest.fixture
def life(phone):
    value = Life(phone)
    yield value
    value.mirror.stop()


@pytest.fixture
def live(life):
    life.mirror.set_target(360, 780)
    life.mirror.start()
    life.until(MirrorState.LIVE)
    return life


def in_front(phone):
    """The activity that has the phone's focus."""
    focus = phone.shell("dumpsys window").stdout
    return next(line for line in focus.splitlines() if "mCurrentFocus" in line)


def test_the_first_frame_has_the_targets_size_and_the_phones_shape(life):
    life.mirror.set_target(360, 780)
    life.mirror.start()
    frame = life.frame()
    assert (frame.width, frame.height) == (360, 780)
    assert (frame.source_width, frame.source_height) == (720, 1560)
    assert frame.bgra.std() > 5  # a picture, not a blank
    assert life.next().state is MirrorState.CONNECTING
    assert life.next().state is MirrorState.LIVE


def test_a_limit_on_the_size_is_kept(phone):
    life = Life(phone, max_size=640)
    life.mirror.start()
    try:
        status = life.until(MirrorState.LIVE)
        assert max(status.width, status.height) <= 640
    finally:
        life.mirror.stop()


def test_the_dialect_of_version_4_is_spoken(phone, tmp_path):
    server = tmp_path / "scrcpy-server-v4.1"
    server.write_bytes(b"the virtual phone does not run it")
    life = Life(phone, server=server)
    life.mirror.start()
    try:
        status = life.until(MirrorState.LIVE)
        assert (status.width, status.height) == (720, 1560)
        life.frame()
        life.mirror.rotate()
        assert life.until(MirrorState.LIVE).rotated
    finally:
        life.mirror.stop()


def test_a_server_of_another_version_is_named(phone, tmp_path):
    server = tmp_path / "scrcpy-server-v9.9"
    server.write_bytes(b"from the future")
    life = Life(phone, server=server)
    life.mirror.start()
    while (status := life.next()).state is MirrorState.CONNECTING:
        pass
    assert status.state is MirrorState.FAILED
    assert "another version" in status.text


def test_a_tap_and_a_key_reach_the_phone(live, phone):
    before = live.frame()
    home = in_front(phone)
    live.mirror.touch("down", *SETTINGS_ICON)
    live.mirror.touch("up", *SETTINGS_ICON)
    while not changed(before, live.frame()):
        pass
    assert in_front(phone) != home
    live.mirror.key(HOME, down=True)
    live.mirror.key(HOME, down=False)
    while changed(before, live.frame()):
        pass
    assert in_front(phone) == home


def changed(before, after):
    """Whether two frames show different pages: the clock alone is no difference."""
    apart = np.abs(before.bgra.astype(np.int16) - after.bgra)
    return apart.mean() > 10


def test_a_turned_phone_is_announced_and_shown(live):
    live.frame()
    live.mirror.rotate()
    status = live.until(MirrorState.LIVE)
    assert (status.rotated, status.width, status.height) == (True, 1560, 720)
    while (frame := live.frame()).source_width != 1560:
        pass
    assert frame.width > frame.height


def test_a_screen_that_stands_still_follows_a_new_target(live):
    live.frame()
    live.mirror.set_target(180, 390)
    while (frame := live.frame()).width != 180:
        pass
    assert frame.height == 390


def test_an_unplugged_phone_stops_the_mirror(live, program):
    program.tell("unplug")
    assert "The phone left" in live.until(MirrorState.STOPPED).text


def test_a_phone_that_came_back_is_mirrored_again(live, program, phone, adb):
    program.tell("unplug")
    live.until(MirrorState.STOPPED)
    program.tell("replug")
    phone.adb.disconnect(phone.serial)
    phone.adb.connect(phone.serial)
    assert adb.run("-s", program.serial, "wait-for-device").code == 0
    live.mirror.start()
    assert live.until(MirrorState.LIVE).width == 720


def test_a_connection_that_adb_makes_anew_stops_the_mirror(live, phone):
    phone.adb.reconnect(phone.serial)
    assert live.until(MirrorState.STOPPED).text


def test_pausing_ends_the_server_on_the_phone(live, phone, tmp_path):
    live.frame()
    live.mirror.pause()
    live.until(MirrorState.PAUSED)
    live.mirror.screenshot(tmp_path / "kept.png")
    assert (tmp_path / "kept.png").stat().st_size > 10_000
    live.mirror.resume()
    live.until(MirrorState.LIVE)


def test_stopping_ends_every_thread_of_the_mirror(live):
    live.frame()
    live.mirror.stop()
    assert live.until(MirrorState.STOPPED).text == "The mirror is off."
    assert not any(thread.name.startswith("mirror") for thread in threading.enumerate())


def test_two_mirrors_of_one_phone_live_side_by_side(live, phone):
    other = Life(phone)
    other.mirror.start()
    try:
        other.until(MirrorState.LIVE)
        live.mirror.rotate()
        assert live.until(MirrorState.LIVE).rotated
        assert other.until(MirrorState.LIVE).rotated
    finally:
        other.mirror.stop()
