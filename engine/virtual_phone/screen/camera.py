"""The virtual phone's cameras: thirty frames a second from a source, on a thread."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import LabError
from engine.models.pictures import SUFFIXES
from engine.virtual_phone.screen.scene import draw_person, draw_scene, scene_truth
from engine.virtual_phone.screen.sources import (
    RGB,
    Clip,
    Drawing,
    Mirrored,
    Pictures,
    Source,
    Webcam,
)

logger = logging.getLogger(__name__)

FRAMES_PER_S = 30

clock_ns: Callable[[], int] = time.perf_counter_ns
"""The phone's monotonic clock: every time in samples is on it."""


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """What the camera saw at one moment.

    Attributes:
        rgb: Upright picture, shape (480, 640, 3); nobody may write to it.
        captured_ns: When, on ``clock_ns``.
        picture: Number of the picture (or scene) it shows, from 0.
        number: Grows by one with each frame, from 1.
        truth: The class of what it shows; empty where nobody knows.
    """

    rgb: RGB
    captured_ns: int
    picture: int
    number: int
    truth: str = ""


class Camera:
    """Thirty frames per second from a source, on a thread of its own while it runs.

    Any number of threads may read; all see the same frames.

    Attributes:
        on_frame: Called on the camera's thread after each frame.
    """

    def __init__(self, source: Source) -> None:
        """Take over the source; nothing is read before ``start`` or ``frame``."""
        self._source = source
        self._changed = threading.Condition()
        self._frame: CameraFrame | None = None
        self._error: LabError | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._began_ns = clock_ns()
        self.on_frame: Callable[[], None] | None = None

    @property
    def error(self) -> LabError | None:
        """Why the camera gives no more pictures; None again once it gives one."""
        return self._error

    def start(self) -> None:
        """Begin to capture, if it does not run yet."""
        if self._thread is not None:
            return
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._capture, args=(self._stop,), name="camera", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop capturing; the last frame stays."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stop.set()
            thread.join()

    def close(self) -> None:
        """Stop, and give the source back."""
        self.stop()
        self._source.close()

    @property
    def runs(self) -> bool:
        """Whether it captures."""
        return self._thread is not None

    def latest(self) -> CameraFrame | None:
        """Return the newest frame without waiting; None before the first."""
        return self._frame

    def wait(self, after: int, timeout_s: float) -> CameraFrame | None:
        """Return the newest frame once its number is above ``after``; None if none came."""
        with self._changed:
            self._changed.wait_for(
                lambda: (self._frame is not None and self._frame.number > after) or self._error,
                timeout_s,
            )
            frame = self._frame
        return frame if frame is not None and frame.number > after else None

    def frame(self) -> tuple[RGB, int, int]:
        """Return picture, capture time and picture number, capturing one if none runs."""
        frame = self._frame if self._thread is not None else None
        if frame is None:
            frame = self._take()
        return frame.rgb, frame.captured_ns, frame.picture

    def _take(self) -> CameraFrame:
        rgb, picture = self._source.read((clock_ns() - self._began_ns) / 1e9)
        with self._changed:
            number = self._frame.number + 1 if self._frame else 1
            truth = self._source.truth(picture)
            self._frame = CameraFrame(rgb, clock_ns(), picture, number, truth)
            self._error = None
            self._changed.notify_all()
            return self._frame

    def _capture(self, stop: threading.Event) -> None:
        due_ns = clock_ns()
        while not stop.is_set():
            try:
                self._take()
            except LabError as error:
                if self._error is None:  # it is tried again and again until it works
                    logger.warning("The camera stopped: %s", error)
                self._fail(error)
                return
            except Exception:  # a bug: full trace in the log, the app says that there is no camera
                logger.exception("the camera crashed")
                self._fail(LabError("The camera broke.", "Start the virtual phone again."))
                return
            if self.on_frame is not None:
                self.on_frame()
            due_ns = max(due_ns + 10**9 // FRAMES_PER_S, clock_ns())
            stop.wait((due_ns - clock_ns()) / 1e9)

    def _fail(self, error: LabError) -> None:
        with self._changed:
            self._error = error
            self._changed.notify_all()


def open_cameras(spec: str | None) -> dict[str, Camera]:
    """Open the phone's cameras, ``back`` and ``front``.

    Args:
        spec: What the back one sees: a folder of pictures, a picture, a clip, ``webcam:N``, or
            None for a drawn test drive. The front one sees the same as in a mirror, or a
            drawn person. With ``none`` the phone has no camera.

    Raises:
        LabError: If it is not there, is empty, or cannot be read.
    """
    if spec == "none":
        return {}
    if spec is None:
        drive, person = Drawing(draw_scene, scene_truth), Drawing(draw_person)
        return {"back": Camera(drive), "front": Camera(person)}
    source = _open_source(spec)
    return {"back": Camera(source), "front": Camera(Mirrored(source))}


def _open_source(spec: str) -> Source:
    if spec.startswith("webcam:"):
        return Webcam(spec.removeprefix("webcam:"))
    path = Path(spec)
    if path.is_dir():
        return Pictures(path)
    if not path.exists():
        raise LabError(
            f"There is no camera folder or file {spec}.",
            "Give a folder of pictures, a video file, or webcam:0.",
        )
    return Pictures(path) if path.suffix.lower() in SUFFIXES else Clip(path)
