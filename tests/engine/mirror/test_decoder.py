"""Packets become frames: whole, right in colour and shape, none late."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.mirror.decoder import Decoder, fit
from engine.mirror.protocol import Codec, MediaPacket


def config(clip):
    return MediaPacket(clip.config, config=True, key=False, pts_us=0)


def picture(clip, index):
    return MediaPacket(clip.packets[index], config=False, key=index == 0, pts_us=index * 33_333)


@pytest.fixture
def decoder(clip):
    value = Decoder(Codec.H264)
    assert value.decode(config(clip)) is False
    return value


def test_each_packet_gives_its_picture_at_once(decoder, clip):
    middles = []
    for index in range(5):
        assert decoder.decode(picture(clip, index))
        frame = decoder.frame()
        assert (frame.pts_us, frame.decoded) == (index * 33_333, index + 1)
        middles.append(frame.bgra[frame.height // 2, frame.width // 2].astype(int))
    expected = [
        (0, 0, 255, 255),
        (0, 255, 0, 255),
        (255, 0, 0, 255),
        (255, 255, 255, 255),
        (128, 128, 128, 255),
    ]
    assert np.abs(np.array(middles) - expected).max() <= 6


def test_frames_fill_the_target_and_keep_the_shape(decoder, clip):
    decoder.decode(picture(clip, 0))
    decoder.set_target(100, 1000)
    frame = decoder.frame()
    assert (frame.width, frame.height) == (100, 200)
    assert (frame.source_width, frame.source_height) == (320, 640)
    assert frame.bgra.shape == (200, 100, 4)
    assert frame.bgra.flags.c_contiguous


def test_a_new_target_makes_the_picture_stale_until_it_is_made_anew(decoder, clip):
    assert not decoder.stale
    decoder.decode(picture(clip, 0))
    decoder.frame()
    assert not decoder.stale
    decoder.set_target(80, 160)
    assert decoder.stale
    decoder.frame()
    assert not decoder.stale


def test_parameters_alone_are_no_error(clip):
    decoder = Decoder(Codec.H264)
    decoder.decode(config(clip))
    decoder.decode(config(clip))
    assert decoder.frame() is None
    assert decoder.decode(picture(clip, 0))


def test_a_turned_screen_changes_the_size(decoder, clip, make_clip):
    decoder.decode(picture(clip, 0))
    turned = make_clip(640, 320, [(9, 9, 9)])
    decoder.decode(config(turned))
    decoder.decode(picture(turned, 0))
    assert decoder.size == (640, 320)


def test_a_packet_cut_short_gives_no_picture(clip, make_clip):
    noisy = make_clip(320, 640, [(40, 90, 200), (200, 90, 40)])
    decoder = Decoder(Codec.H264)
    decoder.decode(config(noisy))
    whole = noisy.packets[0]
    short = MediaPacket(whole[: len(whole) // 2], config=False, key=True, pts_us=0)
    try:
        assert decoder.decode(short) is False
    except LabError:
        return
    assert decoder.corrupt == 1


def test_garbage_is_refused_and_the_next_key_frame_is_good(decoder, clip):
    with pytest.raises(LabError, match="could not be decoded"):
        decoder.decode(MediaPacket(b"\0\0\0\1\x65garbage", config=False, key=True, pts_us=0))
    decoder.decode(config(clip))
    assert decoder.decode(picture(clip, 0))


def test_the_png_has_the_videos_size(decoder, clip, tmp_path):
    decoder.set_target(50, 100)
    decoder.decode(picture(clip, 0))
    decoder.frame()
    decoder.write_png(tmp_path / "shot.png")
    data = (tmp_path / "shot.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (320, 640)
    assert [path.name for path in tmp_path.iterdir()] == ["shot.png"]


def test_a_png_that_cannot_be_written_is_said(decoder, clip, tmp_path):
    decoder.decode(picture(clip, 0))
    with pytest.raises(LabError, match="could not be written"):
        decoder.write_png(tmp_path / "no" / "folder" / "shot.png")


@given(
    st.tuples(st.integers(16, 4000), st.integers(16, 4000)),
    st.tuples(st.integers(16, 4000), st.integers(16, 4000)),
)
def test_a_frame_never_exceeds_its_target(source, target):
    width, height = fit(source, target)
    assert width % 4 == 0
    assert width <= target[0]
    assert height <= target[1] or height == 4 or width == 4
