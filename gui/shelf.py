"""What can be deployed: the catalog's variants and the person's own models."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.job_table import JobTable
from gui.variant_rows import VariantRow
from gui.work import build_payload, look_into, read_catalog, read_sizes

if TYPE_CHECKING:
    from engine.deploy import Payload
    from engine.models.inspector import ModelFacts
    from engine.models.worker import Workers


class OwnModel(NamedTuple):
    """A model of the person's own: what it is, and its labels."""

    facts: "ModelFacts"
    labels: tuple[str, ...]


class Shelf(QObject):
    """Reads models on jobs' threads; every signal is emitted on the GUI thread.

    Attributes:
        built: Bytes of what was built already, by the built model's name.
    """

    catalog_read = Signal(object)  # list of VariantRow
    sizes_read = Signal(object)  # dict: built model -> bytes
    model_opened = Signal(object, object)  # VariantRow, labels
    model_refused = Signal(str)

    def __init__(self, jobs: JobTable, parent: QObject | None = None) -> None:
        """Start empty; ``read`` fills it."""
        super().__init__(parent)
        self._jobs = jobs
        self._own: dict[Path, OwnModel] = {}
        self._workers: Workers | None = None
        self._making = threading.Lock()
        self.built: dict[str, int] = {}

    def read(self) -> None:
        """Read the catalog, then which of its variants were built already."""

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self.catalog_read.emit(ended.result)
                self.read_sizes()
            elif ended.outcome is Outcome.FAILED:
                self.model_refused.emit(ended.message)

        self._jobs.run("catalog", lambda _report, _cancel: read_catalog(), done)

    def read_sizes(self) -> None:
        """Look up which variants were built already, and how large they are."""

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self.built = ended.result
                self.sizes_read.emit(ended.result)

        self._jobs.run("sizes", lambda _report, _cancel: read_sizes(), done)

    def open_model(self, path: Path, labels: Path | None = None) -> None:
        """Look into a model of the person's own, with labels of its own or from a file."""

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.FAILED:
                self.model_refused.emit(f"{path.name}: {ended.message}")
            elif ended.outcome is Outcome.COMPLETED:
                from gui.catalog_rows import own_row

                facts, names = ended.result
                self._own[facts.path] = OwnModel(facts, names)
                self.model_opened.emit(own_row(facts), names)

        self._jobs.run("open", lambda _report, _cancel: look_into(path, labels), done)

    def own_models(self) -> dict[str, OwnModel]:
        """Return the person's own models by the names of their rows."""
        return {path.stem: own for path, own in self._own.items()}

    def payload(
        self, row: VariantRow, precision: str, report: Report, cancel: CancelToken
    ) -> "Payload":
        """Return what a row is made of, building it if need be; for a job's thread.

        Raises:
            LabError: It cannot be built.
            Cancelled: ``cancel`` was cancelled.
        """
        from engine.deploy import Payload

        own = self._own.get(row.path) if row.path is not None else None
        if own is None or row.path is None:
            return build_payload(row, precision, self.workers(), report, cancel)
        facts, labels = own
        return Payload(row.path, labels, row.name, facts.untrained)

    def workers(self) -> "Workers":
        """Return where TensorFlow stays warm for all that is built; for a job's thread."""
        from engine.models.worker import Workers

        with self._making:
            if self._workers is None:
                self._workers = Workers()
            return self._workers

    def close(self) -> None:
        """End the children that hold TensorFlow."""
        if self._workers is not None:
            self._workers.close()
