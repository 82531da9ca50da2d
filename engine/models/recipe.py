"""All that a built model is made of, and the key it is found again by."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

CONVERTER_VERSION: Final = 3
"""Counted up when the same ingredients shall give another file."""

TENSORFLOW_PIN: Final = "2.21.0"
"""As in ``pyproject.toml``: another TensorFlow gives other files."""

CLASSIFIER: Final = "classifier"
FEATURES: Final = "features"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the child process is given.

    Attributes:
        variant: ``v1_0.50_128``.
        precision: ``float32``, ``float16`` or ``int8``.
        classes: Outputs of the classifier, before ``head`` replaces it.
        seed: Of random weights and of synthetic calibration pictures.
        weights: A file to take weights from; empty for random ones.
        weights_sha256: Of that file.
        calibration: Pictures to calibrate int8 with; none for synthetic ones.
        calibration_sha256: Of their contents, in order.
        head: A ``.npz`` with the kernel and the bias of another classifier, and perhaps with
            those of the last convolutions before it; or empty.
        head_sha256: Of what it holds.
        part: ``classifier``; ``features``: up to the pooling; or the name of the layer that is
            the last one.
    """

    variant: str
    precision: str
    classes: int
    seed: int
    weights: str = ""
    weights_sha256: str = ""
    calibration: tuple[str, ...] = ()
    calibration_sha256: str = ""
    head: str = ""
    head_sha256: str = ""
    part: str = CLASSIFIER

    @property
    def alpha(self) -> float:
        """Width multiplier."""
        return float(self.variant.split("_")[-2])

    @property
    def resolution(self) -> int:
        """Input side in pixels."""
        return int(self.variant.split("_")[-1])

    def key(self, labels: Sequence[str]) -> str:
        """Return the key of the model in the store: paths do not count, contents do."""
        parts = asdict(self) | {
            "weights": "",
            "calibration": (),
            "head": "",
            "labels": list(labels),
            "converter": CONVERTER_VERSION,
            "tensorflow": TENSORFLOW_PIN,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def graph_key(self) -> tuple[object, ...]:
        """Return what two recipes share that can be converted from the same float graph."""
        return (
            self.variant, self.classes, self.seed, self.weights, self.weights_sha256,
            self.head_sha256, self.part,
        )  # fmt: skip

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Recipe":
        """Read what ``dataclasses.asdict`` wrote."""
        return cls(**fields | {"calibration": tuple(fields.get("calibration", ()))})
