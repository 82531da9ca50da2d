"""A model that takes long to open is waited for; the detector of 2018 is one of them."""

import threading
from queue import SimpleQueue

import pytest

from engine.deploy import Payload, deploy
from engine.link.messages import AppState, Result
from engine.models.interpreter import HostModel
from engine.models.labels import read_labels
from engine.models.recognition import Box
from engine.phones.adb import Adb
from engine.session import Session, SessionOptions
from engine.virtual_phone.adb.daemon import AdbDaemon
from engine.virtual_phone.app.lab_app import LabApp
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.screen.screen import Screen
from engine.virtual_phone.system.system_files import place_system_files
from tests.system.test_line import LABELS, MODEL, PHOTOS, SHARED

pytestmark = pytest.mark.system

SSD = SHARED / "models" / "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite"
WAIT_S = 60

if not MODEL.is_file():
    pytest.skip("the shared models are not here", allow_module_level=True)


def wait_for(events, kind):
    while True:
        event = events.get(timeout=WAIT_S)
        if isinstance(event, kind):
            return event


@pytest.fixture
def may_open():
    return threading.Event()


@pytest.fixture
def slow_phone(adb, may_open):
    """The serial of a phone in this process whose app opens no model before it may."""

    def opener(*args, **how):
        assert may_open.wait(WAIT_S)
        return HostModel.from_bytes(*args, **how)

    handset = Handset("Slow phone", "14")
    place_system_files(handset)
    daemon = AdbDaemon(handset)
    handset.screen = Screen(handset, None, make_app=lambda *args: LabApp(*args, opener=opener))
    assert "connected to" in adb.run("connect", daemon.serial).out
    yield daemon.serial
    adb.run("disconnect", daemon.serial)
    daemon.unplug()
    may_open.set()
    handset.screen.close()


def test_a_deploy_waits_for_a_model_that_is_being_opened(
    adb, slow_phone, may_open, tmp_path, monkeypatch
):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "lab"))
    events = SimpleQueue()
    session = Session(Adb(adb.port), slow_phone, events, SessionOptions(mirror=False, link=False))
    session.open()
    ended = SimpleQueue()

    def work():
        try:
            payload = Payload(MODEL, read_labels(LABELS), "slow", untrained=False)
            ended.put(deploy(session, payload))
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            ended.put(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert wait_for(events, AppState).error is None
    assert ended.empty()
    may_open.set()
    thread.join(WAIT_S)
    assert ended.get(timeout=WAIT_S).link.model.name == "slow"
    session.close()


@pytest.mark.skipif(not SSD.is_file(), reason="the shared detector is not here")
def test_the_detector_of_2018_is_deployed_and_finds_things(adb, start_phone, tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "lab"))
    phone = start_phone("--camera", str(PHOTOS))
    assert "connected to" in adb.run("connect", phone.serial).out
    events = SimpleQueue()
    session = Session(Adb(adb.port), phone.serial, events, SessionOptions(mirror=False, link=False))
    session.open()
    labels = read_labels(SHARED / "models" / "coco_labels.txt")
    link = deploy(session, Payload(SSD, labels, "ssd", untrained=False)).link
    assert link.model.task == "detection"
    result = wait_for(events, Result)
    assert result.entries
    assert all(isinstance(each, Box) for each in result.entries)
    scores = [each.score for each in result.entries]
    assert scores == sorted(scores, reverse=True)
    session.close()
    adb.run("disconnect", phone.serial)
