"""Where captured pictures go: one class's folder, nothing in it ever overwritten."""

import os
import unicodedata
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.files import is_no_room

QUALITY: Final = 92
"""Of the JPEG files."""
_MOST_BYTES: Final = 200  # file systems take 255
_FORBIDDEN: Final = frozenset('/\\:*?"<>|')
_RESERVED: Final = frozenset(
    ("CON", "PRN", "AUX", "NUL", *(f"{k}{n}" for k in ("COM", "LPT") for n in range(1, 10)))
)


def check_class_name(name: str) -> str:
    """Return a class's name if it can be a folder's on any computer.

    Raises:
        LabError: It cannot, or it would leave the folder it is put into.
    """
    name = unicodedata.normalize("NFC", name)
    advice = "Choose letters, digits, blanks or emoji."
    try:
        size = len(name.encode())
    except UnicodeEncodeError as error:
        raise LabError("The class's name is no text.", advice, detail=str(error)) from error
    if not name.strip():
        raise LabError("The class has no name.", advice)
    if size > _MOST_BYTES:
        raise LabError("The class's name is too long.", "Choose a shorter one.")
    if (
        not _FORBIDDEN.isdisjoint(name)
        or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name)
        or name.startswith(".")
        or name != name.strip()
        or name.endswith(".")
        or name.split(".")[0].upper() in _RESERVED
    ):
        raise LabError(f"A class cannot be called {name!a}: it is a folder's name.", advice)
    return name


class Album:
    """The folder of one class, that pictures are added to."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make the class's folder if it is not there.

        Raises:
            LabError: If the name will not do or the folder cannot be made.
        """
        self.folder = folder / check_class_name(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LabError(
                f"The folder {self.folder} cannot be made.",
                "Choose a folder that you may write to.",
                detail=str(error),
            ) from error
        self._number = 0

    def add(self, rgb: NDArray[np.uint8]) -> Path:
        """Keep a picture under the next free number.

        Raises:
            LabError: If it cannot be written; no part of it is left.
        """
        import cv2

        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        while True:
            self._number += 1
            path = self.folder / f"{self._number:05}.jpg"
            try:
                with path.open("xb") as file:  # never over another picture
                    self._write(file.fileno(), path, data.tobytes())
            except FileExistsError:
                continue
            except OSError as error:
                raise _unwritable(path, error) from error
            return path

    def _write(self, handle: int, path: Path, data: bytes) -> None:
        try:
            written = 0
            while written < len(data):
                written += os.write(handle, data[written:])
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _unwritable(path: Path, error: OSError) -> LabError:
    advice = "Free some space." if is_no_room(error) else "Choose a folder that you may write to."
    return LabError(f"{path} cannot be written.", advice, detail=str(error))
