"""The encoded screen, decoded again."""

import av
import numpy as np
import pytest

from engine.virtual_phone.scrcpy.video_encoder import VideoEncoder, split_units, video_size


def gradient(width, height, shift=0):
    across = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    down = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    rgb = np.stack([across, down, np.full_like(across, 60)], axis=2).astype(np.uint8)
    rgb[40:80, 40 + shift : 80 + shift] = (230, 30, 30)
    return rgb


def decode(packets):
    decoder = av.CodecContext.create("h264", "r")
    decoder.flags |= av.codec.context.Flags.low_delay
    decoder.thread_type = "NONE"
    config, pictures = b"", []
    for packet in packets:
        if packet.config:
            config = packet.data
            continue
        frames = decoder.decode(av.Packet(config + packet.data))
        config = b""
        pictures += [
            frame.to_ndarray(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709")
            for frame in frames
        ]
    return pictures


def test_each_picture_comes_out_at_once_and_nearly_the_same():
    encoder = VideoEncoder(320, 640)
    for number in range(5):
        shown = gradient(320, 640, number * 8)
        packets = list(encoder.encode(shown, number * 33_333, key=True))
        (picture,) = decode(packets)
        assert np.abs(picture.astype(int) - shown).mean() < 4
        assert np.abs(picture[60, 60 + number * 8].astype(int) - (230, 30, 30)).max() < 16


def test_the_config_comes_first_and_holds_just_the_parameter_sets():
    encoder = VideoEncoder(320, 640)
    packets = list(encoder.encode(gradient(320, 640), 0))
    assert [(one.config, one.key) for one in packets] == [(True, False), (False, True)]
    assert [kind for kind, _ in split_units(packets[0].data)] == [7, 8]
    assert [kind for kind, _ in split_units(packets[1].data)] == [5]
    later = list(encoder.encode(gradient(320, 640, 8), 33_333))
    assert [(one.config, one.key) for one in later] == [(False, False)]


def test_the_stream_says_that_it_is_bt709_of_limited_range():
    decoder = av.CodecContext.create("h264", "r")
    data = b"".join(one.data for one in VideoEncoder(320, 640).encode(gradient(320, 640), 0))
    (frame,) = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    assert (frame.colorspace, frame.color_range) == (1, 1)


def test_a_key_frame_can_be_asked_for():
    encoder = VideoEncoder(320, 640)
    for number in range(3):
        list(encoder.encode(gradient(320, 640), number))
    packets = list(encoder.encode(gradient(320, 640), 9, key=True))
    assert packets[-1].key
    assert packets[0].config


def test_time_never_stands_still():
    encoder = VideoEncoder(320, 640)
    times = [list(encoder.encode(gradient(320, 640), 5))[-1].pts_us for _ in range(3)]
    assert times == [5, 6, 7]


def test_a_picture_of_another_size_is_scaled():
    encoder = VideoEncoder(160, 320)
    (picture,) = decode(encoder.encode(gradient(320, 640), 0))
    assert picture.shape == (320, 160, 3)


def test_units_are_split_at_both_start_codes():
    data = b"\0\0\0\1\x67abc\0\0\1\x68d\0\0\0\1\x65ef"
    found = [(7, b"\0\0\0\1\x67abc"), (8, b"\0\0\1\x68d"), (5, b"\0\0\0\1\x65ef")]
    assert list(split_units(data)) == found


@pytest.mark.parametrize(
    ("size", "limit", "video"),
    [
        ((720, 1560), 0, (720, 1560)),
        ((1560, 720), 0, (1560, 720)),
        ((720, 1560), 800, (368, 800)),
        ((720, 1560), 805, (368, 800)),
        ((1560, 720), 800, (800, 368)),
        ((720, 1560), 4000, (720, 1560)),
        ((720, 1560), 1, (8, 8)),
    ],
)
def test_sides_are_multiples_of_8_and_at_most_the_limit(size, limit, video):
    assert video_size(*size, limit) == video
