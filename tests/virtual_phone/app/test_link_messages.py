"""The phone's side of the link against bytes that nobody's encoder wrote."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.virtual_phone.app import link_messages as link

VECTORS = Path(__file__).parents[2] / "vectors" / "link"


def read_hex(path: Path) -> bytes:
    return bytes.fromhex("".join(line.split("#")[0] for line in path.read_text().splitlines()))


def vector(name: str) -> tuple[bytes, dict]:
    return read_hex(VECTORS / f"{name}.hex"), json.loads((VECTORS / f"{name}.json").read_text())


def take(data: bytes) -> tuple[int, bytes, bytes]:
    kind, length = link.parse_header(data[:8])
    assert len(data) >= 8 + length
    return kind, data[8 : 8 + length], data[8 + length :]


def parse(data: bytes) -> link.Command | None:
    kind, length = link.parse_header(data[:8])
    return link.parse_command(kind, data[8 : 8 + length])


def command(name: str) -> link.Command | None:
    kind, payload, rest = take(vector(name)[0])
    assert not rest
    return link.parse_command(kind, payload)


def sent_json(data: bytes) -> tuple[int, dict]:
    kind, payload, rest = take(data)
    assert not rest
    return kind, json.loads(payload)


def test_the_preamble_is_magic_version_and_zero():
    assert link.preamble() == vector("preamble")[0] == b"MNLB\x01\x00\x00\x00"
    link.check_preamble(vector("preamble")[0])


@pytest.mark.parametrize("name", ["magic", "version"])
def test_a_foreign_preamble_is_refused(name):
    with pytest.raises(link.LinkBrokenError):
        link.check_preamble(read_hex(VECTORS / "broken" / f"{name}.hex")[:8])


@pytest.mark.parametrize("name", ["set", "set_one"])
def test_set_keeps_its_values(name):
    facts = vector(name)[1]
    assert command(name) == link.Set(facts["id"], facts["values"])


@pytest.mark.parametrize("name", ["load_begin", "load_begin_all"])
def test_load_begin_leaves_out_what_stays(name):
    facts = vector(name)[1]
    values = facts["values"] | {"labels": tuple(facts["values"]["labels"])}
    assert command(name) == link.LoadBegin(facts["id"], **values)


@pytest.mark.parametrize("name", ["load_chunk", "load_chunk_far"])
def test_load_chunk_has_a_64_bit_offset(name):
    facts = vector(name)[1]
    values = facts["values"]
    data = bytes.fromhex(values["data_hex"])
    assert command(name) == link.LoadChunk(facts["id"], values["offset"], data)


def test_load_end_and_ping_are_their_id():
    assert command("load_end") == link.LoadEnd(vector("load_end")[1]["id"])
    assert command("ping") == link.Ping(vector("ping")[1]["id"])


def test_an_unknown_command_is_skipped():
    data, facts = vector("unknown_type_from_lab")
    kind, payload, rest = take(data)
    assert link.parse_command(kind, payload) is None
    kind, payload, rest = take(rest)
    assert link.parse_command(kind, payload) == link.Ping(facts["then"]["id"])
    assert not rest


def test_samples_are_72_bytes_each():
    data, facts = vector("samples")
    assert link.samples(link.Sample(**one) for one in facts["values"]) == data


def head_of(values: dict) -> dict:
    return {name: values[name] for name in ("sequence", "generation", "picture")}


def classes_of(values: dict) -> list[link.ClassEntry]:
    return [link.ClassEntry(one["class"], one["score"]) for one in values["entries"]]


@pytest.mark.parametrize("name", ["result_classes", "result_classes_picture"])
def test_classes_are_eight_bytes_each(name):
    data, facts = vector(name)
    values = facts["values"]
    assert link.result_classes(**head_of(values), entries=classes_of(values)) == data


@pytest.mark.parametrize("name", ["result_boxes", "result_empty"])
def test_boxes_are_24_bytes_each(name):
    data, facts = vector(name)
    values = facts["values"]
    entries = [link.BoxEntry(index=one.pop("class"), **one) for one in map(dict, values["entries"])]
    assert link.result_boxes(**head_of(values), entries=entries) == data


def test_a_vector_is_its_length_and_four_bytes_a_value():
    data, facts = vector("result_vector")
    values = facts["values"]
    sent = np.array(values["vector"], np.float32)
    assert link.result_vector(**head_of(values), vector=sent) == data


@pytest.mark.parametrize("name", ["result_map", "result_map_tall"])
def test_a_map_is_its_classes_its_size_and_a_byte_a_cell(name):
    data, facts = vector(name)
    values = facts["values"]
    cells = np.frombuffer(bytes.fromhex(values["cells_hex"]), np.uint8)
    cells = cells.reshape(values["rows"], values["columns"])
    mine = link.result_map(**head_of(values), entries=classes_of(values), cells=cells)
    assert mine == data


def test_what_a_message_cannot_hold_is_not_framed():
    for length in (0, link.MAX_VECTOR + 1):
        with pytest.raises(ValueError, match="vector"):
            link.result_vector(0, 1, np.zeros(length, np.float32))
    for shape in ((0, 4), (513, 512)):
        with pytest.raises(ValueError, match="map"):
            link.result_map(0, 1, [], np.zeros(shape, np.uint8))
    largest = link.result_map(0, 1, [], np.zeros((512, 512), np.uint8))
    assert len(largest) == 8 + 12 + 4 + link.MAX_CELLS


@pytest.mark.parametrize("name", ["hello", "state", "state_error", "model", "health", "bye"])
def test_json_messages_say_what_was_meant(name):
    data, facts = vector(name)
    mine = link.json_message(link.FromPhone(facts["type"]), facts["values"])
    assert sent_json(mine) == sent_json(data) == (facts["type"], facts["values"])


@pytest.mark.parametrize("name", ["answer_ok", "answer_refused"])
def test_answers_carry_the_id_of_their_command(name):
    data, facts = vector(name)
    values = facts["values"]
    mine = link.answer(facts["id"], values.get("code", ""), values.get("text", ""))
    for whole in (mine, data):
        kind, payload, _ = take(whole)
        assert kind == link.FromPhone.ANSWER
        assert payload[:4] == facts["id"].to_bytes(4, "little")
        assert json.loads(payload[4:]) == values


BROKEN = sorted(
    path.stem
    for path in (VECTORS / "broken").glob("*.json")
    if json.loads(path.read_text())["from"] != "phone"
    and json.loads(path.read_text())["error"] not in ("magic", "version", "cut")
)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bytes_from_a_lab_are_refused(name):
    with pytest.raises(link.LinkBrokenError):
        parse(read_hex(VECTORS / "broken" / f"{name}.hex"))


def test_there_are_broken_bytes_to_refuse():
    assert len(BROKEN) >= 4


@pytest.mark.parametrize(
    "change",
    [
        {"labels": None},
        {"labels": [1]},
        {"labels": "cat"},
        {"name": 1},
        {"size_bytes": 1.5},
        {"size_bytes": True},
        {"sha256": None},
        {"untrained": "no"},
        {"threads": "4"},
        {"threads": None},
        {"delegate": 1},
        {"task": "unknown"},
        {"task": None},
        {"fit": "squeeze"},
        {"fit": ["crop"]},
        {"scores": "softmax"},
        {"scores": ""},
    ],
)
def test_a_load_begin_with_a_wrong_field_is_refused_and_the_link_lives(change):
    good = {"name": "a", "size_bytes": 1, "sha256": "0", "untrained": False, "labels": []}
    payload = b"\1\0\0\0" + json.dumps(good | change).encode()
    command = link.parse_command(link.FromLab.LOAD_BEGIN, payload)
    assert isinstance(command, link.Unusable)
    assert command.id == 1


@given(st.integers(0, 2**16 - 1), st.binary(max_size=200))
def test_no_payload_crashes_the_parser(kind, payload):
    try:
        parsed = link.parse_command(kind, payload)
    except link.LinkBrokenError:
        return
    assert parsed is None or parsed.id == int.from_bytes(payload[:4], "little")


@given(st.sampled_from(list(link.FromLab)), st.text(max_size=100))
def test_no_text_crashes_the_parser(kind, text):
    try:
        link.parse_command(kind, b"\0\0\0\0" + text.encode("utf-8", "surrogatepass"))
    except link.LinkBrokenError:
        pass
    else:
        assert kind in (link.FromLab.SET, link.FromLab.LOAD_CHUNK) or not text
