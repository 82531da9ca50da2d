"""The real adb programs judge the virtual phone's daemon."""

import contextlib
import hashlib
import os
import pty
import socket
import subprocess
import threading

import pytest

from engine.apk.signing import SigningKey, sign_apk
from engine.paths import ASSETS
from tests.virtual_phone.packages.apk_maker import make_apk

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def key():
    return SigningKey.generate()


@pytest.fixture
def apk(tmp_path, key):
    def make(name="app.apk", signer=None, **facts):
        path = tmp_path / name
        path.write_bytes(make_apk(**facts))
        sign_apk(path, path, signer or key)
        return path

    return make


@pytest.fixture
def clean(phone):
    yield
    phone("uninstall", "org.example.app")


def test_a_connected_phone_is_listed_as_device_with_its_model(adb, phone):
    line = next(line for line in adb.run("devices", "-l").out.splitlines() if phone.serial in line)
    assert line.split()[1] == "device"
    assert "model:Virtual_phone" in line


def test_shell_passes_output_errors_and_exit_code(phone):
    done = phone("shell", "echo out; echo err >&2; exit 7")
    assert (done.code, done.out, done.err) == (7, "out\n", "err\n")


def test_an_unknown_command_is_not_found(phone):
    done = phone("shell", "nosuchthing --help")
    assert done.code == 127
    assert "not found" in done.err


def test_shell_reads_standard_input(phone):
    assert phone("shell", "cat", stdin="a line\n").out == "a line\n"


@pytest.mark.parametrize("command", [["-T"], ["sh"]])
def test_a_script_runs_line_by_line(phone, command):
    script = "for i in 1 2\ndo\n  echo $i\ndone\ncat /proc/$$/stat; exit 5\n"
    done = phone("shell", *command, stdin=script)
    assert done.code == 5
    one, two, stat = done.out.splitlines()
    assert (one, two, stat.split()[1], len(stat.split())) == ("1", "2", "(sh)", 52)


def test_getprop_tells_the_release(phone):
    assert phone("shell", "getprop", "ro.build.version.release").out.strip() == phone.android


def test_nothing_of_the_host_is_in_the_phone(phone, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for path in (secret, f"/sdcard/../../../../..{secret}", f"/proc/self/root{secret}"):
        done = phone("shell", f"cat {path}")
        assert done.code == 1
        assert "secret" not in done.out
    assert phone("pull", secret, tmp_path / "stolen").code != 0


def test_twenty_megabytes_come_back_as_they_went(phone, tmp_path):
    sent = tmp_path / "sent"
    sent.write_bytes(os.urandom(20_000_000))
    digest = hashlib.sha256(sent.read_bytes()).hexdigest()
    assert phone("push", sent, "/data/local/tmp/big").code == 0
    assert phone("shell", "sha256sum /data/local/tmp/big").out.split()[0] == digest
    assert phone("pull", "/data/local/tmp/big", tmp_path / "back").code == 0
    assert hashlib.sha256((tmp_path / "back").read_bytes()).hexdigest() == digest
    assert phone("shell", "rm /data/local/tmp/big; ls /data/local/tmp/big").code == 1


def test_a_folder_is_pushed_and_pulled_with_its_files(phone, tmp_path):
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "folder" / "inner" / "a b.txt").write_text("text")
    assert phone("push", tmp_path / "folder", "/sdcard/Download/").code == 0
    assert phone("pull", "/sdcard/Download/folder", tmp_path / "back").code == 0
    assert (tmp_path / "back" / "inner" / "a b.txt").read_text() == "text"
    phone("shell", "rm -r /sdcard/Download/folder")


def test_a_push_into_the_system_is_refused_with_its_reason(phone, tmp_path):
    (tmp_path / "file").write_bytes(bytes(300_000))
    done = phone("push", tmp_path / "file", "/system/file")
    assert done.code != 0
    assert "Permission denied" in done.text


def test_a_push_to_a_full_phone_says_so(phone, tmp_path):
    (tmp_path / "file").write_bytes(bytes(300_000))
    assert phone.tell("full")["ok"]
    try:
        done = phone("push", tmp_path / "file", "/data/local/tmp/file")
    finally:
        phone.tell("full off")
    assert done.code != 0
    assert "No space left on device" in done.text


@pytest.mark.usefixtures("clean")
def test_an_apk_is_installed_listed_and_removed(phone, apk):
    path = apk(files={"assets/x": os.urandom(300_000)})
    done = phone("install", path)
    assert "Success" in done.text
    where = phone("shell", "pm path org.example.app").out.strip().removeprefix("package:")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert phone("shell", f"sha256sum {where}").out.split()[0] == digest
    assert "package:org.example.app" in phone("shell", "pm list packages -3").out
    assert "versionCode=1 " in phone("shell", "dumpsys package org.example.app").out
    assert "Success" in phone("uninstall", "org.example.app").text
    assert "org.example.app" not in phone("shell", "pm list packages").out
    assert phone("shell", f"ls {where}").code == 1


@pytest.mark.usefixtures("clean")
def test_a_pushed_apk_is_installed_by_pm(phone, apk):
    assert phone("push", apk(), "/data/local/tmp/app.apk").code == 0
    assert phone("shell", "pm install -r /data/local/tmp/app.apk").out == "Success\n"
    granted = "android.permission.CAMERA: granted=true"
    assert granted not in phone("shell", "dumpsys package org.example.app").out
    assert phone("shell", "pm grant org.example.app android.permission.CAMERA").code == 0
    assert granted in phone("shell", "dumpsys package org.example.app").out


@pytest.mark.usefixtures("clean")
def test_refused_apks_carry_androids_word(phone, apk, tmp_path):
    (tmp_path / "not.apk").write_bytes(b"no zip at all")
    (tmp_path / "unsigned.apk").write_bytes(make_apk())
    assert "Success" in phone("install", apk("two.apk", version_code=2)).text
    refused = {
        tmp_path / "not.apk": "INSTALL_PARSE_FAILED_NOT_APK",
        tmp_path / "unsigned.apk": "INSTALL_PARSE_FAILED_NO_CERTIFICATES",
        apk("one.apk", version_code=1): "INSTALL_FAILED_VERSION_DOWNGRADE",
        apk("other.apk", SigningKey.generate(), version_code=3): "INSTALL_FAILED_UPDATE_INCOMPAT",
        apk("new.apk", min_sdk=99, version_code=3): "INSTALL_FAILED_OLDER_SDK",
        apk("test.apk", application={"testOnly": True}, version_code=3): "INSTALL_FAILED_TEST_ONLY",
        apk("mips.apk", libraries=["mips"], version_code=3): "INSTALL_FAILED_NO_MATCHING_ABIS",
    }
    for path, reason in refused.items():
        done = phone("install", "-r", path)
        assert done.code != 0, reason
        assert reason in done.text
    phone.tell("full")
    try:
        assert "INSUFFICIENT_STORAGE" in phone("install", "-r", apk("three.apk")).text
    finally:
        phone.tell("full off")
    assert "versionCode=2 " in phone("shell", "dumpsys package org.example.app").out


def test_the_log_is_shown_filtered_and_followed(adb, phone):
    phone("logcat", "-c")
    following = adb.popen("-s", phone.serial, "logcat", "-v", "brief", "-s", "mine")
    try:
        phone("shell", "log -t other hidden; log -p e -t mine shown")
        lines = iter(following.stdout.readline, b"")
        line = next(line for line in lines if b"beginning" not in line)
        assert line.startswith(b"E/mine")
        assert line.rstrip().endswith(b": shown")
    finally:
        following.terminate()
        following.communicate()
    assert "hidden" in phone("logcat", "-d").out
    assert "hidden" not in phone("logcat", "-d", "-s", "mine").out


def test_a_forward_to_a_socket_that_nobody_has_is_closed(phone):
    port = int(phone("forward", "tcp:0", "localabstract:nobody").out)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
        assert peer.recv(1) == b""
    assert phone("forward", "--remove", f"tcp:{port}").code == 0


def test_reverse_tunnels_are_listed_and_removed(phone):
    assert phone("reverse", "localabstract:lab", "tcp:9000").code == 0
    assert phone("reverse", "--no-rebind", "localabstract:lab", "tcp:9001").code != 0
    assert "localabstract:lab tcp:9000" in phone("reverse", "--list").out
    assert phone("reverse", "--remove", "localabstract:lab").code == 0
    assert phone("reverse", "--remove", "localabstract:lab").code != 0
    assert phone("reverse", "tcp:0", "tcp:9000").out.strip().isdigit()
    assert phone("reverse", "--remove-all").code == 0
    assert "tcp:9000" not in phone("reverse", "--list").out


def test_the_battery_is_what_the_owner_made_it(phone):
    assert phone.tell("battery 41 47.5")["ok"]
    try:
        battery = phone("shell", "dumpsys battery").out
        assert "  level: 41\n" in battery
        assert "  temperature: 475\n" in battery
        assert phone("shell", "cat /sys/class/thermal/thermal_zone0/temp").out == "47500\n"
        thermal = phone("shell", "dumpsys thermalservice")
        expected = "Thermal Status: 2" if phone.android == "14" else "Can't find service"
        assert expected in thermal.text
    finally:
        phone.tell("battery 82 31")


def test_many_shells_at_once_do_not_mix(phone):
    wrong: list[str] = []

    def ask(number: int) -> None:
        done = phone("shell", f"for i in 1 2 3 4 5; do echo {number}-$i; done; exit {number}")
        if done.code != number or done.out.split() != [f"{number}-{i}" for i in range(1, 6)]:
            wrong.append(done.text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_the_phone_does_not_do_it_refuses(phone):
    assert "cannot run as root" in phone("root").text
    assert "does not reboot" in phone("reboot").text
    assert phone("shell", "reboot").code == 1
    assert phone("get-state").out == "device\n"


def test_garbage_ends_only_its_own_connection(phone):
    host, port = phone.serial.split(":")
    for garbage in (b"GET / HTTP/1.1\r\n\r\n" * 9, bytes(24), b"CNXN" + b"\xff" * 20):
        with socket.create_connection((host, int(port)), timeout=10) as peer:
            peer.sendall(garbage)
            try:
                while peer.recv(4096):
                    pass
            except ConnectionResetError:
                pass
    assert phone("shell", "echo alive").out == "alive\n"


def test_an_unknown_computer_waits_until_it_is_allowed(adb, start_phone):
    phone = start_phone("--ask")
    adb.run("connect", phone.serial)
    assert f"{phone.serial}\tunauthorized" in adb.run("devices").out
    assert adb.run("-s", phone.serial, "shell", "id").code != 0
    assert phone.tell("allow")["allowed"] == 1
    assert adb.run("-s", phone.serial, "wait-for-device").code == 0
    assert adb.run("-s", phone.serial, "shell", "id -u").out == "2000\n"

    assert adb.run("disconnect", phone.serial).code == 0
    assert "connected to" in adb.run("connect", phone.serial).out  # its key is remembered
    assert adb.run("-s", phone.serial, "get-state").out == "device\n"
    adb.run("disconnect", phone.serial)


def test_an_unplugged_phone_is_gone_until_it_is_plugged_in(adb, start_phone):
    phone = start_phone()
    adb.run("connect", phone.serial)
    running = adb.popen("-s", phone.serial, "shell", "sleep 600")
    assert adb.run("-s", phone.serial, "get-state").out == "device\n"
    assert phone.tell("unplug")["ok"]
    running.communicate(timeout=30)  # it ends; adb 29 says 0 even then
    assert f"{phone.serial}\tdevice" not in adb.run("devices").out
    assert phone.tell("replug")["serial"] == phone.serial
    adb.run("disconnect", phone.serial)
    assert "connected to" in adb.run("connect", phone.serial).out
    assert adb.run("-s", phone.serial, "shell", "echo back").out == "back\n"
    adb.run("disconnect", phone.serial)


def test_the_labs_app_starts_and_its_link_is_reached_through_a_forward(phone, tmp_path, key):
    base = ASSETS / "phone-app.apk"
    if not base.is_file():
        pytest.skip("the phone app is not built")
    sign_apk(base, tmp_path / "lab.apk", key)
    assert "Success" in phone("install", "-r", "-g", tmp_path / "lab.apk").text
    port = int(phone("forward", "tcp:0", "localabstract:mobilenet_lab").out)
    try:
        started = phone("shell", "am start -W -n org.mobilenetlab.phone/.MainActivity")
        assert "Status: ok" in started.out
        with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
            assert link.recv(4) == b"MNLB"
        assert phone("shell", "pidof org.mobilenetlab.phone").code == 0
        assert phone("exec-out", "screencap -p | head -c 4").out[1:] == "PNG"
        assert phone.tell("kill-app")["package"] == "org.mobilenetlab.phone"
        assert phone("shell", "pidof org.mobilenetlab.phone").code == 1
    finally:
        phone("forward", "--remove", f"tcp:{port}")
        phone("uninstall", "org.mobilenetlab.phone")


def read_to_the_end(terminal):
    """Read what a terminal still holds once nobody writes to it any more."""
    seen = b""
    with contextlib.suppress(OSError):  # Linux tells the end of a terminal as an error
        while part := os.read(terminal, 4096):
            seen += part
    return seen


def test_a_terminal_sees_a_prompt_and_its_own_typing(adb, phone):
    terminal = pty.openpty()
    shell = subprocess.Popen(
        [adb.program, "-P", str(adb.port), "-s", phone.serial, "shell"],
        stdin=terminal[1],
        stdout=terminal[1],
        stderr=terminal[1],
        env=adb.environment,
    )
    os.close(terminal[1])
    try:
        seen = b""
        while not seen.endswith(b" $ "):
            seen += os.read(terminal[0], 1024)
        os.write(terminal[0], b"id -u\rexit 5\r")
        assert shell.wait(20) == 5
        seen = read_to_the_end(terminal[0])
        assert b"id -u" in seen
        assert b"2000\r\n" in seen
    finally:
        shell.kill()
        shell.wait()
        os.close(terminal[0])


def test_a_phone_that_vanishes_in_a_push_ends_the_push(adb, start_phone, tmp_path):
    phone = start_phone()
    adb.run("connect", phone.serial)
    (tmp_path / "big").write_bytes(bytes(8_000_000))
    phone.tell("slow 1000000")
    push = adb.popen("-s", phone.serial, "push", tmp_path / "big", "/data/local/tmp/big")
    assert adb.run("-s", phone.serial, "get-state").out == "device\n"
    assert phone.tell("unplug")["ok"]
    out = push.communicate(timeout=30)[0]
    assert push.returncode != 0, out
    adb.run("disconnect", phone.serial)
