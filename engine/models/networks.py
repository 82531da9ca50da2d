"""Keras graphs of the networks beside MobileNet v1; in the converter's child process only."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.calibration import calibration_inputs

# Szegedy et al., Going Deeper with Convolutions (2014), table 1: 1x1, 3x3 reduce, 3x3,
# 5x5 reduce, 5x5, pool projection; None where the picture is halved.
_INCEPTIONS: Final = (
    (64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), None,
    (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64),
    (112, 144, 288, 32, 64, 64), (256, 160, 320, 32, 128, 128), None,
    (256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128),
)  # fmt: skip

_PICTURES: Final = 8
_SPREAD: Final = 2.0  # of an untrained classifier's logits: the best of 1000 gets some 0.1


def build_network(variant: str, classes: int) -> Any:
    """Build a classifier by the name of its variant.

    Args:
        variant: ``v2_1.00_224``, ``v3_small_1.00_224``, ``v3_large_0.75_224`` or
            ``inception_v1_224``.
        classes: Outputs of the softmax.

    Returns:
        A ``keras.Model`` from (1, side, side, 3), values -1..1, RGB, to (1, classes). MobileNet
        v2 and v3 are Keras Applications' own.
    """
    import keras

    family, *_, width, side = variant.split("_")
    picture = keras.Input(batch_shape=(1, int(side), int(side), 3), name="picture")
    if family == "inception":
        return _inception_v1(picture, classes)
    alike = {"alpha": float(width), "weights": None, "classes": classes, "input_tensor": picture}
    if family == "v2":
        return keras.applications.MobileNetV2(**alike)
    size = variant.split("_")[1]
    build = {
        "small": keras.applications.MobileNetV3Small,
        "large": keras.applications.MobileNetV3Large,
    }[size]
    return build(**alike, include_preprocessing=False)


def _inception_v1(picture: Any, classes: int) -> Any:
    """GoogLeNet without its training heads and without local response normalisation."""
    import keras
    from keras import layers

    def convolved(values: Any, filters: int, side: int, strides: int = 1) -> Any:
        return layers.Conv2D(filters, side, strides, padding="same", activation="relu")(values)

    def halved(values: Any) -> Any:
        return layers.MaxPooling2D(3, 2, padding="same")(values)

    values = halved(convolved(picture, 64, 7, 2))
    values = halved(convolved(convolved(values, 64, 1), 192, 3))
    for widths in _INCEPTIONS:
        if widths is None:
            values = halved(values)
            continue
        one, before_three, three, before_five, five, pooled = widths
        values = layers.Concatenate()(
            [
                convolved(values, one, 1),
                convolved(convolved(values, before_three, 1), three, 3),
                convolved(convolved(values, before_five, 1), five, 5),
                convolved(layers.MaxPooling2D(3, 1, padding="same")(values), pooled, 1),
            ]
        )
    values = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(values))
    return keras.Model(picture, layers.Dense(classes, "softmax")(values), name="inception_v1")


def set_random_weights(model: Any, seed: int) -> None:
    """Draw weights that keep signals alive, the same for the same seed.

    Kernels are drawn as He et al. have it; then batch norms take the mean and the variance
    of what reaches them from synthetic pictures, as they would in training, and a
    classifier is scaled so that its scores differ by more than an 8-bit output's step.

    Args:
        model: A Keras model whose input is one picture.
        seed: Of the random numbers.
    """
    generator = np.random.default_rng(seed)
    weighed = [layer for layer in model.layers if getattr(layer, "kernel", None) is not None]
    for layer in weighed:
        shape = tuple(layer.kernel.shape)
        depthwise = "depthwise" in type(layer).__name__.lower()
        fan_in = int(np.prod(shape[:2] if depthwise else shape[:-1]))
        drawn = [generator.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)]
        if layer.use_bias:
            drawn.append(generator.normal(0, 0.1, layer.bias.shape).astype(np.float32))
        layer.set_weights(drawn)
    pictures = calibration_inputs((), seed, model.input_shape[1])[:_PICTURES]
    _settle_norms(model, pictures)
    if isinstance(model.output_shape, tuple):
        scores = [np.asarray(model(picture, training=False), np.float64) for picture in pictures]
        spread = max(np.log(np.maximum(each, 1e-30)).std() for each in scores)
        weighed[-1].set_weights([_SPREAD / spread * part for part in weighed[-1].get_weights()])


def _settle_norms(model: Any, pictures: Sequence[NDArray[np.float32]]) -> None:
    """Let batch norms take the mean over some pictures of what reaches them."""
    norms = [layer for layer in model.layers if type(layer).__name__ == "BatchNormalization"]
    momenta = [norm.momentum for norm in norms]
    for number, picture in enumerate(pictures):
        for norm in norms:
            norm.momentum = number / (number + 1)
        model(picture, training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def load_keras_weights(model: Any, path: Path, variant: str) -> None:
    """Fill a graph from a Keras file, ``.h5`` or ``.keras``.

    Whole models saved by older Keras cannot be opened as models any more; their weights can.

    Raises:
        LabError: If the file cannot be read or holds weights of other shapes.
    """
    try:
        model.load_weights(str(path))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise LabError(
            f"{path.name} does not hold the weights of {variant} with {model.output_shape[-1]} "
            "classes.",
            "Choose a Keras file of that variant, with its classifier.",
            detail=str(error)[-2_000:],
        ) from error
    for layer in model.layers:
        for values in layer.get_weights():
            if not np.isfinite(values).all():
                raise LabError(f"{path.name} is damaged: some weights are no numbers.")
