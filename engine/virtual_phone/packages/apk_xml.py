"""Reads Android's binary XML and resource tables. Pure: bytes in, values out.

Layout as in Android's ``ResourceTypes.h``: chunks of u16 type, u16 header size, u32 size,
all little-endian.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

STRING_POOL, TABLE, XML = 0x0001, 0x0002, 0x0003
START_ELEMENT, END_ELEMENT, RESOURCE_MAP = 0x0102, 0x0103, 0x0180
PACKAGE, TYPE = 0x0200, 0x0201
REFERENCE, STRING, BOOLEAN = 0x01, 0x03, 0x12
NOTHING = 0xFFFFFFFF

ATTRIBUTES = {
    0x01010001: "label",
    0x01010003: "name",
    0x0101000F: "debuggable",
    0x01010010: "exported",
    0x0101020C: "minSdkVersion",
    0x0101021B: "versionCode",
    0x0101021C: "versionName",
    0x01010270: "targetSdkVersion",
    0x01010271: "maxSdkVersion",
    0x01010272: "testOnly",
    0x010104EA: "extractNativeLibs",
    0x01010576: "versionCodeMajor",
}
"""The attributes that are read, by the resource id that names them in an APK."""


class BadXml(ValueError):  # noqa: N818 - reads as what it is
    """The bytes are not Android's binary XML or resource table."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that stands in the resource table."""

    resource_id: int


Value = str | int | bool | Reference


@dataclass(slots=True)
class Element:
    """One XML element.

    Attributes:
        attributes: Name without name space -> value.
    """

    name: str
    attributes: dict[str, Value] = field(default_factory=dict)
    children: "list[Element]" = field(default_factory=list)

    def all(self, name: str) -> "Iterator[Element]":
        """Yield the children called ``name``."""
        return (child for child in self.children if child.name == name)

    def number(self, name: str, default: int) -> int:
        """Return an attribute as an integer; codenames and the like give ``default``."""
        value = self.attributes.get(name, default)
        if isinstance(value, str):
            return int(value) if value.isdigit() else default
        return default if isinstance(value, Reference) else int(value)

    def codename(self, name: str) -> str:
        """Return an SDK version that is a codename, for instance ``VanillaIceCream``."""
        value = self.attributes.get(name, "")
        return value if isinstance(value, str) and not value.isdigit() else ""

    def truth(self, name: str, *, default: bool = False) -> bool:
        """Return an attribute as a truth value."""
        value = self.attributes.get(name, default)
        return value == "true" if isinstance(value, str) else value not in (0, False)

    def text(self, name: str) -> str:
        """Return an attribute as text; ``""`` if it is missing or a reference."""
        value = self.attributes.get(name, "")
        return "" if isinstance(value, Reference) else str(value)


def parse_xml(data: bytes) -> Element:
    """Read a document and return its root element.

    Raises:
        BadXml: If it is none.
    """
    try:
        return _parse_xml(data)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadXml(f"damaged binary XML: {error}") from error


def find_string(table: bytes, resource_id: int) -> str:
    """Return a string resource, in the default language where there is one; else ``""``.

    Raises:
        BadXml: If the table is damaged.
    """
    try:
        return _find_string(table, resource_id)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadXml(f"damaged resource table: {error}") from error


def _chunks(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield type, header's size, start and end of each chunk."""
    while start + 8 <= end:
        kind, header_size, size = struct.unpack_from("<HHI", data, start)
        if size < 8 or header_size < 8 or start + size > end:
            raise BadXml("a chunk leaves its parent")
        yield kind, header_size, start, start + size
        start += size


def _parse_xml(data: bytes) -> Element:
    kind, header_size, size = struct.unpack_from("<HHI", data, 0)
    if kind != XML or size > len(data):
        raise BadXml("not binary XML")
    strings: list[str] = []
    names: tuple[int, ...] = ()
    top = Element("")
    path = [top]
    for kind, header, start, end in _chunks(data, header_size, size):
        if kind == STRING_POOL:
            strings = _strings(data, start)
        elif kind == RESOURCE_MAP:
            names = struct.unpack_from(f"<{(end - start - header) // 4}I", data, start + header)
        elif kind == START_ELEMENT:
            element = _element(data, start + header, strings, names)
            path[-1].children.append(element)
            path.append(element)
        elif kind == END_ELEMENT:
            if len(path) < 2:
                raise BadXml("an element ends that never began")
            path.pop()
    if len(top.children) != 1:
        raise BadXml("not one root element")
    return top.children[0]


def _element(data: bytes, at: int, strings: list[str], names: tuple[int, ...]) -> Element:
    _space, name, first, size, count = struct.unpack_from("<IIHHH", data, at)
    element = Element(strings[name])
    for index in range(count):
        where = at + first + index * size
        _space, key, raw, _size, _zero, kind, value = struct.unpack_from("<IIIHBBI", data, where)
        known = ATTRIBUTES.get(names[key]) if key < len(names) else None
        element.attributes[known or strings[key]] = _value(kind, value, raw, strings)
    return element


def _value(kind: int, value: int, raw: int, strings: list[str]) -> Value:
    if kind == STRING:
        return strings[value]
    if kind == BOOLEAN:
        return value != 0
    if kind == REFERENCE:
        return Reference(value)
    return strings[raw] if raw != NOTHING else value


def _strings(data: bytes, start: int) -> list[str]:
    header_size, _size, count, _styles, flags, first = struct.unpack_from(
        "<HIIIII", data, start + 2
    )
    if count > len(data) // 4:
        raise BadXml("more strings than bytes")
    offsets = struct.unpack_from(f"<{count}I", data, start + header_size)
    read = _utf8 if flags & 0x100 else _utf16
    return [read(data, start + first + offset) for offset in offsets]


def _utf8(data: bytes, at: int) -> str:
    at += 2 if data[at] & 0x80 else 1  # its length in characters
    length = data[at]
    if length & 0x80:
        length = (length & 0x7F) << 8 | data[at + 1]
        at += 1
    return data[at + 1 : at + 1 + length].decode("utf-8", "replace")


def _utf16(data: bytes, at: int) -> str:
    (length,) = struct.unpack_from("<H", data, at)
    at += 2
    if length & 0x8000:
        length = (length & 0x7FFF) << 16 | struct.unpack_from("<H", data, at)[0]
        at += 2
    return data[at : at + 2 * length].decode("utf-16-le", "replace")


def _find_string(table: bytes, resource_id: int) -> str:
    kind, header_size, size = struct.unpack_from("<HHI", table, 0)
    if kind != TABLE or size > len(table):
        raise BadXml("not a resource table")
    strings: list[str] = []
    found = ""
    for kind, header, start, end in _chunks(table, header_size, size):
        if kind == STRING_POOL:
            strings = _strings(table, start)
        elif kind == PACKAGE:
            (package_id,) = struct.unpack_from("<I", table, start + 8)
            if package_id != resource_id >> 24:
                continue
            for inner, inner_header, at, _ in _chunks(table, start + header, end):
                if inner == TYPE and table[at + 8] == resource_id >> 16 & 0xFF:
                    index = _entry(table, at, inner_header, resource_id & 0xFFFF)
                    is_default = not any(table[at + 24 : at + inner_header])
                    if index is not None and (is_default or not found):
                        found = strings[index]
    return found


def _entry(table: bytes, at: int, header: int, number: int) -> int | None:
    """Return the string index of entry ``number`` in the type chunk at ``at``."""
    flags, _zero, count, first = struct.unpack_from("<BHII", table, at + 9)
    if flags or number >= count:
        return None  # sparse tables are not read: the label falls back to the package name
    (offset,) = struct.unpack_from("<I", table, at + header + 4 * number)
    if offset == NOTHING:
        return None
    _size, entry_flags = struct.unpack_from("<HH", table, at + first + offset)
    kind, value = struct.unpack_from("<BI", table, at + first + offset + 11)
    is_string = not entry_flags & 1 and kind == STRING
    return value if is_string else None
