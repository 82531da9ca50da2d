"""The link's bytes, from packaging/android/PROTOCOL.md alone: bytes in, values out, no I/O."""

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
import orjson

from engine.errors import LinkError
from engine.link.messages import (
    SAMPLE_DTYPE,
    Answer,
    AppFacts,
    AppModel,
    AppPhone,
    AppState,
    AppTrouble,
    Bye,
    Health,
    Hello,
    Message,
    ModelInput,
    Result,
    SampleArray,
    Samples,
)
from engine.models.recognition import Box, ClassScore

SOCKET_NAME = "mobilenet_lab"
VERSION = 1
MAGIC = b"MNLB"
PREAMBLE = struct.pack("<4sHH", MAGIC, VERSION, 0)
PREAMBLE_BYTES = 8
HEADER_BYTES = 8
MAX_PAYLOAD = 1_048_576
MAX_CHUNK = 262_144

HELLO, STATE, MODEL, SAMPLES, RESULT, ANSWER, HEALTH, BYE = range(1, 9)
SET, LOAD_BEGIN, LOAD_CHUNK, LOAD_END, PING = range(65, 70)


class Decoder:
    """Cuts the phone's byte stream into messages.

    Holds at most one unfinished message. After a ``LinkError`` it must not be fed again.
    """

    def __init__(self) -> None:
        """Start before the preamble."""
        self._buffer = bytearray()
        self._greeted = False

    @property
    def greeted(self) -> bool:
        """Whether the preamble arrived and was right."""
        return self._greeted

    def feed(self, data: bytes) -> list[Message]:
        """Take what was received and return the messages that it completes.

        Raises:
            LinkError: The peer is not the lab's app, speaks another version, or broke a
                rule of the protocol; the error names it.
        """
        self._buffer += data
        if not self._greeted:
            if len(self._buffer) < PREAMBLE_BYTES:
                check_magic(self._buffer)
                return []
            check_preamble(bytes(self._buffer[:PREAMBLE_BYTES]))
            del self._buffer[:PREAMBLE_BYTES]
            self._greeted = True
        return self._messages()

    def finish(self) -> None:
        """Say that the peer closed; raise ``LinkError`` if it did so within a message."""
        if self._buffer or not self._greeted:
            raise broken("it ended within a message")

    def _messages(self) -> list[Message]:
        messages: list[Message] = []
        start = 0
        while len(self._buffer) - start >= HEADER_BYTES:
            kind, _, length = struct.unpack_from("<HHI", self._buffer, start)
            if length > MAX_PAYLOAD:
                raise broken(f"a message of {length:,} bytes is longer than the link allows")
            end = start + HEADER_BYTES + length
            if len(self._buffer) < end:
                break
            message = decode(kind, bytes(self._buffer[start + HEADER_BYTES : end]))
            if message is not None:
                messages.append(message)
            start = end
        del self._buffer[:start]
        return messages


def broken(what: str) -> LinkError:
    """Return the error for a peer that broke a rule of the protocol."""
    return LinkError(
        f"The phone app broke the link's rules: {what}.",
        "Deploy again; if it comes back, update the lab.",
    )


def check_magic(start: bytes | bytearray) -> None:
    """Raise ``LinkError`` if these first bytes (up to 8) cannot begin a preamble."""
    magic = bytes(start[: len(MAGIC)])
    if not MAGIC.startswith(magic):
        raise LinkError(
            "What answers on the phone is not the lab's app.",
            "Deploy a variant to install it.",
            detail=f"it began with {bytes(start)!r}",
        )


def check_preamble(preamble: bytes) -> None:
    """Raise ``LinkError`` unless these 8 bytes are this version's preamble."""
    check_magic(preamble)
    version = int.from_bytes(preamble[4:6], "little")
    if version != VERSION:
        raise LinkError(
            f"The app speaks version {version} of the link, this lab speaks version {VERSION}.",
            "Deploy again to install the app that belongs to this lab.",
        )


def decode(kind: int, payload: bytes) -> Message | None:
    """Turn one message into a value; None for a type that this lab does not know.

    Raises:
        LinkError: The payload contradicts its layout.
    """
    reader = _READERS.get(kind)
    return None if reader is None else reader(payload)


def encode_set(command_id: int, changes: Mapping[str, Any]) -> bytes:
    """Ask for any of ``threads``, ``delegate``, ``source``, ``paused``."""
    return _command(SET, command_id, orjson.dumps(dict(changes)))


def encode_load_begin(command_id: int, facts: Mapping[str, Any]) -> bytes:
    """Announce a model: name, size_bytes, sha256, labels, untrained[, threads, delegate]."""
    return _command(LOAD_BEGIN, command_id, orjson.dumps(dict(facts)))


def encode_load_chunk(command_id: int, offset: int, data: bytes) -> bytes:
    """Send the model's bytes from ``offset`` on, at most ``MAX_CHUNK``."""
    return _command(LOAD_CHUNK, command_id, struct.pack("<Q", offset) + data)


def encode_load_end(command_id: int) -> bytes:
    """Ask the app to check, open and run the model that was sent."""
    return _command(LOAD_END, command_id, b"")


def encode_ping(command_id: int) -> bytes:
    """Say that the lab is still here."""
    return _command(PING, command_id, b"")


def _command(kind: int, command_id: int, rest: bytes) -> bytes:
    if len(rest) + 4 > MAX_PAYLOAD:
        raise LinkError("This is more than the link carries in one message.", "Use fewer labels.")
    return struct.pack("<HHII", kind, 0, 4 + len(rest), command_id) + rest


def _is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number of 64 bits with a sign, as Java's and SQLite's are."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


class _Fields:
    """One JSON object of a message; every wrong field is a broken peer, named."""

    def __init__(self, message: str, value: object) -> None:
        if not isinstance(value, dict):
            raise broken(f"{message} is not a JSON object")
        self._message = message
        self._values: dict[str, object] = value

    def _wrong(self, key: str, wanted: str) -> LinkError:
        state = "is not" if key in self._values else "is missing, not"
        return broken(f"{key} of {self._message} {state} {wanted}")

    def text(self, key: str) -> str:
        value = self._values.get(key)
        if not isinstance(value, str):
            raise self._wrong(key, "a text")
        return value

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def whole(self, key: str) -> int:
        value = self._values.get(key)
        if not _is_whole(value):
            raise self._wrong(key, "a whole number")
        return value

    def number(self, key: str) -> float:
        value = self._values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number")
        if not math.isfinite(value):
            raise self._wrong(key, "a finite number")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._values.get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, "a list of texts")
        return tuple(value)

    def wholes(self, key: str) -> tuple[int, ...]:
        value = self._values.get(key)
        if not isinstance(value, list) or not all(_is_whole(item) for item in value):
            raise self._wrong(key, "a list of whole numbers")
        return tuple(value)

    def inner(self, key: str) -> "_Fields":
        return _Fields(f"{key} of {self._message}", self._values.get(key))

    def absent(self, key: str) -> bool:
        return self._values.get(key) is None


def _json(payload: bytes, message: str) -> _Fields:
    try:
        return _Fields(message, orjson.loads(payload))
    except orjson.JSONDecodeError as error:
        raise broken(f"{message} is not JSON ({error})") from error


def _hello(fields: _Fields) -> Hello:
    app, phone = fields.inner("app"), fields.inner("phone")
    return Hello(
        app=AppFacts(
            version=app.text("version"),
            version_code=app.whole("version_code"),
            package=app.text("package"),
            debuggable=app.flag("debuggable"),
            runtime=app.text("runtime"),
        ),
        phone=AppPhone(
            manufacturer=phone.text("manufacturer"),
            model=phone.text("model"),
            android=phone.text("android"),
            sdk=phone.whole("sdk"),
            fingerprint=phone.text("fingerprint"),
            abis=phone.texts("abis"),
            soc=phone.text("soc"),
        ),
        sources=fields.texts("sources"),
        delegates=fields.texts("delegates"),
        max_threads=fields.whole("max_threads"),
        clock_ns=fields.whole("clock_ns"),
        pid=fields.whole("pid"),
    )


def _state(fields: _Fields) -> AppState:
    error = None
    if not fields.absent("error"):
        trouble = fields.inner("error")
        error = AppTrouble(trouble.text("code"), trouble.text("text"))
    return AppState(
        source=fields.text("source"),
        paused=fields.flag("paused"),
        threads=fields.whole("threads"),
        delegate=fields.text("delegate"),
        delegate_applied=fields.text("delegate_applied"),
        delegate_note=fields.text("delegate_note"),
        threads_asked=fields.whole("threads_asked"),
        error=error,
    )


def _model(fields: _Fields) -> AppModel:
    tensor = fields.inner("input")
    return AppModel(
        generation=fields.whole("generation"),
        name=fields.text("name"),
        sha256=fields.text("sha256"),
        size_bytes=fields.whole("size_bytes"),
        task=fields.text("task"),
        untrained=fields.flag("untrained"),
        input=ModelInput(
            shape=tensor.wholes("shape"),
            dtype=tensor.text("dtype"),
            scale=tensor.number("scale"),
            zero_point=tensor.whole("zero_point"),
        ),
        labels=fields.texts("labels"),
        load_ms=fields.number("load_ms"),
        first_ms=fields.number("first_ms"),
    )


def _samples(payload: bytes) -> Samples:
    if not payload or len(payload) % SAMPLE_DTYPE.itemsize:
        raise broken(f"SAMPLES of {len(payload)} bytes is not a whole number of records")
    return Samples(np.frombuffer(payload, SAMPLE_DTYPE))


def _result(payload: bytes) -> Result:
    if len(payload) < 12:
        raise broken(f"RESULT of {len(payload)} bytes is too short")
    sequence, generation, kind, count, _ = struct.unpack_from("<IIBBH", payload)
    if kind not in (0, 1):
        raise broken(f"RESULT is of the unknown kind {kind}")
    entry, most = (struct.Struct("<If"), 5) if kind == 0 else (struct.Struct("<If4f"), 25)
    if count > most or len(payload) != 12 + count * entry.size:
        raise broken(f"RESULT of {len(payload)} bytes does not hold its {count} entries")
    rows = entry.iter_unpack(payload[12:])
    if kind == 0:
        return Result(sequence, generation, "classes", tuple(ClassScore(*row) for row in rows))
    return Result(sequence, generation, "boxes", tuple(Box(*row) for row in rows))


def _answer(payload: bytes) -> Answer:
    if len(payload) < 4:
        raise broken(f"ANSWER of {len(payload)} bytes is too short")
    command_id = int.from_bytes(payload[:4], "little")
    fields = _json(payload[4:], "ANSWER")
    if fields.flag("ok"):
        return Answer(command_id, ok=True)
    return Answer(command_id, ok=False, code=fields.text("code"), text=fields.text("text"))


def _health(fields: _Fields) -> Health:
    def known(key: str, read: Any) -> Any:
        return None if fields.absent(key) else read(key)

    return Health(
        clock_ns=fields.whole("clock_ns"),
        battery_percent=known("battery_percent", fields.number),
        battery_c=known("battery_c", fields.number),
        charging=known("charging", fields.flag),
        thermal=known("thermal", fields.whole),
        screen_on=known("screen_on", fields.flag),
        cpu_khz=known("cpu_khz", fields.wholes),
        pss_kb=known("pss_kb", fields.whole),
    )


def join(arrays: Sequence[SampleArray]) -> SampleArray:
    """Return the samples of several messages as one array; empty when there are none."""
    return np.concatenate(arrays) if arrays else np.empty(0, SAMPLE_DTYPE)


def _bye(fields: _Fields) -> Bye:
    return Bye(fields.text("code"), fields.text("text"))


_READERS: dict[int, Callable[[bytes], Message]] = {
    HELLO: lambda payload: _hello(_json(payload, "HELLO")),
    STATE: lambda payload: _state(_json(payload, "STATE")),
    MODEL: lambda payload: _model(_json(payload, "MODEL")),
    SAMPLES: _samples,
    RESULT: _result,
    ANSWER: _answer,
    HEALTH: lambda payload: _health(_json(payload, "HEALTH")),
    BYE: lambda payload: _bye(_json(payload, "BYE")),
}
