"""Scenes with known truth: draw one, or write a folder of them to learn from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.scenes import forest, indoors, nature, road_kinds, town, water
from engine.scenes.canvas import Chance, Picture, pick
from engine.scenes.lens import Lens
from engine.scenes.road_kinds import LIGHT_OF
from engine.scenes.roads import Road

ROAD: Final = "road"
NOT_ROAD: Final = "not_road"
TRUTHS: Final = (NOT_ROAD, ROAD)
"""What a scene can be, in the order of a folder's classes."""
WIDTH: Final = 640
HEIGHT: Final = 480
LEAST_ROAD: Final = 0.1
"""A picture of which less is carriageway is not called a road."""
_TRIES: Final = 8
_JPEG_QUALITY: Final = 90
_KEPT: Final = 2  # scenes: the one that is shown, and the one before


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of scene.

    Attributes:
        name: For instance ``street-night``.
        truth: ``road`` or ``not_road``.
        often: How many of these there are for one of the rarest kind, in a data set.
    """

    name: str
    truth: str
    often: int = 1


class Scene(Protocol):
    """Something that can be looked at."""

    def at(self, moment_s: float) -> Picture:
        """Return the picture at a moment."""


def _road(
    draw: Callable[[Chance, str, int, int], Road], word: str
) -> Callable[[Chance, int, int], Scene]:
    def make(chance: Chance, width: int, height: int) -> Scene:
        road = draw(chance, pick(chance, LIGHT_OF[word]), width, height)
        for _ in range(_TRIES):
            if road.share >= LEAST_ROAD:
                break
            road = draw(chance, pick(chance, LIGHT_OF[word]), width, height)
        return road

    return make


_MAKERS: Final[dict[Kind, Callable[[Chance, int, int], Scene]]] = {
    **{
        Kind(f"road-{word}", ROAD, many): _road(road_kinds.draw_country_road, word)
        for word, many in {"day": 3, "dusk": 1, "night": 1, "rain": 1, "snow": 1, "fog": 1}.items()
    },
    Kind("curve", ROAD, 2): _road(road_kinds.draw_curve, "day"),
    Kind("highway", ROAD, 2): _road(road_kinds.draw_highway, "day"),
    Kind("highway-night", ROAD): _road(road_kinds.draw_highway, "night"),
    Kind("track", ROAD, 2): _road(road_kinds.draw_track, "day"),
    Kind("track-rain", ROAD): _road(road_kinds.draw_track, "rain"),
    Kind("lane", ROAD, 2): _road(road_kinds.draw_lane, "day"),
    **{
        Kind(f"street-{word}", ROAD, many): _road(road_kinds.draw_street, word)
        for word, many in {"day": 8, "dusk": 2, "night": 2, "rain": 2, "snow": 1}.items()
    },
    Kind("across", ROAD, 6): _road(road_kinds.draw_across, "day"),
    Kind("across-night", ROAD): _road(road_kinds.draw_across, "night"),
    Kind("meadow", NOT_ROAD, 4): nature.draw_meadow,
    Kind("water", NOT_ROAD, 5): water.draw_water,
    Kind("forest", NOT_ROAD, 6): forest.draw_forest,
    Kind("mountain", NOT_ROAD, 8): nature.draw_mountain,
    Kind("sky", NOT_ROAD, 1): nature.draw_sky,
    Kind("room", NOT_ROAD, 3): indoors.draw_room,
    Kind("desk", NOT_ROAD, 2): indoors.draw_desk,
    Kind("surface", NOT_ROAD, 1): indoors.draw_surface,
    Kind("animal", NOT_ROAD, 1): indoors.draw_animal,
    Kind("building", NOT_ROAD, 9): town.draw_building,
    Kind("square", NOT_ROAD, 1): town.draw_square,
}  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = tuple(_MAKERS)
_BY_NAME: Final = {kind.name: kind for kind in KINDS}


def find_kind(name: str) -> Kind:
    """Return a kind by its name.

    Raises:
        LabError: If there is none.
    """
    kind = _BY_NAME.get(name)
    if kind is None:
        raise LabError(f"There is no scene {name!r}.", f"Choose one of {', '.join(_BY_NAME)}.")
    return kind


def draw(
    kind: str, seed: int, moment_s: float = 0.0, width: int = WIDTH, height: int = HEIGHT
) -> Picture:
    """Draw a scene: the same for the same arguments.

    Args:
        kind: Name of one of ``KINDS``.
        seed: Which of them; not negative.
        moment_s: Roads are driven along, waves roll, hands shake.
        width: Columns.
        height: Rows.

    Returns:
        RGB, shape (height, width, 3).

    Raises:
        LabError: If there is no such kind.
    """
    scene, lens = _made(find_kind(kind), seed, width, height)
    return lens.see(scene.at(moment_s), moment_s)


@lru_cache(maxsize=_KEPT)
def _made(kind: Kind, seed: int, width: int, height: int) -> tuple[Scene, Lens]:
    chance = np.random.default_rng((seed, *kind.name.encode()))
    scene = _MAKERS[kind](chance, width, height)
    return scene, Lens(chance, width, height)


def deal(truth: str, number: int) -> str:
    """Return the kind of a data set's picture: all kinds come, each as often as it should."""
    kinds = [kind.name for kind in KINDS if kind.truth == truth for _ in range(kind.often)]
    return kinds[number % len(kinds)]


def write_dataset(
    folder: Path,
    count: int,
    seed: int = 0,
    width: int = 320,
    height: int = 240,
    *,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> None:
    """Write pictures into class folders, half of them of roads.

    Args:
        folder: Gets the folders ``road`` and ``not_road``.
        count: How many pictures in all.
        seed: Of the first picture; each has its own, so that sets whose seeds lie at least
            ``count`` apart share none.
        width: Columns.
        height: Rows.
        report: Told of the pictures, under the step ``draw``.
        cancel: Obeyed between two pictures.

    Raises:
        LabError: If the folder cannot be written.
        Cancelled: If it was cancelled; what was drawn stays.
    """
    cancel = cancel or CancelToken()
    try:
        for truth in TRUTHS:
            (folder / truth).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            cancel.check()
            truth, own = TRUTHS[number % 2], number // 2
            kind = deal(truth, own)
            rgb = draw(kind, seed + number, number % 7, width, height)
            quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
            _, data = cv2.imencode(".jpg", rgb[..., ::-1], quality)
            (folder / truth / f"{kind}_{seed + number:06}.jpg").write_bytes(data.tobytes())
            report(Progress("draw", (number + 1) / count, f"{number + 1} of {count}"))
    except OSError as error:
        raise LabError(
            f"{folder} cannot be written: {error.strerror}.",
            "Check that there is room and that you may write there.",
        ) from error
