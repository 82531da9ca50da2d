"""The phone's cameras as the lab's app uses them: one at a time, and only while it may."""

from collections.abc import Callable, Mapping

from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.app.numbers import Trouble
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.screen.camera import Camera, CameraFrame

CAMERA_PERMISSION = "android.permission.CAMERA"


class AppCamera:
    """Opens and closes cameras for one run of the app. The worker alone steers and waits."""

    def __init__(
        self, handset: Handset, cameras: Mapping[str, Camera], redraw: Callable[[], None]
    ) -> None:
        """Open nothing yet.

        Args:
            handset: The phone they belong to.
            cameras: ``back`` and ``front``, as far as the phone has them.
            redraw: Called when a picture came that nobody waits for.
        """
        self._handset = handset
        self._cameras = cameras
        self._redraw = redraw
        self._running: Camera | None = None
        self._taken = 0  # number of the newest picture that was given out
        self._awaiting = False  # the worker will infer the next picture, and have it drawn

    def steer(self, facing: str | None) -> None:
        """Have just this camera run, as far as it may; None gives all back."""
        wanted = self._cameras.get(facing or "") if self._may_use() else None
        if self._running is not None and (
            self._running is not wanted or self._running.error is not None
        ):
            self._running.on_frame = None
            self._running.stop()
            self._running = None
        if wanted is not None and self._running is None:
            latest = wanted.latest()
            self._taken = latest.number if latest is not None else 0
            wanted.on_frame = self._frame_came
            wanted.start()
            self._running = wanted

    def next(self, timeout_s: float) -> CameraFrame | None:
        """Return the newest picture once there is one that was not given out yet."""
        if self._running is None:
            return None
        self._awaiting = True
        frame = self._running.wait(self._taken, timeout_s)
        self._awaiting = False
        if frame is not None:
            self._taken = frame.number
        return frame

    def latest(self, facing: str) -> CameraFrame | None:
        """Return what the preview shows: the newest picture, also of a camera that rests."""
        camera = self._cameras.get(facing)
        return camera.latest() if camera is not None and self._allowed() else None

    def trouble(self, facing: str) -> Trouble | None:
        """Say why this camera gives no pictures; None if it does or may soon."""
        if not self._allowed():
            return Trouble("camera_permission", "The app may not use the camera.")
        camera = self._cameras.get(facing)
        if camera is None:
            return Trouble("no_camera", f"This phone has no {facing} camera.")
        if self._handset.camera_busy:
            return Trouble("camera_busy", "Another app holds the camera.")
        if camera.error is not None:
            return Trouble("no_camera", str(camera.error))
        return None

    def allow(self) -> None:
        """Grant the permission, as the person at the phone may."""
        package = self._handset.packages.find(PACKAGE)
        if package is not None:
            package.granted.add(CAMERA_PERMISSION)

    def _allowed(self) -> bool:
        package = self._handset.packages.find(PACKAGE)
        return package is not None and CAMERA_PERMISSION in package.granted

    def _may_use(self) -> bool:
        return self._allowed() and not self._handset.camera_busy

    def _frame_came(self) -> None:
        """Have the picture drawn, but not beside the inference of the same picture."""
        if not self._awaiting:
            self._redraw()
