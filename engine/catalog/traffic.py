"""How many bytes one inference of a MobileNet v1 moves, counted from its architecture."""

from typing import Final

# Howard et al., "MobileNets" (2017), table 1: filters and stride of each depthwise separable pair
_PAIRS: Final = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip
_FIRST: Final = 32
_BYTES: Final = {"float32": 4, "float16": 4, "int8": 1}
"""Of one value as it is computed with: float16 weights are widened when the model is opened."""


def activation_count(alpha: float, resolution: int) -> int:
    """Return how many values the picture and the results of all convolutions are.

    Args:
        alpha: Width multiplier.
        resolution: Input side in pixels.
    """
    side = (resolution + 1) // 2
    channels = _width(_FIRST, alpha)
    count = 3 * resolution * resolution + side * side * channels
    for filters, stride in _PAIRS:
        side = (side + stride - 1) // stride
        count += side * side * channels
        channels = _width(filters, alpha)
        count += side * side * channels
    return count


def memory_traffic(alpha: float, resolution: int, params: float, precision: str) -> float:
    """Return the bytes that one inference moves: weights once, each result out and in again.

    Caches are left out of account: this is a feature to fit latency on, not a measurement.

    Args:
        alpha: Width multiplier.
        resolution: Input side in pixels.
        params: Weights.
        precision: ``float32``, ``float16`` or ``int8``.
    """
    return (2 * activation_count(alpha, resolution) + params) * _BYTES[precision]


def _width(filters: int, alpha: float) -> int:
    return max(8, int(filters * alpha + 4) // 8 * 8)
