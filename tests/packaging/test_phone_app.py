"""The base APK: what is in it, and that its source builds just that, anywhere."""

import importlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
ANDROID = ROOT / "packaging" / "android"
BASE_APK = ROOT / "assets" / "phone-app.apk"
GPU_ZIP = ROOT / "assets" / "phone-app-gpu.zip"
ABIS = {"arm64-v8a", "armeabi-v7a", "x86_64"}

needs_java = pytest.mark.skipif(
    shutil.which("javac") is None or shutil.which("mvn") is None,
    reason="building the phone app needs a JDK and Maven",
)


@pytest.fixture
def build_module(monkeypatch: pytest.MonkeyPatch):
    """Import a module that lies beside build.py."""

    def load(name: str) -> ModuleType:
        monkeypatch.syspath_prepend(str(ANDROID))
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return load


def run_build(folder: Path, *arguments: str, cwd: Path, umask: int) -> str:
    done = subprocess.run(
        [sys.executable, str(folder / "build.py"), *arguments],
        cwd=cwd,
        env=os.environ | {"TZ": "Asia/Tokyo", "LC_ALL": "C"},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_java
@pytest.mark.timeout(900)
def test_base_apk_is_what_its_source_builds(tmp_path):
    told = run_build(ANDROID, "--check", cwd=tmp_path, umask=0o077)
    assert "assets/phone-app.apk is what its source builds" in told
    assert "assets/phone-app-gpu.zip is what its source builds" in told
    assert re.search(r"^classes\.dex: \d+ classes, \d+ methods$", told, re.MULTILINE)


@needs_java
@pytest.mark.timeout(900)
def test_a_copy_elsewhere_builds_the_same_bytes(tmp_path):
    copy = tmp_path / "another place" / "packaging" / "android"
    shutil.copytree(ANDROID, copy, ignore=shutil.ignore_patterns("target", "__pycache__"))
    output = tmp_path / "built"
    run_build(copy, "--output", str(output), cwd=copy, umask=0o022)
    for shipped in (BASE_APK, GPU_ZIP):
        assert (output / shipped.name).read_bytes() == shipped.read_bytes()


@needs_java
def test_changed_source_is_refused_with_a_sentence(tmp_path):
    root = tmp_path / "changed"
    copy = root / "packaging" / "android"
    shutil.copytree(ANDROID, copy, ignore=shutil.ignore_patterns("target", "__pycache__"))
    (root / "assets").mkdir()
    (root / "assets" / "phone-app.apk").write_bytes(BASE_APK.read_bytes()[:-1] + b"\x01")
    done = subprocess.run(
        [sys.executable, str(copy / "build.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "is not what its source builds" in done.stderr


@pytest.mark.parametrize("path", [BASE_APK, GPU_ZIP], ids=lambda path: path.name)
def test_all_is_stored_and_libraries_begin_on_a_page(path):
    data = path.read_bytes()
    with zipfile.ZipFile(path) as zipped:
        names = zipped.namelist()
        assert names == sorted(names)
        for entry in zipped.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            head = entry.header_offset
            lengths = [int.from_bytes(data[head + at : head + at + 2], "little") for at in (26, 28)]
            begin = head + 30 + sum(lengths)
            assert begin % (16384 if entry.filename.endswith(".so") else 4) == 0


def test_base_apk_has_the_interpreter_for_three_abis_and_not_the_gpu():
    with zipfile.ZipFile(BASE_APK) as apk:
        libraries = {name for name in apk.namelist() if name.startswith("lib/")}
    assert libraries == {f"lib/{abi}/libtensorflowlite_jni.so" for abi in ABIS}


def test_gpu_zip_has_the_delegate_for_three_abis_and_nothing_else():
    with zipfile.ZipFile(GPU_ZIP) as zipped:
        assert set(zipped.namelist()) == {f"lib/{abi}/libtensorflowlite_gpu_jni.so" for abi in ABIS}
        for name in zipped.namelist():
            assert zipped.read(name).startswith(b"\x7fELF")


@pytest.mark.skipif(shutil.which("zipalign") is None, reason="zipalign is not installed")
@pytest.mark.parametrize("path", [BASE_APK, GPU_ZIP], ids=lambda path: path.name)
def test_zipalign_accepts_it(path):
    assert subprocess.run(["zipalign", "-c", "-p", "4", str(path)], check=False).returncode == 0


def test_base_apk_has_notice_but_neither_model_nor_signature():
    with zipfile.ZipFile(BASE_APK) as apk:
        notice = apk.read("assets/NOTICE").decode()
        names = apk.namelist()
    for part in ("TensorFlow Lite 2.16.1", "GPU delegate 2.16.1", "libtensorflowlite_gpu_jni.so"):
        assert part in notice
    assert "Apache License" in notice
    assert not [name for name in names if name.startswith(("assets/lab/", "META-INF/"))]
    assert b"APK Sig Block 42" not in BASE_APK.read_bytes()


def test_base_apk_asks_for_the_camera_and_nothing_else(build_module):
    aapt2 = build_module("build").aapt2()
    told = subprocess.run(
        [aapt2, "dump", "badging", str(BASE_APK)], capture_output=True, text=True, check=True
    ).stdout
    lines = told.splitlines()
    assert lines[0].startswith("package: name='org.mobilenetlab.phone' ")
    assert "sdkVersion:'24'" in lines
    native = next(line for line in lines if line.startswith("native-code:"))
    assert set(re.findall(r"'(.+?)'", native)) == ABIS
    assert "uses-native-library-not-required:'libOpenCL.so'" in lines
    assert "locales: '--_--' 'de'" in lines
    permissions = [line for line in lines if line.startswith("uses-permission")]
    assert permissions == ["uses-permission: name='android.permission.CAMERA'"]
    assert "launchable-activity: name='org.mobilenetlab.phone.MainActivity'" in told


def test_zip_depends_on_nothing_but_its_entries(build_module):
    write_zip = build_module("basezip").write_zip
    entries = {"b.txt": b"two", "a/ä.so": bytes(5), "a.txt": b""}
    data = write_zip(entries)
    assert data == write_zip(dict(reversed(entries.items())))
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        assert read.testzip() is None
        assert {name: read.read(name) for name in read.namelist()} == entries


@needs_java
def test_lambda_is_noticed(build_module, tmp_path):
    source = tmp_path / "Sample.java"
    source.write_text("class Sample { Runnable task = () -> {}; }")
    subprocess.run(["javac", "--release", "8", "-Xlint:-options", str(source)], check=True)
    faults = list(build_module("classfiles").faults((tmp_path / "Sample.class").read_bytes()))
    assert any("invokedynamic" in fault for fault in faults)


def test_artifact_that_is_not_the_pinned_one_is_refused(build_module, tmp_path):
    artifacts = build_module("artifacts")
    artifact = artifacts.Artifact("some.group:thing:1.0:jar", "0" * 64)
    (tmp_path / "thing-1.0.jar").write_bytes(b"something else")
    with pytest.raises(artifacts.BuildError, match=r"not the file that artifacts\.toml pins"):
        artifacts.fetch(artifact, tmp_path)
    assert not (tmp_path / "thing-1.0.jar").exists()
