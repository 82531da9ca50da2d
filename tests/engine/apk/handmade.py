"""A phone app and a model made by hand, byte by byte, for tests and benchmarks."""

import struct
import zipfile
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")

# Attribute name -> resource id (android.R.attr)
ATTRIBUTES = {
    "name": 0x01010003,
    "debuggable": 0x0101000F,
    "exported": 0x01010010,
    "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B,
    "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270,
}
ANDROID = "http://schemas.android.com/apk/res/android"


def compile_xml(elements, *, utf8: bool = False) -> bytes:
    """Compile (depth, name, {attribute: value}) to Android's binary XML.

    Attributes in ``ATTRIBUTES`` get the android namespace, others none.
    """
    names = list(ATTRIBUTES)
    texts = [*names, ANDROID]

    def index(text: str) -> int:
        if text not in texts:
            texts.append(text)
        return texts.index(text)

    body = b""
    open_names: list[str] = []

    def close(depth: int) -> bytes:
        ended = b""
        while len(open_names) > depth:
            node = struct.pack("<II", 1, 0xFFFFFFFF)
            ended += chunk(0x103, node, struct.pack("<Ii", index(open_names.pop()), 0), ns=True)
        return ended

    for depth, name, attributes in elements:
        body += close(depth)
        open_names.append(name)
        rows = b""
        # the platform searches attributes by rising id
        for key, value in sorted(attributes.items(), key=lambda kv: ATTRIBUTES.get(kv[0], 1 << 32)):
            kind, data = 0x10, value
            raw = 0xFFFFFFFF
            if isinstance(value, str):
                kind, data, raw = 0x03, index(value), index(value)
            elif isinstance(value, bool):
                kind, data = 0x12, 0xFFFFFFFF if value else 0
            space = index(ANDROID) if key in ATTRIBUTES else 0xFFFFFFFF
            rows += struct.pack("<IIIHBBI", space, index(key), raw, 8, 0, kind, data & 0xFFFFFFFF)
        extension = struct.pack(
            "<IIHHHHHH", 0xFFFFFFFF, index(name), 20, 20, len(attributes), 0, 0, 0
        )
        body += chunk(0x102, struct.pack("<II", 1, 0xFFFFFFFF), extension + rows)
    body += close(0)
    pool = string_pool(texts, utf8=utf8)
    resource_map = chunk(0x180, b"", struct.pack(f"<{len(names)}I", *ATTRIBUTES.values()))
    content = pool + resource_map + body
    return struct.pack("<HHI", 3, 8, 8 + len(content)) + content


def chunk(kind: int, header: bytes, content: bytes, *, ns: bool = False) -> bytes:
    if ns:  # an end tag names its namespace first: none
        content = struct.pack("<I", 0xFFFFFFFF) + content[:4]
    size = 8 + len(header) + len(content)
    return struct.pack("<HHI", kind, 8 + len(header), size) + header + content


def string_pool(texts, *, utf8: bool) -> bytes:
    offsets, data = [], b""
    for text in texts:
        offsets.append(len(data))
        if utf8:
            raw = text.encode()
            data += varied(len(text), 0x80, 1) + varied(len(raw), 0x80, 1) + raw + b"\0"
        else:
            raw = text.encode("utf-16-le")
            data += varied(len(raw) // 2, 0x8000, 2) + raw + b"\0\0"
    data += bytes(-len(data) % 4)
    start = 28 + 4 * len(texts)
    header = struct.pack("<5I", len(texts), 0, 0x100 if utf8 else 0, start, 0)
    return chunk(1, header, struct.pack(f"<{len(texts)}I", *offsets) + data)


def varied(length: int, limit: int, width: int) -> bytes:
    """Write a length in one unit, or in two units with the top bit of the first set."""
    if length < limit:
        return length.to_bytes(width, "little")
    order = "big" if width == 1 else "little"
    high, low = divmod(length, limit * 2)
    return (high | limit).to_bytes(width, order) + low.to_bytes(width, order)


def manifest(
    package: str = "org.mobilenetlab.phone",
    code: int = 7,
    name: str = "0.1.0",
    min_sdk: int = 24,
    debuggable: bool | None = None,
    utf8: bool = False,
) -> bytes:
    return compile_xml(
        [
            (0, "manifest", {"package": package, "versionCode": code, "versionName": name}),
            (1, "uses-sdk", {"minSdkVersion": min_sdk, "targetSdkVersion": 35}),
            (1, "uses-permission", {"name": "android.permission.CAMERA"}),
            (1, "application", {} if debuggable is None else {"debuggable": debuggable}),
            (2, "activity", {"name": ".MainActivity", "exported": True}),
            (3, "intent-filter", {}),
            (4, "action", {"name": "android.intent.action.MAIN"}),
            (4, "category", {"name": "android.intent.category.LAUNCHER"}),
        ],
        utf8=utf8,
    )


def resource_table() -> bytes:
    """Return an empty ``resources.arsc``: a table of no packages."""
    pool = string_pool([], utf8=True)
    return struct.pack("<HHII", 2, 12, 12 + len(pool), 0) + pool


def write_base(path: Path, **kwargs) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as apk:
        apk.writestr("classes.dex", b"dex\n035\0" + b"code " * 4000)
        apk.writestr("res/drawable/icon.png", bytes(range(256)) * 3, zipfile.ZIP_STORED)
        apk.writestr("AndroidManifest.xml", manifest(**kwargs))
        apk.writestr("resources.arsc", resource_table(), zipfile.ZIP_STORED)
        apk.writestr("assets/NOTICE", "Thanks to all.\n" * 50)
        for abi in ABIS:
            code = np.random.default_rng(len(abi)).bytes(70_000 + len(abi))
            apk.writestr(f"lib/{abi}/libtensorflowlite_jni.so", code, zipfile.ZIP_STORED)
    return path


def write_model(path: Path, classes: int = 4, shape=(1, 8, 8, 3)) -> Path:
    """Write a model of one fully connected layer; some 800 bytes per class."""
    inputs = int(np.prod(shape[1:]))
    weights = np.random.default_rng(0).standard_normal((classes, inputs), np.float32)
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = weights.view(np.uint8).ravel()
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.FULLY_CONNECTED
    model.operatorCodes = [code]
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor("picture", shape, 0),
        tensor("weights", weights.shape, 1),
        tensor("scores", (1, classes), 0),
    ]
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0, 1], [2]
    operator.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    operator.builtinOptions = schema.FullyConnectedOptionsT()
    graph.operators, graph.inputs, graph.outputs = [operator], [0], [2]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(builder.Output())
    return path


def tensor(name: str, shape, buffer: int):
    made = schema.TensorT()
    made.name, made.shape, made.buffer = name, list(shape), buffer
    made.type = schema.TensorType.FLOAT32
    return made
