"""Write Keras files of MobileNets with lively batch norms: a program, for it loads TensorFlow.

Beside each, ``picture.npy`` and the scores that the network itself gives for it.
"""

import os
import sys
from pathlib import Path

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow"}
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np

CLASSES = 7


def main():
    folder = Path(sys.argv[1])
    keras.utils.set_random_seed(5)
    generator = np.random.default_rng(5)
    pixels = generator.integers(0, 256, (128, 128, 3), np.uint8)
    np.save(folder / "picture.npy", pixels)
    values = (pixels.astype(np.float32)[np.newaxis] - 127.5) / 127.5
    v1 = keras.applications.MobileNet((128, 128, 3), 0.25, weights=None, classes=CLASSES)
    v2 = keras.applications.MobileNetV2((128, 128, 3), 0.35, weights=None, classes=CLASSES)
    for name, model in (("v1", v1), ("v2", v2)):
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                kept = layer.get_weights()
                moved = [each * generator.uniform(0.7, 1.6, each.shape) for each in kept]
                moved[1] = moved[1] + generator.normal(0, 0.3, moved[1].shape)
                layer.set_weights(moved)
        np.save(folder / f"{name}.npy", model.predict(values, verbose=0)[0])
        model.save_weights(folder / f"{name}.weights.h5")
        model.save(folder / f"{name}.keras")
    v1.save(folder / "v1.h5")


if __name__ == "__main__":
    main()
