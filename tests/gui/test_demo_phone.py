"""The virtual phone's program: started, refused in its own words, never left behind."""

import json
from pathlib import Path

import pytest

from engine.errors import LabError
from engine.jobs import Cancelled, CancelToken
from gui.demo_phone import PhoneProgram


@pytest.fixture
def log(tmp_path) -> Path:
    return tmp_path / "virtual-phone.log"


def test_an_empty_camera_folder_is_told_in_the_programs_own_sentence(tmp_path, log, capfd):
    camera = tmp_path / "camera"
    camera.mkdir()
    program = PhoneProgram(camera, log)
    with pytest.raises(LabError, match="picture") as caught:
        program.start(CancelToken())
    assert "did not start" not in str(caught.value)
    assert "picture" in log.read_text()
    assert capfd.readouterr().err == ""
    assert not program.running


def test_a_program_that_crashes_names_its_log_and_its_last_line(log, monkeypatch):
    monkeypatch.setattr("gui.demo_phone.sys.executable", "/bin/false")
    program = PhoneProgram(None, log)
    with pytest.raises(LabError, match="did not start") as caught:
        program.start(CancelToken())
    assert str(log) in caught.value.advice


def test_a_program_that_is_not_there_is_an_error_with_a_sentence(log, monkeypatch):
    monkeypatch.setattr("gui.demo_phone.sys.executable", "/nowhere/python")
    with pytest.raises(LabError, match="No such file"):
        PhoneProgram(None, log).start(CancelToken())


def test_a_cancelled_start_starts_nothing(log):
    cancel = CancelToken()
    cancel.cancel()
    program = PhoneProgram(None, log)
    with pytest.raises(Cancelled):
        program.start(cancel)
    assert program.child is None


def test_a_pace_that_is_none_is_told_with_those_that_are(log):
    program = PhoneProgram(None, log, pace="nexus")
    with pytest.raises(LabError, match="no pace 'nexus'") as caught:
        program.start(CancelToken())
    assert "mi-a1" in str(caught.value)


def test_a_pace_is_the_virtual_phones(log):
    program = PhoneProgram(None, log, pace="mi-a1")
    assert program.start(CancelToken()).startswith("127.0.0.1:")
    assert program.child is not None
    assert program.child.stdin is not None
    program.child.stdin.write("state\n")
    program.child.stdin.flush()
    assert program.child.stdout is not None
    properties = json.loads(program.child.stdout.readline())["state"]["properties"]
    assert "simulated mi-a1" in properties["ro.mobilenetlab.note"]
    program.end()
    assert not program.running
