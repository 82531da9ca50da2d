"""Every model the lab can know, in one table: what was counted, published and measured of it."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.apk.published import Published
from engine.catalog.variants import (
    PRECISIONS,
    Baseline,
    Catalog,
    Figure,
    ModelName,
    Source,
    Variant,
)
from engine.errors import LabError
from engine.models.finding import Found, samples
from engine.models.inspector import ModelFacts, inspect_model
from engine.models.store import ModelStore, StoredModel
from engine.records.values import Judged

logger = logging.getLogger(__name__)

COUNTED: Final = "counted"
"""The source of figures that the lab counted itself, as the catalog calls it."""

UNTRAINED: Final = "untrained"
FETCHED: Final = "fetched"
IMPORTED: Final = "imported"
TRAINED: Final = "trained"
SAMPLE: Final = "sample"
UNKNOWN: Final = "damaged"
"""What a model's weights are, in one word: random, from a publisher, from a file of the person's,
put in by the lab itself, what ships with the lab; or the file can no longer be read."""

OTHERS: Final = "Others"
COLUMNS: Final = (
    "name", "kind", "network", "family", "task", "weights", "precision",
    "macs_counted", "macs_published", "params_counted", "params_published",
    "top1_float", "top1_8bit", "top5_float", "top5_8bit", "coco_map",
    "float32_bytes", "float16_bytes", "int8_bytes", "file_bytes",
    "top1_measured", "pictures_measured", "source",
)  # fmt: skip
"""Of the table as rows for files; see ``rows``."""

_TOLD_APART: Final = 0.005
"""Counts that differ less are the same, rounded."""

_NETWORK: Final = re.compile(r"(?:mobilenet_)?v([123])_(?:(large|small)_)?(\d\.\d+)_(\d+)")
_NEAR: Final = 0.06
"""How far a model's counted MACs may be from its network's: another classifier is in between."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A model that is on this computer.

    Attributes:
        name: As ``model list`` has it.
        path: The ``.tflite``.
        key: In the store; empty of the sample that ships.
        weights: One of this module's words.
        facts: What the file says; None if it cannot be read.
        labels: A file beside the model, or None.
        source: Where it comes from, for a person; may be empty.
        licence: As the publisher names it; may be empty.
        verified: What a fetched file was checked against; may be empty.
        network: Variant or baseline it is a model of; empty where that is not known.
        judged: How often it was right on a person's own pictures, newest first.
    """

    name: str
    path: Path
    key: str
    weights: str
    facts: ModelFacts | None
    labels: Path | None = None
    source: str = ""
    licence: str = ""
    verified: str = ""
    network: str = ""
    judged: tuple[Judged, ...] = ()

    @property
    def precision(self) -> str:
        """``float32``, ``float16``, ``int8``, ``uint8``, ``mixed``; empty if unknown."""
        return self.facts.precision if self.facts is not None else ""


@dataclass(frozen=True, slots=True)
class Network:
    """A variant or baseline with what there is of it here.

    Attributes:
        entry: Its figures.
        sizes: Bytes of the ``.tflite`` by precision: of what was built, else as measured once.
        models: On this computer.
    """

    entry: Variant | Baseline
    sizes: dict[str, int]
    models: tuple[Kept, ...]

    @property
    def name(self) -> str:
        """For instance ``v1_0.50_128``."""
        return self.entry.name


@dataclass(frozen=True, slots=True)
class ModelTable:
    """The whole table.

    Attributes:
        catalog: Where the published figures and their sources are from.
        networks: The 16 variants, then the baselines.
        others: Models here that belong to no network of the catalog.
    """

    catalog: Catalog
    networks: tuple[Network, ...]
    others: tuple[Kept, ...]

    @property
    def kept(self) -> tuple[Kept, ...]:
        """Return all models on this computer."""
        return (*(each for network in self.networks for each in network.models), *self.others)


class TableReader:
    """Reads the table again and again; a file that was looked into is not opened twice."""

    def __init__(self, store: ModelStore, catalog: Catalog | None = None) -> None:
        """Read ``store``; by default with the lab's own catalog."""
        self._store = store
        self._catalog = catalog or Catalog.load()
        self._entries = self._catalog.entries
        self._sizes = Published.load()
        self._known: dict[str, ModelFacts | None] = {}

    def read(self, judged: Iterable[Judged] = ()) -> ModelTable:
        """Return the table as it is now.

        Args:
            judged: What was measured, newest first; see ``Database.judged``.

        Raises:
            LabError: The folder of models cannot be read.
        """
        told: dict[str, list[Judged]] = {}
        for each in judged:
            told.setdefault(each.model_sha256, []).append(each)
        kept = [self._kept(each, told) for each in self._store.list()]
        kept = [each for each in kept if not self._is_part(each)]
        kept += [self._sample(sample, told) for sample in samples()]
        known = {entry.name for entry in self._entries}
        networks = tuple(self._network(entry, kept) for entry in self._entries)
        others = tuple(each for each in kept if each.network not in known)
        return ModelTable(self._catalog, networks, others)

    def _is_part(self, model: Kept) -> bool:
        """Whether it is only the frozen part of a retraining: ``v1_0.50_128_features``."""
        marker = model.facts.marker if model.facts is not None else None
        names = (f"{entry.name}_" for entry in self._entries)
        return marker is not None and marker.variant.startswith(tuple(names))

    def _network(self, entry: Variant | Baseline, kept: Sequence[Kept]) -> Network:
        models = tuple(each for each in kept if each.network == entry.name)
        sizes = {}
        for precision in PRECISIONS:
            built = [each.facts for each in models if each.name == f"{entry.name}-{precision}"]
            if built and built[0] is not None:
                sizes[precision] = built[0].size_bytes
                continue
            try:
                sizes[precision] = self._sizes.model_size(ModelName(entry.name, precision))
            except LabError as error:  # never measured: then it is not known
                logger.debug("%s: %s", entry.name, error)
        return Network(entry, sizes, models)

    def _kept(self, model: StoredModel, judged: dict[str, list[Judged]]) -> Kept:
        facts = self._facts(model.path, model.sha256)
        return Kept(
            model.name,
            model.path,
            model.key,
            _weights(model, facts),
            facts,
            model.labels,
            model.note.source,
            model.note.licence,
            model.note.verified,
            self._network_of(model.name, facts),
            tuple(judged.get(model.sha256, ())),
        )

    def _sample(self, sample: Found, judged: dict[str, list[Judged]]) -> Kept:
        facts = self._facts(sample.path, str(sample.path))
        return Kept(
            sample.name,
            sample.path,
            "",
            SAMPLE if facts is not None else UNKNOWN,
            facts,
            sample.labels,
            "trained from a random start by the lab's own command; its card lies beside it",
            "",
            "",
            self._network_of(sample.name, facts),
            tuple(judged.get(facts.sha256, ())) if facts is not None else (),
        )

    def _facts(self, path: Path, mark: str) -> ModelFacts | None:
        if mark not in self._known:
            try:
                self._known[mark] = inspect_model(path)
            except LabError as error:
                logger.info("%s: %s", path, error)
                self._known[mark] = None
        return self._known[mark]

    def _network_of(self, name: str, facts: ModelFacts | None) -> str:
        """Return the network a model belongs to: as its note says, or its name and its MACs."""
        if facts is None:
            return ""
        if facts.marker is not None:
            return facts.marker.variant
        named = next((e.name for e in self._entries if f"{name}-".startswith(f"{e.name}-")), "")
        if not named and (found := _NETWORK.search(name.lower())):
            size = f"{found[2]}_" if found[2] else ""
            named = f"v{found[1]}_{size}{float(found[3]):.2f}_{found[4]}"
        for entry in self._entries:
            if entry.name == named:
                macs = entry.macs[0].value
                return named if abs(facts.macs - macs) <= _NEAR * macs else ""
        return ""


def _weights(model: StoredModel, facts: ModelFacts | None) -> str:
    if facts is None:
        return UNKNOWN
    if facts.untrained:
        return UNTRAINED
    if model.note.source.startswith(("https://", "http://")):
        return FETCHED
    return TRAINED if facts.marker is not None else IMPORTED


def counted(entry: Variant | Baseline, quantity: str) -> Figure | None:
    """Return the figure of ``macs`` or ``params`` that was counted from the architecture."""
    return next((f for f in entry.figures(quantity) if f.source == COUNTED), None)


def published(entry: Variant | Baseline, quantity: str, kind: str = "") -> tuple[Figure, ...]:
    """Return what others say of a quantity, the figure to show first.

    Args:
        entry: Variant or baseline.
        quantity: See ``Published.figures``.
        kind: ``float`` or ``quant`` for the figures of one kind of checkpoint.
    """
    return tuple(
        figure
        for figure in entry.figures(quantity)
        if figure.source != COUNTED and (not kind or figure.precision == kind)
    )


def differences(entry: Variant | Baseline, sources: dict[str, Source]) -> tuple[str, ...]:
    """Name in sentences where sources say different things of one network."""
    return (*_count_differences(entry, sources), *_share_differences(entry, sources))


def _count_differences(entry: Variant | Baseline, sources: dict[str, Source]) -> Iterator[str]:
    for quantity, word in (("macs", "MACs"), ("params", "Parameters")):
        ours = counted(entry, quantity)
        if ours is None:
            continue
        told: dict[float, list[str]] = {}
        for figure in published(entry, quantity):
            told.setdefault(figure.value, []).append(sources[figure.source].title)
        for value, titles in told.items():
            off = value / ours.value - 1
            if abs(off) >= _TOLD_APART:
                more = "more" if off > 0 else "less"
                yield (
                    f"{word}: {' and '.join(titles)} {'say' if len(titles) > 1 else 'says'} "
                    f"{value / 1e6:.4g} M, {100 * abs(off):.1f} % {more} than the "
                    f"{ours.value / 1e6:.4g} M counted."
                )


def _share_differences(entry: Variant | Baseline, sources: dict[str, Source]) -> Iterator[str]:
    for quantity, word in (("top1", "Top-1"), ("top5", "Top-5"), ("coco_map", "COCO mAP")):
        for kind, kind_word in (("float", "float"), ("quant", "8-bit")):
            figures = published(entry, quantity, kind)
            values = {figure.value for figure in figures}
            if len(values) > 1:
                low, high = (pick(figures, key=lambda f: f.value) for pick in (min, max))
                yield (
                    f"{word}, {kind_word}: {100 * (high.value - low.value):.1f} points between "
                    f"{sources[low.source].title} ({100 * low.value:.1f} %) and "
                    f"{sources[high.source].title} ({100 * high.value:.1f} %)."
                )


def rows(table: ModelTable) -> list[dict[str, Any]]:
    """Return the table as flat rows for files: networks, each followed by its models here.

    Counts are numbers of things, sizes bytes, accuracies fractions; None where a figure is not
    known. ``top1_measured`` is of a person's own pictures and never of ILSVRC.
    """
    flat = []
    for network in table.networks:
        flat.append(_network_row(network))
        flat += [_kept_row(each) for each in network.models]
    return flat + [_kept_row(each) for each in table.others]


def _network_row(network: Network) -> dict[str, Any]:
    entry = network.entry
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"name": network.name, "kind": "network", "network": network.name}
    row |= {"family": entry.network, "task": entry.task}
    for quantity in ("macs", "params"):
        ours = counted(entry, quantity)
        row[f"{quantity}_counted"] = ours.value if ours is not None else None
        row[f"{quantity}_published"] = _first(published(entry, quantity))
    for quantity in ("top1", "top5"):
        row[f"{quantity}_float"] = _first(published(entry, quantity, "float"))
        row[f"{quantity}_8bit"] = _first(published(entry, quantity, "quant"))
    row["coco_map"] = _first(published(entry, "coco_map"))
    return row | {f"{precision}_bytes": size for precision, size in network.sizes.items()}


def _first(figures: Sequence[Figure]) -> float | None:
    return figures[0].value if figures else None


def _kept_row(model: Kept) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"name": model.name, "kind": "model", "network": model.network}
    row |= {"weights": model.weights, "precision": model.precision, "source": model.source}
    if model.facts is not None:
        row |= {"task": model.facts.task, "file_bytes": model.facts.size_bytes}
        row |= {"macs_counted": model.facts.macs, "params_counted": model.facts.params}
    if model.judged:
        newest = model.judged[0]
        row["top1_measured"] = newest.top1 / newest.pictures
        row["pictures_measured"] = newest.pictures
    return row
