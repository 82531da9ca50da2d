import os
import struct
import zlib

import cv2
import numpy as np
import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.training import dataset as dataset_module
from engine.training.dataset import look_of, scan


def problems(found):
    return {each.path.name: each.what for each in found.problems}


def png_that_says(width, height):
    """A PNG's head without its pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + head
        + struct.pack(">I", zlib.crc32(head))
        + end
    )


def test_folders_are_classes_in_order(folder):
    found = scan(folder)
    assert found.classes == ("not_road", "road")
    assert found.counts == (6, 6)
    assert [each.label for each in found.pictures] == [0] * 6 + [1] * 6
    assert (found.pictures[0].width, found.pictures[0].height) == (64, 64)


def test_pictures_in_deeper_folders_count(folder, noise):
    noise(folder / "road" / "monday" / "x.png", 999)
    assert scan(folder).counts == (6, 7)


@pytest.mark.parametrize("name", ["🛣️ Straße", "with blank", "日本", "a..b"])
def test_class_names_of_any_script_are_kept(folder, noise, name):
    for at in range(5):
        noise(folder / name / f"{at}.png", 500 + at)
    assert name in scan(folder).classes


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("empty.jpg", b"", "is empty"),
        ("text.png", b"no picture at all", "is not a picture"),
        ("huge.png", png_that_says(10_000, 10_000), "has 100 megapixels"),
        ("still.gif", b"GIF89a", "of a kind that the lab does not read"),
    ],
)
def test_what_cannot_be_used_is_listed_and_left_where_it_is(folder, name, content, what):
    path = folder / "road" / name
    path.write_bytes(content)
    found = scan(folder)
    assert what in problems(found)[name]
    assert found.counts == (6, 6)
    assert path.read_bytes() == content


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_file_that_was_cut_off_is_listed(folder, noise, suffix):
    path = noise(folder / "road" / f"cut{suffix}", 7)
    path.write_bytes(path.read_bytes()[:-200])
    assert problems(scan(folder))[f"cut{suffix}"] == "ends in the middle."


def test_an_animated_picture_is_listed(folder, noise):
    path = noise(folder / "road" / "moves.png", 8)
    data = path.read_bytes()
    chunk = b"acTL" + struct.pack(">II", 2, 0)
    framed = struct.pack(">I", 8) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(data[:33] + framed + data[33:])
    assert problems(scan(folder))["moves.png"] == "is animated."


def test_16_bits_and_grey_are_pictures_too(folder):
    deep = np.random.default_rng(1).integers(0, 65536, (32, 32, 3), np.uint16)
    grey = np.random.default_rng(2).integers(0, 256, (32, 32), np.uint8)
    for name, pixels in (("deep.png", deep), ("grey.png", grey)):
        (folder / "road" / name).write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    assert scan(folder).counts == (6, 8)


def test_a_turned_picture_is_measured_upright(folder):
    sides = np.zeros((20, 40, 3), np.uint8)
    sides[:, 20:] = 255
    plain = cv2.imencode(".jpg", sides)[1].tobytes()
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    turned = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
    (folder / "road" / "turned.jpg").write_bytes(turned)
    found = next(each for each in scan(folder).pictures if each.path.name == "turned.jpg")
    assert (found.width, found.height) == (20, 40)


def test_the_same_file_twice_counts_once(folder):
    (folder / "road" / "copy.jpg").write_bytes((folder / "road" / "0.jpg").read_bytes())
    found = scan(folder)
    assert problems(found) == {"copy.jpg": "is the same as 0.jpg"}
    assert found.counts == (6, 6)


def test_a_file_in_two_classes_counts_in_none(folder):
    (folder / "not_road" / "copy.jpg").write_bytes((folder / "road" / "0.jpg").read_bytes())
    found = scan(folder)
    assert set(problems(found)) == {"copy.jpg", "0.jpg"}
    assert found.counts == (6, 5)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_to_folders_are_not_followed(folder):
    (folder / "road" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "again").symlink_to(folder / "road", target_is_directory=True)
    found = scan(folder)
    assert found.classes == ("not_road", "road")
    assert found.counts == (6, 6)


def test_one_class_is_not_enough(tmp_path, noise):
    noise(tmp_path / "road" / "a.jpg", 1)
    with pytest.raises(LabError, match="only the class road"):
        scan(tmp_path)


def test_no_class_folders_say_what_to_make(tmp_path):
    with pytest.raises(LabError, match="no class folders") as caught:
        scan(tmp_path)
    assert "one folder per class" in caught.value.advice


def test_three_pictures_are_not_enough(folder, noise):
    for at in range(3):
        noise(folder / "sky" / f"{at}.jpg", 300 + at)
    with pytest.raises(LabError, match="sky has 3 usable pictures"):
        scan(folder)


def test_too_many_files_are_refused_before_they_are_read(folder, monkeypatch):
    monkeypatch.setattr(dataset_module, "MOST_FILES", 11)
    with pytest.raises(LabError, match="more than 11 files"):
        scan(folder)


def test_a_folder_that_is_not_there_says_so(tmp_path):
    with pytest.raises(LabError, match="cannot be read"):
        scan(tmp_path / "gone")


def test_an_unbalanced_folder_is_warned_of(folder, noise):
    for at in range(20):
        noise(folder / "road" / f"more{at}.jpg", 700 + at)
    assert any("4 times as many" in each for each in scan(folder).warnings)


def test_cancel_stops_before_the_next_pictures(folder):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        scan(folder, cancel=cancel)


def test_progress_ends_with_the_last_picture(folder):
    seen = []
    scan(folder, report=seen.append)
    assert seen[-1].fraction == 1
    assert seen[-1].detail == "12 of 12"


def test_a_near_copy_looks_alike_and_another_picture_does_not(tmp_path, noise):
    def look(path):
        return look_of(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB))

    one = look(noise(tmp_path / "a.jpg", 1))
    smaller = look(noise(tmp_path / "b.jpg", 1, side=48, quality=60))
    other = look(noise(tmp_path / "c.jpg", 2))
    assert (one ^ smaller).bit_count() <= 6
    assert (one ^ other).bit_count() > 12
