"""From packets to frames by the cheapest path: decode and scale on one thread, no copy.

Loads FFmpeg (PyAV), so import it only when a stream really begins.
"""

from pathlib import Path
from typing import Any

import av
import numpy as np
from av.codec.context import Flags, ThreadType
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from engine.errors import LabError
from engine.mirror.frames import Frame
from engine.mirror.protocol import Codec, MediaPacket

_EDGE = 4  # pixels: widths of this multiple come out of FFmpeg without padding


def fit(source: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size of the source's shape inside the target, in pixels.

    The width is rounded down to a multiple of 4, so that rows need no padding. A target
    with a side of 0 means the source's own size. At least 4 x 4.
    """
    width, height = source
    if min(target) > 0:
        width = int(min(target[0], target[1] * source[0] / source[1]))
    width = max(_EDGE, width - width % _EDGE)
    return width, max(_EDGE, round(width * height / source[0]))


class Decoder:
    """Decodes one stream; only ``set_target`` and ``write_png`` may come from other threads.

    Frame threads would add a picture of delay each and are left off. A packet of parameters
    alone is an error to FFmpeg: it is kept and put before the next picture.
    """

    def __init__(self, codec: Codec, target: tuple[int, int] = (0, 0)) -> None:
        """Open the decoder.

        Args:
            codec: The stream's.
            target: Physical pixels to fill at most; (0, 0) for the stream's own size.
        """
        context = av.CodecContext.create(codec.decoder, "r")
        context.thread_type = ThreadType.NONE
        context.flags |= Flags.low_delay
        self._context: Any = context
        self._scaler = VideoReformatter()
        self._config = b""
        self._target = target
        self._newest: Any = None
        self._shown: tuple[int, int] = (0, 0)
        self.decoded = 0
        self.corrupt = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the newest picture; (0, 0) before the first."""
        newest = self._newest
        return (0, 0) if newest is None else (newest.width, newest.height)

    def set_target(self, width: int, height: int) -> None:
        """Say how many physical pixels to fill from the next frame on."""
        self._target = (width, height)

    def decode(self, packet: MediaPacket) -> bool:
        """Decode one packet; whether it brought a new picture.

        Raises:
            LabError: If the decoder rejects it; the next key frame may still be good.
        """
        if packet.config:
            self._config = packet.data
            return False
        unit = av.Packet(self._config + packet.data)
        self._config = b""
        unit.pts = packet.pts_us
        try:
            pictures = self._context.decode(unit)
        except av.FFmpegError as error:
            raise LabError(
                "A picture of the phone's screen could not be decoded.", detail=str(error)
            ) from error
        fresh = False
        for picture in pictures:
            if picture.is_corrupt:
                self.corrupt += 1
                continue
            self.decoded += 1
            self._newest = picture
            fresh = True
        return fresh

    def frame(self) -> Frame | None:
        """Scale the newest picture to the target; None before the first."""
        picture = self._newest
        if picture is None:
            return None
        target = self._target
        size = fit((picture.width, picture.height), target)
        scaled = _convert(self._scaler, picture, size, "bgra")
        self._shown = target
        return Frame(
            width=size[0],
            height=size[1],
            bgra=_pixels(scaled, size),
            source_width=picture.width,
            source_height=picture.height,
            pts_us=picture.pts or 0,
            decoded=self.decoded,
        )

    @property
    def stale(self) -> bool:
        """Whether the target changed since the last frame was made."""
        return self._newest is not None and self._shown != self._target

    def write_png(self, path: Path) -> None:
        """Write the newest picture at full size; any thread may ask.

        Raises:
            LabError: If there is no picture yet or the file cannot be written.
        """
        picture = self._newest
        if picture is None:
            raise LabError("There is no picture of the phone's screen yet.")
        full = _convert(VideoReformatter(), picture, (picture.width, picture.height), "rgb24")
        part = path.with_name(f".{path.stem}.part.png")
        try:
            full.save(part)
            part.replace(path)
        except (OSError, av.FFmpegError) as error:
            part.unlink(missing_ok=True)
            raise LabError(
                f"The picture could not be written to {path}.",
                "Check that the folder is there and may be written.",
                detail=str(error),
            ) from error


def _convert(scaler: Any, picture: Any, size: tuple[int, int], pixels: str) -> Any:
    # one scaling thread: more of them cost 10 % more CPU here and gain no time worth it
    return scaler.reformat(
        picture,
        *size,
        pixels,
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
        threads=1,
    )


def _pixels(picture: Any, size: tuple[int, int]) -> NDArray[np.uint8]:
    """See the picture's bytes as an array without copying where its rows have no padding."""
    width, height = size
    plane = picture.planes[0]
    rows = np.frombuffer(plane, np.uint8)[: plane.line_size * height]
    rows = rows.reshape(height, plane.line_size)[:, : 4 * width]
    return np.ascontiguousarray(rows).reshape(height, width, 4)
