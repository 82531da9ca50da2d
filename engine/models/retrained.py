"""A backbone without its classifier, and the whole classifier again with a head of one's own."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.about import lab_version
from engine.catalog.variants import ModelName
from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.converter import (
    Taken,
    calibration_files,
    convert_and_keep,
    said_calibration,
    taken_weights,
)
from engine.models.marker import Marker
from engine.models.recipe import FEATURES, Recipe
from engine.models.store import ModelStore
from engine.models.weights import Layer
from engine.models.worker import STEP, Workers

Pictures = Sequence[Path] | NDArray[np.uint8]
"""Picture files, or pictures of shape (n, height, width, 3)."""


def backbone_model(
    variant: str,
    weights: Path | None,
    store: ModelStore,
    *,
    seed: int = 0,
    workers: Workers | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Path:
    """Return a float32 ``.tflite`` of MobileNet v1 up to its pooling, built or from the store.

    It takes one picture as every model of the lab does and gives the features that
    ``build_retrained`` puts a head on: shape (1, 1024 alpha), values 0..6. Features are not
    rounded, even where the weights come from an 8-bit file: float32 and float16 models
    see these very features, and an int8 model rounds them itself.

    Args:
        variant: ``v1_0.50_128``.
        weights: A MobileNet v1 ``.tflite`` of the same alpha; None for random weights.
        store: Where it is kept.
        seed: Of random weights.
        workers: Where TensorFlow is warm.
        report: Told of progress, under the step ``model``.
        cancel: Ends the child process at once.

    Raises:
        LabError: If the weights do not fit, or the conversion failed.
        Cancelled: If it was cancelled.
    """
    return part_model(
        variant, weights, FEATURES, store, seed=seed, workers=workers, report=report, cancel=cancel
    )


def part_model(  # noqa: PLR0913 - see backbone_model
    variant: str,
    weights: Path | None,
    part: str,
    store: ModelStore,
    *,
    seed: int,
    workers: Workers | None,
    report: Report,
    cancel: CancelToken | None,
) -> Path:
    """Return a float32 ``.tflite`` of MobileNet v1 up to a part, built or from the store.

    Args:
        variant: ``v1_0.50_128``.
        weights: A MobileNet v1 ``.tflite`` of the same alpha; None for random weights.
        part: Where it ends, see ``Recipe.part``.
        store: Where it is kept.
        seed: Of random weights.
        workers: Where TensorFlow is warm.
        report: Told of progress, under the step ``model``.
        cancel: Ends the child process at once.

    Raises:
        LabError: If the weights do not fit, or the conversion failed.
        Cancelled: If it was cancelled.
    """
    taken = taken_for_v1(ModelName(variant, "float32"), weights)
    recipe = Recipe(
        variant, "float32", taken.classes, seed, path_said(weights), taken.sha256, part=part
    )
    marker = Marker(
        variant=f"{variant}_{part}",
        precision="float32",
        untrained=taken.untrained,
        seed=seed,
        weights_sha256=taken.sha256,
        lab_version=lab_version(),
    )
    return found_or_built(recipe, marker, store, workers, report, cancel or CancelToken())


def build_retrained(  # noqa: PLR0913 - what a model is made of is many things
    name: ModelName,
    weights: Path | None,
    kernel: NDArray[np.floating[Any]],
    bias: NDArray[np.floating[Any]],
    labels: Sequence[str],
    *,
    blocks: Sequence[Layer] = (),
    calibration: Pictures = (),
    seed: int = 0,
    untrained: bool = False,
    store: ModelStore,
    workers: Workers | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Path:
    """Build MobileNet v1 with another classifier, or find it in the store.

    Args:
        name: Variant and precision.
        weights: Of the backbone, the file that ``backbone_model`` was given.
        kernel: Shape (features, classes), on the features of ``backbone_model``; a softmax
            follows.
        bias: Shape (classes,).
        labels: One per class, packed into the model.
        blocks: The last convolutions of the backbone where they were trained too, in the order
            they run.
        calibration: Pictures like those it shall see, for int8: ranges that the weights' file
            does not give are measured on them, that of the new classifier always. Without
            them, on synthetic ones, which it may well answer less firmly.
        seed: Of random weights and synthetic pictures.
        untrained: What the model is marked as; the head counts as trained.
        store: Where the model is kept.
        workers: Where TensorFlow is warm.
        report: Told of progress, under the step ``model``.
        cancel: Ends the child process at once.

    Raises:
        LabError: If the ingredients do not fit, or the conversion failed.
        Cancelled: If it was cancelled.
    """
    taken = taken_for_v1(name, weights)
    if len(labels) != bias.size:
        raise LabError(
            f"There are {len(labels)} labels for {bias.size} classes.", "Give one label per class."
        )
    with tempfile.TemporaryDirectory(prefix="mobilenet-lab-") as folder:
        head = Path(folder) / "head.npz"
        kernel, bias = np.asarray(kernel, np.float32), np.asarray(bias, np.float32)
        held, head_sha256 = _named(kernel, bias, blocks)
        try:
            np.savez(head, allow_pickle=False, **held)
        except OSError as error:
            raise LabError(
                "There is no room left to build the model.",
                "Free some space on the disk of temporary files; what was learned is kept.",
                detail=str(error),
            ) from error
        shown = calibration if name.precision == "int8" else ()
        seen, seen_digest = _shown(shown, Path(folder))
        recipe = Recipe(
            name.variant,
            name.precision,
            taken.classes,
            seed,
            path_said(weights),
            taken.sha256,
            calibration=seen,
            calibration_sha256=seen_digest,
            head=str(head),
            head_sha256=head_sha256,
        )
        marker = Marker(
            variant=name.variant,
            precision=name.precision,
            untrained=untrained,
            seed=seed,
            weights_sha256=taken.sha256,
            calibration=said_calibration(name.precision, len(calibration)),
            labels=tuple(labels),
            lab_version=lab_version(),
        )
        return found_or_built(recipe, marker, store, workers, report, cancel or CancelToken())


def _named(
    kernel: NDArray[np.float32], bias: NDArray[np.float32], blocks: Sequence[Layer]
) -> tuple[dict[str, NDArray[np.float32]], str]:
    """Return the arrays as ``folded_conversion.read_head`` wants them, and their digest."""
    held = {"kernel": kernel, "bias": bias}
    for number, (block, its_bias) in enumerate(blocks):
        held[f"kernel_{number:02}"], held[f"bias_{number:02}"] = block, its_bias
    digest = hashlib.sha256()
    for each in held.values():
        digest.update(np.ascontiguousarray(each).tobytes())
    return held, digest.hexdigest()


def found_or_built(
    recipe: Recipe,
    marker: Marker,
    store: ModelStore,
    workers: Workers | None,
    report: Report,
    cancel: CancelToken,
) -> Path:
    """Return the model of a recipe, converted if it is not in the store.

    Raises:
        LabError: If the conversion failed.
        Cancelled: If it was cancelled.
    """
    kept = store.path_of(recipe.key(marker.labels))
    if kept is not None:
        report(Progress(STEP, 1.0, "already built"))
        return kept
    return convert_and_keep(recipe, marker, store, workers, report, cancel)


def taken_for_v1(name: ModelName, weights: Path | None) -> Taken:
    """Say what weights a backbone is built with.

    Raises:
        LabError: If it is no MobileNet v1, or the weights do not fit it.
    """
    if not name.variant.startswith("v1_"):
        raise LabError(
            f"{name.variant} cannot be retrained.", "Choose one of the MobileNet v1 variants."
        )
    return taken_weights(name, weights)


def path_said(weights: Path | None) -> str:
    """Return a file of weights as a recipe names it."""
    return str(weights.resolve()) if weights is not None else ""


def _shown(pictures: Pictures, folder: Path) -> tuple[tuple[str, ...], str]:
    if not isinstance(pictures, np.ndarray):
        return calibration_files(pictures)
    held = folder / "pictures.npy"
    np.save(held, pictures)
    digest = hashlib.sha256(str(pictures.shape).encode() + pictures.tobytes()).hexdigest()
    return (str(held),), digest
