"""The screen as H.264: newest picture in, annex-B packets out."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

KEY_INTERVAL = 300
"""Frames between key frames; Android's encoders are asked for one each 10 s."""

_OPTIONS = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "profile": "baseline",
    "forced-idr": "1",
    # One slice and one thread: slices would save no time at this size.
    "x264-params": f"keyint={KEY_INTERVAL}:scenecut=0:sliced-threads=0:rc-lookahead=0:"
    "repeat-headers=1:annexb=1",
}
_SPS, _PPS, _SEI, _IDR = 7, 8, 6, 5
_BT709, _LIMITED = 1, 1


def _yuv_matrix(red: float, blue: float) -> NDArray[np.float64]:
    """Return RGB to Y, Cb, Cr for the light shares of red and blue."""
    luma = np.array((red, 1 - red - blue, blue))
    unit = np.eye(3)
    return np.stack([luma, (unit[2] - luma) / (2 * (1 - blue)), (unit[0] - luma) / (2 * (1 - red))])


# cv2 knows BT.601 only: mixing the colours first makes BT.709 of it, for 0.5 ms; swscale,
# which knows both, takes 4 (720 x 1560).
_TO_BT709 = np.linalg.solve(_yuv_matrix(0.299, 0.114), _yuv_matrix(0.2126, 0.0722)).astype(
    np.float32
)


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One packet of the stream.

    Attributes:
        config: Whether it is the parameter sets (SPS and PPS) and no picture.
        key: Whether decoding can begin with it, after its config.
    """

    data: bytes
    pts_us: int
    config: bool
    key: bool


class VideoEncoder:
    """One H.264 stream of one size; one thread uses it at a time.

    Attributes:
        width: Columns of the video.
        height: Rows of it.
    """

    def __init__(
        self, width: int, height: int, *, bit_rate: int = 8_000_000, fps: float = 60.0
    ) -> None:
        """Start a stream.

        Args:
            width: Even number of columns.
            height: Even number of rows.
            bit_rate: Bits per second that it keeps below.
            fps: Frames per second to expect; each frame's own time is what counts.
        """
        self.width, self.height = width, height
        self._codec: Any = av.CodecContext.create("libx264", "w")
        self._codec.width, self._codec.height = width, height
        self._codec.pix_fmt = "yuv420p"
        self._codec.time_base = Fraction(1, 1_000_000)
        self._codec.framerate = Fraction(fps).limit_denominator(1001)
        self._codec.gop_size = KEY_INTERVAL
        self._codec.max_b_frames = 0
        self._codec.thread_count = 1
        # Limited-range BT.709, as phones encode screens of this size.
        self._codec.colorspace, self._codec.color_range = _BT709, _LIMITED
        self._codec.color_primaries = self._codec.color_trc = _BT709
        rate = f":vbv-maxrate={bit_rate // 1000}:vbv-bufsize={bit_rate // 1000}:crf=23"
        options = dict(_OPTIONS)
        options["x264-params"] += rate
        self._codec.options = options
        self._last_config = b""
        self._last_pts_us = -1

    def encode(
        self, rgb: NDArray[np.uint8], pts_us: int, *, key: bool = False
    ) -> Iterator[VideoPacket]:
        """Encode one picture.

        Args:
            rgb: Shape (any, any, 3); scaled if it has another size than the video.
            pts_us: Its time; moved on a little if it is not after the one before.
            key: Whether it must be a key frame.

        Yields:
            The config if it is the first or the frame is a key frame, then the frame.
        """
        pts_us = self._last_pts_us = max(pts_us, self._last_pts_us + 1)
        frame = av.VideoFrame.from_ndarray(self._to_yuv(rgb), format="yuv420p")
        frame.pts, frame.time_base = pts_us, self._codec.time_base
        frame.colorspace, frame.color_range = _BT709, _LIMITED
        if key:
            frame.pict_type = PictureType.I
        for packet in self._codec.encode(frame):
            yield from self._split(bytes(packet), pts_us)

    def close(self) -> None:
        """Free the encoder."""
        self._codec = None

    def _to_yuv(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if rgb.shape[:2] != (self.height, self.width):
            rgb = np.asarray(
                cv2.resize(rgb, (self.width, self.height), interpolation=cv2.INTER_AREA),
                dtype=np.uint8,
            )
        mixed = cv2.transform(rgb, _TO_BT709)
        return np.asarray(cv2.cvtColor(mixed, cv2.COLOR_RGB2YUV_I420), dtype=np.uint8)

    def _split(self, data: bytes, pts_us: int) -> Iterator[VideoPacket]:
        """Part the parameter sets from the picture, and drop x264's message to the reader."""
        units = list(split_units(data))
        config = b"".join(unit for kind, unit in units if kind in (_SPS, _PPS))
        picture = b"".join(unit for kind, unit in units if kind not in (_SPS, _PPS, _SEI))
        key = any(kind == _IDR for kind, _ in units)
        if config:
            yield VideoPacket(config, pts_us, config=True, key=False)
        if picture:
            yield VideoPacket(picture, pts_us, config=False, key=key)


def split_units(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and bytes, start code included, of each NAL unit in annex-B data."""
    starts = []
    at = data.find(b"\0\0\1")
    while at >= 0:
        starts.append(at - 1 if at > 0 and data[at - 1] == 0 else at)
        at = data.find(b"\0\0\1", at + 3)
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        unit = data[start:end]
        kind_at = 4 if unit[2] == 0 else 3
        if len(unit) > kind_at:
            yield unit[kind_at] & 0x1F, unit


def video_size(width: int, height: int, max_size: int) -> tuple[int, int]:
    """Return the video's size: multiples of 8, the longer side at most ``max_size`` (0: any)."""
    longer = max(width, height)
    limit = min(longer, max_size // 8 * 8) if max_size else longer // 8 * 8
    scale = limit / longer
    fitted = (max(8, round(side * scale / 8) * 8) for side in (width, height))
    return next(fitted), next(fitted)
