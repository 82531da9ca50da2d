"""The phone's screen: what is in front, what a touch or key does, and the picture of it."""

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.virtual_phone.app.lab_app import LabApp
from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.app.page import LabPage
from engine.virtual_phone.handset import LAUNCHER, SETTINGS, Handset
from engine.virtual_phone.screen.camera import open_cameras
from engine.virtual_phone.screen.pages import (
    NAVIGATION,
    DarkPage,
    HomePage,
    MissingPage,
    Page,
    SettingsPage,
    Target,
    draw_bars,
    navigation_places,
    page_area,
)
from engine.virtual_phone.screen.paint import Canvas

SHORT_SIDE, LONG_SIDE = 720, 1560
SWIPE_PX = 160
LEAST_S = 1 / 60
"""Least time between two pictures."""
MOVING_S = 0.05
"""How often a moving page is drawn if nobody asks; the camera asks 30 times per second."""
IDLE_S = 1.0
"""How often a still screen looks whether the clock or the battery moved."""

KEY_HOME, KEY_BACK, KEY_POWER = 3, 4, 26
KEY_APP_SWITCH, KEY_SLEEP, KEY_WAKEUP = 187, 223, 224

Picture = NDArray[np.uint8]


class Screen:
    """A phone's screen, drawn on a thread of its own.

    It is drawn with each camera frame while one shows, not at all while nothing changes.
    Every method is safe from any thread.

    Attributes:
        clipboard: The phone's clipboard.
    """

    def __init__(
        self,
        handset: Handset,
        camera: str | None = None,
        *,
        make_app: Callable[..., LabApp] = LabApp,
    ) -> None:
        """Turn the screen on; it shows the launcher.

        Args:
            handset: The phone it belongs to.
            camera: What its cameras see; see ``open_cameras``.
            make_app: ``LabApp`` or what stands in for it.

        Raises:
            LabError: If the camera cannot be opened.
        """
        self._handset = handset
        self._cameras = open_cameras(camera)
        self._make_app = make_app
        self.clipboard = ""
        self._lives = threading.RLock()  # one app starts or ends at a time; taken before _lock
        self._lock = threading.RLock()
        self._app: LabApp | None = None
        self._home: Page = HomePage(handset, lambda: self.launch(SETTINGS))
        self._pages: dict[str, Page] = {SETTINGS: SettingsPage(handset)}
        self._dark: Page = DarkPage()
        self._front: str | None = None
        self._before: str | None = None
        self._on = True
        self._landscape = False
        self._pressed: Target | None = None
        self._down_at: tuple[float, float] | None = None
        self._finger_inside = False
        self._closing = False
        self._wake = threading.Event()
        self._canvas = Canvas(SHORT_SIDE, LONG_SIDE)
        self._drawn_page: Page | None = None
        self._published = threading.Condition()
        self._counter = 0
        self._picture: Picture = self._canvas.pixels.copy()
        self._draw_once()
        self._thread = threading.Thread(target=self._draw, name="screen", daemon=True)
        self._thread.start()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as the phone is held now."""
        return (LONG_SIDE, SHORT_SIDE) if self._landscape else (SHORT_SIDE, LONG_SIDE)

    @property
    def foreground(self) -> str | None:
        """The package in front; None is the launcher."""
        return self._front

    @property
    def on(self) -> bool:
        """Whether the screen is on."""
        return self._on

    @property
    def sees(self) -> str:
        """The class of what the running camera sees; empty where none runs or nobody knows."""
        for camera in self._cameras.values():
            frame = camera.latest() if camera.runs else None
            if frame is not None:
                return frame.truth
        return ""

    @property
    def counter(self) -> int:
        """Number of the newest picture; grows by one with each."""
        return self._counter

    def picture(self) -> Picture:
        """Return what the screen shows, shape (h, w, 3), RGB; nobody may write to it."""
        return self._picture

    def latest(self) -> tuple[int, Picture]:
        """Return the newest picture with its number."""
        with self._published:
            return self._counter, self._picture

    def wait_changed(self, after: int, timeout_s: float) -> int:
        """Wait for a picture newer than ``after``; return the newest picture's number."""
        with self._published:
            self._published.wait_for(lambda: self._counter > after or self._closing, timeout_s)
            return self._counter

    def launch(self, package: str) -> None:
        """Bring a package's activity to the front, starting it if it does not run."""
        with self._lives, self._lock:
            if self._closing:
                return
            if package == PACKAGE:
                self._start_app()
            elif package not in (LAUNCHER, SETTINGS):
                self._pages.setdefault(package, MissingPage(package))
            self._on = True
            self._bring(None if package == LAUNCHER else package)

    def stop(self, package: str) -> None:
        """End a package's activity and process, if it runs."""
        with self._lives:
            with self._lock:
                app = None
                if package == PACKAGE:
                    app, self._app = self._app, None
                    self._pages.pop(PACKAGE, None)
                if self._front == package:
                    self._bring(None)
                if self._before == package:
                    self._before = None
            if app is not None:
                app.kill()

    def touch(self, action: str, x: float, y: float) -> None:
        """Feed one touch: ``down``, ``move`` or ``up``, in pixels as the phone is held now."""
        with self._lock:
            tap = self._feel(action, x, y) if self._on else None
        self._wake.set()
        if tap is not None:
            tap()

    def key(self, keycode: int, down: bool = True) -> None:
        """Feed one Android key code; keys act when they go down."""
        if not down:
            return
        with self._lock:
            if keycode in (KEY_POWER, KEY_SLEEP, KEY_WAKEUP):
                self._on = not self._on if keycode == KEY_POWER else keycode == KEY_WAKEUP
                self._tell_app()
            elif not self._on:
                return
            elif keycode in (KEY_HOME, KEY_BACK):
                self._bring(None)
            elif keycode == KEY_APP_SWITCH:
                self._bring(self._before if self._front is None else None)
        self._wake.set()

    def back_or_wake(self, down: bool) -> None:
        """Wake the screen if it is off, else go back."""
        self.key(KEY_BACK if self._on else KEY_WAKEUP, down)

    def text(self, text: str) -> None:
        """Type text; nothing on this phone takes any."""
        self._handset.log.write("D", "InputMethod", f"nothing takes {len(text)} characters")

    def rotate(self) -> None:
        """Turn the phone by 90 degrees and back."""
        with self._lock:
            self._landscape = not self._landscape
            self._pressed = None
            turned = "1" if self._landscape else "0"
            self._handset.settings["system"]["user_rotation"] = turned
        self._wake.set()

    def redraw(self) -> None:
        """Draw soon, because something changed."""
        self._wake.set()

    def close(self) -> None:
        """Stop drawing, end the app, and give the cameras back."""
        with self._lives, self._lock:
            self._closing = True
            app, self._app = self._app, None
        self._wake.set()
        with self._published:
            self._published.notify_all()
        if app is not None:
            app.kill()
        self._thread.join()
        for camera in self._cameras.values():
            camera.close()

    def _start_app(self) -> None:
        package = self._handset.packages.find(PACKAGE)
        if self._app is not None and self._app.package is package:
            return
        if self._app is not None:
            self._app.kill()
        app = self._make_app(self._handset, self._cameras, self.redraw)
        self._app = app
        self._pages[PACKAGE] = LabPage(app)
        app.start()

    def _bring(self, package: str | None) -> None:
        if self._front not in (None, package):
            self._before = self._front
        self._front = package
        self._pressed = None
        self._tell_app()
        self._wake.set()

    def _tell_app(self) -> None:
        if self._app is not None:
            self._app.show(self._on and self._front == PACKAGE, screen_on=self._on)

    def _feel(self, action: str, x: float, y: float) -> Callable[[], None] | None:
        if action == "down":
            found = [target for target in self._targets() if target.rect.holds(x, y)]
            self._pressed = found[0] if found else None
            self._finger_inside = bool(found)
            self._down_at = (x, y)
            return None
        pressed, start = self._pressed, self._down_at
        self._finger_inside = pressed is not None and pressed.rect.holds(x, y)
        if action != "up":
            return None
        self._pressed = self._down_at = None
        height = self.size[1]
        if start is not None and start[1] >= height - NAVIGATION and start[1] - y > SWIPE_PX:
            return lambda: self.key(KEY_HOME)
        return pressed.tap if pressed is not None and pressed.rect.holds(x, y) else None

    def _targets(self) -> list[Target]:
        keys = {"back": KEY_BACK, "home": KEY_HOME, "switch": KEY_APP_SWITCH}
        bar = [
            Target(name, rect, lambda code=keys[name]: self.key(code))  # type: ignore[misc]
            for name, rect in navigation_places(*self.size).items()
        ]
        return bar + self._page().targets(page_area(*self.size))

    def _page(self) -> Page:
        if not self._on:
            return self._dark
        return self._pages.get(self._front or "", self._home)

    def _draw(self) -> None:
        while not self._closing:
            due = time.monotonic() + LEAST_S
            self._wake.clear()
            self._wake.wait(MOVING_S if self._draw_once() else IDLE_S)
            time.sleep(max(0.0, due - time.monotonic()))

    def _draw_once(self) -> bool:
        """Draw what changed; return whether the page goes on moving."""
        with self._lock:
            page, size = self._page(), self.size
            held = self._pressed.name if self._pressed and self._finger_inside else ""
        if (self._canvas.width, self._canvas.height) != size:
            self._canvas = Canvas(*size)
        canvas = self._canvas
        if page is not self._drawn_page:
            self._drawn_page = page
            canvas.forget()
        canvas.begin()
        page.draw(canvas, page_area(*size), held)
        if page is not self._dark:
            draw_bars(canvas, self._handset, held, page.ground)
        if canvas.changed:
            self._publish(canvas.pixels.copy())
        return page.animated

    def _publish(self, picture: Picture) -> None:
        picture.setflags(write=False)
        with self._published:
            self._picture = picture
            self._counter += 1
            self._published.notify_all()
