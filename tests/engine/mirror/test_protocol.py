"""scrcpy's bytes, written by hand from its specification."""

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.mirror import protocol
from engine.mirror.protocol import (
    Action,
    Clipboard,
    ClipboardSet,
    Codec,
    DeviceMessageParser,
    MediaPacket,
    SizeChanged,
    StreamStarts,
    UhidOutput,
    VideoParser,
)

NAME = b"Mi A1" + bytes(59)
THREE = (
    NAME
    + b"h264"
    + bytes.fromhex("00000438 00000920")
    # parameters, a key frame at 0, a frame at 16,667 us
    + bytes.fromhex("8000000000000000 00000003")
    + b"sps"
    + bytes.fromhex("4000000000000000 00000002")
    + b"id"
    + bytes.fromhex("000000000000411b 00000001")
    + b"p"
)
FOUR = (
    NAME
    + b"h264"
    + bytes.fromhex("80000000 00000438 00000920")
    + bytes.fromhex("4000000000000000 00000003")
    + b"sps"
    + bytes.fromhex("2000000000000000 00000002")
    + b"id"
    + bytes.fromhex("000000000000411b 00000001")
    + b"p"
    + bytes.fromhex("80000000 00000920 00000438")
)
PACKETS = [
    MediaPacket(b"sps", config=True, key=False, pts_us=0),
    MediaPacket(b"id", config=False, key=True, pts_us=0),
    MediaPacket(b"p", config=False, key=False, pts_us=16667),
]
START = [StreamStarts(Codec.H264, "Mi A1"), SizeChanged(1080, 2336)]


def test_version_3_says_the_size_once():
    assert list(VideoParser(3).feed(THREE)) == START + PACKETS


def test_version_4_says_each_new_size():
    assert list(VideoParser(4).feed(FOUR)) == [*START, *PACKETS, SizeChanged(2336, 1080)]


@pytest.mark.parametrize(("major", "stream"), [(3, THREE), (4, FOUR)])
@given(cuts=st.lists(st.integers(0, len(THREE)), max_size=8))
def test_pieces_of_any_size_give_the_same_events(major, stream, cuts):
    parser = VideoParser(major)
    edges = [0, *sorted(cuts), len(stream)]
    events = [
        event
        for start, end in itertools.pairwise(edges)
        for event in parser.feed(stream[start:end])
    ]
    assert events == list(VideoParser(major).feed(stream))


@pytest.mark.parametrize(
    ("four", "codec"),
    [(b"h264", Codec.H264), (b"h265", Codec.H265), (b"\0av1", Codec.AV1)],
)
def test_each_codec_is_known_by_its_four_bytes(four, codec):
    events = list(VideoParser(3).feed(NAME + four + bytes(8)))
    assert events[0] == StreamStarts(codec, "Mi A1")


def test_a_codec_that_is_not_known_ends_the_stream():
    with pytest.raises(LabError, match="not what was expected"):
        list(VideoParser(3).feed(NAME + b"vp09" + bytes(8)))


def test_an_absurd_length_ends_the_stream():
    stream = THREE[:76] + bytes.fromhex("0000000000000000 7fffffff")
    with pytest.raises(LabError, match="not what was expected"):
        list(VideoParser(3).feed(stream))


@given(st.binary(max_size=300), st.sampled_from([3, 4]))
def test_garbage_is_read_or_refused_but_never_crashes(data, major):
    with contextlib.suppress(LabError):
        list(VideoParser(major).feed(data))


def test_key():
    data = protocol.encode_key(Action.UP, 66, repeat=5, meta=0x41)
    assert data == bytes.fromhex("00 01 00000042 00000005 00000041")


def test_text_is_cut_between_characters():
    assert protocol.encode_text("hé") == bytes.fromhex("01 00000003 68c3a9")
    assert protocol.encode_text("é" * 200) == bytes.fromhex("01 0000012c") + "é".encode() * 150
    assert protocol.encode_text("a" + "é" * 200)[:5] == bytes.fromhex("01 0000012b")


def test_touch():
    data = protocol.encode_touch(Action.DOWN, 100, 200, (1080, 1920), pointer=0x1234567887654321)
    assert data == bytes.fromhex(
        "02 00 1234567887654321 00000064 000000c8 0438 0780 ffff 00000000 00000000"
    )


def test_a_finger_that_leaves_presses_no_more():
    data = protocol.encode_touch(Action.UP, 1, 2, (3, 4))
    assert data[22:24] == b"\0\0"
    assert len(data) == 32


def test_scroll_counts_in_sixteenths_of_the_range():
    data = protocol.encode_scroll(260, 1026, (1080, 1920), horizontal=1.0, vertical=-1.0)
    assert data == bytes.fromhex("03 00000104 00000402 0438 0780 0800 f800 00000000")


def test_scroll_is_clamped():
    data = protocol.encode_scroll(0, 0, (2, 2), horizontal=99.0, vertical=-99.0)
    assert data[13:17] == bytes.fromhex("7fff 8000")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (protocol.encode_back_or_screen_on(Action.UP), "04 01"),
        (protocol.encode_rotate(), "0b"),
        (protocol.encode_reset_video(), "11"),
    ],
)
def test_short_control_messages(data, expected):
    assert data == bytes.fromhex(expected)


def test_device_messages_may_come_in_pieces():
    stream = bytes.fromhex("00 00000003 616263  01 0000000000000102  02 002a 0002 beef")
    parser = DeviceMessageParser()
    messages = [message for byte in stream for message in parser.feed(bytes([byte]))]
    assert messages == [Clipboard("abc"), ClipboardSet(0x102), UhidOutput(42, b"\xbe\xef")]


def test_a_device_message_that_is_not_known_is_refused():
    with pytest.raises(LabError):
        list(DeviceMessageParser().feed(b"\x09"))
