"""Let Keras graphs with imported weights look at pictures: a program, for it loads TensorFlow.

``keras_answers.py PICTURES OUT FILE...``: writes OUT/NAME.npy, the scores of all pictures, of
each file's variant as a Keras graph with the file's weights and its rounding to 8 bits.
"""

import os
import sys
from pathlib import Path

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow"}
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy as np
import tensorflow as tf

from engine.models.architectures import build_mobilenet_v1, set_folded_weights, with_ranges
from engine.models.calibration import calibration_inputs
from engine.models.pictures import find_pictures
from engine.models.weights import FLOAT_INPUT, read_weights


def main():
    pictures, folder, *files = map(Path, sys.argv[1:])
    paths = [str(path) for path in find_pictures(pictures)]
    for file in files:
        weights = read_weights(file).fed_by(FLOAT_INPUT)
        model = build_mobilenet_v1(weights.alpha, weights.resolution, weights.classes)
        set_folded_weights(model, weights.layers)
        run = tf.function(with_ranges(model, weights.ranges)[0])
        inputs = calibration_inputs(paths, 0, weights.resolution)
        np.save(folder / f"{file.stem}.npy", np.concatenate([run(each) for each in inputs]))


if __name__ == "__main__":
    main()
