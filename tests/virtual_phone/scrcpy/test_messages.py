"""scrcpy's bytes on the phone's side, against bytes written by hand."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.virtual_phone.scrcpy import messages as scrcpy


def read(data: bytes, major: int = 3) -> scrcpy.ControlMessage:
    source = io.BytesIO(data)

    def exactly(size: int) -> bytes:
        got = source.read(size)
        if len(got) < size:
            raise EOFError
        return got

    message = scrcpy.read_control(exactly, major)
    assert not source.read(), "bytes were left over"
    return message


PLACE = bytes.fromhex("00000104 00000402 0438 0780")
POSITION = scrcpy.Position(260, 1026, 1080, 1920)


def test_a_key_is_14_bytes():
    data = bytes.fromhex("00 01 00000042 00000005 00000041")
    assert read(data) == scrcpy.Key(down=False, keycode=66, repeat=5, meta=0x41)


def test_text_is_its_length_and_utf8():
    assert read(b"\x01\x00\x00\x00\x05gr\xc3\xbcn") == scrcpy.Text("grün")


def test_a_touch_is_32_bytes_and_ffff_is_full_pressure():
    data = bytes.fromhex("02 00 1234567887654321") + PLACE + bytes.fromhex("ffff 00000001 00000002")
    assert len(data) == 32
    assert read(data) == scrcpy.Touch("down", 0x1234567887654321, POSITION, 1.0, 1, 2)


def test_the_mouse_is_pointer_minus_one_and_half_pressure_is_8000():
    data = bytes.fromhex("02 02 ffffffffffffffff") + PLACE + bytes.fromhex("8000 00000000 00000000")
    assert read(data) == scrcpy.Touch("move", -1, POSITION, 0.5)


def test_scroll_is_in_sixteenths_of_the_full_range():
    data = b"\x03" + PLACE + bytes.fromhex("0800 f800 00000001")
    assert read(data) == scrcpy.Scroll(POSITION, 1.0, -1.0, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("04 00", scrcpy.BackOrScreenOn(down=True)),
        ("04 01", scrcpy.BackOrScreenOn(down=False)),
        ("05", scrcpy.Plain(scrcpy.Control.EXPAND_NOTIFICATIONS)),
        ("06", scrcpy.Plain(scrcpy.Control.EXPAND_SETTINGS)),
        ("07", scrcpy.Plain(scrcpy.Control.COLLAPSE_PANELS)),
        ("08 01", scrcpy.GetClipboard(1)),
        ("09 0000000000000102 01 00000003 616263", scrcpy.SetClipboard(0x0102, True, "abc")),
        ("0a 01", scrcpy.DisplayPower(on=True)),
        ("0b", scrcpy.Plain(scrcpy.Control.ROTATE)),
        ("0c 0001 0002 0003 03 616263 0002 dead", scrcpy.Plain(scrcpy.Control.UHID_CREATE)),
        ("0d 0001 0003 010203", scrcpy.Plain(scrcpy.Control.UHID_INPUT)),
        ("0e 0001", scrcpy.Plain(scrcpy.Control.UHID_DESTROY)),
        ("0f", scrcpy.Plain(scrcpy.Control.KEYBOARD_SETTINGS)),
        ("10 03 612e62", scrcpy.StartApp("a.b")),
        ("11", scrcpy.Plain(scrcpy.Control.RESET_VIDEO)),
    ],
)  # fmt: skip
def test_other_messages_have_the_length_that_clients_send(text, message):
    assert read(bytes.fromhex(text)) == message


@pytest.mark.parametrize(
    "text", ["12 01", "13", "14", "15 0438 0780", "16 00000002 2f61"]
)  # torch, zooms, resize, scan
def test_what_came_with_4_is_skipped_there_and_unknown_before(text):
    data = bytes.fromhex(text)
    assert read(data, 4) == scrcpy.Plain(scrcpy.Control(data[0]))
    with pytest.raises(scrcpy.ControlError):
        read(data[:1], 3)


def test_an_absurd_length_is_refused_before_it_is_read():
    with pytest.raises(scrcpy.ControlError):
        read(b"\x01\xff\xff\xff\xff")


@given(st.binary(max_size=80), st.sampled_from([3, 4]))
def test_no_bytes_crash_the_reader(data, major):
    source = io.BytesIO(data)

    def exactly(size: int) -> bytes:
        got = source.read(size)
        if len(got) < size:
            raise EOFError
        return got

    count = 0
    try:
        while True:
            scrcpy.read_control(exactly, major)
            count += 1
    except (EOFError, scrcpy.ControlError):
        pass
    assert count <= len(data)


def test_the_name_is_64_bytes_and_never_cuts_a_letter():
    assert scrcpy.device_name("Mi A1") == b"Mi A1" + 59 * b"\0"
    name = scrcpy.device_name("x" + 40 * "ü")
    assert len(name) == 64
    assert name.rstrip(b"\0").decode() == "x" + 31 * "ü"


def test_3_announces_codec_and_size_once():
    assert scrcpy.video_start(3, 720, 1560) == bytes.fromhex("68323634 000002d0 00000618")


def test_4_announces_the_codec_and_then_sessions():
    assert scrcpy.video_start(4, 720, 1560) == b"h264"
    assert scrcpy.session_packet(720, 1560) == bytes.fromhex("80000000 000002d0 00000618")


@pytest.mark.parametrize(
    ("major", "config", "key", "text"),
    [
        (3, True, False, "8000000000000000 00000010"),
        (3, False, True, "4000000000000102 00000010"),
        (3, False, False, "0000000000000102 00000010"),
        (4, True, False, "4000000000000000 00000010"),
        (4, False, True, "2000000000000102 00000010"),
        (4, False, False, "0000000000000102 00000010"),
    ],
)
def test_packet_flags_moved_down_by_one_bit_in_4(major, config, key, text):
    header = scrcpy.packet_header(major, 16, 0x102, config=config, key=key)
    assert header == bytes.fromhex(text)


def test_device_messages_are_clipboard_and_acknowledgement():
    assert scrcpy.clipboard_message("hü") == b"\0\0\0\0\3h\xc3\xbc"
    assert scrcpy.clipboard_ack(0x0102030405060708) == bytes.fromhex("01 0102030405060708")
