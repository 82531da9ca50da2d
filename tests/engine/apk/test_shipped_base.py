"""The phone app that ships in ``assets/`` becomes an APK that Google's tools accept."""

from pathlib import Path

import pytest

from engine.apk.archive import STORED, ArchiveReader, native_abi
from engine.apk.builder import BASE_APK, build_apk
from engine.apk.inspector import inspect_apk
from engine.apk.signing import verify_apk
from engine.apk.sizes import measure_sizes


@pytest.fixture(scope="module")
def one_abi(tmp_path_factory, model, key):
    """Return the APK of a small model for the phones of today."""
    path = tmp_path_factory.mktemp("shipped") / "lab.apk"
    build_apk(model, tuple("abcd"), path, name="tiny", untrained=True, key=key, abis=["arm64-v8a"])
    return path


def test_the_base_is_the_app_for_all_abis_and_asks_for_the_camera_alone():
    facts = inspect_apk(BASE_APK)

    assert facts.package == "org.mobilenetlab.phone"
    assert facts.abis == ("arm64-v8a", "armeabi-v7a", "x86_64")
    assert facts.manifest.min_sdk == 24
    assert facts.manifest.permissions == ("android.permission.CAMERA",)
    assert not facts.manifest.debuggable
    assert facts.model is None


def test_apksigner_accepts_it(one_abi, apksigner):
    done = apksigner("verify", "-v", one_abi)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    assert verify_apk(one_abi).min_sdk == 24


def test_aapt2_reads_it(one_abi, aapt2):
    badging = aapt2("dump", "badging", one_abi)

    assert "package: name='org.mobilenetlab.phone'" in badging
    assert "launchable-activity: name='org.mobilenetlab.phone.MainActivity'" in badging
    assert "native-code: 'arm64-v8a'" in badging


def test_zipalign_accepts_it(one_abi, zipalign):
    assert zipalign("-c", "-p", 4, one_abi).returncode == 0


def test_dexdump_reads_the_bases_code_from_it(one_abi, dexdump):
    def code(apk: Path) -> str:
        return dexdump("-d", apk).replace(str(apk), "")

    assert "Class descriptor  : 'Lorg/mobilenetlab/phone/MainActivity;'" in code(one_abi)
    assert code(one_abi) == code(BASE_APK)


def test_native_libraries_can_be_mapped_by_phones_of_16_kb_pages(one_abi):
    with ArchiveReader(one_abi) as apk:
        libraries = [entry for entry in apk.entries if native_abi(entry.name)]

    assert libraries
    for entry in libraries:
        assert entry.method == STORED
        assert entry.data_offset % 16384 == 0


def test_little_is_added_to_base_and_model(one_abi, model):
    sizes = measure_sizes(one_abi)

    assert sizes.model_bytes == model.stat().st_size
    assert [abi for abi, _ in sizes.native_bytes] == ["arm64-v8a"]
    assert sizes.rest_bytes + sizes.signature_bytes < 100_000
    assert sum(count for _, count in sizes.parts) == one_abi.stat().st_size
