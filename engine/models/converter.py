"""Builds models as ``.tflite``: in child processes, once for the same ingredients."""

import hashlib
import itertools
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict, Unpack

from engine.about import lab_version
from engine.catalog.variants import DETECTORS, ModelName
from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.inspector import check_runnable, inspect_bytes, read_model
from engine.models.marker import Marker, add_marker
from engine.models.pictures import find_pictures
from engine.models.recipe import Recipe
from engine.models.store import ModelStore, Note
from engine.models.weights import check_width, is_keras_file, read_weights
from engine.models.worker import STEP, Workers

MAX_CALIBRATION_PICTURES: Final = 200

_MAX_CLASSES: Final = 50_000
_NAMED: Final = 4
"""Classes that a retrained model is named after."""


class Ingredients(TypedDict, total=False):
    """What several models can have in common: see ``build_model``."""

    classes: int | None
    seed: int
    weights: Path | None
    labels: Sequence[str]
    calibration: Path | None


def build_model(  # noqa: PLR0913 - what a model is made of is many things
    name: ModelName,
    *,
    classes: int | None = None,
    seed: int = 0,
    weights: Path | None = None,
    labels: Sequence[str] = (),
    calibration: Path | None = None,
    store: ModelStore,
    workers: Workers | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Path:
    """Build a model, or find it in the store.

    Args:
        name: Variant and precision.
        classes: Outputs, by default 1000, of a detector 90; a ``.tflite`` of weights decides
            itself.
        seed: Of the random weights.
        weights: A file whose weights to use: of MobileNet v1 a ``.tflite`` of the same alpha,
            float or 8-bit; of any network a Keras file, ``.h5`` or ``.keras``. Without it they
            are random and the model is marked untrained.
        labels: One per class, packed into the model; without them those of ``weights``, if any.
        calibration: A folder of pictures that int8 ranges are measured on. Without it
            synthetic pictures are used.
        store: Where the model is kept.
        workers: Where TensorFlow is warm; without them it is started for this model alone.
        report: Told of progress, under the step ``model``.
        cancel: Ends the child process at once.

    Returns:
        The path of the ``.tflite`` in the store.

    Raises:
        LabError: If the ingredients do not fit, or the conversion failed.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    taken = taken_weights(name, weights, classes)
    classes, labels = taken.classes, labels or taken.labels
    if not 2 <= classes <= _MAX_CLASSES:
        raise LabError(f"A classifier cannot have {classes} classes.", "Choose at least 2.")
    if labels and len(labels) != classes:
        raise LabError(
            f"There are {len(labels)} labels for {classes} classes.",
            "Give one label per class.",
        )
    pictures, digest = _calibration(calibration) if name.precision == "int8" else ((), "")
    recipe = Recipe(
        name.variant,
        name.precision,
        classes,
        seed,
        str(weights.resolve()) if weights else "",
        taken.sha256,
        pictures,
        digest,
    )
    key = recipe.key(labels)
    kept = store.path_of(key)
    if kept is not None:
        report(Progress(STEP, 1.0, "already built"))
        return kept
    marker = Marker(
        variant=name.variant,
        precision=name.precision,
        untrained=taken.untrained,
        seed=seed,
        weights_sha256=recipe.weights_sha256,
        calibration=said_calibration(name.precision, len(pictures)),
        labels=tuple(labels),
        lab_version=lab_version(),
    )
    return convert_and_keep(recipe, marker, store, workers, report, cancel)


@dataclass(frozen=True, slots=True)
class Taken:
    """What is known of a file of weights before it is converted, or of random ones.

    Attributes:
        classes: Outputs of the classifier.
        sha256: Of the file; empty for random weights.
        untrained: Whether they are random.
        labels: One per class if the file carries them, else none.
    """

    classes: int
    sha256: str = ""
    untrained: bool = True
    labels: tuple[str, ...] = ()


def taken_weights(name: ModelName, path: Path | None, classes: int | None = None) -> Taken:
    """Say what weights a model is to be built with.

    Args:
        name: Variant and precision.
        path: See ``build_model``.
        classes: Of random weights and of a Keras file; None for as many as published.

    Raises:
        LabError: If the file cannot be read or is for another variant.
    """
    classes = classes or (90 if name.variant in DETECTORS else 1000)
    if path is None:
        return Taken(classes)
    if is_keras_file(path):
        return Taken(classes, hashlib.sha256(read_model(path)).hexdigest(), untrained=False)
    if not name.variant.startswith("v1_"):
        raise LabError(
            f"Weights of {name.variant} cannot be taken out of {path.name}.",
            "Choose a Keras file of that network; a .tflite serves MobileNet v1.",
        )
    taken = read_weights(path)
    check_width(taken, path, name.variant, name.alpha)
    return Taken(taken.classes, taken.sha256, taken.untrained, taken.labels)


def build_models(
    names: Sequence[ModelName],
    *,
    store: ModelStore,
    workers: Workers | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
    **ingredients: Unpack[Ingredients],
) -> dict[ModelName, Path]:
    """Build several models, as many at once as there are workers; see ``build_model``.

    Args:
        names: What to build; precisions of one variant share their graph.
        store: Where the models are kept.
        workers: Where TensorFlow is warm; without them some are started for this call.
        report: Told of progress of all, under the step ``model``.
        cancel: Ends the child processes at once.
        **ingredients: Alike for all models, as for ``build_model``.

    Raises:
        LabError: If one of them cannot be built: the first that failed is told, and what was
            built before is kept.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    alike = itertools.groupby(dict.fromkeys(names), key=lambda name: name.variant)
    groups = [list(group) for _, group in alike]
    built: dict[ModelName, Path] = {}
    told = _Together(len(set(names)), report)
    stop = CancelToken()

    with ExitStack() as held:
        if workers is None:
            workers = held.enter_context(Workers())
        held.enter_context(cancel.closing(stop.cancel))

        def build(group: list[ModelName]) -> None:
            for name in group:
                built[name] = build_model(
                    name, store=store, workers=workers, report=told.of(name), cancel=stop,
                    **ingredients,
                )  # fmt: skip

        pool = held.enter_context(ThreadPoolExecutor(workers.count, "model"))
        futures = [pool.submit(build, group) for group in groups]
        try:
            for future in as_completed(futures):
                future.result()
        except LabError:
            stop.cancel()  # the others' work is for nothing now
            raise
        finally:
            for future in futures:
                future.cancel()
    return built


class _Together:
    """Adds up the progress of several models."""

    def __init__(self, count: int, report: Report) -> None:
        self._fractions: dict[ModelName, float] = {}
        self._count = count
        self._report = report
        self._lock = threading.Lock()

    def of(self, name: ModelName) -> Report:
        """Return what one model is to report to."""

        def told(progress: Progress) -> None:
            with self._lock:
                self._fractions[name] = progress.fraction or 0.0
                total = sum(self._fractions.values()) / self._count
                self._report(Progress(STEP, total, f"{name}: {progress.detail}"))

        return told


def convert_and_keep(
    recipe: Recipe,
    marker: Marker,
    store: ModelStore,
    workers: Workers | None,
    report: Report,
    cancel: CancelToken,
) -> Path:
    """Convert a recipe that is not in the store yet, mark it and keep it.

    Raises:
        LabError: If the conversion failed.
        Cancelled: If it was cancelled.
    """
    with ExitStack() as held:
        warm = workers if workers is not None else held.enter_context(Workers(1))
        data = add_marker(warm.convert(recipe, report, cancel), marker)
    check_runnable(inspect_bytes(data))
    cancel.check()
    path = store.put(
        recipe.key(marker.labels), data, name=_stored_name(recipe, marker), note=_note(recipe)
    )
    report(Progress(STEP, 1.0, f"{len(data) / 1e6:.1f} MB"))
    return path


def _stored_name(recipe: Recipe, marker: Marker) -> str:
    """Return a name that tells a model with trained weights from the untrained variant."""
    name = f"{marker.variant}-{marker.precision}"
    if recipe.head:
        labels = marker.labels
        return (
            f"{name}-{'-'.join(labels)[:60] if len(labels) <= _NAMED else f'{len(labels)}-classes'}"
        )
    return f"{name}-of-{Path(recipe.weights).stem}" if recipe.weights else name


def _note(recipe: Recipe) -> Note:
    """Say where a built model's weights are from."""
    file = f"weights of {Path(recipe.weights).name}" if recipe.weights else ""
    if recipe.head:
        return Note(source=f"retrained from {file or 'random weights'}")
    return Note(source=file)


def _calibration(folder: Path | None) -> tuple[tuple[str, ...], str]:
    """List pictures of a folder, at most ``MAX_CALIBRATION_PICTURES``, and their digest."""
    if folder is None:
        return (), ""
    try:
        files = find_pictures(folder)
    except OSError as error:
        raise LabError(f"The pictures in {folder} cannot be read.", detail=str(error)) from error
    if not files:
        raise LabError(
            f"There are no pictures in {folder}.",
            "Choose a folder with JPEG or PNG pictures to calibrate with.",
        )
    step = max(1, len(files) // MAX_CALIBRATION_PICTURES)
    return calibration_files(files[::step][:MAX_CALIBRATION_PICTURES])


def calibration_files(files: Sequence[Path]) -> tuple[tuple[str, ...], str]:
    """Return pictures as a recipe names them, and the digest of their contents in order.

    Raises:
        LabError: One of them cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for file in files:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    except OSError as error:
        raise LabError(f"The picture {file} cannot be read.", detail=str(error)) from error
    return tuple(str(file.resolve()) for file in files), digest.hexdigest() if files else ""


def said_calibration(precision: str, pictures: int) -> str:
    """Return what the marker says of where the ranges come from."""
    if precision != "int8":
        return ""
    return f"{pictures} pictures" if pictures else "synthetic"
