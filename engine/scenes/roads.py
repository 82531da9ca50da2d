"""Roads of all sorts, driven along: this is what "road" means to the lab's sample model."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from engine.scenes.canvas import (
    GRAIN,
    ROUGH,
    SOFT,
    Canvas,
    Chance,
    Colour,
    Field,
    Picture,
    between,
    lit,
    mixed,
    noise,
    pick,
    smooth,
)
from engine.scenes.ground import NEAREST_M, Ground, View
from engine.scenes.light import Light
from engine.scenes.roadside import Thing, paint_rail, paint_thing, paint_wall
from engine.scenes.sky import paint_far, paint_sky

ASPHALT: Final[tuple[Colour, ...]] = (
    (92, 92, 96), (70, 72, 76), (122, 120, 118), (150, 146, 140), (104, 96, 96), (84, 90, 98),
    (134, 122, 112),
)  # fmt: skip
DIRT: Final[tuple[Colour, ...]] = (
    (160, 128, 92), (132, 100, 70), (180, 150, 110), (170, 100, 66), (120, 108, 94),
    (150, 140, 124),
)  # fmt: skip
VERGES: Final[tuple[Colour, ...]] = (
    (92, 118, 58), (116, 126, 64), (150, 140, 84), (82, 96, 52), (150, 126, 92), (176, 156, 116),
    (110, 104, 90),
)  # fmt: skip
WHITE: Final[Colour] = (226, 226, 220)
YELLOW: Final[Colour] = (222, 168, 46)
SPAN_M: Final = 140.0
"""Things come again after so many metres."""


@dataclass(frozen=True, slots=True)
class Line:
    """A painted line along the road.

    Attributes:
        across_m: Right of the road's middle.
        wide_m: Width.
        colour: Of new paint.
        dash_m: Length of a dash; 0 for an unbroken line.
        gap_m: Between two dashes.
    """

    across_m: float
    wide_m: float
    colour: Colour
    dash_m: float = 0.0
    gap_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Wall:
    """A building along the road."""

    facade: Picture
    across_m: float
    ahead_m: float
    long_m: float
    high_m: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a road and its sides are made of.

    Attributes:
        half_m: Half of the carriageway.
        surface: Its colour in full light.
        verges: Colours left and right of it.
        kerb_m: Width of the pavements; 0 for none.
        pavement: Their colour.
        lines: Painted lines.
        grain: Strength of the surface's fine noise; the first of road, the second of verge.
        patches: The same of the coarse noise.
        along: How much the noise is drawn out along the road; 1 is not at all.
        worn: How much of the paint is gone, 0..1.
        tracks: Brightness of the wheels' tracks: negative is darker.
        cracks: Strength of cracks.
        shade: Strength of the shadows of trees that lie on the road.
        wet: How much the road mirrors the sky.
        speed: Metres per second.
        walls: Buildings.
        things: What stands there.
        rails: Places of guard rails.
        dash: Height of a car's dashboard in the picture, as a part of it.
    """

    half_m: float
    surface: Colour
    verges: tuple[Colour, Colour]
    kerb_m: float = 0.0
    pavement: Colour = (150, 148, 144)
    lines: tuple[Line, ...] = ()
    grain: tuple[float, float] = (0.08, 0.25)
    patches: tuple[float, float] = (0.06, 0.2)
    along: float = 1.0
    worn: float = 0.0
    tracks: float = 0.0
    cracks: float = 0.0
    shade: float = 0.0
    wet: float = 0.0
    speed: float = 8.0
    walls: tuple[Wall, ...] = field(default=())
    things: tuple[Thing, ...] = field(default=())
    rails: tuple[float, ...] = ()
    dash: float = 0.0


class Road:
    """A road that is driven along. What does not change is painted once."""

    def __init__(self, chance: Chance, light: Light, view: View, plan: Plan) -> None:
        """Paint sky, land and the road without what moves."""
        self.light, self.view, self.plan = light, view, plan
        self.ground = Ground(view)
        self._tiles = [
            noise(kind, int(chance.integers(3)))
            for kind in (GRAIN, pick(chance, (ROUGH, ROUGH, SOFT)), SOFT)
        ]
        self._fine, self._coarse = between(chance, 16, 40), between(chance, 1.5, 5)
        back = Canvas(view.width, view.height)
        paint_sky(back, chance, light, self.ground.top + 1)
        horizon = min(self.ground.top + 1.0, view.horizon + 1 + view.height * 0.02)
        paint_far(back, chance, light, horizon)
        back.box(0, horizon - 0.5, view.width, view.height, light.far(plan.verges[0], 300))
        self._back = back.pixels
        self._base, self._grain, self._patches = self._lay(chance)
        self._haze = 1 - np.exp(-self.ground.ahead / light.haze_m)
        self._lines = [
            (
                self.ground.band(line.across_m - line.wide_m / 2, line.across_m + line.wide_m / 2),
                line,
            )
            for line in plan.lines
        ]
        self._road = self.ground.band(-plan.half_m, plan.half_m)
        self._lamp = self._headlight() if light.dark and view.eye_m < 3 else None

    @property
    def share(self) -> float:
        """How much of the picture is carriageway, 0..1, as far as nothing stands before it."""
        return float(self._road.sum()) / (self.view.width * self.view.height)

    def at(self, moment_s: float) -> Picture:
        """Return the picture at a moment."""
        travelled = self.plan.speed * moment_s
        canvas = Canvas(self.view.width, self.view.height)
        canvas.pixels[:] = self._back
        self._paint_ground(canvas, travelled)
        self._paint_things(canvas, travelled)
        if self.plan.dash:
            self._paint_dash(canvas)
        return canvas.pixels

    def _lay(self, chance: Chance) -> tuple[Field, Field, Field]:
        """Return the ground's colour without noise, and the strength of its two noises."""
        plan, ground, light = self.plan, self.ground, self.light
        rows, columns = ground.across.shape
        base = np.empty((rows, columns, 3), np.float32)
        left, right = (np.array(light.on(verge), np.float32) for verge in plan.verges)
        base[:] = np.where((ground.across < 0)[..., None], left, right)
        road = ground.band(-plan.half_m, plan.half_m)
        rough = plan.grain[1] + (plan.grain[0] - plan.grain[1]) * road
        patchy = plan.patches[1] + (plan.patches[0] - plan.patches[1]) * road
        if plan.kerb_m:
            for side in (-1, 1):
                inner, outer = plan.half_m, plan.half_m + plan.kerb_m
                path = ground.band(*sorted((side * inner, side * outer)))
                base = _laid(base, light.on(plan.pavement), path)
                rough, patchy = rough * (1 - 0.7 * path), patchy * (1 - 0.6 * path)
                kerb = ground.band(*sorted((side * inner, side * (inner + 0.22))))
                base = _laid(base, light.on(lit(plan.pavement, between(chance, 0.7, 1.3))), kerb)
        base = _laid(base, light.on(plan.surface), road)
        if plan.tracks:
            lane = max(2.4, plan.half_m)
            wheel = np.abs(np.abs(np.mod(ground.across, lane) - lane / 2) - lane * 0.24)
            base *= (1 + plan.tracks * road * np.clip(1 - wheel / 0.55, 0, 1))[..., None]
        if plan.wet:
            grazing = np.clip(ground.ahead / (ground.ahead + 12), 0, 1)
            base = _laid(base, mixed(light.low, light.top, 0.3), road * plan.wet * grazing)
        return base, rough.astype(np.float32), patchy.astype(np.float32)

    def _headlight(self) -> Field:
        """Return how much brighter a car's own lamps make the ground."""
        ahead, aim = self.ground.ahead, self.ground.aim
        beam = np.exp(-((aim / (1.6 + 0.22 * ahead)) ** 2)) * np.exp(-ahead / 26)
        return np.asarray(1 + 4.2 * beam * np.clip(ahead / 4, 0, 1), np.float32)

    def _paint_ground(self, canvas: Canvas, travelled: float) -> None:
        plan, ground, light = self.plan, self.ground, self.light
        fine = ground.texture(self._tiles[0], self._fine, travelled, plan.along)
        coarse = ground.texture(self._tiles[1], self._coarse, travelled, plan.along)
        tone = 1 + fine * self._grain + coarse * self._patches
        if plan.cracks:
            veins = np.abs(ground.texture(self._tiles[2], 11, travelled))
            fades = np.clip(ground.scale / 30, 0, 1)
            tone -= plan.cracks * fades * self._road * (veins < 0.045 + 0.03 * coarse)
        if plan.shade:
            crowns = ground.texture(self._tiles[2], 5.5, travelled * 1.0, 1.6)
            tone *= 1 - plan.shade * smooth(crowns, -0.1, 0.25)
        colours = self._base * tone[..., None]
        for band, line in self._lines:
            share = band
            if line.dash_m:
                share = share * ground.dashes(line.dash_m, line.gap_m, travelled)
            if plan.worn:
                share = share * np.clip(1.4 - plan.worn * (1.4 + 1.6 * coarse + fine), 0, 1)
            colours = _laid(colours, light.on(line.colour), share)
        if self._lamp is not None:
            colours *= self._lamp[..., None]
        if plan.wet > 0.3:
            pools = smooth(coarse, 0.75, 0.95) * self._road
            colours = _laid(colours, mixed(light.low, light.top, 0.5), pools * 0.8)
        far = np.array(light.low, np.float32) * self._haze[..., None]
        colours = colours * (1 - self._haze[..., None]) + far
        canvas.pixels[ground.top :] = np.clip(colours, 0, 255)

    def _paint_things(self, canvas: Canvas, travelled: float) -> None:
        """Paint what stands there, the farthest first."""
        plan = self.plan
        shown: list[tuple[float, float, Wall | Thing]] = []
        for wall in plan.walls:
            ahead = _again(wall.ahead_m, travelled, wall.long_m)
            shown.append((ahead + wall.long_m, ahead, wall))
        for thing in plan.things:
            speed = {"away": -0.8, "oncoming": 0.9}.get(thing.kind, 0.0)
            ahead = _again(thing.ahead_m, travelled * (1 + speed), 0)
            shown.append((ahead, ahead, thing))
        for across in plan.rails:
            paint_rail(canvas, self.ground, self.light, across, 0.75)
        for _, ahead, what in sorted(shown, key=lambda each: -each[0]):
            if isinstance(what, Wall):
                far = ahead + what.long_m
                paint_wall(canvas, self.ground, what.facade, what.across_m, ahead, far, what.high_m)
            elif ahead > NEAREST_M * 2:
                paint_thing(canvas, self.ground, self.light, what, ahead)

    def _paint_dash(self, canvas: Canvas) -> None:
        width, height = canvas.width, canvas.height
        top = height * (1 - self.plan.dash)
        black = (20, 20, 22) if not self.light.dark else (8, 8, 10)
        canvas.oval((width * 0.5, top + height * 0.5), (width * 0.85, height * 0.5), black)
        canvas.oval(
            (width * 0.3, top + height * 0.62), (width * 0.26, height * 0.6), lit(black, 1.6)
        )
        canvas.area([(0, 0), (width * 0.05, 0), (0, height * 0.5)], black)
        canvas.oval((width * 0.72, height * 0.03), (width * 0.13, height * 0.06), lit(black, 1.5))


def _laid(colours: Field, colour: Colour, share: Field) -> Field:
    tint = np.array(colour, np.float32)
    return np.asarray(colours + (tint - colours) * share[..., None], np.float32)


def _again(ahead_m: float, travelled_m: float, long_m: float) -> float:
    """Return how far something is that comes again after ``SPAN_M``."""
    return (ahead_m - travelled_m + long_m) % SPAN_M - long_m
