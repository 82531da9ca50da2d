"""The lab's app as this phone runs it: newest camera picture in, result and samples out."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from engine.errors import LabError
from engine.models.interpreter import HostModel
from engine.models.recognition import Recognition
from engine.virtual_phone.app.checks import check_execution, check_feed
from engine.virtual_phone.app.facts import health_values, hello_values, is_untrained, model_values
from engine.virtual_phone.app.link_messages import FLAG_FIRST, FLAG_UNTRAINED
from engine.virtual_phone.app.link_server import LinkServer, Refused
from engine.virtual_phone.app.model import (
    PACKAGE,
    AppFolder,
    LabModel,
    OpenHostModel,
    open_model,
    read_apk_model,
)
from engine.virtual_phone.app.numbers import LabView, Trouble
from engine.virtual_phone.app.recorder import Recorder
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.screen.camera import Camera, clock_ns, fit_picture
from engine.virtual_phone.screen.scene import draw_scene

logger = logging.getLogger(__name__)

CAMERA_PERMISSION = "android.permission.CAMERA"
TASK_TIMEOUT_S = 60.0
LOOK_AGAIN_S = 0.5
BACKGROUND = Trouble("background", "The app is not on the phone's screen. Open it to go on.")


class LabApp:
    """The running app: a worker thread that owns the model, and the link's threads.

    Methods may be called from any thread; ``start`` and ``kill`` once each.

    Attributes:
        package: The installation it was started from.
    """

    def __init__(
        self,
        handset: Handset,
        camera: Camera,
        folder: AppFolder,
        redraw: Callable[[], None],
        opener: OpenHostModel = HostModel.from_bytes,
    ) -> None:
        """Prepare the app; nothing is read before ``start``.

        Args:
            handset: The phone it runs on.
            camera: The phone's camera; the app starts and stops it.
            folder: What outlives the app's process.
            redraw: Called when the view changed by itself.
            opener: Opens a model from its bytes.
        """
        self._handset = handset
        self._camera = camera
        self._folder = folder
        self._redraw = redraw
        self._opener = opener
        self._wake = threading.Event()
        self._ending = False
        self._visible = self._screen_on = True
        self._tasks: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = (
            queue.SimpleQueue()
        )
        self.package = handset.packages.find(PACKAGE)
        self._source, self._paused = "camera", False
        self._threads, self._delegate, self._applied, self._note = 1, "xnnpack", "xnnpack", ""
        self._threads_asked = 1
        self._model: LabModel | None = None
        self._host: HostModel | None = None
        self._opening = True  # until the first model runs, or it is clear that there is none
        self._model_error: Trouble | None = None
        self._model_values: dict[str, Any] | None = None
        self._published: dict[str, Any] = {}
        self._generation = 0
        self._frame_number = 0
        self._awaiting = False  # the worker will infer the next frame, and have it drawn
        self._filled = False  # the loop's fixed tensor is in the interpreter
        self._recorder = Recorder(handset.battery)
        self._link: LinkServer | None = None
        self._worker = threading.Thread(target=self._work, name="lab-app", daemon=True)

    def start(self) -> None:
        """Open the link and begin to work."""
        self._link = LinkServer(self._handset.sockets, self)
        self._camera.on_frame = self._frame_came
        self._worker.start()

    def kill(self) -> None:
        """End as a killed process does: sockets close, nobody says goodbye."""
        self._ending = True
        self._wake.set()
        if self._link is not None:
            self._link.close()
        self._worker.join()

    def show(self, visible: bool, *, screen_on: bool) -> None:
        """Come to the front, or leave it: the camera belongs to the app in front."""
        self._visible, self._screen_on = visible, screen_on
        self._wake.set()

    def toggle_pause(self) -> None:
        """Do what the pause button does."""
        self._paused = not self._paused
        self._wake.set()

    def allow_camera(self) -> None:
        """Grant the camera permission, as the person at the phone may."""
        package = self._handset.packages.find(PACKAGE)
        if package is not None:
            package.granted.add(CAMERA_PERMISSION)
        self._wake.set()

    @property
    def animated(self) -> bool:
        """Whether the view changes all the time."""
        return self._host is not None and not self._paused and self._trouble() is None

    def drew(self, draw_ns: int) -> None:
        """Hear how long the last drawing of the view took."""
        self._recorder.numbers.draw_ns = draw_ns

    def view(self) -> LabView:
        """Return what there is to draw."""
        model, host, link = self._model, self._host, self._link
        return LabView(
            picture=self._camera.latest() if self._source == "camera" else None,
            source=self._source,
            paused=self._paused,
            linked=link is not None and link.linked,
            trouble=self._trouble(),
            opening=self._opening,
            model_name=model.name if model else "",
            model_origin=model.origin if model else "",
            untrained=is_untrained(self._model, self._host),
            resolution=host.facts.inputs[0].shape[1] if host else 0,
            dtype=host.facts.inputs[0].dtype if host else "",
            detection=host is not None and host.facts.task == "detection",
            execution=f"{self._applied}, {self._threads} thread{'s' * (self._threads > 1)}",
            note=self._handset.properties.get("ro.mobilenetlab.note", ""),
            numbers=self._recorder.numbers.shown(),
            entries=self._recorder.numbers.entries,
        )

    # What the link asks; see ``link_server.App``.

    def hello(self) -> dict[str, Any]:
        """See ``link_server.App``."""
        return hello_values(self._handset, self.package)

    def state(self) -> dict[str, Any]:
        """See ``link_server.App``."""
        trouble = self._trouble()
        return {
            "source": self._source,
            "paused": self._paused,
            "threads": self._threads,
            "threads_asked": self._threads_asked,
            "delegate": self._delegate,
            "delegate_applied": self._applied,
            "delegate_note": self._note,
            "error": {"code": trouble.code, "text": trouble.text} if trouble else None,
        }

    def model(self) -> dict[str, Any] | None:
        """See ``link_server.App``."""
        return self._model_values

    def health(self) -> dict[str, Any]:
        """See ``link_server.App``."""
        return health_values(self._handset, screen_on=self._screen_on)

    def set(self, values: dict[str, Any]) -> None:
        """See ``link_server.App``."""
        threads = values.get("threads", self._threads)
        delegate = values.get("delegate", self._delegate)
        source = values.get("source", self._source)
        paused = values.get("paused", self._paused)
        check_execution(threads, delegate)
        check_feed(source, paused)

        def apply() -> None:
            if (threads, delegate) != (self._threads, self._delegate):
                if self._model is None:
                    self._threads, self._delegate = threads, delegate
                else:
                    self._open(self._model, threads, delegate)
            if "threads" in values:
                self._threads_asked = threads
            self._source, self._paused = source, paused

        self._ask(apply)

    def check_load(self, threads: int | None, delegate: str | None) -> None:
        """See ``link_server.App``."""
        check_execution(
            self._threads if threads is None else threads,
            self._delegate if delegate is None else delegate,
        )

    def load(self, model: LabModel, threads: int | None, delegate: str | None) -> None:
        """See ``link_server.App``."""
        wanted_threads = self._threads if threads is None else threads
        wanted_delegate = self._delegate if delegate is None else delegate

        def apply() -> None:
            self._open(model, wanted_threads, wanted_delegate)
            self._threads_asked = self._threads_asked if threads is None else threads
            self._folder.keep(model, self.package)

        self._ask(apply)

    def lab_changed(self) -> None:
        """See ``link_server.App``."""
        self._redraw()

    def _ask(self, apply: Callable[[], None]) -> None:
        """Run ``apply`` on the worker between two inferences and wait for it."""
        done: Future[None] = Future()
        self._tasks.put((apply, done))
        self._wake.set()
        if self._ending:
            raise Refused("bad_state", "The app is ending.")
        try:
            done.result(TASK_TIMEOUT_S)
        except LabError as error:
            raise Refused("bad_model", str(error)) from error
        except TimeoutError as error:
            raise Refused("bad_state", "The app is busy.") from error

    # The worker.

    def _work(self) -> None:
        try:
            self._open_first()
            self._infer_until_ending()
        except Exception:  # a bug: the app dies as an app does, the phone lives on
            logger.exception("The lab's app crashed")
            self._handset.log.write("E", "AndroidRuntime", f"FATAL EXCEPTION: {PACKAGE}")
            # On a thread of its own, as it waits for this one.
            threading.Thread(target=self._handset.force_stop, args=(PACKAGE,), daemon=True).start()
        self._ending = True
        self._camera.on_frame = None
        self._camera.stop()
        while not self._tasks.empty():
            self._tasks.get()[1].set_exception(LabError("The app ended."))
        if self._link is not None:
            self._link.close()

    def _infer_until_ending(self) -> None:
        while True:
            self._wake.clear()
            if self._ending:
                break
            self._run_tasks()
            running = self._steer()
            self._publish_state()
            try:
                if not running:
                    self._wake.wait(LOOK_AGAIN_S)
                elif self._source == "loop":
                    self._turn_loop()
                else:
                    self._turn_camera()
            except LabError as error:
                logger.warning("Inference failed: %s %s", error, error.detail)
                self._model_error = Trouble("inference", str(error))

    def _open_first(self) -> None:
        try:
            model, config = read_apk_model(self._handset.packages)
            self._source = config.source
            self._threads, self._delegate = config.threads, config.delegate
            self._threads_asked = config.threads_asked
            model = self._folder.model_for(self.package) or model
            if model is None:
                self._model_error = Trouble("no_model", "There is no model in the app.")
            else:
                self._open(model, config.threads, config.delegate)
        except LabError as error:
            self._model_error = Trouble("bad_model", str(error))
            self._handset.log.write("E", "MobileNetLab", f"{error} {error.detail}")
        self._opening = False

    def _run_tasks(self) -> None:
        while not self._tasks.empty():
            apply, done = self._tasks.get()
            try:
                apply()
            except LabError as error:
                done.set_exception(error)
                continue
            except Exception:
                done.set_exception(LabError("The app crashed."))
                raise
            self._publish_state()
            self._redraw()
            done.set_result(None)

    def _steer(self) -> bool:
        """Start or stop the camera; return whether there is something to infer."""
        wants_camera = self._source == "camera" and self._visible and not self._paused
        if wants_camera and self._camera_allowed():
            if self._camera.error is not None:
                self._camera.stop()
            self._camera.start()
        else:
            self._camera.stop()
        return self._host is not None and not self._paused and self._trouble() is None

    def _camera_allowed(self) -> bool:
        package = self._handset.packages.find(PACKAGE)
        return package is not None and CAMERA_PERMISSION in package.granted

    def _trouble(self) -> Trouble | None:
        if self._opening:
            return None
        if self._model_error is not None:
            return self._model_error
        if not self._visible:
            return BACKGROUND
        return self._camera_trouble() if self._source == "camera" else None

    def _camera_trouble(self) -> Trouble | None:
        if not self._camera_allowed():
            return Trouble("camera_permission", "The app may not use the camera.")
        if self._camera.error is not None:
            return Trouble("no_camera", str(self._camera.error))
        return None

    def _open(self, model: LabModel, threads: int, delegate: str) -> None:
        """Open a model, run it once, then replace the old one; the old one stays on failure."""
        host, applied, note = open_model(model, threads, delegate, self._opener)
        begun = clock_ns()
        recognition = host.predict(fit_picture(draw_scene(0.0)[0]))
        old, self._host = self._host, host
        if old is not None:
            old.close()
        self._model, self._model_error, self._filled = model, None, True
        self._opening = False
        self._threads, self._delegate, self._applied = threads, delegate, applied
        self._note = note
        self._generation += 1
        self._recorder.numbers.clear()
        self._model_values = model_values(model, host, self._generation, recognition.infer_ns)
        if self._link is not None:
            self._link.publish_model()
        self._publish_state()
        self._record(Recognition("classes", (), 0, recognition.infer_ns, 0), begun, 0, FLAG_FIRST)

    def _turn_camera(self) -> None:
        self._awaiting = True
        frame = self._camera.wait(self._frame_number, 0.1)
        self._awaiting = False
        if frame is None or self._host is None:
            return
        self._frame_number = frame.number
        self._filled = False
        camera_ns = max(0, clock_ns() - frame.captured_ns)
        self._record(self._host.predict(frame.rgb), frame.captured_ns, camera_ns, 0)
        self._redraw()

    def _frame_came(self) -> None:
        """Have the picture drawn, but not beside the inference of the same picture."""
        if not self._awaiting:
            self._redraw()

    def _turn_loop(self) -> None:
        if self._host is None:
            return
        begun = clock_ns()
        if not self._filled:
            self._filled = True
            infer_ns = self._host.predict(fit_picture(draw_scene(0.0)[0])).infer_ns
        else:
            infer_ns = self._host.time_once()
        self._record(Recognition("classes", (), 0, infer_ns, 0), begun, 0, 0)

    def _record(
        self, recognition: Recognition, captured_ns: int, camera_ns: int, flags: int
    ) -> None:
        if self._host is None:
            return
        untrained = FLAG_UNTRAINED if is_untrained(self._model, self._host) else 0
        sample, result = self._recorder.record(
            recognition,
            self._host.labels,
            generation=self._generation,
            captured_ns=captured_ns,
            camera_ns=camera_ns,
            flags=flags | untrained,
        )
        if self._link is not None:
            self._link.publish_sample(sample, result)

    def _publish_state(self) -> None:
        state = self.state()
        if state != self._published and self._link is not None:
            self._published = state
            self._link.publish_state()
            self._redraw()
