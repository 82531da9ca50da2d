"""The child process that holds TensorFlow: one recipe in, one ``.tflite`` out.

Started by ``engine.models.converter`` as ``python -m engine.models.conversion``. Standard
input carries one line of JSON and stays open: when it ends, the lab is gone and so is this
process. Standard output carries lines of JSON: progress, then ``{"done": true}`` or an
error's sentence. What TensorFlow prints goes to standard error.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.architectures import build_mobilenet_v1, set_folded_weights
from engine.models.pictures import read_picture
from engine.models.preprocessing import CROP, centre_square, resize_bilinear, to_tensor
from engine.models.tasks import TensorFacts
from engine.models.weights import read_weights

SYNTHETIC_PICTURES: Final = 64


def main() -> int:
    """Convert what standard input asks for."""
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # TensorFlow prints to standard output, from Python and from C++
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        data = convert(request["recipe"], answers)
        Path(request["output"]).write_bytes(data)
    except LabError as error:
        _say(answers, what=error.what, advice=error.advice, detail=error.detail)
        return 2
    _say(answers, done=True)
    return 0


def convert(recipe: dict[str, Any], answers: IO[str]) -> bytes:
    """Build and convert one network.

    Args:
        recipe: The fields of ``engine.models.converter.Recipe``.
        answers: Where progress goes, as lines of JSON.

    Raises:
        LabError: If TensorFlow is missing or the weights or pictures cannot be read.
    """
    _, alpha, resolution = recipe["variant"].split("_")
    side = int(resolution)
    pictures = _calibration_pictures(recipe, side)
    _progress(answers, 0.02, "loading TensorFlow")
    try:
        import tensorflow as tf
    except ImportError as error:
        raise LabError(
            "TensorFlow is not installed, so no model can be built.",
            "Run packaging/run.py again to repair the environment.",
            detail=str(error),
        ) from error

    _progress(answers, 0.5, "building the graph")
    model = build_mobilenet_v1(float(alpha), side, recipe["classes"], recipe["seed"])
    if recipe["weights"]:
        set_folded_weights(model, read_weights(Path(recipe["weights"])).layers)

    _progress(answers, 0.6, f"converting to {recipe['precision']}")
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if recipe["precision"] == "float16":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    elif recipe["precision"] == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
        converter.representative_dataset = lambda: _representative(pictures, answers)
    return bytes(converter.convert())


def _calibration_pictures(recipe: dict[str, Any], side: int) -> list[NDArray[np.uint8]]:
    if recipe["precision"] != "int8":
        return []
    if recipe["calibration"]:
        pictures = (read_picture(Path(path)) for path in recipe["calibration"])
        return [resize_bilinear(centre_square(rgb), side, side) for rgb in pictures]
    generator = np.random.default_rng(recipe["seed"])
    return [synthetic_picture(generator, side) for _ in range(SYNTHETIC_PICTURES)]


def _representative(
    pictures: list[NDArray[np.uint8]], answers: IO[str]
) -> Iterator[list[NDArray[np.generic]]]:
    count, side = len(pictures), len(pictures[0])
    tensor = TensorFacts("picture", (1, side, side, 3), "float32")
    for number, rgb in enumerate(pictures):
        _progress(answers, 0.65 + 0.25 * number / count, f"calibrating {number + 1} of {count}")
        yield [to_tensor(rgb, tensor, CROP)]
    extremes = np.empty((1, side, side, 3), np.float32)
    extremes[:, ::2], extremes[:, 1::2] = -1, 1  # the input's range is -1..1 whatever was shown
    yield [extremes]


def synthetic_picture(generator: np.random.Generator, side: int) -> NDArray[np.uint8]:
    """Make a picture with structure at several scales, as photographs have.

    Args:
        generator: Where chance comes from.
        side: Rows and columns.
    """
    total = np.zeros((side, side, 3))
    for cells in (2, 4, 8, 16, 32, side):
        coarse = generator.normal(size=(cells, cells, 3))
        coarse += generator.normal(size=(cells, cells, 1))  # mostly brightness, some colour
        at = np.minimum(np.arange(side) * cells // side, cells - 1)
        total += coarse[at][:, at] / np.sqrt(cells)
    total = (total - total.mean()) / (total.std() + 1e-9)
    brightness, contrast = generator.uniform(90, 160), generator.uniform(30, 75)
    picture: NDArray[np.uint8] = np.clip(brightness + contrast * total, 0, 255).astype(np.uint8)
    return picture


def _end_with_parent() -> None:
    while os.read(0, 1):  # not sys.stdin: its lock would be held while the process ends
        pass
    os._exit(3)


def _progress(answers: IO[str], fraction: float, detail: str) -> None:
    _say(answers, fraction=fraction, detail=detail)


def _say(answers: IO[str], **message: object) -> None:
    answers.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    sys.exit(main())
