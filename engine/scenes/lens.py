"""What a camera makes of a scene: tilt, exposure, colour, blur, grain, compression."""

import math
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.scenes.canvas import Chance, Picture, between, often

_SEPIA: Final = np.array((1.08, 0.98, 0.8))


class Lens:
    """One camera with its faults, the same for all pictures of a scene."""

    def __init__(self, chance: Chance, width: int, height: int) -> None:
        """Leave the faults to chance; most cameras have few.

        Args:
            chance: Which faults.
            width: Of the pictures.
            height: Of the pictures.
        """
        self._size = (width, height)
        self._roll = _roll(chance, width, height) if often(chance, 0.4) else None
        self._grey = often(chance, 0.08)
        self._table = _table(chance, grey=self._grey)
        self._blur = height / 480 * between(chance, 0.5, 1.8) if often(chance, 0.25) else 0.0
        self._grain = _grain(chance, width, height) if often(chance, 0.45) else None
        self._vignette = _vignette(chance, width, height) if often(chance, 0.15) else None
        self._quality = int(chance.integers(15, 70)) if often(chance, 0.2) else 0

    def see(self, picture: Picture, moment_s: float) -> Picture:
        """Return the picture as this camera sees it; its grain changes with the moment."""
        seen: Any = picture
        if self._roll is not None:
            seen = cv2.warpAffine(
                seen,
                self._roll,
                self._size,
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
        if self._blur:
            seen = cv2.GaussianBlur(seen, (0, 0), self._blur)
        if self._vignette is not None:
            seen = cv2.multiply(seen, self._vignette, dtype=cv2.CV_8U)
        if self._grey:
            seen = cv2.cvtColor(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        seen = cv2.LUT(seen, self._table)
        if self._grain is not None:
            left, top = (int(moment_s * step) % 32 for step in (977, 1409))
            part = self._grain[top : top + self._size[1], left : left + self._size[0]]
            seen = cv2.add(seen, part, dtype=cv2.CV_8U)
        if self._quality:
            _, data = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, self._quality])
            seen = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        return np.asarray(seen, np.uint8)


def _roll(chance: Chance, width: int, height: int) -> NDArray[np.float64]:
    """Return a turn by some degrees, enlarged so that few corners are empty."""
    degrees = float(np.clip(chance.normal(0, 4.5), -14, 14))
    enlarged = 1 + abs(math.sin(math.radians(degrees))) * 0.6
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, enlarged)
    return np.asarray(turn, np.float64)


def _table(chance: Chance, *, grey: bool) -> Picture:
    """Return what becomes of each of 256 values, shape (1, 256, 3)."""
    light = np.linspace(0, 1, 256)[:, None]
    gains = np.exp(chance.normal(0, 0.05, 3)) if not grey else np.ones(3)
    if grey and often(chance, 0.3):
        gains = _SEPIA
    exposure = math.exp(float(chance.normal(0, 0.16)))
    gamma = math.exp(float(chance.normal(0, 0.14)))
    contrast = math.exp(float(chance.normal(0, 0.12)))
    lifted = between(chance, 0, 0.08) if often(chance, 0.25) else 0.0
    shown = (light**gamma * exposure * gains - 0.5) * contrast + 0.5
    return np.clip((lifted + shown * (1 - lifted)) * 255, 0, 255).astype(np.uint8)[None]


def _grain(chance: Chance, width: int, height: int) -> NDArray[np.int16]:
    strength = between(chance, 1, 9)
    size = (height + 32, width + 32, 3)
    quick = chance.integers(0, 256, size, dtype=np.uint8).astype(np.float32) - 127.5
    return np.asarray(np.round(quick * (strength / 74)), np.int16)


def _vignette(chance: Chance, width: int, height: int) -> NDArray[np.float32]:
    x, y = np.linspace(-1, 1, width)[None], np.linspace(-1, 1, height)[:, None]
    fall = 1 - between(chance, 0.1, 0.4) * (x * x + y * y) / 2
    return np.ascontiguousarray(np.repeat(fall[..., None], 3, axis=2).astype(np.float32))
