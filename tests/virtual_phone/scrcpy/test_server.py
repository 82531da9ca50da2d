"""The mirror as a client sees it: bare sockets and PyAV's decoder."""

import struct
import threading
from contextlib import contextmanager

import av
import numpy as np
import pytest

from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.handset import SETTINGS
from engine.virtual_phone.scrcpy import server as scrcpy_server
from engine.virtual_phone.scrcpy.options import parse_options

SCID = "scid=1234abcd"
NAME = "scrcpy_1234abcd"


class Mirror:
    """A client that is nothing but sockets."""

    def __init__(self, major):
        self.major = major
        self.video = self.audio = self.control = None
        self.lines = []
        self.size = None
        self.config = b""
        self.decoder = av.CodecContext.create("h264", "r")
        self.decoder.thread_type = "NONE"

    def read_start(self, *, dummy=True):
        if dummy:
            assert self.video.read_exactly(1) == b"\0"
        name = self.video.read_exactly(64)
        assert name.rstrip(b"\0") == b"Test phone"
        assert self.video.read_exactly(4) == b"h264"
        if self.major == 3:
            self.size = struct.unpack(">II", self.video.read_exactly(8))

    def read_packet(self):
        """Return (config, key, pts, data); sessions of 4.x are taken note of."""
        flags, number = struct.unpack(">QI", self.video.read_exactly(12))
        if self.major == 4 and flags >> 63:
            self.size = (flags & 0xFFFFFFFF, number)
            return self.read_packet()
        config_bit, key_bit = (63, 62) if self.major == 3 else (62, 61)
        config, key = bool(flags >> config_bit & 1), bool(flags >> key_bit & 1)
        return config, key, flags & ((1 << key_bit) - 1), self.video.read_exactly(number)

    def read_picture(self):
        while True:
            config, _, _, data = self.read_packet()
            if config:
                self.config = data
                continue
            frames = self.decoder.decode(av.Packet(self.config + data))
            self.config = b""
            if frames:
                return frames[-1].to_ndarray(format="rgb24")

    def touch(self, action, x, y, size=(720, 1560)):
        self.control.write(struct.pack(">BBqiiHHHII", 2, action, -2, x, y, *size, 0xFFFF, 0, 0))

    def key(self, code):
        for action in (0, 1):
            self.control.write(struct.pack(">BBIII", 0, action, code, 0, 0))


@contextmanager
def mirrored(phone, version="3.3.4", *options, sockets=("video", "control"), reverse=False):
    mirror = Mirror(int(version[0]))
    stopped = threading.Event()
    argv = [version, SCID, f"tunnel_forward={str(not reverse).lower()}", "audio=false", *options]
    codes = []
    listener = phone.handset.sockets.listen(NAME) if reverse else None
    server = threading.Thread(
        target=lambda: codes.append(
            scrcpy_server.run(phone.handset, argv, mirror.lines.append, stopped)
        )
    )
    server.start()
    opened = []
    for name in sockets:
        stream = listener.accept(10) if reverse else connect(phone)
        stream.settimeout(10)
        setattr(mirror, name, stream)
        opened.append(stream)
    if listener is not None:
        listener.close()
    try:
        yield mirror
    finally:
        stopped.set()
        for stream in opened:
            stream.close()
        server.join(10)
    assert not server.is_alive()
    assert codes == [0]


def connect(phone):
    """Connect as soon as the server listens."""
    waiting = threading.Event()
    for _ in range(500):
        try:
            return phone.handset.sockets.connect(NAME)
        except ConnectionRefusedError:
            waiting.wait(0.01)
    pytest.fail("the server never listened")


def nearly(one, other):
    return one.shape == other.shape and np.abs(one.astype(int) - other).mean() < 4


@pytest.mark.parametrize("version", ["3.0", "3.3.4", "4.0", "4.1"])
@pytest.mark.parametrize("reverse", [False, True])
def test_the_mirror_shows_the_screen(phone, version, reverse):
    with mirrored(phone, version, reverse=reverse) as mirror:
        mirror.read_start(dummy=not reverse)
        assert nearly(mirror.read_picture(), phone.screen.picture())
        assert mirror.size == (720, 1560)


def test_the_first_packet_is_the_config_and_the_second_a_key_frame(phone):
    with mirrored(phone) as mirror:
        mirror.read_start()
        config, key, pts, data = mirror.read_packet()
        assert (config, key, pts) == (True, False, 0)
        assert data[:5] == b"\0\0\0\1\x67"
        assert mirror.read_packet()[:2] == (False, True)


@pytest.mark.parametrize("version", ["3.3.4", "4.1"])
def test_rotation_begins_a_new_stream_in_place(phone, version):
    with mirrored(phone, version) as mirror:
        mirror.read_start()
        mirror.read_picture()
        mirror.control.write(b"\x0b")
        picture = mirror.read_picture()
        while picture.shape != (720, 1560, 3):
            picture = mirror.read_picture()
        if mirror.major == 4:
            assert mirror.size == (1560, 720)
        assert nearly(picture, phone.screen.picture())


def test_a_still_screen_sends_nothing_after_one_repetition(phone):
    with mirrored(phone) as mirror:
        mirror.read_start()
        mirror.read_picture()
        mirror.read_picture()
        mirror.video.settimeout(0.4)
        with pytest.raises(TimeoutError):
            mirror.read_packet()


def test_reset_video_gives_config_and_key_frame_again(phone):
    with mirrored(phone) as mirror:
        mirror.read_start()
        mirror.read_picture()
        mirror.read_picture()
        mirror.control.write(b"\x11")
        assert mirror.read_packet()[0] is True
        assert mirror.read_packet()[1] is True


def test_touches_reach_the_launcher_and_keys_the_phone(phone):
    phone.install()
    icons = phone.screen._home.targets(phone_area(phone))
    with mirrored(phone) as mirror:
        mirror.read_start()
        x, y = next(one.rect.middle for one in icons if one.name == "lab")
        mirror.touch(0, x, y)
        mirror.touch(1, x, y)
        phone.wait(lambda: phone.screen.foreground == PACKAGE)
        mirror.key(3)
        phone.wait(lambda: phone.screen.foreground is None)


def phone_area(phone):
    from engine.virtual_phone.screen.pages import page_area

    return page_area(*phone.screen.size)


def test_touches_are_scaled_from_the_videos_size(phone):
    icons = phone.screen._home.targets(phone_area(phone))
    with mirrored(phone, "3.3.4", "max_size=800") as mirror:
        mirror.read_start()
        assert mirror.size == (368, 800)
        assert mirror.read_picture().shape == (800, 368, 3)
        x, y = next(one.rect.middle for one in icons if one.name == "settings")
        small = (x * 368 // 720, y * 800 // 1560)
        mirror.touch(0, *small, size=(368, 800))
        mirror.touch(1, *small, size=(368, 800))
        phone.wait(lambda: phone.screen.foreground == SETTINGS)


def test_touches_for_another_size_are_dropped(phone):
    icons = phone.screen._home.targets(phone_area(phone))
    with mirrored(phone) as mirror:
        mirror.read_start()
        x, y = next(one.rect.middle for one in icons if one.name == "settings")
        for action in (0, 1):
            mirror.touch(action, x, y, size=(1080, 1920))
        mirror.control.write(b"\x08\0")  # answered after what came before
        mirror.control.read_exactly(5)
        assert phone.screen.foreground is None


def test_the_clipboard_goes_both_ways(phone):
    with mirrored(phone) as mirror:
        mirror.control.write(b"\x09" + struct.pack(">QBI", 77, 0, 5) + b"hello")
        assert mirror.control.read_exactly(9) == b"\1" + struct.pack(">Q", 77)
        mirror.control.write(b"\x08\0")
        assert mirror.control.read_exactly(10) == b"\0\0\0\0\5hello"


def test_an_app_is_started_by_name_or_label(phone):
    phone.install()
    with mirrored(phone) as mirror:
        name = PACKAGE.encode()
        mirror.control.write(b"\x10" + bytes([len(name)]) + name)
        phone.wait(lambda: phone.screen.foreground == PACKAGE)
        mirror.control.write(b"\x10\x05?sett")
        phone.wait(lambda: phone.screen.foreground == SETTINGS)


def test_a_keyboard_that_is_plugged_in_is_taken_and_ignored(phone):
    with mirrored(phone) as mirror:
        mirror.control.write(bytes.fromhex("0c 0001 0002 0003 03 616263 0002 dead"))
        mirror.control.write(bytes.fromhex("0d 0001 0002 ffff 0e 0001 08 00"))
        assert mirror.control.read_exactly(5) == b"\0\0\0\0\0"


def test_an_unknown_control_message_ends_the_server(phone):
    with mirrored(phone) as mirror:
        mirror.control.write(b"\xee")
        while mirror.video.read(1 << 16):
            pass
        assert any("unknown control message 238" in line for line in mirror.lines)


def test_the_server_ends_when_the_client_leaves(phone):
    with mirrored(phone) as mirror:
        mirror.read_start()
        mirror.control.close()
        while mirror.video.read(1 << 16):
            pass


def test_audio_is_refused_by_the_protocol_and_the_mirror_goes_on(phone):
    wanted = ("video", "audio", "control")
    with mirrored(phone, "3.3.4", "audio=true", sockets=wanted) as mirror:
        assert mirror.audio.read_exactly(4) == b"\0\0\0\0"
        mirror.read_start()
        mirror.read_picture()


def test_without_meta_there_is_only_h264(phone):
    with mirrored(phone, "4.1", "raw_stream=true") as mirror:
        assert mirror.video.read_exactly(5) == b"\0\0\0\1\x67"


def test_the_camera_view_flows_and_max_fps_limits_it(phone):
    phone.install()
    phone.screen.launch(PACKAGE)
    with mirrored(phone, "3.3.4", "max_fps=10") as mirror:
        mirror.read_start()
        times = [
            pts for config, _, pts, _ in (mirror.read_packet() for _ in range(8)) if not config
        ]
    gaps = np.diff(times)
    assert gaps.min() >= 95_000


def test_a_server_that_is_stopped_while_it_waits_ends(phone):
    stopped = threading.Event()
    stopped.set()
    argv = ["3.3.4", SCID, "tunnel_forward=true"]
    assert scrcpy_server.run(phone.handset, argv, lambda _: None, stopped) == 0
    assert phone.handset.sockets.names() == ()


def test_the_server_deletes_its_jar(phone):
    phone.handset.files.write(scrcpy_server.JAR, b"jar")
    with mirrored(phone) as mirror:
        mirror.read_start()
    assert not phone.handset.files.exists(scrcpy_server.JAR)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "Missing client version"),
        (["2.7"], "does not match the client (2.7)"),
        (["5.0"], "does not match"),
        (["3.3.4", "video"], "Invalid key=value pair"),
        (["3.3.4", "max_size=big"], "big"),
        (["3.3.4", SCID], NAME),  # reverse, and nobody listens
    ],
)
def test_a_client_that_cannot_be_served_is_told_why(phone, argv, said):
    lines = []
    assert scrcpy_server.run(phone.handset, argv, lines.append, threading.Event()) == 1
    assert said in lines[-1]


def test_lists_are_printed_and_nothing_is_served(phone):
    lines = []
    argv = ["4.1", "list_displays=true"]
    assert scrcpy_server.run(phone.handset, argv, lines.append, threading.Event()) == 0
    assert "(720x1560)" in lines[-1]


def test_options_are_read_and_unknown_ones_left_alone():
    options = parse_options(
        ["4.1", SCID, "max_size=1024", "max_fps=30.5", "control=false", "log_level=info"]
    )
    assert options.major == 4
    assert options.socket_name == NAME
    assert (options.max_size, options.max_fps, options.control) == (1024, 30.5, False)
    assert parse_options(["3.3.4"]).socket_name == "scrcpy"
