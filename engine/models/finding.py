"""Finds the model that a person means: a file, a name of the store, the sample, or a variant."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.catalog.variants import BASELINES, PRECISIONS, ModelName, variant_names
from engine.errors import LabError
from engine.models.store import ModelStore
from engine.paths import ASSETS

SUFFIX: Final = ".tflite"


@dataclass(frozen=True, slots=True)
class Found:
    """A model that is there.

    Attributes:
        path: The ``.tflite``.
        name: What it is called; empty where the file's own name will do.
        labels: A file beside it, or None.
    """

    path: Path
    name: str = ""
    labels: Path | None = None


def samples() -> tuple[Found, ...]:
    """Return the trained models that ship with the lab."""
    found = []
    for path in sorted((ASSETS / "sample").glob(f"*{SUFFIX}")):
        labels = path.with_name("labels.txt")
        found.append(Found(path, path.stem, labels if labels.is_file() else None))
    return tuple(found)


def find_model(wanted: str, store: ModelStore) -> Found | ModelName:
    """Return the model that is meant, or the name of one that must be built first.

    In this order: a file; a variant or baseline with its precision, which is what the lab itself
    builds under that name; a name or the beginning of a key in the store; a sample.

    Args:
        wanted: As a person types it.
        store: Where fetched, imported, built and trained models are.

    Raises:
        LabError: It is none of these; near names are named, and where it can be fetched.
    """
    path = Path(wanted)
    if path.suffix == SUFFIX or path.is_file():
        return Found(path)
    try:
        return ModelName.parse(wanted)
    except LabError as error:
        not_a_variant = error
    names = [model.name for model in store.list()]
    shipped = {sample.name: sample for sample in samples()}
    try:
        kept = store.find(wanted)
        return Found(kept.path, kept.name, kept.labels)
    except LabError:
        if wanted in names:  # several have that name: the error says how to tell them apart
            raise
    if wanted in shipped:
        return shipped[wanted]
    raise _unknown(wanted, (*names, *shipped), not_a_variant)


def _unknown(wanted: str, here: tuple[str, ...], not_a_variant: LabError) -> LabError:
    from engine.sources.official import OfficialModels

    official = [model.name for model in OfficialModels.load().models]
    if wanted in official:
        return LabError(
            f"{wanted} is not on this computer.", f"Fetch it first: model fetch {wanted}"
        )
    if wanted in (*variant_names(), *BASELINES):
        return not_a_variant  # it says that the precision is missing
    built = [f"{name}-{each}" for name in (*variant_names(), *BASELINES) for each in PRECISIONS]
    near = difflib.get_close_matches(wanted, dict.fromkeys([*here, *built, *official]), 3, 0.6)
    if wanted.partition("-")[2] in PRECISIONS:  # a variant was meant
        return not_a_variant
    advice = (
        f"Did you mean {' or '.join(near)}?" if near else "Command model list names those here."
    )
    return LabError(f"There is no model {wanted!r}.", advice)
