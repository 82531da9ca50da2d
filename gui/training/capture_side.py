"""Connects the page that takes pictures: where they come from, and where they go."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QRectF, QStandardPaths, QTimer
from PySide6.QtGui import QImage

from engine.errors import LabError
from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.file_dialogs import ask_for_folder, ask_to_open
from gui.main_window import MainWindow
from gui.training.capture_page import PHONE, VIDEO, WEBCAM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.training.capture import PictureSource

DRAIN_MS = 100
SHOWN_S = 0.1
"""Between two pictures of a video: slow enough to tell the classes by hand."""
OWN_FOLDER = "MobileNet Lab"
VIDEOS = "Videos (*.mp4 *.mkv *.mov *.avi *.webm);;All files (*)"


class Kept(NamedTuple):
    """What became of a picture: its class, and why it was not kept, if it was not."""

    name: str
    trouble: LabError | None = None


class CaptureSide(QObject):
    """Shows what would be taken, and keeps what is."""

    def __init__(self, window: MainWindow, controller: Controller) -> None:
        """Connect the page with the mirror, the cameras and the disk."""
        super().__init__(window)
        self.window, self.controller = window, controller
        self.page = window.train_view.capture
        self.folder = pictures_folder()
        self._seen: deque[QImage] = deque(maxlen=1)  # the newest replaces an unread one
        self._why = ""
        self._waiting: SimpleQueue[tuple[Path, str, QImage] | None] = SimpleQueue()
        self._kept: SimpleQueue[Kept] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._drain = QTimer(self, interval=DRAIN_MS)
        self._drain.timeout.connect(self._take_kept)
        self.page.looked.connect(self._show_newest)
        self.page.taken.connect(self._keep)
        self.page.source_chosen.connect(self._open_source)
        self.page.camera_chosen.connect(self._open_camera)
        self.page.class_wished.connect(self._add_class)
        self.page.hidden.connect(self._close_source)
        self.page.folder_requested.connect(
            lambda: ask_for_folder(window, "Where the pictures go", self.begin)
        )

    def stop(self) -> None:
        """End the thread that writes pictures, when all that waits is written."""
        self._waiting.put(None)

    def begin(self, folder: Path) -> None:
        """Take pictures into a folder; the classes in it are offered."""
        self.folder = folder
        self.page.forget_classes()

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED and self.folder == folder:
                self.page.show_folder(folder, ended.result)

        self.controller.jobs.run("captured", lambda _report, _cancel: counts_in(folder), done)

    def _add_class(self, name: str) -> None:
        from engine.training.album import check_class_name

        try:
            self.page.add_class(check_class_name(name))
            self.page.show_trouble("")
        except LabError as error:
            self.page.show_trouble(error.what, error.advice)

    # where they come from

    def _open_source(self, source: str) -> None:
        self._close_source()
        if source == WEBCAM:
            self._find_cameras()
        elif source == VIDEO:
            self._why = "Choose a video"
            ask_to_open(self.window, "Choose a video", VIDEOS, self.play)
        self._show_newest()

    def _find_cameras(self) -> None:
        """Look which webcams there are, and show the one that is chosen."""
        self._why = "Looking for webcams"

        def work(_report: Report, cancel: CancelToken) -> tuple[int, ...]:
            from engine.training.capture import cameras

            return cameras(cancel=cancel)

        def done(ended: Ended) -> None:
            if ended.outcome is not Outcome.CANCELLED:
                self.page.show_cameras(ended.result or ())
                self._open_camera()

        self.controller.jobs.run("cameras", work, done)

    def _open_camera(self) -> None:
        self._close_source()
        number = self.page.camera
        self._watch(partial(_webcam, number), f"Opening webcam {number}")

    def play(self, path: Path) -> None:
        """Show a video; what is held while it runs is kept."""
        self._watch(partial(_video, path), f"Opening {path.name}")

    def _watch(self, opened: "Callable[[], PictureSource]", why: str) -> None:
        self._why = why

        def work(_report: Report, cancel: CancelToken) -> None:
            with closing(opened()) as source:
                while not cancel.cancelled:
                    rgb = source.next(cancel)
                    if rgb is None:
                        return
                    self._seen.append(as_image(rgb))
                    cancel.wait(SHOWN_S)

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.FAILED:
                self._seen.clear()
                self._why = ended.message
            elif ended.outcome is Outcome.COMPLETED:
                self._why = "The video is at its end."
                self._seen.clear()

        self.controller.jobs.run("camera", work, done)

    def _close_source(self) -> None:
        self.controller.jobs.cancel("camera", "cameras")
        self._seen.clear()

    def _show_newest(self) -> None:
        if self.page.source.choice == PHONE:
            mirror = self.window.mirror_view
            image = mirror.picture() if mirror.state == "live" else None
            if image is not None and self.page.picker.image is None:
                self._find_frame(image)
            self.page.show_picture(image)
        elif self._seen:
            self.page.show_picture(self._seen[-1])
        else:
            self.page.show_picture(None, self._why)

    def _find_frame(self, image: QImage) -> None:
        """Lay the frame around the camera's picture, where the lab's app shows one."""
        session = self.controller.session
        if session is None:
            return

        def work(_report: Report, _cancel: CancelToken) -> tuple[int, int, int, int] | None:
            from engine.training.camera_picture import find_camera_picture
            from engine.training.capture import app_in_front

            return find_camera_picture(as_array(image)) if app_in_front(session) else None

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED and ended.result is not None:
                left, top, right, bottom = ended.result
                width, height = image.width(), image.height()
                size = ((right - left) / width, (bottom - top) / height)
                self.page.picker.show_frame(QRectF(left / width, top / height, *size))

        self.controller.jobs.run("frame", work, done)

    # where they go

    def _keep(self, name: str, image: QImage) -> None:
        self._waiting.put((self.folder, name, image))
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_all, name="album", daemon=True)
            self._thread.start()
        self._drain.start()

    def _write_all(self) -> None:
        from engine.training.album import Album

        albums: dict[Path, Album] = {}
        while (each := self._waiting.get()) is not None:
            folder, name, image = each
            try:
                album = albums.get(folder / name) or Album(folder, name)
                albums[folder / name] = album
                album.add(as_array(image))
                self._kept.put(Kept(name))
            except LabError as error:
                albums.pop(folder / name, None)
                self._kept.put(Kept(name, error))

    def _take_kept(self) -> None:
        try:
            while True:
                kept = self._kept.get_nowait()
                if kept.trouble is None:
                    self.page.show_kept(kept.name)
                else:
                    self.page.show_trouble(kept.trouble.what, kept.trouble.advice)
        except Empty:
            return


def _webcam(number: int) -> "PictureSource":
    from engine.training.capture import Webcam

    return Webcam(number)


def _video(path: Path) -> "PictureSource":
    from engine.training.capture import VideoFile

    return VideoFile(path, every=3)


def as_image(rgb: "NDArray[np.uint8]") -> QImage:
    """Return an image that owns its pixels."""
    height, width = rgb.shape[:2]
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def as_array(image: QImage) -> "NDArray[np.uint8]":
    """Return an image's pixels as RGB, shape (height, width, 3)."""
    import numpy as np

    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    pixels = rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3)
    return pixels.copy()  # the rows belong to an image that goes


def pictures_folder() -> Path:
    """Return where pictures go that are taken before a folder was chosen."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return Path(place or str(Path.home())) / OWN_FOLDER


def counts_in(folder: Path) -> dict[str, int]:
    """Return how many files each class folder has; empty if there is none.

    Raises:
        LabError: The folder cannot be read.
    """
    if not folder.is_dir():
        return {}
    try:
        return {
            each.name: sum(file.is_file() for file in each.iterdir())
            for each in sorted(folder.iterdir())
            if each.is_dir() and not each.name.startswith(".")
        }
    except OSError as error:
        raise LabError(
            f"The folder {folder} cannot be read.", "Choose another one.", detail=str(error)
        ) from error
