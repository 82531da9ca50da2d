"""Measures a network's results on pictures, to round them to 8 bits.

Runs in the converter's child process only.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.models.weights import Range

_SMALLEST: Final = 1e-6  # a result that is always zero still needs a range
_SURER: Final = 2.0
"""How much further the classifier's sums reach on photographs than on pictures that were made up:
0.25@224 puts out up to 23.0 on eight photographs and 12.3 on those. What does not fit in is cut
off, and classes that are cut off are alike: its top-1 fell from 56 to 45 of 100."""


@dataclass(frozen=True)
class Measured:
    """What a network's results were on some pictures.

    Attributes:
        lows: The lowest value of each result, of all pictures.
        highs: The highest value.
        means: The mean of each channel of each result as it runs on, rounded where it has a
            range.
    """

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    means: tuple[NDArray[np.float64], ...]


class Probe:
    """Looks at a network's results; TensorFlow takes a second to make it, and it can be kept.

    Weights of the network may change in between; ranges may not.
    """

    def __init__(self, model: Any, results: Sequence[Any], ranges: Sequence[Range | None]) -> None:
        """Make it.

        Args:
            model: A Keras model.
            results: Tensors of it, before rounding.
            ranges: What each of them is rounded to afterwards, if at all.
        """
        import keras
        import tensorflow as tf

        probe = keras.Model(model.input, list(results))

        def look(picture: Any) -> Any:
            seen = []
            for values, span in zip(probe(picture, training=False), ranges, strict=True):
                raw = tf.reshape(values, (-1, values.shape[-1]))
                rounded = raw
                if span is not None:
                    rounded = tf.quantization.fake_quant_with_min_max_args(raw, *span)
                seen.append((tf.reduce_min(raw), tf.reduce_max(raw), tf.reduce_mean(rounded, 0)))
            return seen

        self._look = tf.function(look)

    def measure(
        self, pictures: Iterable[NDArray[np.float32]], report: Callable[[int], object]
    ) -> Measured:
        """Run the network on pictures and note what comes out of its layers.

        Args:
            pictures: Inputs of the model.
            report: Told how many pictures are done.
        """
        rows = []
        for number, picture in enumerate(pictures, 1):
            rows.append([[part.numpy() for part in parts] for parts in self._look(picture)])
            report(number)
        columns = list(zip(*rows, strict=True))
        return Measured(
            lows=tuple(float(min(seen[0] for seen in column)) for column in columns),
            highs=tuple(float(max(seen[1] for seen in column)) for column in columns),
            means=tuple(np.mean([seen[2] for seen in column], 0, np.float64) for column in columns),
        )


def completed(
    ranges: Sequence[Range | None], measured: Measured, *, made_up: bool = False
) -> tuple[Range, ...]:
    """Fill in the ranges that no file gave; zero lies in each of them.

    Args:
        ranges: Of the file; the last is that of the classifier before its softmax.
        measured: On pictures.
        made_up: Whether nobody photographed those: then the classifier's own range is widened.
    """
    *inner, last = (
        known or (min(0.0, low), max(_SMALLEST, high))
        for known, low, high in zip(ranges, measured.lows, measured.highs, strict=True)
    )
    if made_up and ranges[-1] is None:
        last = (_SURER * last[0], _SURER * last[1])
    return (*inner, last)


def inputs_of_layers(measured: Measured) -> list[NDArray[np.float64] | None]:
    """Return the mean of each channel that each weighed layer takes in.

    The first layer takes the picture: None. The classifier takes the pooled features.
    """
    return [None, *measured.means[:26], measured.means[27]]


def through(kernel: NDArray[np.floating[Any]], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a layer makes of inputs that are the same everywhere, one value per channel."""
    taps: NDArray[np.float64] = kernel.sum(
        (0, 1), dtype=np.float64
    )  # (in, out), depthwise (channels, 1)
    depthwise = kernel.shape[3] == 1 and kernel.shape[0] > 1
    moved: NDArray[np.float64] = taps[:, 0] * mean if depthwise else mean @ taps
    return moved
