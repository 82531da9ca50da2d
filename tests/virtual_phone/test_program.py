import io
import json
import sys

import pytest

from engine.errors import LabError
from engine.virtual_phone.adb.daemon import AdbDaemon
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.program import run_virtual_phone
from engine.virtual_phone.remote import Remote


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

    def key(self, keycode, down):
        if down:
            self.on = {223: False, 224: True}[keycode]


class FakeTimer:
    """Stands in for a timer: the test says when its time has come."""

    def __init__(self, seconds, act):
        self.seconds, self.act = seconds, act
        self.waits = False

    def start(self):
        self.waits = True

    def cancel(self):
        self.waits = False


@pytest.fixture
def timers():
    return []


@pytest.fixture
def timed(handset, timers):
    """A remote whose timers the test holds; ``ended`` once it was told to end the program."""

    def make_timer(seconds, act):
        timers.append(FakeTimer(seconds, act))
        return timers[-1]

    daemon = AdbDaemon(handset)
    ended = []
    remote = Remote(handset, daemon, lambda: ended.append(True), make_timer)
    remote.ended = ended
    yield remote
    daemon.unplug()


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


def test_switches_of_the_phone_are_on_or_off(remote, handset, sh):
    handset.screen = FakeScreen()
    assert remote.run("charging off")["ok"]
    assert "USB powered: false" in sh("dumpsys battery")[1]
    assert remote.run("power-save on")["ok"]
    assert sh("settings get global low_power")[1] == "1\n"
    assert remote.run("screen off")["ok"]
    assert not handset.screen.on
    assert remote.run("screen on")["ok"]
    assert handset.screen.on
    for bad in ("charging", "power-save maybe", "screen on off"):
        assert not remote.run(bad)["ok"]


def test_the_thermal_status_is_overridden_and_given_back(remote, sh):
    assert remote.run("thermal 4")["ok"]
    told = sh("dumpsys thermalservice")[1]
    assert "IsStatusOverride: true" in told
    assert "Thermal Status: 4" in told
    assert remote.run("thermal off")["thermal"] == 0
    assert "Thermal Status: 0" in sh("dumpsys thermalservice")[1]
    for bad in ("thermal", "thermal 7", "thermal x"):
        assert not remote.run(bad)["ok"]


def test_an_old_android_has_no_thermal_status():
    handset = Handset("Old", "7.1.2")
    daemon = AdbDaemon(handset)
    assert "no thermal status" in Remote(handset, daemon).run("thermal 3")["error"]
    daemon.unplug()


def test_a_pace_changes_what_the_phone_says_of_its_speed(remote, handset, sh):
    def clocks(name):
        out = sh(f"cat /sys/devices/system/cpu/cpu[0-9]*/cpufreq/{name}")[1]
        return [int(line) for line in out.split()]

    assert "simulated pixel-3" in remote.run("pace pixel-3")["note"]
    assert "simulated pixel-3" in sh("getprop ro.mobilenetlab.note")[1]
    assert sh("getprop ro.soc.model; nproc")[1] == "simulated pixel-3\n8\n"
    top = clocks("cpuinfo_max_freq")
    assert clocks("scaling_max_freq") == top == [1_766_400] * 4 + [2_803_200] * 4
    assert max(clocks("scaling_cur_freq")) < max(top)  # nothing is inferred
    assert remote.run("pace mi-a1 throttle 2 0")["ok"]
    handset.heat.worked(0.05)
    assert clocks("scaling_cur_freq") == clocks("scaling_max_freq") == [1_008_000] * 8
    assert "mName=skin, mStatus=3" in sh("dumpsys thermalservice")[1]
    assert remote.run("pace off")["note"] == "virtual phone: this computer's speed"
    assert sh("getprop ro.soc.model")[1] == "host\n"
    for bad in ("pace", "pace nexus", "pace pixel-3 throttle 1 5", "pace pixel-3 throttle 2"):
        assert not remote.run(bad)["ok"]


def test_what_dumpsys_sets_stays_until_it_is_reset(remote, handset, sh):
    remote.run("pace pixel-3")
    sh("dumpsys battery set temp 450")
    handset.heat.worked(0.5)
    assert "temperature: 450\n" in sh("dumpsys battery")[1]
    assert handset.heat.status == 2


def test_a_line_runs_later_and_only_then(timed, timers, handset):
    assert timed.run("in 12.5 battery 7 30") == {
        "ok": True,
        "command": "in",
        "seconds": 12.5,
        "line": "battery 7 30",
    }
    assert (timers[0].seconds, timers[0].waits, handset.battery.percent) == (12.5, True, 82)
    timers[0].act()
    assert handset.battery.percent == 7
    assert handset.log.entries()[-1].message == "battery 7 30: done"


def test_a_line_that_fails_later_says_so_in_the_log(timed, timers, handset):
    timed.run("in 1 battery 900 30")
    timers[0].act()
    assert "failed: battery: 0 to 100" in handset.log.entries()[-1].message


def test_lines_that_wait_are_forgotten(timed, timers, handset):
    timed.run("in 1 battery 7 30")
    timed.run("in 2 full")
    assert timed.run("in off")["ok"]
    assert not any(timer.waits for timer in timers)
    timers[0].act()  # its time came while it was cancelled
    assert handset.battery.percent == 82


def test_the_program_can_be_ended_later(timed, timers):
    timed.run("in 3 quit")
    assert not timed.ended
    timers[0].act()
    assert timed.ended


@pytest.mark.parametrize(
    "line", ["in", "in 5", "in x full", "in -1 full", "in nan full", "in 5 explode", "in 1e9 full"]
)
def test_nonsense_does_not_wait(timed, timers, line):
    assert not timed.run(line)["ok"]
    assert not timers


def test_a_timed_line_really_comes(remote, handset):
    remote.run("in 0 battery 7 30")
    while handset.battery.percent == 82:
        pass


def test_each_command_is_explained(remote):
    text = remote.run("help")["help"]
    for verb in remote.run("explode")["commands"]:
        assert f"``{verb}" in text, verb


def test_a_pace_is_told_when_the_program_starts(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("in 3600 full\nquit\n"))
    assert run_virtual_phone(pace="mi-a1") == 0
    hello, later, goodbye = map(json.loads, capsys.readouterr().out.splitlines())
    assert "simulated mi-a1" in hello["note"]
    assert later["ok"]
    assert goodbye["command"] == "quit"
    with pytest.raises(LabError, match="no pace 'nexus'"):
        run_virtual_phone(pace="nexus")
