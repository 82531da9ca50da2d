"""Makes small APKs for the virtual phone's tests: a manifest in binary XML and a zip."""

import io
import struct
import zipfile

ANDROID = "http://schemas.android.com/apk/res/android"
IDS = {
    "label": 0x01010001,
    "name": 0x01010003,
    "debuggable": 0x0101000F,
    "exported": 0x01010010,
    "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B,
    "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270,
    "maxSdkVersion": 0x01010271,
    "testOnly": 0x01010272,
    "extractNativeLibs": 0x010104EA,
    "versionCodeMajor": 0x01010576,
}
NOTHING = 0xFFFFFFFF


class Reference(int):
    """A resource id as an attribute's value."""


def element(name, attributes=None, *children):
    return (name, attributes or {}, children)


def encode_xml(root, *, utf8=False) -> bytes:
    """Encode ``element(...)`` as Android's binary XML."""
    texts = list(IDS)
    body = b"".join(_nodes(root, texts))
    resource_map = _chunk(0x180, b"", struct.pack(f"<{len(IDS)}I", *IDS.values()))
    content = string_pool(texts, utf8=utf8) + resource_map + body
    return struct.pack("<HHI", 0x0003, 8, 8 + len(content)) + content


def _index(texts, text):
    if text not in texts:
        texts.append(text)
    return texts.index(text)


def _nodes(node, texts):
    name, attributes, children = node
    rows = b""
    for key in sorted(attributes, key=lambda key: IDS.get(key, NOTHING)):
        value = attributes[key]
        raw = NOTHING
        if isinstance(value, bool):
            kind, data = 0x12, NOTHING if value else 0
        elif isinstance(value, Reference):
            kind, data = 0x01, int(value)
        elif isinstance(value, int):
            kind, data = 0x10, value
        else:
            kind, data = 0x03, _index(texts, value)
            raw = data
        space = _index(texts, ANDROID) if key in IDS else NOTHING
        rows += struct.pack("<IIIHBBI", space, _index(texts, key), raw, 8, 0, kind, data)
    line = struct.pack("<II", 1, NOTHING)
    start = struct.pack("<IIHHHHHH", NOTHING, _index(texts, name), 20, 20, len(attributes), 0, 0, 0)
    yield _chunk(0x102, line, start + rows)
    for child in children:
        yield from _nodes(child, texts)
    yield _chunk(0x103, line, struct.pack("<II", NOTHING, _index(texts, name)))


def _chunk(kind, header, content):
    size = 8 + len(header) + len(content)
    return struct.pack("<HHI", kind, 8 + len(header), size) + header + content


def string_pool(texts, *, utf8) -> bytes:
    offsets, data = [], b""
    for text in texts:
        offsets.append(len(data))
        if utf8:
            encoded = text.encode()
            data += _utf8_length(len(text)) + _utf8_length(len(encoded)) + encoded + b"\0"
        else:
            data += struct.pack("<H", len(text)) + text.encode("utf-16-le") + b"\0\0"
    data += b"\0" * (-len(data) % 4)
    first = 28 + 4 * len(texts)
    header = struct.pack("<IIIII", len(texts), 0, 0x100 if utf8 else 0, first, 0)
    return _chunk(0x0001, header, struct.pack(f"<{len(texts)}I", *offsets) + data)


def _utf8_length(length):
    return bytes([length]) if length < 0x80 else bytes([length >> 8 | 0x80, length & 0xFF])


def string_table(text: str) -> bytes:
    """Encode resources.arsc with one string, 0x7F010000, in the default language."""
    entry = struct.pack("<HHI", 8, 0, 0) + struct.pack("<HBBI", 8, 0, 0x03, 0)
    config = struct.pack("<I", 64) + bytes(60)
    type_header = struct.pack("<BBHII", 1, 0, 0, 1, 8 + 12 + 64 + 4) + config
    type_chunk = _chunk(0x0201, type_header, struct.pack("<I", 0) + entry)
    name = "org.example.app".encode("utf-16-le").ljust(256, b"\0")
    type_names, keys = string_pool(["string"], utf8=True), string_pool(["app_name"], utf8=True)
    header = struct.pack("<I", 0x7F) + name
    header += struct.pack("<IIIII", 288, 1, 288 + len(type_names), 1, 0)
    package = _chunk(0x0200, header, type_names + keys + type_chunk)
    pool = string_pool([text], utf8=True)
    return _chunk(0x0002, struct.pack("<I", 1), pool + package)


def make_apk(
    *,
    package="org.example.app",
    version_code=1,
    version_code_major=None,
    min_sdk=24,
    max_sdk=None,
    target_sdk=34,
    label="Example",
    permissions=("android.permission.CAMERA",),
    application=None,
    activity=None,
    libraries=(),
    files=None,
    utf8=False,
) -> bytes:
    """Return an unsigned APK; ``libraries`` are ABIs, ``files`` entry -> bytes."""
    launcher = element(
        "intent-filter",
        {},
        element("action", {"name": "android.intent.action.MAIN"}),
        element("category", {"name": "android.intent.category.LAUNCHER"}),
    )
    versions = {"versionCode": version_code, "versionName": f"{version_code}.0"}
    if version_code_major is not None:
        versions["versionCodeMajor"] = version_code_major
    sdks = {"minSdkVersion": min_sdk, "targetSdkVersion": target_sdk}
    if max_sdk is not None:
        sdks["maxSdkVersion"] = max_sdk
    manifest = element(
        "manifest",
        {"package": package, **versions},
        element("uses-sdk", sdks),
        *(element("uses-permission", {"name": name}) for name in permissions),
        element(
            "application",
            {"label": label, **(application or {})},
            element("activity", {"name": ".Second"}),
            element(
                "activity",
                {"name": ".MainActivity", "exported": True} if activity is None else activity,
                launcher,
            ),
        ),
    )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("AndroidManifest.xml", encode_xml(manifest, utf8=utf8))
        for abi in libraries:
            archive.writestr(f"lib/{abi}/libexample.so", b"\x7fELF" * 100)
        for name, data in (files or {}).items():
            archive.writestr(name, data)
    return output.getvalue()
