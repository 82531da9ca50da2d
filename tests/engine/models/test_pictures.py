"""Picture files are found and read, whatever they are called."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.models.pictures import find_pictures, picture_pixels, read_picture


def write_red(path):
    coded = cv2.imencode(path.suffix, np.full((4, 6, 3), (0, 0, 255), np.uint8))[1]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(coded.tobytes())
    return path


def test_pictures_are_found_below_a_folder_by_name(tmp_path):
    here = [write_red(tmp_path / "b.PNG"), write_red(tmp_path / "sub" / "a.jpg")]
    (tmp_path / "notes.txt").write_text("no picture")
    assert find_pictures(tmp_path) == here


def test_a_folder_that_is_not_there_is_no_empty_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        find_pictures(tmp_path / "none")


def test_a_picture_is_rgb_whatever_letters_its_name_has(tmp_path):
    rgb = read_picture(write_red(tmp_path / "Straße ü.png"))
    assert rgb.shape == (4, 6, 3)
    assert rgb[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("content", [None, b"", b"\x89PNG junk"])
def test_what_is_no_picture_is_named(tmp_path, content):
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LabError, match=r"a\.png") as caught:
        read_picture(path)
    assert caught.value.advice


def test_a_picture_of_too_many_pixels_is_refused_unread(tmp_path):
    path = tmp_path / "huge.jpg"
    frame = b"\xff\xc0\x00\x0b\x08" + (20_000).to_bytes(2, "big") * 2 + b"\x01\x01\x11\x00"
    path.write_bytes(b"\xff\xd8\xff\xe0\x00\x04AB" + frame + b"\xff\xd9")
    with pytest.raises(LabError, match="has 400 megapixels"):
        read_picture(path)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_look_at_a_pictures_head(data):
    for head in (b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n"):
        assert (picture_pixels(head + data) or 0) >= 0
