"""The last blocks really learn: with TensorFlow, on drawn maps of two classes."""

import numpy as np
import pytest

from engine.catalog.variants import ModelName
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.inspector import inspect_model
from engine.models.interpreter import HostModel
from engine.models.retrained import build_retrained
from engine.models.store import ModelStore
from engine.models.tasks import EMBEDDING
from engine.models.tune_order import map_side
from engine.models.tuned import Maps, TuneOptions, maps_model, tune_blocks
from engine.paths import ASSETS

VARIANT = "v1_0.25_128"
FEATURES = 256
ROWS = 48
WEIGHTS = ASSETS / "sample" / "road-or-not.tflite"
"""Trained by the lab itself; random ones see the same in all pictures."""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return ModelStore(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def pictures():
    """Striped ones and plain ones, each of another colour."""
    chance = np.random.default_rng(0)
    drawn = np.broadcast_to(chance.integers(40, 216, (ROWS, 1, 1, 3)), (ROWS, 128, 128, 3)).copy()
    drawn[::2, :, ::16] = 0
    drawn[::2, :, 1::16] = 255
    return drawn.astype(np.uint8)


@pytest.fixture(scope="module")
def maps(store, workers, pictures, tmp_path_factory):
    """What the frozen part makes of them."""
    model = maps_model(VARIANT, WEIGHTS, 1, store, workers=workers)
    edge = map_side(1, 128)
    with HostModel(model, task=EMBEDDING) as runner:
        seen = [runner.predict(rgb).vector.reshape(edge, edge, -1) for rgb in pictures]
    path = tmp_path_factory.mktemp("maps") / "maps.npy"
    np.save(path, np.stack(seen).astype(np.float16))
    labels = np.arange(ROWS) % 2
    rows = np.arange(ROWS)
    return Maps(path, labels, rows[:36], rows[36:], np.ones(2))


@pytest.fixture(scope="module")
def start():
    """A head that knows nothing yet."""
    chance = np.random.default_rng(1)
    return chance.normal(0, 0.02, (FEATURES, 2)).astype(np.float32), np.zeros(2, np.float32)


@pytest.fixture(scope="module")
def learn(workers, maps, start):
    def run(**options):
        passes = []
        given = {"blocks": 1, "epochs": 8, "learning_rate": 3e-3, "batch": 12} | options
        tuned = tune_blocks(
            VARIANT, WEIGHTS, *start, maps, TuneOptions(**given), workers=workers,
            on_epoch=passes.append,
        )  # fmt: skip
        return tuned, passes

    return run


@pytest.fixture(scope="module")
def learned(learn):
    return learn()


def test_the_map_before_the_last_blocks_is_as_large_as_is_said(store, workers):
    facts = inspect_model(maps_model(VARIANT, WEIGHTS, 1, store, workers=workers))
    assert facts.outputs[0].shape == (1, 4 * 4 * 256)
    assert map_side(1, 128) == 4
    assert map_side(2, 128) == 8
    assert map_side(6, 224) == 14
    assert map_side(8, 224) == 28


def test_what_is_learned_is_better_on_validation(learned, maps):
    tuned, passes = learned
    assert [each["number"] for each in passes] == list(range(len(passes)))
    assert 0 < tuned.kept < len(passes)
    assert passes[tuned.kept]["validation_loss"] < passes[0]["validation_loss"]
    rows, labels = maps.validation, maps.labels[maps.validation]
    before, after = (each[rows, labels].mean() for each in (tuned.before, tuned.after))
    assert after > before


def test_the_same_seed_gives_the_same_layers(learn, learned):
    again, _ = learn()
    for (kernel, bias), (other, its_bias) in zip(learned[0].layers, again.layers, strict=True):
        np.testing.assert_array_equal(kernel, other)
        np.testing.assert_array_equal(bias, its_bias)
    np.testing.assert_array_equal(learned[0].kernel, again.kernel)


@pytest.mark.parametrize(("precision", "near"), [("float32", 0.01), ("int8", 0.12)])
def test_the_built_model_says_what_the_trained_one_says(
    learned, store, workers, pictures, precision, near
):
    tuned, _ = learned
    path = build_retrained(
        ModelName(VARIANT, precision), WEIGHTS, tuned.kernel, tuned.bias, ("dark", "bright"),
        blocks=tuned.layers, calibration=pictures[:8], store=store, workers=workers,
    )  # fmt: skip
    with HostModel(path) as model:
        for rgb, expected in zip(pictures[36:], tuned.after[36:], strict=True):
            model.predict(rgb)
            np.testing.assert_allclose(model.scores(), expected, atol=near)


def test_training_that_runs_away_leaves_nothing(learn):
    tuned, passes = learn(learning_rate=1e5, epochs=2, patience=1)
    assert tuned.layers == ()
    assert tuned.kept == 0
    np.testing.assert_array_equal(tuned.before, tuned.after)
    last = passes[-1]
    assert last["one_answer"] or not last["validation_loss"] < passes[0]["validation_loss"]


def test_blocks_of_another_network_are_refused(learned, store, workers):
    tuned, _ = learned
    with pytest.raises(LabError, match="do not fit the network"):
        build_retrained(
            ModelName("v1_0.50_128", "float32"), None, np.zeros((512, 2)), np.zeros(2),
            ("dark", "bright"), blocks=tuned.layers, store=store, workers=workers,
        )  # fmt: skip


def test_cancelling_ends_it_at_once(workers, maps, start):
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        tune_blocks(
            VARIANT, WEIGHTS, *start, maps, TuneOptions(1, epochs=1000), workers=workers,
            on_epoch=lambda _said: cancel.cancel(), cancel=cancel,
        )  # fmt: skip
