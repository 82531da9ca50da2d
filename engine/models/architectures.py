"""Keras graphs of the networks; imported in the converter's child process only."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Kernel and bias: (h, w, in, out), depthwise (h, w, channels, 1)."""


_CLASSIFIER_GAIN = 6.0


def build_mobilenet_v1(alpha: float, resolution: int, classes: int = 1000, seed: int = 0) -> Any:
    """Build MobileNet v1 with random weights, the same for the same seed.

    The network is Keras Applications' own. Its batch is fixed to one picture, so that the
    converted graph has no operations that work out shapes while it runs.

    Args:
        alpha: Width multiplier.
        resolution: Input side in pixels.
        classes: Outputs of the softmax.
        seed: Of the random weights.

    Returns:
        A ``keras.Model`` from (1, resolution, resolution, 3), values -1..1, RGB, to
        (1, classes).
    """
    import keras

    model = keras.applications.MobileNet(
        alpha=alpha,
        weights=None,
        classes=classes,
        input_tensor=keras.Input(batch_shape=(1, resolution, resolution, 3), name="picture"),
        name=f"mobilenet_v1_{alpha:.2f}_{resolution}",
    )
    shapes = [model.get_layer(name).kernel.shape for name, _ in layer_names()]
    set_folded_weights(model, random_layers(shapes, seed))
    return model


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
