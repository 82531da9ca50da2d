"""Where a retraining gets its networks from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from engine.catalog.variants import ModelName
from engine.jobs import CancelToken, Report
from engine.models.retrained import backbone_model, build_retrained
from engine.models.store import ModelStore
from engine.models.worker import Workers
from engine.training.head import Head


class Networks(Protocol):
    """Makes the frozen part, and models out of it and a trained head."""

    def backbone(
        self, variant: str, weights: Path | None, *, report: Report, cancel: CancelToken
    ) -> Path:
        """Return a float32 ``.tflite`` from a picture to the pooled features.

        Raises:
            LabError: If the weights do not fit the variant.
            Cancelled: If it was cancelled.
        """
        ...

    def retrained(  # noqa: PLR0913 - what a model is made of is many things
        self,
        variant: str,
        weights: Path | None,
        head: Head,
        labels: Sequence[str],
        precision: str,
        calibration: Sequence[Path],
        *,
        seed: int,
        report: Report,
        cancel: CancelToken,
    ) -> Path:
        """Return a ``.tflite`` of that precision with the labels in it.

        Raises:
            LabError: If it cannot be built.
            Cancelled: If it was cancelled.
        """
        ...


class LabNetworks:
    """Networks out of the lab's own converter, kept in its store."""

    def __init__(self, store: ModelStore, workers: Workers | None = None) -> None:
        """Build into ``store``, with workers that stay warm if there are any."""
        self._store = store
        self._workers = workers

    def backbone(
        self, variant: str, weights: Path | None, *, report: Report, cancel: CancelToken
    ) -> Path:
        """See ``Networks``."""
        return backbone_model(
            variant, weights, self._store, workers=self._workers, report=report, cancel=cancel
        )

    def retrained(  # noqa: PLR0913 - see Networks
        self,
        variant: str,
        weights: Path | None,
        head: Head,
        labels: Sequence[str],
        precision: str,
        calibration: Sequence[Path],
        *,
        seed: int,
        report: Report,
        cancel: CancelToken,
    ) -> Path:
        """See ``Networks``."""
        return build_retrained(
            ModelName(variant, precision),
            weights,
            head.kernel,
            head.bias,
            labels,
            calibration=calibration,
            seed=seed,
            store=self._store,
            workers=self._workers,
            report=report,
            cancel=cancel,
        )
