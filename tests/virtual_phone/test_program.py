import io
import json
import sys

import pytest

from engine.errors import LabError
from engine.virtual_phone.adb.daemon import AdbDaemon
from engine.virtual_phone.program import Remote, run_virtual_phone


class FakeScreen:
    """Stands in for the screen: remembers what it was told."""

    def __init__(self):
        self.foreground = "org.example.app"
        self.stopped = []
        self.turns = 0

    def stop(self, package):
        self.stopped.append(package)

    def rotate(self):
        self.turns += 1


@pytest.fixture
def remote(handset):
    daemon = AdbDaemon(handset)
    yield Remote(handset, daemon)
    daemon.unplug()


def test_the_battery_is_set_within_reason(remote, handset):
    assert remote.run("battery 50 41.5")["ok"]
    assert (handset.battery.percent, handset.battery.celsius) == (50, 41.5)
    for bad in ("battery", "battery 101 20", "battery x y", "battery 50 999"):
        assert not remote.run(bad)["ok"]
    assert handset.battery.percent == 50


def test_what_is_unknown_is_answered_with_what_is_known(remote):
    answer = remote.run("explode now")
    assert not answer["ok"]
    assert "unplug" in answer["commands"]


def test_the_app_in_front_is_killed_and_the_log_says_so(remote, handset):
    assert not remote.run("kill-app")["ok"]  # nothing is in front
    handset.screen = FakeScreen()
    handset.processes.start("org.example.app")
    assert remote.run("kill-app") == {
        "ok": True,
        "command": "kill-app",
        "package": "org.example.app",
    }
    assert handset.screen.stopped == ["org.example.app"]
    assert handset.processes.pid_of("org.example.app") is None
    assert "signal 9" in handset.log.entries()[-1].message


def test_rotating_and_filling_reach_the_phone(remote, handset):
    handset.screen = FakeScreen()
    assert remote.run("rotate")["ok"]
    assert handset.screen.turns == 1
    assert remote.run("full")["full"]
    assert handset.storage.free_bytes == 0
    assert not remote.run("full off")["full"]
    assert remote.run("storage 700 20")["free_bytes"] == 700_000_000
    assert handset.storage.caches_bytes == 20_000_000


def test_the_phones_owner_decides_who_may_install(remote, handset):
    assert remote.run("usb-install off")["ok"]
    assert handset.properties["persist.security.adbinstall"] == "0"
    assert remote.run("usb-install cancel")["ok"]
    assert handset.guards.cancels
    assert remote.run("play-protect block")["ok"]
    assert handset.guards.verdict == "block"
    assert remote.run("package-manager broken")["ok"]
    assert handset.guards.broken
    for nonsense in (
        "usb-install",
        "play-protect maybe",
        "package-manager",
        "storage",
        "storage x",
    ):
        assert not remote.run(nonsense)["ok"]


def test_the_state_tells_of_each_change(remote, handset):
    before = remote.run("state")["state"]
    assert remote.run("state")["state"] == before
    handset.files.write("/data/local/tmp/x", b"1")
    handset.settings["global"]["stay_on_while_plugged_in"] = "7"
    handset.processes.start("org.example.app")
    after = remote.run("state")["state"]
    assert set(after["files"]) - set(before["files"]) == {"/data/local/tmp/x"}
    assert after["settings"]["global stay_on_while_plugged_in"] == "7"
    assert "org.example.app" in after["processes"]
    handset.files.remove("/data/local/tmp/x")
    assert remote.run("state")["state"]["files"] == before["files"]


def test_another_app_takes_the_camera_and_gives_it_back(remote, handset):
    assert remote.run("camera-busy")["camera_busy"]
    assert handset.camera_busy
    assert not remote.run("camera-busy off")["camera_busy"]
    assert not handset.camera_busy


def test_the_persons_language_is_a_tag(remote, handset, sh):
    assert remote.run("locale de-DE")["locale"] == "de-DE"
    assert handset.locale == "de-DE"
    assert sh("getprop persist.sys.locale")[1] == "de-DE\n"
    for bad in ("locale", "locale ../..", "locale de DE", "locale 12"):
        assert not remote.run(bad)["ok"]
    assert handset.locale == "de-DE"


def test_replugging_gives_the_same_serial(remote):
    before = remote.run("replug")["serial"]
    assert remote.run("unplug")["ok"]
    assert remote.run("replug")["serial"] == before


def test_the_program_says_where_it_is_and_quits_when_told(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("battery 9 30\n\nquit\n"))
    assert run_virtual_phone(name="Pixel", android="7.1.2") == 0
    hello, battery, goodbye = map(json.loads, capsys.readouterr().out.splitlines())
    assert hello["serial"].startswith("127.0.0.1:")
    assert (hello["name"], hello["android"]) == ("Pixel", "7.1.2")
    assert battery["ok"]
    assert goodbye == {"ok": True, "command": "quit"}


def test_the_program_ends_with_its_parent_when_asked(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run_virtual_phone(until_stdin_closes=True) == 0
    assert "serial" in capsys.readouterr().out


def test_an_unknown_release_is_a_sentence():
    with pytest.raises(LabError, match="cannot be Android 9"):
        run_virtual_phone(android="9")


def test_the_cable_is_slowed_and_freed(remote):
    assert remote.run("slow 50000")["bytes_per_s"] == 50000
    assert not remote.run("slow nothing")["ok"]
    assert not remote.run("slow 0")["ok"]
    assert remote.run("slow off")["bytes_per_s"] is None
