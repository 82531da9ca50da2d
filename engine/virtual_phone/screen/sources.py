"""Where the virtual phone's cameras get their pictures: drawings, files, a clip, a webcam."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.models.pictures import find_pictures, read_picture

logger = logging.getLogger(__name__)

WIDTH, HEIGHT = 640, 480
PICTURE_S = 1.5
"""How long each picture of a folder stands."""

RGB = NDArray[np.uint8]


class Source(Protocol):
    """Where pictures come from."""

    def read(self, elapsed_s: float) -> tuple[RGB, int]:
        """Return the upright 640 x 480 picture of this moment and its number.

        Raises:
            LabError: If no picture can be had any more.
        """

    def truth(self, picture: int) -> str:
        """Return the class of a picture that ``read`` gave; empty where nobody knows."""

    def close(self) -> None:
        """Give back what is open."""


def fit_picture(rgb: RGB) -> RGB:
    """Crop a picture of any shape about its centre so that it fills 640 x 480."""
    height, width = rgb.shape[:2]
    scale = max(WIDTH / width, HEIGHT / height)
    kept_w, kept_h = min(width, round(WIDTH / scale)), min(height, round(HEIGHT / scale))
    left, top = (width - kept_w) // 2, (height - kept_h) // 2
    cut = rgb[top : top + kept_h, left : left + kept_w]
    how = cv2.INTER_AREA if scale <= 1 else cv2.INTER_LINEAR
    fitted = np.asarray(cv2.resize(cut, (WIDTH, HEIGHT), interpolation=how), dtype=np.uint8)
    fitted.setflags(write=False)
    return fitted


class Drawing:
    """What a function draws of each moment."""

    def __init__(
        self,
        draw: Callable[[float], tuple[RGB, int]],
        truth: Callable[[int], str] = lambda _picture: "",
    ) -> None:
        """Show what ``draw`` makes of the seconds since the camera was made.

        Args:
            draw: Returns the picture of a moment and its number.
            truth: Returns the class of the picture of a number.
        """
        self._draw, self._truth = draw, truth

    def read(self, elapsed_s: float) -> tuple[RGB, int]:
        """See ``Source.read``."""
        return self._draw(elapsed_s)

    def truth(self, picture: int) -> str:
        """See ``Source.truth``."""
        return self._truth(picture)

    def close(self) -> None:
        """See ``Source.close``."""


class Mirrored:
    """Another camera's source, left and right changed; it closes with the other."""

    def __init__(self, source: Source) -> None:
        """Mirror ``source``; only one of the two may be read at a time."""
        self._source = source

    def read(self, elapsed_s: float) -> tuple[RGB, int]:
        """See ``Source.read``."""
        rgb, number = self._source.read(elapsed_s)
        mirrored = np.ascontiguousarray(rgb[:, ::-1])
        mirrored.setflags(write=False)
        return mirrored, number

    def truth(self, picture: int) -> str:
        """See ``Source.truth``."""
        return self._source.truth(picture)

    def close(self) -> None:
        """See ``Source.close``."""


class Pictures:
    """A folder's pictures by name, subfolders too, each for ``PICTURE_S``, over and over."""

    def __init__(self, path: Path) -> None:
        """Find the pictures and read the first.

        Raises:
            LabError: If there is none that can be read.
        """
        try:
            self._paths = [path] if path.is_file() else find_pictures(path)
        except OSError as error:
            raise LabError(
                f"The camera folder {path} cannot be read.",
                "Check that you may open it.",
                detail=str(error),
            ) from error
        if not self._paths:
            raise LabError(
                f"There is no picture in the camera folder {path}.",
                "Put JPEG, PNG or WebP files into it.",
            )
        self._folder = path
        self._held: dict[int, RGB] = {}
        self._picture(0)

    def read(self, elapsed_s: float) -> tuple[RGB, int]:
        """See ``Source.read``; reads the next picture ahead of its time."""
        number = int(elapsed_s / PICTURE_S)
        rgb = self._picture(number)
        if elapsed_s % PICTURE_S > PICTURE_S / 2:
            self._picture(number + 1)
        return rgb, number % len(self._paths)

    def truth(self, picture: int) -> str:
        """Return the name of the class folder that the picture lies in, if it lies in one."""
        folder = self._paths[picture % len(self._paths)].parent
        return "" if folder in (self._folder, self._folder.parent) else folder.name

    def close(self) -> None:
        """See ``Source.close``."""

    def _picture(self, number: int) -> RGB:
        while self._paths:
            index = number % len(self._paths)
            held = self._held.get(index)
            if held is not None:
                return held
            try:
                rgb = read_picture(self._paths[index])
            except LabError as error:
                logger.warning("Left out a picture: %s", error)
                del self._paths[index]
                self._held.clear()
                continue
            kept = {(number - 1) % len(self._paths), index}
            self._held = {one: old for one, old in self._held.items() if one in kept}
            self._held[index] = fit_picture(rgb)
            return self._held[index]
        raise LabError(
            f"No picture in {self._folder} can be read.", "Put JPEG, PNG or WebP files into it."
        )


class Clip:
    """A video file, played at its own speed, over and over."""

    def __init__(self, path: Path) -> None:
        """Open the file and decode its first frame.

        Raises:
            LabError: If it is no video that can be decoded.
        """
        self._path = path
        self._began_s = 0.0
        self._frames = self._decode()
        self._next = self._advance()
        self._shown = self._next[1]
        self._round = 0

    def read(self, elapsed_s: float) -> tuple[RGB, int]:
        """See ``Source.read``; the number counts the rounds."""
        while self._next[0] <= elapsed_s - self._began_s:
            self._shown = self._next[1]
            try:
                self._next = self._advance()
            except StopIteration:
                self._began_s = elapsed_s
                self._round += 1
                self._frames = self._decode()
                self._next = self._advance()
                break  # a clip of one frame is always due
        return self._shown, self._round

    def truth(self, _picture: int) -> str:
        """See ``Source.truth``: nobody knows."""
        return ""

    def close(self) -> None:
        """See ``Source.close``."""
        self._frames = iter(())

    def _advance(self) -> tuple[float, RGB]:
        return next(self._frames)

    def _decode(self) -> Iterator[tuple[float, RGB]]:
        import av

        frames = 0
        try:
            with av.open(str(self._path)) as container:
                first_s = None
                for frame in container.decode(video=0):
                    time_s = float(frame.time or 0.0)
                    first_s = time_s if first_s is None else first_s
                    rgb = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90))
                    frames += 1
                    yield time_s - first_s, fit_picture(np.ascontiguousarray(rgb))
        except (av.FFmpegError, IndexError, OSError) as error:
            if frames == 0:
                raise self._unreadable(str(error)) from error
        if frames == 0:
            raise self._unreadable("no frame")

    def _unreadable(self, detail: str) -> LabError:
        return LabError(
            f"{self._path} is not a video that can be played.",
            "Give a folder of pictures, a video file, or webcam:0.",
            detail=detail,
        )


class Webcam:
    """This computer's camera."""

    def __init__(self, number: str) -> None:
        """Open camera ``number``.

        Raises:
            LabError: If there is none.
        """
        if not number.isdigit():
            raise LabError(f"webcam:{number} is not a camera.", "Write webcam:0 for the first.")
        self._name = f"webcam:{number}"
        self._capture = cv2.VideoCapture(int(number))
        if not self._capture.isOpened():
            raise LabError(
                f"This computer's camera {number} does not open.",
                "Close programs that use it, or give a folder of pictures.",
            )
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)

    def read(self, _elapsed_s: float) -> tuple[RGB, int]:
        """See ``Source.read``; waits for the camera."""
        good, bgr = self._capture.read()
        if not good:
            raise LabError(f"{self._name} gives no more pictures.", "Plug it in again.")
        return fit_picture(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)), 0

    def truth(self, _picture: int) -> str:
        """See ``Source.truth``: nobody knows."""
        return ""

    def close(self) -> None:
        """See ``Source.close``."""
        self._capture.release()
