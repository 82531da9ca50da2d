"""Pictures of the phone's screen, made small enough for a page."""

from typing import Final

import numpy as np

MOST_SIDE: Final = 1000
"""Pixels; a report of thirty screenshots shall still be sent by mail."""


def small_png(data: bytes) -> bytes:
    """Return a PNG of at most ``MOST_SIDE`` pixels a side; empty when there is no picture."""
    if not data:
        return b""
    import cv2

    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return b""
    height, width = picture.shape[:2]
    scale = MOST_SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    encoded, small = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return bytes(small.tobytes()) if encoded else b""
