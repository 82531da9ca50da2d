"""What is in front, what touches and keys do, and when there are new pictures."""

import contextlib
import random
import threading
import time

import numpy as np
import pytest

from engine.errors import LabError
from engine.virtual_phone.app.layout import lay_out
from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.handset import SETTINGS, Handset
from engine.virtual_phone.screen.pages import navigation_places, page_area
from engine.virtual_phone.screen.screen import (
    KEY_APP_SWITCH,
    KEY_BACK,
    KEY_HOME,
    KEY_POWER,
    KEY_WAKEUP,
    Screen,
)
from engine.virtual_phone.system.properties import SCENE_TRUTH


def tap(phone, rect):
    x, y = rect.middle
    phone.screen.touch("down", x, y)
    phone.screen.touch("up", x, y)


def icon(phone, name):
    area = page_area(*phone.screen.size)
    return next(one.rect for one in phone.screen._home.targets(area) if one.name == name)


def pause_button(phone):
    return lay_out(page_area(*phone.screen.size)).button


def launch(phone, **options):
    phone.install(**options)
    phone.handset.start_activity(f"{PACKAGE}/.MainActivity")
    phone.wait(lambda: phone.screen._app.model() is not None)


def test_a_fresh_phone_shows_the_launcher_in_portrait(phone):
    assert phone.screen.foreground is None
    assert phone.screen.size == (720, 1560)
    picture = phone.screen.picture()
    assert picture.shape == (1560, 720, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100


def test_the_app_has_an_icon_once_it_is_installed(phone):
    area = page_area(*phone.screen.size)
    assert [one.name for one in phone.screen._home.targets(area)] == ["settings"]
    phone.install()
    assert [one.name for one in phone.screen._home.targets(area)] == ["lab", "settings"]


def test_a_tap_on_the_icon_starts_the_app(phone):
    phone.install()
    tap(phone, icon(phone, "lab"))
    assert phone.screen.foreground == PACKAGE
    assert "mobilenet_lab" in phone.handset.sockets.names()
    assert phone.handset.processes.pid_of(PACKAGE)


def test_while_the_camera_runs_a_property_tells_the_truth_about_its_scene(phone):
    assert SCENE_TRUTH not in phone.handset.readings()
    phone.install()
    phone.handset.start_activity(f"{PACKAGE}/.MainActivity")
    phone.wait(lambda: phone.handset.readings().get(SCENE_TRUTH) == "road")
    phone.handset.press_key(3)
    phone.wait(lambda: SCENE_TRUTH not in phone.handset.readings())
    assert SCENE_TRUTH not in phone.handset.properties  # it is no setting of the phone


def test_a_finger_that_slides_off_does_not_tap(phone):
    phone.install()
    rect = icon(phone, "lab")
    phone.screen.touch("down", *rect.middle)
    phone.screen.touch("move", rect.right + 50, rect.top)
    phone.screen.touch("up", rect.right + 50, rect.top)
    assert phone.screen.foreground is None


def test_home_back_and_the_bar_leave_the_app_and_it_runs_on(phone):
    launch(phone)
    places = navigation_places(*phone.screen.size)
    for leave in (
        lambda: phone.screen.key(KEY_HOME),
        lambda: phone.screen.key(KEY_BACK),
        lambda: tap(phone, places["home"]),
        lambda: tap(phone, places["back"]),
    ):
        phone.screen.launch(PACKAGE)
        leave()
        assert phone.screen.foreground is None
    assert "mobilenet_lab" in phone.handset.sockets.names()
    assert len(phone.opened) == 1


def test_a_swipe_up_from_the_lower_edge_goes_home(phone):
    launch(phone)
    phone.screen.touch("down", 360, 1550)
    phone.screen.touch("move", 360, 1400)
    phone.screen.touch("up", 360, 1000)
    assert phone.screen.foreground is None


def test_the_app_switch_goes_to_the_launcher_and_back(phone):
    launch(phone)
    phone.screen.key(KEY_APP_SWITCH)
    assert phone.screen.foreground is None
    phone.screen.key(KEY_APP_SWITCH)
    assert phone.screen.foreground == PACKAGE


def test_a_key_acts_when_it_goes_down(phone):
    launch(phone)
    phone.screen.key(KEY_HOME, False)
    assert phone.screen.foreground == PACKAGE


def test_the_pause_button_stops_and_continues(phone):
    launch(phone)
    tap(phone, pause_button(phone))
    assert phone.screen._app.state()["paused"] is True
    tap(phone, pause_button(phone))
    assert phone.screen._app.state()["paused"] is False


def test_without_the_permission_the_button_grants_it(phone):
    launch(phone, granted=False)
    assert phone.screen._app.state()["error"]["code"] == "camera_permission"
    tap(phone, pause_button(phone))
    phone.wait(lambda: phone.screen._app.view().preview is not None)
    assert phone.screen._app.state()["error"] is None


def test_the_camera_view_moves_and_a_paused_one_stands_still(phone):
    launch(phone)
    counter = phone.screen.counter
    phone.wait(lambda: phone.screen.counter >= counter + 5)
    tap(phone, pause_button(phone))
    phone.wait(lambda: not phone.screen._app.animated)
    still = phone.screen.counter
    while phone.screen.wait_changed(still, 0.5) > still:  # what was on its way
        still = phone.screen.counter
    assert phone.screen.wait_changed(still, 0.3) == still


def test_the_launcher_stands_still(phone, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda *_: "12:00")
    phone.screen.redraw()
    still = phone.screen.counter
    while phone.screen.wait_changed(still, 0.5) > still:
        still = phone.screen.counter
    for _ in range(3):
        phone.screen.redraw()
    assert phone.screen.wait_changed(still, 0.3) == still


@pytest.mark.parametrize("app", [True, False])
def test_rotation_swaps_the_sides_and_lays_out_anew(phone, app):
    if app:
        launch(phone)
    phone.screen.rotate()
    assert phone.screen.size == (1560, 720)
    phone.wait(lambda: phone.screen.picture().shape == (720, 1560, 3))
    if app:
        tap(phone, pause_button(phone))
        assert phone.screen._app.state()["paused"] is True
    else:
        tap(phone, icon(phone, "settings"))
        assert phone.screen.foreground == SETTINGS
    phone.screen.rotate()
    phone.wait(lambda: phone.screen.picture().shape == (1560, 720, 3))


def test_power_turns_the_screen_black_and_touches_off(phone):
    phone.install()
    phone.screen.key(KEY_POWER)
    phone.wait(lambda: not phone.screen.picture().any())
    tap(phone, icon(phone, "lab"))
    assert phone.screen.foreground is None
    phone.screen.key(KEY_WAKEUP)
    phone.wait(lambda: phone.screen.picture().any())


def test_stopping_the_app_closes_its_socket_and_goes_home(phone):
    launch(phone)
    phone.handset.force_stop(PACKAGE)
    assert phone.screen.foreground is None
    assert "mobilenet_lab" not in phone.handset.sockets.names()


def test_a_package_that_is_not_the_labs_shows_that_it_does_not_run(phone):
    phone.screen.launch("com.example.other")
    assert phone.screen.foreground == "com.example.other"
    phone.screen.stop("com.example.other")
    assert phone.screen.foreground is None


def test_pictures_are_not_to_be_written_to(phone):
    phone.screen.rotate()
    phone.wait(lambda: phone.screen.picture().shape[0] == 720)
    with pytest.raises(ValueError, match="read-only"):
        phone.screen.picture()[:] = 0


def test_a_bad_camera_is_refused_when_the_phone_is_made(tmp_path):
    with pytest.raises(LabError):
        Screen(Handset("x", "14"), str(tmp_path))


def test_people_who_do_everything_at_once_lock_nothing_up(phone):
    phone.install()

    def storm(seed):
        chance = random.Random(seed)
        for _ in range(80):
            what = chance.randrange(6)
            if what == 0:
                phone.handset.start_activity(f"{PACKAGE}/.MainActivity")
            elif what == 1:
                phone.handset.force_stop(PACKAGE)
            elif what == 2:
                phone.screen.rotate()
            elif what == 3:
                phone.screen.key(chance.choice([KEY_HOME, KEY_POWER, KEY_APP_SWITCH]))
            elif what == 4:
                x, y = chance.randrange(1560), chance.randrange(1560)
                phone.screen.touch("down", x, y)
                phone.screen.touch("up", x, y)
            else:
                with contextlib.suppress(OSError, EOFError):
                    lab = phone.handset.sockets.connect("mobilenet_lab")
                    lab.settimeout(2)
                    lab.write(b"MNLB\1\0\0\0\x45\0\0\0\4\0\0\0\1\0\0\0")
                    lab.read(1000)
                    lab.close()
        done.append(seed)

    done = []
    threads = [threading.Thread(target=storm, args=(seed,), daemon=True) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == [0, 1, 2, 3]
    phone.screen.key(KEY_WAKEUP)
    phone.screen.launch(PACKAGE)
    counter = phone.screen.counter
    phone.wait(lambda: phone.screen.counter > counter)
