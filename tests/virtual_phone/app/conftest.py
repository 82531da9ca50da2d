"""A lab for the lab's app on the virtual phone: nothing but a socket."""

import hashlib
import json
import struct

import pytest

from engine.virtual_phone.app.link_messages import FromLab, FromPhone
from engine.virtual_phone.app.model import PACKAGE

SAMPLE = struct.Struct("<IIQQQQQQQIhH")


class Lab:
    """A lab that is nothing but a socket."""

    def __init__(self, phone, *, greet=True):
        self.stream = phone.handset.sockets.connect("mobilenet_lab")
        self.stream.settimeout(10)
        self.seen = []
        if greet:
            self.stream.write(b"MNLB\1\0\0\0")
        assert self.stream.read_exactly(8) == b"MNLB\1\0\0\0"

    def read(self):
        kind, zero, length = struct.unpack("<HHI", self.stream.read_exactly(8))
        assert zero == 0
        self.seen.append((kind, self.stream.read_exactly(length) if length else b""))
        return self.seen[-1]

    def read_until(self, wanted):
        while True:
            kind, payload = self.read()
            if kind == wanted:
                return payload

    def read_json(self, wanted):
        return json.loads(self.read_until(wanted))

    def send(self, kind, payload):
        self.stream.write(struct.pack("<HHI", kind, 0, len(payload)) + payload)

    def command(self, kind, number, payload=b""):
        self.send(kind, struct.pack("<I", number) + payload)

    def ask(self, kind, number, payload=b""):
        """Send a command and return its answer."""
        if isinstance(payload, dict):
            payload = json.dumps(payload).encode()
        self.command(kind, number, payload)
        answer = self.read_until(FromPhone.ANSWER)
        assert answer[:4] == struct.pack("<I", number)
        return json.loads(answer[4:])

    def load(self, data, **values):
        begin = {
            "name": "sent",
            "size_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "labels": ["ant", "bee"],
            "untrained": True,
        }
        answer = self.ask(FromLab.LOAD_BEGIN, 1, begin | values)
        if answer["ok"]:
            self.command(FromLab.LOAD_CHUNK, 2, struct.pack("<Q", 0) + data[:3])
            assert self.read_until(FromPhone.ANSWER)[4:] == b'{"ok":true}'
            answer = self.ask(FromLab.LOAD_CHUNK, 3, struct.pack("<Q", 3) + data[3:])
        if answer["ok"]:
            answer = self.ask(FromLab.LOAD_END, 4)
        return answer


@pytest.fixture
def connect():
    """``connect(phone)`` is a lab that has just said hello."""
    return Lab


@pytest.fixture
def start():
    """``start(phone, **options)`` installs and starts the app; returns a lab once a model runs."""

    def work(phone, **options):
        phone.install(**options)
        phone.screen.launch(PACKAGE)
        phone.wait(lambda: phone.screen._app.model() is not None)
        return Lab(phone)

    return work


@pytest.fixture
def samples_in():
    """``samples_in(payload)`` are the records of ``SAMPLES``."""

    def work(payload):
        assert payload
        assert len(payload) % 72 == 0
        return [SAMPLE.unpack_from(payload, at) for at in range(0, len(payload), 72)]

    return work
