"""From a Keras model to the bytes of a ``.tflite``; in the converter's child process only."""

from collections.abc import Callable, Iterable
from typing import Any

Inputs = Callable[[], Iterable[list[Any]]]


def frozen(model: Any) -> Any:
    """Return a Keras model as a function whose weights are constants.

    The converter takes a second for that; handed the model, it writes and reads a SavedModel
    of it and takes three.
    """
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    run = tf.function(lambda picture: model(picture, training=False))
    picture = tf.TensorSpec(model.input_shape, tf.float32, name="picture")
    return convert_variables_to_constants_v2(run.get_concrete_function(picture))


def lowered(
    function: Any, precision: str, calibrate: Inputs | None = None, module: Any = None
) -> bytes:
    """Convert a function whose weights are constants.

    Args:
        function: From ``frozen``, or a detector's.
        precision: ``float32``, ``float16`` or ``int8``.
        calibrate: Gives the inputs that int8 ranges are measured on; without it the function
            must carry them (``architectures.with_ranges``).
        module: What a detector's function belongs to (``detection.detector``): its last
            operation is TensorFlow Lite's own and computes with floats in each precision.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
    converter.allow_custom_ops = module is not None
    if precision == "float16":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    elif precision == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8 if module is None else tf.float32
        if calibrate is not None:
            converter.representative_dataset = calibrate
            ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            if module is not None:
                ops.append(tf.lite.OpsSet.TFLITE_BUILTINS)
            converter.target_spec.supported_ops = ops
    return bytes(converter.convert())
