"""What the Models view's jobs do, each on a thread of its own; heavy imports happen here."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.jobs import CancelToken, Progress, Report
from gui.models.accuracy_page import Tried
from gui.models.difference_page import Compared
from gui.models.lines import Line, lines_of

if TYPE_CHECKING:
    from engine.accuracy.evaluation import Evaluation
    from engine.catalog.variants import Catalog
    from engine.model_table import Kept, TableReader
    from engine.models.store import ModelStore
    from engine.models.worker import Workers
    from engine.records.database import Database
    from engine.sources.official import OfficialModels

KINDS = {"float": "float", "quant": "8-bit", "keras": "Keras, float"}
UNTRAINED = "This model's weights are random: its answers mean nothing."


class Published(NamedTuple):
    """Trained weights that are published: whose, of which kind, from when, under what licence."""

    network: str
    kind: str
    date: str
    licence: str


class Read(NamedTuple):
    """What the view shows: the lines, where figures are from, what can be fetched."""

    lines: list[Line]
    catalog: "Catalog"
    published: tuple[Published, ...]


class Engine:
    """The engine's side of the view. Each method is called on a job's thread."""

    def __init__(self, records: "Callable[[], Database]", workers: "Callable[[], Workers]") -> None:
        """Start nothing yet.

        Args:
            records: Where judgements are kept.
            workers: Where TensorFlow is warm.
        """
        self._records, self._workers = records, workers
        self._reader: TableReader | None = None
        self._official: OfficialModels | None = None

    def read(self) -> Read:
        """Return all lines as they are now.

        Raises:
            LabError: The models or the records cannot be read.
        """
        from engine.model_table import TableReader

        if self._reader is None:
            self._reader = TableReader(_store())
        table = self._reader.read(self._records().judged())
        published = tuple(
            Published(*model.name.rsplit("-", 1), model.place.date, model.place.licence)
            for model in self._known().models
        )
        return Read(lines_of(table), table.catalog, published)

    def build(
        self,
        names: Sequence[tuple[str, str]],
        origin: "Kept | None",
        report: Report,
        cancel: CancelToken,
    ) -> tuple[str, ...]:
        """Build models, ``(network, precision)`` each; return their ids.

        Args:
            names: What to build.
            origin: Whose weights and labels they get; None for random weights.
            report: Told of progress.
            cancel: Ends it at once.

        Raises:
            LabError: One cannot be built.
            Cancelled: ``cancel`` was cancelled.
        """
        from engine.catalog.variants import ModelName
        from engine.models.converter import build_models

        built = build_models(
            [ModelName(*name) for name in names],
            weights=origin.path if origin is not None else None,
            labels=_labels(origin) if origin is not None else (),
            store=_store(),
            workers=self._workers(),
            report=report,
            cancel=cancel,
        )
        return tuple(path.parent.name for path in built.values())

    def fetch(self, names: Sequence[str], report: Report, cancel: CancelToken) -> tuple[str, ...]:
        """Fetch published models one after the other; return their ids.

        Raises:
            LabError: One cannot be had; those before it are kept.
            Cancelled: ``cancel`` was cancelled; what came is kept for the next time.
        """
        from engine.sources.official import fetch

        official = self._known()
        kept = []
        chosen = official.choose(names)
        for number, model in enumerate(chosen):

            def told(progress: Progress, number: int = number, name: str = model.name) -> None:
                share = (number + (progress.fraction or 0.0)) / len(chosen)
                report(Progress("fetch", share, f"{name}: {progress.detail or progress.step}"))

            fetched = fetch(
                model, store=_store(), network=official.network, report=told, cancel=cancel
            )
            kept.append(fetched.key)
        return tuple(kept)

    def take_in(
        self, path: Path, network: str, report: Report, cancel: CancelToken
    ) -> tuple[str, ...]:
        """Keep a model file or all models of a pack; return their ids.

        Args:
            path: A ``.tflite``, a Keras file, or an offline pack.
            network: Whose weights a Keras file holds whose name does not say.
            report: Told of progress.
            cancel: Stops it; nothing of a pack is kept then.

        Raises:
            LabError: It is none of these, or damaged.
            Cancelled: ``cancel`` was cancelled.
        """
        from engine.sources.importing import import_model, network_in
        from engine.sources.pack import read_pack
        from engine.sources.packed_files import is_pack

        store = _store()
        if is_pack(path):
            packed = read_pack(path, store=store, report=report, cancel=cancel)
            return tuple(model.key for model in packed)
        variant = network_in(path.stem) or network
        kept = import_model(path, variant=variant, store=store, report=report, cancel=cancel)
        return (kept.key,)

    def pack(self, keys: Sequence[str], target: Path, report: Report, cancel: CancelToken) -> Path:
        """Write models of the store as an offline pack and return where.

        Raises:
            LabError: It cannot be written, or a model is damaged.
            Cancelled: ``cancel`` was cancelled.
        """
        from engine.sources.pack import write_pack

        store = _store()
        models = [store.kept(key) for key in keys]
        return write_pack(models, target, report=report, cancel=cancel).path

    def remove(self, keys: Sequence[str]) -> None:
        """Take models off this computer; ``restore`` brings them back for an hour.

        Raises:
            LabError: One cannot be moved.
        """
        store = _store()
        for key in keys:
            store.set_aside(key)

    def restore(self, keys: Sequence[str]) -> None:
        """Bring back what was removed.

        Raises:
            LabError: It was forgotten meanwhile.
        """
        store = _store()
        for key in keys:
            store.restore(key)

    def judge(self, line: Line, folder: Path, report: Report, cancel: CancelToken) -> Tried:
        """Try a model on a folder, and remember how often it was right.

        Raises:
            LabError: It is no classifier, or the pictures cannot be used.
            Cancelled: ``cancel`` was cancelled.
        """
        from engine.accuracy.judging import judged_of

        evaluation = _evaluate(_kept(line), folder, report, cancel)
        self._records().record_judged(judged_of(evaluation, line.name))
        return Tried(line.title, evaluation, _notice(line, evaluation))

    def compare(
        self, first: Line, second: Line, folder: Path, report: Report, cancel: CancelToken
    ) -> Compared:
        """Try two models on the same pictures.

        Raises:
            LabError: They know other classes, or the pictures cannot be used.
            Cancelled: ``cancel`` was cancelled.
        """
        from engine.accuracy.comparison import compare
        from engine.accuracy.judging import judged_of

        found = []
        for number, line in enumerate((first, second)):

            def told(progress: Progress, number: int = number, name: str = line.title) -> None:
                share = (number + (progress.fraction or 0.0)) / 2
                report(Progress("compare", share, f"{name}: {progress.detail}"))

            found.append(_evaluate(_kept(line), folder, told, cancel))
        compared = compare(*found)
        for line, evaluation in zip((first, second), found, strict=True):
            self._records().record_judged(judged_of(evaluation, line.name))
        return Compared(first.title, second.title, compared)

    def _known(self) -> "OfficialModels":
        from engine.sources.official import OfficialModels

        if self._official is None:
            self._official = OfficialModels.load()
        return self._official


def _store() -> "ModelStore":
    from engine.models.store import ModelStore

    return ModelStore()


def _kept(line: Line) -> "Kept":
    if line.kept is None:
        raise ValueError(f"{line.name} is not on this computer")
    return line.kept


def _evaluate(kept: "Kept", folder: Path, report: Report, cancel: CancelToken) -> "Evaluation":
    from engine.accuracy.evaluation import evaluate

    return evaluate(kept.path, folder, labels=_labels(kept), report=report, cancel=cancel)


def _labels(kept: "Kept") -> tuple[str, ...]:
    from engine.models.labels import read_labels

    return read_labels(kept.labels) if kept.labels is not None else ()


def _notice(line: Line, evaluation: "Evaluation") -> str:
    if not line.trained:
        return UNTRAINED
    if evaluation.one_answer is not None:
        label = evaluation.pictures.label(evaluation.one_answer)
        return f"It takes every picture for {label}: it tells nothing apart."
    return ""
