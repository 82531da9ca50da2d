"""Pictures for a class: from the phone's screen, a webcam, or a video file."""

import platform
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.training.album import Album
from engine.training.camera_picture import find_camera_picture

if TYPE_CHECKING:
    from engine.session import Session

STEP: Final = "capture"
MOST_PICTURES: Final = 10_000
MOST_CAMERAS: Final = 8
STILL_S: Final = 10.0
"""How long a phone's screen may stand still before capturing ends."""
SEARCH_S: Final = 3.0
"""How long the camera's picture is looked for in frames to come, for it may be dark."""

Pixels = NDArray[np.uint8]
Place = tuple[int, int, int, int]
"""Left, top, right and bottom, pixels."""

_FRONT: Final = re.compile(
    r"(?:topResumedActivity|mResumedActivity|mFocusedActivity|ResumedActivity)\S*[=:].*?"
    r"\borg\.mobilenetlab\.phone/"
)


class PictureSource(Protocol):
    """Something that pictures come from, one after the other."""

    def next(self, cancel: CancelToken) -> Pixels | None:
        """Return the newest or next picture as RGB; None when there are no more."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


@dataclass(frozen=True, slots=True)
class Captured:
    """What was captured.

    Attributes:
        paths: The files, oldest first.
        what: What the pictures show, in words.
        cancelled: Whether it was cancelled; the files are there all the same.
    """

    paths: tuple[Path, ...]
    what: str
    cancelled: bool


def capture(
    source: PictureSource,
    album: Album,
    *,
    count: int = 0,
    interval_s: float = 0.0,
    what: Callable[[], str] = lambda: "",
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Captured:
    """Take pictures until there are enough, the source ends, or it is cancelled.

    Args:
        source: Where they come from.
        album: Where they go.
        count: How many; 0 for as many as come, at most ``MOST_PICTURES``.
        interval_s: Least time between two.
        what: Says in words what the pictures show, asked at the end.
        report: Told of each picture, under the step ``capture``.
        cancel: Ends it; the pictures taken until then stay.

    Raises:
        LabError: If the source breaks or a picture cannot be written.
    """
    token = cancel or CancelToken()
    most = min(count or MOST_PICTURES, MOST_PICTURES)
    paths: list[Path] = []
    due = time.monotonic()
    while len(paths) < most and not token.cancelled:
        rgb = source.next(token)
        if rgb is None:
            break
        if time.monotonic() < due:
            continue
        due = time.monotonic() + interval_s
        paths.append(album.add(rgb))
        share = len(paths) / most if count else None
        report(Progress(STEP, share, f"{len(paths)} pictures, {paths[-1].name}"))
    return Captured(tuple(paths), what(), token.cancelled)


class _Camera:
    """What OpenCV reads from."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let it go."""
        self._opened.release()

    def _read(self) -> Pixels | None:
        import cv2

        came, bgr = self._opened.read()
        if not came or bgr is None or not bgr.size:
            return None
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


class Webcam(_Camera):
    """A camera of this computer."""

    def __init__(self, number: int) -> None:
        """Open it.

        Raises:
            LabError: If there is none of that number, or another program has it.
        """
        super().__init__(_open_camera(number))
        self._number = number

    def next(self, cancel: CancelToken) -> Pixels | None:
        """Return the next picture."""
        cancel.check()
        rgb = self._read()
        if rgb is None:
            raise LabError(
                f"Webcam {self._number} gives no pictures.", "Look whether its cable sits."
            )
        return rgb


class VideoFile(_Camera):
    """Every so many frames of a video, turned as its file says."""

    def __init__(self, path: Path, every: int = 10) -> None:
        """Open it.

        Args:
            path: The file.
            every: 1 takes each frame, 10 each tenth.

        Raises:
            LabError: If it is no video that can be read.
        """
        if every < 1:
            raise LabError("Every how many frames? At least 1.")
        super().__init__(_open_video(path))
        self._every = every

    def next(self, cancel: CancelToken) -> Pixels | None:
        """Return the next frame that counts; None at the end."""
        rgb = self._read()
        for _ in range(self._every - 1):
            if cancel.cancelled or not self._opened.grab():
                break
        return rgb


class PhoneScreen:
    """The mirrored screen: the camera's picture alone where the lab's app is in front."""

    def __init__(
        self, session: "Session", still_s: float = STILL_S, search_s: float = SEARCH_S
    ) -> None:
        """Look at a session's mirror, which this takes the frames of.

        Args:
            session: With a mirror.
            still_s: How long its screen may stand still.
            search_s: How long to look for the camera's picture.

        Raises:
            LabError: If the session has no mirror.
        """
        if session.mirror is None:
            raise LabError("The mirror did not start.", "See the log.")
        self._mirror = session.mirror
        self._still_s = still_s
        self._search_s = search_s if app_in_front(session) else 0.0
        self._app = self._search_s > 0
        self._places: dict[tuple[int, ...], Place] = {}
        self._cropped = 0
        self._whole = 0
        self._mirror.set_target(0, 0)

    def next(self, cancel: CancelToken) -> Pixels | None:
        """Return the newest picture; None if the screen stands still."""
        rgb = self._frame(cancel)
        until = time.monotonic() + self._search_s
        while self._app and rgb is not None and not self._found(rgb):
            newer = self._frame(cancel) if time.monotonic() < until else None
            if newer is None:
                self._search_s = 0.0  # for the next ones this one's place must do
                break
            rgb = newer
        return None if rgb is None else self._seen(rgb)

    def _frame(self, cancel: CancelToken) -> Pixels | None:
        until = time.monotonic() + self._still_s
        while time.monotonic() < until and not cancel.cancelled:
            frame = self._mirror.slot.wait(0.2)
            if frame is not None:
                return np.ascontiguousarray(frame.bgra[..., 2::-1])
        return None

    def _found(self, rgb: Pixels) -> bool:
        """Whether it is known where on such a screen the camera's picture is."""
        place = find_camera_picture(rgb)
        if place is not None and _size(place) >= _size(self._places.get(rgb.shape, place)):
            self._places[rgb.shape] = place
        return rgb.shape in self._places

    def close(self) -> None:
        """Nothing to let go: the session is its owner's."""

    def what(self) -> str:
        """Say what the pictures show."""
        if not self._cropped:
            why = "its camera's picture was not found" if self._app else "the app is not in front"
            return f"They show the phone's whole screen: {why}."
        if not self._whole:
            return "They show the camera's picture out of the lab's app."
        return (
            f"{self._cropped} show the camera's picture out of the lab's app, {self._whole} the "
            "phone's whole screen."
        )

    def _seen(self, rgb: Pixels) -> Pixels:
        place = self._places.get(rgb.shape)
        if place is None:
            self._whole += 1
            return rgb
        self._cropped += 1
        left, top, right, bottom = place
        return np.ascontiguousarray(rgb[top:bottom, left:right])


def _size(place: Place) -> int:
    left, top, right, bottom = place
    return (right - left) * (bottom - top)


def app_in_front(session: "Session") -> bool:
    """Whether the lab's app fills the phone's screen.

    Raises:
        PhoneError: If the phone is gone.
    """
    said = session.phone.shell("dumpsys activity activities")
    return _FRONT.search(said.output) is not None


def cameras(most: int = MOST_CAMERAS, cancel: CancelToken | None = None) -> tuple[int, ...]:
    """Return the numbers of this computer's cameras that can be opened now.

    Each is opened for a moment, which takes up to a second: not for a window's thread.

    Args:
        most: How many numbers are tried.
        cancel: Obeyed between two.

    Raises:
        Cancelled: If it was cancelled.
    """
    token = cancel or CancelToken()
    found = []
    for number in _numbers(most):
        token.check()
        try:
            Webcam(number).close()
        except LabError:
            continue
        found.append(number)
    return tuple(found)


def _numbers(most: int) -> Sequence[int]:
    """Return the numbers that are worth a try: on Linux those of the devices there are."""
    if platform.system() == "Linux":
        devices = (path.name.removeprefix("video") for path in Path("/dev").glob("video*"))
        return sorted(int(each) for each in devices if each.isdecimal())[:most]
    return range(most)


def _open_camera(number: int) -> Any:
    import cv2

    with _quiet():
        opened = cv2.VideoCapture(number)
    if not opened.isOpened():
        opened.release()
        raise LabError(
            f"There is no webcam {number}.",
            "Try 0, plug it in, or close the program that uses it.",
        )
    return opened


def _open_video(path: Path) -> Any:
    import cv2

    if not path.is_file():
        raise LabError(f"There is no video {path}.", "Check the name.")
    with _quiet():
        opened = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not opened.isOpened():
        opened.release()
        raise LabError(f"{path.name} is not a video that can be read.", "Use MP4 or MKV.")
    return opened


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep OpenCV from writing to standard error what is said in a sentence."""
    import cv2

    before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
