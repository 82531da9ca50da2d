import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.apk.signing import SigningKey, sign_apk
from engine.virtual_phone.packages.apk_signature import BadSignature, check_signature
from engine.virtual_phone.packages.apk_xml import BadXml, find_string, parse_xml
from engine.virtual_phone.packages.packages import InstallOptions, InstallRefused, Packages
from tests.virtual_phone.packages.apk_maker import (
    Reference,
    element,
    encode_xml,
    make_apk,
    string_table,
)

ABIS = ("x86_64", "arm64-v8a")


@pytest.fixture(scope="module")
def key():
    return SigningKey.generate()


@pytest.fixture
def signed(tmp_path, key):
    def make(signer=None, **facts):
        path = tmp_path / "app.apk"
        path.write_bytes(make_apk(**facts))
        sign_apk(path, path, signer or key)
        return path.read_bytes()

    return make


@pytest.fixture
def packages():
    return Packages(34, ABIS)


def refusal(packages, apk, **options):
    with pytest.raises(InstallRefused) as refused:
        packages.install(apk, InstallOptions(**options))
    return refused.value.reason


def test_an_installed_package_is_what_its_manifest_says(packages, signed):
    apk = signed(files={"assets/lab/model.tflite": b"model"}, libraries=["arm64-v8a", "mips"])
    package, before = packages.install(apk, InstallOptions())
    assert before is None
    assert (package.name, package.version_code, package.version_name) == (
        "org.example.app",
        1,
        "1.0",
    )
    assert package.activities[0] == "org.example.app.MainActivity"  # the launcher's comes first
    assert package.permissions == ("android.permission.CAMERA",)
    assert package.label == "Example"
    assert package.native_abi == "arm64-v8a"
    assert package.apk == apk
    assert packages.open_entry("org.example.app", "assets/lab/model.tflite") == b"model"
    with pytest.raises(FileNotFoundError):
        packages.open_entry("org.example.app", "assets/none")


@pytest.mark.parametrize("utf8", [True, False])
def test_a_label_is_read_from_the_resource_table(packages, signed, utf8):
    files = {"resources.arsc": string_table("Grüße")}
    apk = signed(label=Reference(0x7F010000), files=files, utf8=utf8, target_sdk=29)
    assert packages.install(apk, InstallOptions())[0].label == "Grüße"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"min_sdk": 35}, "INSTALL_FAILED_OLDER_SDK"),
        ({"target_sdk": 22}, "INSTALL_FAILED_DEPRECATED_SDK_VERSION"),
        ({"activity": {"name": ".MainActivity"}}, "INSTALL_PARSE_FAILED_MANIFEST_MALFORMED"),
        ({"application": {"testOnly": True}}, "INSTALL_FAILED_TEST_ONLY"),
        ({"libraries": ["armeabi-v7a"]}, "INSTALL_FAILED_NO_MATCHING_ABIS"),
        (
            {"libraries": ["x86_64"], "application": {"extractNativeLibs": False}},
            "INSTALL_FAILED_INVALID_APK",  # its library does not lie on a page
        ),
        ({"package": "nodots"}, "INSTALL_FAILED_INVALID_APK"),
    ],
)
def test_android_refuses_what_does_not_fit(packages, signed, facts, reason):
    assert refusal(packages, signed(**facts)) == reason
    assert packages.installed() == ()


def test_an_unsigned_apk_has_no_certificates(packages):
    assert refusal(packages, make_apk()) == "INSTALL_PARSE_FAILED_NO_CERTIFICATES"


@pytest.mark.parametrize("where", [0.3, 0.6])
def test_one_changed_byte_breaks_the_signature(packages, signed, where):
    apk = bytearray(signed(files={"assets/data": bytes(2_500_000)}))
    apk[int(len(apk) * where)] ^= 1
    assert refusal(packages, bytes(apk)) == "INSTALL_PARSE_FAILED_NO_CERTIFICATES"


@pytest.mark.parametrize("sdk", [25, 34])
def test_both_signature_schemes_are_checked(signed, sdk):
    assert len(check_signature(signed(), sdk)) == 64


def test_a_stripped_v3_signature_is_noticed(signed):
    apk = signed().replace(struct.pack("<I", 0xF05368C0), struct.pack("<I", 0x11111111))
    assert check_signature(apk, 25)  # the block's ids are not part of what is signed
    with pytest.raises(BadSignature):
        check_signature(apk, 34)


def test_updates_need_the_same_certificate_and_no_lower_version(packages, signed):
    packages.install(signed(version_code=5), InstallOptions())
    packages.set_granted("org.example.app", "android.permission.CAMERA", True)
    other = SigningKey.generate()
    assert refusal(packages, signed(other, version_code=6)) == "INSTALL_FAILED_UPDATE_INCOMPATIBLE"
    older = signed(version_code=4)
    assert refusal(packages, older) == "INSTALL_FAILED_VERSION_DOWNGRADE"
    assert refusal(packages, older, downgrade=True) == "INSTALL_FAILED_VERSION_DOWNGRADE"
    package, before = packages.install(signed(version_code=6), InstallOptions())
    assert before.version_code == 5
    assert package.granted == {"android.permission.CAMERA"}
    assert package.path != before.path


def test_a_debuggable_package_may_go_back_when_told(packages, signed):
    debuggable = {"application": {"debuggable": True}}
    packages.install(signed(version_code=5, **debuggable), InstallOptions())
    older = signed(version_code=4, **debuggable)
    assert packages.install(older, InstallOptions(downgrade=True))[0].version_code == 4


def test_android_7_replaces_only_when_told(signed):
    packages = Packages(25, ABIS)
    packages.install(signed(), InstallOptions())
    assert refusal(packages, signed()) == "INSTALL_FAILED_ALREADY_EXISTS"
    packages.install(signed(), InstallOptions(replace=True))


def test_a_full_phone_installs_nothing(packages, signed):
    with pytest.raises(InstallRefused, match="INSUFFICIENT_STORAGE"):
        packages.install(signed(), InstallOptions(), full=True)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_package_manager(data):
    with pytest.raises(InstallRefused):
        Packages(34, ABIS).install(data, InstallOptions())


XML = encode_xml(element("manifest", {"package": "a.b", "versionCode": 7}, element("application")))
TABLE = string_table("text")


@given(st.integers(0, len(XML) - 1), st.integers(0, 255))
def test_damaged_xml_is_read_or_refused(at, value):
    damaged = bytearray(XML)
    damaged[at] = value
    with contextlib.suppress(BadXml):
        assert parse_xml(bytes(damaged)).name is not None


@given(st.integers(0, len(TABLE) - 1), st.integers(0, 255))
def test_a_damaged_resource_table_is_read_or_refused(at, value):
    damaged = bytearray(TABLE)
    damaged[at] = value
    with contextlib.suppress(BadXml):
        assert isinstance(find_string(bytes(damaged), 0x7F010000), str)
