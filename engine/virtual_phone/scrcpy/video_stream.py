"""The mirror's video: the screen's newest picture, encoded and sent whenever it changed."""

import threading
import time
from dataclasses import dataclass

from engine.virtual_phone.scrcpy.messages import packet_header, session_packet, video_start
from engine.virtual_phone.scrcpy.video_encoder import VideoEncoder, video_size
from engine.virtual_phone.screen.screen import Picture, Screen
from engine.virtual_phone.streams import Stream

REPEAT_S = 0.1
"""The last picture of a movement is sent once more after this, as Android does."""
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """How the video is to be.

    Attributes:
        major: The dialect, 3 or 4.
        max_size: Most pixels of the longer side; 0 for as many as the screen has.
        max_fps: Most frames per second; 0 for as many as there are.
        bit_rate: Bits per second.
        codec_meta: Whether codec and size are announced.
        frame_meta: Whether each packet has a header.
    """

    major: int
    max_size: int = 0
    max_fps: float = 0.0
    bit_rate: int = 8_000_000
    codec_meta: bool = True
    frame_meta: bool = True


class VideoStream:
    """Encodes the screen's newest picture whenever it changed, and sends it."""

    def __init__(
        self,
        stream: Stream,
        screen: Screen,
        options: VideoOptions,
        ended: threading.Event,
        reset: threading.Event,
    ) -> None:
        """Send ``screen`` on ``stream`` until ``ended``; ``reset`` asks for a key frame."""
        self._stream = stream
        self._screen = screen
        self._options = options
        self._ended = ended
        self._reset = reset
        self._encoder: VideoEncoder | None = None

    def run(self) -> None:
        """Send until ended.

        Raises:
            OSError: When the client has left.
        """
        counter, sent_s, repeat = -1, 0.0, False
        while not self._ended.is_set():
            newest = self._screen.wait_changed(counter, REPEAT_S if repeat else POLL_S)
            reset, changed = self._reset.is_set(), newest > counter
            if not (changed or reset or repeat):
                continue
            if changed and self._options.max_fps > 0:
                self._ended.wait(max(0.0, sent_s + 1 / self._options.max_fps - time.monotonic()))
            self._reset.clear()
            sent_s = time.monotonic()
            counter, picture = self._screen.latest()
            repeat = changed
            self._send(picture, reset=reset)
        if self._encoder is not None:
            self._encoder.close()

    def _send(self, picture: Picture, *, reset: bool) -> None:
        encoder, fresh = self._encoder_for(picture)
        whole = bytearray()
        for packet in encoder.encode(picture, time.monotonic_ns() // 1000, key=reset or fresh):
            if packet.config and not (reset or fresh):
                continue  # Android's encoders do not repeat it at their own key frames
            if self._options.frame_meta:
                whole += packet_header(
                    self._options.major,
                    len(packet.data),
                    packet.pts_us,
                    config=packet.config,
                    key=packet.key,
                )
            whole += packet.data
        self._stream.write(whole)

    def _encoder_for(self, picture: Picture) -> tuple[VideoEncoder, bool]:
        """Return the encoder of this picture's size, and whether it was made just now."""
        options = self._options
        width, height = video_size(picture.shape[1], picture.shape[0], options.max_size)
        old = self._encoder
        if old is not None and (old.width, old.height) == (width, height):
            return old, False
        announced = b""
        if old is None and options.codec_meta:
            announced += video_start(options.major, width, height)
        if options.major >= 4 and options.frame_meta:
            announced += session_packet(width, height)
        if announced:
            self._stream.write(announced)
        if old is not None:
            old.close()
        fps = options.max_fps or 60.0
        self._encoder = VideoEncoder(width, height, bit_rate=options.bit_rate, fps=fps)
        return self._encoder, True
