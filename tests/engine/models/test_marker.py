import numpy as np
from ai_edge_litert import schema_py_generated as schema

from engine.models.inspector import inspect_bytes
from engine.models.interpreter import HostModel
from engine.models.marker import Marker, add_marker

MARKER = Marker("v1_0.25_128", "float32", untrained=True, labels=("a", "b", "c"))


def test_a_marked_model_answers_as_before(tiny_model):
    rgb = np.full((16, 16, 3), (200, 40, 40), np.uint8)
    plain, marked = (
        HostModel.from_bytes(data).predict(rgb).entries
        for data in (tiny_model(), add_marker(tiny_model(), MARKER))
    )
    assert plain == marked


def test_a_second_mark_replaces_the_first(tiny_model):
    other = Marker("v1_0.50_128", "int8", untrained=False)
    twice = add_marker(add_marker(tiny_model(), MARKER), other)
    assert inspect_bytes(twice).marker == other


def test_weights_stay_aligned_to_16_bytes(tiny_model):
    data = add_marker(tiny_model(), MARKER)
    model = schema.Model.GetRootAsModel(data, 0)
    starts = [
        buffer.DataAsNumpy().ctypes.data - np.frombuffer(data, np.uint8).ctypes.data
        for buffer in (model.Buffers(i) for i in range(model.BuffersLength()))
        if buffer.DataLength()
    ]
    assert len(starts) == 3
    assert [start % 16 for start in starts] == [0, 0, 0]


def test_the_same_note_gives_the_same_bytes(tiny_model):
    assert add_marker(tiny_model(), MARKER) == add_marker(tiny_model(), MARKER)


def test_facts_but_the_mark_are_unchanged(tiny_model):
    before, after = inspect_bytes(tiny_model()), inspect_bytes(add_marker(tiny_model(), MARKER))
    assert (before.ops, before.macs, before.params) == (after.ops, after.macs, after.params)
    assert before.inputs == after.inputs
    assert before.outputs == after.outputs
