"""Android's compiled XML, as far as a manifest needs it (pure).

Written from the structures of ``ResourceTypes.h``: chunks of u16 type, u16 header size,
u32 size; a string pool; then elements whose attributes are numbered by resource id.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_XML, _STRING_POOL, _RESOURCE_MAP = 0x0003, 0x0001, 0x0180
_START_ELEMENT, _END_ELEMENT = 0x0102, 0x0103
_UTF8_POOL = 0x100
_NONE = 0xFFFFFFFF
_TYPE_STRING, _TYPE_DECIMAL, _TYPE_HEX, _TYPE_BOOLEAN = 0x03, 0x10, 0x11, 0x12
_MAX_DEPTH = 1000

Value = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Element:
    """The start of one element.

    Attributes:
        path: Names from the root down to this element.
        by_name: Attributes that have no resource id.
        by_id: Attributes by resource id; None for a value that is a reference to a
            resource or of another kind that is neither text, whole number nor boolean.
    """

    path: tuple[str, ...]
    by_name: dict[str, Value]
    by_id: dict[int, Value]


def read_elements(data: bytes) -> Iterator[Element]:
    """Yield the elements of a compiled XML file in document order.

    Raises:
        ValueError: If ``data`` is no such file or contradicts its own layout.
    """
    kind, header_size, size = _chunk_header(data, 0, len(data))
    if kind != _XML:
        raise ValueError("not a compiled XML file")
    strings: list[str] = []
    ids: tuple[int, ...] = ()
    path: list[str] = []
    at = header_size
    while at < size:
        kind, header_size, chunk_size = _chunk_header(data, at, size)
        chunk = data[at : at + chunk_size]
        if kind == _STRING_POOL:
            strings = _read_pool(chunk, header_size)
        elif kind == _RESOURCE_MAP:
            count = (chunk_size - header_size) // 4
            ids = struct.unpack_from(f"<{count}I", chunk, header_size)
        elif kind == _START_ELEMENT:
            element = _read_element(chunk, header_size, strings, ids, path)
            path.append(element.path[-1])
            if len(path) > _MAX_DEPTH:
                raise ValueError("elements are nested too deep")
            yield element
        elif kind == _END_ELEMENT:
            if not path:
                raise ValueError("an element ends that never began")
            path.pop()
        at += chunk_size


def _chunk_header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    if end - at < 8:
        raise ValueError("a chunk is cut off")
    kind, header_size, size = struct.unpack_from("<HHI", data, at)
    if not 8 <= header_size <= size <= end - at:
        raise ValueError("a chunk is longer than the file")
    return kind, header_size, size


def _read_element(
    chunk: bytes, at: int, strings: list[str], ids: tuple[int, ...], path: list[str]
) -> Element:
    name, first, step, count = struct.unpack("<4xIHHH", _cut(chunk, at, 14))
    by_name: dict[str, Value] = {}
    by_id: dict[int, Value] = {}
    if step < 20:
        raise ValueError("attributes are too short")
    for index in range(count):
        raw = _cut(chunk, at + first + index * step, 20)
        key, text, kind, number = struct.unpack("<4xII3xBI", raw)
        value = _read_value(kind, number, text, strings)
        if key < len(ids) and ids[key]:
            by_id[ids[key]] = value
        else:
            by_name[_text(strings, key)] = value
    return Element((*path, _text(strings, name)), by_name, by_id)


def _read_value(kind: int, number: int, text: int, strings: list[str]) -> Value:
    if kind == _TYPE_STRING:
        return _text(strings, number)
    if kind == _TYPE_BOOLEAN:
        return number != 0
    if kind in {_TYPE_DECIMAL, _TYPE_HEX}:
        return number - (1 << 32) if kind == _TYPE_DECIMAL and number >> 31 else number
    return None if text == _NONE else _text(strings, text)


def _text(strings: list[str], index: int) -> str:
    if index >= len(strings):
        raise ValueError("a text is missing from the pool")
    return strings[index]


def _read_pool(chunk: bytes, header_size: int) -> list[str]:
    count, _, flags, start, _ = struct.unpack("<5I", _cut(chunk, 8, 20))
    if header_size + 4 * count > len(chunk):
        raise ValueError("the string pool is cut off")
    offsets = struct.unpack_from(f"<{count}I", chunk, header_size)
    read = _read_utf8 if flags & _UTF8_POOL else _read_utf16
    return [read(chunk, start + offset) for offset in offsets]


def _read_utf8(chunk: bytes, at: int) -> str:
    """Read a string whose lengths in characters, then in bytes, take one or two bytes."""
    at += 2 if _cut(chunk, at, 1)[0] & 0x80 else 1
    length = _cut(chunk, at, 1)[0]
    at += 1
    if length & 0x80:
        length = (length & 0x7F) << 8 | _cut(chunk, at, 1)[0]
        at += 1
    return _cut(chunk, at, length).decode(errors="replace")


def _read_utf16(chunk: bytes, at: int) -> str:
    """Read a string whose length in units takes one or two units."""
    length = int.from_bytes(_cut(chunk, at, 2), "little")
    at += 2
    if length & 0x8000:
        length = (length & 0x7FFF) << 16 | int.from_bytes(_cut(chunk, at, 2), "little")
        at += 2
    return _cut(chunk, at, 2 * length).decode("utf-16-le", errors="replace")


def _cut(chunk: bytes, at: int, count: int) -> bytes:
    taken = chunk[at : at + count]
    if len(taken) != count:
        raise ValueError("something is cut off")
    return taken
