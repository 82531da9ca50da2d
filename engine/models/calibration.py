"""The pictures that activation ranges are measured on: a person's own, or made up."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.pictures import read_picture
from engine.models.preprocessing import CROP, centre_square, resize_bilinear, to_tensor
from engine.models.tasks import TensorFacts

SYNTHETIC_PICTURES: Final = 24


def calibration_inputs(
    paths: Sequence[str], seed: int, side: int, fit: str = CROP
) -> list[NDArray[np.float32]]:
    """Return model inputs, each of shape (1, side, side, 3), values -1..1.

    Args:
        paths: Picture files, or ``.npy`` files with pictures of shape (n, height, width, 3),
            uint8. None of them: pictures are made up.
        seed: Of the made up ones.
        side: Rows and columns.
        fit: How pictures are laid into the input.

    Raises:
        LabError: If a picture cannot be read.
    """
    tensor = TensorFacts("picture", (1, side, side, 3), "float32")
    if not paths:
        generator = np.random.default_rng(seed)
        made = [synthetic_picture(generator, side) for _ in range(SYNTHETIC_PICTURES)]
        return [to_tensor(rgb, tensor, CROP).astype(np.float32) for rgb in made]
    inputs: list[NDArray[np.float32]] = []
    for path in paths:
        for rgb in _pictures(Path(path)):
            shown = centre_square(rgb) if fit == CROP else rgb
            small = resize_bilinear(shown, side, side)
            inputs.append(to_tensor(small, tensor, CROP).astype(np.float32))
    return inputs


def synthetic_picture(generator: np.random.Generator, side: int) -> NDArray[np.uint8]:
    """Make a picture with structure at several scales, less of it the finer, as photographs have.

    Args:
        generator: Where chance comes from.
        side: Rows and columns.
    """
    total = np.zeros((side, side, 3))
    for cells in (2, 4, 8, 16, 32, 64, side):
        coarse = generator.normal(size=(cells, cells, 3))
        coarse += generator.normal(size=(cells, cells, 1))  # mostly brightness, some colour
        at = np.minimum(np.arange(side) * cells // side, cells - 1)
        total += coarse[at][:, at] / cells**0.7
    total = (total - total.mean()) / (total.std() + 1e-9)
    brightness, contrast = generator.uniform(90, 160), generator.uniform(30, 75)
    picture: NDArray[np.uint8] = np.clip(brightness + contrast * total, 0, 255).astype(np.uint8)
    return picture


def _pictures(path: Path) -> list[NDArray[np.uint8]]:
    if path.suffix != ".npy":
        return [read_picture(path)]
    try:
        held = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise LabError("The calibration pictures cannot be read.", detail=str(error)) from error
    if held.ndim != 4 or held.shape[-1] != 3 or held.dtype != np.uint8 or 0 in held.shape:
        raise LabError(f"Calibration pictures are (n, height, width, 3) bytes, not {held.shape}.")
    return list(held)
