"""Write small models of several purposes into a folder: a program, for it loads TensorFlow.

All look at colours: class 0 is red, 1 green, 2 blue.
"""

import os
import sys
from pathlib import Path

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow"}
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SIDE = 16
SEES_COLOURS = 9 * np.eye(3, dtype=np.float32)


def model(build):
    picture = keras.Input((SIDE, SIDE, 3), batch_size=1)
    made = keras.Model(picture, build(picture))
    for layer in made.layers:
        if layer.weights and layer.name.startswith("colours"):
            weights = SEES_COLOURS.reshape(layer.weights[0].shape)
            layer.set_weights([weights, np.zeros(3, np.float32)])
    return made


def colours(values, activation=None):
    return layers.Conv2D(3, 1, activation=activation, name="colours")(values)


def deeplab(picture):
    """Scores at a quarter of the size, enlarged: what DeepLab ends in."""
    return layers.UpSampling2D(4, interpolation="bilinear")(
        colours(layers.AveragePooling2D(4)(picture))
    )


def two_branches(picture):
    """Two heads added up, as MobileNetV3's LR-ASPP does."""
    fine, coarse = colours(picture), layers.Conv2D(3, 3, padding="same")(picture)
    coarse = keras.ops.multiply(coarse, 0.001)
    return layers.Add()([fine, coarse])


def classes(scores, dtype):
    # Keras's own argmax becomes operations that TensorFlow Lite does not have.
    return layers.Lambda(lambda values: tf.argmax(values, -1, output_type=dtype))(scores)


def pooled(picture):
    return layers.GlobalAveragePooling2D()(picture)


BUILDS = {
    "map_of_scores": deeplab,
    "map_of_softmax": lambda picture: layers.Softmax()(colours(picture)),
    "map_of_two_branches": two_branches,
    "map_of_classes": lambda picture: classes(deeplab(picture), tf.int64),
    "map_of_classes_int32": lambda picture: classes(deeplab(picture), tf.int32),
    "mask": layers.Conv2D(1, 1, activation="sigmoid"),
    "embedding": pooled,
    "embedding_of_length_one": lambda picture: layers.UnitNormalization()(pooled(picture)),
    "embedding_of_features": lambda picture: layers.Dense(7, activation="relu")(pooled(picture)),
    "logits": lambda picture: layers.Dense(3, name="colours")(pooled(picture)),
    "log_softmax": lambda picture: keras.ops.log_softmax(
        layers.Dense(3, name="colours")(pooled(picture))
    ),
    "sigmoid": lambda picture: layers.Dense(3, activation="sigmoid", name="colours")(
        pooled(picture)
    ),
    "larger_picture": lambda picture: layers.Lambda(lambda values: tf.nn.depth_to_space(values, 2))(
        layers.Conv2D(12, 1)(picture)
    ),
    "features_of_cells": lambda picture: colours(picture, "relu"),
}


def convert(made, *, int8=False):
    converter = tf.lite.TFLiteConverter.from_keras_model(made)
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        ends = np.ones((1, SIDE, SIDE, 3), np.float32)
        converter.representative_dataset = lambda: ([sign * ends] for sign in (-1, 1))
    return converter.convert()


def main():
    folder = Path(sys.argv[1])
    keras.utils.set_random_seed(1)
    for name, build in BUILDS.items():
        (folder / f"{name}.tflite").write_bytes(convert(model(build)))
    for name in ("map_of_scores", "embedding", "embedding_of_length_one", "map_of_classes"):
        (folder / f"{name}_int8.tflite").write_bytes(convert(model(BUILDS[name]), int8=True))


if __name__ == "__main__":
    main()
