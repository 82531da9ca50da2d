"""The kinds of roads: what each is made of, as far as it is not left to chance."""

import math
from dataclasses import replace
from typing import Final

from engine.scenes.canvas import Chance, Colour, between, often, pick, tinted
from engine.scenes.ground import View
from engine.scenes.light import DAY, DULL, DUSK, FOG, NIGHT, RAIN, SNOW, Light, make_light
from engine.scenes.road_furniture import cars, houses, lamps, parked, people, plants, posts
from engine.scenes.roads import (
    ASPHALT,
    DIRT,
    SPAN_M,
    VERGES,
    WHITE,
    YELLOW,
    Line,
    Plan,
    Road,
)
from engine.scenes.roadside import make_thing


def draw_country_road(chance: Chance, light: str, width: int, height: int) -> Road:
    """Make a paved road through open land."""
    sky = make_light(chance, light)
    half = between(chance, 2.2, 4.8)
    plan = _paved(chance, sky, half)
    plan = replace(
        plan,
        things=(*plants(chance, sky, half), *posts(chance, sky, half), *cars(chance, sky, half)),
        rails=tuple(s * (half + 1.2) for s in (-1, 1) if often(chance, 0.2)),
    )
    return Road(chance, sky, _view(chance, width, height, half), plan)


def draw_curve(chance: Chance, light: str, width: int, height: int) -> Road:
    """Make a road that bends or goes over a hill."""
    road = draw_country_road(chance, light, width, height)
    bend = between(chance, 0.004, 0.018) * (1 if often(chance, 0.5) else -1)
    climb = between(chance, -0.1, 0.14) if often(chance, 0.7) else 0.0
    return Road(chance, road.light, replace(road.view, bend=bend, climb=climb), road.plan)


def draw_highway(chance: Chance, light: str, width: int, height: int) -> Road:
    """Make a road of many lanes, often seen through a windscreen."""
    sky = make_light(chance, light)
    lanes = int(chance.integers(2, 5))
    wide = between(chance, 3.2, 3.9)
    half = lanes * wide / 2 + between(chance, 0.3, 2)
    paint = tinted(chance, WHITE, 10)
    dash, gap = pick(chance, ((3.0, 9.0), (6.0, 12.0), (4.0, 6.0)))
    inner = (Line((n - lanes / 2) * wide, 0.16, paint, dash, gap) for n in range(1, lanes))
    outer = pick(chance, (paint, YELLOW))
    edges = (Line(-lanes * wide / 2, 0.2, outer), Line(lanes * wide / 2, 0.2, paint))
    plan = _paved(chance, sky, half)
    lane = int(chance.integers(lanes))
    cars = [
        make_thing(chance, "away", (int(chance.integers(lanes)) - lanes / 2 + 0.5) * wide,
                   between(chance, 9, SPAN_M), sky)
        for _ in range(int(chance.integers(0, 8)))
    ]  # fmt: skip
    view = _view(chance, width, height, half)
    view = replace(
        view, aside_m=(lane - lanes / 2 + 0.5) * wide, heading=between(chance, -0.04, 0.04)
    )
    plan = replace(
        plan,
        lines=(*inner, *edges),
        speed=between(chance, 14, 24),
        things=(*plants(chance, sky, half + 3), *lamps(chance, sky, half), *cars),
        rails=tuple(s * (half + 0.8) for s in (-1, 1) if often(chance, 0.6)),
        dash=between(chance, 0.05, 0.22) if often(chance, 0.4) else 0.0,
    )
    return Road(chance, sky, view, plan)


def draw_track(chance: Chance, light: str, width: int, height: int) -> Road:
    """Make a track of earth or gravel."""
    sky = make_light(chance, light)
    half = between(chance, 1.3, 3.2)
    surface = tinted(chance, pick(chance, DIRT), 16)
    plan = replace(
        _bare(chance, sky, half, surface),
        grain=(between(chance, 0.08, 0.26), between(chance, 0.15, 0.4)),
        patches=(between(chance, 0.05, 0.22), between(chance, 0.1, 0.35)),
        tracks=between(chance, -0.25, 0.25),
        wet=between(chance, 0.2, 0.7) if light == RAIN or often(chance, 0.1) else 0.0,
        things=plants(chance, sky, half),
        speed=between(chance, 3, 7),
    )
    return Road(chance, sky, _view(chance, width, height, half), plan)


def draw_lane(chance: Chance, light: str, width: int, height: int) -> Road:
    """Make a narrow paved lane between hedges, trees or walls, without markings."""
    sky = make_light(chance, light)
    half = between(chance, 1.4, 2.3)
    plan = replace(
        _bare(chance, sky, half, tinted(chance, pick(chance, ASPHALT), 12)),
        cracks=between(chance, 0, 0.5) if often(chance, 0.5) else 0.0,
        things=(*plants(chance, sky, half, 30, 0.6), *plants(chance, sky, half, 14, 3)),
        speed=between(chance, 4, 8),
    )
    if often(chance, 0.25):
        plan = replace(plan, walls=houses(chance, sky, half + 0.6, (1, 2)))
    return Road(chance, sky, _view(chance, width, height, half), plan)


def draw_street(chance: Chance, light: str, width: int, height: int) -> Road:
    """Make a street of a town: pavements, houses on both sides, cars."""
    sky = make_light(chance, light)
    half = between(chance, 2.6, 8.5)
    plan = _paved(chance, sky, half)
    kerb = between(chance, 1.2, 4.5)
    lines = plan.lines
    if often(chance, 0.35):  # a crossing: bars side by side, near and far
        bars = [x * 1.1 - half + 0.6 for x in range(int(2 * half / 1.1))]
        where = between(chance, 12, 30)
        lines = (*lines, *(Line(x, 0.5, WHITE, 3.2, where) for x in bars))
    plan = replace(
        plan,
        lines=lines,
        kerb_m=kerb,
        pavement=tinted(
            chance, pick(chance, ((158, 154, 148), (176, 168, 158), (132, 128, 126))), 12
        ),
        grain=(plan.grain[0], 0.08),
        patches=(plan.patches[0], 0.08),
        verges=(plan.surface, plan.surface) if often(chance, 0.5) else plan.verges,
        walls=houses(chance, sky, half + kerb, (2, 8)),
        things=(
            *cars(chance, sky, half, 10),
            *parked(chance, sky, half),
            *lamps(chance, sky, half + 0.6, 0.8),
            *(plants(chance, sky, half, 10, 0.8) if often(chance, 0.5) else ()),
            *people(chance, sky, half, kerb),
        ),
        speed=between(chance, 3, 9),
    )
    view = _view(chance, width, height, half)
    if often(chance, 0.4):  # seen from the pavement
        aside = pick(chance, (-1, 1)) * (half + kerb * 0.5)
        view = replace(view, aside_m=aside, heading=aside / between(chance, 10, 40))
    return Road(chance, sky, view, plan)


def draw_across(chance: Chance, light: str, width: int, height: int) -> Road:
    """Make a street seen from its side: it crosses the picture before a row of houses."""
    street = draw_street(chance, light, width, height)
    plan, view = street.plan, street.view
    side = pick(chance, (-1, 1))
    slope = between(chance, 0.45, 2.6)
    wider = math.hypot(1, slope)  # all widths are counted across the picture, not the street
    aside = (plan.half_m + plan.kerb_m * between(chance, -0.8, 1.0)) * wider
    here = [wall for wall in plan.walls if wall.across_m * side < 0 or often(chance, 0.15)]
    plan = replace(
        plan,
        half_m=plan.half_m * wider,
        kerb_m=plan.kerb_m * wider,
        lines=tuple(
            replace(line, across_m=line.across_m * wider, wide_m=line.wide_m * wider,
                    dash_m=line.dash_m / wider, gap_m=line.gap_m / wider)
            for line in plan.lines
        ),
        walls=tuple(replace(wall, across_m=wall.across_m * wider) for wall in here),
        things=tuple(
            replace(thing, across_m=thing.across_m * wider)
            for thing in plan.things
            if thing.across_m * side < aside / wider
        ),
        speed=plan.speed * 0.3,
    )  # fmt: skip
    view = replace(
        view,
        aside_m=side * aside,
        heading=side * slope,
        eye_m=min(view.eye_m, 5.0),
        horizon=height * between(chance, 0.3, 0.66),
    )
    return Road(chance, street.light, view, plan)


def _view(chance: Chance, width: int, height: int, half: float) -> View:
    """Return a camera: a phone in a hand, in a holder of a car, or high up."""
    high = pick(chance, ((1.1, 1.8), (1.1, 1.8), (1.1, 1.8), (1.8, 3), (3, 9)))
    return View(
        width=width,
        height=height,
        focal=height * between(chance, 0.55, 1.5),
        eye_m=between(chance, *high),
        horizon=height * pick(chance, (between(chance, 0.34, 0.6), between(chance, 0.02, 0.4),
                                       between(chance, 0.45, 0.72))),
        middle=width * between(chance, 0.35, 0.65),
        aside_m=between(chance, -0.75, 0.75) * half,
        heading=float(chance.normal(0, 0.12)),
    )  # fmt: skip


def _bare(chance: Chance, light: Light, half: float, surface: Colour) -> Plan:
    """Return a road without markings."""
    verge = tinted(chance, pick(chance, VERGES), 16)
    verges = (verge, tinted(chance, pick(chance, VERGES), 12) if often(chance, 0.3) else verge)
    if light.name == SNOW:
        white = tinted(chance, (222, 226, 232), 6)
        verges = (white, white)
        if often(chance, 0.5):
            surface = tinted(
                chance, pick(chance, ((186, 190, 196), (150, 150, 152), (120, 118, 116))), 8
            )
    return Plan(
        half_m=half,
        surface=surface,
        verges=verges,
        grain=(between(chance, 0.02, 0.14), between(chance, 0.08, 0.4)),
        patches=(between(chance, 0.01, 0.14), between(chance, 0.05, 0.3)),
        along=pick(chance, (1.0, 1.0, 0.4, 0.12)),
        tracks=between(chance, -0.22, 0.12),
        shade=between(chance, 0.25, 0.62)
        if light.name in (DAY, DUSK) and often(chance, 0.3)
        else 0.0,
        cracks=between(chance, 0.1, 0.55) if often(chance, 0.3) else 0.0,
    )


def _paved(chance: Chance, light: Light, half: float) -> Plan:
    """Return an asphalt road with the markings of some country, or none."""
    plan = _bare(chance, light, half, tinted(chance, pick(chance, ASPHALT), 12))
    paint, middle = tinted(chance, WHITE, 10), pick(chance, (WHITE, YELLOW))
    lines: list[Line] = []
    dash, gap = pick(chance, ((3.0, 6.0), (3.0, 9.0), (2.0, 2.0), (6.0, 3.0)))
    style = chance.random()
    if style < 0.4:
        lines.append(Line(0, between(chance, 0.1, 0.18), middle, dash, gap))
    elif style < 0.6:
        lines += [
            Line(-0.14, 0.12, middle),
            Line(0.14, 0.12, middle, *((dash, gap) if often(chance, 0.5) else ())),
        ]
    elif style < 0.7:
        lines.append(Line(0, 0.14, middle))
    if style < 0.8 and often(chance, 0.7):
        edge = half - between(chance, 0.15, 0.6)
        lines += [Line(-edge, 0.14, paint), Line(edge, 0.14, paint)]
    wet = {RAIN: (0.3, 0.9), SNOW: (0, 0.4), DULL: (0, 0.25), NIGHT: (0, 0.5)}.get(
        light.name, (0.0, 0.1)
    )
    return replace(
        plan,
        lines=tuple(lines),
        worn=between(chance, 0.2, 0.9) if often(chance, 0.5) else 0.0,
        wet=between(chance, *wet),
        speed=between(chance, 8, 15),
    )


LIGHT_OF: Final = {"day": (DAY, DAY, DULL), "dusk": (DUSK,), "night": (NIGHT,), "rain": (RAIN,),
                   "snow": (SNOW,), "fog": (FOG,)}  # fmt: skip
"""What weather each word stands for."""
