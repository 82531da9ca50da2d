"""What the controller's jobs do, each on a thread of its own; heavy imports happen here."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report
from gui.variant_rows import VariantRow

if TYPE_CHECKING:
    from engine.deploy import Payload
    from engine.models.inspector import ModelFacts
    from engine.models.worker import Workers
    from engine.records.values import RunRecord

logger = logging.getLogger(__name__)


def look_into(path: Path, labels: Path | None) -> "tuple[ModelFacts, tuple[str, ...]]":
    """Return what a model file is and its labels, from a file or packed in the model.

    Raises:
        LabError: It is no model that can run, or the labels cannot be read.
    """
    from engine.models.inspector import check_runnable, inspect_model
    from engine.models.labels import read_labels

    facts = inspect_model(path)
    check_runnable(facts)
    return facts, read_labels(labels) if labels is not None else facts.labels


def read_sizes() -> dict[str, int]:
    """Return the size of each variant that was built already, by the built model's name."""
    from engine.models.store import ModelStore
    from gui.catalog_rows import built_sizes

    return built_sizes(ModelStore().list())


def write_record(record: "RunRecord", path: Path) -> Path:
    """Write a run as ``run.json`` and return where."""
    from engine.records.export import write_run

    write_run(record, path)
    return path


def read_catalog() -> list[VariantRow]:
    """Return the rows of all variants."""
    from engine.catalog.variants import Catalog
    from gui.catalog_rows import catalog_rows

    return catalog_rows(Catalog.load())


def build_payload(
    row: VariantRow, precision: str, workers: "Workers", report: Report, cancel: CancelToken
) -> "Payload":
    """Build a variant where TensorFlow is warm, or find it built; the step is ``build``."""
    from engine.catalog.variants import ModelName
    from engine.deploy import Payload
    from engine.models.converter import build_model
    from engine.models.inspector import inspect_model
    from engine.models.store import ModelStore

    def as_build(progress: Progress) -> None:
        report(Progress("build", progress.fraction, f"model: {progress.detail}"))

    name = ModelName(row.name, precision)
    model = build_model(name, store=ModelStore(), workers=workers, report=as_build, cancel=cancel)
    facts = inspect_model(model)
    return Payload(model, facts.labels, str(name), facts.untrained)


def in_background(work: Callable[[], object]) -> None:
    """Do it on a thread of its own; nobody waits."""
    threading.Thread(target=quietly, args=(work,), daemon=True).start()


def quietly(work: Callable[[], object]) -> None:
    """Do it; what goes wrong is only logged: it is being closed anyway."""
    try:
        work()
    except LabError as error:
        logger.info("while closing: %s %s", error, error.detail)
