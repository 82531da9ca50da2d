"""A model is found by what people call it, wherever it is."""

import pytest

from engine.catalog.variants import ModelName
from engine.errors import LabError
from engine.models.finding import find_model, samples
from engine.models.store import ModelStore

KEY = "ab" * 32


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


def test_a_file_is_itself(store, tmp_path):
    assert find_model(str(tmp_path / "any.tflite"), store).path == tmp_path / "any.tflite"


def test_a_variant_is_built_whatever_else_is_called_so(store):
    store.put(KEY, b"model", name="v1_0.50_128-int8", built=False)
    assert find_model("v1_0.50_128-int8", store) == ModelName("v1_0.50_128", "int8")
    assert find_model("v2_1.00_224-float16", store) == ModelName("v2_1.00_224", "float16")


@pytest.mark.parametrize("wanted", ["my roads", "v1_0.50_128-int8-of-mine", KEY, KEY[:8]])
def test_a_model_here_is_found_by_name_and_key_with_its_labels(store, wanted):
    name = wanted if wanted not in KEY else "other"
    store.put(KEY, b"model", name=name, labels=("a", "b"))
    found = find_model(wanted, store)
    assert (found.name, found.path) == (name, store.path_of(KEY))
    assert found.labels.read_text() == "a\nb\n"


def test_the_sample_is_called_by_its_name(store):
    (sample,) = samples()
    assert find_model("road-or-not", store) == sample
    assert sample.labels.is_file()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("v1_0.50_128-quant", "Fetch it first: model fetch v1_0.50_128-quant"),
        ("v1_0.50_128", "Say v1_0.50_128-float32"),
        ("v1_0.51_128-int8", "v1_0.50_128"),
        ("road-or-nto", "Did you mean road-or-not"),
        ("my raods", "Did you mean my roads"),
        ("\N{CAT FACE}../..", "model list"),
        ("", "model list"),
    ],
)
def test_what_is_nowhere_gets_advice(store, wanted, said):
    store.put(KEY, b"model", name="my roads")
    with pytest.raises(LabError) as told:
        find_model(wanted, store)
    assert said in told.value.advice


def test_of_two_with_one_name_the_keys_are_told(store):
    for key in (KEY, "cd" * 32):
        store.put(key, b"model", name="roads")
    with pytest.raises(LabError, match="2 models called roads"):
        find_model("roads", store)
