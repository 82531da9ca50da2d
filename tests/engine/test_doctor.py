"""The doctor says what is wrong and what to do about it, and changes nothing."""

import sqlite3

import pytest

from engine import doctor
from engine.doctor import Check, State, as_text, worst
from engine.settings import Settings


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "config").mkdir()
    return tmp_path


def one(checks):
    (check,) = checks
    return check


def test_the_worst_state_counts():
    assert worst([]) is State.OK
    assert worst([Check("a", State.OK, ""), Check("b", State.WARN, "")]) is State.WARN
    assert worst([Check("a", State.FAIL, ""), Check("b", State.WARN, "")]) is State.FAIL


def test_the_text_to_copy_masks_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    text = as_text([Check("disk", State.WARN, f"full at {tmp_path}/x", "Make room.")])
    assert text == "[warn] disk: full at ~/x\n       Make room."


def test_a_broken_file_of_runs_is_said_and_left_alone(home):
    file = home / "data" / "lab.sqlite"
    file.write_bytes(b"rubbish" * 100)
    check = one(doctor._records())
    assert check.state is State.WARN
    assert "set it aside" in check.advice
    assert file.read_bytes() == b"rubbish" * 100


def test_runs_are_counted_without_writing(home):
    connection = sqlite3.connect(home / "data" / "lab.sqlite")
    connection.execute("CREATE TABLE runs (id)")
    connection.execute("INSERT INTO runs VALUES (1)")
    connection.commit()
    connection.close()
    assert one(doctor._records()).text.startswith("1 runs")


def test_a_key_that_is_damaged_fails(home):
    (home / "config" / "signing-key.pem").write_text("not a key")
    assert one(doctor._signing_key()).state is State.FAIL


def test_a_key_that_others_may_read_is_a_warning(home):
    from engine.apk.signing import SigningKey

    path = home / "config" / "signing-key.pem"
    SigningKey.load_or_create(path)
    assert one(doctor._signing_key()).state is State.OK
    path.chmod(0o644)
    check = one(doctor._signing_key())
    assert check.state is State.WARN
    assert "chmod 600" in check.advice


def test_no_key_yet_is_well_and_makes_none(home):
    assert one(doctor._signing_key()).state is State.OK
    assert list((home / "config").iterdir()) == []


def test_a_server_file_of_ones_own_that_is_missing_fails():
    check = one(doctor._server_file(Settings(scrcpy_server="/no/scrcpy-server-v4.1")))
    assert check.state is State.FAIL
    assert one(doctor._server_file(Settings())).state is State.OK


@pytest.mark.parametrize(
    ("names", "state"),
    [((), State.WARN), (("DISPLAY",), State.OK), (("WAYLAND_DISPLAY",), State.OK)],
)
def test_a_display_is_looked_for(monkeypatch, names, state):
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name in names:
        monkeypatch.setenv(name, ":7")
    assert one(doctor._display()).state is state


@pytest.mark.parametrize(("version", "state"), [(41, State.OK), (39, State.WARN)])
def test_another_adb_of_another_version_is_a_warning(tmp_path, monkeypatch, version, state):
    program = tmp_path / "adb"
    program.write_text("#!/bin/sh\necho Android Debug Bridge version 1.0.41\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert one(doctor._other_adb(version)).state is state


def test_no_other_adb_is_no_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(doctor._other_adb(41)) == []
