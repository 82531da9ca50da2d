import contextlib
import io
import random
import zipfile
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import LabError
from engine.models.inspector import (
    ModelFacts,
    check_labels,
    check_runnable,
    inspect_bytes,
    inspect_model,
)
from engine.models.marker import Marker, add_marker

FLOAT32, UINT8, INT16 = (
    schema.TensorType.FLOAT32,
    schema.TensorType.UINT8,
    schema.TensorType.INT16,
)
FUZZ = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_facts_of_a_small_model(tiny_model):
    data = tiny_model()
    facts = inspect_bytes(data, Path("colours.tflite"))
    assert (facts.task, facts.scores, facts.precision) == ("classification", "softmax", "float32")
    assert facts.ops == {"MEAN": 1, "FULLY_CONNECTED": 1, "SOFTMAX": 1}
    assert facts.scores_are == "probabilities"
    assert (facts.macs, facts.params, facts.classes) == (9, 9, 3)
    assert facts.inputs[0].shape == (1, 16, 16, 3)
    assert facts.size_bytes == len(data)
    assert facts.name == "colours"
    assert not facts.untrained
    check_runnable(facts)


def test_a_model_without_softmax_ends_in_logits(tiny_model):
    facts = inspect_bytes(tiny_model(softmax=False))
    assert facts.scores == facts.scores_are == "logits"


@pytest.mark.parametrize(
    ("name", "task", "precision", "macs_m", "classes", "labels"),
    [
        ("mobilenet_v1_0.25_128_quant", "classification", "uint8", 13.57, 1001, 1001),
        ("mobilenet_v1_0.25_224_float", "classification", "float32", 41.03, 1001, 0),
        ("mobilenet_v1_0.5_160_quant", "classification", "uint8", 76.53, 1001, 1001),
        ("mobilenet_v1_0.75_192_quant", "classification", "uint8", 239.27, 1001, 1001),
        ("mobilenet_v2_1.0_224_quant", "classification", "uint8", 300.78, 1001, 1001),
        ("tf2_mobilenet_v2_1.0_224_ptq", "classification", "int8", 300.78, 1001, 1001),
        ("mobilenet_v1_1.0_224_quant_embedding_extractor", "embedding", "uint8", 567.72, 0, 0),
        ("coco_ssd_mobilenet_v1_1.0_quant_2018_06_29", "detection", "uint8", 728.04, 0, 90),
    ],
)
def test_facts_of_published_models(shared, name, task, precision, macs_m, classes, labels):
    facts = inspect_model(shared / "models" / f"{name}.tflite")
    assert (facts.task, facts.precision, facts.classes) == (task, precision, classes)
    assert facts.macs / 1e6 == pytest.approx(macs_m, abs=0.005)
    assert len(facts.labels) == labels
    assert facts.scores_are == ("probabilities" if task == "classification" else "")
    check_runnable(facts)


@pytest.mark.parametrize(
    ("name", "task", "scores_are", "classes"),
    [
        ("logits", "classification", "logits", 3),
        ("log_softmax", "classification", "logits", 3),
        ("sigmoid", "classification", "probabilities", 3),
        ("embedding", "embedding", "", 0),
        ("embedding_int8", "embedding", "", 0),
        ("embedding_of_features", "embedding", "", 0),
        ("embedding_of_length_one", "embedding", "", 0),
        ("embedding_of_length_one_int8", "embedding", "", 0),
        ("map_of_scores", "segmentation", "", 3),
        ("map_of_scores_int8", "segmentation", "", 3),
        ("map_of_softmax", "segmentation", "", 3),
        ("map_of_two_branches", "segmentation", "", 3),
        ("map_of_classes", "segmentation", "", 0),
        ("map_of_classes_int32", "segmentation", "", 0),
        ("map_of_classes_int8", "segmentation", "", 0),
        ("mask", "segmentation", "", 2),
    ],
)
def test_the_last_operations_tell_the_task(small_models, name, task, scores_are, classes):
    facts = inspect_model(small_models / f"{name}.tflite")
    assert (facts.task, facts.scores_are, facts.classes) == (task, scores_are, classes)
    check_runnable(facts)


@pytest.mark.parametrize("name", ["larger_picture", "features_of_cells"])
def test_what_is_no_answer_is_not_taken_for_one(small_models, name):
    facts = inspect_model(small_models / f"{name}.tflite")
    assert facts.task == "unknown"
    with pytest.raises(LabError, match="neither classes, boxes, a vector nor a map"):
        check_runnable(facts)


def test_labels_are_as_many_as_there_are_classes(small_models):
    def facts(name):
        return inspect_model(small_models / f"{name}.tflite")

    check_labels(facts("map_of_scores"), ("red", "green", "blue"))
    check_labels(facts("mask"), ("background", "person"))
    check_labels(facts("map_of_classes"), ("as", "many", "as", "there", "may", "be"))
    check_labels(facts("map_of_scores"), ())
    with pytest.raises(LabError, match="3 classes, but 2 labels"):
        check_labels(facts("map_of_scores"), ("red", "green"))
    with pytest.raises(LabError, match="2 classes, but 1 labels"):
        check_labels(facts("mask"), ("person",))
    with pytest.raises(LabError, match="3 classes, but 1 labels"):
        check_labels(facts("logits"), ("red",))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"input_shape": (1, 10)}, r"takes a \(1, 10\) float32 input; the lab needs one square"),
        ({"input_shape": (1, 16, 16, 1)}, r"\(1, 16, 16, 1\) float32"),
        ({"input_shape": (2, 16, 16, 3)}, r"\(2, 16, 16, 3\)"),
        ({"input_shape": (1, 16, 24, 3)}, r"\(1, 16, 24, 3\)"),
        ({"input_shape": (1, 4, 4, 3)}, r"\(1, 4, 4, 3\)"),
        ({"dtype": INT16, "scale": 0.1}, "int16"),
        ({"dtype": UINT8}, "without a quantisation scale"),
        ({"input_shape": (1, 1, 1, 3), "signature": [1, -1, -1, 3]}, r"\(1, \?, \?, 3\).*open"),
    ],
)
def test_an_input_that_is_no_picture_is_named(tiny_model, changes, sentence):
    with pytest.raises(LabError, match=sentence):
        check_runnable(inspect_bytes(tiny_model(**changes)))


def test_an_open_batch_runs_as_one_picture(tiny_model):
    facts = inspect_bytes(tiny_model(signature=[-1, 16, 16, 3]))
    assert facts.inputs[0].shape == (1, 16, 16, 3)
    check_runnable(facts)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"", "empty"), (b"PK\x03\x04 a zip file", "not a TensorFlow Lite"), (b"TFL3", "not a Tens")],
)
def test_what_is_no_model_is_named(data, sentence):
    with pytest.raises(LabError, match=sentence):
        inspect_bytes(data)


def test_a_truncated_model_is_named(tmp_path, tiny_model):
    path = tmp_path / "cut.tflite"
    path.write_bytes(tiny_model()[:300])
    with pytest.raises(LabError, match="damaged or cut short"):
        inspect_model(path)


def test_a_published_model_cut_in_half_is_named(shared):
    data = (shared / "models/mobilenet_v1_0.5_160_quant.tflite").read_bytes()
    with pytest.raises(LabError, match="damaged or cut short"):
        inspect_bytes(data[: len(data) // 2])


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.tflite"
    with path.open("wb") as file:
        file.truncate(600 * 1024 * 1024)  # sparse: takes no room
    with pytest.raises(LabError, match="629 MB"):
        inspect_model(path)


@pytest.mark.parametrize("name", ["missing.tflite", ".", "nul\0.tflite"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(LabError, match="cannot be read"):
        inspect_model(tmp_path / name)


def test_labels_are_found_in_an_appended_zip(tiny_model):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "not these")
        archive.writestr("labels.txt", "red\ngreen\nblue\n")
    facts = inspect_bytes(tiny_model() + packed.getvalue())
    assert facts.labels == ("red", "green", "blue")


def test_a_damaged_appended_zip_only_costs_the_labels(tiny_model):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("labels.txt", "red\ngreen\nblue\n")
    damaged = packed.getvalue().replace(b"green", b"gruen")
    assert inspect_bytes(tiny_model() + damaged).labels == ()


def test_the_labs_own_mark_is_read_back(tiny_model):
    marker = Marker("v1_0.50_128", "int8", True, 7, "ab" * 32, "synthetic", ("rot", "grün"), "1.0")
    facts = inspect_bytes(add_marker(tiny_model(), marker))
    assert facts.marker == marker
    assert facts.untrained
    assert facts.name == "v1_0.50_128-int8"
    assert facts.labels == ("rot", "grün")


@pytest.mark.parametrize("note", [b"", b"[]", b"{", b"\xff", b'{"variant": 1}', b"[" * 100_000])
def test_a_strangers_mark_is_no_error(note):
    assert Marker.from_json(note) is None


@FUZZ
@given(data=st.binary(max_size=400), identified=st.booleans())
def test_random_bytes_never_crash_the_inspector(data, identified):
    if identified:
        data = data[:4].ljust(4, b"\x08") + b"TFL3" + data[4:]
    facts_or_error(data)


@FUZZ
@given(cut=st.integers(0, 3000))
def test_truncations_never_crash_the_inspector(tiny_model, cut):
    facts_or_error(tiny_model()[:cut])


@FUZZ
@given(flips=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 7)), min_size=1, max_size=8))
def test_bit_flips_never_crash_the_inspector(tiny_model, flips):
    data = bytearray(tiny_model())
    for at, bit in flips:
        data[at % len(data)] ^= 1 << bit
    facts_or_error(bytes(data))


@FUZZ
@given(flips=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 7)), min_size=1, max_size=8))
def test_bit_flips_in_a_maps_model_never_crash_the_inspector(small_models, flips):
    data = bytearray((small_models / "map_of_scores_int8.tflite").read_bytes())
    for at, bit in flips:
        data[at % len(data)] ^= 1 << bit
    facts_or_error(bytes(data))


def test_bit_flips_in_a_published_model_never_crash_the_inspector(shared):
    whole = (shared / "models/mobilenet_v1_0.25_128_quant.tflite").read_bytes()
    chance = random.Random(20260101)
    # Offsets and counts lie at both ends of the file; the weights between hold none.
    places = [*range(4_000), *range(len(whole) - 60_000, len(whole))]
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            data[chance.choice(places)] ^= 1 << chance.randrange(8)
        facts_or_error(bytes(data))


def test_a_small_file_cannot_claim_to_be_a_huge_one():
    """A thousand operations share one vector of inputs: 160 kB that would become 160 MB."""
    builder = flatbuffers.Builder(1 << 20)
    inputs = builder.CreateNumpyVector(np.zeros(40_000, np.int32))
    operators = []
    for _ in range(1000):
        schema.OperatorStart(builder)
        schema.OperatorAddInputs(builder, inputs)
        operators.append(schema.OperatorEnd(builder))
    listed = vector_of(builder, operators)
    schema.SubGraphStart(builder)
    schema.SubGraphAddOperators(builder, listed)
    graphs = vector_of(builder, [schema.SubGraphEnd(builder)])
    schema.OperatorCodeStart(builder)
    codes = vector_of(builder, [schema.OperatorCodeEnd(builder)])
    schema.ModelStart(builder)
    schema.ModelAddSubgraphs(builder, graphs)
    schema.ModelAddOperatorCodes(builder, codes)
    builder.Finish(schema.ModelEnd(builder), file_identifier=b"TFL3")
    with pytest.raises(LabError, match="damaged") as caught:
        inspect_bytes(bytes(builder.Output()))
    assert "more than it holds" in caught.value.detail


def vector_of(builder, offsets):
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def facts_or_error(data):
    """Whatever the bytes are: facts or a sentence, and no other exception."""
    with contextlib.suppress(LabError):
        facts = inspect_bytes(data)
        assert isinstance(facts, ModelFacts)
        assert facts.classes >= 0
        check_runnable(facts)
