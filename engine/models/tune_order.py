"""What the child process is given to train the last blocks of a MobileNet v1 further."""

from dataclasses import dataclass
from typing import Any, Final

BLOCKS: Final = 13
"""Depthwise-separable blocks of MobileNet v1."""
_HALVING: Final = (2, 4, 6, 12)
"""Those that halve rows and columns, as the first convolution does."""


@dataclass(frozen=True, slots=True)
class TuneOrder:
    """What the child process is given; all paths are files of this computer.

    Attributes:
        variant: ``v1_0.50_128``.
        weights: The file that the backbone's weights are from; empty for random ones.
        classes: Of that file's classifier.
        seed: Of random weights and of the order of the pictures.
        head: A ``.npz`` with the kernel and the bias that training starts with.
        blocks: How many of the last depthwise-separable blocks are trained.
        maps: A ``.npy``, float16, shape (n, rows, columns, channels).
        rows: A ``.npz``: ``labels`` (n,), ``train`` and ``validation`` (indices into the maps),
            ``weights`` (one per class).
        epochs: Passes over the training rows, at most.
        patience: Passes without a better validation before training stops.
        learning_rate: Of the first passes; it falls to nothing by the last.
        batch: Rows of one step.
        output: The ``.npz`` that what was learned is written to.
    """

    variant: str
    weights: str
    classes: int
    seed: int
    head: str
    blocks: int
    maps: str
    rows: str
    epochs: int
    patience: int
    learning_rate: float
    batch: int
    output: str

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "TuneOrder":
        """Read what ``dataclasses.asdict`` wrote."""
        return cls(**fields)


def cut_name(blocks: int) -> str:
    """Return the layer whose result goes into the last ``blocks`` blocks."""
    return f"conv_pw_{BLOCKS - blocks}_relu"


def map_side(blocks: int, side: int) -> int:
    """Return rows and columns of what goes into the last ``blocks`` blocks.

    Args:
        blocks: How many are trained.
        side: Of the picture, a multiple of 32.
    """
    return side >> 1 + sum(block <= BLOCKS - blocks for block in _HALVING)
