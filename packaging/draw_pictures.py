"""Draws the pictures that the phone app shows to a model when its source is ``pictures``.

Usage: .venv/bin/python packaging/draw_pictures.py [FOLDER]

They are the project's own, so they may go wherever it goes. The same OpenCV and NumPy draw the
same bytes; a test compares them with ``assets/pictures``.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 240
FINE = 4
"""Everything is drawn so many times larger, which makes the edges soft when it shrinks."""

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "pictures"

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
Point = tuple[float, float]


class Canvas:
    """A picture under way; lengths and places are pixels of the finished one."""

    def __init__(self, top: Colour, bottom: Colour, horizon: float) -> None:
        """Begin with a sky that changes colour down to the horizon."""
        self.pixels: Picture = np.zeros((HEIGHT * FINE, WIDTH * FINE, 3), np.uint8)
        self.fade((0, 0), (WIDTH, horizon), top, bottom)

    def fade(self, corner: Point, opposite: Point, top: Colour, bottom: Colour) -> None:
        """Fill a rectangle with colours that change from top to bottom."""
        (left, upper), (right, lower) = (
            (round(x * FINE), round(y * FINE)) for x, y in (corner, opposite)
        )
        share = np.linspace(0, 1, lower - upper)[:, None, None]
        self.pixels[upper:lower, left:right] = (
            np.array(top) * (1 - share) + np.array(bottom) * share
        )

    def area(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        corners = np.array(points, np.float64) * FINE
        cv2.fillPoly(self.pixels, [corners.round().astype(np.int32)], colour, cv2.LINE_AA)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill an upright rectangle."""
        self.area([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def oval(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        """Fill an ellipse around (x, y) with these half axes."""
        centre, axes = (
            (round(x * FINE), round(y * FINE)),
            (round(across * FINE), round(down * FINE)),
        )
        cv2.ellipse(self.pixels, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)

    def line(self, points: Sequence[Point], colour: Colour, thick: float) -> None:
        """Draw a line through these points."""
        corners = (np.array(points, np.float64) * FINE).round().astype(np.int32)
        wide = max(1, round(thick * FINE))
        cv2.polylines(self.pixels, [corners], False, colour, wide, cv2.LINE_AA)

    def hills(self, base: float, heights: Sequence[float], colour: Colour) -> None:
        """Fill a soft skyline through these heights above ``base``, evenly spread."""
        at = np.linspace(0, WIDTH, len(heights))
        x = np.arange(0, WIDTH + 1, 2.0)
        smooth = np.interp(x, at, heights)
        for _ in range(12):
            smooth = np.convolve(np.pad(smooth, 3, "edge"), np.ones(7) / 7, "valid")
        top = list(zip(x.tolist(), (base - smooth).tolist(), strict=True))
        self.area([(0, HEIGHT), *top, (WIDTH, HEIGHT)], colour)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Add light around a point."""
        rows, columns = np.ogrid[: HEIGHT * FINE, : WIDTH * FINE]
        far = np.hypot(columns - x * FINE, rows - y * FINE) / (radius * FINE)
        light = strength * np.clip(1 - far, 0, 1)[..., None] ** 2
        mixed = self.pixels + (np.array(colour) - self.pixels) * light
        self.pixels = np.clip(mixed, 0, 255).astype(np.uint8)

    def cloud(self, x: float, y: float, size: float, colour: Colour) -> None:
        """Draw a cloud of four puffs."""
        for across, up, share in (
            (-1.3, 0.1, 0.7),
            (-0.4, -0.35, 1.0),
            (0.6, -0.1, 0.85),
            (1.5, 0.15, 0.6),
        ):
            self.oval(
                x + across * size, y + up * size, 1.1 * share * size, 0.6 * share * size, colour
            )

    def tree(self, x: float, foot: float, size: float, leaves: Colour) -> None:
        """Draw a round tree."""
        self.area(
            [
                (x - size / 9, foot),
                (x - size / 14, foot - size),
                (x + size / 14, foot - size),
                (x + size / 9, foot),
            ],
            (92, 66, 44),
        )
        dark = tuple(round(0.78 * part) for part in leaves)
        light = tuple(min(255, round(1.16 * part)) for part in leaves)
        for tint, shift in ((dark, 0.06), (leaves, 0.0), (light, -0.1)):
            share = 1.0 if tint != light else 0.62
            for across, up, wide in ((-0.26, 0.78, 0.34), (0.26, 0.8, 0.34), (0.0, 1.08, 0.42)):
                self.oval(
                    x + size * (across * share + shift),
                    foot - size * (up + shift * -0.6),
                    size * wide * share,
                    size * wide * 0.9 * share,
                    tint,
                )

    def fir(self, x: float, foot: float, size: float, colour: Colour) -> None:
        """Draw a fir of three tiers."""
        for up, wide in ((0.0, 0.34), (0.28, 0.27), (0.55, 0.19)):
            y = foot - size * up
            self.area([(x - size * wide, y), (x, y - size * 0.5), (x + size * wide, y)], colour)

    def mirror(self, line: float, depth: float, tint: Colour, share: float) -> None:
        """Reflect what is above ``line`` in water, ``depth`` high and tinted by ``share``."""
        upper = round((line - depth) * FINE), round(line * FINE)
        above = self.pixels[upper[0] : upper[1]][::-1].astype(np.float64)
        for row in range(len(above)):  # ripples push rows to the sides
            push = round(2.2 * FINE * (row / len(above)) * np.sin(row / FINE / 1.7))
            above[row] = np.roll(above[row], push, axis=0)
        mixed = above * (1 - share) + np.array(tint) * share
        self.pixels[upper[1] : upper[1] + len(above)] = mixed.astype(np.uint8)

    def finished(self) -> Picture:
        """Return the picture in its size."""
        return cv2.resize(self.pixels, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def road() -> Picture:
    """A straight road through fields by day."""
    art = Canvas((92, 150, 214), (206, 226, 240), 118)
    for x, y, size in ((62, 36, 17), (214, 26, 21), (284, 58, 12)):
        art.cloud(x, y, size, (246, 249, 252))
    art.hills(118, (24, 44, 30, 52, 34, 20, 38, 26), (140, 164, 186))
    art.hills(120, (16, 10, 24, 14, 8, 22, 30, 18), (112, 146, 122))
    art.fade((0, 118), (WIDTH, HEIGHT), (150, 172, 92), (98, 136, 58))
    art.area([(0, 132), (150, 119), (0, 119)], (206, 190, 106))
    art.area([(320, 150), (176, 119), (320, 119)], (178, 182, 84))
    art.area([(156, 118), (164, 118), (352, 240), (-32, 240)], (120, 128, 76))
    art.area([(157, 118), (163, 118), (330, 240), (-10, 240)], (88, 90, 96))
    for near in (0.03, 0.1, 0.2, 0.34, 0.52, 0.75):
        ends = [(0.3 + 6 * part, 118 + 122 * part) for part in (near, near * 1.32 + 0.02)]
        (far, far_y), (wide, near_y) = ends
        art.area(
            [(160 - far, far_y), (160 + far, far_y), (160 + wide, near_y), (160 - wide, near_y)],
            (240, 238, 224),
        )
    for side in (-1, 1):
        edge = [(2.6, 118), (2.9, 118), (164, 240), (152, 240)]
        art.area([(160 + side * x, y) for x, y in edge], (232, 230, 216))
    for x, foot, size in (
        (128, 122, 14), (112, 126, 20), (84, 134, 31), (34, 152, 56),
        (196, 123, 16), (222, 130, 26), (268, 146, 46),
    ):  # fmt: skip
        art.tree(x, foot, size, (74, 122, 58))
    return art.finished()


def meadow() -> Picture:
    """A meadow in flower with one large tree."""
    art = Canvas((122, 182, 226), (226, 238, 232), 130)
    art.glow(258, 40, 70, (255, 250, 220), 0.9)
    art.oval(258, 40, 15, 15, (255, 246, 204))
    for x, y, size in ((70, 44, 18), (160, 28, 12)):
        art.cloud(x, y, size, (250, 252, 252))
    art.hills(128, (26, 38, 22, 30, 46, 28), (148, 184, 176))
    art.hills(142, (22, 30, 26, 16, 20, 34, 30), (120, 168, 106))
    art.fade((0, 150), (WIDTH, HEIGHT), (128, 176, 84), (84, 140, 56))
    art.hills(158, (12, 18, 8, 10, 16, 12), (128, 176, 84))
    art.fade((0, 160), (WIDTH, HEIGHT), (128, 176, 84), (82, 138, 54))
    art.oval(98, 178, 64, 8, (92, 142, 62))
    art.tree(92, 178, 92, (72, 132, 60))
    random = np.random.default_rng(7)
    for _ in range(170):
        depth = float(random.random()) ** 0.7
        x, y = float(random.random()) * WIDTH, 172 + 66 * depth
        art.line([(x, y), (x + 1.5 * depth, y - 3 - 7 * depth)], (66, 122, 46), 0.4 + 0.7 * depth)
    for _ in range(120):
        depth = float(random.random()) ** 0.8
        x, y = float(random.random()) * WIDTH, 168 + 68 * depth
        petals = ((236, 76, 70), (250, 214, 72), (248, 248, 244), (170, 110, 204))
        size = 0.9 + 2.4 * depth
        art.oval(x, y, size, size * 0.8, petals[int(random.integers(4))])
        art.oval(x, y, size * 0.35, size * 0.3, (244, 196, 60))
    return art.finished()


def room() -> Picture:
    """A living room: window, sofa, lamp, a table with a vase."""
    art = Canvas((226, 214, 196), (214, 200, 178), 172)
    art.fade((0, 172), (WIDTH, HEIGHT), (164, 122, 84), (132, 94, 62))
    for x in range(-160, 500, 44):
        art.line([(160 + (x - 160) * 0.62, 172), (x, 240)], (122, 86, 56), 0.8)
    art.box(0, 168, WIDTH, 174, (240, 234, 224))
    art.box(30, 30, 128, 122, (246, 246, 244))
    art.fade((36, 36), (122, 116), (140, 192, 232), (222, 236, 240))
    art.oval(58, 104, 21, 12, (118, 164, 100))
    art.oval(101, 102, 21, 14, (98, 148, 88))
    art.box(30, 116, 128, 122, (246, 246, 244))
    art.box(77, 36, 81, 116, (246, 246, 244))
    art.box(24, 120, 134, 126, (232, 230, 224))
    for left, lean in ((16, 1), (142, -1)):
        curtain = [(0, 22), (20, 22), (12, 130), (0, 136)]
        art.area([(left + lean * x, y) for x, y in curtain], (188, 96, 74))
    art.box(12, 19, 146, 23, (104, 76, 56))
    art.box(186, 40, 236, 78, (92, 70, 52))
    art.fade((190, 44), (232, 74), (244, 208, 150), (208, 120, 100))
    art.oval(218, 56, 6, 6, (252, 238, 190))
    art.oval(212, 196, 104, 8, (112, 78, 50))
    art.box(132, 120, 268, 176, (64, 104, 118))
    art.box(118, 138, 138, 190, (54, 90, 104))
    art.box(262, 138, 282, 190, (54, 90, 104))
    art.box(136, 158, 264, 188, (76, 120, 134))
    art.line([(200, 160), (200, 187)], (58, 96, 110), 1.0)
    art.area([(150, 130), (178, 126), (182, 156), (154, 160)], (232, 178, 84))
    art.area([(226, 128), (252, 134), (246, 160), (220, 154)], (206, 92, 74))
    art.line([(300, 92), (300, 190)], (88, 80, 76), 2.0)
    art.oval(300, 191, 13, 3.5, (78, 70, 66))
    art.glow(300, 78, 66, (255, 236, 186), 0.75)
    art.area([(288, 60), (312, 60), (319, 92), (281, 92)], (250, 226, 168))
    art.oval(84, 226, 62, 7, (104, 70, 44))
    art.oval(84, 202, 60, 9, (196, 148, 98))
    art.oval(84, 200, 60, 9, (214, 168, 116))
    for x in (50, 118):
        art.line([(x, 206), (x + (84 - x) * 0.08, 232)], (168, 122, 78), 3.0)
    for x, y, petal in (
        (70, 150, (238, 110, 130)),
        (86, 142, (250, 206, 90)),
        (102, 152, (240, 240, 240)),
    ):
        art.line([(86, 182), (x, y)], (84, 138, 74), 1.4)
        for turn in range(6):
            angle = turn * np.pi / 3
            art.oval(x + 4.4 * np.cos(angle), y + 4.4 * np.sin(angle), 3.4, 3.4, petal)
        art.oval(x, y, 2.8, 2.8, (196, 130, 50))
    art.area([(77, 172), (95, 172), (98, 188), (94, 200), (78, 200), (74, 188)], (78, 130, 168))
    return art.finished()


def house() -> Picture:
    """A house with a garden, seen from the street."""
    art = Canvas((104, 168, 226), (218, 234, 242), 150)
    for x, y, size in ((48, 40, 15), (252, 34, 19)):
        art.cloud(x, y, size, (250, 252, 253))
    art.hills(150, (30, 24, 38, 30, 44, 26), (126, 172, 128))
    art.fade((0, 150), (WIDTH, HEIGHT), (132, 184, 92), (96, 152, 66))
    art.tree(38, 176, 74, (82, 140, 66))
    art.tree(292, 170, 62, (98, 150, 62))
    art.box(214, 62, 230, 96, (158, 92, 74))
    art.box(92, 104, 252, 190, (244, 232, 208))
    art.area([(80, 108), (172, 48), (264, 108)], (176, 80, 62))
    art.area([(80, 108), (172, 48), (172, 54), (90, 108)], (198, 98, 78))
    art.area([(80, 108), (264, 108), (264, 112), (80, 112)], (132, 58, 46))
    art.oval(172, 84, 11, 11, (248, 244, 236))
    art.oval(172, 84, 8.5, 8.5, (128, 176, 204))
    for left in (106, 202):
        art.box(left, 124, left + 36, 160, (250, 250, 248))
        art.fade((left + 3, 127), (left + 33, 157), (128, 182, 216), (196, 222, 232))
        art.box(left + 16.5, 127, left + 19.5, 157, (250, 250, 248))
        art.box(left + 3, 140.5, left + 33, 143.5, (250, 250, 248))
        art.box(left - 2, 160, left + 38, 166, (150, 96, 62))
        for x in range(6):
            art.oval(left + 3 + 6 * x, 159, 3.6, 3.2, ((232, 84, 92), (250, 200, 84))[x % 2])
    art.box(158, 134, 186, 190, (92, 60, 46))
    art.box(161, 137, 183, 190, (62, 112, 122))
    art.oval(179, 166, 1.6, 1.6, (244, 214, 120))
    art.area([(150, 190), (194, 190), (226, 240), (110, 240)], (214, 200, 178))
    for y in (200, 212, 227):
        half = 22 + (y - 190) * 0.7
        art.line([(172 - half, y), (172 + half, y)], (188, 172, 148), 0.8)
    for x, size in ((84, 15), (110, 12), (236, 13), (258, 16)):
        art.oval(x, 190, size, size * 0.8, (84, 134, 70))
        art.oval(x - 2, 187, size * 0.7, size * 0.5, (104, 156, 82))
    for side in ((0, 118), (226, 320)):
        art.box(side[0], 214, side[1], 217, (236, 234, 228))
        art.box(side[0], 226, side[1], 229, (236, 234, 228))
        for x in range(side[0] + 4, side[1] - 4, 12):
            art.area(
                [(x, 236), (x, 208), (x + 3, 204), (x + 6, 208), (x + 6, 236)], (250, 249, 245)
            )
    return art.finished()


def water() -> Picture:
    """A lake among mountains with a sailing boat."""
    art = Canvas((244, 178, 132), (250, 226, 190), 118)
    art.glow(92, 84, 110, (255, 244, 206), 0.85)
    art.oval(92, 84, 14, 14, (255, 246, 214))
    for x, y, size in ((210, 40, 20), (268, 58, 13), (30, 34, 12)):
        art.cloud(x, y, size, (252, 214, 182))
    peaks = [(0, 118), (0, 84), (34, 66), (66, 96), (104, 72), (140, 104), (176, 52), (206, 78),
             (226, 62), (272, 98), (320, 70), (320, 118)]  # fmt: skip
    art.area(peaks, (142, 124, 150))
    for x, y in ((176, 52), (226, 62), (34, 66)):
        art.area(
            [(x, y), (x + 10, y + 13), (x + 3, y + 10), (x - 3, y + 15), (x - 9, y + 13)],
            (248, 238, 236),
        )
    art.hills(118, (16, 26, 12, 20, 8, 24, 18), (104, 104, 124))
    for x in range(196, 320, 9):
        art.fir(x, 119, 15 + 9 * abs(np.sin(x * 1.7)), (62, 78, 86))
    for x in range(2, 58, 8):
        art.fir(x, 119, 12 + 9 * abs(np.sin(x * 2.3)), (70, 84, 92))
    art.mirror(120, 120, (120, 128, 160), 0.34)
    for y, left, right in (
        (150, 66, 122),
        (163, 40, 110),
        (178, 80, 148),
        (196, 30, 96),
        (214, 66, 160),
        (226, 10, 70),
    ):
        art.line([(left, y), (right, y)], (252, 226, 194), 0.9)
    art.oval(214, 189, 46, 3.4, (96, 96, 122))
    art.line([(214, 110), (214, 182)], (96, 66, 50), 1.6)
    art.area([(217, 114), (250, 172), (217, 175)], (252, 248, 240))
    art.area([(211, 120), (211, 175), (186, 172)], (238, 222, 206))
    art.area([(172, 178), (256, 178), (244, 190), (184, 190)], (168, 66, 56))
    art.area([(172, 178), (256, 178), (254.5, 180.5), (174, 180.5)], (246, 240, 230))
    return art.finished()


def night() -> Picture:
    """A road by night, lit by lamps and a car that comes."""
    art = Canvas((14, 20, 46), (48, 58, 96), 124)
    random = np.random.default_rng(11)
    for _ in range(70):
        x, y = float(random.random()) * WIDTH, float(random.random()) * 96
        size = 0.4 + 0.5 * float(random.random())
        art.oval(x, y, size, size, (214, 220, 240))
    art.glow(62, 42, 46, (216, 222, 240), 0.5)
    art.oval(62, 42, 15, 15, (238, 238, 226))
    art.oval(57, 38, 3.4, 3.2, (214, 214, 204))
    art.oval(67, 47, 2.4, 2.2, (218, 218, 208))
    left = 0
    for wide, high in (
        (30, 40),
        (22, 58),
        (34, 34),
        (26, 48),
        (28, 26),
        (40, 20),
        (26, 30),
        (34, 52),
        (24, 38),
        (38, 60),
        (24, 44),
    ):
        art.box(left, 126 - high, left + wide, 126, (26, 32, 58))
        for x in range(left + 4, left + wide - 4, 6):
            for y in range(126 - high + 5, 120, 8):
                if random.random() < 0.42:
                    art.box(x, y, x + 2.6, y + 3.6, (244, 206, 122))
        left += wide
    art.fade((0, 124), (WIDTH, HEIGHT), (30, 38, 46), (20, 26, 32))
    art.area([(150, 124), (176, 124), (330, 240), (-70, 240)], (46, 48, 58))
    for near in (0.05, 0.15, 0.3, 0.5, 0.76):
        (far, far_y), (wide, near_y) = [
            (0.3 + 4 * part, 124 + 116 * part) for part in (near, near * 1.3 + 0.02)
        ]
        middle = [163 - 33 * part for part in (near, near * 1.3 + 0.02)]
        art.area(
            [(middle[0] - far, far_y), (middle[0] + far, far_y),
             (middle[1] + wide, near_y), (middle[1] - wide, near_y)],
            (196, 190, 168),
        )  # fmt: skip
    for x, foot, high in ((186, 132, 26), (206, 142, 46), (246, 164, 86), (312, 200, 150)):
        art.line(
            [(x, foot), (x, foot - high), (x - high * 0.2, foot - high * 1.03)],
            (92, 98, 112),
            0.6 + high / 60,
        )
        lamp = (x - high * 0.22, foot - high * 1.02)
        art.glow(lamp[0], foot + high * 0.04, high * 0.62, (250, 206, 130), 0.35)
        art.glow(*lamp, high * 0.5, (255, 220, 150), 0.8)
        art.oval(*lamp, 0.9 + high / 34, 0.5 + high / 60, (255, 246, 214))
    art.area([(88, 172), (94, 158), (128, 158), (134, 172)], (60, 66, 84))
    art.area([(92, 171), (97, 161), (125, 161), (130, 171)], (96, 112, 140))
    art.area([(80, 174), (84, 170), (138, 170), (142, 174), (142, 190), (80, 190)], (150, 44, 48))
    art.box(84, 188, 96, 194, (16, 16, 20))
    art.box(126, 188, 138, 194, (16, 16, 20))
    art.box(101, 181, 121, 186, (34, 34, 40))
    for x in (88, 134):
        art.glow(x, 180, 34, (255, 248, 222), 0.85)
        art.oval(x, 180, 4.4, 3.4, (255, 253, 240))
    return art.finished()


PICTURES: dict[str, Callable[[], Picture]] = {
    "01-road": road,
    "02-meadow": meadow,
    "03-room": room,
    "04-house": house,
    "05-water": water,
    "06-night": night,
}


def draw(folder: Path) -> None:
    """Write all pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, paint in PICTURES.items():
        bgr = cv2.cvtColor(paint(), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / f"{name}.png"), bgr, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
