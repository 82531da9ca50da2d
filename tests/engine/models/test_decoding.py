import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LabError
from engine.models.decoding import decode
from engine.models.recognition import Box
from engine.models.tasks import TensorFacts, check_outputs, task_of_outputs
from tests.vectors.tasks import write as vectors

VECTORS = Path(__file__).parents[2] / "vectors" / "tasks"
CASES = vectors.cases()
REFUSED = sorted(name for name, case in CASES.items() if "error" in case["expect"])
READ = sorted(set(CASES) - set(REFUSED))


def facts_of(outputs):
    return [
        TensorFacts("out", tuple(each["shape"]), each["dtype"], each["scale"], each["zero_point"])
        for each in outputs
    ]


def array_of(output):
    data = np.frombuffer(bytes.fromhex(output["hex"]), output["dtype"])
    return data.reshape(output["shape"])


def read(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


def entry_of(entry):
    found = {"class": entry.index, "score": entry.score}
    if isinstance(entry, Box):
        found |= {edge: getattr(entry, edge) for edge in ("top", "left", "bottom", "right")}
    return found


@pytest.mark.parametrize("name", READ)
def test_the_vectors_mean_just_what_they_say(name):
    vector = read(name)
    outputs, expected = facts_of(vector["outputs"]), vector["expect"]
    task = vector["task"] or task_of_outputs(outputs)
    check_outputs(task, outputs)
    arrays = [array_of(each) for each in vector["outputs"]]
    decoded = decode(task, vector["scores"] or "", arrays, outputs)
    found = [entry_of(entry) for entry in decoded.entries]
    assert decoded.kind == expected["kind"]
    assert found == [pytest.approx(entry, rel=1e-6) for entry in expected["entries"]]
    if decoded.kind == "vector":
        assert decoded.vector.dtype == np.float32
        assert decoded.vector.tolist() == pytest.approx(expected["vector"], rel=1e-6)
    if decoded.kind == "map":
        assert decoded.cells.shape == (expected["rows"], expected["columns"])
        assert decoded.cells.dtype == np.uint8
        assert decoded.cells.tobytes().hex() == expected["cells_hex"]


@pytest.mark.parametrize("name", REFUSED)
def test_outputs_that_do_not_fit_the_task_are_refused(name):
    vector = read(name)
    outputs = facts_of(vector["outputs"])
    with pytest.raises(LabError, match="The model gives"):
        check_outputs(vector["task"] or task_of_outputs(outputs), outputs)


def test_the_vectors_are_what_the_page_says():
    assert {each.stem for each in VECTORS.glob("*.json")} == set(CASES)
    assert all(read(name) == case for name, case in CASES.items())


def classes_of(values, scores_are):
    facts = TensorFacts("out", (1, len(values)), "float32")
    array = np.array([values], np.float32)
    return [entry.index for entry in decode("classification", scores_are, [array], [facts]).entries]


def test_scores_that_are_no_numbers_are_left_out():
    assert classes_of([0.25, np.nan, 0.5, np.inf], "probabilities") == [2, 0]
    assert classes_of([0.25, np.nan, 0.5], "logits") == []
    assert classes_of([1.0, np.inf], "") == []


def test_a_cell_takes_no_class_from_what_is_no_number():
    cells = np.array([[[[np.nan, 1, 0], [0, np.nan, -1], [np.nan] * 3]]], np.float32)
    facts = TensorFacts("out", (1, 1, 3, 3), "float32")
    assert decode("segmentation", "", [cells], [facts]).cells.tolist() == [[1, 0, 0]]


@pytest.mark.parametrize(("count", "found"), [(np.nan, 0), (-3, 0), (np.inf, 0), (2, 2), (9, 3)])
def test_a_count_that_cannot_be_finds_no_more_boxes_than_there_are(count, found):
    arrays = [np.zeros(shape, np.float32) for shape in ((1, 3, 4), (1, 3), (1, 3), (1,))]
    arrays[3][0] = count
    facts = [TensorFacts("out", array.shape, "float32") for array in arrays]
    assert len(decode("detection", "", arrays, facts).entries) == found


def test_a_detectors_file_may_leave_its_shapes_open_but_an_interpreter_not():
    outputs = [TensorFacts("out", (), "float32")] * 4
    check_outputs("detection", outputs, settled=False)
    with pytest.raises(LabError, match="a detector gives"):
        check_outputs("detection", outputs)


def test_a_map_that_a_result_cannot_name_the_columns_of_is_refused():
    with pytest.raises(LabError, match="70000 x 2 cells"):
        check_outputs("segmentation", [TensorFacts("out", (1, 2, 70_000), "int32")])
