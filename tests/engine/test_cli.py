"""Every action from a terminal: clean JSON, one sentence for bad input, right exit codes."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import numpy as np
import pytest
import typer

from engine import cli
from engine.cli import run_cli
from engine.errors import LabError
from engine.jobs import Ended, Outcome, Progress, ignore_progress
from engine.link.messages import SAMPLE_DTYPE
from engine.records.database import Database
from engine.records.values import End
from engine.terminal import console
from engine.terminal.console import work
from engine.terminal.phone_commands import choose_phone
from tests.engine.records.conftest import make_facts

ROOT = Path(__file__).parents[2]
HEAVY = ("tensorflow", "numpy", "cv2", "av", "PySide6", "adbutils", "ai_edge_litert")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, and an adb port where a stranger listens, so that no adb starts."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    root = logging.getLogger()
    before, level, hook = list(root.handlers), root.level, threading.excepthook
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(stranger.getsockname()[1]))
        threading.Thread(target=_hang_up_on_everybody, args=(stranger,), daemon=True).start()
        yield tmp_path / "home"
        stranger.shutdown(socket.SHUT_RDWR)
    threading.excepthook = hook
    root.setLevel(level)
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()


def _hang_up_on_everybody(stranger):
    try:
        while True:
            stranger.accept()[0].close()
    except OSError:
        return


def samples(count):
    array = np.zeros(count, SAMPLE_DTYPE)
    array["sequence"] = np.arange(count)
    array["infer_ns"] = 40_000_000
    array["finished_ns"] = np.arange(count) * 50_000_000
    return array


@pytest.fixture
def kept_run(home, facts):
    database = Database(home_data(home) / "lab.sqlite")
    run_id = database.begin_run(facts)
    database.append(run_id, samples(40))
    database.finish(run_id, End.COMPLETED)
    database.close()
    return run_id


def home_data(home):
    folder = home / "data"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def facts():
    return make_facts()


def test_help_names_every_command(capfd):
    assert run_cli(["--help"]) == 0
    said = capfd.readouterr().out
    for command in (
        "doctor",
        "phones",
        "variants",
        "model",
        "apk",
        "deploy",
        "measure",
        "mirror",
        "install",
        "remove",
        "clean",
        "virtual-phone",
        "runs",
    ):
        assert command in said


@pytest.mark.parametrize("asked", ["-h", "--help"])
def test_help_gives_a_flag_no_value(capfd, asked):
    assert run_cli(["doctor", asked]) == 0
    said = capfd.readouterr().out
    assert "--json" in said
    assert "bool" not in said


def test_the_version_is_told(capfd):
    assert run_cli(["--version"]) == 0
    assert capfd.readouterr().out.startswith("mobilenet-lab ")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from engine.cli import run_cli; run_cli(['--help']);"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["nonsense"], "No such command"),
        (["measure", "--seconds", "soon"], "--seconds"),
        (["measure", "--seconds", "0"], "--seconds"),
        (["model", "inspect"], "MODEL"),
        (["model", "inspect", "no.tflite"], "cannot be read"),
        (["model", "inspect", "README.md"], "not a TensorFlow Lite model"),
        (["model", "run", "no.tflite", "no.png"], "cannot be read"),
        (["model", "build", "v1_0.55_128-int8"], "Did you mean"),
        (["model", "build", "v1_0.50_128-int7"], "int8"),
        (["apk", "build", "no.tflite", "--output", "x.apk"], "cannot be read"),
        (["mirror", "--screenshot", "phone.jpg"], ".png"),
        (["apk", "build", "v1_0.50_128-int8", "--output", "/no/such/x.apk"], "no folder"),
        (["model", "build", "v1_0.50_128-int8", "--output", "/no/such/x"], "no folder"),
        (["deploy", "v1_0.50_128-int8", "--output", "/no/such/x.apk"], "no folder"),
        (["measure", "--json", "/no/such/folder/run.json"], "no folder"),
        (["mirror", "--screenshot", "/no/such/folder/phone.png"], "no folder"),
        (["runs", "export", "99"], "no run 99"),
        (["install"], "FILE.apk"),
        (["install", "README.md"], "adb"),
        (["remove"], "adb"),
        (["clean", "--phone", "nowhere:1"], "adb"),
        (["phones"], "adb"),
        (["measure"], "adb"),
        (["virtual-phone", "--camera", "/no/such/folder"], "/no/such/folder"),
        (["virtual-phone", "--android", "3"], "Android 3"),
    ],
)
def test_bad_input_is_named_and_leaves_with_2(capfd, monkeypatch, argv, sentence):
    monkeypatch.chdir(ROOT)
    assert run_cli(argv) == 2
    out, err = capfd.readouterr()
    assert sentence in err
    assert out == ""
    assert "Traceback" not in err


def test_variants_are_clean_json(capfd):
    assert run_cli(["variants", "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)
    assert len(listed) == 16 + 29
    assert listed[0]["macs"][0]["source"]


def test_variants_are_a_table_too(capfd):
    assert run_cli(["variants"]) == 0
    lines = [" ".join(line.split()) for line in capfd.readouterr().out.splitlines()]
    assert len([line for line in lines if line[-1] != ":"]) == 1 + 16 + 29
    assert lines[17] == "v1_0.25_128 14 0.47 41.3 % 66.2 % 39.5 %"
    assert lines[18] == "MobileNet v2:"


def test_no_runs_is_an_empty_list(capfd):
    assert run_cli(["runs", "list", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == []


def test_runs_are_listed_and_exported(capfd, kept_run, tmp_path):
    assert run_cli(["runs", "list", "--json"]) == 0
    (row,) = json.loads(capfd.readouterr().out)
    assert (row["id"], row["sample_count"], row["end"]) == (kept_run, 40, "completed")
    assert run_cli(["runs", "export", str(kept_run), str(tmp_path / "run.json")]) == 0
    capfd.readouterr()
    assert run_cli(["runs", "export", str(kept_run)]) == 0
    written = json.loads((tmp_path / "run.json").read_text())
    assert json.loads(capfd.readouterr().out) == written
    assert written["summary"]["median_ms"] == 40


def test_a_run_table_has_one_line_per_run(capfd, kept_run):
    assert run_cli(["runs", "list"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "v1_0.50_128-int8" in lines[1]


def test_a_broken_file_of_runs_is_said_on_stderr(capfd, home):
    (home_data(home) / "lab.sqlite").write_bytes(b"rubbish" * 100)
    assert run_cli(["runs", "list", "--json"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out) == []
    assert "damaged" in err
    assert list((home / "data").glob("*.broken-*"))


def test_the_doctor_says_all_and_fails_with_2_without_adb(capfd):
    assert run_cli(["doctor", "--json"]) == 2
    checks = {each["name"]: each for each in json.loads(capfd.readouterr().out)}
    assert checks["adb"]["state"] == "fail"
    assert checks["adb"]["advice"]
    assert checks["python"]["state"] == "ok"
    assert {"screen server", "LiteRT", "phone app", "records", "signing key"} <= set(checks)


def test_a_home_that_cannot_be_made_is_one_sentence(capfd, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "file" / "home"))
    assert run_cli(["variants"]) == 2
    assert "MOBILENET_LAB_HOME" in capfd.readouterr().err


def test_a_bug_is_in_the_log_and_leaves_with_1(capfd, home, monkeypatch):
    broken = typer.Typer()

    @broken.command()
    def crash():
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", broken)
    assert run_cli([]) == 1
    err = capfd.readouterr().err
    assert "Traceback" not in err
    assert "lab.log" in err
    assert "ZeroDivisionError" in (home / "log" / "lab.log").read_text()


def test_work_that_breaks_leaves_with_1_and_its_trace_in_the_log(caplog):
    def task(report, cancel):
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR), pytest.raises(typer.Exit) as ended:
        work("test", task)
    assert ended.value.exit_code == 1
    assert "ZeroDivisionError" in caplog.text


def test_work_hands_on_its_result_its_error_and_its_steps(capfd):
    def good(report, cancel):
        report(Progress("build", 0.5))
        report(Progress("build", 1.0))
        report(Progress("sign"))
        return 42

    def bad(report, cancel):
        raise LabError("No.", "Do this.")

    assert work("test", good) == 42
    assert capfd.readouterr() == ("", "build\nsign\n")
    with pytest.raises(LabError, match="Do this"):
        work("test", bad)


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_cancels_the_work_and_leaves_with_130():
    code = (
        "import sys, typer\n"
        "from engine import cli\n"
        "from engine.terminal.console import say, work\n"
        "app = typer.Typer()\n"
        "@app.command()\n"
        "def wait():\n"
        "    work('test', lambda report, cancel: (say('waiting'), cancel.wait(100)))\n"
        "cli.app = app\n"
        "sys.exit(cli.run_cli([]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert rest == "Cancelled.\n"


def test_two_ctrl_c_in_one_moment_are_one_and_a_later_one_means_at_once(monkeypatch):
    cancelled = []
    job = SimpleNamespace(cancel=lambda: cancelled.append(True))
    events = SimpleQueue()
    for event in (console._INTERRUPT, console._INTERRUPT, Ended(Outcome.CANCELLED)):
        events.put(event)
    assert console._wait(job, events, ignore_progress) == Ended(Outcome.CANCELLED)
    assert cancelled == [True]
    monkeypatch.setattr(console, "IMPATIENT_S", -1.0)
    events.put(console._INTERRUPT)
    events.put(console._INTERRUPT)
    with pytest.raises(KeyboardInterrupt):
        console._wait(job, events, ignore_progress)


def test_the_doctor_takes_a_home_that_is_named_from_here(capfd, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOBILENET_LAB_HOME", "here")
    assert run_cli(["runs", "list"]) == 0
    assert run_cli(["doctor"]) == 2  # because there is no adb server
    assert "Something in the lab broke" not in capfd.readouterr().err


class FakeAdb:
    """A server with these phones: serial -> adb's word."""

    def __init__(self, **phones):
        self.known = phones
        self.connected = []

    def phones(self):
        from engine.phones.adb import AdbPhone

        return tuple(
            AdbPhone(serial.replace("_", ":"), state, {"model": "Mi_A1"})
            for serial, state in self.known.items()
        )

    def connect(self, address):
        self.connected.append(address)
        self.known[address] = "device"


def test_the_only_ready_phone_is_chosen():
    assert choose_phone(FakeAdb(a="unauthorized", b="device"), "") == "b"


@pytest.mark.parametrize(
    ("phones", "asked", "sentence"),
    [
        ({}, "", "No phone is connected"),
        ({"a": "device", "b": "device"}, "", r"a \(Mi.A1\), b \(Mi.A1\).*--phone"),
        ({"a": "unauthorized"}, "", "unauthorized.*Allow"),
        ({"a": "offline", "b": "device"}, "a", "a is offline"),
        ({"abc": "device", "xyz": "device"}, "abd", "no phone abd.*abc"),
        ({}, "abd", "no phone abd.*No phone is connected"),
    ],
)
def test_a_choice_that_cannot_be_made_says_why(phones, asked, sentence):
    with pytest.raises(LabError, match=sentence):
        choose_phone(FakeAdb(**phones), asked)


def test_an_address_that_is_not_in_the_list_is_connected():
    adb = FakeAdb()
    assert choose_phone(adb, "127.0.0.1:40000") == "127.0.0.1:40000"
    assert adb.connected == ["127.0.0.1:40000"]
