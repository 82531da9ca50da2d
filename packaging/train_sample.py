"""Trains the sample that ships in ``assets/sample``: *Road* or *Not road*, from a random start.

Usage: .venv/bin/python packaging/train_sample.py --pictures FOLDER [--output FOLDER]

It learns from scenes that ``engine/scenes`` draws and from those pictures of the folder whose
licence allows to ship what was learned from them. The rest of the folder is never learned
from: it is the test on pictures unlike its own. No weights of anybody are used.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from sample_card import SOURCES, Result, write_card
from sample_views import view

from engine.about import lab_version
from engine.accuracy.evaluation import evaluate
from engine.models.labels import label_of
from engine.models.marker import Marker, add_marker
from engine.models.pictures import read_picture
from engine.models.preprocessing import centre_square, resize_bilinear
from engine.scenes.draw import TRUTHS, deal, draw
from engine.training.dataset import Picture, scan
from engine.training.split import split

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "assets" / "sample"
LABELS = ("Not road", "Road")
"""In the order of ``TRUTHS``."""
SIDE = 128
KEPT_SIDE = 156
"""Shorter side that pictures are kept at: room for crops."""
SCENES, FIRST_SCENE = 9000, 1_000_000
JUDGED_SCENES, FIRST_JUDGED = 1500, 9_000_000
"""Scenes that the model is judged by; their seeds lie apart from those of training."""
REAL_SHARE = 0.3
"""Of what is learned from, photographs; the rest is drawn."""
BATCH = 64
CALIBRATION = 300
STAGES = ((64, 5000), (96, 1200), (128, 1000))
"""Side of the pictures and steps."""


@dataclass(frozen=True)
class Known:
    """A picture in memory with its class."""

    rgb: np.ndarray
    truth: int
    name: str


@dataclass(frozen=True)
class Photographs:
    """What the folder of pictures gives.

    Attributes:
        learned: To learn from.
        like: Held back from the same sources.
        unlike: From other sources, never learned from.
        counts: Source -> how many were learned from, how many held back.
    """

    learned: tuple[Known, ...]
    like: tuple[Known, ...]
    unlike: tuple[Known, ...]
    counts: dict[str, tuple[int, int]]


def main() -> int:
    """Train, convert, judge and write."""
    options = _options()
    began = time.monotonic()
    photographs = read_photographs(options.pictures, options.seed)
    say(f"{len(photographs.learned)} photographs to learn from")
    scenes = draw_scenes(options.scenes, FIRST_SCENE)
    say(f"{len(scenes)} scenes drawn, {time.monotonic() - began:.0f} s")
    data, plan = _trained(options, scenes, photographs)
    minutes = (time.monotonic() - began) / 60
    options.output.mkdir(parents=True, exist_ok=True)
    model = options.output / "road-or-not.tflite"
    model.write_bytes(data)
    (options.output / "labels.txt").write_text("\n".join(LABELS) + "\n", encoding="utf-8")
    results = list(judge(model, photographs))
    write_card(
        options.output, model, results,
        counts=photographs.counts, scenes=options.scenes, first_scene=FIRST_SCENE, plan=plan,
        batch=BATCH, real_share=REAL_SHARE if photographs.learned else 0.0, minutes=minutes,
        calibration=CALIBRATION, labels=LABELS,
    )  # fmt: skip
    for each in results:
        say(f"{each.what:34} {each.share}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True, help="class folders")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--alpha", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenes", type=int, default=SCENES)
    parser.add_argument("--steps", type=float, default=1.0, help="times the usual number of steps")
    return parser.parse_args()


def _trained(
    options: argparse.Namespace, scenes: Sequence[Known], photographs: Photographs
) -> tuple[bytes, object]:
    """Train, and return the marked int8 model with the plan."""
    from sample_network import Plan, convert, train

    stages = tuple((side, max(20, round(steps * options.steps))) for side, steps in STAGES)
    plan = Plan(alpha=options.alpha, stages=stages, seed=options.seed)
    pools = [_by_class(scenes), _by_class(photographs.learned)]

    def make(chance: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
        views, truths = [], []
        for _ in range(BATCH):
            truth = int(chance.integers(len(TRUTHS)))
            real = bool(photographs.learned) and chance.random() < REAL_SHARE
            known = pools[real][truth]
            views.append(view(known[chance.integers(len(known))].rgb, chance, side))
            truths.append(truth)
        return np.stack(views), np.array(truths)

    trained = train(plan, len(TRUTHS), make, say)
    chance = np.random.default_rng(options.seed)
    known = [*photographs.learned, *scenes[: len(photographs.learned) or CALIBRATION]]
    chosen = chance.choice(len(known), min(CALIBRATION, len(known)), replace=False)
    data = convert(trained, options.alpha, SIDE, [fitted(known[n].rgb) for n in chosen])
    marker = Marker(
        variant=f"v1_{options.alpha:.2f}_{SIDE}",
        precision="int8", untrained=False, seed=options.seed,
        calibration=f"{len(chosen)} pictures", labels=LABELS, lab_version=lab_version(),
    )  # fmt: skip
    return add_marker(data, marker), plan


def _by_class(known: Iterable[Known]) -> list[list[Known]]:
    pools: list[list[Known]] = [[] for _ in TRUTHS]
    for each in known:
        pools[each.truth].append(each)
    return pools


def read_photographs(folder: Path, seed: int) -> Photographs:
    """Divide the folder's pictures by licence and, near-copies together, by use."""
    if not folder.is_dir():
        say(f"There is no folder {folder}: the sample learns from scenes alone.")
        return Photographs((), (), (), {})
    dataset = scan(folder)
    sides = split(dataset, seed=seed)
    learning = set(sides.train)
    learned, like, unlike = [], [], []
    for number, picture in enumerate(dataset.pictures):
        if source_of(picture) not in SOURCES:
            unlike.append(_known(picture, full=True))
        elif number in learning:
            learned.append(_known(picture, full=False))
        else:
            like.append(_known(picture, full=True))
    counts = {
        source: tuple(
            sum(each.name.startswith(f"{source}_") for each in side) for side in (learned, like)
        )
        for source in SOURCES
    }
    return Photographs(tuple(learned), tuple(like), tuple(unlike), counts)


def source_of(picture: Picture) -> str:
    """Return where a picture comes from: the beginning of its name."""
    return picture.path.name.partition("_")[0]


def _known(picture: Picture, *, full: bool) -> Known:
    rgb = read_picture(picture.path)
    if not full:
        scale = KEPT_SIDE / min(rgb.shape[:2])
        if scale < 1:
            size = [max(KEPT_SIDE, round(edge * scale)) for edge in (rgb.shape[1], rgb.shape[0])]
            rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))
    return Known(rgb, picture.label, picture.path.name)


def draw_scenes(count: int, first: int) -> list[Known]:
    """Draw scenes on all cores, half of them roads."""
    with get_context("spawn").Pool(os.cpu_count()) as pool:  # a fork would inherit held locks
        pictures = pool.map(_draw_one, [(n, first) for n in range(count)], chunksize=40)
    return [Known(rgb, n % 2, f"scene_{first + n}") for n, rgb in enumerate(pictures)]


def _draw_one(job: tuple[int, int]) -> np.ndarray:
    number, first = job
    cv2.setNumThreads(1)
    width, height = KEPT_SIDE * 4 // 3, KEPT_SIDE
    kind = deal(TRUTHS[number % 2], number // 2)
    large = draw(kind, first + number, number * 0.37 % 60, width * 3 // 2, height * 3 // 2)
    return np.asarray(cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA))


def fitted(rgb: np.ndarray) -> np.ndarray:
    """Return a picture as the deployed model sees it."""
    return resize_bilinear(centre_square(rgb), SIDE, SIDE)


def judge(model: Path, photographs: Photographs) -> Iterable[Result]:
    """Try the file as it ships on everything that it did not learn from."""
    sets = {
        "like": photographs.like,
        "unlike": photographs.unlike,
        "drawn": draw_scenes(JUDGED_SCENES, FIRST_JUDGED),
    }
    for name, known in sets.items():
        if known:
            yield _judged(model, name, known)
            yield _judged(model, f"{name}, grey", [_changed(each, grey) for each in known])
            yield _judged(model, f"{name}, dark", [_changed(each, dark) for each in known])


def grey(rgb: np.ndarray) -> np.ndarray:
    """Return a picture without colour."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))


def dark(rgb: np.ndarray) -> np.ndarray:
    """Return a picture as if it were three stops too short exposed."""
    return np.asarray((rgb / 255.0) ** 1.6 * 255 * 0.35, np.uint8)


def _changed(known: Known, change: object) -> Known:
    return Known(change(known.rgb), known.truth, known.name)  # type: ignore[operator]


def _judged(model: Path, what: str, known: Sequence[Known]) -> Result:
    with tempfile.TemporaryDirectory() as place:
        for truth in TRUTHS:
            (Path(place) / truth).mkdir()
        for number, each in enumerate(known):
            path = Path(place) / TRUTHS[each.truth] / f"{number:05}.png"
            cv2.imwrite(str(path), each.rgb[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        found = evaluate(model, Path(place))
    return Result(what, found.top1, {label_of(LABELS, n): s for n, s in found.per_class().items()})


def say(text: str) -> None:
    """Tell the terminal."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
