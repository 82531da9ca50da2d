"""The part of a network that is trained: softmax regression on a backbone's features.

The function to minimise has one valley, so it is walked down with all pictures at once
(L-BFGS): no learning rate to choose, no chance, and the same figures for the same pictures.
NumPy's BLAS lets other threads run meanwhile: a window stays smooth.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.jobs import CancelToken

Floats = NDArray[np.float32]

HEAD: Final = "head"
BLOCKS: Final = "blocks"
_MEMORY: Final = 10
"""Steps that L-BFGS remembers, as is usual (Nocedal, Wright: Numerical Optimization, 7.2)."""
_ARMIJO: Final = 1e-4
_HALVINGS: Final = 20
_FLAT: Final = 1e-6
"""A slope below this, per parameter at most, is the bottom of the valley."""
_EVEN: Final = 1e-6
"""Features that spread less say nothing."""


@dataclass(frozen=True, slots=True)
class HeadOptions:
    """How a head is trained.

    Attributes:
        epochs: Passes over all pictures, at most.
        patience: Passes without a better validation before training stops.
        l2: Weight of the squared kernel: how strongly single features are distrusted.
        class_weights: Whether rare classes count as much as common ones.
    """

    epochs: int = 60
    patience: int = 12
    l2: float = 0.001
    class_weights: bool = True

    def __post_init__(self) -> None:
        """Reject what cannot be trained with."""
        if not (0 <= self.epochs <= 10_000 and self.patience >= 1 and 0 <= self.l2 < 1e6):
            raise LabError("The training options make no sense.", "Use the default ones.")


@dataclass(frozen=True, slots=True)
class Sample:
    """Pictures as the backbone sees them.

    Attributes:
        features: Shape (n, features).
        labels: Shape (n,), class indices.
    """

    features: Floats
    labels: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Head:
    """A softmax layer.

    Attributes:
        kernel: Shape (features, classes).
        bias: Shape (classes,).
    """

    kernel: Floats
    bias: Floats

    def probabilities(self, features: Floats) -> Floats:
        """Return the scores of each class, shape (n, classes); each row sums to 1."""
        return _softmax(features @ self.kernel + self.bias)


@dataclass(frozen=True, slots=True)
class Epoch:
    """Where training stands after one pass over all pictures.

    Attributes:
        number: From 1 on; 0 before the first.
        of: How many there will be at most.
        train_loss: Mean cross entropy, weighted as the options say; without the kernel's part.
        validation_loss: The same on validation.
        train_accuracy: Fraction 0..1, on pictures and their views.
        validation_accuracy: Fraction 0..1.
        seconds: Since training began.
        stage: ``HEAD``, or ``BLOCKS`` where the last blocks learn too.
    """

    number: int
    of: int
    train_loss: float
    validation_loss: float
    train_accuracy: float
    validation_accuracy: float
    seconds: float
    stage: str = HEAD

    @property
    def seconds_left(self) -> float:
        """Return how long the rest would take if all passes were made."""
        return self.seconds / max(1, self.number) * (self.of - self.number)


@dataclass(frozen=True, slots=True)
class TrainedHead:
    """What came of training.

    Attributes:
        head: The best one on validation.
        epochs: All passes, oldest first; the first is where training began.
        kept: The number of the pass that ``head`` is from.
        collapsed: Numbers of passes after which every validation picture got the same
            answer; none of them is kept.
        notice: What a person must know about that; else empty.
        cancelled: Whether training was cancelled; ``head`` is the best until then.
    """

    head: Head
    epochs: tuple[Epoch, ...]
    kept: int
    collapsed: tuple[int, ...]
    notice: str
    cancelled: bool


OnEpoch = Callable[[Epoch], None]


def train_head(
    train: Sample,
    validation: Sample,
    names: Sequence[str],
    options: HeadOptions,
    *,
    start: Head | None = None,
    on_epoch: OnEpoch | None = None,
    cancel: CancelToken | None = None,
) -> TrainedHead:
    """Train a head and keep the one that does best on validation.

    A head that gives every validation picture the same answer is never kept. If that is all
    there is without class weights, training begins anew with them.

    Args:
        train: What is learned from.
        validation: What decides which pass is kept, and when to stop.
        names: Of the classes.
        options: How.
        start: A head to go on from, for instance of a training that was cancelled.
        on_epoch: Told of each pass, on this thread.
        cancel: Obeyed after each pass: the best head until then is returned.

    Raises:
        LabError: If the features do not tell the classes apart at all.
        Cancelled: If it was cancelled before there was a head worth keeping.
    """
    told = on_epoch or (lambda _epoch: None)
    token = cancel or CancelToken()
    result = _train(train, validation, options, start, told, token)
    if result is None and not options.class_weights and not token.cancelled:
        heavy = HeadOptions(options.epochs, options.patience, options.l2, class_weights=True)
        result = _train(train, validation, heavy, None, told, token)
        if result is not None:
            said = (
                "Training fell to one answer for every picture, because one class has far more "
                "pictures: that was undone, and rare classes were given more weight."
            )
            return _with_notice(result, said)
    if result is None:
        token.check()
        raise LabError(
            f"Training gave every picture the same answer: nothing tells {' and '.join(names[:3])} "
            "apart.",
            "Look whether the folders hold what their names say, add pictures, or start from "
            "trained weights.",
        )
    if result.collapsed:
        said = (
            f"{len(result.collapsed)} of {len(result.epochs)} passes gave every validation "
            f"picture the same answer; what is kept is pass {result.kept}, which does not."
        )
        return _with_notice(result, said)
    return result


def _with_notice(result: TrainedHead, notice: str) -> TrainedHead:
    return TrainedHead(
        result.head, result.epochs, result.kept, result.collapsed, notice, result.cancelled
    )


def _train(
    train: Sample,
    validation: Sample,
    options: HeadOptions,
    start: Head | None,
    on_epoch: OnEpoch,
    cancel: CancelToken,
) -> TrainedHead | None:
    """Walk down; None if no pass was worth keeping."""
    begun = time.monotonic()
    valley = _Valley(train, options)
    judge = _Judge(validation, valley.class_weights)
    walk = _Walk(valley, valley.from_head(start))
    epochs: list[Epoch] = []
    collapsed: list[int] = []
    best: tuple[float, int, Head] | None = None
    for number in range(options.epochs + 1):
        if number and not walk.step():
            break
        head = valley.to_head(walk.at)
        loss, accuracy, one_answer = judge.judge(head)
        now = Epoch(
            number,
            options.epochs,
            valley.loss,
            loss,
            valley.accuracy,
            accuracy,
            time.monotonic() - begun,
        )
        epochs.append(now)
        on_epoch(now)
        if one_answer:
            collapsed.append(number)
        elif best is None or loss < best[0]:
            best = (loss, number, head)
        if cancel.cancelled or (best and number - best[1] >= options.patience):
            break
    if best is None:
        return None
    learned = tuple(number for number in collapsed if number)  # all answers are equal at first
    return TrainedHead(best[2], tuple(epochs), best[1], learned, "", cancel.cancelled)


def class_weights_of(labels: NDArray[np.intp], classes: int, *, even: bool) -> NDArray[np.float64]:
    """Return one weight per class: 1, or with ``even`` as much as makes all classes count alike."""
    if not even:
        return np.ones(classes)
    counts = np.bincount(labels, minlength=classes)
    weights: NDArray[np.float64] = len(labels) / (classes * np.maximum(counts, 1))
    return weights


class _Valley:
    """The function to minimise: weighted cross entropy and the squared kernel.

    Features are counted from their mean in units of their usual spread, the same for all: to
    give each its own would make much of what hardly varies, and held less on other sources.
    """

    def __init__(self, train: Sample, options: HeadOptions) -> None:
        _check(train.features)
        self._labels = train.labels
        self._classes = int(train.labels.max()) + 1
        self._l2 = options.l2
        self._mean = train.features.mean(axis=0, dtype=np.float64)
        spreads = train.features.std(axis=0, dtype=np.float64)
        varied = spreads[spreads > _EVEN]
        self._spread = float(np.median(varied)) if len(varied) else 1.0
        scale = np.float32(1 / self._spread)
        self._features: Floats = (train.features - self._mean.astype(np.float32)) * scale
        self.class_weights = class_weights_of(
            train.labels, self._classes, even=options.class_weights
        )
        weights = self.class_weights[train.labels]
        self._weights = (weights / weights.sum()).astype(np.float32)
        self.loss = 0.0
        self.accuracy = 0.0

    def from_head(self, head: Head | None) -> NDArray[np.float64]:
        """Return a head's parameters as this function counts them; zeros for none."""
        parameters = np.zeros((len(self._mean) + 1, self._classes))
        if head is not None and head.kernel.shape == (len(self._mean), self._classes):
            parameters[:-1] = head.kernel * self._spread
            parameters[-1] = head.bias + self._mean @ head.kernel
        return parameters

    def to_head(self, parameters: NDArray[np.float64]) -> Head:
        """Return the layer that takes features as they are."""
        kernel = parameters[:-1] / self._spread
        bias = parameters[-1] - self._mean @ kernel
        return Head(kernel.astype(np.float32), bias.astype(np.float32))

    def at(self, parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return height and slope at some parameters."""
        narrow = parameters.astype(np.float32)
        scores = _softmax(self._features @ narrow[:-1] + narrow[-1])
        rows = np.arange(len(scores))
        own = scores[rows, self._labels]
        self.loss = float(-(self._weights * np.log(np.maximum(own, 1e-12))).sum(dtype=np.float64))
        self.accuracy = float((scores.argmax(axis=1) == self._labels).mean())
        scores[rows, self._labels] -= 1
        scores *= self._weights[:, np.newaxis]
        slope = np.empty_like(parameters)
        slope[:-1] = self._features.T @ scores + self._l2 * parameters[:-1]
        slope[-1] = scores.sum(axis=0, dtype=np.float64)
        return self.loss + self._l2 / 2 * float((parameters[:-1] ** 2).sum()), slope


class _Walk:
    """L-BFGS: downhill by a guess at the curvature from the last steps' slopes."""

    def __init__(self, valley: _Valley, start: NDArray[np.float64]) -> None:
        self._valley = valley
        self.at = start
        self._height, self._slope = valley.at(start)
        self._steps: deque[tuple[NDArray[np.float64], NDArray[np.float64]]] = deque(maxlen=_MEMORY)

    def step(self) -> bool:
        """Go one step; False at the bottom."""
        if np.abs(self._slope).max() < _FLAT:
            return False
        way = self._direction()
        fall = float((way * self._slope).sum())
        if fall >= 0:  # a guess gone wrong: straight down
            self._steps.clear()
            way, fall = -self._slope, -float((self._slope**2).sum())
        length = 1.0 if self._steps else min(1.0, 1 / float(np.abs(self._slope).sum()))
        for _ in range(_HALVINGS):
            there = self.at + length * way
            height, slope = self._valley.at(there)
            if height <= self._height + _ARMIJO * length * fall:
                break
            length /= 2
        else:
            self._valley.at(self.at)
            return False
        moved, bent = there - self.at, slope - self._slope
        if float((moved * bent).sum()) > 1e-12:
            self._steps.append((moved, bent))
        self.at, self._height, self._slope = there, height, slope
        return True

    def _direction(self) -> NDArray[np.float64]:
        way = -self._slope
        shares = []
        for moved, bent in reversed(self._steps):
            share = (moved * way).sum() / (moved * bent).sum()
            way = way - share * bent
            shares.append(share)
        if self._steps:
            moved, bent = self._steps[-1]
            way *= (moved * bent).sum() / (bent * bent).sum()
        for (moved, bent), share in zip(self._steps, reversed(shares), strict=True):
            way = way + moved * (share - (bent * way).sum() / (moved * bent).sum())
        return way


class _Judge:
    """Says how good a head is on validation."""

    def __init__(self, validation: Sample, class_weights: NDArray[np.float64]) -> None:
        _check(validation.features)
        self._sample = validation
        weights = class_weights[validation.labels]
        self._weights = weights / weights.sum()

    def judge(self, head: Head) -> tuple[float, float, bool]:
        """Return loss, accuracy and whether all pictures of several classes got one answer."""
        scores = head.probabilities(self._sample.features)
        labels = self._sample.labels
        own = scores[np.arange(len(labels)), labels]
        loss = float(-(self._weights * np.log(np.maximum(own, 1e-12))).sum())
        said = scores.argmax(axis=1)
        one_answer = bool((said == said[0]).all() and (labels != labels[0]).any())
        return loss, float((said == labels).mean()), one_answer


def _check(features: Floats) -> None:
    if not np.isfinite(features).all():
        raise LabError(
            "The backbone's answers are no numbers.", "Its weights are damaged: choose others."
        )


def _softmax(logits: Floats) -> Floats:
    logits = logits - logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits
