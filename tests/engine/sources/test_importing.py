import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LabError
from engine.models.interpreter import HostModel
from engine.models.store import ModelStore
from engine.sources.importing import import_model

LABELS = tuple("abcdefg")


@pytest.fixture(scope="module")
def keras_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras")
    program = Path(__file__).parents[1] / "models" / "keras_files.py"
    subprocess.run([sys.executable, program, folder], capture_output=True, check=True)
    return folder


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


def test_a_keras_file_becomes_a_model_that_answers_alike(keras_files, store):
    kept = import_model(
        keras_files / "v1.keras", LABELS, "mine", variant="v1_0.25_128", store=store
    )
    assert (kept.name, kept.note.task) == ("mine", "classification")
    with HostModel(kept.path) as model:
        assert model.labels == LABELS
        model.predict(np.load(keras_files / "picture.npy"))
        np.testing.assert_allclose(model.scores(), np.load(keras_files / "v1.npy"), atol=1e-5)


def test_the_variant_may_stand_in_the_name(keras_files, store):
    kept = import_model(keras_files / "v2.keras", LABELS, "v2_0.35_128-keras", store=store)
    assert kept.name == "v2_0.35_128-keras"


@pytest.mark.parametrize(
    ("variant", "says"),
    [
        ("", "does not say which network"),
        ("v1_0.50_128", "does not hold the weights of v1_0.50_128 with 7 classes"),
        ("v1_9.99_128", "no variant"),
    ],
)
def test_a_keras_file_of_another_network_is_refused(keras_files, store, variant, says):
    with pytest.raises(LabError, match=says):
        import_model(keras_files / "v1.keras", LABELS, variant=variant, store=store)
    assert store.list() == ()


def test_a_folder_is_no_model(tmp_path, store):
    with pytest.raises(LabError, match="is a folder"):
        import_model(tmp_path, store=store)
