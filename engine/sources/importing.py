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
from engine.models.weights import read_weights

KERAS_SUFFIXES: Final = (".h5", ".hdf5", ".keras")
_RESOLUTION: Final = re.compile(r"_(128|160|192|224)(?:_|$)")


def import_model(
    path: Path,
    labels: Sequence[str] = (),
    name: str = "",
    *,
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
        labels: One per class; kept beside the model.
        name: What to call it; the file's own name when empty.
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
    if path.suffix.lower() not in KERAS_SUFFIXES:
        return store.add(path, name=name, labels=labels, note=note)
    built = _convert(path, labels, store, report, cancel or CancelToken())
    told = replace(note or Note(source=path.name), task=inspect_model(built).task)
    return store.describe(built.parent.name, name=name or path.stem, labels=labels, note=told)


def _convert(
    path: Path, labels: Sequence[str], store: ModelStore, report: Report, cancel: CancelToken
) -> Path:
    weights = read_weights(path)
    said = _RESOLUTION.search(path.stem)  # Keras weights fit every resolution
    resolution = weights.resolution or (int(said[1]) if said else 224)
    return build_model(
        ModelName(f"v1_{weights.alpha:.2f}_{resolution}", "float32"),
        weights=path,
        labels=labels,
        store=store,
        report=report,
        cancel=cancel,
    )
