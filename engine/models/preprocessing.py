"""From picture to tensor, as ``packaging/android/PROTOCOL.md`` defines it.

The same everywhere, so that a result on the phone is a result on the desk.
"""

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.tasks import DETECTION, SEGMENTATION, TensorFacts

CROP: Final = "crop"
LETTERBOX: Final = "letterbox"
STRETCH: Final = "stretch"
FITS: Final = (CROP, LETTERBOX, STRETCH)
"""How a picture is laid into a model's input."""

_RAW_SCALES: Final = (1 / 128, 1 / 127.5)
_RAW_ZERO_POINTS: Final = (127, 128)
_STRIP: Final = 32  # rows at a time, so that the numbers stay in the processor's cache
_LIMITS: Final = {"uint8": (0, 255), "int8": (-128, 127)}


def default_fit(task: str) -> str:
    """Return how a task's models are fed where nothing else is said."""
    return STRETCH if task in (DETECTION, SEGMENTATION) else CROP


def check_fit(fit: str) -> None:
    """Make sure that there is such a fit.

    Raises:
        LabError: There is not.
    """
    if fit not in FITS:
        raise LabError(f"There is no fit {fit!r}.", f"Choose one of {', '.join(FITS)}.")


def to_tensor(rgb: NDArray[np.uint8], tensor: TensorFacts, fit: str) -> NDArray[np.generic]:
    """Turn an upright picture into a model's input.

    Args:
        rgb: Shape (height, width, 3).
        tensor: The model's input: (1, rows, columns, 3), float32, uint8 or int8.
        fit: ``crop``: the largest centred square; ``stretch``: the whole picture; or
            ``letterbox``: the whole picture in its own proportions between black bars.

    Returns:
        An array of the input's shape and dtype, C-contiguous.

    Raises:
        LabError: If the picture is empty or there is no such fit.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise LabError("The picture is empty.")
    check_fit(fit)
    _, rows, columns, _ = tensor.shape
    if fit == LETTERBOX:
        pixels = _letterbox(rgb, rows, columns)
    else:
        pixels = resize_bilinear(centre_square(rgb) if fit == CROP else rgb, rows, columns)
    return value_table(tensor).take(pixels)[np.newaxis]


def input_area(
    fit: str, width: int, height: int, columns: int, rows: int
) -> tuple[float, float, float, float]:
    """Say where a model's input lies on a picture, to draw boxes and maps over it.

    Args:
        fit: One of ``FITS``.
        width: Of the upright picture, pixels.
        height: Of the upright picture, pixels.
        columns: Of the model's input.
        rows: Of the model's input.

    Returns:
        Left, top, right and bottom in fractions of the picture; a letterbox's bars lie
        outside 0..1.

    Raises:
        LabError: If there is no such fit.
    """
    check_fit(fit)
    if fit == STRETCH:
        return 0.0, 0.0, 1.0, 1.0
    if fit == CROP:
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return left / width, top / height, (left + side) / width, (top + side) / height
    across, down = _filled(width, height, columns, rows)
    left, top = (columns - across) // 2, (rows - down) // 2
    return -left / across, -top / down, (columns - left) / across, (rows - top) / down


def _filled(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    """How many columns and rows of the input a letterboxed picture fills."""
    if width * rows >= height * columns:
        return columns, max(1, (2 * height * columns + width) // (2 * width))
    return max(1, (2 * width * rows + height) // (2 * height)), rows


def _letterbox(rgb: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    across, down = _filled(rgb.shape[1], rgb.shape[0], columns, rows)
    left, top = (columns - across) // 2, (rows - down) // 2
    pixels = np.zeros((rows, columns, 3), np.uint8)
    pixels[top : top + down, left : left + across] = resize_bilinear(rgb, down, across)
    return pixels


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
