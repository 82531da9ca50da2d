"""Picture files: which there are in a folder, and one of them as an array."""

import struct
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError

MOST_PIXELS: Final = 64_000_000
"""A larger picture is not worth the memory: models see 224 x 224 of it."""
SUFFIXES: Final = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HEAD: Final = 4096
_TAIL: Final = 4096  # some cameras write something after the picture's end


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
        LabError: It cannot be read, or is larger than ``MOST_PIXELS``.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise LabError(
            f"The picture {path} cannot be read.", "Check the name.", detail=str(error)
        ) from error
    try:
        return decode_picture(data)
    except LabError as error:
        raise LabError(f"{path} {error.what}", error.advice, detail=error.detail) from error


def decode_picture(data: bytes) -> NDArray[np.uint8]:
    """Return the picture of a file's bytes as RGB, shape (h, w, 3), turned as its EXIF says.

    Grey, CMYK and 16-bit pictures become 8-bit RGB; of an animated one the first frame.

    Raises:
        LabError: Its sentence lacks a subject, so that a caller can name the file.
    """
    import cv2

    pixels = picture_pixels(data)
    if pixels is not None and pixels > MOST_PIXELS:
        raise LabError(
            f"has {pixels / 1e6:.0f} megapixels; the lab takes at most {MOST_PIXELS / 1e6:.0f}.",
            "Make it smaller.",
        )
    try:  # from memory: imread knows no ü on Windows
        rgb = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) if data else None
    except cv2.error as error:
        raise LabError(
            "is not a picture that can be read.", "Use JPEG or PNG.", detail=str(error)
        ) from error
    if rgb is None:
        raise LabError("is not a picture that can be read.", "Use JPEG or PNG.")
    return np.asarray(rgb, np.uint8)


def check_picture(data: bytes) -> None:
    """Make sure that a file holds one whole picture, before it is learned from.

    Raises:
        LabError: It is empty, cut off or animated; its sentence lacks a subject.
    """
    if not data:
        raise LabError("is empty.")
    if data[:2] == b"\xff\xd8" and b"\xff\xd9" not in data[-_TAIL:]:
        raise LabError("ends in the middle.", "Copy it again.")
    if data[:8] == _PNG and b"IEND" not in data[-_TAIL:]:
        raise LabError("ends in the middle.", "Copy it again.")
    head = data[:_HEAD]
    if (data[:8] == _PNG and b"acTL" in head) or (data[8:12] == b"WEBP" and b"ANIM" in head):
        raise LabError("is animated.", "Save one of its frames as a picture.")


def picture_pixels(data: bytes) -> int | None:
    """Return how many pixels a JPEG or PNG says it has; None for others and for damaged ones."""
    if data[:8] == _PNG and len(data) >= 24:
        width, height = struct.unpack_from(">II", data, 16)
        return int(width * height)
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return int(width * height)
        at += 2 + length
    return None
