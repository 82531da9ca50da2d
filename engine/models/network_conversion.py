"""Converts the networks beside MobileNet v1; in the converter's child process only."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.models.calibration import calibration_inputs
from engine.models.detection import build_ssd, detector
from engine.models.lowering import frozen, lowered
from engine.models.networks import build_network, load_keras_weights, set_random_weights
from engine.models.preprocessing import CROP, STRETCH
from engine.models.recipe import Recipe
from engine.models.weights import INPUT_RANGE

Say = Callable[[float, str], object]
"""Told of progress: a fraction and a few words."""


class NetworkConversion:
    """Converts recipes; keeps the last graph for the next precision."""

    def __init__(self) -> None:
        self._kept: tuple[object, Any, Any] = (None, None, None)

    def convert(self, recipe: Recipe, say: Say) -> bytes:
        """Return the ``.tflite`` of a recipe.

        Raises:
            LabError: If weights or pictures cannot be read.
        """
        key = recipe.graph_key()
        if self._kept[0] != key:
            say(0.5, "building the graph")
            self._kept = (key, *_function(recipe))
        _, function, module = self._kept
        say(0.7, f"converting to {recipe.precision}")
        if recipe.precision != "int8":
            return lowered(function, recipe.precision, module=module)
        fit = STRETCH if module is not None else CROP
        pictures = calibration_inputs(recipe.calibration, recipe.seed, recipe.resolution, fit)
        return lowered(function, "int8", lambda: _shown(pictures, say), module=module)


def _function(recipe: Recipe) -> tuple[Any, Any]:
    """The network as a function, and the module that keeps a detector's alive."""
    import keras

    keras.backend.clear_session()
    if recipe.variant.startswith("ssd"):
        backbone = recipe.variant.split("_")[2]
        model = build_ssd(backbone, recipe.resolution, recipe.classes)
    else:
        model = build_network(recipe.variant, recipe.classes)
    if recipe.weights:
        load_keras_weights(model, Path(recipe.weights), recipe.variant)
    else:
        set_random_weights(model, recipe.seed)
    if recipe.variant.startswith("ssd"):
        return detector(model, recipe.classes)
    return frozen(model), None


def _shown(pictures: list[NDArray[np.float32]], say: Say) -> Iterator[list[NDArray[np.float32]]]:
    count = len(pictures)
    for number, picture in enumerate(pictures, 1):
        say(0.7 + 0.25 * number / count, f"measuring {number} of {count} pictures")
        yield [picture]
    ends = np.empty_like(pictures[0])
    ends[:, ::2], ends[:, 1::2] = INPUT_RANGE  # the input's range, whatever was shown
    yield [ends]
