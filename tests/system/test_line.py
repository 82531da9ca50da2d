"""The whole line with real parts: adb, APK, virtual phone, link, run, record.

Everything goes through the terminal's own program, as a person would do it.
"""

import json
import os
import re
import signal
from pathlib import Path
from queue import SimpleQueue

import cv2
import pytest

from engine.deploy import STEPS, Payload, deploy
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.link.client import Link
from engine.link.messages import LinkLost, Result
from engine.measuring.run import MeasureOptions, measure
from engine.models.interpreter import HostModel
from engine.models.labels import read_labels
from engine.models.pictures import read_picture
from engine.phones.adb import Adb
from engine.records.database import Database
from engine.records.values import End, Flag
from engine.session import Session, SessionOptions

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
MODEL = SHARED / "models" / "mobilenet_v1_0.5_160_quant.tflite"
LABELS = SHARED / "models" / "imagenet_labels.txt"
PHOTOS = SHARED / "pictures" / "photos"
WAIT_S = 30

if not MODEL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)


@pytest.fixture
def phone(adb, start_phone):
    """A virtual phone in the list of this adb server."""
    program = start_phone("--camera", str(PHOTOS))
    assert "connected to" in adb.run("connect", program.serial).out
    yield program
    adb.run("disconnect", program.serial)


@pytest.fixture
def payload():
    return Payload(MODEL, read_labels(LABELS), "half", untrained=False)


@pytest.fixture
def session(adb, phone, tmp_path, monkeypatch):
    """A session in this process, mirror included."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "lab"))
    opened = Session(Adb(adb.port), phone.serial, SimpleQueue(), SessionOptions())
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "lab.sqlite")
    yield opened
    opened.close()


def sensor_sized(photo, folder):
    """Write a photo as the 640 x 480 pixels of the camera's sensor, without loss."""
    folder.mkdir()
    rgb = read_picture(photo)
    height = min(rgb.shape[0], rgb.shape[1] * 3 // 4)
    width = height * 4 // 3
    top, left = (rgb.shape[0] - height) // 2, (rgb.shape[1] - width) // 2
    cut = rgb[top : top + height, left : left + width, ::-1]
    path = folder / "shown.png"
    assert cv2.imwrite(str(path), cv2.resize(cut, (640, 480), interpolation=cv2.INTER_AREA))
    return path


def wait_until_running(lab, process):
    """Wait until the child's run has samples on the disk."""
    for _line in process.stderr:
        if "measure" in _line:
            return
    pytest.fail("the run did not begin")


def test_a_variant_is_deployed_measured_and_exported_from_the_terminal(lab, phone, tmp_path):
    listed = lab.json("phones")
    assert [(each["serial"], each["state"]) for each in listed] == [(phone.serial, "ready")]
    deployed = lab.json("deploy", MODEL, "--labels", LABELS, "--name", "half")
    assert tuple(deployed["seconds"]) == ("model", *STEPS)
    assert deployed["model"]["name"] == "half"
    run_file = tmp_path / "run.json"
    out, _ = lab.run("measure", "--seconds", "2", "--json", run_file)
    assert "median latency" in out
    assert "virtual phone" in out
    run = json.loads(run_file.read_text())
    assert run["run"]["end"] == "completed"
    assert run["run"]["model_sha256"] == deployed["model"]["sha256"]
    assert run["run"]["apk_sha256"] == deployed["apk"]["sha256"]
    assert run["run"]["phone_note"].startswith("virtual phone")
    assert run["summary"]["count"] > 10
    assert len(run["samples"]["infer_ns"]) == run["run"]["sample_count"]
    assert run["health"]
    assert [each["id"] for each in lab.json("runs", "list")] == [run["run"]["id"]]
    exported = json.loads(lab.run("runs", "export", run["run"]["id"])[0])
    assert exported == run


def test_deploy_reports_each_step_in_order_and_the_link_stands(session, payload, database):
    steps = []
    deployed = deploy(session, payload, database=database, report=lambda p: steps.append(p.step))
    assert tuple(dict.fromkeys(steps)) == STEPS
    assert session.link is deployed.link
    assert deployed.link.model.name == "half"
    assert len(deployed.link.model.labels) == 1001
    assert database.last_deployment(session.serial).apk_sha256 == deployed.apk.sha256


def test_a_second_deploy_replaces_the_first(session, payload):
    first = deploy(session, payload).link
    labels = tuple(f"class {number}" for number in range(1001))
    second = deploy(session, Payload(MODEL, labels, "again", untrained=False)).link
    assert session.link is second is not first
    assert second.model.name == "again"
    assert second.model.labels == labels


def test_the_mirror_is_paused_while_measuring_and_comes_back(session, payload, database):
    deploy(session, payload)
    record = measure(session, MeasureOptions(seconds=1), database=database)
    assert record.row.facts.mirror == "paused"
    assert record.row.end is End.COMPLETED


@pytest.mark.parametrize("cancel_at", ["build", "sign", "push", "install", "start", "linked"])
def test_a_deploy_can_be_cancelled_at_each_step(session, payload, cancel_at):
    token = CancelToken()

    def report(progress):
        if progress.step == cancel_at:
            token.cancel()

    with pytest.raises(Cancelled):
        deploy(session, payload, report=report, cancel=token)
    assert deploy(session, payload).link.model.name == "half"


@pytest.mark.parametrize("unplug_at", ["build", "push", "install", "grant", "start", "linked"])
def test_a_phone_that_is_unplugged_in_mid_deploy_is_one_sentence(
    session, payload, phone, unplug_at
):
    todo = [phone]

    def report(progress):
        while todo and progress.step == unplug_at:
            todo.pop().tell("unplug")

    with pytest.raises(LabError) as caught:
        deploy(session, payload, report=report)
    assert caught.value.advice
    phone.tell("replug")


@pytest.mark.parametrize("picture", ["cat_720p.jpg", "parrot.jpg", "hot_dog.jpg"])
def test_what_the_phone_sees_is_what_the_host_sees(
    adb, start_phone, tmp_path, payload, monkeypatch, picture
):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "lab"))
    shown = sensor_sized(PHOTOS / picture, tmp_path / "camera")
    program = start_phone("--camera", str(shown.parent))
    adb.run("connect", program.serial)
    session = Session(
        Adb(adb.port), program.serial, SimpleQueue(), SessionOptions(mirror=False, link=False)
    )
    session.open()
    deploy(session, payload)
    results = SimpleQueue()
    with session.listening(lambda e: results.put(e) if isinstance(e, Result) else None):
        seen = results.get(timeout=WAIT_S)
    session.close()
    adb.run("disconnect", program.serial)
    with HostModel(MODEL, labels=payload.labels) as host:
        expected = host.predict(read_picture(shown))
    assert [each.index for each in seen.entries] == [each.index for each in expected.entries]
    assert [each.score for each in seen.entries] == pytest.approx(
        [each.score for each in expected.entries], abs=1e-6
    )
    wanted = {"cat_720p.jpg": "cat", "parrot.jpg": "macaw", "hot_dog.jpg": "hotdog"}[picture]
    assert wanted in payload.labels[seen.entries[0].index]


def test_a_phone_that_is_unplugged_in_mid_run_keeps_the_run(session, payload, phone, database):
    deploy(session, payload)
    todo = [phone]

    def on_samples(_samples):
        while todo:
            todo.pop().tell("unplug")

    record = measure(session, MeasureOptions(seconds=60), database=database, on_samples=on_samples)
    assert record.row.end is End.LINK_LOST
    assert record.row.sample_count > 0
    assert Flag.CUT_SHORT in record.row.flags


def test_an_app_that_dies_in_mid_run_keeps_the_run(session, payload, phone, database):
    deploy(session, payload)
    todo = [phone]

    def on_samples(_samples):
        while todo:
            todo.pop().tell("kill-app")

    record = measure(session, MeasureOptions(seconds=60), database=database, on_samples=on_samples)
    assert record.row.end is End.LINK_LOST
    assert record.row.sample_count > 0


def test_a_second_lab_at_once_is_refused_and_the_first_goes_on(lab, session, payload):
    link = deploy(session, payload).link
    lost = []
    with link.listening(lambda e: lost.append(e) if isinstance(e, LinkLost) else None):
        _, err = lab.run("measure", "--seconds", "1", code=2)
        assert "Another lab is connected" in err
        link.set(threads=1)
    assert lost == []


def test_a_lab_may_follow_a_lab_at_once(session, payload, phone):
    deploy(session, payload)
    for _ in range(5):
        session.close()
        link = Link.open(session.phone)
        link.close()


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_keeps_the_run_and_leaves_with_130(lab, phone):
    lab.run("deploy", MODEL, "--labels", LABELS)
    process = lab.start("measure", "--seconds", "60")
    wait_until_running(lab, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == 130, out + err
    assert "Cancelled; run 1 keeps" in err
    (run,) = lab.json("runs", "list")
    assert run["end"] == "cancelled"


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_killed_lab_keeps_its_samples_and_the_next_one_works(lab, phone):
    lab.run("deploy", MODEL, "--labels", LABELS)
    process = lab.start("measure", "--seconds", "60")
    wait_until_running(lab, process)
    database = lab.database()
    while not database.runs()[0].sample_count:
        process.poll()
        assert process.returncode is None
    process.kill()
    process.communicate(timeout=WAIT_S)
    (row,) = database.runs()
    assert row.end is End.KILLED
    assert database.load(row.id).summary is not None
    database.close()
    lab.run("measure", "--seconds", "1")


def test_a_screenshot_is_a_png(lab, phone, tmp_path):
    picture = tmp_path / "phone.png"
    lab.run("mirror", "--screenshot", picture)
    assert read_picture(picture).shape[0] > 1000


def test_the_doctor_sees_the_phone(lab, phone):
    checks = lab.json("doctor")
    assert any(phone.serial in each["text"] for each in checks if each["name"] == "phone")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["measure"], "does not answer|not running"),
        (["deploy", "nothing.tflite"], "cannot be read"),
        (["deploy", "README.md"], "not a TensorFlow Lite model"),
        (["deploy", "v1_0.55_128-int8"], "v1_0.50_128"),
        (["deploy", str(MODEL), "--labels", "no.txt"], "no.txt|labels"),
        (["measure", "--phone", "127.0.0.1:1"], "No phone answers"),
        (["measure", "--phone", "nobody"], "There is no phone nobody"),
    ],
)
def test_bad_input_is_one_sentence(lab, phone, args, sentence):
    out, err = lab.run(*args, code=2)
    assert out == ""
    assert re.search(sentence, err)
    assert len(err.strip().splitlines()) == 1


def test_a_phone_that_does_not_allow_this_computer_is_named(lab, adb, start_phone):
    program = start_phone("--ask")
    adb.run("connect", program.serial)
    _, err = lab.run("measure", "--phone", program.serial, code=2)
    assert "unauthorized" in err
    adb.run("disconnect", program.serial)
