"""Cleaning and mending ask for what they should, and say so when the phone refuses."""

import pytest

from engine.errors import PhoneError, Remedy
from engine.phones.cleaning import Cleaned, clean, remove_leftovers
from engine.phones.remedies import apply

PACKAGE = "org.mobilenetlab.phone"
JAR, APK = "/data/local/tmp/scrcpy-server.jar", "/data/local/tmp/mobilenet-lab.apk"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))


@pytest.fixture
def bare(server):
    """A phone on which nothing of the lab is."""
    server.shell("getprop ro.serialno", "ABC\n")
    server.shell(f"pm path {PACKAGE}", "", 1)
    missing = f"ls: {JAR}: No such file or directory\nls: {APK}: No such file or directory\n"
    server.shell(f"ls -d {JAR} {APK}", missing, 1)  # mixed in where there is no shell_v2
    return server


def test_a_clean_phone_is_left_alone(bare, phone):
    steps = []
    assert clean(phone, steps.append) == Cleaned((), ())
    assert list(dict.fromkeys(step.step for step in steps)) == ["app", "files", "settings"]
    assert steps[-1].fraction == 1.0
    assert not any("rm " in asked or "uninstall" in asked for asked in bare.requests)


def test_only_files_that_are_there_are_removed(bare, phone):
    bare.shell(f"ls -d {JAR} {APK}", f"{JAR}\n", 1, f"ls: {APK}: No such file\n")
    bare.shell(f"rm -f {JAR}")
    bare.shell(f"ls -d {JAR}", "", 1)
    assert remove_leftovers(phone) == (JAR,)


def test_a_file_that_stays_is_named(bare, phone):
    bare.shell(f"ls -d {JAR} {APK}", f"{JAR}\n", 1)
    bare.shell(f"rm -f {JAR}", "", 1, "rm: Permission denied\n")
    bare.shell(f"ls -d {JAR}", f"{JAR}\n")
    with pytest.raises(PhoneError, match="keeps /data/local/tmp/scrcpy-server"):
        remove_leftovers(phone)


def test_the_front_page_is_opened_where_there_are_no_developer_options(server, phone):
    server.shell("input keyevent 224")
    page = "am start -a android.settings."
    server.shell(f"{page}APPLICATION_DEVELOPMENT_SETTINGS", "Error: Activity not started\n")
    server.shell(f"{page}SETTINGS", "Starting: Intent\n")
    steps = []
    apply(Remedy.OPEN_SETTINGS, phone, steps.append)
    assert steps[-1].fraction == 1.0
    server.shell(f"{page}SETTINGS", "Error: Activity not started\n")
    with pytest.raises(PhoneError, match="did not open its settings"):
        apply(Remedy.OPEN_SETTINGS, phone)


@pytest.mark.parametrize("remedy", [Remedy.TRY_AGAIN, Remedy.BUILD_FOR_PHONE])
def test_what_only_needs_a_new_try_asks_the_phone_nothing(server, phone, remedy):
    apply(remedy, phone)
    assert server.requests == []


def test_a_phone_that_keeps_its_caches_is_no_error(bare, phone):
    bare.shell(f"pm trim-caches {1 << 50}", "", 255, "java.lang.SecurityException\n")
    bare.shell("df -k /data", "", 1)
    steps = []
    apply(Remedy.FREE_SPACE, phone, steps.append)
    assert (steps[-1].step, steps[-1].fraction, steps[-1].detail) == ("free", 1.0, "")
