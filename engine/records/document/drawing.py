"""A drawing made of few kinds of shapes, which SVG and PDF can both draw exactly."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (n, 2): x to the right, y downwards, in the drawing's own pixels."""

FONT: Final = 11.0
"""Height of the drawings' text, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Unbroken lines, or filled outlines.

    Attributes:
        pieces: Each of shape (n, 2).
        stroke: Colour of the line: a role of the palette or ``#RRGGBB``; empty for none.
        fill: Colour inside; empty for none.
        width: Of the line, pixels.
        dash: Lengths of dash and gap, pixels; empty for a solid line.
        opacity: Of the fill, 0..1.
        title: What a pointer over it is told; empty for nothing.
    """

    pieces: tuple[Points, ...]
    stroke: str = ""
    fill: str = ""
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle, its corners rounded by ``radius``."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    stroke: str = ""
    radius: float = 0.0
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle."""

    x: float
    y: float
    radius: float
    fill: str = ""
    stroke: str = ""
    width: float = 1.0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text.

    Attributes:
        x: Where ``anchor`` (``start``, ``middle`` or ``end``) of the line is.
        y: Its baseline.
        turned: Whether it runs upwards, for an axis at the side.
    """

    x: float
    y: float
    text: str
    colour: str = "muted"
    size: float = FONT
    anchor: str = "start"
    bold: bool = False
    turned: bool = False


Shape = Lines | Rect | Circle | Text


@dataclass(slots=True)
class Drawing:
    """Shapes in the order in which they are painted.

    Attributes:
        width: Pixels; a page scales it.
        height: Pixels.
        title: What it shows, for who cannot see it.
    """

    width: float
    height: float
    title: str
    shapes: list[Shape] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        """Paint shapes over what is there."""
        self.shapes.extend(shapes)

    def svg(self, *, inline: bool = False) -> str:
        """Return it as SVG.

        Args:
            inline: For within an HTML page: without the name space, so that the page's style
                can colour it by role; else a file of its own on white.
        """
        from engine.records.document.svg import svg_of

        return svg_of(self, inline=inline)


def polyline(x: Points, y: Points, **style: object) -> Lines:
    """Return one line through the points."""
    return Lines((np.column_stack((x, y)),), **style)  # type: ignore[arg-type]


def segment(x1: float, y1: float, x2: float, y2: float, **style: object) -> Lines:
    """Return one straight line."""
    return Lines((np.array(((x1, y1), (x2, y2)), np.float64),), **style)  # type: ignore[arg-type]


def hatch(box: tuple[float, float, float, float], colour: str, *, step: float = 7.0) -> Lines:
    """Return slanted lines that fill a box of x, y, width, height."""
    x, y, width, height = box
    pieces = []
    for number in range(math.ceil((width + height) / step)):
        reach = (number + 0.5) * step  # each line is where dx + dy = reach
        first, last = max(0.0, reach - height), min(width, reach)
        if last > first:
            pieces.append(np.array(((x + first, y + reach - first), (x + last, y + reach - last))))
    return Lines(tuple(pieces), stroke=colour, width=0.8)


def marker(
    at: tuple[float, float],
    radius: float,
    alpha_colour: str,
    resolution: int | None,
    precision: str,
) -> tuple[Lines | Circle, ...]:
    """Return a variant's mark: shape = resolution, fill = precision, as in the window.

    Circle 224, square 192, triangle 160, diamond 128, a hexagon for the rest; float32 hollow,
    float16 half filled, int8 filled.
    """
    outline = _outline(resolution) * radius + np.array(at)
    whole = np.vstack((outline, outline[:1]))
    inside = "surface" if precision in ("float32", "float16") else alpha_colour
    shapes = [Lines((whole,), stroke=alpha_colour, fill=inside, width=1.6)]
    if precision == "float16":
        lower = _lower_half(outline, at[1])
        shapes.append(Lines((lower,), fill=alpha_colour))
    return tuple(shapes)


def text_width(text: str, size: float = FONT, *, bold: bool = False) -> float:
    """Return about how wide a text is, rather too wide than too narrow.

    A page that is read elsewhere may be set in a wider font than ours: DejaVu Sans.
    """
    narrow = sum(each in "iljtf.,:;'|!()[] /" for each in text)
    wide = sum(each in "mwMW%@" for each in text)
    usual = 0.6 * (len(text) - narrow - wide) + 0.34 * narrow + wide
    return size * usual * (1.16 if bold else 1.0)


def shorten(text: str, room: float, size: float = FONT) -> str:
    """Cut a text that is wider than the room, with an ellipsis."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "\N{HORIZONTAL ELLIPSIS}", size) > room:
        text = text[:-1]
    return text.rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _outline(resolution: int | None) -> Points:
    if resolution == 224:
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        return np.column_stack((np.cos(angles), np.sin(angles)))
    corners: Sequence[tuple[float, float]] = {
        192: ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
        160: ((0.0, -1.15), (1.0, 0.58), (-1.0, 0.58)),
        128: ((0.0, -1.1), (1.1, 0.0), (0.0, 1.1), (-1.1, 0.0)),
    }.get(
        resolution or 0,
        ((0.5, -0.9), (1.0, 0.0), (0.5, 0.9), (-0.5, 0.9), (-1.0, 0.0), (-0.5, -0.9)),
    )
    return np.array(corners)


def _lower_half(outline: Points, middle: float) -> Points:
    """Cut an outline that is convex at a height, and keep what is below."""
    kept: list[tuple[float, float]] = []
    for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y1 >= middle:
            kept.append((x1, y1))
        if (y1 - middle) * (y2 - middle) < 0:
            share = (middle - y1) / (y2 - y1)
            kept.append((x1 + share * (x2 - x1), middle))
    return np.array(kept)
