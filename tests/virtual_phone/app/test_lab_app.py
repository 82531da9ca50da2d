"""The lab's app on the virtual phone, spoken to over the link by a bare socket."""

import hashlib
import json
import struct
from itertools import pairwise
from pathlib import Path

import pytest

from engine.models.interpreter import HostModel
from engine.models.pictures import read_picture
from engine.virtual_phone.app.link_messages import FromLab, FromPhone
from engine.virtual_phone.app.link_server import LinkServer
from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.app.settings import MAX_THREADS
from engine.virtual_phone.screen.sources import fit_picture
from engine.virtual_phone.system.host_clocks import known_clocks_khz


def test_a_lab_is_greeted_with_hello_then_state_then_model(start, phone):
    lab = start(phone)
    hello, state, model = lab.read(), lab.read(), lab.read()
    assert [kind for kind, _ in (hello, state, model)] == [1, 2, 3]
    facts = json.loads(hello[1])
    assert facts["app"]["package"] == PACKAGE
    assert facts["app"]["version_code"] == 7
    assert facts["phone"]["model"] == "Test phone"
    assert facts["phone"]["sdk"] == 34
    assert facts["sources"] == ["camera", "loop"]
    assert facts["cameras"] == ["back", "front"]
    assert facts["pictures"] == 0
    assert facts["delegates"] == ["cpu", "xnnpack", "nnapi"]
    assert facts["max_threads"] == MAX_THREADS
    assert json.loads(state[1])["source"] == "camera"
    assert json.loads(state[1])["camera"] == "back"
    values = json.loads(model[1])
    assert values["name"] == "v1_0.25_128-int8"
    assert values["sha256"] == hashlib.sha256(b"model").hexdigest()
    assert values["size_bytes"] == 5
    assert values["labels"] == ["cat", "dog"]
    assert values["generation"] == 1
    assert (values["task"], values["fit"]) == ("classification", "crop")


def test_samples_count_up_and_each_result_comes_before_its_sample(start, samples_in, phone):
    lab = start(phone)
    results, records = {}, []
    while len(records) < 10:
        kind, payload = lab.read()
        if kind == FromPhone.RESULT:
            sequence, generation, what, count, _ = struct.unpack_from("<IIBBH", payload)
            assert (generation, what, count) == (1, 0, 2)
            results[sequence] = struct.unpack_from("<If", payload, 12)
        if kind == FromPhone.SAMPLES:
            for record in samples_in(payload):
                records.append(record)
                if record[9] != 0xFFFFFFFF:
                    assert results[record[9]] == (1, 0.75)
    assert len(results) >= 3
    for earlier, later in pairwise(records):
        assert later[0] == earlier[0] + 1
        assert later[2] > earlier[2]  # captured
    for record in records:
        _, _, captured, finished, camera, convert, infer, post, *_ = record
        assert captured < finished
        assert camera < finished - captured
        assert (convert, infer, post) == (1000, 2000, 3000)
        assert record[10] == 310  # 31.0 degrees
        assert record[11] == 0


def test_health_says_what_is_known_of_phone_and_program(start, phone):
    phone.handset.battery.percent = 55
    phone.handset.battery.celsius = 46.0
    health = start(phone).read_json(FromPhone.HEALTH)
    assert health["battery_percent"] == 55
    assert health["thermal"] == 2
    assert health["screen_on"] is True
    assert health["power_save"] is False
    assert health["cpu_khz"] == (known_clocks_khz() or None)
    assert health["pss_kb"] is None or 10_000 < health["pss_kb"] < 10_000_000
    assert health["native_heap_kb"] is None or health["native_heap_kb"] > 1_000


def test_health_follows_the_battery_saver(start, phone):
    lab = start(phone)
    phone.handset.settings["global"]["low_power"] = "1"
    while not lab.read_json(FromPhone.HEALTH)["power_save"]:
        pass


def test_health_knows_whether_the_screen_is_on(start, phone):
    lab = start(phone)
    phone.screen.key(3)  # the app is not in front, but the screen is on
    assert lab.read_json(FromPhone.HEALTH)["screen_on"] is True
    phone.screen.key(26)
    while lab.read_json(FromPhone.HEALTH)["screen_on"]:
        pass


def test_a_second_lab_is_told_busy_and_closed(start, connect, phone):
    first = start(phone)
    first.read_until(FromPhone.STATE)
    second = connect(phone, greet=False)
    assert second.read_json(FromPhone.BYE)["code"] == "busy"
    assert second.stream.read(1) == b""
    assert first.ask(FromLab.PING, 5) == {"ok": True}


def test_after_a_lab_left_the_next_is_welcome(start, connect, phone):
    lab = start(phone)
    lab.read_until(FromPhone.HELLO)  # before that it was not there, and could not leave
    lab.stream.close()
    phone.wait(lambda: not phone.screen._app._link.linked)
    assert connect(phone).read_json(FromPhone.HELLO)["app"]["package"] == PACKAGE


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"MNLB\2\0\0\0",
        b"MNLB\1\0\0\0" + struct.pack("<HHI", 69, 0, 1 << 21),
        b"MNLB\1\0\0\0" + struct.pack("<HHI", 69, 0, 2) + b"ab",
        b"MNLB\1\0\0\0" + struct.pack("<HHI", 65, 0, 5) + b"\1\0\0\0[",
    ],
)
def test_a_broken_lab_is_left_and_the_next_is_served(start, connect, phone, data):
    lab = start(phone)
    lab.read_until(FromPhone.HELLO)
    lab.stream.close()
    phone.wait(lambda: not phone.screen._app._link.linked)
    broken = connect(phone, greet=False)
    broken.stream.write(data)
    while broken.stream.read(4096):
        pass
    phone.wait(lambda: not phone.screen._app._link.linked)
    assert connect(phone).read_json(FromPhone.HELLO)


def test_an_unknown_type_is_skipped(start, phone):
    lab = start(phone)
    lab.send(999, b"whatever")
    assert lab.ask(FromLab.PING, 6) == {"ok": True}


def test_answers_come_in_the_order_of_the_commands(start, phone):
    lab = start(phone)
    for number in range(20):
        lab.command(FromLab.PING, number)
    answers = [lab.read_until(FromPhone.ANSWER)[:4] for _ in range(20)]
    assert answers == [struct.pack("<I", number) for number in range(20)]


def test_set_reports_the_new_state_before_its_answer(start, phone):
    lab = start(phone)
    lab.read_until(FromPhone.MODEL)
    lab.seen.clear()
    assert lab.ask(FromLab.SET, 1, {"paused": True, "other": 1}) == {"ok": True}
    states = [json.loads(data) for kind, data in lab.seen if kind == FromPhone.STATE]
    assert [one["paused"] for one in states] == [True]


def test_a_change_of_delegate_is_a_new_generation_and_says_what_applies(start, phone):
    lab = start(phone)
    lab.read_until(FromPhone.MODEL)
    lab.seen.clear()
    assert lab.ask(FromLab.SET, 1, {"delegate": "nnapi"})["ok"]
    by_kind = {kind: json.loads(data) for kind, data in lab.seen if kind in (2, 3)}
    assert by_kind[FromPhone.MODEL]["generation"] == 2
    assert by_kind[FromPhone.STATE]["delegate"] == "nnapi"
    assert by_kind[FromPhone.STATE]["delegate_applied"] == "xnnpack"
    assert "NNAPI" in by_kind[FromPhone.STATE]["delegate_note"]
    assert lab.ask(FromLab.SET, 2, {"delegate": "cpu"})["ok"]
    assert phone.opened[-1].delegate == "cpu"
    assert phone.screen._app.state()["delegate_applied"] == "cpu"


@pytest.mark.parametrize(
    "values",
    [
        {"threads": 0},
        {"threads": MAX_THREADS + 1},
        {"threads": "2"},
        {"threads": True},
        {"delegate": "gpu"},
        {"delegate": 1},
        {"source": "pictures"},
        {"source": ["camera"]},
        {"camera": "side"},
        {"camera": None},
        {"paused": 1},
    ],
)
def test_a_bad_value_changes_nothing_at_all(start, phone, values):
    lab = start(phone)
    before = phone.screen._app.state()
    answer = lab.ask(FromLab.SET, 9, {"paused": True} | values)
    assert answer["code"] == "bad_value"
    assert answer["text"]
    assert phone.screen._app.state() == before


def test_the_loop_needs_no_camera_and_times_inference_alone(start, samples_in, phone):
    lab = start(phone, granted=False)
    assert phone.screen._app.state()["error"]["code"] == "camera_permission"
    lab.ask(FromLab.SET, 1, {"source": "loop"})
    assert phone.screen._app.state()["error"] is None
    lab.seen.clear()
    records = []
    while len(records) < 100:
        records += samples_in(lab.read_until(FromPhone.SAMPLES))
    for record in records:
        _, _, captured, finished, camera, convert, infer, post, _, result, _, _ = record
        assert (camera, convert, post) == (0, 0, 0)
        assert finished > captured
        assert infer == 2000
        assert result == 0xFFFFFFFF
    assert FromPhone.RESULT not in [kind for kind, _ in lab.seen]


@pytest.mark.parametrize("source", ["camera", "loop"])
@pytest.mark.parametrize("key", [3, 26], ids=["home", "screen off"])
def test_nothing_runs_while_the_app_is_not_on_the_screen(start, phone, source, key):
    lab = start(phone, source=source)
    lab.read_until(FromPhone.MODEL)
    phone.screen.key(key)
    state = lab.read_json(FromPhone.STATE)
    while state["error"] is None:
        state = lab.read_json(FromPhone.STATE)
    assert state["error"]["code"] == "background"
    assert state["paused"] is False
    lab.ask(FromLab.SET, 1, {})  # whatever was under way is over
    lab.read_until(FromPhone.HEALTH)
    lab.seen.clear()
    lab.read_until(FromPhone.HEALTH)
    assert [kind for kind, _ in lab.seen] == [FromPhone.HEALTH]
    phone.screen.launch(PACKAGE)
    while lab.read_json(FromPhone.STATE)["error"] is not None:
        pass
    assert lab.read_until(FromPhone.SAMPLES)


def test_a_model_that_is_being_opened_is_no_error(connect, slow_phone):
    phone, may_open = slow_phone
    phone.install()
    phone.screen.launch(PACKAGE)
    lab = connect(phone)
    assert lab.read_json(FromPhone.STATE)["error"] is None
    lab.read_until(FromPhone.HEALTH)  # a second message of any kind: nothing else came
    assert [kind for kind, _ in lab.seen] == [FromPhone.HELLO, FromPhone.STATE, FromPhone.HEALTH]
    assert phone.screen._app.view().opening
    may_open.set()
    assert lab.read_json(FromPhone.MODEL)["generation"] == 1
    assert not phone.screen._app.view().opening
    told = [json.loads(data)["error"] for kind, data in lab.seen if kind == FromPhone.STATE]
    assert told == [None] * len(told)


def test_more_threads_than_the_phone_has_are_cut_and_both_numbers_told(start, phone):
    lab = start(phone, threads=MAX_THREADS + 3)
    state = lab.read_json(FromPhone.STATE)
    assert (state["threads"], state["threads_asked"]) == (MAX_THREADS, MAX_THREADS + 3)
    assert phone.opened[0].threads == MAX_THREADS
    assert lab.ask(FromLab.SET, 1, {"threads": 1})["ok"]
    assert lab.ask(FromLab.SET, 2, {"delegate": "cpu"})["ok"]
    state = phone.screen._app.state()
    assert (state["threads"], state["threads_asked"]) == (1, 1)


def test_a_sent_model_replaces_the_old_one_after_it_ran_once(start, samples_in, phone):
    lab = start(phone)
    lab.read_until(FromPhone.MODEL)
    lab.seen.clear()
    assert lab.load(b"another") == {"ok": True}
    kinds = [kind for kind, _ in lab.seen]
    values = json.loads(lab.seen[kinds.index(FromPhone.MODEL)][1])
    assert values["generation"] == 2
    assert values["name"] == "sent"
    assert values["labels"] == ["ant", "bee"]
    assert values["untrained"] is True
    while True:
        record = samples_in(lab.read_until(FromPhone.SAMPLES))[-1]
        if record[1] == 2:
            break
    assert record[11] & 2  # untrained


def test_the_first_sample_after_a_load_is_marked(start, samples_in, phone):
    lab = start(phone)
    lab.load(b"another")
    payloads = [data for kind, data in lab.seen if kind == FromPhone.SAMPLES]
    payloads.append(lab.read_until(FromPhone.SAMPLES))
    first = [one for data in payloads for one in samples_in(data) if one[11] & 1]
    assert [one[1] for one in first] == [2]
    _, _, _, _, camera, convert, infer, post, _, result, _, _ = first[0]
    assert (camera, convert, infer, post) == (0, 0, 2000, 0)  # on a drawn tensor
    assert result == 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "values", "code"),
    [
        (b"broken model", {}, "bad_model"),
        (b"a model", {"sha256": "0" * 64}, "bad_sha256"),
        (b"a model", {"size_bytes": 8}, "bad_offset"),
        (b"a model", {"size_bytes": 0}, "bad_value"),
        (b"a model", {"size_bytes": 6}, "too_big"),
        (b"a model", {"sha256": "0" * 63}, "bad_value"),
        (b"a model", {"sha256": "A" * 64}, "bad_value"),
        (b"a model", {"labels": None}, "bad_value"),
        (b"a model", {"size_bytes": 1 << 40}, "too_big"),
        (b"a model", {"threads": 99}, "bad_value"),
        (b"a model", {"delegate": "gpu"}, "bad_value"),
        (b"a model", {"task": "unknown"}, "bad_value"),
        (b"a model", {"fit": "squeeze"}, "bad_value"),
        (b"a model", {"scores": 1}, "bad_value"),
        (b"embedding", {"task": "detection"}, "bad_model"),
        (b"embedding", {}, "bad_model"),
    ],
)
def test_a_load_that_fails_leaves_the_old_model_running(
    start, samples_in, phone, data, values, code
):
    lab = start(phone)
    old = phone.screen._app.model()
    answer = lab.load(data, **values)
    assert (answer["ok"], answer["code"]) == (False, code)
    assert phone.screen._app.model() == old
    before = samples_in(lab.read_until(FromPhone.SAMPLES))[-1]
    after = samples_in(lab.read_until(FromPhone.SAMPLES))[-1]
    assert after[0] > before[0]
    assert after[1] == 1


@pytest.mark.parametrize(
    ("offset", "count", "code"), [(4, 1, "bad_offset"), (0, 11, "too_big"), (0, 262_145, "too_big")]
)
def test_a_bad_chunk_drops_the_load(start, phone, offset, count, code):
    lab = start(phone)
    begin = {"name": "a", "size_bytes": 10, "sha256": "0" * 64, "labels": [], "untrained": False}
    assert lab.ask(FromLab.LOAD_BEGIN, 1, begin)["ok"]
    assert lab.ask(FromLab.LOAD_CHUNK, 2, struct.pack("<Q", offset) + bytes(count))["code"] == code
    assert lab.ask(FromLab.LOAD_CHUNK, 3, struct.pack("<Q", 0) + b"x")["code"] == "bad_state"
    assert lab.ask(FromLab.LOAD_END, 4)["code"] == "bad_state"


def test_a_sent_model_outlives_the_process_but_not_the_installation(start, connect, phone):
    lab = start(phone)
    lab.load(b"another")
    phone.screen.stop(PACKAGE)
    phone.screen.launch(PACKAGE)
    assert connect(phone).read_json(FromPhone.MODEL)["name"] == "sent"
    phone.install()
    phone.screen.launch(PACKAGE)
    assert connect(phone).read_json(FromPhone.MODEL)["name"] == "v1_0.25_128-int8"


def test_a_killed_app_closes_its_sockets_without_a_word(start, phone):
    lab = start(phone)
    lab.read_until(FromPhone.MODEL)
    phone.screen.stop(PACKAGE)
    with pytest.raises(EOFError):
        lab.read_until(FromPhone.BYE)
    with pytest.raises(ConnectionRefusedError):
        phone.handset.sockets.connect("mobilenet_lab")


def test_a_model_that_fails_is_told_and_replaced(start, phone):
    lab = start(phone, model=b"fails later", source="loop")
    assert lab.ask(FromLab.SET, 1, {"source": "camera"})["ok"]
    while (error := lab.read_json(FromPhone.STATE)["error"]) is None:
        pass
    assert error == {"code": "inference", "text": "The model fell over."}
    assert lab.load(b"good one") == {"ok": True}
    assert phone.screen._app.state()["error"] is None


def test_an_app_that_crashes_leaves_the_phone_at_home(start, connect, phone):
    lab = start(phone, model=b"crashes later", source="loop")
    assert lab.ask(FromLab.SET, 1, {"source": "camera"})["ok"]
    with pytest.raises(EOFError):
        lab.read_until(FromPhone.BYE)
    phone.wait(lambda: phone.screen.foreground is None)
    assert phone.handset.sockets.names() == ()
    assert any("FATAL EXCEPTION" in entry.message for entry in phone.handset.log.entries())
    phone.install()
    phone.screen.launch(PACKAGE)
    assert connect(phone).read_json(FromPhone.MODEL)["generation"] == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"model": None}, "no_model"),
        ({"model": b"broken"}, "bad_model"),
        ({"sha256": "0" * 64}, "bad_model"),
    ],
)
def test_an_app_without_a_good_model_says_so_and_takes_one(connect, phone, options, code):
    phone.install(**options)
    phone.screen.launch(PACKAGE)
    lab = connect(phone)
    while (error := lab.read_json(FromPhone.STATE)["error"]) is None:
        pass
    assert error["code"] == code
    assert lab.load(b"good one") == {"ok": True}
    assert phone.screen._app.state()["error"] is None


def test_a_silent_lab_counts_as_lost(connect, phone):
    class Quiet:
        def hello(self):
            return {}

        state = health = hello

        def model(self):
            return None

        def lab_changed(self):
            pass

    server = LinkServer(phone.handset.sockets, Quiet(), silence_s=0.2)
    lab = connect(phone)
    while lab.stream.read(4096):
        pass
    server.close()


@pytest.mark.parametrize(
    ("picture", "wanted"),
    [("cat_720p.jpg", "cat"), ("parrot.jpg", "macaw"), ("hot_dog.jpg", "hotdog")],
)
def test_a_real_model_sees_in_a_photo_what_is_there(
    connect, real_phone, shared: Path, picture, wanted
):
    model = shared / "models" / "mobilenet_v1_0.5_160_quant.tflite"
    labels = (shared / "models" / "imagenet_labels.txt").read_text()
    photo = shared / "pictures" / "photos" / picture
    number = sorted(one.name for one in photo.parent.iterdir()).index(picture)
    with HostModel(model) as host:
        best = host.predict(fit_picture(read_picture(photo))).entries[0]
    assert wanted in labels.splitlines()[best.index]

    real_phone.screen._cameras["back"]._began_ns -= round((number + 0.2) * 1.5e9)
    real_phone.install(model.read_bytes(), labels)
    real_phone.screen.launch(PACKAGE)
    lab = connect(real_phone)
    lab.read_until(FromPhone.MODEL)
    while True:
        payload = lab.read_until(FromPhone.RESULT)
        if struct.unpack_from("<I", payload)[0] > 0:  # the first is not of the camera
            break
    index, score = struct.unpack_from("<If", payload, 12)
    assert index == best.index
    assert score == pytest.approx(best.score)
