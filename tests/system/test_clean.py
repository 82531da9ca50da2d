"""The phone is left as it was found, by a lab that ends well and by one that is killed."""

import json
import re

import pytest

from tests.system.test_line import LABELS, MODEL, PHOTOS, wait_until_running

pytestmark = pytest.mark.system

if not MODEL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)

AWAKE = "settings get global stay_on_while_plugged_in"


@pytest.fixture(params=["14", "7.1.2"])
def program(adb, start_phone, request):
    program = start_phone("--camera", str(PHOTOS), "--android", request.param)
    assert "connected to" in adb.run("connect", program.serial).out
    yield program
    adb.run("disconnect", program.serial)


def state_of(program):
    """Return all that can change on the phone, as the phone itself knows it."""
    return program.tell("state")["state"]


def changes(before, after):
    """Return what differs: (kind, name) -> how it was and how it is."""
    assert before.keys() == after.keys()
    return {
        (kind, name): (before[kind].get(name), after[kind].get(name))
        for kind in before
        for name in before[kind].keys() | after[kind].keys()
        if before[kind].get(name) != after[kind].get(name)
    }


def seen_from_outside(adb, program):
    """Return what any computer can see of the phone."""
    commands = [
        "find / -type f",
        *(f"settings list {namespace}" for namespace in ("global", "system", "secure")),
        "pm list packages -f",
        "dumpsys package",
        "ps -A",
        "dumpsys window",
        "getprop",
        "df -k /data",
    ]
    said = {line: adb.run("-s", program.serial, "shell", line).out for line in commands}
    said["ps -A"] = re.sub(r" +\d+ +\d+ ", " ", said["ps -A"])
    said["find / -type f"] = re.sub(r"/proc/\d+/", "/proc/N/", said["find / -type f"])  # its sh's
    return said


def test_a_cleaned_phone_is_as_it_was_before_the_lab_came(adb, lab, program, tmp_path):
    before, seen = state_of(program), seen_from_outside(adb, program)
    lab.run("deploy", MODEL, "--labels", LABELS)
    lab.run("mirror", "--screenshot", tmp_path / "phone.png")
    lab.run("swap", MODEL, "--name", "another")
    lab.run("measure", "--seconds", "1")
    jar = "/data/local/tmp/scrcpy-server.jar"  # a mirror that was cut off leaves it
    assert adb.run("-s", program.serial, "push", MODEL, jar).code == 0
    used = state_of(program)
    assert used["packages"] != before["packages"]
    assert used["files"] != before["files"]
    assert used["settings"] == before["settings"]  # given back when each session closed
    cleaned = lab.json("clean")
    assert cleaned["phone"] == program.serial
    assert cleaned["removed"] == ["org.mobilenetlab.phone", jar]
    assert changes(before, state_of(program)) == {}
    assert seen_from_outside(adb, program) == seen
    again, _ = lab.run("clean")
    assert again == f"Nothing of the lab is left on {program.serial}.\n"


def kill_while_measuring(adb, lab, program):
    """Kill a lab that has a session open, and return once the phone was told to stay awake."""
    process = lab.start("measure", "--seconds", "60")
    wait_until_running(lab, process)
    wait = f'until [ "$({AWAKE})" = 7 ]; do sleep 0.05; done'
    assert adb.run("-s", program.serial, "shell", wait).code == 0
    process.kill()
    process.communicate()
    assert adb.run("-s", program.serial, "shell", AWAKE).out.strip() == "7"


@pytest.mark.parametrize("program", ["14"], indirect=True)
def test_what_a_killed_lab_changed_is_restored_by_cleaning(adb, lab, program):
    before = state_of(program)
    lab.run("deploy", MODEL, "--labels", LABELS)
    kill_while_measuring(adb, lab, program)
    (kept,) = (lab.home / "data" / "borrowed").iterdir()
    assert json.loads(kept.read_bytes())[0]["old"] == "0"
    out, _ = lab.run("clean")
    assert "restored  global stay_on_while_plugged_in = 0" in out
    assert changes(before, state_of(program)) == {}
    assert not kept.exists()


@pytest.mark.parametrize("program", ["14"], indirect=True)
def test_what_a_killed_lab_changed_is_restored_by_the_next_session(adb, lab, program):
    before = state_of(program)["settings"]
    lab.run("deploy", MODEL, "--labels", LABELS)
    kill_while_measuring(adb, lab, program)
    lab.run("measure", "--seconds", "0.5")
    assert state_of(program)["settings"] == before
