"""Taking pictures: one button per class, bursts while it is held, nothing overwritten."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from gui.training.capture_page import VIDEO, WEBCAM
from gui.training.capture_side import as_array, as_image, counts_in
from gui.training.pictures_card import CAPTURE


@pytest.fixture
def page(qtbot, side, tmp_path):
    """The page of a phone whose screen is blue, with one class."""
    screen = QImage(60, 120, QImage.Format.Format_RGB32)
    screen.fill(Qt.GlobalColor.blue)
    mirror = side.window.mirror_view
    mirror._image, mirror.state = screen, "live"
    side.pictures.capture.folder = tmp_path / "taken"
    side.pictures.begin_capture()
    page = side.view.capture
    qtbot.waitUntil(lambda: str(tmp_path) in page.folder.text(), timeout=20_000)
    page.new_class.setText("road")
    qtbot.keyClick(page.new_class, Qt.Key.Key_Return)
    return page


def test_pixels_survive_the_way_through_qt():
    rgb = np.random.default_rng(1).integers(0, 255, (5, 7, 3)).astype(np.uint8)
    assert (as_array(as_image(rgb)) == rgb).all()


def test_a_button_held_takes_a_burst_into_its_class(qtbot, page, side, tmp_path):
    button = page.buttons["road"]
    qtbot.waitUntil(button.isEnabled, timeout=20_000)
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.counts["road"] >= 3, timeout=20_000)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    files = sorted((tmp_path / "taken" / "road").glob("*.jpg"))
    assert len(files) >= 3
    bgr = cv2.imread(str(files[0]))
    assert bgr[..., 0].min() > 200  # blue, as the screen


def test_pictures_that_are_there_are_counted_and_kept(qtbot, page, side, tmp_path):
    place = tmp_path / "taken" / "road"
    place.mkdir(parents=True)
    (place / "00001.jpg").write_bytes(b"older")
    side.pictures.begin_capture()
    qtbot.waitUntil(lambda: page.counts.get("road") == 1, timeout=20_000)
    qtbot.waitUntil(page.buttons["road"].isEnabled, timeout=20_000)
    page.buttons["road"].click()
    qtbot.waitUntil(lambda: page.counts["road"] == 2, timeout=20_000)
    assert (place / "00001.jpg").read_bytes() == b"older"


def test_two_classes_are_needed_to_go_on(qtbot, page):
    assert not page.done_button.isEnabled()
    page.add_class("meadow")
    page.show_kept("meadow")
    page.show_kept("road")
    assert page.done_button.isEnabled()


@pytest.mark.parametrize("name", ["../road", ".hidden", "a/b", "CON"])
def test_a_name_that_is_no_folders_is_refused(page, name):
    page.new_class.setText(name)
    page.add_button.click()
    assert name not in page.buttons
    assert page.said.state == "fail"


def test_without_a_phone_the_page_says_what_to_do(side):
    side.pictures.begin_capture()
    page = side.view.capture
    page.looked.emit()
    assert page.picker.image is None
    assert "Connect a phone" in page.picker.empty
    assert side.view.trial.isHidden()


def test_leaving_the_page_shows_what_was_there_before(page, side):
    page.back_button.click()
    assert side.view.pictures.pages.currentIndex() != CAPTURE
    assert not side.view.trial.isHidden()


def test_a_webcam_that_is_not_there_is_a_sentence(qtbot, page):
    page.source.choose(WEBCAM)
    qtbot.waitUntil(lambda: "no webcam 0" in page.picker.empty, timeout=20_000)


def test_of_several_webcams_one_is_chosen(qtbot, page):
    page.source.show_words(page.source.words, WEBCAM)
    page.show_cameras((0,))
    assert page.cameras.isHidden()
    page.show_cameras((0, 2))
    assert not page.cameras.isHidden()
    assert page.camera == 0
    page.cameras.setCurrentIndex(1)
    with qtbot.waitSignal(page.camera_chosen):
        page.cameras.activated.emit(1)
    assert page.camera == 2
    qtbot.waitUntil(lambda: "no webcam 2" in page.picker.empty, timeout=20_000)
    page.show_cameras((2, 3))  # it was looked for again
    assert page.camera == 2


def test_a_video_is_shown_until_its_end(qtbot, page, side, tmp_path):
    path = tmp_path / "drive.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for _ in range(9):
        writer.write(np.full((48, 64, 3), 90, np.uint8))
    writer.release()
    page.source.show_words(page.source.words, VIDEO)  # without its dialog
    side.pictures.capture.play(path)
    qtbot.waitUntil(lambda: page.picker.image is not None, timeout=20_000)
    assert page.picker.image.width() in {60, 64}
    qtbot.waitUntil(lambda: "at its end" in page.picker.empty, timeout=20_000)


def test_a_folder_that_is_not_there_has_no_classes(tmp_path):
    assert counts_in(tmp_path / "nowhere") == {}
