"""Every refusal of Android's package manager: said by the phone, explained, and mended."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.apk.signing import SigningKey, sign_apk
from engine.errors import InstallError, LabError, Remedy
from engine.phones import installer
from engine.phones.adb import Adb
from engine.phones.faults import explain_install
from engine.phones.phone import Phone
from engine.phones.remedies import apply
from engine.virtual_phone.adb.daemon import AdbDaemon
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.packages.packages import Packages
from tests.system.conftest import AdbServer, PhoneProgram
from tests.virtual_phone.packages.apk_maker import make_apk

pytestmark = pytest.mark.system

EXAMPLE = "org.example.app"
RESERVE_MB = (500 << 20) / 1e6
"""What Android keeps free, and ``df`` shows as available."""
LEFTOVER = "/data/local/tmp/mobilenet-lab.apk"
numbers = itertools.count()


@pytest.fixture(scope="module")
def keys() -> tuple[SigningKey, SigningKey]:
    return SigningKey.generate(), SigningKey.generate()


@dataclass
class Bench:
    """A virtual phone, the adb that reaches it, and APKs to put on it."""

    adb: AdbServer
    program: PhoneProgram
    folder: Path
    keys: tuple[SigningKey, SigningKey]
    phone: Phone = field(init=False)

    def __post_init__(self) -> None:
        self.phone = Phone(Adb(self.adb.port), self.program.serial)

    def apk(self, *, signer: int | None = 0, **facts: Any) -> Path:
        """Make an APK; ``signer`` None leaves it unsigned."""
        path = self.folder / f"app {next(numbers)}.apk"
        path.write_bytes(make_apk(**facts))
        if signer is not None:
            sign_apk(path, path, self.keys[signer])
        return path

    def tell(self, line: str) -> None:
        """Do something at the phone, as its owner would."""
        answer = self.program.tell(line)
        assert answer["ok"], answer

    def shell(self, line: str) -> str:
        return self.adb.run("-s", self.program.serial, "shell", line).text

    def adb_install(self, *words: object) -> str:
        """Install with the adb program itself and return all that it says."""
        return self.adb.run("-s", self.program.serial, "install", *words).text

    def refusal(self, apk: Path) -> InstallError:
        """Install with the lab, which must be refused."""
        with pytest.raises(InstallError) as refused:
            installer.install(self.phone, apk)
        return refused.value

    def has(self, package: str = EXAMPLE) -> bool:
        return installer.is_installed(self.phone, package)

    def tidy(self) -> None:
        for line in ("usb-install on", "play-protect allow", "package-manager well", "full off"):
            self.tell(line)
        self.shell("settings put global verifier_verify_adb_installs 1")
        for package in (EXAMPLE, installer.PACKAGE):
            self.shell(f"pm uninstall {package}")
        self.shell(f"rm -f {LEFTOVER}; input keyevent HOME")


@pytest.fixture(scope="module")
def programs() -> Iterator[dict[str, PhoneProgram]]:
    """One virtual phone of each Android, for the whole module."""
    running = {android: PhoneProgram("--android", android) for android in ("14", "7.1.2")}
    yield running
    for program in running.values():
        assert program.end() == 0


@pytest.fixture
def make_bench(adb, programs, keys, tmp_path) -> Iterator[Callable[[str], Bench]]:
    """``make_bench("14")``: a phone on which nothing is installed or forbidden."""
    benches: list[Bench] = []

    def make(android: str) -> Bench:
        program = programs[android]
        assert "connected to" in adb.run("connect", program.serial).out
        benches.append(Bench(adb, program, tmp_path, keys))
        return benches[-1]

    yield make
    for bench in benches:
        bench.tidy()
        adb.run("disconnect", bench.program.serial)


@pytest.fixture(params=["14", "7.1.2"])
def bench(request, make_bench) -> Bench:
    return make_bench(request.param)


@pytest.mark.parametrize(
    ("facts", "reason", "remedy"),
    [
        ({"libraries": ["mips"]}, "INSTALL_FAILED_NO_MATCHING_ABIS", Remedy.BUILD_FOR_PHONE),
        ({"min_sdk": 99}, "INSTALL_FAILED_OLDER_SDK", None),
        ({"min_sdk": "VanillaIceCream"}, "INSTALL_FAILED_OLDER_SDK", Remedy.BUILD_FOR_PHONE),
        (
            {"libraries": ["x86_64"], "application": {"extractNativeLibs": False}},
            "INSTALL_FAILED_INVALID_APK",  # its library does not lie on a page
            Remedy.BUILD_FOR_PHONE,
        ),
        ({"signer": None}, "INSTALL_PARSE_FAILED_NO_CERTIFICATES", Remedy.BUILD_FOR_PHONE),
        (
            {"package": "nodots"},
            "INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME",
            Remedy.BUILD_FOR_PHONE,
        ),
    ],
)
def test_an_apk_that_does_not_fit_is_refused_alike_by_phone_and_lab(bench, facts, reason, remedy):
    apk = bench.apk(**facts)
    by_phone = explain_install(bench.adb_install("-r", "-t", apk))
    by_lab = bench.refusal(apk)
    assert by_phone.reason == by_lab.reason == reason
    assert by_phone.remedy is by_lab.remedy is remedy
    assert by_lab.advice
    assert reason not in str(by_lab)
    assert not bench.has()
    installer.install(bench.phone, bench.apk(libraries=["x86_64"]))  # built for this phone
    assert bench.has()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"target_sdk": 22}, "INSTALL_FAILED_DEPRECATED_SDK_VERSION"),
        ({"activity": {"name": ".MainActivity"}}, "INSTALL_PARSE_FAILED_MANIFEST_MALFORMED"),
    ],
)
def test_android_14_refuses_what_android_7_takes(make_bench, facts, reason):
    new, old = make_bench("14"), make_bench("7.1.2")
    error = new.refusal(new.apk(**facts))
    assert error.reason == reason
    assert error.remedy is Remedy.BUILD_FOR_PHONE
    installer.install(old.phone, old.apk(**facts))
    assert old.has()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no zip at all", "INSTALL_PARSE_FAILED_NOT_APK"),
        (b"PK\5\6" + bytes(18), "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION"),
    ],
)
def test_a_file_that_is_no_apk_is_refused_by_both(bench, content, reason):
    apk = bench.folder / "odd.apk"
    apk.write_bytes(content)
    assert explain_install(bench.adb_install(apk)).reason == reason
    with pytest.raises(LabError, match=r"odd\.apk"):
        installer.install(bench.phone, apk)


def test_another_signers_app_is_replaced_by_its_button(bench):
    installer.install(bench.phone, bench.apk(signer=1))
    apk = bench.apk()
    error = bench.refusal(apk)
    assert error.reason == "INSTALL_FAILED_UPDATE_INCOMPATIBLE"
    assert error.remedy is Remedy.REMOVE_OLD
    apply(error.remedy, bench.phone, package=EXAMPLE)
    assert not bench.has()
    installer.install(bench.phone, apk)


def test_the_labs_own_app_of_another_signer_is_seen_before_sending_where_told(bench):
    ours = {"package": installer.PACKAGE}
    installer.install(bench.phone, bench.apk(signer=1, **ours))
    apk = bench.apk(**ours)
    sent: list[float] = []
    with pytest.raises(InstallError) as refused:
        installer.install(bench.phone, apk, report=lambda step: sent.append(step.fraction or 0))
    assert refused.value.reason == "INSTALL_FAILED_UPDATE_INCOMPATIBLE"
    assert any(sent) is (bench.program.hello["android"] == "7.1.2")
    apply(Remedy.REMOVE_OLD, bench.phone)
    installer.install(bench.phone, apk)
    installer.install(bench.phone, bench.apk(**ours))  # the same signer again


def test_a_newer_app_is_replaced_by_its_button(bench):
    installer.install(bench.phone, bench.apk(version_code=9))
    apk = bench.apk(version_code=8)
    by_phone = explain_install(bench.adb_install("-r", apk))
    error = bench.refusal(apk)
    assert error.reason == by_phone.reason == "INSTALL_FAILED_VERSION_DOWNGRADE"
    assert error.remedy is by_phone.remedy is Remedy.REMOVE_OLD
    assert "it has 9, the APK is 8" in error.what
    apply(error.remedy, bench.phone, package=EXAMPLE)
    installer.install(bench.phone, apk)


def test_a_test_only_app_is_installed_by_the_lab(bench):
    apk = bench.apk(application={"testOnly": True})
    error = explain_install(bench.adb_install(apk))
    assert error.reason == "INSTALL_FAILED_TEST_ONLY"
    assert error.remedy is Remedy.TRY_AGAIN
    installer.install(bench.phone, apk)


def test_an_app_that_is_there_is_updated_by_the_lab(make_bench):
    bench = make_bench("7.1.2")
    apk = bench.apk()
    installer.install(bench.phone, apk)
    bench.adb.run("-s", bench.program.serial, "push", apk, LEFTOVER)
    error = explain_install(bench.shell(f"pm install {LEFTOVER}"))
    assert error.reason == "INSTALL_FAILED_ALREADY_EXISTS"
    assert error.remedy is Remedy.TRY_AGAIN
    installer.install(bench.phone, apk)


@pytest.mark.parametrize(
    ("before", "reason", "remedy", "tap"),
    [
        (
            "usb-install off",
            "INSTALL_FAILED_USER_RESTRICTED",
            Remedy.OPEN_SETTINGS,
            "usb-install on",
        ),
        ("usb-install cancel", "INSTALL_FAILED_ABORTED", Remedy.TRY_AGAIN, "usb-install on"),
        (
            "play-protect block",
            "INSTALL_FAILED_VERIFICATION_FAILURE",
            Remedy.OPEN_SETTINGS,
            "play-protect allow",
        ),
        (
            "play-protect timeout",
            "INSTALL_FAILED_VERIFICATION_TIMEOUT",
            Remedy.OPEN_SETTINGS,
            "play-protect allow",
        ),
        (
            "package-manager broken",
            "INSTALL_FAILED_INTERNAL_ERROR",
            Remedy.TRY_AGAIN,
            "package-manager well",
        ),
    ],
)
def test_what_a_person_must_allow_works_once_it_is_allowed(bench, before, reason, remedy, tap):
    apk = bench.apk()
    bench.tell(before)
    error = bench.refusal(apk)
    assert (error.reason, error.remedy) == (reason, remedy)
    apply(error.remedy, bench.phone)
    in_front = bench.program.tell("state")["state"]["screen"]["in front"]
    assert (in_front == "com.android.settings") is (remedy is Remedy.OPEN_SETTINGS)
    assert bench.refusal(apk).reason == reason  # nothing changed yet
    bench.tell(tap)
    installer.install(bench.phone, apk)


def test_the_developer_options_can_leave_play_protect_out(bench):
    apk = bench.apk()
    bench.tell("play-protect block")
    assert bench.refusal(apk).remedy is Remedy.OPEN_SETTINGS
    bench.shell("settings put global verifier_verify_adb_installs 0")  # what the switch does
    installer.install(bench.phone, apk)


def test_room_is_made_of_other_apps_caches(make_bench):
    bench = make_bench("7.1.2")
    apk = bench.apk(files={"assets/model": bytes(3_000_000)})
    bench.tell(f"storage {RESERVE_MB + 2} 300")
    error = bench.refusal(apk)
    assert error.reason == "INSTALL_FAILED_INSUFFICIENT_STORAGE"
    assert error.remedy is Remedy.FREE_SPACE
    told: list[str] = []
    apply(error.remedy, bench.phone, lambda progress: told.append(progress.detail))
    assert told[-1] == f"{RESERVE_MB + 302:.0f} MB free"
    installer.install(bench.phone, apk)


def test_room_is_made_of_the_labs_own_leftovers(make_bench):
    bench = make_bench("14")
    apk = bench.apk(files={"assets/model": bytes(3_000_000)})
    bench.tell(f"storage {RESERVE_MB + 4}")
    left = bench.folder / "left.apk"
    left.write_bytes(bytes(2_000_000))
    bench.adb.run("-s", bench.program.serial, "push", left, LEFTOVER)
    error = bench.refusal(apk)
    assert error.reason == "INSTALL_FAILED_INSUFFICIENT_STORAGE"
    apply(error.remedy, bench.phone)
    installer.install(bench.phone, apk)


def test_a_full_phone_is_refused_before_sending_and_says_how_full(bench):
    apk = bench.apk(files={"assets/model": bytes(3_000_000)})
    bench.tell("storage 1")
    sent: list[float] = []
    with pytest.raises(InstallError, match=r"1\.0 MB are free, it needs 3\.0 MB") as refused:
        installer.install(bench.phone, apk, report=lambda step: sent.append(step.fraction or 0))
    assert refused.value.remedy is Remedy.FREE_SPACE
    assert not any(sent)
    said = explain_install(bench.adb_install(apk))
    assert said.reason == "INSTALL_FAILED_INSUFFICIENT_STORAGE"


def test_an_install_takes_the_room_that_it_takes(bench):
    def used() -> int:
        return int(bench.program.tell("state")["state"]["storage"]["used"])

    apk = bench.apk(files={"assets/model": bytes(3_000_000)})
    before = used()
    installer.install(bench.phone, apk)
    assert used() - before == apk.stat().st_size
    installer.install(bench.phone, apk)
    assert used() - before == apk.stat().st_size
    installer.uninstall(bench.phone, EXAMPLE)
    assert used() == before


def test_the_terminal_installs_updates_mends_and_removes(make_bench, lab):
    bench = make_bench("14")
    ours = {"package": installer.PACKAGE}
    old, apk = bench.apk(signer=1, **ours), bench.apk(**ours)
    phone = ("--phone", bench.program.serial)
    said = lab.json("install", old, *phone)
    assert (said["package"], said["version_code"]) == (installer.PACKAGE, 1)
    assert (said["phone"], said["mended"]) == (bench.program.serial, None)
    _, err = lab.run("install", apk, *phone, code=2)
    assert "signed by someone else" in err
    out, err = lab.run("install", apk, *phone, "--mend")
    assert out.startswith(f"{installer.PACKAGE} 1.0 is on {bench.program.serial}")
    assert "Mending: Remove the old app and install." in err
    assert lab.json("install", apk, *phone, "--mend")["mended"] is None
    assert lab.json("remove", *phone) == {"phone": bench.program.serial, "removed": True}
    assert "is not on" in lab.run("remove", *phone)[0]


def test_the_terminal_opens_the_settings_and_leaves_the_tap_to_the_person(make_bench, lab):
    bench = make_bench("14")
    bench.tell("usb-install off")
    apk = bench.apk()
    _, err = lab.run("install", apk, "--phone", bench.program.serial, "--mend", code=2)
    assert "Install via USB" in err
    screen = bench.program.tell("state")["state"]["screen"]
    assert screen == {"in front": "com.android.settings"}
    bench.tell("usb-install on")
    lab.run("install", apk, "--phone", bench.program.serial)


def test_no_click_helps_where_the_android_is_too_old(make_bench, lab):
    bench = make_bench("7.1.2")
    apk = bench.apk(min_sdk=26)
    _, err = lab.run("install", apk, "--phone", bench.program.serial, "--mend", code=2)
    assert "it has API 25, the app needs 26" in err
    assert "Mending" not in err


@pytest.fixture(params=[6, 20, 22])
def ancient(request, adb, keys, tmp_path) -> Iterator[tuple[Bench, int]]:
    """A phone of an Android that the lab's app cannot run on, in this process."""
    sdk = request.param
    handset = Handset("Old phone", "7.1.2")
    handset.sdk = sdk
    handset.properties["ro.build.version.sdk"] = str(sdk)
    handset.packages = Packages(sdk, handset.abis, handset.storage, handset.guards)
    daemon = AdbDaemon(handset)
    assert "connected to" in adb.run("connect", daemon.serial).out
    yield Bench(adb, daemon, tmp_path, keys), sdk
    adb.run("disconnect", daemon.serial)
    daemon.unplug()


def test_words_that_only_old_androids_say(ancient):
    bench, sdk = ancient
    fitting = bench.apk(min_sdk=1)
    error = bench.refusal(bench.apk(min_sdk=24))
    assert (error.reason, error.remedy) == ("INSTALL_FAILED_OLDER_SDK", None)
    said = explain_install(bench.shell("pm install /data/local/tmp/none.apk"))
    assert said.reason == "INSTALL_FAILED_INVALID_URI"
    assert said.remedy is Remedy.TRY_AGAIN
    abi = explain_install(bench.adb_install(bench.apk(min_sdk=1, libraries=["mips"])))
    word = "CPU_ABI_INCOMPATIBLE" if sdk < 21 else "NO_MATCHING_ABIS"
    assert abi.reason == f"INSTALL_FAILED_{word}"
    assert abi.remedy is Remedy.BUILD_FOR_PHONE
    made_for_5 = bench.apk(min_sdk=1, max_sdk=5)
    if sdk <= 6:
        newer = bench.refusal(made_for_5)
        assert (newer.reason, newer.remedy) == ("INSTALL_FAILED_NEWER_SDK", Remedy.BUILD_FOR_PHONE)
    else:
        installer.install(bench.phone, made_for_5)
    installer.install(bench.phone, fitting)
