"""Google's own tools are the judges of what the lab builds and signs."""

import zipfile

import pytest

from engine.apk import signature_block
from engine.apk.inspector import MODEL, inspect_apk
from engine.apk.signing import sign_apk, verify_apk
from engine.errors import LabError

PADDING_ID = signature_block.PADDING_ID.to_bytes(4, "little")


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


def test_google_and_the_lab_agree_on_every_changed_byte(make_manifest, key, judge, tmp_path):
    """A small APK with every byte changed in turn: accepted by both or by neither.

    In each byte another bit is turned over than in the one before.
    """
    sample = tmp_path / "sample.apk"
    with zipfile.ZipFile(sample, "w", zipfile.ZIP_DEFLATED) as apk:
        apk.writestr("AndroidManifest.xml", make_manifest())
        apk.writestr(MODEL, b"TFL3" * 20, zipfile.ZIP_STORED)
    sign_apk(sample, sample, key)
    data = bytearray(sample.read_bytes())
    changed = tmp_path / "changed.apk"

    with judge(sample) as google:
        ours = [accepts(sample)]
        for place in range(len(data)):
            data[place] ^= 1 << place % 8
            changed.write_bytes(data)
            data[place] ^= 1 << place % 8
            ours.append(accepts(changed))
        theirs = [verdict == "1" for verdict in google.stdout.read().strip()]

    assert len(theirs) == len(ours) > 8000
    both = zip(ours, theirs, strict=True)
    assert [place for place, (one, other) in enumerate(both, -1) if one != other] == []
    accepted = [place for place, taken in enumerate(ours, -1) if taken]
    padding = range(data.index(PADDING_ID) - 8, data.rindex(b"APK Sig Block 42") - 8)
    assert accepted[0] == -1  # the sample as it is
    assert set(padding) <= set(accepted[1:])
    assert len(accepted) <= 9 + len(padding)  # the length of v3 may be more than it needs


def accepts(path) -> bool:
    """Say whether the lab takes this for a whole APK."""
    try:
        verify_apk(path)
    except LabError:
        return False
    return True


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
