"""A phone app that is a script: its own encoder, its own thread, one lab at a time."""

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable
from queue import SimpleQueue

from engine.errors import PhoneError
from engine.jobs import CancelToken
from engine.phones.faults import NOTHING_LISTENS

PREAMBLE = b"MNLB\x01\x00\x00\x00"

HELLO = {
    "app": {
        "version": "0.1.0",
        "version_code": 1,
        "package": "org.mobilenetlab.phone",
        "debuggable": False,
        "runtime": "LiteRT 1.0.1",
    },
    "phone": {
        "manufacturer": "Xiaomi",
        "model": "Mi A1",
        "android": "7.1.2",
        "sdk": 25,
        "fingerprint": "xiaomi/tissot/x",
        "abis": ["arm64-v8a"],
        "soc": "msm8953",
    },
    "sources": ["camera", "pictures", "loop"],
    "cameras": ["back", "front"],
    "pictures": 6,
    "delegates": ["cpu", "xnnpack"],
    "max_threads": 8,
    "clock_ns": 1,
    "pid": 4242,
}
STATE = {
    "source": "loop",
    "camera": "back",
    "paused": False,
    "threads": 4,
    "threads_asked": 4,
    "delegate": "xnnpack",
    "delegate_applied": "xnnpack",
    "delegate_note": "",
    "error": None,
}
MODEL = {
    "generation": 1,
    "name": "v1_0.50_128-int8",
    "sha256": "ab" * 32,
    "size_bytes": 1000,
    "task": "classification",
    "fit": "crop",
    "untrained": False,
    "input": {"shape": [1, 128, 128, 3], "dtype": "int8", "scale": 0.0078125, "zero_point": 0},
    "labels": ["cat", "dog"],
    "load_ms": 12.5,
    "first_ms": 31.0,
}
HEALTH = {
    "clock_ns": 5,
    "battery_percent": 82,
    "battery_c": 31.0,
    "charging": True,
    "thermal": None,
    "screen_on": True,
    "power_save": False,
    "cpu_khz": [2016000],
    "pss_kb": 81234,
    "native_heap_kb": 24100,
}


def message(kind: int, payload: bytes | dict) -> bytes:
    if isinstance(payload, dict):
        payload = json.dumps(payload).encode()
    return struct.pack("<HHI", kind, 0, len(payload)) + payload


def sample(sequence: int, *, generation: int = 1, infer_ms: float = 40.0, flags: int = 0) -> bytes:
    """One record: 50 ms per picture, so 20 results per second."""
    start = 1_000_000_000 + sequence * 50_000_000
    return struct.pack(
        "<II7QIhH",
        sequence,
        generation,
        start,
        start + 45_000_000,
        1_000_000,
        2_000_000,
        round(infer_ms * 1e6),
        500_000,
        700_000,
        0xFFFFFFFF,
        310,
        flags,
    )


class ScriptedApp:
    """Accepts one lab on a socket pair; ``open_abstract`` makes it a phone for ``Link``.

    Every command is answered ``ok`` unless ``refusals`` names its type; all but pings go
    to ``commands`` as (type, payload after the id).
    """

    def __init__(
        self,
        first: bytes = PREAMBLE + message(1, HELLO),
        *,
        on_command: Callable[[int, bytes], None] | None = None,
        answering: bool = True,
    ) -> None:
        self.lab, self.phone = socket.socketpair()
        self.commands: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
        self.refusals: dict[int, tuple[str, str]] = {}
        self.left = threading.Event()
        self.pinged = threading.Event()
        self._on_command = on_command or (lambda kind, payload: None)
        self._answering = answering
        self._sending = threading.Lock()
        self.opened = 0
        self.send(first)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def open_abstract(
        self, name: str, timeout_s: float = 10.0, cancel: CancelToken | None = None
    ) -> socket.socket:
        assert name == "mobilenet_lab"
        self.opened += 1
        if self.opened > 1:
            raise PhoneError(NOTHING_LISTENS.what, detail="closed")
        return self.lab

    def send(self, data: bytes) -> None:
        with self._sending:
            self.phone.sendall(data)

    def say(self, kind: int, payload: bytes | dict) -> None:
        self.send(message(kind, payload))

    def say_samples(self, start: int, count: int, **changes) -> None:
        self.say(4, b"".join(sample(start + i, **changes) for i in range(count)))

    def ready(self) -> "ScriptedApp":
        self.say(2, STATE)
        self.say(3, MODEL)
        self.say(7, HEALTH)
        return self

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.phone.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self.phone.close()
        if not self.opened:
            self.lab.close()

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.phone.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _listen(self) -> None:
        try:
            assert self._exactly(8) == PREAMBLE
            while True:
                kind, zero, length = struct.unpack("<HHI", self._exactly(8))
                assert zero == 0
                payload = self._exactly(length)
                if kind == 69:
                    self.pinged.set()
                else:
                    self.commands.put((kind, payload[4:]))
                    self._on_command(kind, payload[4:])
                if self._answering:
                    answer = {"ok": True}
                    if kind in self.refusals:
                        code, text = self.refusals[kind]
                        answer = {"ok": False, "code": code, "text": text}
                    self.say(6, payload[:4] + json.dumps(answer).encode())
        except (EOFError, OSError):
            self.left.set()
