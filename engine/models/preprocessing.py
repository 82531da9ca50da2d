"""From picture to tensor, as ``packaging/android/PROTOCOL.md`` defines it.

The same everywhere, so that a result on the phone is a result on the desk.
"""

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.inspector import DETECTION, TensorFacts

_RAW_SCALES: Final = (1 / 128, 1 / 127.5)
_RAW_ZERO_POINTS: Final = (127, 128)
_STRIP: Final = 32  # rows at a time, so that the numbers stay in the processor's cache
_LIMITS: Final = {"uint8": (0, 255), "int8": (-128, 127)}


def to_tensor(rgb: NDArray[np.uint8], tensor: TensorFacts, task: str) -> NDArray[np.generic]:
    """Turn an upright picture into a model's input.

    Args:
        rgb: Shape (height, width, 3).
        tensor: The model's input: (1, size, size, 3), float32, uint8 or int8.
        task: A detection model sees the whole picture stretched, others the largest
            centred square.

    Returns:
        An array of the input's shape and dtype, C-contiguous.

    Raises:
        LabError: If the picture is empty.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise LabError("The picture is empty.")
    _, height, width, _ = tensor.shape
    picture = rgb if task == DETECTION else centre_square(rgb)
    pixels = resize_bilinear(picture, height, width)
    return value_table(tensor).take(pixels)[np.newaxis]


def centre_square(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the largest centred square as a view; offsets are rounded down."""
    height, width = rgb.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return rgb[top : top + side, left : left + side]


def resize_bilinear(rgb: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Resize with half-pixel centres and no antialiasing, rounded half up.

    Exact: all arithmetic is on whole numbers, so any other implementation of the page
    gives the same bytes. (``cv2.resize`` rounds its weights to 11 bits: one byte in ten
    differs by one.)

    Args:
        rgb: Shape (h, w, 3).
        height: Rows of the result.
        width: Columns of the result.
    """
    if rgb.shape[:2] == (height, width):
        return rgb
    top, bottom, down = _taps(rgb.shape[0], height)
    left, right, across = _taps(rgb.shape[1], width)
    unit = 4 * height * width
    whole: Any = np.int32 if 256 * unit < 2**31 else np.int64
    weight = np.repeat(across, 3).astype(whole)
    lefts, rights = _samples(left), _samples(right)
    samples = np.ascontiguousarray(rgb).reshape(rgb.shape[0], -1)
    resized = np.empty((height, 3 * width), np.uint8)
    for first in range(0, height, _STRIP):
        strip = slice(first, first + _STRIP)
        upper, lower = (
            _blend(rows.take(lefts, axis=1).astype(whole), rows.take(rights, axis=1), weight, width)
            for rows in (samples.take(edge[strip], axis=0) for edge in (top, bottom))
        )
        total = _blend(upper, lower, down[strip, np.newaxis].astype(whole), height)
        total += unit // 2
        total //= unit
        resized[strip] = total
    return resized.reshape(height, width, 3)


def _blend(
    first: NDArray[np.signedinteger[Any]],
    second: NDArray[np.integer[Any]],
    weight: NDArray[np.signedinteger[Any]],
    target: int,
) -> NDArray[np.signedinteger[Any]]:
    """Return 2 target first + weight (second - first); the arrays' memory is used again."""
    change = second - first
    change *= weight
    first *= 2 * target
    first += change
    return first


def _samples(pixels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where the three channels of pixels lie in a row."""
    return (3 * pixels[:, np.newaxis] + np.arange(3)).ravel()


@lru_cache(maxsize=64)
def _taps(source: int, target: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int32]]:
    """Which two source pixels make a target pixel, and the weight of the second.

    The centre of target pixel i lies at ((2 i + 1) source - target) / (2 target): the
    weight is counted in units of 1 / (2 target).
    """
    at = (2 * np.arange(target, dtype=np.int64) + 1) * source - target
    at = np.clip(at, 0, (source - 1) * 2 * target)
    first = at // (2 * target)
    weight = at - first * 2 * target
    second = np.minimum(first + 1, source - 1)
    return first.astype(np.intp), second.astype(np.intp), weight.astype(np.int32)


def takes_raw_pixels(tensor: TensorFacts) -> bool:
    """Whether a model of 2018 takes the pixel bytes unchanged."""
    return (
        tensor.dtype == "uint8"
        and tensor.zero_point in _RAW_ZERO_POINTS
        and any(abs(tensor.scale - scale) <= 0.01 * scale for scale in _RAW_SCALES)
    )


@lru_cache(maxsize=16)
def value_table(tensor: TensorFacts) -> NDArray[np.generic]:
    """Return what each of the 256 pixel values becomes in the model's input; read-only.

    Computed in double precision from the scale as the file holds it.
    """
    table: NDArray[np.generic]
    pixels = np.arange(256, dtype=np.float64)
    real = (pixels - 127.5) / 127.5
    if tensor.dtype == "float32":
        table = real.astype(np.float32)
    elif takes_raw_pixels(tensor):
        table = pixels.astype(np.uint8)
    else:
        if tensor.dtype not in _LIMITS or not (tensor.scale > 0 and math.isfinite(tensor.scale)):
            raise LabError(f"The lab cannot fill a {tensor.dtype} input with a picture.")
        steps = np.floor(real / tensor.scale + 0.5) + tensor.zero_point
        table = np.clip(steps, *_LIMITS[tensor.dtype]).astype(tensor.dtype)
    table.flags.writeable = False
    return table
