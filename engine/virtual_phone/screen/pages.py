"""The screen outside the lab's app: bars, home with its icons, settings, what is not there."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.virtual_phone.app.model import ACTIVITY, PACKAGE
from engine.virtual_phone.handset import SETTINGS, Handset
from engine.virtual_phone.screen.paint import (
    BLACK,
    BRIGHT,
    DIM,
    GREEN,
    INK,
    MEDIUM,
    ORANGE,
    PANEL,
    REGULAR,
    SKY,
    WHITE,
    Canvas,
    Colour,
    Rect,
)
from engine.virtual_phone.system.properties import NOTE_PROPERTY

STATUS_HEIGHT = 56
NAVIGATION = 72


@dataclass(frozen=True, slots=True)
class Target:
    """A place on the screen that can be tapped."""

    name: str
    rect: Rect
    tap: Callable[[], None]


class Page(ABC):
    """What fills the screen between the bars."""

    @property
    def animated(self) -> bool:
        """Whether it changes all the time, not only when it asks to be drawn."""
        return False

    @property
    def ground(self) -> Colour:
        """Colour of the bars."""
        return INK

    @abstractmethod
    def draw(self, canvas: Canvas, area: Rect, pressed: str) -> None:
        """Draw what changed; ``pressed`` names the target under the finger."""

    def targets(self, _area: Rect) -> list[Target]:
        """Return what can be tapped."""
        return []


def page_area(width: int, height: int) -> Rect:
    """Return what the bars leave: the navigation bar is below, or right in landscape."""
    if height >= width:
        return Rect(0, STATUS_HEIGHT, width, height - STATUS_HEIGHT - NAVIGATION)
    return Rect(0, STATUS_HEIGHT, width - NAVIGATION, height - STATUS_HEIGHT)


def navigation_places(width: int, height: int) -> dict[str, Rect]:
    """Return where Back, Home and the app switch are."""
    names = ("back", "home", "switch")
    if height >= width:
        part = width // 3
        top = height - NAVIGATION
        return {name: Rect(i * part, top, part, NAVIGATION) for i, name in enumerate(names)}
    part = height // 3
    left = width - NAVIGATION
    return {name: Rect(left, (2 - i) * part, NAVIGATION, part) for i, name in enumerate(names)}


def draw_bars(canvas: Canvas, handset: Handset, pressed: str, ground: Colour) -> None:
    """Draw status bar and navigation bar."""
    clock, percent = time.strftime("%H:%M"), handset.battery.percent
    charging = handset.battery.charging
    bar = Rect(0, 0, page_area(canvas.width, canvas.height).width, STATUS_HEIGHT)

    def status() -> None:
        canvas.fill(bar, ground)
        canvas.text((32, 39), clock, 28, BRIGHT, MEDIUM)
        right = bar.right - 32
        right -= canvas.text((right, 39), f"{percent} %", 26, BRIGHT, REGULAR, "right") + 12
        _draw_battery(canvas, right - 20, percent, charging)
        canvas.text((right - 36, 39), "LTE", 22, DIM, MEDIUM, "right")

    canvas.zone("status", (clock, percent, charging, ground), status)

    def navigation() -> None:
        for name, rect in navigation_places(canvas.width, canvas.height).items():
            canvas.fill(rect, ground)
            _draw_navigation_sign(canvas, name, rect, WHITE if pressed == name else DIM)

    held = pressed if pressed in ("back", "home", "switch") else ""
    canvas.zone("navigation", (held, ground), navigation)


def _draw_battery(canvas: Canvas, left: int, percent: int, charging: bool) -> None:
    body = Rect(left, 17, 18, 26)
    canvas.pill(body, DIM, 4)
    canvas.fill(Rect(left + 5, 13, 8, 4), DIM)
    level = round(20 * min(max(percent, 0), 100) / 100)
    canvas.fill(Rect(left + 3, 40 - level, 12, level), GREEN if charging else BRIGHT)


def _draw_navigation_sign(canvas: Canvas, name: str, rect: Rect, colour: Colour) -> None:
    x, y = rect.middle
    if name == "back":
        canvas.polygon([(x - 15, y), (x + 11, y - 15), (x + 11, y + 15)], colour)
    elif name == "home":
        canvas.disc((x, y), 15, colour, 4)
    else:
        canvas.frame(Rect(x - 13, y - 13, 27, 27), colour, 4)


class HomePage(Page):
    """The launcher: wallpaper, clock and the icons of what is installed."""

    def __init__(self, handset: Handset, open_settings: Callable[[], None]) -> None:
        """Show the apps of ``handset``; a tap on the lab's icon starts its activity."""
        self._handset = handset
        self._open_settings = open_settings
        self._wallpapers: dict[tuple[int, int], NDArray[np.uint8]] = {}

    def draw(self, canvas: Canvas, area: Rect, pressed: str) -> None:
        """See ``Page.draw``."""
        moment = time.localtime()
        clock, day = time.strftime("%H:%M", moment), time.strftime("%A, %d %B", moment)
        icons = self.targets(area)
        names = tuple(icon.name for icon in icons)
        held = pressed if pressed in names else ""

        def draw() -> None:
            canvas.place(self._wallpaper(area), area)
            x = area.middle[0] if area.height > area.width else area.left + area.width // 4
            y = area.top + (300 if area.height > area.width else area.height // 2)
            canvas.text((x, y), clock, 136, WHITE, MEDIUM, "middle")
            canvas.text((x, y + 64), day, 32, BRIGHT, REGULAR, "middle")
            for icon in icons:
                self._draw_icon(canvas, icon, icon.name == held)

        canvas.zone("page", (clock, day, names, held), draw)

    def targets(self, area: Rect) -> list[Target]:
        """See ``Page.targets``."""
        taps: dict[str, Callable[[], None]] = {}
        if self._handset.packages.find(PACKAGE) is not None:
            taps["lab"] = lambda: self._handset.start_activity(ACTIVITY)
        taps["settings"] = self._open_settings
        top = area.bottom - 300 if area.height > area.width else area.middle[1] - 120
        left = 64 if area.height > area.width else area.left + area.width // 2 + 64
        return [
            Target(name, Rect(left + 208 * number, top, 176, 208), tap)
            for number, (name, tap) in enumerate(taps.items())
        ]

    def _draw_icon(self, canvas: Canvas, icon: Target, held: bool) -> None:
        x, y = icon.rect.middle[0], icon.rect.top + 72
        radius = 60 if held else 64
        if icon.name == "lab":
            draw_lab_sign(canvas, (x, y), radius)
        else:
            canvas.disc((x, y), radius, (70, 82, 94))
            draw_gear(canvas, (x, y), radius // 2)
        package = self._handset.packages.find(PACKAGE if icon.name == "lab" else SETTINGS)
        label = canvas.cut(package.label if package else icon.name, 24, 200)
        canvas.text((x, y + 108), label, 24, WHITE, MEDIUM, "middle")

    def _wallpaper(self, area: Rect) -> NDArray[np.uint8]:
        size = (area.width, area.height)
        if size not in self._wallpapers:
            self._wallpapers[size] = make_wallpaper(*size)
        return self._wallpapers[size]


class SettingsPage(Page):
    """What the phone is; there is nothing to set."""

    def __init__(self, handset: Handset) -> None:
        """Show the facts of ``handset``."""
        self._handset = handset

    def draw(self, canvas: Canvas, area: Rect, _pressed: str) -> None:
        """See ``Page.draw``."""
        properties = self._handset.properties
        rows = (
            ("Device name", self._handset.name),
            ("Android version", f"{self._handset.android} (API {self._handset.sdk})"),
            ("Build number", properties["ro.build.display.id"]),
            ("Serial number", properties["ro.serialno"]),
            ("What this is", properties[NOTE_PROPERTY]),
        )

        def draw() -> None:
            canvas.fill(area, INK)
            canvas.text((area.left + 48, area.top + 88), "Settings", 48, BRIGHT, MEDIUM)
            step = min(128, (area.height - 128) // len(rows))
            for number, (name, value) in enumerate(rows):
                y = area.top + 136 + number * step
                canvas.fill(Rect(area.left + 48, y, area.width - 96, 2), PANEL)
                canvas.text((area.left + 48, y + step // 2 - 4), name, 26, DIM)
                canvas.text(
                    (area.left + 48, y + step // 2 + 32),
                    canvas.cut(value, 30, area.width - 96),
                    30,
                )

        canvas.zone("page", rows, draw)


class MissingPage(Page):
    """Stands for an app whose code this phone cannot run."""

    def __init__(self, package: str) -> None:
        """Name the package."""
        self._package = package

    def draw(self, canvas: Canvas, area: Rect, _pressed: str) -> None:
        """See ``Page.draw``."""

        def draw() -> None:
            canvas.fill(area, INK)
            x, y = area.middle
            canvas.text((x, y - 24), canvas.cut(self._package, 32, area.width - 64), 32,
                        BRIGHT, MEDIUM, "middle")  # fmt: skip
            text = "The virtual phone runs only the lab's app."
            canvas.text((x, y + 32), text, 26, DIM, REGULAR, "middle")

        canvas.zone("page", self._package, draw)


class DarkPage(Page):
    """The screen is off."""

    @property
    def ground(self) -> Colour:
        """See ``Page.ground``."""
        return BLACK

    def draw(self, canvas: Canvas, _area: Rect, _pressed: str) -> None:
        """See ``Page.draw``."""
        whole = Rect(0, 0, canvas.width, canvas.height)
        canvas.zone("page", "dark", lambda: canvas.fill(whole, BLACK))


def draw_lab_sign(canvas: Canvas, centre: tuple[int, int], radius: int) -> None:
    """Draw the lab's sign: three bars, the tallest answer in orange, on blue."""
    x, y = centre
    canvas.disc(centre, radius, (0, 92, 148))
    unit = radius // 4
    for column, (height, colour) in enumerate(((2, SKY), (4, ORANGE), (1, SKY))):
        left = x - round(2.4 * unit) + column * round(1.7 * unit)
        tall = round(height * unit * 0.9)
        canvas.pill(Rect(left, y + 2 * unit - tall, round(1.3 * unit), tall), colour, 4)


def draw_gear(canvas: Canvas, centre: tuple[int, int], radius: int) -> None:
    """Draw a gear wheel."""
    x, y = centre
    for tooth in range(8):
        angle = tooth * math.pi / 4
        outer = (round(x + radius * math.cos(angle)), round(y + radius * math.sin(angle)))
        canvas.line([centre, outer], BRIGHT, 9)
    canvas.disc(centre, round(radius * 0.75), BRIGHT)
    canvas.disc(centre, round(radius * 0.35), (70, 82, 94))


def make_wallpaper(width: int, height: int) -> NDArray[np.uint8]:
    """Return a calm landscape at dusk, the same for the same size."""
    share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    top, bottom = np.array((18, 34, 58), np.float32), np.array((196, 132, 104), np.float32)
    sky = top * (1 - share) + bottom * share
    picture = np.ascontiguousarray(np.repeat(sky, width, axis=1))
    # Dither: a slow gradient would show steps once it is encoded.
    noise = np.random.default_rng(7).uniform(-1.5, 1.5, (height, width, 1))
    drawn = np.clip(picture + noise, 0, 255).astype(np.uint8)
    columns = np.arange(0, width + 8, 8)
    for layer, colour in enumerate(((92, 84, 104), (58, 62, 86), (30, 40, 60), (16, 24, 38))):
        base = height * (0.56 + 0.11 * layer)
        waves = np.sin(columns / (150 - 22 * layer) + layer * 1.9) * height * 0.035
        waves += np.sin(columns / (61 + 9 * layer) + layer) * height * 0.012
        edge = [(int(x), round(float(base + wave))) for x, wave in zip(columns, waves, strict=True)]
        outline = np.array([(0, height), *edge, (width + 8, height)], np.int32)
        cv2.fillPoly(drawn, [outline], colour, cv2.LINE_AA)
    return drawn
