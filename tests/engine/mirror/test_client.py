"""The mirror's life against a screen server that the test plays."""

import socket
import struct
import threading
from queue import Empty, SimpleQueue

import pytest

from engine.errors import LabError
from engine.mirror.client import Mirror, MirrorState
from engine.mirror.server import BUNDLED_SHA256

MOVE_AWAY = 26  # Android's power key: any key will do


class Life:
    """A mirror and what it said."""

    def __init__(self, phone, **options):
        self.events = SimpleQueue()
        self.mirror = Mirror(phone, self.events, **options)

    def next(self):
        return self.events.get(timeout=5)

    def until(self, state):
        while (status := self.next()).state is not state:
            pass
        return status


@pytest.fixture
def life(fake):
    value = Life(fake)
    yield value
    value.mirror.stop()


@pytest.fixture
def live(life, fake, clip):
    """A mirror that shows the first picture of the clip."""
    life.mirror.start()
    fake.send(clip.meta() + clip.head() + clip.wire(0))
    life.until(MirrorState.LIVE)
    assert life.mirror.slot.wait(5) is not None
    return life


def test_a_phone_that_accepts_before_anybody_listens_costs_no_open_sockets(life, fake, clip):
    accept, closed_at_once = fake.open_abstract, []

    def hang_up_first(*args, **kwargs):
        if len(closed_at_once) == 5:
            return accept(*args, **kwargs)
        here, there = socket.socketpair()
        there.close()
        closed_at_once.append(here)
        return here

    fake.open_abstract = hang_up_first
    life.mirror.start()
    fake.send(clip.meta() + clip.head() + clip.wire(0))
    life.until(MirrorState.LIVE)
    assert [each.fileno() for each in closed_at_once] == [-1] * 5


@pytest.mark.timeout(20)
def test_a_window_that_is_resized_never_waits_for_a_phone_that_hangs(life, fake):
    hanging = threading.Event()
    fake.push = lambda *_args, **_kwargs: hanging.wait()
    life.mirror.start()
    for width in range(10_000):  # nobody hears these wake-ups
        life.mirror.set_target(width, 100)
    hanging.set()
    life.mirror.stop()


def test_the_first_picture_makes_it_live(life, fake, clip):
    life.mirror.start()
    assert life.next().state is MirrorState.CONNECTING
    fake.send(clip.meta() + clip.head() + clip.wire(0))
    status = life.next()
    assert (status.state, status.width, status.height) == (MirrorState.LIVE, 320, 640)
    frame = life.mirror.slot.wait(5)
    assert (frame.width, frame.height, frame.decoded) == (320, 640, 1)


def test_the_checked_server_is_pushed_and_started(live, fake):
    import hashlib

    data, remote = fake.pushed[0]
    assert hashlib.sha256(data).hexdigest() == BUNDLED_SHA256
    assert remote in fake.commands[0]


def test_several_waiting_packets_give_only_the_newest_frame(live, fake, clip):
    fake.send(b"".join(clip.wire(index) for index in range(1, 5)))
    while (frame := live.mirror.slot.wait(5)).decoded < 5:
        pass
    assert frame.pts_us == 4 * 33_333
    assert live.mirror.slot.take() is None


def test_the_frame_callback_comes_once_until_the_frame_is_taken(fake, clip):
    called = SimpleQueue()
    life = Life(fake, on_frame=lambda: called.put(1))
    life.mirror.start()
    fake.send(clip.meta() + clip.head() + clip.wire(0))
    called.get(timeout=5)
    for index in range(1, 5):
        fake.send(clip.wire(index))
    fake.video[-1].close()
    life.until(MirrorState.STOPPED)
    assert called.empty()
    assert life.mirror.slot.take().decoded == 5


def test_a_new_target_gives_a_new_frame_though_the_screen_stands_still(live):
    live.mirror.set_target(100, 200)
    frame = live.mirror.slot.wait(5)
    assert (frame.width, frame.height, frame.decoded) == (100, 200, 1)


def test_a_turned_screen_is_announced(live, fake, make_clip):
    turned = make_clip(640, 320, [(1, 2, 3)])
    fake.send(turned.head() + turned.wire(0))
    status = live.next()
    assert (status.state, status.rotated) == (MirrorState.LIVE, True)
    assert (status.width, status.height) == (640, 320)


def test_touches_land_on_pixels_of_the_video(live, fake):
    live.mirror.touch("down", 0.5, 0.25)
    live.mirror.touch("up", 2.0, -1.0)
    data = fake.control[-1].recv(64, 0x100)
    assert data[:32] == bytes.fromhex(
        "02 00 fffffffffffffffe 000000a0 000000a0 0140 0280 ffff 00000000 00000000"
    )
    assert struct.unpack_from(">ii", data, 32 + 10) == (319, 0)


def test_keys_and_text_reach_the_phone(live, fake):
    live.mirror.key(66, down=True)
    live.mirror.text("a" * 80)
    live.mirror.back()
    live.mirror.rotate()
    expected = (
        bytes.fromhex("00 00 00000042 00000000 00000000")
        + bytes.fromhex("01 0000004b")
        + b"a" * 75
        + bytes.fromhex("01 00000005")
        + b"a" * 5
        + bytes.fromhex("04 00 04 01 0b")
    )
    data = b""
    while len(data) < len(expected):
        data += fake.control[-1].recv(1000)
    assert data == expected


def test_input_never_waits_for_a_phone_that_does_not_read(live):
    for _ in range(20_000):
        live.mirror.touch("move", 0.5, 0.5)
        live.mirror.key(MOVE_AWAY, down=True)
    live.mirror.stop()
    assert live.until(MirrorState.STOPPED)


def test_input_without_a_picture_is_dropped(life):
    life.mirror.touch("down", 0.5, 0.5)
    life.mirror.key(MOVE_AWAY, down=True)
    with pytest.raises(Empty):
        life.events.get_nowait()


def test_an_unplugged_phone_stops_it_at_once(live, fake):
    fake.unplug()
    assert "The phone left" in live.until(MirrorState.STOPPED).text


def test_a_stream_that_ends_is_said(live, fake):
    fake.video[-1].close()
    assert "stream ended" in live.until(MirrorState.STOPPED).text


def test_an_encoder_that_breaks_is_explained(live, fake):
    fake.output[-1].sendall(b"[server] ERROR: android.media.MediaCodec$CodecException: oops\n")
    fake.video[-1].close()
    status = live.until(MirrorState.FAILED)
    assert "encoder failed" in status.text


def test_a_server_that_ends_before_it_listens_is_not_waited_for(life, fake):
    fake.last_words = "The server version (3.3.4) does not match the client (9.9)\n"
    fake.refusals = 10_000
    life.mirror.start()
    assert "another version" in life.until(MirrorState.FAILED).text


def test_a_server_that_ends_before_the_first_picture_is_not_waited_for(life, fake):
    life.mirror.start()
    assert fake.connected.wait(5)
    fake.output[-1].sendall(b"[server] ERROR: MediaCodec: no encoder\n")
    fake.output[-1].close()
    assert "encoder failed" in life.until(MirrorState.FAILED).text


def test_a_phone_that_is_not_there_fails_with_its_advice(gone_phone):
    life = Life(gone_phone)
    life.mirror.start()
    assert life.until(MirrorState.FAILED).text == "The phone is not connected. Plug it in."


def test_bytes_that_are_no_stream_fail_with_a_sentence(life, fake):
    life.mirror.start()
    fake.send(b"\xff" * 200)
    assert "not what was expected" in life.until(MirrorState.FAILED).text


def test_it_starts_again_after_it_stopped(live, fake, clip):
    fake.video[-1].close()
    live.until(MirrorState.STOPPED)
    fake.connected.clear()
    live.mirror.start()
    fake.send(clip.meta() + clip.head() + clip.wire(0))
    assert live.until(MirrorState.LIVE).width == 320


def test_pausing_ends_the_stream_and_keeps_the_picture(live, fake, clip, tmp_path):
    assert live.mirror.live
    live.mirror.pause()
    assert not live.mirror.live
    assert live.next().state is MirrorState.PAUSED
    assert fake.video[-1].recv(1) == b""
    live.mirror.screenshot(tmp_path / "kept.png")
    assert (tmp_path / "kept.png").stat().st_size > 0
    fake.connected.clear()
    live.mirror.resume()
    assert not live.mirror.live
    fake.send(clip.meta() + clip.head() + clip.wire(0))
    live.until(MirrorState.LIVE)
    assert live.mirror.live


def test_stopping_while_it_connects_ends_it(life, fake):
    fake.refusals = 10_000
    life.mirror.start()
    assert life.next().state is MirrorState.CONNECTING
    life.mirror.stop()
    assert life.next().state is MirrorState.STOPPED
    assert not any(thread.name == "mirror" for thread in threading.enumerate())


def test_stopping_twice_ends_once_more_and_harms_nothing(live):
    live.mirror.stop()
    live.mirror.stop()
    assert live.next().state is MirrorState.STOPPED


def test_a_picture_that_cannot_be_decoded_asks_for_a_fresh_one(live, fake, clip):
    garbage = b"\0\0\0\1\x65garbage"
    fake.send(struct.pack(">QI", 1 << 62, len(garbage)) + garbage)
    assert fake.control[-1].recv(1) == b"\x11"
    fake.send(clip.head() + clip.wire(0))
    assert live.mirror.slot.wait(5).decoded == 2


def test_there_is_no_screenshot_before_the_first_picture(life, tmp_path):
    with pytest.raises(LabError, match="no picture"):
        life.mirror.screenshot(tmp_path / "x.png")


def test_forbidden_taps_are_told_while_it_stays_live(live, fake):
    fake.output[-1].sendall(b"SecurityException: requires INJECT_EVENTS permission\n")
    status = live.next()
    assert status.state is MirrorState.LIVE
    assert "ignores taps" in status.text
