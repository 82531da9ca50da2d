"""What is in an APK is read from it alone; where its bytes go adds up."""

import json
import zipfile

import pytest

from engine.apk.inspector import CONFIG, MODEL, inspect_apk
from engine.apk.sizes import measure_sizes
from engine.errors import LabError


def test_a_base_has_no_model(base):
    facts = inspect_apk(base)

    assert facts.model is None
    assert facts.abis == ("arm64-v8a", "armeabi-v7a", "x86_64")
    assert facts.manifest.permissions == ("android.permission.CAMERA",)


def test_a_debuggable_app_is_known(make_base, tmp_path):
    facts = inspect_apk(make_base(tmp_path / "a.apk", debuggable=True))

    assert facts.manifest.debuggable


def config(name: object = "a", size_bytes: object = 3) -> bytes:
    known = {"sha256": "", "untrained": False, "threads": 4, "delegate": "cpu", "source": "loop"}
    return json.dumps({"name": name, "size_bytes": size_bytes, **known}).encode()


def test_a_config_beyond_what_is_known_is_read(make_base, tmp_path):
    path = make_base(tmp_path / "a.apk")
    with zipfile.ZipFile(path, "a") as apk:
        apk.writestr(MODEL, b"abc")
        apk.writestr(CONFIG, config()[:-1] + b', "later": 1}')

    assert inspect_apk(path).model.name == "a"


@pytest.mark.parametrize(
    "config",
    [b"", b"[]", b"{}", b"null", b"\xff", config(size_bytes=5), config(name=1), config(name=None)],
)
def test_a_config_that_does_not_describe_the_model_is_named(make_base, tmp_path, config):
    path = make_base(tmp_path / "a.apk")
    with zipfile.ZipFile(path, "a") as apk:
        apk.writestr(MODEL, b"abc")
        apk.writestr(CONFIG, config)

    with pytest.raises(LabError, match=r"config\.json"):
        inspect_apk(path)


def test_an_apk_of_another_maker_without_abis_is_read(make_manifest, tmp_path):
    path = tmp_path / "a.apk"
    with zipfile.ZipFile(path, "w") as apk:
        apk.writestr("AndroidManifest.xml", make_manifest(package="com.example"))

    facts = inspect_apk(path)

    assert facts.abis == ()
    assert facts.package == "com.example"


def test_the_sizes_sum_to_the_file(lab_apk, model):
    sizes = measure_sizes(lab_apk)

    assert sum(count for _, count in sizes.parts) == sizes.total_bytes == lab_apk.stat().st_size
    assert sizes.model_bytes == model.stat().st_size
    assert sizes.native_bytes == (
        ("arm64-v8a", 70_009),
        ("armeabi-v7a", 70_011),
        ("x86_64", 70_006),
    )
    assert sizes.signature_bytes == 4096
    assert 0 < sizes.dex_bytes < 1000  # it is packed
    assert sizes.resources_bytes > 768
    assert sizes.rest_bytes > 0


def test_an_unsigned_base_has_no_signature_and_no_model(base):
    sizes = measure_sizes(base)

    assert (sizes.signature_bytes, sizes.model_bytes) == (0, 0)
    assert sum(count for _, count in sizes.parts) == base.stat().st_size


def test_one_abi_saves_the_others(build, lab_apk, tmp_path):
    build(tmp_path / "one.apk", abis=["x86_64"])

    saved = measure_sizes(lab_apk).total_bytes - measure_sizes(tmp_path / "one.apk").total_bytes
    assert saved > 140_000
