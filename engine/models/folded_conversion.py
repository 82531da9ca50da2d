"""Converts MobileNet v1 from weights whose batch norm is folded; in the child process only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.models.architectures import (
    build_mobilenet_v1,
    fold,
    folded_weights,
    set_folded_weights,
    with_ranges,
)
from engine.models.calibration import calibration_inputs
from engine.models.lowering import frozen, lowered
from engine.models.networks import load_keras_weights
from engine.models.recipe import CLASSIFIER, FEATURES, Recipe
from engine.models.requantisation import refined
from engine.models.rounding import (
    Measured,
    Probe,
    completed,
    inputs_of_layers,
)
from engine.models.weights import (
    FLOAT_INPUT,
    INPUT_RANGE,
    INT8_INPUT,
    FoldedWeights,
    Layer,
    is_keras_file,
    read_weights,
)

Say = Callable[[float, str], object]
"""Told of progress: a fraction and a few words."""


class FoldedConversion:
    """Converts recipes of MobileNet v1; keeps the last graphs for the next precision."""

    def __init__(self) -> None:
        self._kept: tuple[object, Any] = (None, None)
        self._model: tuple[object, Any] = (None, None)
        self._probe: tuple[object, Any] = (None, None)

    def convert(self, recipe: Recipe, say: Say) -> bytes:
        """Return the ``.tflite`` of a recipe.

        Raises:
            LabError: If weights or pictures cannot be read.
        """
        if recipe.precision == "int8":
            return self._int8(recipe, say)
        key = recipe.graph_key()
        if self._kept[0] != key:
            say(0.5, "building the graph")
            model = self._graph(recipe, _weights(recipe, FLOAT_INPUT))
            self._kept = (key, frozen(_part(recipe, model)))
        say(0.8, f"converting to {recipe.precision}")
        return lowered(self._kept[1], recipe.precision)

    def _int8(self, recipe: Recipe, say: Say) -> bytes:
        say(0.5, "building the graph")
        weights = _weights(recipe, INT8_INPUT)
        model = self._graph(recipe, weights)
        measured = self._measure(recipe, model, weights, say)
        ranges = completed(weights.ranges, measured, made_up=not recipe.calibration)
        say(0.85, "converting to int8")
        data = lowered(frozen(with_ranges(model, ranges, INPUT_RANGE)[0]), "int8")
        return refined(data, weights, inputs_of_layers(measured))

    def _measure(self, recipe: Recipe, model: Any, weights: FoldedWeights, say: Say) -> Measured:
        pictures = calibration_inputs(recipe.calibration, recipe.seed, recipe.resolution)
        count = len(pictures)
        key = (self._model[0], weights.ranges)
        if self._probe[0] != key:
            rounded, results = with_ranges(model, weights.ranges)
            self._probe = (key, Probe(rounded, results, weights.ranges))

        def report(number: int) -> None:
            say(0.55 + 0.25 * number / count, f"measuring {number} of {count} pictures")

        measured: Measured = self._probe[1].measure(pictures, report)
        return measured

    def _graph(self, recipe: Recipe, weights: FoldedWeights) -> Any:
        import keras

        key = (recipe.alpha, recipe.resolution, weights.classes)
        if self._model[0] != key:
            keras.backend.clear_session()
            self._probe = (None, None)
            self._model = (key, build_mobilenet_v1(*key))
        set_folded_weights(self._model[1], weights.layers)
        return self._model[1]


def _weights(recipe: Recipe, tensor: Any) -> FoldedWeights:
    if not recipe.weights:
        weights = folded_weights(recipe.alpha, recipe.classes, recipe.seed)
    elif is_keras_file(Path(recipe.weights)):
        weights = _keras_weights(recipe)
    else:
        weights = read_weights(Path(recipe.weights))
    if recipe.head:
        head, blocks = read_head(Path(recipe.head))
        weights = weights.with_head(*head)
        if blocks:
            weights = weights.with_last_layers(blocks)
    return weights.fed_by(tensor)


def _keras_weights(recipe: Recipe) -> FoldedWeights:
    model = build_mobilenet_v1(recipe.alpha, recipe.resolution, recipe.classes)
    load_keras_weights(model, Path(recipe.weights), recipe.variant)
    return FoldedWeights(
        fold(model), recipe.alpha, recipe.resolution, recipe.classes, sha256=recipe.weights_sha256
    )


def read_head(path: Path) -> tuple[Layer, tuple[Layer, ...]]:
    """Read what ``retrained`` wrote: the classifier, and the layers before it that were trained.

    The classifier's kernel is of shape (features, classes).
    """
    with np.load(path, allow_pickle=False) as held:
        blocks: list[Layer] = []
        while f"kernel_{len(blocks):02}" in held:
            number = f"{len(blocks):02}"
            blocks.append((held[f"kernel_{number}"], held[f"bias_{number}"]))
        return (held["kernel"], held["bias"]), tuple(blocks)


def _part(recipe: Recipe, model: Any) -> Any:
    """The whole classifier, or what comes out of its pooling or of a block as a vector."""
    import keras

    if recipe.part == CLASSIFIER:
        return model
    pooled = recipe.part == FEATURES
    name = "conv_preds" if pooled else recipe.part
    values = model.get_layer(name).input if pooled else model.get_layer(name).output
    return keras.Model(model.input, keras.layers.Flatten(name="features")(values))
