"""A retraining with the lab's own converter: one start of TensorFlow for all of these."""

import numpy as np
import pytest

from engine.models.inspector import inspect_model
from engine.models.interpreter import HostModel
from engine.models.pictures import read_picture
from engine.models.store import ModelStore
from engine.models.worker import Workers
from engine.training.feature_cache import FeatureCache
from engine.training.learned import Learned
from engine.training.networks import LabNetworks
from engine.training.retraining import RetrainOptions, retrain
from engine.training.views import PLAIN

VARIANT = "v1_0.25_128"


@pytest.fixture(scope="module")
def weights(shared):
    return shared / "models" / "mobilenet_v1_0.25_128_quant.tflite"


@pytest.fixture(scope="module")
def folder(shared, tmp_path_factory):
    """Sixty real pictures, thirty of each class."""
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("not_road", "road"):
        (folder / name).mkdir()
        for path in sorted((shared / "pictures" / "road" / name).iterdir())[::20][:30]:
            (folder / name / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def workers():
    with Workers(1) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(folder, weights, workers, tmp_path_factory):
    """The same retraining twice, with nothing kept in between; and the second's home."""
    both = []
    for name in ("first", "second"):
        home = tmp_path_factory.mktemp(name)
        retrained = retrain(
            folder,
            variant=VARIANT,
            weights=weights,
            networks=LabNetworks(ModelStore(home / "models"), workers),
            precisions=("float32", "int8"),
            options=RetrainOptions(views=4),
            learned=Learned(home / "learned"),
            features=home / "features",
        )
        both.append(retrained)
    return *both, home


def test_the_same_seed_gives_the_same_files(made):
    first, second, _ = made
    assert first.card == second.card
    for precision, path in first.models.items():
        assert path.read_bytes() == second.models[precision].read_bytes()


def test_the_models_carry_their_labels(made):
    for path in made[0].models.values():
        facts = inspect_model(path)
        assert facts.labels == ("not_road", "road")
        assert not facts.untrained


def test_sixty_pictures_are_enough_to_tell_most_roads(made):
    for evaluation in made[0].evaluations.values():
        assert evaluation.top1.value >= 0.75


def test_the_model_says_what_the_head_says_of_the_features(made):
    _, retrained, home = made
    picture = retrained.dataset.pictures[retrained.corrected.split.train[0]]
    cache = FeatureCache(
        retrained.card.backbone_sha256, len(retrained.trained.head.kernel), root=home / "features"
    )
    seen = cache.find([(picture.sha256, PLAIN)])[picture.sha256, PLAIN]
    cache.close()
    expected = retrained.trained.head.probabilities(seen[np.newaxis])[0]
    with HostModel(retrained.models["float32"]) as model:
        model.predict(read_picture(picture.path))
        np.testing.assert_allclose(model.scores(), expected, atol=5e-3)
