"""The link's bytes, against vectors that no encoder of ours wrote."""

import json
import re
import struct
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LinkError
from engine.link import protocol
from engine.link.messages import (
    SAMPLE_DTYPE,
    Answer,
    AppModel,
    Bye,
    Health,
    Hello,
    Result,
    Samples,
)
from engine.models.recognition import ClassScore
from tests.engine.link.scripted import HELLO, MODEL, PREAMBLE, STATE, message, sample

VECTORS = Path(__file__).parents[2] / "vectors" / "link"
GOOD = sorted(path.stem for path in VECTORS.glob("*.json") if path.stem != "preamble")
BROKEN = sorted(
    path.stem
    for path in (VECTORS / "broken").glob("*.json")
    if json.loads(path.read_text(encoding="utf-8"))["from"] != "lab"  # those the phone reads
)


def read_hex(path: Path) -> bytes:
    return bytes.fromhex(re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8")))


def vector(name: str) -> tuple[dict, bytes]:
    facts = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return facts, read_hex(VECTORS / f"{name}.hex")


def phone_vectors() -> list[str]:
    return [name for name in GOOD if vector(name)[0]["from"] == "phone"]


def lab_vectors() -> list[str]:
    return [
        name
        for name in GOOD
        if vector(name)[0]["from"] == "lab" and vector(name)[0]["message"] != "UNKNOWN"
    ]


def plain(value: object) -> object:
    """A message as the vectors write it."""
    if isinstance(value, Samples):
        names = [*SAMPLE_DTYPE.names]
        rows = [dict(zip(names, record.tolist(), strict=True)) for record in value.array]
        return [{k.replace("temperature_dc", "temperature"): v for k, v in r.items()} for r in rows]
    if isinstance(value, Result):
        entries = []
        for entry in value.entries:
            fields = {name: getattr(entry, name) for name in entry.__slots__}
            entries.append({"class": fields.pop("index"), **fields})
        said = {"sequence": value.sequence, "generation": value.generation, "kind": value.kind}
        said |= {"picture": value.picture, "entries": entries}
        if value.vector is not None:
            said["vector"] = value.vector.tolist()
        if value.cells is not None:
            rows, columns = value.cells.shape
            said |= {"columns": columns, "rows": rows, "cells_hex": value.cells.tobytes().hex()}
        return said
    if isinstance(value, Answer):
        return {"ok": True} if value.ok else {"ok": False, "code": value.code, "text": value.text}
    return orjson.loads(orjson.dumps(value))


def within(part: object, whole: object) -> bool:
    """Whether every field that we read stands so in the vector (it may have more)."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and within(part[key], whole[key]) for key in part)
    return part == whole


def test_a_sample_record_is_72_bytes():
    assert SAMPLE_DTYPE.itemsize == 72


@pytest.mark.parametrize("name", phone_vectors())
def test_what_the_phone_says_is_read_as_the_vectors_say(name):
    facts, data = vector(name)
    messages = _decoder().feed(data)
    expected = facts.get("then", facts)
    assert len(messages) == 1
    if "values" in expected:
        assert within(plain(messages[0]), expected["values"])
        if facts["exact"]:
            assert plain(messages[0]) == expected["values"]
    if facts["message"] == "ANSWER":
        assert messages[0].id == facts["id"]


@pytest.mark.parametrize("name", phone_vectors())
def test_bytes_one_at_a_time_mean_the_same(name):
    _, data = vector(name)
    decoder = _decoder()
    dribbled = [each for byte in data for each in decoder.feed(bytes([byte]))]
    assert [plain(each) for each in dribbled] == [plain(each) for each in _decoder().feed(data)]


@pytest.mark.parametrize("name", lab_vectors())
def test_commands_are_written_as_the_vectors_say(name):
    facts, data = vector(name)
    values = facts.get("values", {})
    written = {
        65: lambda: protocol.encode_set(facts["id"], values),
        66: lambda: protocol.encode_load_begin(facts["id"], values),
        67: lambda: protocol.encode_load_chunk(
            facts["id"], values["offset"], bytes.fromhex(values["data_hex"])
        ),
        68: lambda: protocol.encode_load_end(facts["id"]),
        69: lambda: protocol.encode_ping(facts["id"]),
    }[facts["type"]]()
    if facts["exact"]:
        assert written == data
    else:
        kind, zero, length, command_id = struct.unpack_from("<HHII", written)
        assert (kind, zero, length, command_id) == (
            facts["type"],
            0,
            len(written) - 8,
            facts["id"],
        )
        assert json.loads(written[12:]) == values


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_peer_is_refused_and_named(name):
    facts = json.loads((VECTORS / "broken" / f"{name}.json").read_text(encoding="utf-8"))
    data = read_hex(VECTORS / "broken" / f"{name}.hex")
    decoder = protocol.Decoder() if facts["error"] in {"magic", "version"} else _decoder()
    if facts["error"] == "cut":
        assert decoder.feed(data) == []
        data = b""
    with pytest.raises(LinkError) as caught:
        decoder.feed(data) if data else decoder.finish()
    assert len(str(caught.value)) > 20


def test_the_preamble_is_the_vectors():
    assert vector("preamble")[1] == protocol.PREAMBLE


def test_another_version_is_named():
    with pytest.raises(LinkError, match="speaks version 7"):
        protocol.Decoder().feed(b"MNLB\x07\x00\x00\x00")


def test_something_else_is_refused_at_its_first_wrong_byte():
    with pytest.raises(LinkError, match="not the lab's app"):
        protocol.Decoder().feed(b"H")


def test_a_length_over_the_limit_is_refused_before_its_payload_comes():
    with pytest.raises(LinkError, match="longer than the link allows"):
        _decoder().feed(struct.pack("<HHI", 999, 0, 1_048_577))


def test_a_message_after_a_skipped_one_is_read():
    messages = _decoder().feed(message(999, b"\xff\xfe") + message(8, {"code": "a", "text": "b"}))
    assert messages == [Bye("a", "b")]


def test_health_that_is_unknown_is_none():
    (health,) = _decoder().feed(message(7, {"clock_ns": 9}))
    assert health == Health(clock_ns=9)


@pytest.mark.parametrize(
    ("kind", "values", "key", "wrong"),
    [
        (1, HELLO, "pid", "x"),
        (1, HELLO, "clock_ns", 2**63),
        (1, HELLO, "app", []),
        (1, HELLO, "sources", [1]),
        (1, HELLO, "cameras", "back"),
        (1, HELLO, "pictures", 1.5),
        (2, STATE, "paused", 1),
        (2, STATE, "threads", True),
        (2, STATE, "error", "no"),
        (2, STATE, "camera", 1),
        (3, MODEL, "fit", ["crop"]),
        (3, MODEL, "load_ms", "1"),
        (3, MODEL, "labels", "cat"),
        (3, MODEL, "input", {"shape": ["a"], "dtype": "", "scale": 1, "zero_point": 0}),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(kind, values, key, wrong):
    with pytest.raises(LinkError, match=key):
        _decoder().feed(message(kind, {**values, key: wrong}))


SINCE = {"cameras", "pictures", "camera", "fit"}
"""What the page gained since the first app."""


@pytest.mark.parametrize(("kind", "values"), [(1, HELLO), (2, STATE), (3, MODEL)])
def test_a_missing_field_is_named(kind, values):
    for key in set(values) - {"error", *SINCE}:
        rest = {name: value for name, value in values.items() if name != key}
        with pytest.raises(LinkError, match=key):
            _decoder().feed(message(kind, rest))


@given(st.lists(st.binary(max_size=200)), st.booleans())
def test_no_bytes_do_more_than_break_the_link(pieces, greeted):
    decoder = _decoder() if greeted else protocol.Decoder()
    try:
        for piece in pieces:
            decoder.feed(piece)
    except LinkError:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.integers(1, 8), st.data())
def test_any_payload_is_a_message_or_a_named_error(kind, data):
    base = {1: HELLO, 2: STATE, 3: MODEL}.get(kind, {"clock_ns": 1, "code": "", "text": ""})
    key = data.draw(st.sampled_from(sorted(base)))
    payload = data.draw(st.binary(max_size=300) | JSON.map(lambda each: {**base, key: each}))
    said = ""
    try:
        protocol.decode(
            kind, json.dumps(payload).encode() if isinstance(payload, dict) else payload
        )
    except LinkError as error:
        said = str(error)
    assert not said or "broke the link's rules" in said


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=64))
def test_samples_keep_their_order(sequences):
    (samples,) = _decoder().feed(message(4, b"".join(sample(n % 10**9) for n in sequences)))
    assert samples.array["sequence"].tolist() == [n % 10**9 for n in sequences]
    assert not samples.array.flags.writeable


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 1, width=32)), min_size=1, max_size=5
    )
)
def test_classes_keep_their_scores(entries):
    payload = struct.pack("<IIBBH", 3, 2, 0, len(entries), 0)
    payload += b"".join(struct.pack("<If", *entry) for entry in entries)
    result = protocol.decode(5, payload)
    assert result.entries == tuple(ClassScore(*e) for e in entries)
    assert (result.sequence, result.generation, result.kind, result.picture) == (3, 2, "classes", 0)


@given(st.lists(st.floats(width=32), min_size=1, max_size=50), st.integers(0, 0xFFFF))
def test_a_vector_keeps_its_floats(numbers, picture):
    payload = struct.pack("<IIBBHI", 3, 2, 2, 0, picture, len(numbers))
    payload += struct.pack(f"<{len(numbers)}f", *numbers)
    result = protocol.decode(5, payload)
    assert np.array_equal(result.vector, np.array(numbers, np.float32), equal_nan=True)
    assert (result.kind, result.entries, result.picture) == ("vector", (), picture)
    assert not result.vector.flags.writeable


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_a_map_has_its_rows_one_after_the_other(columns, rows, data):
    cells = data.draw(st.binary(min_size=columns * rows, max_size=columns * rows))
    payload = struct.pack("<IIBBHHH", 3, 2, 3, 0, 0, columns, rows) + cells
    result = protocol.decode(5, payload)
    assert result.cells.tolist() == [list(cells[i * columns :][:columns]) for i in range(rows)]
    assert not result.cells.flags.writeable


@given(st.integers(0, 4), st.integers(0, 6), st.binary(max_size=64))
def test_no_result_is_more_than_refused(kind, count, rest):
    said = ""
    try:
        protocol.decode(5, struct.pack("<IIBBH", 1, 1, kind, count, 0) + rest)
    except LinkError as error:
        said = str(error)
    assert not said or "RESULT" in said


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(
            struct.pack("<IIBBHI", 1, 1, 2, 0, 0, 65_537) + bytes(4 * 65_537), id="vector"
        ),
        pytest.param(
            struct.pack("<IIBBHHH", 1, 1, 3, 0, 0, 262_145 // 5, 5) + bytes(262_145), id="map"
        ),
        pytest.param(struct.pack("<IIBBH", 1, 1, 1, 26, 0) + bytes(26 * 24), id="boxes"),
    ],
)
def test_a_result_larger_than_the_page_allows_is_refused(payload):
    with pytest.raises(LinkError, match="RESULT"):
        protocol.decode(5, payload)


def test_the_largest_vector_and_map_are_read():
    vector = struct.pack("<IIBBHI", 1, 1, 2, 0, 0, 65_536) + bytes(4 * 65_536)
    assert protocol.decode(5, vector).vector.shape == (65_536,)
    cells = struct.pack("<IIBBHHH", 1, 1, 3, 0, 0, 512, 512) + bytes(262_144)
    assert protocol.decode(5, cells).cells.shape == (512, 512)


@pytest.mark.parametrize(("task", "fit"), [("classification", "crop"), ("detection", "stretch")])
def test_an_older_app_is_understood(task, fit):
    without = [
        {key: value for key, value in each.items() if key not in SINCE}
        for each in (HELLO, STATE, {**MODEL, "task": task})
    ]
    hello, state, model = _decoder().feed(
        b"".join(message(kind, each) for kind, each in enumerate(without, 1))
    )
    assert (hello.cameras, hello.pictures, state.camera, model.fit) == ((), 0, "back", fit)


def test_more_labels_than_a_message_carries_are_refused():
    with pytest.raises(LinkError, match="more than the link carries"):
        protocol.encode_load_begin(1, {"labels": ["x" * 100] * 20_000})


def test_joining_no_samples_gives_none():
    assert protocol.join([]).shape == (0,)
    assert protocol.join([np.zeros(2, SAMPLE_DTYPE)] * 2).shape == (4,)


def test_hello_and_model_are_values():
    hello, model = _decoder().feed(message(1, HELLO) + message(3, MODEL))
    assert isinstance(hello, Hello)
    assert hello.phone.abis == ("arm64-v8a",)
    assert isinstance(model, AppModel)
    assert model.input.shape == (1, 128, 128, 3)


def _decoder() -> protocol.Decoder:
    decoder = protocol.Decoder()
    decoder.feed(PREAMBLE)
    return decoder
