"""Asks the child process to train the last blocks of a backbone further."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.catalog.variants import ModelName
from engine.errors import LabError
from engine.files import is_no_room
from engine.jobs import CancelToken, Report, ignore_progress
from engine.models.retrained import part_model, path_said, taken_for_v1
from engine.models.store import ModelStore
from engine.models.tune_order import TuneOrder, cut_name
from engine.models.weights import Layer
from engine.models.worker import Workers

Floats = NDArray[np.float32]

MOST_BLOCKS: Final = 6
"""More are hardly ever better with a folder of one's own pictures, and take much longer."""


@dataclass(frozen=True, slots=True)
class Maps:
    """What the blocks that stay as they are make of pictures.

    Attributes:
        path: A ``.npy``, float16, shape (n, rows, columns, channels): after ``cut_name``.
        labels: Shape (n,), class indices.
        train: Indices of the rows that are learned from.
        validation: Of the rows that decide which pass is used.
        class_weights: One per class.
    """

    path: Path
    labels: NDArray[np.intp]
    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    class_weights: NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """How the last blocks are trained.

    Attributes:
        blocks: How many of the last depthwise-separable blocks; 0 for none.
        epochs: Passes over the training pictures, at most.
        patience: Passes without a better validation before training stops.
        learning_rate: Of Adam after the first pass; it falls to nothing by the last.
        batch: Pictures of one step.
    """

    blocks: int = 0
    epochs: int = 12
    patience: int = 4
    learning_rate: float = 3e-4
    batch: int = 32

    def __post_init__(self) -> None:
        """Reject what cannot be trained with."""
        if not 0 <= self.blocks <= MOST_BLOCKS:
            raise LabError(
                f"The last {self.blocks} blocks cannot be trained.",
                f"Choose 1 to {MOST_BLOCKS}, or 0 for none.",
            )
        if min(self.epochs, self.patience, self.batch) < 1 or not 0 < self.learning_rate < 1e6:
            raise LabError("The training options make no sense.", "Use the default ones.")


@dataclass(frozen=True, slots=True)
class TunedBlocks:
    """What came of training the last blocks.

    Attributes:
        layers: The convolutions of those blocks, in the order they run; none where no pass was
            better on validation.
        kernel: Of the head, shape (features, classes).
        bias: Of the head, shape (classes,).
        kept: The pass they are from; 0 where none was better.
        before: Scores of each map before, shape (n, classes).
        after: Scores of each map with the new layers.
    """

    layers: tuple[Layer, ...]
    kernel: Floats
    bias: Floats
    kept: int
    before: Floats
    after: Floats


def maps_model(  # noqa: PLR0913 - one option each
    variant: str,
    weights: Path | None,
    blocks: int,
    store: ModelStore,
    *,
    seed: int = 0,
    workers: Workers | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Path:
    """Return a float32 ``.tflite`` of MobileNet v1 up to its last blocks, built or from the store.

    Its output is the map in a row: shape (1, rows * columns * channels).

    Raises:
        LabError: If the weights do not fit, or the conversion failed.
        Cancelled: If it was cancelled.
    """
    return part_model(
        variant,
        weights,
        cut_name(blocks),
        store,
        seed=seed,
        workers=workers,
        report=report,
        cancel=cancel,
    )


def tune_blocks(  # noqa: PLR0913 - what it is made of is many things
    variant: str,
    weights: Path | None,
    kernel: Floats,
    bias: Floats,
    maps: Maps,
    options: TuneOptions,
    *,
    seed: int = 0,
    workers: Workers,
    report: Report = ignore_progress,
    on_epoch: Callable[[dict[str, Any]], object],
    cancel: CancelToken | None = None,
) -> TunedBlocks:
    """Train the last blocks and the head on maps; the same for the same seed.

    Args:
        variant: ``v1_0.50_128``.
        weights: The file that the backbone's weights are from; None for random ones.
        kernel: Of the head to start with, shape (features, classes).
        bias: Of the head.
        maps: What is learned from.
        options: How.
        seed: Of chance, and of random weights.
        workers: Where TensorFlow is warm.
        report: Told of progress until the first pass.
        on_epoch: Told of each pass, on this thread: see ``tuning.tune``.
        cancel: Ends the child process at once.

    Raises:
        LabError: If the ingredients do not fit, the disk is full, or the training broke.
        Cancelled: If it was cancelled.
    """
    taken = taken_for_v1(ModelName(variant, "float32"), weights)
    with tempfile.TemporaryDirectory(prefix="mobilenet-lab-") as place:
        folder = Path(place)
        head, rows, output = (folder / f"{name}.npz" for name in ("head", "rows", "output"))
        try:
            np.savez(head, kernel=kernel, bias=bias)
            np.savez(
                rows,
                labels=maps.labels.astype(np.int64),
                train=maps.train,
                validation=maps.validation,
                weights=maps.class_weights.astype(np.float32),
            )
        except OSError as error:
            raise unwritable(error) from error
        order = TuneOrder(
            variant, path_said(weights), taken.classes, seed, str(head), options.blocks,
            str(maps.path), str(rows), options.epochs, options.patience, options.learning_rate,
            options.batch, str(output),
        )  # fmt: skip
        workers.tune(order, report, on_epoch, cancel or CancelToken())
        return _read(output, options.blocks, kernel, bias)


def unwritable(error: OSError) -> LabError:
    """Return the sentence for temporary files that cannot be written."""
    if is_no_room(error):
        return LabError(
            "There is no room left for what the second stage learns from.",
            "Free some space on the disk of temporary files; what was learned before is kept.",
            detail=str(error),
        )
    return LabError(
        "What the second stage learns from cannot be written.",
        "Make the folder of temporary files writable.",
        detail=str(error),
    )


def _read(path: Path, blocks: int, kernel: Floats, bias: Floats) -> TunedBlocks:
    with np.load(path, allow_pickle=False) as held:
        layers: list[Layer] = []
        if held["kept"]:
            names = [f"layer_{number:02}" for number in range(2 * blocks)]
            layers = [(held[f"{name}_kernel"], held[f"{name}_bias"]) for name in names]
            kernel = held[f"layer_{2 * blocks:02}_kernel"].reshape(kernel.shape)
            bias = held[f"layer_{2 * blocks:02}_bias"]
        return TunedBlocks(
            tuple(layers), kernel, bias, int(held["kept"]), held["before"], held["after"]
        )
