"""What the phone app's source ``pictures`` shows is drawn by the project, and can be shown."""

import importlib.util
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.apk.pictures import check_pictures, pictures_in, shipped_pictures
from engine.errors import LabError

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def drawer():
    spec = importlib.util.spec_from_file_location(
        "draw_pictures", ROOT / "packaging" / "draw_pictures.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def png(path: Path, *, kind=2, depth=8, size=(4, 4), before=b"") -> Path:
    """Write a PNG; whether its pixels fit does not matter."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + bytes(4)

    header = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0)
    data = chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


def test_the_script_draws_what_is_shipped(drawer, tmp_path):
    drawer.draw(tmp_path)

    shipped = shipped_pictures()
    assert [path.name for path in shipped] == sorted(path.name for path in tmp_path.iterdir())
    for path in shipped:
        drawn = cv2.imread(str(tmp_path / path.name)).astype(int)
        # a sine may end in another last bit on another processor, which rounds a pixel over
        assert np.abs(drawn - cv2.imread(str(path))).max() <= 1, path.name


def test_the_shipped_pictures_are_few_small_and_can_be_shown():
    shipped = shipped_pictures()

    check_pictures(shipped)
    assert len(shipped) == 6
    assert sum(path.stat().st_size for path in shipped) <= 400_000
    assert {cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape for path in shipped} == {
        (240, 320, 3)
    }


def test_a_folders_pictures_come_by_name_and_nothing_else_does(tmp_path):
    for name in ("b.png", "a.PNG"):
        png(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")

    assert [path.name for path in pictures_in(tmp_path)] == ["a.PNG", "b.png"]


def test_a_folder_without_pictures_is_named(tmp_path):
    with pytest.raises(LabError, match="no PNG file"):
        pictures_in(tmp_path)
    with pytest.raises(LabError, match="no folder"):
        pictures_in(tmp_path / "none")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"kind": 6}, "has transparency"),
        ({"kind": 3}, "a palette"),
        ({"depth": 16}, "more than 8 bits"),
        ({"size": (2000, 600)}, "has 2000 x 600 pixels"),
        ({"size": (0, 600)}, "is damaged"),
        ({"before": struct.pack(">I", 6) + b"tRNS" + bytes(10)}, "has transparency"),
    ],
)
def test_a_picture_that_the_app_could_not_show_is_refused(tmp_path, changed, why):
    with pytest.raises(LabError, match=why):
        check_pictures([png(tmp_path / "a.png", **changed)])


@pytest.mark.parametrize("kind", [0, 2])
def test_grey_and_rgb_can_be_shown(tmp_path, kind):
    check_pictures(
        [png(tmp_path / "a.png", kind=kind, before=struct.pack(">I", 0) + b"tEXt\0\0\0\0")]
    )


def test_what_is_no_png_is_refused(tmp_path):
    path = tmp_path / "a.png"
    for content, why in (
        (b"GIF89a" + bytes(50), "not a PNG"),
        (png(path).read_bytes()[:40], "damaged"),
    ):
        path.write_bytes(content)
        with pytest.raises(LabError, match=why):
            check_pictures([path])
    with pytest.raises(LabError, match="cannot be read"):
        check_pictures([tmp_path / "none.png"])


def test_more_pictures_than_the_app_takes_are_refused(tmp_path):
    with pytest.raises(LabError, match="65 pictures are too many"):
        check_pictures([png(tmp_path / "a.png")] * 65)
