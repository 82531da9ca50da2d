"""What the virtual phone's camera sees."""

import os

import cv2
import numpy as np
import pytest

from engine.errors import LabError
from engine.virtual_phone.screen.camera import Camera, open_cameras
from engine.virtual_phone.screen.scene import DRIVE
from engine.virtual_phone.screen.sources import PICTURE_S, Pictures, fit_picture


def write_picture(path, colour, size=(64, 48)):
    picture = np.full((size[1], size[0], 3), colour[::-1], np.uint8)
    assert cv2.imwrite(str(path), picture)


def test_pictures_come_by_name_each_for_its_time_over_and_over(tmp_path):
    write_picture(tmp_path / "b.png", (0, 250, 0))
    write_picture(tmp_path / "a.png", (250, 0, 0))
    source = Pictures(tmp_path)
    seen = []
    for moment in (0.0, PICTURE_S * 0.9, PICTURE_S * 1.1, PICTURE_S * 2.1):
        rgb, number = source.read(moment)
        assert rgb.shape == (480, 640, 3)
        seen.append((number, tuple(int(v) for v in rgb[240, 320])))
    red, green = (0, (250, 0, 0)), (1, (0, 250, 0))
    assert seen == [red, red, green, red]


def test_a_picture_that_cannot_be_read_is_left_out(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    write_picture(tmp_path / "b.png", (0, 0, 250))
    rgb, _ = Pictures(tmp_path).read(0.0)
    assert tuple(rgb[0, 0]) == (0, 0, 250)


def test_exif_orientation_is_honoured(tmp_path):
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, :40] = 255  # left half white
    good, jpeg = cv2.imencode(".jpg", picture)
    assert good
    # APP1 with one TIFF entry: orientation 6, to be turned clockwise
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    data = jpeg.tobytes()
    marker = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    (tmp_path / "a.jpg").write_bytes(data[:2] + marker + data[2:])
    rgb, _ = Pictures(tmp_path).read(0.0)
    assert rgb[:200].mean() > 240  # what was left is up now
    assert rgb[-200:].mean() < 15


def test_a_picture_is_cropped_about_its_centre_and_not_squeezed():
    tall = np.zeros((900, 300, 3), np.uint8)
    tall[400:500] = 200
    fitted = fit_picture(tall)
    assert fitted.shape == (480, 640, 3)
    rows = np.flatnonzero(fitted[:, 320, 0] > 100)
    assert rows[0] + rows[-1] == pytest.approx(479, abs=2)  # in the middle
    assert len(rows) == pytest.approx(100 * 640 / 300, abs=3)  # scaled alike both ways


@pytest.mark.parametrize("name", ["empty", "missing", "text.txt", "junk"])
def test_a_camera_that_cannot_be_is_refused_at_once(tmp_path, name):
    if name == "empty":
        (tmp_path / name).mkdir()
    if name == "text.txt":
        (tmp_path / name).write_text("no video")
    if name == "junk":
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(b"\x89PNG junk")
    with pytest.raises(LabError) as caught:
        open_cameras(str(tmp_path / name))
    assert caught.value.advice


def test_a_webcam_needs_a_number():
    with pytest.raises(LabError):
        open_cameras("webcam:front")


def test_the_test_drive_is_half_roads_and_says_what_each_scene_is():
    back = open_cameras(None)["back"]
    truths = [back._source.truth(number) for number in range(len(DRIVE))]
    assert truths.count("road") == truths.count("not_road") == len(DRIVE) // 2
    assert back._source.truth(len(DRIVE)) == truths[0]  # it begins anew
    back.start()
    assert back.wait(0, 10.0).truth == "road"
    back.close()


def test_a_picture_in_a_class_folder_is_of_that_class(tmp_path):
    for place in ("cat", "."):
        (tmp_path / place).mkdir(exist_ok=True)
        write_picture(tmp_path / place / "a.png", (9, 9, 9))
    source = Pictures(tmp_path)
    assert {source.truth(number) for number in (0, 1)} == {"", "cat"}
    assert Pictures(tmp_path / "a.png").truth(0) == ""


def test_the_drawn_scene_moves_and_is_the_same_every_time():
    first, again = open_cameras(None)["back"], open_cameras(None)["back"]
    for moment in (0.0, 1.0, 5.0):
        one, number = first._source.read(moment)
        other, _ = again._source.read(moment)
        assert np.array_equal(one, other)
        assert number == int(moment // 4)
    assert not np.array_equal(first._source.read(0.0)[0], first._source.read(0.5)[0])


def test_frames_are_numbered_and_dated_and_stop_with_the_camera(tmp_path):
    write_picture(tmp_path / "a.png", (9, 9, 9))
    camera = open_cameras(str(tmp_path))["back"]
    camera.start()
    one = camera.wait(0, 5.0)
    two = camera.wait(one.number, 5.0)
    assert two.number > one.number
    assert two.captured_ns > one.captured_ns
    camera.close()
    last = camera.latest().number
    assert camera.wait(last, 0.1) is None


def test_one_frame_is_to_be_had_without_starting(tmp_path):
    write_picture(tmp_path / "a.png", (9, 9, 9))
    rgb, captured_ns, picture = open_cameras(str(tmp_path))["back"].frame()
    assert rgb.shape == (480, 640, 3)
    assert captured_ns > 0
    assert picture == 0


def test_a_source_that_breaks_down_wakes_who_waits():
    class Breaking:
        def read(self, elapsed_s):
            raise LabError("gone")

        def close(self):
            pass

    camera = Camera(Breaking())
    camera.start()
    assert camera.wait(0, 30.0) is None
    assert str(camera.error) == "gone"
    camera.close()


def test_a_camera_that_comes_back_has_no_error_any_more():
    class Loose:
        plugged_in = False

        def read(self, elapsed_s):
            if not self.plugged_in:
                raise LabError("gone")
            return np.zeros((480, 640, 3), np.uint8), 0

        def truth(self, picture):
            return ""

        def close(self):
            pass

    source = Loose()
    camera = Camera(source)
    camera.start()
    assert camera.wait(0, 30.0) is None
    camera.stop()
    source.plugged_in = True
    camera.start()
    assert camera.error is not None or camera.latest() is not None  # no gap between the two
    end = camera.latest()
    while end is None:
        end = camera.wait(0, 1.0)
    assert camera.error is None
    camera.close()


def test_the_front_camera_sees_what_the_back_one_sees_in_a_mirror(tmp_path):
    half = np.zeros((48, 64, 3), np.uint8)
    half[:, :32] = 255
    assert cv2.imwrite(str(tmp_path / "a.png"), half)
    cameras = open_cameras(str(tmp_path))
    back, front = cameras["back"].frame()[0], cameras["front"].frame()[0]
    assert back[240, 100, 0] == 255
    assert np.array_equal(front, back[:, ::-1])
    for camera in cameras.values():
        camera.close()


def test_the_drawn_front_camera_sees_someone_who_moves():
    front = open_cameras(None)["front"]
    assert not np.array_equal(front._source.read(0.0)[0], front._source.read(0.5)[0])
    assert not np.array_equal(front._source.read(0.0)[0], front._source.read(0.0)[0][:, ::-1])


def test_a_phone_may_have_no_camera():
    assert open_cameras("none") == {}


def test_a_source_that_crashes_is_told_too_and_its_trace_is_in_the_log(caplog):
    class Crashing:
        def read(self, elapsed_s):
            raise ZeroDivisionError

        def close(self):
            pass

    camera = Camera(Crashing())
    camera.start()
    assert camera.wait(0, 30.0) is None
    assert camera.error.advice
    assert "ZeroDivisionError" in caplog.text
    camera.close()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs rights that can be lost")
def test_a_folder_that_may_not_be_read_is_not_called_empty(tmp_path):
    tmp_path.chmod(0)
    try:
        with pytest.raises(LabError, match="cannot be read"):
            open_cameras(str(tmp_path))
    finally:
        tmp_path.chmod(0o700)


def write_clip(path, levels):
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in levels:
            picture = np.full((48, 64, 3), level, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


@pytest.mark.timeout(20)
def test_a_clip_of_one_frame_is_a_picture(tmp_path):
    write_clip(tmp_path / "clip.mp4", [100])
    camera = open_cameras(str(tmp_path / "clip.mp4"))["back"]
    assert camera._source.read(0.5)[0].mean() == pytest.approx(100, abs=3)
    assert camera._source.read(0.6)[0].mean() == pytest.approx(100, abs=3)
    camera.close()


def test_a_clip_plays_at_its_own_speed_and_begins_again(tmp_path):
    write_clip(tmp_path / "clip.mp4", [20 + number * 20 for number in range(10)])
    camera = open_cameras(str(tmp_path / "clip.mp4"))["back"]
    levels = [round((float(camera._source.read(t)[0].mean()) - 20) / 20) for t in (0.0, 0.35, 0.75)]
    assert levels == [0, 3, 7]
    assert camera._source.read(1.2)[1] == 1
    camera.close()
