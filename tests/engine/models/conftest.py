import subprocess
import sys
from pathlib import Path

import pytest

from engine.catalog.variants import PRECISIONS, ModelName
from engine.models.converter import build_models
from engine.models.store import ModelStore
from engine.models.worker import Workers


@pytest.fixture(scope="session")
def read_picture():
    import cv2

    def read(path):
        return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)

    return read


@pytest.fixture(scope="session")
def built_store(tmp_path_factory):
    return ModelStore(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def workers():
    """One process with TensorFlow for all tests: it takes seconds to start."""
    with Workers(1) as warm:
        yield warm


@pytest.fixture(scope="session")
def built(built_store, workers):
    """0.25 at 128 in each precision, by name."""
    names = [ModelName("v1_0.25_128", precision) for precision in PRECISIONS]
    built = build_models(names, store=built_store, workers=workers)
    return {name.precision: path for name, path in built.items()}


@pytest.fixture(scope="session")
def small_models(tmp_path_factory):
    """Real conversions of small graphs, one file of each name in ``small_models.py``."""
    folder = tmp_path_factory.mktemp("small")
    program = Path(__file__).parent / "small_models.py"
    ended = subprocess.run(
        [sys.executable, program, folder], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return folder
