"""Picture files: which there are in a folder, and one of them as an array."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError

SUFFIXES: Final = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


def find_pictures(folder: Path) -> list[Path]:
    """Return the picture files of a folder and its subfolders, by name.

    Raises:
        OSError: The folder is not there or may not be read.
    """
    next(folder.iterdir(), None)  # rglob takes a folder that it may not read for an empty one
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return a picture as RGB, shape (h, w, 3), turned as its EXIF says.

    Raises:
        LabError: It cannot be read.
    """
    import cv2

    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)  # imread knows no ü on Windows
        rgb = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if len(data) else None
    except (OSError, ValueError, cv2.error) as error:
        raise LabError(
            f"The picture {path} cannot be read.", "Check the name.", detail=str(error)
        ) from error
    if rgb is None:
        raise LabError(f"{path} is not a picture that can be read.", "Use JPEG or PNG.")
    return np.asarray(rgb, np.uint8)
