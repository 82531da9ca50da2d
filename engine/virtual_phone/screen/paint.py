"""Drawing on the phone's screen: text, boxes and pictures, redrawing only what changed."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
INK: Colour = (16, 20, 24)
PANEL: Colour = (30, 37, 44)
RAISED: Colour = (46, 56, 66)
BRIGHT: Colour = (242, 245, 247)
DIM: Colour = (158, 170, 180)
# Okabe-Ito
ORANGE: Colour = (230, 159, 0)
SKY: Colour = (86, 180, 233)
GREEN: Colour = (0, 158, 115)
MINT: Colour = (64, 205, 160)
VERMILION: Colour = (240, 120, 50)

REGULAR, MEDIUM, BOLD = 400, 500, 700


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column beyond it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First row below it."""
        return self.top + self.height

    @property
    def middle(self) -> tuple[int, int]:
        """Its centre."""
        return self.left + self.width // 2, self.top + self.height // 2

    def holds(self, x: float, y: float) -> bool:
        """Whether the point is inside."""
        return self.left <= x < self.right and self.top <= y < self.bottom

    def cut(self, other: "Rect") -> "Rect":
        """Return what it has in common with ``other``; its width or height may be 0."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Rect(left, top, max(0, right - left), max(0, bottom - top))

    def touches(self, other: "Rect") -> bool:
        """Whether they have a pixel in common."""
        common = self.cut(other)
        return common.width > 0 and common.height > 0

    def inset(self, by: int) -> "Rect":
        """Return it smaller on all sides."""
        return Rect(self.left + by, self.top + by, self.width - 2 * by, self.height - 2 * by)


class Canvas:
    """The picture being drawn, RGB; one thread uses it at a time.

    Attributes:
        pixels: Shape (height, width, 3).
        changed: Whether anything was drawn since ``begin``.
    """

    def __init__(self, width: int, height: int) -> None:
        """Start black."""
        self.pixels: NDArray[np.uint8] = np.zeros((height, width, 3), np.uint8)
        self.changed = False
        self._zones: dict[str, Hashable] = {}
        # One face per weight: changing a face's weight costs far more than drawing with it.
        self._faces = {weight: cv2.FontFace("sans") for weight in (REGULAR, MEDIUM, BOLD)}

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    def begin(self) -> None:
        """Forget that anything was drawn."""
        self.changed = False

    def forget(self, *names: str) -> None:
        """Make these zones be drawn anew; without names, all."""
        for name in names or tuple(self._zones):
            self._zones.pop(name, None)

    def zone(self, name: str, key: Hashable, draw: Callable[[], None]) -> None:
        """Call ``draw`` if ``key`` is not what the zone shows already."""
        if self._zones.get(name, self) != key:
            self._zones[name] = key
            self.changed = True
            draw()

    def fill(self, rect: Rect, colour: Colour) -> None:
        """Fill a rectangle."""
        if rect.width > 0 and rect.height > 0:  # ten times as fast as an assignment
            corners = (rect.left, rect.top), (rect.right - 1, rect.bottom - 1)
            cv2.rectangle(self.pixels, *corners, colour, -1)

    def pill(self, rect: Rect, colour: Colour, radius: int = 16) -> None:
        """Fill a rectangle with round corners."""
        radius = min(radius, rect.width // 2, rect.height // 2)
        if radius < 1:
            self.fill(rect, colour)
            return
        self.fill(Rect(rect.left + radius, rect.top, rect.width - 2 * radius, rect.height), colour)
        self.fill(Rect(rect.left, rect.top + radius, rect.width, rect.height - 2 * radius), colour)
        part = self.pixels[rect.top : rect.bottom, rect.left : rect.right]  # soft edges stay in it
        # In sixteenths of a pixel: a disc on pixel centres is one pixel wider than 2 radii.
        reach = radius * 16 - 8
        size = reach - 4
        for x in (reach, rect.width * 16 - reach - 16):
            for y in (reach, rect.height * 16 - reach - 16):
                cv2.circle(part, (x, y), size, colour, -1, cv2.LINE_AA, 4)

    def disc(self, centre: tuple[int, int], radius: int, colour: Colour, line: int = -1) -> None:
        """Draw a disc, or a ring of ``line`` pixels."""
        cv2.circle(self.pixels, centre, radius, colour, line, cv2.LINE_AA)

    def arc(
        self, centre: tuple[int, int], radius: int, turn: tuple[int, int], colour: Colour, line: int
    ) -> None:
        """Draw a part of a ring, clockwise between two angles in degrees from the right."""
        axes = (radius, radius)
        cv2.ellipse(self.pixels, centre, axes, 0, *turn, colour, line, cv2.LINE_AA)

    def line(self, points: list[tuple[int, int]], colour: Colour, width: int = 3) -> None:
        """Draw a line through points."""
        path = np.array(points, np.int32)
        cv2.polylines(self.pixels, [path], False, colour, width, cv2.LINE_AA)

    def polygon(self, points: list[tuple[int, int]], colour: Colour) -> None:
        """Fill a polygon."""
        cv2.fillPoly(self.pixels, [np.array(points, np.int32)], colour, cv2.LINE_AA)

    def frame(self, rect: Rect, colour: Colour, width: int = 3) -> None:
        """Outline a rectangle."""
        start, end = (rect.left, rect.top), (rect.right - 1, rect.bottom - 1)
        cv2.rectangle(self.pixels, start, end, colour, width)

    def place(self, picture: NDArray[np.uint8], rect: Rect) -> None:
        """Show a picture stretched to the rectangle."""
        target = self.pixels[rect.top : rect.bottom, rect.left : rect.right]
        if picture.shape == target.shape:
            target[:] = picture
        else:
            how = cv2.INTER_AREA if rect.width < picture.shape[1] else cv2.INTER_LINEAR
            target[:] = cv2.resize(picture, (rect.width, rect.height), interpolation=how)

    def shade(self, rect: Rect, share: float) -> None:
        """Darken a rectangle to ``share`` of its light."""
        part = self.pixels[rect.top : rect.bottom, rect.left : rect.right]
        part[:] = cv2.convertScaleAbs(part, alpha=share)

    def text_width(self, text: str, size: int, weight: int = REGULAR) -> int:
        """Return how wide a line of text is, in pixels."""
        found = cv2.getTextSize((8192, 512), text, (0, 256), self._faces[weight], size, weight)
        return int(found[0] + found[2])

    def text(
        self,
        place: tuple[int, int],
        text: str,
        size: int,
        colour: Colour = BRIGHT,
        weight: int = REGULAR,
        align: str = "left",
    ) -> int:
        """Write a line of text and return its width.

        Args:
            place: Where: x by ``align``, y of the baseline.
            text: One line.
            size: Height of the letters' box in pixels.
            colour: RGB.
            weight: ``REGULAR``, ``MEDIUM`` or ``BOLD``.
            align: Whether x is the ``left``, ``middle`` or ``right`` of the text.
        """
        width = self.text_width(text, size, weight)
        x, y = place
        x -= {"left": 0, "middle": width // 2, "right": width}[align]
        cv2.putText(self.pixels, text, (x, y), colour, self._faces[weight], size, weight)
        return width

    def cut(self, text: str, size: int, room: int, weight: int = REGULAR) -> str:
        """Return ``text`` shortened so that it is at most ``room`` pixels wide."""
        if self.text_width(text, size, weight) <= room:
            return text
        while text and self.text_width(f"{text}...", size, weight) > room:
            text = text[:-1]
        return f"{text.rstrip()}..."

    def wrap(self, text: str, size: int, room: int) -> list[str]:
        """Break ``text`` into lines of at most ``room`` pixels."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.text_width(longer, size) <= room or not lines[-1]:
                lines[-1] = self.cut(longer, size, room)
            else:
                lines.append(self.cut(word, size, room))
        return lines
