"""Keras graphs of the networks; imported in the converter's child process only."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.models.weights import FoldedWeights, Layer, Range, layer_shapes

_CLASSIFIER_GAIN = 6.0


def build_mobilenet_v1(alpha: float, resolution: int, classes: int = 1000) -> Any:
    """Build MobileNet v1; its weights are for ``set_folded_weights`` to set.

    The network is Keras Applications' own. Its batch is fixed to one picture, so that the
    converted graph has no operations that work out shapes while it runs.

    Args:
        alpha: Width multiplier.
        resolution: Input side in pixels.
        classes: Outputs of the softmax.

    Returns:
        A ``keras.Model`` from (1, resolution, resolution, 3), values -1..1, RGB, to
        (1, classes).
    """
    import keras

    return keras.applications.MobileNet(
        alpha=alpha,
        weights=None,
        classes=classes,
        input_tensor=keras.Input(batch_shape=(1, resolution, resolution, 3), name="picture"),
        name=f"mobilenet_v1_{alpha:.2f}_{resolution}",
    )


def folded_weights(alpha: float, classes: int, seed: int) -> FoldedWeights:
    """Return random weights, the same for the same seed."""
    layers = random_layers(layer_shapes(alpha, classes), seed)
    return FoldedWeights(tuple(layers), alpha, 224, classes, untrained=True)


def layer_names() -> tuple[tuple[str, str], ...]:
    """Return each convolution's name and that of its batch norm, in the order they run.

    The classifier comes last and has no batch norm: its second name is empty.
    """
    blocks = [
        (f"conv_{part}_{block}", f"conv_{part}_{block}_bn")
        for block in range(1, 14)
        for part in ("dw", "pw")
    ]
    return (("conv1", "conv1_bn"), *blocks, ("conv_preds", ""))


def with_ranges(
    model: Any, ranges: Sequence[Range | None], picture: Range | None = None
) -> tuple[Any, list[Any]]:
    """Return the same network with its results rounded to 8 bits as it runs.

    This is what TensorFlow calls fake quantisation: each result becomes one of 256 values.
    The converter takes the ranges over into an int8 file; a network that was trained with
    such rounding needs it to answer as it did.

    Args:
        model: From ``build_mobilenet_v1``; its weights are shared.
        ranges: Of the 27 convolutions after their activation, of the pooled features, and of
            the classifier before its softmax; None leaves a result as it is.
        picture: Of the input.

    Returns:
        The network, and its results before they are rounded, in the order of ``ranges``.
    """
    import keras

    waiting = dict(zip(_rounded_layers(model), ranges, strict=True))
    values = inputs = keras.Input(batch_shape=model.input_shape, name="picture")
    values = _rounded(values, picture, "picture_range")
    results = []
    for layer in model.layers[1:]:
        values = layer(values)
        if layer.name in waiting:
            results.append(values)
            values = _rounded(values, waiting[layer.name], f"{layer.name}_range")
    return keras.Model(inputs, values, name=model.name), results


def _rounded_layers(model: Any) -> list[str]:
    """The names of the layers whose results have a range."""
    import keras

    pool = keras.layers.GlobalAveragePooling2D
    return [
        layer.name
        for layer in model.layers
        if layer.name.endswith("_relu") or layer.name == "conv_preds" or isinstance(layer, pool)
    ]


def _rounded(values: Any, wanted: Range | None, name: str) -> Any:
    import keras
    import tensorflow as tf

    if wanted is None:
        return values
    rounding = tf.quantization.fake_quant_with_min_max_args
    return keras.layers.Lambda(lambda raw: rounding(raw, *wanted), name=name)(values)


def random_layers(shapes: Sequence[tuple[int, ...]], seed: int) -> list[Layer]:
    """Draw weights that keep signals alive through all layers.

    Keras's own start (Glorot) lets them die out on the way: each picture would get the same
    answer, and the last layers would compute with denormal numbers, at another speed. He's
    start keeps their size: variance 2 / (inputs of one output). The classifier's weights are
    larger, so that scores differ by more than the step of an 8-bit output.

    Args:
        shapes: Of the kernels, in Keras's layouts.
        seed: Of the random numbers.
    """
    generator = np.random.default_rng(seed)
    layers: list[Layer] = []
    for height, width, inputs, outputs in shapes:
        depthwise = outputs == 1 and height > 1
        fan_in = height * width * (1 if depthwise else inputs)
        kernel = generator.normal(0, np.sqrt(2 / fan_in), (height, width, inputs, outputs))
        bias = generator.normal(0, 0.1, inputs if depthwise else outputs)
        if len(layers) == len(shapes) - 1:
            kernel *= _CLASSIFIER_GAIN
        layers.append((kernel.astype(np.float32), bias.astype(np.float32)))
    return layers


def set_folded_weights(model: Any, layers: Sequence[Layer]) -> None:
    """Put weights into the network whose batch norm was folded into them.

    Each batch norm becomes the identity plus the layer's bias.

    Args:
        model: From ``build_mobilenet_v1``.
        layers: Kernel and bias of each layer of ``layer_names``.
    """
    for (name, norm_name), (kernel, bias) in zip(layer_names(), layers, strict=True):
        layer = model.get_layer(name)
        if not norm_name:
            layer.set_weights([kernel, bias])
            continue
        layer.set_weights([kernel])
        norm = model.get_layer(norm_name)
        one, zero = np.ones_like(bias), np.zeros_like(bias)
        norm.set_weights([one, bias, zero, one * (1 - norm.epsilon)])


def fold(model: Any) -> tuple[Layer, ...]:
    """Return the kernels and biases of the network with its batch norm folded into them.

    Args:
        model: From ``build_mobilenet_v1``, with any weights.
    """
    layers: list[Layer] = []
    for name, norm_name in layer_names():
        weights = model.get_layer(name).get_weights()
        if not norm_name:
            layers.append((weights[0], weights[1]))
            continue
        norm = model.get_layer(norm_name)
        gamma, beta, mean, variance = norm.get_weights()
        scale = gamma / np.sqrt(variance + norm.epsilon)
        depthwise = weights[0].shape[3] == 1 and weights[0].shape[0] > 1
        kernel = weights[0] * (scale[:, np.newaxis] if depthwise else scale)
        layers.append((kernel.astype(np.float32), (beta - mean * scale).astype(np.float32)))
    return tuple(layers)
