"""A scripted screen server behind a phone that is a whole fake, and a stream for it."""

import socket
import struct
import threading
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest

from engine.errors import PhoneError
from engine.jobs import ignore_progress
from engine.phones.adb import AdbPhone
from engine.phones.faults import NothingListensError


class Clip:
    """H.264 written as an Android encoder does: parameters apart, one packet per picture.

    Each picture is one colour, so that a test can tell them apart.
    """

    def __init__(self, width, height, colours):
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height = width, height
        encoder.pix_fmt = "yuv420p"
        encoder.time_base = Fraction(1, 1_000_000)
        encoder.framerate = Fraction(30)
        encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264-params": "repeat-headers=0:keyint=1000",
        }
        encoder.flags |= av.codec.context.Flags.global_header
        encoder.open()
        self.width, self.height = width, height
        self.config = bytes(encoder.extradata)
        self.packets = []
        for number, colour in enumerate(colours):
            rgb = np.full((height, width, 3), colour, np.uint8)
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709", src_colorspace="ITU709"
            )
            frame.pts = number * 33_333
            self.packets += [bytes(packet) for packet in encoder.encode(frame)]

    def wire(self, index):
        """One picture's packet in the dialect of version 3."""
        flags = (1 << 62 if index == 0 else 0) | index * 33_333
        data = self.packets[index]
        return struct.pack(">QI", flags, len(data)) + data

    def head(self):
        """The parameters' packet."""
        return struct.pack(">QI", 1 << 63, len(self.config)) + self.config

    def meta(self):
        """Name, codec and size."""
        return b"fake".ljust(64, b"\0") + b"h264" + struct.pack(">II", self.width, self.height)


class FakePhone:
    """A phone whose screen server is played by the test."""

    def __init__(self):
        self.serial = "fake"
        self.pushed = []
        self.commands = []
        self.video, self.control, self.output = [], [], []
        self.refusals = 2
        self.last_words = ""
        self.connected = threading.Event()
        self.listed = (AdbPhone("fake", "device", {}),)
        self.adb = SimpleNamespace(phones=lambda: self.listed)
        self._ends = []

    def _pair(self):
        here, there = socket.socketpair()
        self._ends += [here, there]
        return here, there

    def push(self, data, remote, mode=0o644, report=ignore_progress, cancel=None):
        self.pushed.append((data, remote))

    def open_shell_stream(self, command, timeout_s=10.0, cancel=None):
        self.commands.append(command)
        here, there = self._pair()
        if self.last_words:
            there.sendall(self.last_words.encode())
            there.close()
        self.output.append(there)
        return here

    def open_abstract(self, name, timeout_s=10.0, cancel=None):
        assert f"scid={name.removeprefix('scrcpy_')}" in self.commands[-1]
        if self.refusals:
            self.refusals -= 1
            raise NothingListensError("nobody there")
        here, there = self._pair()
        if len(self.video) == len(self.control):
            there.sendall(b"\0")
            self.video.append(there)
        else:
            self.control.append(there)
            self.connected.set()
        return here

    def send(self, data):
        """Send on the newest video socket."""
        assert self.connected.wait(5)
        self.video[-1].sendall(data)

    def unplug(self):
        self.listed = ()
        for end in self._ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def close(self):
        for end in self._ends:
            end.close()


@pytest.fixture
def fake():
    phone = FakePhone()
    yield phone
    phone.close()


@pytest.fixture
def gone_phone():
    """A phone that is not there at all."""
    phone = FakePhone()

    def refuse(*_args, **_kwargs):
        raise PhoneError("The phone is not connected.", "Plug it in.")

    phone.push = refuse
    yield phone
    phone.close()


@pytest.fixture(scope="session")
def make_clip():
    return Clip


@pytest.fixture(scope="session")
def clip():
    """Five upright pictures: red, green, blue, white, grey."""
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (128, 128, 128)]
    return Clip(320, 640, colours)
