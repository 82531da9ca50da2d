"""The pictures that an APK brings for the phone app's own source."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from engine.errors import LabError
from engine.paths import ASSETS

SHIPPED = ASSETS / "pictures"
MAX_PICTURES = 64
MAX_PIXELS = 1 << 20

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2


def shipped_pictures() -> tuple[Path, ...]:
    """Return the lab's own pictures, drawn by ``packaging/draw_pictures.py``."""
    return tuple(sorted(SHIPPED.glob("*.png")))


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """Return the PNG files of a folder by name.

    Raises:
        LabError: If it is no folder or holds none.
    """
    if not folder.is_dir():
        raise LabError(f"There is no folder {folder}.", "Name a folder of PNG files, or none.")
    found = tuple(sorted(path for path in folder.iterdir() if path.suffix.lower() == ".png"))
    if not found:
        raise LabError(
            f"There is no PNG file in {folder}.", "Save the pictures as PNG without transparency."
        )
    return found


def check_pictures(pictures: Sequence[Path]) -> None:
    """Make sure that the phone app can show these.

    Raises:
        LabError: If one is not a PNG as PROTOCOL.md wants it, or they are too many.
    """
    if len(pictures) > MAX_PICTURES:
        raise LabError(
            f"{len(pictures)} pictures are too many.", f"The phone app takes {MAX_PICTURES}."
        )
    for picture in pictures:
        why = _what_is_wrong(picture)
        if why:
            raise LabError(
                f"The picture {picture.name} {why}.",
                f"Save it as PNG: RGB or grey, 8 bits, without transparency, at most"
                f" {MAX_PIXELS:,} pixels.",
                detail=str(picture),
            )


def _what_is_wrong(picture: Path) -> str:
    """Return what keeps a file from being shown; empty if nothing does. Pixels are not read."""
    try:
        with picture.open("rb") as file:
            return _header_fault(file.read(33)) or _transparency(file)
    except OSError:
        return "cannot be read"
    except struct.error:
        return "is damaged"


def _header_fault(start: bytes) -> str:
    """Judge a file's first 33 bytes: the signature and the chunk IHDR."""
    if not start.startswith(_SIGNATURE):
        return "is not a PNG"
    length, kind, width, height, depth, colour = struct.unpack_from(">I4sIIBB", start, 8)
    if kind != b"IHDR" or length != 13 or not (width and height):
        return "is damaged"
    if depth != 8 or colour not in {_GREY, _RGB}:
        return "has transparency, a palette or more than 8 bits"
    return f"has {width} x {height} pixels" if width * height > MAX_PIXELS else ""


def _transparency(file: BinaryIO) -> str:
    """Look through the chunks after IHDR for one that makes a colour transparent."""
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"tRNS":
            return "has transparency"
        if kind == b"IDAT":
            return ""
        file.seek(length + 4, 1)
