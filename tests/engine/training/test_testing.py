import os

import numpy as np
import pytest

from engine.errors import LabError
from engine.models.pictures import read_picture
from engine.models.preprocessing import centre_square, resize_bilinear
from engine.training.testing import SmallPictures


def plain(path, side):
    return resize_bilinear(centre_square(read_picture(path)), side, side)


def test_a_picture_is_decoded_once_for_each_size(noise, tmp_path):
    path, small = noise(tmp_path / "a.png", 1), SmallPictures()
    first = small.read(path, 16)
    np.testing.assert_array_equal(first, plain(path, 16))
    assert small.read(path, 16) is first
    assert small.read(path, 32).shape == (32, 32, 3)


def test_a_picture_that_changed_is_decoded_again(noise, tmp_path):
    path, small = noise(tmp_path / "a.png", 1), SmallPictures()
    first = small.read(path, 16)
    noise(path, 2)
    os.utime(path, ns=(1, 1))
    assert (small.read(path, 16) != first).any()
    np.testing.assert_array_equal(small.read(path, 16), plain(path, 16))


def test_no_more_is_held_than_there_is_room_for(noise, tmp_path):
    small = SmallPictures(most_bytes=16 * 16 * 3)
    held, other = noise(tmp_path / "a.png", 1), noise(tmp_path / "b.png", 2)
    assert small.read(held, 16) is small.read(held, 16)
    assert small.read(other, 16) is not small.read(other, 16)


def test_what_is_gone_is_a_sentence(tmp_path):
    with pytest.raises(LabError):
        SmallPictures().read(tmp_path / "gone.png", 16)
