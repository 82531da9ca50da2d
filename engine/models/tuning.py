"""Trains the last blocks of a MobileNet v1 further; in the converter's child process only.

What the blocks before them make of a picture never changes: these *maps* are computed once,
outside, and only what comes after them is run and trained here. Batch norm is folded into the
kernels and stays so: there are no batch statistics that could drift away.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.models.architectures import (
    build_mobilenet_v1,
    fold,
    folded_weights,
    layer_names,
    set_folded_weights,
)
from engine.models.tune_order import TuneOrder, cut_name
from engine.models.weights import FLOAT_INPUT, read_weights

_JUDGED_AT_ONCE: Final = 128
_STEEPEST: Final = 1.0
"""Slopes longer than this are shortened: one odd batch must not undo what was learned."""
_LEAST: Final = 1e-12
_UNSURE: Final = 0.05
"""How much of a picture's class is given to all classes: without it the network learns to be sure
where it is wrong, and validation's loss rises while its accuracy still does (Szegedy et al.,
Rethinking the Inception Architecture, 2015, section 7)."""
_MEAN_PASSES: Final = 3.0
"""The weights that are judged and kept are the mean over about so many passes: single steps on few
pictures swing far, their mean does not."""

Floats = NDArray[np.float32]
SayEpoch = Callable[[dict[str, float]], object]


def tune(order: TuneOrder, say: SayEpoch) -> None:
    """Train and write the best layers on validation, and all scores before and after.

    The same order gives the same layers on the same computer. ``output`` holds ``before`` and
    ``after``, shape (n, classes); ``kept``, the pass that is used; and, if a pass after the first
    was any good, ``layer_00_kernel``, ``layer_00_bias``, ... of the trained blocks in the order
    they run, the head last.

    Args:
        order: What to do.
        say: Told of each pass: the fields of ``Epoch`` and ``one_answer``.

    Raises:
        LabError: If the weights cannot be read.
    """
    import keras
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(order.seed)
    model = _model(order)
    maps = np.load(order.maps, mmap_mode="r")
    with np.load(order.rows, allow_pickle=False) as held:
        rows = {name: held[name] for name in held.files}
    tail = _Tail(model, order, maps.shape[1:])
    walk = _Walk(tail, maps, rows, order)
    before = walk.scores()
    kept, best = walk.train(before, say)
    found: dict[str, Any] = {"before": before, "after": before, "kept": kept}
    if best is not None:
        tail.set_values(best)
        found["after"] = walk.scores()
        for number, (kernel, bias) in enumerate(fold(model)[-2 * order.blocks - 1 :]):
            found[f"layer_{number:02}_kernel"] = kernel
            found[f"layer_{number:02}_bias"] = bias
    np.savez(order.output, **found)


def _model(order: TuneOrder) -> Any:
    _, alpha, side = order.variant.split("_")
    taken = (
        read_weights(Path(order.weights))
        if order.weights
        else folded_weights(float(alpha), order.classes, order.seed)
    )
    with np.load(order.head, allow_pickle=False) as held:
        taken = taken.with_head(held["kernel"], held["bias"]).fed_by(FLOAT_INPUT)
    model = build_mobilenet_v1(float(alpha), int(side), taken.classes)
    set_folded_weights(model, taken.layers)
    return model


class _Tail:
    """The blocks that are trained, from maps to the logits."""

    def __init__(self, model: Any, order: TuneOrder, shape: tuple[int, ...]) -> None:
        import keras
        import tensorflow as tf

        names = [layer.name for layer in model.layers]
        after = model.layers[names.index(cut_name(order.blocks)) + 1 :]
        values = maps = keras.Input(shape=shape)
        for layer in after:
            if layer.name in {"reshape_2", "predictions"}:
                break
            if not isinstance(layer, keras.layers.Dropout):
                values = layer(values, training=False) if _is_norm(layer) else layer(values)
        self._run = keras.Model(maps, keras.layers.Flatten()(values))
        self.variables = [
            variable
            for name, norm in layer_names()[-2 * order.blocks - 1 :]
            for variable in (
                model.get_layer(name).kernel,
                model.get_layer(norm).beta if norm else model.get_layer(name).bias,
            )
        ]
        self.mean = self.values()
        """Of the weights over the last passes."""
        steps = tf.TensorSpec((None, *shape), tf.float32)
        self.logits = tf.function(
            lambda maps: self._run(maps, training=False), input_signature=[steps]
        )

    def note(self, share: float) -> None:
        """Let the weights as they are now count ``share`` in their running mean."""
        for at, variable in enumerate(self.variables):
            self.mean[at] += np.float32(share) * (variable.numpy() - self.mean[at])

    def values(self) -> list[NDArray[np.float32]]:
        """Return what is trained, as it is now."""
        return [np.array(each.numpy()) for each in self.variables]

    def set_values(self, values: list[NDArray[np.float32]]) -> None:
        """Set what is trained."""
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)


def _is_norm(layer: Any) -> bool:
    return type(layer).__name__ == "BatchNormalization"


class _Walk:
    """Goes over the training rows again and again, and notes the best pass."""

    def __init__(
        self, tail: _Tail, maps: NDArray[Any], rows: dict[str, NDArray[Any]], order: TuneOrder
    ) -> None:
        self._tail, self._maps, self._order = tail, maps, order
        self._labels, self._rows = rows["labels"], rows
        self._weights = rows["weights"][self._labels]
        self._step = _step(tail, order)

    def scores(self) -> Floats:
        """Return the scores of all maps, shape (n, classes)."""
        found = []
        for first in range(0, len(self._maps), _JUDGED_AT_ONCE):
            some = np.asarray(self._maps[first : first + _JUDGED_AT_ONCE], np.float32)
            found.append(_softmax(self._tail.logits(some).numpy()))
        return np.concatenate(found)

    def train(self, before: Floats, say: SayEpoch) -> tuple[int, list[NDArray[np.float32]] | None]:
        """Return the number of the best pass and its values; None where no pass is better."""
        begun = time.monotonic()
        order, best, kept = self._order, None, 0
        start = self._judge(before[self._rows["train"]], "train")
        first = self._epoch(0, start[:2], before[self._rows["validation"]], begun)
        lowest = first["validation_loss"]
        say(first)
        chance = np.random.default_rng(order.seed)
        for number in range(1, order.epochs + 1):
            learned = self._pass(number, chance)
            walked = self._tail.values()
            self._tail.set_values(self._tail.mean)
            epoch = self._epoch(number, learned, self._validated(), begun)
            say(epoch)
            if not np.isfinite(epoch["validation_loss"]):
                break  # it ran away: what was best before is what is left
            if epoch["validation_loss"] < lowest and not epoch["one_answer"]:
                lowest, kept, best = epoch["validation_loss"], number, self._tail.values()
            self._tail.set_values(walked)
            if number - kept >= order.patience:
                break
        return kept, best

    def _pass(self, number: int, chance: np.random.Generator) -> tuple[float, float]:
        """Go over all training rows once; the mean loss and accuracy on the way."""
        rows = chance.permutation(self._rows["train"])
        total = right = weight = 0.0
        steps = -(-len(rows) // self._order.batch)
        for at, chosen in enumerate(_batches(rows, self._order.batch)):
            some = np.sort(chosen)  # in the order of the file
            done = (number - 1 + at / steps) / self._order.epochs
            rate = self._order.learning_rate * _share(done * self._order.epochs, done)
            weights = self._weights[some].astype(np.float32)
            maps = np.asarray(self._maps[some], np.float32)
            loss, hits = self._step(maps, self._labels[some], weights, np.float32(rate))
            self._tail.note(1 / (_MEAN_PASSES * steps))
            total += float(loss)
            right += float(hits)
            weight += float(weights.sum())
        return total / weight, right / len(rows)

    def _validated(self) -> Floats:
        rows = self._rows["validation"]
        found = [
            _softmax(self._tail.logits(np.asarray(self._maps[some], np.float32)).numpy())
            for some in _batches(rows, _JUDGED_AT_ONCE)
        ]
        return np.concatenate(found)

    def _judge(self, scores: Floats, side: str) -> tuple[float, float, bool]:
        labels = self._labels[self._rows[side]]
        weights = self._weights[self._rows[side]]
        own = np.maximum(scores[np.arange(len(labels)), labels], _LEAST)
        said = scores.argmax(axis=1)
        one_answer = bool((said == said[0]).all() and (labels != labels[0]).any())
        loss = float(-(weights * np.log(own)).sum() / weights.sum())
        return loss, float((said == labels).mean()), one_answer

    def _epoch(
        self, number: int, learned: tuple[float, float], scores: Floats, begun: float
    ) -> dict[str, float]:
        loss, accuracy, one_answer = self._judge(scores, "validation")
        return {
            "number": number,
            "of": self._order.epochs,
            "train_loss": learned[0],
            "validation_loss": loss,
            "train_accuracy": learned[1],
            "validation_accuracy": accuracy,
            "seconds": time.monotonic() - begun,
            "one_answer": one_answer,
        }


def _step(tail: _Tail, order: TuneOrder) -> Any:
    """One step of Adam on a batch; gives the summed weighted loss and how many were right."""
    import keras
    import tensorflow as tf

    classes = tail.variables[-1].shape[0]
    adam = keras.optimizers.Adam(order.learning_rate, global_clipnorm=_STEEPEST)
    adam.build(tail.variables)

    def step(maps: Any, labels: Any, weights: Any, rate: Any) -> Any:
        adam.learning_rate.assign(rate)
        with tf.GradientTape() as tape:
            logits = tail.logits(maps)
            each = tf.nn.softmax_cross_entropy_with_logits(_unsure(labels, classes), logits)
            mean = tf.reduce_sum(each * weights) / tf.reduce_sum(weights)
        slopes = tape.gradient(mean, [variable.value for variable in tail.variables])
        adam.apply(slopes, tail.variables)
        plain = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        hits = tf.reduce_sum(tf.cast(tf.argmax(logits, 1) == labels, tf.float32))
        return tf.reduce_sum(plain * weights), hits

    return tf.function(step, reduce_retracing=True)


def _unsure(labels: Any, classes: int) -> Any:
    """Return what is to be said of each picture: a little less than sure of its class."""
    import tensorflow as tf

    rest = _UNSURE / classes
    return tf.one_hot(labels, classes, 1 - _UNSURE + rest, rest)


def _share(passes: float, done: float) -> float:
    """The share of the learning rate: it grows over the first pass, then falls to nothing."""
    return float(min(1.0, passes) * (1 + np.cos(np.pi * done)) / 2)


def _batches(rows: NDArray[Any], size: int) -> Iterator[NDArray[Any]]:
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def _softmax(logits: Floats) -> Floats:
    powers: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers
