"""The sample's model card: what it learned from, how often it is right, how to make it again."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from engine.about import lab_version
from engine.accuracy.shares import Share


@dataclass(frozen=True)
class Source:
    """Photographs that may be learned from.

    Attributes:
        title: What they are.
        origin: Where they were published.
        licence: Under which they may be used.
    """

    title: str
    origin: str
    licence: str


SOURCES = {
    "bp": Source(
        "Cracks and Potholes in Road Images",
        "github.com/biankatpas/Cracks-and-Potholes-in-Road-Images-Dataset",
        "MIT",
    ),
    "lums": Source(
        "LUMS Road Dataset", "github.com/faizanali710/LUMS-Road-Dataset", "MIT, pictures CC BY 4.0"
    ),
    "caltech": Source("Caltech-101", "data.caltech.edu", "CC BY 4.0"),
}
"""By the beginning of a picture's name. Pictures of no source named here are not learned from."""

MEANING = {
    "like": "photographs of the sources learned from, held back, near-copies apart",
    "unlike": "photographs of another source (streets, buildings, forests, glaciers, mountains, "
    "seas); none was learned from",
    "drawn": "scenes of seeds that were not learned from",
}


@dataclass(frozen=True)
class Result:
    """How often the model is right on one set.

    Attributes:
        what: Name of the set, ``, grey`` or ``, dark`` added where it was changed.
        share: Right of all.
        per_class: The same for each class.
    """

    what: str
    share: Share
    per_class: Mapping[str, Share]


def write_card(
    folder: Path, model: Path, results: Sequence[Result], *, plan: Any, **facts: Any
) -> None:
    """Write ``card.json`` and ``card.md``.

    Args:
        folder: Where to.
        model: The file that ships.
        results: On each set.
        plan: How it was trained, a dataclass.
        facts: ``counts`` of photographs, ``scenes``, ``first_scene``, ``batch``,
            ``real_share``, ``calibration``, ``labels`` and ``minutes``.
    """
    data = model.read_bytes()
    last = facts["first_scene"] + facts["scenes"] - 1
    scenes = {
        "what": "scenes drawn by engine/scenes",
        "licence": "the lab's own",
        "n": facts["scenes"],
        "seeds": [facts["first_scene"], last],
    }
    photographs = [
        {
            "what": SOURCES[name].title,
            "licence": SOURCES[name].licence,
            "n": learned,
            "origin": SOURCES[name].origin,
            "held_back": held,
        }
        for name, (learned, held) in facts["counts"].items()
    ]
    card = {
        "name": "Road / Not road",
        "file": model.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
        "variant": f"v1_{plan.alpha:.2f}_{plan.stages[-1][0]}-int8",
        "labels": list(facts["labels"]),
        "weights": "trained from a random start; nobody's weights were used",
        "learned_from": [scenes, *photographs],
        "training": {
            **asdict(plan),
            "batch": facts["batch"],
            "share_of_photographs": facts["real_share"],
            "views": plan.steps * facts["batch"],
            "calibration_pictures": facts["calibration"],
            "minutes": round(facts["minutes"], 1),
        },
        "accuracy": [_row(each) for each in results],
        "again": ".venv/bin/python packaging/train_sample.py --pictures FOLDER",
        "versions": {
            "lab": lab_version(),
            "python": platform.python_version(),
            **{name: _version(name) for name in ("tensorflow", "keras", "numpy", "ai-edge-litert")},
        },
    }
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    (folder / "card.json").write_text(text, encoding="utf-8")
    (folder / "card.md").write_text(page(card), encoding="utf-8")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return version(f"{name}-cpu")


def _row(result: Result) -> dict[str, Any]:
    low, high = result.share.interval
    return {
        "on": result.what,
        "right": result.share.hits,
        "n": result.share.n,
        "accuracy": round(result.share.value, 4),
        "interval": [round(low, 4), round(high, 4)],
        "per_class": {name: [each.hits, each.n] for name, each in result.per_class.items()},
    }


def page(card: Mapping[str, Any]) -> str:
    """Return ``card.md`` for a ``card.json``."""
    training = card["training"]
    return PAGE.format(
        **{key: card[key] for key in ("variant", "size_bytes", "file", "sha256", "again")},
        labels=" | ".join(card["labels"]),
        rows="\n".join(_table_row(row) for row in card["accuracy"]),
        meanings="\n".join(f"- *{name}*: {what}." for name, what in MEANING.items()),
        sources="\n".join(_source(each) for each in card["learned_from"]),
        stages=", ".join(f"{steps} at {side} px" for side, steps in training["stages"]),
        photographs=100 * training["share_of_photographs"],
        versions=", ".join(f"{name} {number}" for name, number in card["versions"].items()),
        **{key: value for key, value in training.items() if key != "stages"},
    )


def _table_row(row: Mapping[str, Any]) -> str:
    parts = [f"{100 * right / n:.1f} %" for right, n in row["per_class"].values()]
    return f"| {row['on']} | {Share(row['right'], row['n'])} | {' | '.join(parts)} |"


def _source(each: Mapping[str, Any]) -> str:
    text = f"- {each['n']} {each['what']} ({each['licence']})"
    if "origin" in each:
        text += f", {each['origin']}; {each['held_back']} more held back"
    return text + "."


PAGE = """\
# Road / Not road

A sample model: MobileNet {variant}, {size_bytes:,} bytes, two classes. It tells whether a
picture shows a road that one could drive along. It exists to show the lab at work and is not
made to steer anything.

`{file}`, SHA-256 `{sha256}`

## How often it is right

| on | right (95 % interval) | {labels} |
|---|---|---|---|
{rows}

{meanings}
- *grey* is without colour, *dark* as if exposed far too short.

Measured with the file as it ships, pictures cropped to their centre. None of *unlike* was
learned from, but the kinds of scenes that are drawn were added to after a short run's mistakes
on them had been looked at: on pictures of yet another source expect somewhat less. A few of its
"buildings" and "forests" do show a bit of street or path.

## What it learned from

{sources}

Each picture was seen in other crops, colours, light and sharpness each time: {views:,} views,
{photographs:.0f} % of them of photographs. No trained weights went in; it began at random.

## How it was trained

Steps of {batch} pictures: {stages}. AdamW, learning rate {rate:g} along a cosine, labels
smoothed, weights averaged over the last stage, seed {seed}; {minutes:.0f} minutes on two cores
that had other work too. The ranges of int8 were measured on {calibration_pictures} pictures
that it learned from.

Again: `{again}`

Versions: {versions}.
"""
