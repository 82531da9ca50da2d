"""Takes in a model file from anywhere: a ``.tflite``, or a Keras file of a MobileNet."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.catalog.variants import ModelName
from engine.errors import LabError
from engine.jobs import CancelToken, Report, ignore_progress
from engine.models.converter import build_model
from engine.models.inspector import inspect_model
from engine.models.store import ModelStore, Note, StoredModel
from engine.models.weights import is_keras_file

_VARIANT: Final = re.compile(
    r"v1_\d\.\d\d_\d+|v2_\d\.\d\d_\d+|v3_[a-z]+_\d\.\d\d_\d+|inception_v1_\d+|ssd_[a-z]+_v\d_\d+"
)


def import_model(  # noqa: PLR0913 - what is told of a file
    path: Path,
    labels: Sequence[str] = (),
    name: str = "",
    *,
    variant: str = "",
    store: ModelStore,
    note: Note | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> StoredModel:
    """Keep a model file and return where.

    A Keras file (``.h5``, ``.keras``) becomes a float32 ``.tflite``, which loses none of its
    weights: batch norm is folded, nothing is rounded to fewer bits.

    Args:
        path: The file; it stays as it is.
        labels: One per class; kept beside the model. Without them a Keras file is taken to have
            ImageNet's 1000 classes.
        name: What to call it; the file's own name when empty.
        variant: Which network a Keras file holds the weights of, ``v1_0.50_128``; when empty it
            is looked for in ``name`` and in the file's name.
        store: Where it is kept.
        note: Where it comes from; the file's name by default.
        report: Told of a Keras file's conversion.
        cancel: Stops the conversion.

    Raises:
        LabError: If it is no such file, is damaged, or the labels are not its own.
        Cancelled: If it was cancelled.
    """
    if path.is_dir():
        raise LabError(f"{path} is a folder.", "Choose a .tflite file or an offline pack.")
    if not is_keras_file(path):
        return store.add(path, name=name, labels=labels, note=note)
    built = build_model(
        ModelName(variant or _variant_in(name, path), "float32"),
        weights=path,
        classes=len(labels) or None,
        labels=labels,
        store=store,
        report=report,
        cancel=cancel,
    )
    told = replace(note or Note(source=path.name), task=inspect_model(built).task)
    return store.describe(built.parent.name, name=name or path.stem, labels=labels, note=told)


def network_in(text: str) -> str:
    """Return the variant or baseline that a name speaks of; empty if it speaks of none."""
    found = _VARIANT.search(text.lower())
    return found[0] if found else ""


def _variant_in(name: str, path: Path) -> str:
    for text in (name, path.stem):
        if found := network_in(text):
            return found
    raise LabError(
        f"{path.name} does not say which network its weights are for.",
        "Name it with --variant v1_0.50_128, or in the window choose that network first.",
    )
