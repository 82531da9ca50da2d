"""Installing, granting, starting and removing against a scripted phone."""

import threading
import zipfile

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from engine.apk.signing import SigningKey, sign_apk
from engine.errors import Cancelled, InstallError, LabError, PhoneError, Remedy
from engine.jobs import CancelToken
from engine.phones import installer
from engine.phones.admission import InstalledApp, java_hash, parse_installed, signer_of
from tests.engine.apk.handmade import manifest as make_manifest

PACKAGE = "org.mobilenetlab.phone"
PROPERTIES = (
    "[ro.build.version.sdk]: [25]\n[ro.product.cpu.abilist]: [arm64-v8a,armeabi-v7a,armeabi]\n"
)
DF = "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/x 100 1 {free} 1% /data\n"


INSTALLED = """Packages:
  Package [{package}] (1f2e3d4):
    userId=10123
    versionCode={code} minSdk=24 targetSdk=35
    signatures=PackageSignatures{{ca01ffa {signatures}}}
"""


def write_apk(path, **manifest):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("AndroidManifest.xml", make_manifest(**manifest))
        archive.writestr("lib/arm64-v8a/libtensorflowlite_jni.so", bytes(300_000))
    return path


@pytest.fixture
def apk(tmp_path):
    return write_apk(tmp_path / "lab.apk")


@pytest.fixture
def ready(server):
    """A phone that has room and the right processor."""
    server.shell("getprop", PROPERTIES)
    server.shell("df -k /data", DF.format(free=5_000_000))
    server.shell(f"dumpsys package {PACKAGE}", f"Unable to find package: {PACKAGE}\n")
    server.shell(f"pm path {PACKAGE}", f"package:/data/app/{PACKAGE}-1/base.apk\n")
    return server


def nothing_was_sent(server):
    return not any(asked.startswith("exec:") for asked in server.requests)


def streamed(wire, apk, got, reply):
    def answer(connection):
        connection.sendall(b"OKAY")
        got.append(wire.take(connection, apk.stat().st_size))
        connection.sendall(reply)

    return answer


def request(apk, flags="-r -t -g"):
    return f"exec:cmd package install {flags} -S {apk.stat().st_size}"


def test_the_apk_is_streamed_byte_for_byte(ready, phone, wire, apk):
    got, steps = [], []
    ready.answers[request(apk)] = streamed(wire, apk, got, b"Success\n")
    installer.install(phone, apk, PACKAGE, steps.append)
    assert got == [apk.read_bytes()]
    assert steps[0].step == "push"
    assert steps[-1].step == "install"
    assert max(step.fraction or 0 for step in steps if step.step == "push") == 1.0


def test_cancel_ends_the_questions_before_the_push(server, phone, apk):
    token, asked, release = CancelToken(), threading.Event(), threading.Event()

    def hang(connection):
        connection.sendall(b"OKAY")
        asked.set()
        release.wait(20)

    server.answers["shell,v2,raw:getprop"] = hang
    canceller = threading.Thread(target=lambda: (asked.wait(20), token.cancel()))
    canceller.start()
    try:
        with pytest.raises(Cancelled):
            installer.install(phone, apk, PACKAGE, cancel=token)
    finally:
        release.set()
        canceller.join()


def test_a_refusal_is_explained(ready, phone, wire, apk):
    reply = b"Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: signatures do not match]\n"
    ready.answers[request(apk)] = streamed(wire, apk, [], reply)
    with pytest.raises(InstallError, match="signed by someone else") as caught:
        installer.install(phone, apk)
    assert caught.value.reason == "INSTALL_FAILED_UPDATE_INCOMPATIBLE"


def test_a_refusal_before_the_last_byte_is_explained_too(ready, phone, wire, apk):
    def answer(connection):
        connection.sendall(b"OKAY")
        wire.take(connection, 1000)
        connection.sendall(b"Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE]\n")
        connection.shutdown(1)
        while connection.recv(65536):
            pass

    ready.answers[request(apk)] = answer
    with pytest.raises(InstallError, match="no room"):
        installer.install(phone, apk)


def test_where_granting_at_once_is_forbidden_it_is_left_out(ready, phone, wire, apk):
    refused = b"Failure [SecurityException: needs INSTALL_GRANT_RUNTIME_PERMISSIONS]\n"
    ready.answers[request(apk)] = streamed(wire, apk, [], refused)
    ready.answers[request(apk, "-r -t")] = streamed(wire, apk, [], b"Success\n")
    installer.install(phone, apk)
    assert request(apk, "-r -t") in ready.requests


def test_another_processor_is_refused_before_anything_is_sent(ready, phone, apk):
    ready.shell("getprop", "[ro.product.cpu.abilist]: [x86]\n")
    with pytest.raises(InstallError, match="no code for this phone's processor"):
        installer.install(phone, apk)
    assert nothing_was_sent(ready)


def test_an_old_android_is_refused_before_anything_is_sent(ready, phone, apk):
    ready.shell("getprop", "[ro.build.version.sdk]: [23]\n")
    with pytest.raises(InstallError, match="too old for the app: it has API 23, the app needs 24"):
        installer.install(phone, apk)
    assert nothing_was_sent(ready)


def test_the_manifest_says_which_android_it_needs(ready, phone, tmp_path):
    apk = write_apk(tmp_path / "new.apk", min_sdk=26)
    with pytest.raises(InstallError, match="it has API 25, the app needs 26"):
        installer.install(phone, apk)


def test_what_a_preview_of_android_runs_is_left_to_it(ready, phone, wire, tmp_path):
    apk = write_apk(tmp_path / "new.apk", min_sdk="VanillaIceCream")
    with pytest.raises(InstallError, match="preview"):
        installer.install(phone, apk)
    assert nothing_was_sent(ready)
    ready.shell("getprop", PROPERTIES + "[ro.build.version.codename]: [VanillaIceCream]\n")
    ready.answers[request(apk)] = streamed(wire, apk, [], b"Success\n")
    installer.install(phone, apk)


def test_a_full_phone_is_refused_with_both_numbers(ready, phone, apk):
    ready.shell("df -k /data", DF.format(free=100))
    with pytest.raises(InstallError, match=r"0\.1 MB are free, it needs 0\.3 MB") as caught:
        installer.install(phone, apk)
    assert caught.value.remedy is Remedy.FREE_SPACE
    assert nothing_was_sent(ready)


def test_caches_that_android_8_can_drop_are_room(ready, phone, wire, apk):
    ready.shell("getprop", PROPERTIES.replace("[25]", "[26]"))
    ready.shell("df -k /data", DF.format(free=100))
    ready.shell("dumpsys diskstats", "Data-Free: 100K / 200K\nApp Cache Size: 100000\n")
    with pytest.raises(InstallError, match="no room"):
        installer.install(phone, apk)
    ready.shell("dumpsys diskstats", "Data-Free: 100K / 200K\nApp Cache Size: 400000\n")
    ready.answers[request(apk)] = streamed(wire, apk, [], b"Success\n")
    installer.install(phone, apk)


def test_a_newer_app_on_the_phone_is_found_before_sending(ready, phone, apk):
    said = INSTALLED.format(package=PACKAGE, code=8, signatures="[1af63d8]")
    ready.shell(f"dumpsys package {PACKAGE}", said)
    with pytest.raises(InstallError, match="it has 8, the APK is 7") as caught:
        installer.install(phone, apk)
    assert caught.value.remedy is Remedy.REMOVE_OLD
    assert nothing_was_sent(ready)


def test_another_signer_on_the_phone_is_found_before_sending(ready, phone, wire, apk, tmp_path):
    key = SigningKey.generate()
    sign_apk(apk, apk, key)
    certificate = key.certificate.public_bytes(serialization.Encoding.DER)
    assert signer_of(apk, 25) == signer_of(apk, 34) == certificate
    theirs = f"version:3, signatures:[{java_hash(certificate) ^ 1:x}], past signatures:[]"
    ready.shell("getprop", PROPERTIES.replace("[25]", "[34]"))
    ready.shell(
        f"dumpsys package {PACKAGE}",
        INSTALLED.format(package=PACKAGE, code=7, signatures=theirs),
    )
    with pytest.raises(InstallError, match="signed by someone else") as caught:
        installer.install(phone, apk)
    assert caught.value.remedy is Remedy.REMOVE_OLD
    assert nothing_was_sent(ready)
    ours = f"version:3, signatures:[{java_hash(certificate):x}], past signatures:[]"
    ready.shell(
        f"dumpsys package {PACKAGE}", INSTALLED.format(package=PACKAGE, code=7, signatures=ours)
    )
    ready.answers[request(apk)] = streamed(wire, apk, [], b"Success\n")
    assert installer.install(phone, apk).version_code == 7


@pytest.mark.parametrize(
    ("signatures", "sdk", "hashes"),
    [
        ("version:2, signatures:[57f52fdb], past signatures:[]", 28, {0x57F52FDB}),
        ("version:2, signatures:[6e5dbc6], past signatures:[]", 34, {0x6E5DBC6}),
        ("version:3, signatures:[34471701, 12345678], past signatures:[]", 34,
         {0x34471701, 0x12345678}),
        ("[53c7caa2]", 25, {0x53C7CAA2}),
        ("[1af63d8]", 25, set()),  # may be an object's hash, which says nothing
        ("[]", 25, set()),
        ("nonsense", 34, set()),
    ],
)  # fmt: skip
def test_a_signer_is_read_where_the_phone_tells_it(signatures, sdk, hashes):
    text = INSTALLED.format(package=PACKAGE, code=7, signatures=signatures)
    assert parse_installed(text, PACKAGE, sdk) == InstalledApp(7, frozenset(hashes))
    assert parse_installed(text, "org.mobilenetlab", sdk) is None


def test_the_system_copy_of_an_app_is_not_the_installed_one():
    updated = INSTALLED.format(package=PACKAGE, code=9, signatures="[]")
    hidden = INSTALLED.format(package=PACKAGE, code=1, signatures="[]")
    text = f"{updated}\nHidden system packages:\n{hidden}"
    assert parse_installed(text, PACKAGE, 25).version_code == 9


@given(st.text(max_size=300), st.integers(20, 36))
def test_no_dump_crashes_the_reader(text, sdk):
    parse_installed(f"Package [{PACKAGE}]{text}", PACKAGE, sdk)


def test_java_hashes_signed_bytes():
    assert java_hash(b"") == 1
    assert java_hash(b"\x01\xff") == 31 * (31 + 1) - 1


def test_a_phone_that_hides_its_room_is_not_refused(ready, phone, wire, apk):
    ready.shell("df -k /data", "df: /data: Permission denied\n", 1)
    ready.answers[request(apk)] = streamed(wire, apk, [], b"Success\n")
    installer.install(phone, apk)


def test_a_file_that_is_no_apk_is_named(phone, tmp_path):
    path = tmp_path / "notes.apk"
    path.write_text("no zip")
    with pytest.raises(LabError, match=r"notes\.apk is not a sound APK"):
        installer.install(phone, path)


def test_a_phone_that_leaves_in_the_middle_is_said_to_have_left(ready, phone, wire, apk):
    ready.answers[request(apk)] = lambda connection: (
        connection.sendall(b"OKAY"),
        wire.take(connection, 1000),
    )
    with pytest.raises(PhoneError, match="phone left"):
        installer.install(phone, apk)


def test_success_without_the_app_is_not_believed(ready, phone, wire, apk):
    ready.answers[request(apk)] = streamed(wire, apk, [], b"Success\n")
    ready.shell(f"pm path {PACKAGE}", "", 1)
    with pytest.raises(InstallError, match="it is not there"):
        installer.install(phone, apk)


def test_cancelling_says_what_was_kept(ready, phone, wire, apk):
    cancel, steps = CancelToken(), []

    def answer(connection):
        connection.sendall(b"OKAY")
        wire.take(connection, apk.stat().st_size)
        cancel.cancel()
        connection.recv(1)

    ready.answers[request(apk)] = answer
    with pytest.raises(Cancelled, match="may still finish"):
        installer.install(phone, apk, PACKAGE, steps.append, cancel)
    assert "may still finish" in steps[-1].detail


def test_without_cmd_the_apk_is_pushed_and_removed(ready, phone, wire, apk):
    ready.answers["host-serial:phone:features"] = wire.block("shell_v2")

    def sync(connection):
        connection.sendall(b"OKAY")
        head = wire.take(connection, 8)
        wire.take(connection, int.from_bytes(head[4:], "little"))
        while wire.take(connection, 4) == b"DATA":
            wire.take(connection, int.from_bytes(wire.take(connection, 4), "little"))
        wire.take(connection, 4)
        connection.sendall(b"OKAY\0\0\0\0")

    ready.answers["sync:"] = sync
    remote = "/data/local/tmp/mobilenet-lab.apk"
    ready.shell(f"pm install -r -t -g {remote}", "\tpkg: x\nSuccess\n")
    ready.shell(f"rm -f {remote}")
    installer.install(phone, apk)
    assert f"shell,v2,raw:rm -f {remote}" in ready.requests


def test_granting_and_starting_report_their_steps(server, phone):
    server.shell(f"pm grant {PACKAGE} android.permission.CAMERA")
    server.shell(f"am start -W -n {PACKAGE}/.MainActivity", "Status: ok\n")
    steps = []
    installer.grant(phone, report=steps.append)
    installer.start(phone, report=steps.append)
    assert [(step.step, step.fraction) for step in steps] == [
        ("grant", None),
        ("grant", 1.0),
        ("start", None),
        ("start", 1.0),
    ]


def test_an_app_that_is_not_there_is_named(server, phone):
    said = "Error type 3\nError: Activity class {x} does not exist.\n"
    server.shell(f"am start -W -n {PACKAGE}/.MainActivity", said)
    with pytest.raises(PhoneError, match="not on the phone"):
        installer.start(phone)


def test_a_forbidden_grant_is_explained(server, phone):
    server.shell(
        f"pm grant {PACKAGE} android.permission.CAMERA", "", 255, "java.lang.SecurityException: no"
    )
    with pytest.raises(PhoneError, match="allow the camera there"):
        installer.grant(phone)


def test_removing_what_is_not_there_is_no_error(server, phone):
    server.shell(f"pm path {PACKAGE}", "", 1)
    assert installer.uninstall(phone) is False


def test_removing_says_when_the_phone_refuses(ready, phone):
    ready.shell(f"pm uninstall {PACKAGE}", "Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n")
    with pytest.raises(InstallError, match="did not remove"):
        installer.uninstall(phone)
