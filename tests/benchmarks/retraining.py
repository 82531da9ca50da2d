"""How long retraining takes, beside a plain Keras ``model.fit`` with the same frozen backbone.

Run it by hand: ``python tests/benchmarks/retraining.py PICTURES WEIGHTS.tflite``; it prints JSON.
``PICTURES`` has class folders; out of them ``--pictures`` pictures of 320 x 320 are made by
augmenting. ``lab`` is from that folder to an int8 model tested on the test side, with nothing
cached and no process warm; ``relabel`` is the same again after ten pictures got another class.
``fit`` reads the same training pictures, runs the frozen network with a new head on them for as
many epochs as the lab made passes, and converts to int8; it makes no views, no test and no card.
With ``--epochs N`` only N epochs are run and the time of one is taken times the passes: ``scaled``
says so. ``ratio`` is fit over lab.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.models.pictures import read_picture
from engine.models.preprocessing import centre_square, resize_bilinear

SIDE = 320
RELABELLED = 10


def make_pictures(source: Path, folder: Path, count: int) -> None:
    """Write pictures that nobody has seen: views of those of ``source``, in the same classes."""
    import cv2

    from engine.training.dataset import scan
    from engine.training.views import kind_of, view

    found = scan(source)
    for name in found.classes:
        (folder / name).mkdir()

    order = np.random.default_rng(0).permutation(len(found.pictures))

    def write(at: int) -> None:
        picture = found.pictures[order[at % len(order)]]
        first = 2 + 4 * (at // len(order))
        number = next(n for n in range(first, first + 4) if kind_of(picture.sha256, n) == "day")
        rgb = view(read_picture(picture.path), SIDE, picture.sha256, number)
        path = folder / found.classes[picture.label] / f"{at:05}.jpg"
        cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(write, range(count)))


def lab(folder: Path, weights: Path, variant: str) -> dict[str, object]:
    """Retrain, and retrain again after a correction."""
    from engine.models.store import ModelStore
    from engine.models.worker import Workers
    from engine.training.learned import Learned
    from engine.training.networks import LabNetworks
    from engine.training.retraining import retrain

    with tempfile.TemporaryDirectory() as home, Workers() as workers:
        given = {
            "variant": variant,
            "weights": weights,
            "networks": LabNetworks(ModelStore(Path(home) / "models"), workers),
            "learned": Learned(Path(home) / "learned"),
            "features": Path(home) / "features",
        }
        begun = time.perf_counter()
        first = retrain(folder, **given)
        total_s = time.perf_counter() - begun
        wrong = [first.dataset.pictures[at].path for at in first.corrected.split.train[:RELABELLED]]
        begun = time.perf_counter()
        second = retrain(
            folder,
            **given,
            dataset=first.dataset,
            relabelled=dict.fromkeys(wrong, first.dataset.classes[-1]),
        )
        relabel_s = time.perf_counter() - begun
    return {
        "seconds": round(total_s, 1),
        "steps": {step: round(seconds, 2) for step, seconds in first.seconds.items()},
        "views": first.card.views,
        "passes": len(first.trained.epochs),
        "test": str(first.evaluations["int8"].top1),
        "training": [str(first.dataset.pictures[at].path) for at in first.corrected.split.train],
        "relabel": {
            "seconds": round(relabel_s, 2),
            "steps": {step: round(seconds, 2) for step, seconds in second.seconds.items()},
        },
    }


def fit(weights: Path, variant: str, epochs: int, passes: int) -> dict[str, object]:
    """Train a head the plain way; the pictures' names come on standard input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # TensorFlow prints to standard output
    paths = sys.stdin.read().splitlines()
    begun = time.perf_counter()
    os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}
    import keras
    import tensorflow as tf

    from engine.models.architectures import set_folded_weights
    from engine.models.weights import read_weights

    _, alpha, resolution = variant.split("_")
    side, taken = int(resolution), read_weights(weights)
    network = keras.applications.MobileNet(
        alpha=float(alpha), weights=None, classes=taken.classes, input_shape=(side, side, 3)
    )
    set_folded_weights(network, taken.layers)
    pooled = next(each for each in network.layers if "global_average" in each.name).output
    backbone = keras.Model(network.input, keras.layers.Flatten()(pooled))
    backbone.trainable = False
    names = sorted({Path(path).parent.name for path in paths})
    picture = keras.Input((side, side, 3))
    features = keras.layers.Dropout(0.2)(backbone(picture, training=False))
    model = keras.Model(picture, keras.layers.Dense(len(names), activation="softmax")(features))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def read(path: str) -> np.ndarray:
        return resize_bilinear(centre_square(read_picture(Path(path))), side, side)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pictures = np.stack(list(pool.map(read, paths))).astype(np.float32) / 127.5 - 1
    labels = np.array([names.index(Path(path).parent.name) for path in paths])
    read_s = time.perf_counter() - begun
    begun = time.perf_counter()
    model.fit(pictures, labels, batch_size=32, epochs=epochs, verbose=0)
    fit_s = (time.perf_counter() - begun) * passes / epochs
    begun = time.perf_counter()
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.representative_dataset = lambda: ([each[np.newaxis]] for each in pictures[:100])
    converter.convert()
    convert_s = time.perf_counter() - begun
    found = {
        "seconds": round(read_s + fit_s + convert_s, 1),
        "steps": {"read": round(read_s, 1), "fit": round(fit_s, 1), "convert": round(convert_s, 1)},
        "scaled": f"{epochs} of {passes} epochs run" if epochs != passes else "no",
    }
    answers.write(json.dumps(found))
    answers.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("source", type=Path, metavar="PICTURES")
    parser.add_argument("weights", type=Path)
    parser.add_argument("--variant", default="v1_0.50_128")
    parser.add_argument("--pictures", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=0, help="of fit; 0 for as many as passes")
    parser.add_argument("--fit", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fit:
        fit(options.weights, options.variant, options.epochs or options.fit, options.fit)
        return
    with tempfile.TemporaryDirectory() as folder:
        make_pictures(options.source, Path(folder), options.pictures)
        found: dict[str, object] = {"pictures": options.pictures, "variant": options.variant}
        ours = lab(Path(folder), options.weights, options.variant)
        training = "\n".join(ours.pop("training"))
        command = [sys.executable, __file__, str(options.source), str(options.weights)]
        command += ["--variant", options.variant, "--epochs", str(options.epochs)]
        command += ["--fit", str(ours["passes"])]
        done = subprocess.run(
            command, input=training, text=True, check=True, stdout=subprocess.PIPE
        )
        theirs = json.loads(done.stdout)
    found |= {"lab": ours, "fit": theirs, "ratio": round(theirs["seconds"] / ours["seconds"], 1)}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
