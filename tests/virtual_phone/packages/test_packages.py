import contextlib
import io
import struct
import zipfile

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from engine.apk.signing import SigningKey, sign_apk
from engine.virtual_phone.packages.apk_signature import BadSignature, check_signature
from engine.virtual_phone.packages.apk_xml import BadXml, find_string, parse_xml
from engine.virtual_phone.packages.guards import Guards
from engine.virtual_phone.packages.packages import Packages, java_hash
from engine.virtual_phone.packages.refusal import InstallRefused
from engine.virtual_phone.packages.rules import InstallOptions
from engine.virtual_phone.packages.storage import Storage
from engine.virtual_phone.system.file_system import FileSystem
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
        ({"package": "nodots"}, "INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME"),
        ({"min_sdk": "VanillaIceCream"}, "INSTALL_FAILED_OLDER_SDK"),
        ({"target_sdk": "VanillaIceCream"}, "INSTALL_FAILED_OLDER_SDK"),
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
def test_both_signature_schemes_are_checked(signed, key, sdk):
    assert check_signature(signed(), sdk) == key.certificate.public_bytes(Encoding.DER)


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
    assert package.path.startswith(package.folder + "/")
    assert package.folder.count("/") == 3


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


@pytest.mark.parametrize("sdk", [25, 34])
def test_only_android_2_heeds_max_sdk(signed, sdk):
    apk = signed(min_sdk=1, max_sdk=5)
    assert refusal(Packages(6, ABIS), apk) == "INSTALL_FAILED_NEWER_SDK"
    assert Packages(sdk, ABIS).install(apk, InstallOptions())[0].min_sdk == 1


def test_before_android_5_a_wrong_processor_has_another_word(signed):
    apk = signed(min_sdk=1, libraries=["mips"])
    assert refusal(Packages(20, ABIS), apk) == "INSTALL_FAILED_CPU_ABI_INCOMPATIBLE"
    assert refusal(Packages(21, ABIS), apk) == "INSTALL_FAILED_NO_MATCHING_ABIS"


def test_the_version_code_has_64_bits(packages, signed):
    packages.install(signed(version_code=1, version_code_major=1), InstallOptions())
    assert refusal(packages, signed(version_code=9)) == "INSTALL_FAILED_VERSION_DOWNGRADE"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"AndroidManifest.xml": b"no xml"}, "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION"),
        ({"readme": b"no manifest"}, "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION"),
        (
            {"AndroidManifest.xml": encode_xml(element("manifest", {"package": "a.b"}))},
            "INSTALL_PARSE_FAILED_MANIFEST_EMPTY",
        ),
        (
            {"AndroidManifest.xml": encode_xml(element("resources"))},
            "INSTALL_PARSE_FAILED_MANIFEST_MALFORMED",
        ),
    ],
)
def test_a_broken_manifest_has_a_word_for_how(packages, files, reason):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert refusal(packages, output.getvalue()) == reason


@pytest.mark.parametrize(("sdk", "caches_count"), [(25, False), (34, True)])
def test_an_app_takes_room_but_not_the_reserve(signed, sdk, caches_count):
    files = FileSystem()
    storage = Storage(files, sdk)
    packages = Packages(sdk, ABIS, storage)
    apk = signed(files={"assets/model": bytes(5_000_000)})
    reserve = 500 << 20
    storage.leave(reserve + len(apk) - 1)
    assert refusal(packages, apk) == "INSTALL_FAILED_INSUFFICIENT_STORAGE"
    storage.leave(reserve, caches_bytes=2 * len(apk))
    if caches_count:  # Android 8 and later push other apps' caches out themselves
        packages.install(apk, InstallOptions())
        assert storage.caches_bytes == len(apk)
    else:
        assert refusal(packages, apk) == "INSTALL_FAILED_INSUFFICIENT_STORAGE"
    storage.leave(reserve + len(apk))
    packages.install(apk, InstallOptions())


def test_files_are_counted_and_trimming_drops_no_more_than_it_must():
    files = FileSystem()
    storage = Storage(files, 25)
    storage.leave(1000, caches_bytes=500)
    files.write("/data/local/tmp/x", bytes(300))
    assert storage.free_bytes == 700
    assert not storage.has_room(701)
    storage.trim(900)
    assert (storage.free_bytes, storage.caches_bytes) == (900, 300)
    storage.trim(1 << 40)
    assert storage.caches_bytes == 0


@pytest.fixture
def guards():
    return Guards({}, {"global": {"verifier_verify_adb_installs": "1"}})


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("usb_install", "off", "INSTALL_FAILED_USER_RESTRICTED"),
        ("usb_install", "cancel", "INSTALL_FAILED_ABORTED"),
        ("play_protect", "block", "INSTALL_FAILED_VERIFICATION_FAILURE"),
        ("play_protect", "timeout", "INSTALL_FAILED_VERIFICATION_TIMEOUT"),
    ],
)
def test_who_guards_the_phone_may_refuse_and_may_relent(signed, guards, setting, value, reason):
    packages = Packages(34, ABIS, guards=guards)
    change = getattr(guards, f"set_{setting}")
    change(value)
    assert refusal(packages, signed()) == reason
    change("on" if setting == "usb_install" else "allow")
    packages.install(signed(), InstallOptions())


def test_the_developer_options_leave_the_verifier_out(signed):
    guards = Guards({}, {"global": {"verifier_verify_adb_installs": "0"}})
    guards.set_play_protect("block")
    Packages(34, ABIS, guards=guards).install(signed(), InstallOptions())


def test_a_guard_knows_its_words(guards):
    with pytest.raises(ValueError, match="block"):
        guards.set_play_protect("maybe")
    with pytest.raises(ValueError, match="cancel"):
        guards.set_usb_install("maybe")


def test_java_hashes_signed_bytes():
    assert java_hash(b"") == 1
    assert java_hash(b"\x01\xff") == (31 * (31 + 1) - 1)


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
