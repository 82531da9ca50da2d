"""What the lab's app infers on, and as what: pictures, cameras, delegates, tasks."""

import json
import struct

import numpy as np
import pytest

from engine.errors import LabError
from engine.models.recognition import ClassScore, Recognition
from engine.virtual_phone.app.apk_content import GPU_LIBRARY
from engine.virtual_phone.app.app_folder import FACTS, MODEL
from engine.virtual_phone.app.layout import lay_out
from engine.virtual_phone.app.link_messages import (
    NO_RESULT,
    FromLab,
    FromPhone,
    Sample,
    message,
)
from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.app.recorder import Recorder, Turn
from engine.virtual_phone.handset import Battery
from engine.virtual_phone.screen.pages import page_area

PICTURES = [np.full((20 + n, 30, 3), 40 * n, np.uint8) for n in range(3)]


class Broken:
    """A camera's source that counts how often it was tried."""

    tries = 0

    def read(self, _elapsed_s):
        self.tries += 1
        raise LabError("The camera is gone.")

    def close(self):
        pass


def tap(phone, rect):
    phone.screen.touch("down", *rect.middle)
    phone.screen.touch("up", *rect.middle)


def results(lab, count):
    """Return (sequence, picture) of the next results."""
    payloads = [lab.read_until(FromPhone.RESULT) for _ in range(count)]
    return [(one[0], one[4]) for one in (struct.unpack_from("<IIBBH", p) for p in payloads)]


def read_state_until(lab, holds):
    while not holds(state := lab.read_json(FromPhone.STATE)):
        pass
    return state


# Pictures of the APK.


def test_bundled_pictures_are_told_and_inferred_in_their_order(start, phone):
    lab = start(phone, pictures=PICTURES, source="pictures")
    hello = lab.read_json(FromPhone.HELLO)
    assert hello["sources"] == ["camera", "pictures", "loop"]
    assert hello["pictures"] == 3
    assert phone.screen._app.state()["source"] == "pictures"
    for sequence, picture in results(lab, 6):
        assert picture == (sequence - 1) % 3 + 1  # sequence 0 was the first run, on nothing
    seen = [rgb.shape for rgb in phone.opened[0].seen]
    assert seen[1:7] == [one.shape for one in (*PICTURES, *PICTURES)]


def test_an_apk_that_asks_for_pictures_it_lacks_says_so(start, phone):
    lab = start(phone, source="pictures")
    assert "pictures" not in lab.read_json(FromPhone.HELLO)["sources"]
    state = read_state_until(lab, lambda state: state["error"])
    assert (state["source"], state["error"]["code"]) == ("pictures", "no_pictures")
    assert lab.ask(FromLab.SET, 1, {"source": "loop"})["ok"]
    assert phone.screen._app.state()["error"] is None


def test_a_sample_of_a_picture_has_no_camera_time(start, phone, samples_in):
    lab = start(phone, pictures=PICTURES, source="pictures")
    records = []
    while len(records) < 5:
        records += samples_in(lab.read_until(FromPhone.SAMPLES))
    for _, _, captured, finished, camera, convert, _, post, *_ in records[1:]:
        assert captured < finished
        assert (camera, convert, post) == (0, 1000, 3000)


def test_the_pictures_begin_anew_with_each_load_and_each_switch_to_them(start, phone):
    lab = start(phone, pictures=PICTURES)
    for change in ({"source": "pictures"}, {"source": "loop"}, {"source": "pictures"}):
        already = len(phone.opened[-1].seen)
        assert lab.ask(FromLab.SET, 1, change)["ok"]
        if change["source"] == "pictures":
            results(lab, 1)
            first = next(rgb for rgb in phone.opened[-1].seen[already:] if rgb.shape[1] == 30)
            assert first.shape == PICTURES[0].shape
    assert lab.load(b"another") == {"ok": True}
    results(lab, 2)
    phone.wait(lambda: len(phone.opened[-1].seen) > 1)
    assert phone.opened[-1].seen[1].shape == PICTURES[0].shape


def test_a_change_of_threads_does_not_begin_the_pictures_anew(start, phone):
    lab = start(phone, pictures=PICTURES, source="pictures")
    results(lab, 2)
    assert lab.ask(FromLab.SET, 1, {"delegate": "cpu"})["ok"]
    old, new = phone.opened
    phone.wait(lambda: len(new.seen) > 1)
    last = [one.shape for one in PICTURES].index(old.seen[-1].shape)
    assert new.seen[1].shape == PICTURES[(last + 1) % 3].shape


def test_grey_pictures_are_shown_and_what_is_no_picture_is_left_out(start, phone):
    grey = np.full((8, 8), 77, np.uint8)
    clear = np.zeros((8, 8, 4), np.uint8)
    lab = start(phone, pictures=[b"no picture", grey, clear, np.zeros((8, 8, 3), np.uint16)])
    hello = lab.read_json(FromPhone.HELLO)
    assert hello["pictures"] == 1
    assert lab.ask(FromLab.SET, 1, {"source": "pictures"})["ok"]
    assert {picture for _, picture in results(lab, 3)} == {1}
    assert (phone.opened[0].seen[-1] == 77).all()
    assert phone.opened[0].seen[-1].shape == (8, 8, 3)


def test_at_most_64_pictures_are_taken(start, phone):
    tiny = np.zeros((2, 2, 3), np.uint8)
    assert start(phone, pictures=[tiny] * 70).read_json(FromPhone.HELLO)["pictures"] == 64


def test_the_screen_shows_the_picture_that_was_inferred(start, phone):
    start(phone, pictures=[np.full((48, 64, 3), 250, np.uint8)], source="pictures")
    picture = lay_out(page_area(*phone.screen.size)).picture
    x, y = picture.middle
    phone.wait(lambda: tuple(phone.screen.picture()[y, x]) == (250, 250, 250))


# Cameras.


def test_the_lab_switches_the_camera(start, phone):
    lab = start(phone)
    results(lab, 1)
    assert lab.ask(FromLab.SET, 1, {"camera": "front"})["ok"]
    front = phone.screen._cameras["front"]
    phone.wait(lambda: front.latest() is not None)
    assert phone.screen._cameras["back"]._thread is None  # one at a time
    phone.wait(lambda: any(rgb is front.latest().rgb for rgb in phone.opened[0].seen[-3:]))
    assert phone.screen._app.state()["camera"] == "front"


def test_the_button_on_the_picture_switches_the_camera_and_tells_the_lab(start, phone):
    lab = start(phone)
    layout = lay_out(page_area(*phone.screen.size))
    tap(phone, layout.camera_button)
    read_state_until(lab, lambda state: state["camera"] == "front")
    tap(phone, layout.camera_button)
    read_state_until(lab, lambda state: state["camera"] == "back")


def test_the_button_is_only_there_for_the_camera(start, phone):
    start(phone, source="loop")
    area = page_area(*phone.screen.size)
    assert [one.name for one in phone.screen._page().targets(area)] == ["pause"]


def test_a_camera_that_rested_gives_no_old_picture(start, phone, samples_in):
    lab = start(phone)
    results(lab, 1)
    assert lab.ask(FromLab.SET, 1, {"paused": True})["ok"]
    back = phone.screen._cameras["back"]
    phone.wait(lambda: back._thread is None)
    rested_ns = back._take().captured_ns  # as if one more had come when nobody looked
    lab.seen.clear()
    assert lab.ask(FromLab.SET, 2, {"paused": False})["ok"]
    results(lab, 1)
    lab.read_until(FromPhone.SAMPLES)
    payloads = [data for kind, data in lab.seen if kind == FromPhone.SAMPLES]
    assert all(one[2] > rested_ns for data in payloads for one in samples_in(data))


def test_another_app_that_takes_the_camera_is_told_and_it_goes_on_by_itself(start, phone):
    lab = start(phone)
    phone.handset.camera_busy = True
    state = read_state_until(lab, lambda state: state["error"] is not None)
    assert state["error"]["code"] == "camera_busy"
    phone.wait(lambda: phone.screen._cameras["back"]._thread is None)
    phone.handset.camera_busy = False
    read_state_until(lab, lambda state: state["error"] is None)
    results(lab, 1)


def test_a_camera_that_breaks_is_told_once_until_it_works(start, phone):
    lab = start(phone)
    results(lab, 1)
    back, broken = phone.screen._cameras["back"], Broken()
    source, back._source = back._source, broken
    state = read_state_until(lab, lambda state: state["error"] is not None)
    assert state["error"] == {"code": "no_camera", "text": "The camera is gone."}
    phone.wait(lambda: broken.tries > 2)  # it is tried again and again, and nobody is told
    back._source = source
    assert read_state_until(lab, lambda _: True)["error"] is None
    results(lab, 1)


def test_a_phone_without_a_camera_says_so(start, blind_phone):
    lab = start(blind_phone)
    hello = lab.read_json(FromPhone.HELLO)
    assert (hello["sources"], hello["cameras"]) == (["loop"], [])
    assert blind_phone.screen._app.state()["error"]["code"] == "no_camera"
    assert lab.ask(FromLab.SET, 1, {"camera": "back"})["code"] == "bad_value"
    assert lab.ask(FromLab.SET, 2, {"source": "loop"})["ok"]
    assert blind_phone.screen._app.state()["error"] is None


# Delegates.


def test_the_gpu_may_be_asked_for_if_its_library_is_there_and_is_refused(start, phone):
    lab = start(phone, libraries=[GPU_LIBRARY])
    assert lab.read_json(FromPhone.HELLO)["delegates"] == ["cpu", "xnnpack", "nnapi", "gpu"]
    assert lab.ask(FromLab.SET, 1, {"delegate": "gpu"})["ok"]
    state = phone.screen._app.state()
    assert (state["delegate"], state["delegate_applied"]) == ("gpu", "xnnpack")
    assert "GPU" in state["delegate_note"]
    assert lab.ask(FromLab.SET, 2, {"delegate": "xnnpack"})["ok"]
    assert phone.screen._app.state()["delegate_note"] == ""


def test_an_apk_may_ask_for_what_the_phone_has_not(start, phone):
    start(phone, delegate="gpu")
    state = phone.screen._app.state()
    assert (state["delegate"], state["delegate_applied"]) == ("gpu", "xnnpack")
    assert state["delegate_note"]


@pytest.mark.parametrize("delegate", ["xnnpack", "cpu", "nnapi"])
def test_xnnpack_executes_a_real_model_or_does_not(real_phone, shared, delegate):
    model = shared / "models" / "mobilenet_v1_0.25_128_quant.tflite"
    real_phone.install(model.read_bytes(), "", delegate=delegate)
    real_phone.screen.launch(PACKAGE)
    real_phone.wait(lambda: real_phone.screen._app.model() is not None)
    app = real_phone.screen._app
    operations = {one["op_name"] for one in app._opened.host._interpreter._get_ops_details()}
    assert ("DELEGATE" in operations) == (app.state()["delegate_applied"] == "xnnpack")
    assert (app.state()["delegate_applied"] == "xnnpack") == (delegate != "cpu")


# Tasks.


@pytest.mark.parametrize(
    ("task", "fit", "tail"),
    [
        ("classification", "crop", struct.pack("<IfIf", 1, 0.75, 0, 0.25)),
        ("detection", "stretch", struct.pack("<Ifffff", 1, 0.75, 0.0, 0.5, 0.5, 1.0)),
        ("embedding", "crop", struct.pack("<Iff", 2, 3.0, -4.0)),
        ("segmentation", "stretch", struct.pack("<IfIfHH4B", 0, 0.75, 1, 0.25, 2, 2, 0, 1, 0, 0)),
    ],
)
def test_each_task_has_its_kind_of_result(start, phone, task, fit, tail):
    lab = start(phone, task=task)
    model = lab.read_json(FromPhone.MODEL)
    assert (model["task"], model["fit"]) == (task, fit)
    payload = lab.read_until(FromPhone.RESULT)
    kinds = ("classification", "detection", "embedding", "segmentation")
    assert payload[8] == kinds.index(task)
    assert payload[12:] == tail


def test_what_the_apk_says_of_the_reading_is_obeyed_and_nonsense_is_not(start, phone):
    start(phone, task="embedding", fit="letterbox", scores="logits")
    how = phone.opened[0].how
    assert (how["task"], how["fit"], how["scores"]) == ("embedding", "letterbox", "logits")
    phone.screen.stop(PACKAGE)
    start(phone, task="juggling", fit=7, scores=None)
    how = phone.opened[-1].how
    assert (how["task"], how["fit"], how["scores"]) == ("outputs", "", "outputs")


def test_a_model_that_does_not_fit_its_task_is_told(phone):
    phone.install(b"embedding", task="segmentation")
    phone.screen.launch(PACKAGE)
    phone.wait(lambda: phone.screen._app.state()["error"] is not None)
    assert phone.screen._app.state()["error"]["code"] == "bad_model"


def test_a_sent_model_is_read_as_the_lab_says(start, phone):
    lab = start(phone)
    assert lab.load(b"embedding", task="embedding", fit="letterbox", scores="logits")["ok"]
    model = phone.screen._app.model()
    assert (model["task"], model["fit"]) == ("embedding", "letterbox")


def test_real_models_are_read_by_their_outputs(real_phone, shared):
    models = shared / "models"
    for name, kind in (
        ("coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite", "detection"),
        ("mobilenet_v1_0.25_128_quant.tflite", "classification"),
        ("mobilenet_v1_1.0_224_quant_embedding_extractor.tflite", "classification"),
    ):
        real_phone.install((models / name).read_bytes(), "")
        real_phone.screen.launch(PACKAGE)
        real_phone.wait(lambda: real_phone.screen._app.model() is not None)
        assert real_phone.screen._app.model()["task"] == kind  # an APK that says nothing
        real_phone.screen.stop(PACKAGE)


# What outlives the app, and what does not harm it.


def test_an_app_killed_in_mid_upload_has_its_last_good_model_when_it_comes_back(
    start, connect, phone
):
    lab = start(phone)
    assert lab.load(b"embedding", task="embedding", fit="stretch", scores="logits")["ok"]
    begin = {"name": "late", "size_bytes": 10, "sha256": "0" * 64, "labels": []}
    assert lab.ask(FromLab.LOAD_BEGIN, 7, begin)["ok"]
    assert lab.ask(FromLab.LOAD_CHUNK, 8, struct.pack("<Q", 0) + b"half")["ok"]
    phone.handset.force_stop(PACKAGE)
    phone.screen.launch(PACKAGE)
    again = connect(phone)
    model = again.read_json(FromPhone.MODEL)
    assert (model["name"], model["task"], model["fit"]) == ("sent", "embedding", "stretch")
    assert model["labels"] == ["ant", "bee"]
    assert model["untrained"] is True
    assert phone.opened[-1].how["scores"] == "logits"
    answer = again.ask(FromLab.LOAD_CHUNK, 9, struct.pack("<Q", 4) + b"rest")
    assert answer["code"] == "bad_state"


def test_a_lab_that_dies_in_mid_upload_harms_nothing_and_another_goes_on(start, connect, phone):
    lab = start(phone)
    begin = {"name": "late", "size_bytes": 10, "sha256": "0" * 64, "labels": []}
    assert lab.ask(FromLab.LOAD_BEGIN, 7, begin)["ok"]
    assert lab.ask(FromLab.LOAD_CHUNK, 8, struct.pack("<Q", 0) + b"half")["ok"]
    lab.stream.close()
    phone.wait(lambda: not phone.screen._app._link.linked)
    runs = phone.opened[0].runs
    phone.wait(lambda: phone.opened[0].runs > runs + 3)  # it works on with nobody there
    again = connect(phone)
    assert again.read_json(FromPhone.MODEL)["generation"] == 1
    assert again.ask(FromLab.LOAD_END, 9)["code"] == "bad_state"
    assert again.load(b"another") == {"ok": True}
    assert again.read_until(FromPhone.SAMPLES)


def test_a_full_phone_takes_no_model_at_any_step(start, phone):
    lab = start(phone)
    old = phone.screen._app.model()
    begin = {"name": "big", "size_bytes": 10, "sha256": "0" * 64, "labels": []}
    phone.handset.storage.leave(9)
    assert lab.ask(FromLab.LOAD_BEGIN, 1, begin)["code"] == "no_space"
    phone.handset.storage.leave(1000)
    assert lab.ask(FromLab.LOAD_BEGIN, 2, begin)["ok"]
    phone.handset.storage.leave(3)
    chunk = struct.pack("<Q", 0) + b"four"
    assert lab.ask(FromLab.LOAD_CHUNK, 3, chunk)["code"] == "no_space"
    assert lab.ask(FromLab.LOAD_CHUNK, 4, chunk)["code"] == "bad_state"  # it was dropped
    assert phone.screen._app.model() == old


def test_a_model_that_cannot_be_kept_does_not_run(start, phone, monkeypatch):
    lab = start(phone)
    old = phone.screen._app.model()
    room = iter([True, True, True, False])
    monkeypatch.setattr(type(phone.handset.storage), "has_room", lambda *_: next(room))
    assert lab.load(b"another")["code"] == "no_space"
    assert phone.screen._app.model() == old
    assert not phone.handset.files.exists(MODEL)


def test_the_app_has_a_folder_that_goes_with_its_data(start, phone, sh_on):
    lab = start(phone)
    files = phone.handset.files
    assert lab.load(b"another", task="classification")["ok"]
    assert files.fetch(MODEL) == b"another"
    assert json.loads(files.fetch(FACTS))["task"] == "classification"
    for line in ("ls /data/data", f"ls /data/data/{PACKAGE}/files", f"cat {MODEL}"):
        code, out, err = sh_on(phone.handset)(line)
        assert code != 0
        assert "Permission denied" in out + err
    phone.handset.clear(phone.handset.packages.find(PACKAGE))
    with pytest.raises(FileNotFoundError):
        files.fetch(MODEL)


def test_a_lab_that_reads_slowly_is_sent_no_results_until_it_has_caught_up(start, phone):
    lab = start(phone)
    assert lab.ask(FromLab.SET, 1, {"paused": True})["ok"]
    link = phone.screen._app._link
    assert link.has_room
    sample = Sample(*range(9))
    sent = 0
    while link.has_room:  # the first of these fill the cable, the others wait
        assert sent < 10
        link.publish_sample(sample, message(FromPhone.RESULT, bytes(600_000)))
        sent += 1
    for _ in range(sent):
        lab.read_until(FromPhone.RESULT)
    assert link.has_room
    assert lab.ask(FromLab.PING, 3) == {"ok": True}


@pytest.mark.parametrize("listened", [True, False])
def test_without_a_listener_a_sample_has_no_result(listened):
    recorder = Recorder(Battery())
    read = Recognition("classes", (ClassScore(1, 0.5),), 1, 2, 3)
    sample, result = recorder.record(Turn(1, 5, 2, read), ("", "dog"), listened=listened)
    assert (result is not None) == listened
    assert sample.result == (0 if listened else NO_RESULT)
    assert recorder.numbers.answer.entries == (("dog", ClassScore(1, 0.5)),)


def test_at_most_thirty_results_go_out_in_any_second():
    recorder, step_ns = Recorder(Battery()), 7_000_000
    sent = [at for at in range(0, 5 * 10**9, step_ns) if recorder._may_send(at)]
    for first in sent:
        assert sum(first <= at < first + 10**9 for at in sent) <= 30
    assert len(sent) == 150
