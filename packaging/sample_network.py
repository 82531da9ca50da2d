"""Trains a small MobileNet v1 from a random start and makes it an int8 ``.tflite``.

TensorFlow is imported here, so this belongs into a process of its own.
"""

import math
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf

from engine.models.architectures import build_mobilenet_v1

Batch = tuple[np.ndarray, np.ndarray]
Make = Callable[[np.random.Generator, int], Batch]
"""Makes one batch of pictures (n, side, side, 3), uint8, and classes (n,), of a given side."""

_WARM_UP = 100
_SETTLE = 30  # steps after a change of side
_SMOOTHED = 0.05
_CLIPPED = 5.0
_SETTLING_BATCHES = 80
_MAKERS = 2


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes:
        alpha: Width multiplier.
        stages: Side of the pictures and number of steps: small pictures teach coarse shapes in
            a fraction of the time.
        rate: Highest learning rate.
        decay: Of weights.
        dropout: Of features before the classifier.
        seed: Of the start and of chance.
    """

    alpha: float
    stages: tuple[tuple[int, int], ...]
    rate: float = 3e-3
    decay: float = 0.02
    dropout: float = 0.2
    seed: int = 0

    @property
    def steps(self) -> int:
        """How many steps there are in all."""
        return sum(steps for _, steps in self.stages)


def train(plan: Plan, classes: int, make: Make, say: Callable[[str], None]) -> Any:
    """Train from a random start; return the network, its weights averaged over the last stage.

    Args:
        plan: How.
        classes: How many there are.
        make: Makes batches; called by several threads.
        say: Told how it goes.
    """
    keras.utils.set_random_seed(plan.seed)
    done, weights, model, average = 0, None, None, _Average()
    loss = right = 0.0
    for side, steps in plan.stages:
        model = _network(plan, side, classes)
        if weights is not None:
            model.set_weights(weights)
        optimizer, step = _stepper(plan, model)
        last = side == plan.stages[-1][0]
        for number, (pictures, truths) in zip(
            range(steps), _batches(plan, side, make), strict=False
        ):
            optimizer.learning_rate.assign(_rate(plan, done) * min(1.0, (number + 1) / _SETTLE))
            one, hits = step(tf.constant(pictures), tf.constant(truths))
            done += 1
            loss, right = loss + (float(one) - loss) * 0.02, right + (float(hits) - right) * 0.02
            if last and number % 5 == 0:
                average.take(model.trainable_variables)
            if done % 100 == 0:
                seen = 1 - 0.98**done
                say(f"{done} of {plan.steps}, {side} px: loss {loss / seen:.3f}, "
                    f"right {right / seen:.3f}")  # fmt: skip
        weights = model.get_weights()
    average.put(model.trainable_variables)
    _settle(model, plan, plan.stages[-1][0], make)
    return model


def convert(model: Any, alpha: float, side: int, calibration: Sequence[np.ndarray]) -> bytes:
    """Return the trained network as an int8 ``.tflite``.

    Args:
        model: From ``train``.
        alpha: Its width multiplier.
        side: Rows and columns of its input.
        calibration: Pictures of that size, uint8, that activation ranges are measured on.
    """
    single = build_mobilenet_v1(alpha, side, model.output_shape[-1])
    single.set_weights(model.get_weights())
    converter = tf.lite.TFLiteConverter.from_keras_model(single)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    inputs = [_scaled(picture[None]) for picture in calibration]
    extremes = np.full((1, side, side, 3), -1, np.float32)
    extremes[:, ::2] = 1  # the input's range is -1..1 whatever was shown
    converter.representative_dataset = lambda: ([each] for each in (*inputs, extremes))
    return bytes(converter.convert())


def answers(model: Any, pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Return the network's scores, shape (n, classes), before it is rounded to int8."""
    found = [model(_scaled(np.stack(pictures[n : n + 64])), training=False).numpy()
             for n in range(0, len(pictures), 64)]  # fmt: skip
    scores: np.ndarray = tf.nn.softmax(np.concatenate(found)).numpy()
    return scores


def _scaled(pictures: np.ndarray) -> np.ndarray:
    return (pictures.astype(np.float32) - 127.5) / 127.5


def _network(plan: Plan, side: int, classes: int) -> Any:
    model = keras.applications.MobileNet(
        alpha=plan.alpha, weights=None, classes=classes, input_shape=(side, side, 3),
        classifier_activation=None, dropout=plan.dropout,
    )  # fmt: skip
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.97  # Keras's 0.99 lags behind in so few steps
    return model


def _rate(plan: Plan, done: int) -> float:
    """Return the learning rate: up, then down along half a cosine."""
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, done / plan.steps)))
    return plan.rate * min(1.0, (done + 1) / _WARM_UP) * (0.98 * falling + 0.02)


def _stepper(plan: Plan, model: Any) -> tuple[Any, Any]:
    optimizer = keras.optimizers.AdamW(plan.rate, weight_decay=plan.decay, beta_2=0.98)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(pictures: Any, truths: Any) -> tuple[Any, Any]:
        inputs = (tf.cast(pictures, tf.float32) - 127.5) / 127.5
        wanted = tf.one_hot(truths, model.output_shape[-1]) * (1 - 2 * _SMOOTHED) + _SMOOTHED
        with tf.GradientTape() as tape:
            scores = model(inputs, training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, scores))
        slopes = tape.gradient(loss, model.trainable_variables)
        slopes, _ = tf.clip_by_global_norm(slopes, _CLIPPED)
        optimizer.apply_gradients(zip(slopes, model.trainable_variables, strict=True))
        hits = tf.cast(tf.argmax(scores, 1) == tf.cast(truths, tf.int64), tf.float32)
        return loss, tf.reduce_mean(hits)

    return optimizer, step


def _batches(plan: Plan, side: int, make: Make) -> Iterator[Batch]:
    """Yield batches that threads make ahead, in an order that does not depend on their speed."""
    over = threading.Event()
    lines: list[queue.Queue[Batch]] = [queue.Queue(3) for _ in range(_MAKERS)]

    def work(number: int) -> None:
        chance = np.random.default_rng((plan.seed, side, number))
        while not over.is_set():
            batch = make(chance, side)
            while not over.is_set():
                try:
                    lines[number].put(batch, timeout=0.2)
                    break
                except queue.Full:
                    continue

    for number in range(_MAKERS):
        threading.Thread(target=work, args=(number,), name="views", daemon=True).start()
    try:
        while True:
            for line in lines:
                yield line.get()
    finally:
        over.set()


def _settle(model: Any, plan: Plan, side: int, make: Make) -> None:
    """Measure the batch norms anew: they belong to other weights than the averaged ones."""
    look = tf.function(lambda pictures: model(pictures, training=True))
    for _, (pictures, _truths) in zip(
        range(_SETTLING_BATCHES), _batches(plan, side, make), strict=False
    ):
        look(tf.constant(_scaled(pictures)))


class _Average:
    """A running mean of weights, over about the last forty looks."""

    def __init__(self) -> None:
        self._looks = 0
        self._kept: list[np.ndarray] = []

    def take(self, variables: Sequence[Any]) -> None:
        now = [each.numpy() for each in variables]
        old = min(0.975, (1 + self._looks) / (10 + self._looks))
        self._kept = [k * old + n * (1 - old) for k, n in zip(self._kept or now, now, strict=True)]
        self._looks += 1

    def put(self, variables: Sequence[Any]) -> None:
        for each, kept in zip(variables, self._kept, strict=True):
            each.assign(kept)
