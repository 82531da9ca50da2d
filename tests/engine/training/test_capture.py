from queue import SimpleQueue
from types import SimpleNamespace

import av
import numpy as np
import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.mirror.frames import Frame, FrameSlot
from engine.models.pictures import read_picture
from engine.training.album import Album
from engine.training.camera_picture import find_camera_picture
from engine.training.capture import PhoneScreen, VideoFile, Webcam, cameras, capture

APP = "  topResumedActivity=ActivityRecord{1a2b3c u0 org.mobilenetlab.phone/.MainActivity t1}"
LAUNCHER = "  topResumedActivity=ActivityRecord{1a2b3c u0 com.android.launcher3/.Launcher t1}"


@pytest.fixture
def album(tmp_path):
    return Album(tmp_path / "captured", "road")


@pytest.fixture
def video(tmp_path):
    """Ten frames, each brighter than the one before."""
    path = tmp_path / "dämmerung.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for at in range(10):
            rgb = np.full((48, 64, 3), 20 + 20 * at, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, "rgb24")))
        file.mux(stream.encode())
    return path


class Source:
    """Pictures without an end."""

    def __init__(self):
        self.given = 0

    def next(self, _cancel):
        self.given += 1
        return np.full((8, 8, 3), self.given % 256, np.uint8)

    def close(self):
        pass


def test_every_third_frame_of_a_video_is_taken(album, video):
    source = VideoFile(video, every=3)
    taken = capture(source, album)
    source.close()
    levels = [read_picture(path).mean() for path in taken.paths]
    assert levels == pytest.approx([20, 80, 140, 200], abs=6)
    assert not taken.cancelled


def test_no_more_are_taken_than_asked_for(album, video):
    said = []
    taken = capture(VideoFile(video, every=1), album, count=4, report=said.append)
    assert len(taken.paths) == 4
    assert [each.fraction for each in said] == [0.25, 0.5, 0.75, 1.0]


def test_cancelling_leaves_what_was_taken(album):
    cancel = CancelToken()

    def stop(progress):
        if progress.detail.startswith("3 "):
            cancel.cancel()

    taken = capture(Source(), album, report=stop, cancel=cancel)
    assert taken.cancelled
    assert len(taken.paths) == 3
    assert all(path.is_file() for path in taken.paths)


def test_between_two_pictures_is_at_least_the_interval(album):
    source = Source()
    capture(source, album, count=3, interval_s=0.05)
    assert source.given > 3  # what came too early was left out


@pytest.mark.parametrize(
    ("content", "what"), [(None, "There is no video"), (b"no video", "is not a video")]
)
def test_what_is_no_video_is_named(tmp_path, content, what):
    path = tmp_path / "x.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LabError, match=what):
        VideoFile(path)


def test_a_step_of_no_frames_is_refused(video):
    with pytest.raises(LabError):
        VideoFile(video, every=0)


def test_only_webcams_that_can_be_opened_are_listed():
    for number in cameras(most=2):
        Webcam(number).close()


def test_looking_for_webcams_can_be_cancelled(monkeypatch):
    monkeypatch.setattr("platform.system", lambda: "Darwin")  # where each number is tried
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        cameras(cancel=cancel)


def test_a_webcam_that_is_not_there_is_named():
    with pytest.raises(LabError, match="There is no webcam 97"):
        Webcam(97)


# ---- the phone's screen ----


def screen(*, night=False):
    """The lab app's screen as Android's layout makes it: bar, picture, panel with figures."""
    chance = np.random.default_rng(1)
    rgb = np.full((800, 400, 3), 0, np.uint8)
    rgb[20:80] = (13, 16, 19)
    rgb[640:] = (16, 20, 24)
    rgb[700:715, 30:200] = 240
    rgb[40:52, 20:180] = 255
    level, noise = (25, 14) if night else (140, 60)
    picture = chance.normal(level, noise, (533, 400, 3))
    rgb[94:627] = picture.clip(0, 255).astype(np.uint8)
    return rgb


@pytest.mark.parametrize("night", [False, True])
def test_the_cameras_picture_is_found_on_the_apps_screen(night):
    left, top, right, bottom = find_camera_picture(screen(night=night))
    assert (left, right) == (0, 400)
    assert abs(top - 94) <= 2
    assert abs(bottom - 627) <= 2


def test_the_cameras_picture_is_found_beside_a_panel():
    rgb = np.zeros((400, 800, 3), np.uint8)
    rgb[40:390, 30:497] = np.random.default_rng(2).integers(0, 256, (350, 467, 3))
    left, top, right, bottom = find_camera_picture(rgb)
    assert abs(left - 30) + abs(right - 497) + abs(top - 40) + abs(bottom - 390) <= 8


def test_a_block_without_a_cameras_proportions_is_none():
    rgb = np.zeros((800, 400, 3), np.uint8)
    rgb[94:627, :200] = np.random.default_rng(2).integers(0, 256, (533, 200, 3))
    assert find_camera_picture(rgb) is None


def test_a_screen_without_a_picture_has_none():
    rgb = np.full((800, 400, 3), (16, 20, 24), np.uint8)
    rgb[100:120, 30:220] = 240
    assert find_camera_picture(rgb) is None


@pytest.fixture
def session():
    """A session whose phone's screen shows what is put into its slot."""

    def make(activities, pictures):
        slot = FrameSlot()
        waiting = SimpleQueue()
        for rgb in pictures:
            waiting.put(rgb)

        def wait(_timeout_s):
            if waiting.empty():
                return None
            rgb = waiting.get()
            bgra = np.dstack([rgb[..., ::-1], np.full(rgb.shape[:2], 255, np.uint8)])
            height, width = rgb.shape[:2]
            return Frame(width, height, bgra, width, height, 0, 1)

        slot.wait = wait
        mirror = SimpleNamespace(slot=slot, set_target=lambda *_size: None)
        phone = SimpleNamespace(shell=lambda _line: SimpleNamespace(output=activities))
        return SimpleNamespace(mirror=mirror, phone=phone)

    return make


def test_with_the_app_in_front_only_the_cameras_picture_is_taken(session, album):
    source = PhoneScreen(session(APP, [screen()]), still_s=0.01)
    taken = capture(source, album, what=source.what)
    assert read_picture(taken.paths[0]).shape == (533, 400, 3)
    assert taken.what == "They show the camera's picture out of the lab's app."


def test_with_another_app_in_front_the_whole_screen_is_taken(session, album):
    source = PhoneScreen(session(LAUNCHER, [screen()]), still_s=0.01)
    taken = capture(source, album, what=source.what)
    assert read_picture(taken.paths[0]).shape == (800, 400, 3)
    assert "whole screen: the app is not in front" in taken.what


def test_where_the_picture_is_not_found_the_whole_screen_is_taken_and_told(session, album):
    empty = np.zeros((800, 400, 3), np.uint8)
    source = PhoneScreen(session(APP, [empty, screen()]), still_s=0.01, search_s=1e-9)
    taken = capture(source, album, what=source.what)
    assert [read_picture(path).shape[0] for path in taken.paths] == [800, 533]
    assert taken.what.startswith("1 show the camera's picture")


def test_a_frame_that_hides_the_picture_is_cut_as_the_others_are(session, album):
    dark = screen()
    dark[94:627] = 5  # no light at all
    source = PhoneScreen(session(APP, [dark, screen(), dark]), still_s=0.01)
    taken = capture(source, album, what=source.what)
    assert [read_picture(path).shape[0] for path in taken.paths] == [533, 533]
    assert taken.what == "They show the camera's picture out of the lab's app."


def test_colours_are_those_of_the_screen(session, album):
    red = np.full((80, 40, 3), (200, 30, 10), np.uint8)
    source = PhoneScreen(session(LAUNCHER, [red]), still_s=0.01)
    seen = read_picture(capture(source, album).paths[0]).mean(axis=(0, 1))
    assert seen == pytest.approx([200, 30, 10], abs=6)


def test_a_session_without_a_mirror_ends_in_a_sentence(session):
    with pytest.raises(LabError, match="mirror"):
        PhoneScreen(SimpleNamespace(mirror=None))
