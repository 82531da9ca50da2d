import os
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.models.pictures import read_picture
from engine.training.album import Album, check_class_name

GREY = np.full((20, 30, 3), 120, np.uint8)


@pytest.mark.parametrize("name", ["road", "not_road", "🛣️ Straße", "日本 2", "a..b", "x.y"])
def test_names_of_any_script_are_folders(tmp_path, name):
    path = Album(tmp_path, name).add(GREY)
    assert path.parent == tmp_path / unicodedata.normalize("NFC", name)
    assert read_picture(path).shape == GREY.shape


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "../a", "a/b", "/a", "a\\b", "C:", "a\nb", "a\0b", ".hidden", " a",
        "a ", "a.", "NUL", "com1.x", "x" * 300, "\ud800",
    ],
)  # fmt: skip
def test_names_that_leave_the_folder_or_fit_nowhere_are_refused(tmp_path, name):
    with pytest.raises(LabError):
        Album(tmp_path / "new", name)
    assert not (tmp_path / "new").exists()


@given(st.text(max_size=300))
def test_a_name_that_is_taken_is_one_folder(name):
    try:
        taken = check_class_name(name)
    except LabError:
        return
    assert os.path.normpath(taken) == taken
    assert os.path.basename(taken) == taken  # noqa: PTH119 - what the system makes of it
    assert taken not in ("", ".", "..")


def test_nothing_is_overwritten(tmp_path):
    for name in ("00001.jpg", "00003.jpg"):
        (tmp_path / "road").mkdir(exist_ok=True)
        (tmp_path / "road" / name).write_bytes(b"mine")
    album = Album(tmp_path, "road")
    assert [album.add(GREY).name for _ in range(3)] == ["00002.jpg", "00004.jpg", "00005.jpg"]
    assert (tmp_path / "road" / "00001.jpg").read_bytes() == b"mine"


def test_two_who_add_at_once_get_names_of_their_own(tmp_path):
    first, second = Album(tmp_path, "road"), Album(tmp_path, "road")
    assert len({album.add(GREY) for album in (first, second) for _ in range(3)}) == 6


def test_a_folder_that_cannot_be_made_ends_in_a_sentence(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LabError, match="cannot be made"):
        Album(tmp_path / "file", "road")


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    album = Album(tmp_path, "road")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(LabError, match="Free some space"):
        album.add(GREY)
    assert list(tmp_path.rglob("*.jpg")) == []
