"""Keras graphs of the networks; imported in the converter's child process only."""

from typing import Any


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

    keras.backend.clear_session(free_memory=False)  # names count from 1 in each build
    keras.utils.set_random_seed(seed)
    return keras.applications.MobileNet(
        alpha=alpha,
        weights=None,
        classes=classes,
        input_tensor=keras.Input(batch_shape=(1, resolution, resolution, 3), name="picture"),
        name=f"mobilenet_v1_{alpha:.2f}_{resolution}",
    )


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


def set_folded_weights(model: Any, layers: list[tuple[Any, Any]]) -> None:
    """Put weights into the network whose batch norm was folded into them.

    Each batch norm becomes the identity plus the layer's bias.

    Args:
        model: From ``build_mobilenet_v1``.
        layers: Kernel and bias of each layer of ``layer_names``, in Keras's layouts:
            (h, w, in, out), depthwise (h, w, channels, 1).
    """
    import numpy as np

    for (name, norm_name), (kernel, bias) in zip(layer_names(), layers, strict=True):
        layer = model.get_layer(name)
        if not norm_name:
            layer.set_weights([kernel, bias])
            continue
        layer.set_weights([kernel])
        norm = model.get_layer(norm_name)
        one, zero = np.ones_like(bias), np.zeros_like(bias)
        norm.set_weights([one, bias, zero, one * (1 - norm.epsilon)])
