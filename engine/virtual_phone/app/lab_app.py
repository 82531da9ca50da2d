"""The lab's app as this phone runs it: newest picture in, result and samples out."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.errors import LabError
from engine.models.interpreter import HostModel
from engine.virtual_phone.app.apk_content import ApkContent
from engine.virtual_phone.app.app_camera import AppCamera
from engine.virtual_phone.app.app_folder import AppFolder
from engine.virtual_phone.app.errands import Errands
from engine.virtual_phone.app.facts import health_values, hello_values, model_values
from engine.virtual_phone.app.link_messages import FLAG_FIRST, FLAG_UNTRAINED, LoadBegin
from engine.virtual_phone.app.link_server import LinkServer
from engine.virtual_phone.app.model import PACKAGE, LabModel
from engine.virtual_phone.app.numbers import LabView, ShownModel, Trouble
from engine.virtual_phone.app.opened import Opened, OpenHostModel, open_model
from engine.virtual_phone.app.pacing import Pacing
from engine.virtual_phone.app.picture_round import PictureRound
from engine.virtual_phone.app.recorder import Recorder, Turn
from engine.virtual_phone.app.refusal import Refused
from engine.virtual_phone.app.settings import AppSettings, Limits, limits_of, settings_from
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.screen.camera import Camera, clock_ns
from engine.virtual_phone.system.properties import NOTE_PROPERTY

logger = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.5
CAMERA_WAIT_S = 0.1
NO_PICTURES = Trouble("no_pictures", "There are no pictures in this APK. Choose another source.")
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
        cameras: Mapping[str, Camera],
        redraw: Callable[[], None],
        opener: OpenHostModel = HostModel.from_bytes,
    ) -> None:
        """Prepare the app; nothing is opened before ``start``.

        Args:
            handset: The phone it runs on.
            cameras: The phone's cameras; the app starts and stops them.
            redraw: Called when the view changed by itself.
            opener: Opens a model from its bytes.
        """
        self._handset = handset
        self._camera = AppCamera(handset, cameras, redraw)
        self._folder = AppFolder(handset.files)
        self._redraw = redraw
        self._opener = opener
        self._wake = threading.Event()
        self._ending = False
        self._visible = self._screen_on = True
        self._errands = Errands(self._wake.set)
        self.package = handset.packages.find(PACKAGE)
        self._content = ApkContent(self.package)
        self._pictures = PictureRound(self._content.pictures())
        self._pacing = Pacing(handset)
        self._cameras = tuple(cameras)
        self._setting = threading.Lock()  # the lab and the person may set at the same time
        self._settings = AppSettings()
        self._opened: Opened | None = None
        self._opening = True  # until the first model runs, or it is clear that there is none
        self._model_error: Trouble | None = None
        self._model_values: dict[str, Any] | None = None
        self._shown_state: dict[str, Any] = {}
        self._generation = 0
        self._filled = False  # the loop's fixed tensor is in the interpreter
        self._recorder = Recorder(handset.battery)
        self._link: LinkServer | None = None
        self._worker = threading.Thread(target=self._work, name="lab-app", daemon=True)

    def start(self) -> None:
        """Open the link and begin to work."""
        self._handset.heat.begin_anew()
        self._link = LinkServer(self._handset.sockets, self)
        self._worker.start()

    def kill(self) -> None:
        """End as a killed process does: sockets close, nobody says goodbye."""
        self._ending = True
        self._wake.set()
        if self._link is not None:
            self._link.close()
        self._worker.join()

    @property
    def _limits(self) -> Limits:
        return limits_of(
            *(self._cameras, len(self._pictures)),
            gpu=self._content.has_gpu,
            max_threads=self._handset.cores,
        )

    def show(self, visible: bool, *, screen_on: bool) -> None:
        """Come to the front, or leave it: the camera belongs to the app in front."""
        self._visible, self._screen_on = visible, screen_on
        self._wake.set()

    def toggle_pause(self) -> None:
        """Do what the pause button does."""
        with self._setting:
            self._settings = replace(self._settings, paused=not self._settings.paused)
        self._wake.set()

    def switch_camera(self) -> None:
        """Do what the camera button does: take the phone's other camera."""
        cameras = self._limits.cameras
        with self._setting:
            here = cameras.index(self._settings.camera)
            following = cameras[(here + 1) % len(cameras)]
            self._settings = replace(self._settings, camera=following)
        self._wake.set()

    def allow_camera(self) -> None:
        """Grant the camera permission, as the person at the phone may."""
        self._camera.allow()
        self._wake.set()

    @property
    def animated(self) -> bool:
        """Whether the view changes all the time."""
        return self._opened is not None and not self._settings.paused and self._trouble() is None

    def drew(self, draw_ns: int) -> None:
        """Hear how long the last drawing of the view took."""
        self._recorder.numbers.draw_ns = draw_ns

    def view(self) -> LabView:
        """Return what there is to draw."""
        settings, opened, link = self._settings, self._opened, self._link
        answer = self._recorder.numbers.answer
        preview, number = None, 0
        if settings.source == "camera":
            frame = self._camera.latest(settings.camera)
            preview, number = (frame.rgb, frame.number) if frame is not None else (None, 0)
        elif settings.source == "pictures":
            preview, number = (answer.rgb, answer.picture) if answer is not None else (None, 0)
        return LabView(
            settings=settings,
            model=opened.shown() if opened is not None else ShownModel(),
            preview=preview,
            preview_number=number,
            cameras=len(self._limits.cameras),
            pictures=len(self._pictures),
            linked=link is not None and link.linked,
            trouble=self._trouble(),
            opening=self._opening,
            note=self._handset.properties.get(NOTE_PROPERTY, ""),
            locale=self._handset.locale,
            numbers=self._recorder.numbers.shown(),
            answer=answer,
        )

    # What the link asks; see ``link_server.App``.

    def hello(self) -> dict[str, Any]:
        """See ``link_server.App``."""
        return hello_values(self._handset, self.package, self._limits, len(self._pictures))

    def state(self) -> dict[str, Any]:
        """See ``link_server.App``."""
        trouble, settings, opened = self._trouble(), self._settings, self._opened
        return {
            "source": settings.source,
            "camera": settings.camera,
            "paused": settings.paused,
            "threads": settings.threads,
            "threads_asked": settings.threads_asked,
            "delegate": settings.delegate,
            "delegate_applied": opened.applied if opened is not None else "xnnpack",
            "delegate_note": opened.note if opened is not None else "",
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
        changes = self._limits.check(values)
        self._errands.ask(lambda: self._change(changes))

    def check_load(self, begin: LoadBegin) -> None:
        """See ``link_server.App``."""
        settings = self._settings
        self._limits.check_execution(
            settings.threads if begin.threads is None else begin.threads,
            begin.delegate or self._limits.delegates[0],
        )

    def has_room(self, size_bytes: int) -> bool:
        """See ``link_server.App``."""
        return self._handset.storage.has_room(size_bytes)

    def load(self, model: LabModel, threads: int | None, delegate: str | None) -> None:
        """See ``link_server.App``."""
        self._errands.ask(lambda: self._replace(model, threads, delegate))

    def lab_changed(self) -> None:
        """See ``link_server.App``."""
        self._redraw()

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
        self._camera.steer(None)
        self._errands.end()
        if self._link is not None:
            self._link.close()

    def _infer_until_ending(self) -> None:
        turns = {
            "camera": self._turn_camera,
            "pictures": self._turn_pictures,
            "loop": self._turn_loop,
        }
        while True:
            self._wake.clear()
            if self._ending:
                break
            self._errands.run(self._errand_done)
            try:
                self._follow_pace()
                running = self._steer()
                self._publish_state()
                if running is None:
                    self._wake.wait(LOOK_AGAIN_S)
                else:
                    turns[self._settings.source](running)
            except LabError as error:
                logger.warning("Inference failed: %s %s", error, error.detail)
                self._model_error = Trouble("inference", str(error))

    def _open_first(self) -> None:
        config = settings_from(self._content.config(), self._limits)
        with self._setting:
            self._settings = replace(config, paused=self._settings.paused)
        try:
            model = self._folder.model_for(self.package) or self._content.model()
            if model is None:
                self._model_error = Trouble("no_model", "There is no model in the app.")
            else:
                self._adopt(open_model(model, config.threads, config.delegate, self._opener))
        except LabError as error:
            self._model_error = Trouble("bad_model", str(error))
            self._handset.log.write("E", "MobileNetLab", f"{error} {error.detail}")
        self._opening = False

    def _errand_done(self) -> None:
        self._publish_state()
        self._redraw()

    def _follow_pace(self) -> None:
        """Open the model anew if the phone's pace became another one."""
        opened, settings = self._opened, self._settings
        if opened is not None and self._pacing.stale:
            threads = min(settings.threads, self._handset.cores)
            self._adopt(open_model(opened.model, threads, settings.delegate, self._opener))

    def _steer(self) -> Opened | None:
        """Start or stop the camera; return the model if there is something to infer."""
        settings = self._settings
        wants_camera = settings.source == "camera" and self._visible and not settings.paused
        self._camera.steer(settings.camera if wants_camera else None)
        return None if settings.paused or self._trouble() is not None else self._opened

    def _trouble(self) -> Trouble | None:
        if self._opening:
            return None
        if self._model_error is not None:
            return self._model_error
        if not self._visible:
            return BACKGROUND
        settings = self._settings
        if settings.source == "pictures" and not len(self._pictures):
            return NO_PICTURES
        return self._camera.trouble(settings.camera) if settings.source == "camera" else None

    def _change(self, changes: dict[str, Any]) -> None:
        """Do what a ``SET`` says; nothing of it if the model does not open so."""
        before, opened = self._settings, self._opened
        wanted = before.changed(changes)
        if opened is not None and (wanted.threads, wanted.delegate) != (
            before.threads,
            before.delegate,
        ):
            self._adopt(open_model(opened.model, wanted.threads, wanted.delegate, self._opener))
        with self._setting:
            self._settings = self._settings.changed(changes)
        if wanted.source != before.source:
            self._recorder.numbers.clear()
            self._pictures.begin_anew()

    def _replace(self, model: LabModel, threads: int | None, delegate: str | None) -> None:
        """Run a model that was sent, keep it, and only then let it take the old one's place."""
        settings = self._settings
        opened = open_model(
            model,
            settings.threads if threads is None else threads,
            settings.delegate if delegate is None else delegate,
            self._opener,
        )
        if not self.has_room(len(model.data)):
            opened.host.close()
            raise Refused("no_space", "The phone has no room to keep the model.")
        self._folder.keep(model, self.package)
        if threads is not None:
            with self._setting:
                self._settings = replace(self._settings, threads_asked=threads)
        self._pictures.begin_anew()
        self._adopt(opened)

    def _adopt(self, opened: Opened) -> None:
        """Let an opened model take the place of the one that runs, and tell the lab."""
        old, self._opened = self._opened, opened
        if old is not None:
            old.host.close()
        with self._setting:
            self._settings = replace(
                self._settings, threads=opened.threads, delegate=opened.delegate
            )
        self._model_error, self._filled, self._opening = None, True, False
        self._generation += 1
        self._recorder.numbers.clear()
        first_ns = self._pacing.take_on(opened, self._generation)
        self._model_values = model_values(opened.model, opened.host, self._generation, first_ns)
        if self._link is not None:
            self._link.publish_model()
        self._publish_state()
        turn = Turn(self._generation, opened.begun_ns, first_ns, flags=FLAG_FIRST)
        self._record(opened, turn)

    def _turn_camera(self, opened: Opened) -> None:
        frame = self._camera.next(CAMERA_WAIT_S)
        if frame is None:
            return
        self._filled = False
        camera_ns = max(0, clock_ns() - frame.captured_ns)
        read = opened.host.predict(frame.rgb)
        infer_ns = self._pacing.spend(read.infer_ns)
        turn = Turn(self._generation, frame.captured_ns, infer_ns, read, camera_ns)
        self._record(opened, turn)
        self._redraw()

    def _turn_pictures(self, opened: Opened) -> None:
        begun_ns = clock_ns()
        number, rgb = self._pictures.next()
        self._filled = False
        read = opened.host.predict(rgb)
        infer_ns = self._pacing.spend(read.infer_ns)
        turn = Turn(self._generation, begun_ns, infer_ns, read, picture=number, rgb=rgb)
        self._record(opened, turn)  # the moving page draws itself: hundreds may come a second

    def _turn_loop(self, opened: Opened) -> None:
        begun_ns = clock_ns()
        if self._pacing.paced:
            infer_ns = self._pacing.spend(0)
        elif not self._filled:
            self._filled = True
            infer_ns = opened.run_fixed()
        else:
            infer_ns = opened.host.time_once()
        self._record(opened, Turn(self._generation, begun_ns, infer_ns))

    def _record(self, opened: Opened, turn: Turn) -> None:
        if opened.untrained:
            turn = replace(turn, flags=turn.flags | FLAG_UNTRAINED)
        listened = self._link is not None and self._link.has_room
        sample, result = self._recorder.record(turn, opened.host.labels, listened=listened)
        if self._link is not None:
            self._link.publish_sample(sample, result)

    def _publish_state(self) -> None:
        if self._link is not None:
            self._link.publish_state()
        state = self.state()
        if state != self._shown_state:
            self._shown_state = state
            self._redraw()
