"""What stands in rows along roads: plants, posts, lamps, cars, people, houses."""

from dataclasses import replace
from typing import Final

from engine.scenes.canvas import Chance, between, often, pick
from engine.scenes.facades import draw_facade
from engine.scenes.light import Light
from engine.scenes.roads import SPAN_M, Wall
from engine.scenes.roadside import Thing, make_thing

_PLANTS: Final = ("tree", "tree", "tree", "bush", "fir", "bare", "rock")


def plants(
    chance: Chance, light: Light, half: float, most: int = 26, clear: float = 1.5
) -> tuple[Thing, ...]:
    """Return what grows beside the road; one sort is more common than others."""
    common = pick(chance, _PLANTS)
    spread = between(chance, 4, 26)
    kinds = [
        common if often(chance, 0.6) else pick(chance, _PLANTS)
        for _ in range(int(chance.integers(0, most)))
    ]
    return tuple(
        make_thing(
            chance,
            kind,
            pick(chance, (-1, 1)) * (half + clear + between(chance, 0, 1) ** 1.5 * spread),
            between(chance, 0, SPAN_M),
            light,
        )
        for kind in kinds
    )


def row(chance: Chance, light: Light, kind: str, across: float, every: float) -> list[Thing]:
    """Return things of one look, one every so many metres."""
    first = make_thing(chance, kind, across, 0, light)
    count = int(SPAN_M / every)
    return [replace(first, ahead_m=SPAN_M * n / count) for n in range(count)]


def posts(chance: Chance, light: Light, half: float) -> tuple[Thing, ...]:
    """Return posts, poles, signs and houses beside a country road."""
    found: list[Thing] = []
    for side in (-1, 1):
        if often(chance, 0.3):
            found += row(chance, light, "post", side * (half + 0.7), between(chance, 10, 30))
        if often(chance, 0.25):
            found += row(
                chance,
                light,
                "pole",
                side * (half + between(chance, 1.5, 6)),
                between(chance, 20, 40),
            )
        for _ in range(int(chance.integers(0, 3))):
            found.append(
                make_thing(chance, "sign", side * (half + 1.4), between(chance, 0, SPAN_M), light)
            )
    if often(chance, 0.25):
        found += [
            make_thing(
                chance,
                "house",
                pick(chance, (-1, 1)) * (half + between(chance, 10, 30)),
                between(chance, 0, SPAN_M),
                light,
            )
            for _ in range(3)
        ]
    return tuple(found)


def lamps(chance: Chance, light: Light, half: float, share: float = 0.5) -> tuple[Thing, ...]:
    """Return lamps and signs, each with a share of 0..1 of all roads' sides."""
    found: list[Thing] = []
    for side in (-1, 1):
        if often(chance, share):
            found += row(chance, light, "lamp", side * (half + 0.8), between(chance, 16, 35))
        if often(chance, share):
            found.append(
                make_thing(chance, "sign", side * (half + 0.8), between(chance, 0, SPAN_M), light)
            )
    return tuple(found)


def cars(chance: Chance, light: Light, half: float, most: int = 4) -> tuple[Thing, ...]:
    """Return cars that drive, each on its side."""
    found = []
    for _ in range(int(chance.integers(0, most + 1))):
        kind, side = pick(chance, (("away", 1), ("oncoming", -1)))
        across = side * half * between(chance, 0.35, 0.6)
        found.append(make_thing(chance, kind, across, between(chance, 8, SPAN_M), light))
    return tuple(found)


def parked(chance: Chance, light: Light, half: float) -> tuple[Thing, ...]:
    """Return cars that stand at the kerb; they are no faster than a lamp post."""
    found = []
    for side in (-1, 1):
        if half > 3.4 and often(chance, 0.5):
            for n in range(int(chance.integers(2, 16))):
                car = make_thing(
                    chance, "away" if side > 0 else "oncoming", side * (half - 1.05), n * 6.5, light
                )
                found.append(replace(car, kind="parked"))
    return tuple(found)


def people(chance: Chance, light: Light, half: float, kerb: float) -> tuple[Thing, ...]:
    """Return people on the pavements, and now and then some on the road."""
    found = []
    for _ in range(int(chance.integers(0, 14)) if often(chance, 0.5) else 0):
        off = half + kerb * between(chance, 0.1, 0.9) if often(chance, 0.8) else half * 0.8
        across = pick(chance, (-1, 1)) * off
        found.append(make_thing(chance, "person", across, between(chance, 4, 70), light))
    return tuple(found)


def houses(
    chance: Chance, light: Light, across: float, floors: tuple[int, int]
) -> tuple[Wall, ...]:
    """Return the houses on both sides; some streets have gaps."""
    found = []
    gaps = between(chance, 0, 0.5) ** 2
    usual = int(chance.integers(floors[0], floors[1] + 1))
    for side in (-1, 1):
        if often(chance, 0.08):
            continue
        ahead = 0.0
        while ahead < SPAN_M - 4:
            long = min(between(chance, 7, 26), SPAN_M - ahead)
            count = max(1, usual + int(chance.integers(-1, 2)))
            if not often(chance, gaps):
                facade = draw_facade(
                    chance,
                    light,
                    count,
                    max(2, round(long / between(chance, 2.4, 4))),
                    12,
                    shop=often(chance, 0.5),
                )
                if side > 0:
                    facade = facade[:, ::-1]
                found.append(
                    Wall(
                        facade, side * (across + between(chance, 0, 0.6)), ahead, long, count * 3.2
                    )
                )
            ahead += long + (0.0 if often(chance, 0.8) else between(chance, 1, 6))
    return tuple(found)
