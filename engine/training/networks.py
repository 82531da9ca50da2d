"""Where a retraining gets its networks from."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from engine.catalog.variants import ModelName
from engine.jobs import CancelToken, Report
from engine.models.retrained import backbone_model, build_retrained
from engine.models.store import ModelStore
from engine.models.tuned import Maps, TunedBlocks, TuneOptions, maps_model, tune_blocks
from engine.models.weights import Layer
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

    def maps(
        self,
        variant: str,
        weights: Path | None,
        blocks: int,
        *,
        report: Report,
        cancel: CancelToken,
    ) -> Path:
        """Return a float32 ``.tflite`` from a picture to what goes into the last blocks.

        Raises:
            LabError: If the weights do not fit the variant.
            Cancelled: If it was cancelled.
        """
        ...

    def tuned(  # noqa: PLR0913 - what is trained is many things
        self,
        variant: str,
        weights: Path | None,
        head: Head,
        maps: Maps,
        options: TuneOptions,
        *,
        seed: int,
        report: Report,
        on_epoch: Callable[[dict[str, Any]], object],
        cancel: CancelToken,
    ) -> TunedBlocks:
        """Train the last blocks and the head.

        Raises:
            LabError: If it cannot be done.
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
        blocks: Sequence[Layer],
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

    def maps(
        self,
        variant: str,
        weights: Path | None,
        blocks: int,
        *,
        report: Report,
        cancel: CancelToken,
    ) -> Path:
        """See ``Networks``."""
        return maps_model(
            variant,
            weights,
            blocks,
            self._store,
            workers=self._workers,
            report=report,
            cancel=cancel,
        )

    def tuned(  # noqa: PLR0913 - see Networks
        self,
        variant: str,
        weights: Path | None,
        head: Head,
        maps: Maps,
        options: TuneOptions,
        *,
        seed: int,
        report: Report,
        on_epoch: Callable[[dict[str, Any]], object],
        cancel: CancelToken,
    ) -> TunedBlocks:
        """See ``Networks``."""
        with ExitStack() as held:
            return tune_blocks(
                variant,
                weights,
                head.kernel,
                head.bias,
                maps,
                options,
                seed=seed,
                workers=self._workers or held.enter_context(Workers(1)),
                report=report,
                on_epoch=on_epoch,
                cancel=cancel,
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
        blocks: Sequence[Layer],
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
            blocks=blocks,
            calibration=calibration,
            seed=seed,
            store=self._store,
            workers=self._workers,
            report=report,
            cancel=cancel,
        )
