"""The phone's side of the link in bytes, from ``packaging/android/PROTOCOL.md`` alone (pure)."""

import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"MNLB"
VERSION = 1
PREAMBLE_BYTES = 8
HEADER_BYTES = 8
MAX_PAYLOAD_BYTES = 1 << 20
MAX_CHUNK_BYTES = 262_144
MAX_HELD_SAMPLES = 64
MAX_VECTOR = 65_536
MAX_CELLS = 262_144
NO_RESULT = 0xFFFF_FFFF
NO_TEMPERATURE = -32768
FLAG_FIRST = 1
FLAG_UNTRAINED = 2

READING = {
    "task": ("classification", "detection", "embedding", "segmentation"),
    "fit": ("crop", "letterbox", "stretch"),
    "scores": ("probabilities", "logits"),
}
"""What may be said of how a model is read, and in which words."""

_PREAMBLE = struct.Struct("<4sHH")
_HEADER = struct.Struct("<HHI")
_SAMPLE = struct.Struct("<IIQQQQQQQIhH")
_RESULT = struct.Struct("<IIBBH")
_CLASS = struct.Struct("<If")
_BOX = struct.Struct("<Ifffff")
_LENGTH = struct.Struct("<I")
_GRID = struct.Struct("<HH")


class LinkBrokenError(Exception):
    """The lab's bytes break the protocol; the connection ends. ``str`` says how."""


class _UnusableError(Exception):
    """A JSON object that is none of the command's."""


class FromPhone(IntEnum):
    """Types of the messages that a phone sends."""

    HELLO = 1
    STATE = 2
    MODEL = 3
    SAMPLES = 4
    RESULT = 5
    ANSWER = 6
    HEALTH = 7
    BYE = 8


class FromLab(IntEnum):
    """Types of the messages that a lab sends."""

    SET = 65
    LOAD_BEGIN = 66
    LOAD_CHUNK = 67
    LOAD_END = 68
    PING = 69


@dataclass(frozen=True, slots=True)
class Set:
    """Change settings; ``values`` is the JSON object as it came."""

    id: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LoadBegin:
    """Announce a model.

    ``threads`` and ``delegate`` are None when unchanged; ``task``, ``fit`` and ``scores`` are
    empty when the app is to find out.
    """

    id: int
    name: str
    size_bytes: int
    sha256: str
    labels: tuple[str, ...]
    untrained: bool
    threads: int | None = None
    delegate: str | None = None
    task: str = ""
    fit: str = ""
    scores: str = ""


@dataclass(frozen=True, slots=True)
class LoadChunk:
    """A piece of the announced model."""

    id: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class LoadEnd:
    """The announced model is complete."""

    id: int


@dataclass(frozen=True, slots=True)
class Ping:
    """The lab is there."""

    id: int


@dataclass(frozen=True, slots=True)
class Unusable:
    """A command whose JSON lacks a field or has a wrong one; it is refused.

    Attributes:
        text: What is wrong, for the answer.
    """

    id: int
    text: str


Command = Unusable | Set | LoadBegin | LoadChunk | LoadEnd | Ping


@dataclass(frozen=True, slots=True)
class Sample:
    """One inference; times in nanoseconds of the phone's monotonic clock.

    Attributes:
        result: Sequence of the ``RESULT`` that belongs here, or ``NO_RESULT``.
        temperature: Tenths of a degree Celsius, or ``NO_TEMPERATURE``.
        flags: ``FLAG_FIRST`` and ``FLAG_UNTRAINED``.
    """

    sequence: int
    generation: int
    captured_ns: int
    finished_ns: int
    camera_ns: int
    convert_ns: int
    infer_ns: int
    post_ns: int
    draw_ns: int
    result: int = NO_RESULT
    temperature: int = NO_TEMPERATURE
    flags: int = 0


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """A class and its score, 0..1."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class BoxEntry:
    """A box as fractions of the model's input picture, with its class and score."""

    index: int
    score: float
    top: float
    left: float
    bottom: float
    right: float


def preamble() -> bytes:
    """Return the 8 bytes that each side begins with."""
    return _PREAMBLE.pack(MAGIC, VERSION, 0)


def check_preamble(data: bytes) -> None:
    """Accept the lab's first 8 bytes.

    Raises:
        LinkBrokenError: If another program or another version speaks.
    """
    magic, version, _ = _PREAMBLE.unpack(data)
    if magic != MAGIC:
        raise LinkBrokenError("the peer is not a lab")
    if version != VERSION:
        raise LinkBrokenError(f"the lab speaks link version {version}, this app {VERSION}")


def parse_header(data: bytes) -> tuple[int, int]:
    """Return type and payload length of the 8 header bytes.

    Raises:
        LinkBrokenError: If the payload would be over the limit.
    """
    kind, _, length = _HEADER.unpack(data)
    if length > MAX_PAYLOAD_BYTES:
        raise LinkBrokenError(f"a message of {length} bytes is over the limit")
    return kind, length


def parse_command(kind: int, payload: bytes) -> Command | None:
    """Return the command, or None for a type that is not known and so is skipped.

    Raises:
        LinkBrokenError: If the payload contradicts its layout or is not UTF-8 JSON.
    """
    if kind not in FromLab.__members__.values():
        return None
    if len(payload) < 4:
        raise LinkBrokenError("a command is shorter than its id")
    command_id, rest = int.from_bytes(payload[:4], "little"), payload[4:]
    if kind == FromLab.SET:
        return Set(command_id, _parse_object(rest))
    if kind == FromLab.LOAD_BEGIN:
        try:
            return _parse_load_begin(command_id, _parse_object(rest))
        except _UnusableError as error:
            return Unusable(command_id, str(error))
    if kind == FromLab.LOAD_CHUNK:
        if len(rest) < 8:
            raise LinkBrokenError("LOAD_CHUNK is shorter than its offset")
        return LoadChunk(command_id, int.from_bytes(rest[:8], "little"), rest[8:])
    if rest:
        raise LinkBrokenError(f"{FromLab(kind).name} has {len(rest)} bytes left over")
    return LoadEnd(command_id) if kind == FromLab.LOAD_END else Ping(command_id)


def _parse_object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise LinkBrokenError("text is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise LinkBrokenError("text is not JSON") from error
    if not isinstance(value, dict):
        raise LinkBrokenError("JSON is not an object")
    return value


def _parse_load_begin(command_id: int, values: dict[str, Any]) -> LoadBegin:
    labels = _field(values, "labels", list)
    if not all(isinstance(label, str) for label in labels):
        raise _UnusableError("LOAD_BEGIN has a label that is not text.")
    return LoadBegin(
        id=command_id,
        name=_field(values, "name", str),
        size_bytes=_field(values, "size_bytes", int),
        sha256=_field(values, "sha256", str),
        labels=tuple(labels),
        untrained=_field(values, "untrained", bool) if "untrained" in values else False,
        threads=_field(values, "threads", int) if "threads" in values else None,
        delegate=_field(values, "delegate", str) if "delegate" in values else None,
        **{name: _one_of(values, name, words) for name, words in READING.items() if name in values},
    )


def _one_of(values: dict[str, Any], name: str, words: tuple[str, ...]) -> str:
    word = values[name]
    if word not in words:
        raise _UnusableError(f"LOAD_BEGIN: {name} is one of {', '.join(words)}.")
    return str(word)


def _field(values: dict[str, Any], name: str, kind: type) -> Any:
    value = values.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _UnusableError(f"LOAD_BEGIN has no usable {name}.")
    return value


def message(kind: int, payload: bytes) -> bytes:
    """Frame one message."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a payload of {len(payload)} bytes is over the limit")
    return _HEADER.pack(kind, 0, len(payload)) + payload


def json_message(kind: FromPhone, values: dict[str, Any]) -> bytes:
    """Frame ``HELLO``, ``STATE``, ``MODEL``, ``HEALTH`` or ``BYE``."""
    return message(kind, _dump(values))


def answer(command_id: int, code: str = "", text: str = "") -> bytes:
    """Frame the ``ANSWER`` to a command: ok, or refused if ``code`` is given."""
    values = {"ok": False, "code": code, "text": text} if code else {"ok": True}
    return message(FromPhone.ANSWER, command_id.to_bytes(4, "little") + _dump(values))


def samples(records: Iterable[Sample]) -> bytes:
    """Frame ``SAMPLES``, oldest first; at least one."""
    payload = b"".join(
        _SAMPLE.pack(
            record.sequence,
            record.generation,
            record.captured_ns,
            record.finished_ns,
            record.camera_ns,
            record.convert_ns,
            record.infer_ns,
            record.post_ns,
            record.draw_ns,
            record.result,
            record.temperature,
            record.flags,
        )
        for record in records
    )
    if not payload:
        raise ValueError("SAMPLES needs a record")
    return message(FromPhone.SAMPLES, payload)


def result_classes(
    sequence: int, generation: int, entries: Sequence[ClassEntry], *, picture: int = 0
) -> bytes:
    """Frame a ``RESULT`` of at most 5 classes, highest score first; ``picture`` 0 is none."""
    head = _RESULT.pack(sequence, generation, 0, len(entries[:5]), picture)
    return message(FromPhone.RESULT, head + _pack_classes(entries))


def result_boxes(
    sequence: int, generation: int, entries: Sequence[BoxEntry], *, picture: int = 0
) -> bytes:
    """Frame a ``RESULT`` of at most 25 boxes, highest score first."""
    kept = entries[:25]
    head = _RESULT.pack(sequence, generation, 1, len(kept), picture)
    body = (
        _BOX.pack(one.index, one.score, one.top, one.left, one.bottom, one.right) for one in kept
    )
    return message(FromPhone.RESULT, head + b"".join(body))


def result_vector(
    sequence: int, generation: int, vector: NDArray[np.float32], *, picture: int = 0
) -> bytes:
    """Frame a ``RESULT`` that is a vector of 1 to ``MAX_VECTOR`` values."""
    if not 1 <= len(vector) <= MAX_VECTOR:
        raise ValueError(f"a vector of {len(vector)} values cannot be sent")
    head = _RESULT.pack(sequence, generation, 2, 0, picture) + _LENGTH.pack(len(vector))
    return message(FromPhone.RESULT, head + vector.astype("<f4").tobytes())


def result_map(
    sequence: int,
    generation: int,
    entries: Sequence[ClassEntry],
    cells: NDArray[np.uint8],
    *,
    picture: int = 0,
) -> bytes:
    """Frame a ``RESULT`` of a class per cell, shape (rows, columns), at most ``MAX_CELLS``.

    ``entries`` are the classes and their shares of the map, largest first; 5 are sent.
    """
    rows, columns = cells.shape
    if not 1 <= rows * columns <= MAX_CELLS:
        raise ValueError(f"a map of {columns} x {rows} cells cannot be sent")
    head = _RESULT.pack(sequence, generation, 3, len(entries[:5]), picture)
    grid = _GRID.pack(columns, rows) + cells.tobytes()
    return message(FromPhone.RESULT, head + _pack_classes(entries) + grid)


def _pack_classes(entries: Sequence[ClassEntry]) -> bytes:
    return b"".join(_CLASS.pack(one.index, one.score) for one in entries[:5])


def _dump(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
