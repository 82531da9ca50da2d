"""The link's bytes, from packaging/android/PROTOCOL.md alone: bytes in, values out, no I/O.

An older app that is still installed leaves out what the page gained since: ``cameras`` and
``pictures`` of ``HELLO`` (then none), ``camera`` of ``STATE`` (``back``, the one it had) and
``fit`` of ``MODEL`` (its task's own, as it always did).
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from engine.errors import LinkError
from engine.link.fields import Fields, broken, read_json
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
MAX_CLASSES = 5
MAX_BOXES = 25
MAX_VECTOR = 65_536
MAX_CELLS = 262_144

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
    """Ask for any of ``threads``, ``delegate``, ``source``, ``camera``, ``paused``."""
    return _command(SET, command_id, orjson.dumps(dict(changes)))


def encode_load_begin(command_id: int, facts: Mapping[str, Any]) -> bytes:
    """Announce a model: name, size_bytes, sha256, labels, and any of the optional fields.

    These are ``untrained``, ``threads``, ``delegate``, ``task``, ``fit`` and ``scores``.
    """
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


def _hello(fields: Fields) -> Hello:
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
        cameras=() if fields.absent("cameras") else fields.texts("cameras"),
        pictures=0 if fields.absent("pictures") else fields.whole("pictures"),
    )


def _state(fields: Fields) -> AppState:
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
        camera="back" if fields.absent("camera") else fields.text("camera"),
        error=error,
    )


def _model(fields: Fields) -> AppModel:
    tensor = fields.inner("input")
    return AppModel(
        generation=fields.whole("generation"),
        name=fields.text("name"),
        sha256=fields.text("sha256"),
        size_bytes=fields.whole("size_bytes"),
        task=fields.text("task"),
        fit=_default_fit(fields.text("task")) if fields.absent("fit") else fields.text("fit"),
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


def _default_fit(task: str) -> str:
    from engine.models.preprocessing import default_fit

    return default_fit(task)


_RESULT = struct.Struct("<IIBBH")
_CLASS = struct.Struct("<If")
_BOX = struct.Struct("<If4f")


def _result(payload: bytes) -> Result:
    if len(payload) < _RESULT.size:
        raise broken(f"RESULT of {len(payload)} bytes is too short")
    sequence, generation, kind, count, picture = _RESULT.unpack_from(payload)
    entry, most = {
        0: (_CLASS, MAX_CLASSES),
        1: (_BOX, MAX_BOXES),
        2: (_CLASS, 0),
        3: (_CLASS, MAX_CLASSES),
    }.get(kind, (None, 0))
    if entry is None:
        raise broken(f"RESULT is of the unknown kind {kind}")
    end = _RESULT.size + count * entry.size
    if count > most or len(payload) < end:
        raise broken(f"RESULT of {len(payload)} bytes does not hold its {count} entries")
    rows, rest = entry.iter_unpack(payload[_RESULT.size : end]), payload[end:]
    if kind == 1:
        _check_rest("RESULT's boxes", rest, 0)
        return Result(sequence, generation, "boxes", tuple(Box(*row) for row in rows), picture)
    classes = tuple(ClassScore(*row) for row in rows)
    if kind == 2:
        vector = _vector(rest)
        return Result(sequence, generation, "vector", (), picture, vector=vector)
    if kind == 3:
        cells = _cells(rest)
        return Result(sequence, generation, "map", classes, picture, cells=cells)
    _check_rest("RESULT's classes", rest, 0)
    return Result(sequence, generation, "classes", classes, picture)


def _vector(rest: bytes) -> NDArray[np.float32]:
    """Read the length of a vector and its floats."""
    length = int.from_bytes(rest[:4], "little")
    if len(rest) < 4 or not 1 <= length <= MAX_VECTOR:
        raise broken(f"RESULT has a vector of {length:,} numbers")
    _check_rest("RESULT's vector", rest[4:], 4 * length)
    return np.frombuffer(rest, "<f4", offset=4)


def _cells(rest: bytes) -> NDArray[np.uint8]:
    """Read the columns and rows of a map and its cells."""
    columns, rows = int.from_bytes(rest[:2], "little"), int.from_bytes(rest[2:4], "little")
    if len(rest) < 4 or not 1 <= columns * rows <= MAX_CELLS:
        raise broken(f"RESULT has a map of {columns} columns and {rows} rows")
    _check_rest("RESULT's map", rest[4:], columns * rows)
    return np.frombuffer(rest, np.uint8, offset=4).reshape(rows, columns)


def _check_rest(what: str, rest: bytes, wanted: int) -> None:
    if len(rest) != wanted:
        raise broken(f"{what} should take {wanted:,} more bytes, not {len(rest):,}")


def _answer(payload: bytes) -> Answer:
    if len(payload) < 4:
        raise broken(f"ANSWER of {len(payload)} bytes is too short")
    command_id = int.from_bytes(payload[:4], "little")
    fields = read_json(payload[4:], "ANSWER")
    if fields.flag("ok"):
        return Answer(command_id, ok=True)
    return Answer(command_id, ok=False, code=fields.text("code"), text=fields.text("text"))


def _health(fields: Fields) -> Health:
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
        power_save=known("power_save", fields.flag),
        native_heap_kb=known("native_heap_kb", fields.whole),
    )


def join(arrays: Sequence[SampleArray]) -> SampleArray:
    """Return the samples of several messages as one array; empty when there are none."""
    return np.concatenate(arrays) if arrays else np.empty(0, SAMPLE_DTYPE)


def _bye(fields: Fields) -> Bye:
    return Bye(fields.text("code"), fields.text("text"))


_READERS: dict[int, Callable[[bytes], Message]] = {
    HELLO: lambda payload: _hello(read_json(payload, "HELLO")),
    STATE: lambda payload: _state(read_json(payload, "STATE")),
    MODEL: lambda payload: _model(read_json(payload, "MODEL")),
    SAMPLES: _samples,
    RESULT: _result,
    ANSWER: _answer,
    HEALTH: lambda payload: _health(read_json(payload, "HEALTH")),
    BYE: lambda payload: _bye(read_json(payload, "BYE")),
}
