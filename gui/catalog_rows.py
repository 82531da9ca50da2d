"""From what the engine knows of models to rows of the variant list."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.paths import ASSETS
from gui.variant_rows import VariantRow

if TYPE_CHECKING:
    from engine.catalog.variants import Catalog, Variant
    from engine.models.inspector import ModelFacts
    from engine.models.store import StoredModel

CHECKPOINTS = {"float": "float", "quant": "8-bit"}
QUANTITIES = (("top-1", "top1"), ("MACs", "macs"), ("parameters", "params"))


def catalog_rows(catalog: "Catalog") -> list[VariantRow]:
    """Return one row per variant, in the catalog's order."""
    return [_row(catalog, variant) for variant in catalog.variants]


def own_row(facts: "ModelFacts") -> VariantRow:
    """Return the row of the person's own model."""
    shape = facts.inputs[0].shape if facts.inputs else ()
    return VariantRow(
        name=facts.path.stem,
        resolution=shape[1] if len(shape) == 4 else None,
        macs=float(facts.macs) if facts.macs else None,
        params=float(facts.params) if facts.params else None,
        size_bytes=((facts.precision, facts.size_bytes),),
        path=facts.path,
        precision=facts.precision,
        kind=_kind(facts),
    )


def _kind(facts: "ModelFacts") -> str:
    """Say what a model is that is no variant of the list."""
    if facts.path.parent == ASSETS / "sample":
        return "Road / Not road: the trained sample that ships with the lab"
    if facts.marker is not None:
        weights = "random weights" if facts.untrained else "trained weights"
        return f"{facts.marker.variant}, built by the lab with {weights}"
    return "your own model"


def built_sizes(models: "Iterable[StoredModel]") -> dict[str, int]:
    """Return the sizes of what was built already, by the built model's name."""
    return {model.name: model.size_bytes for model in models if model.built}


def _row(catalog: "Catalog", variant: "Variant") -> VariantRow:
    from engine.catalog.variants import PRECISIONS

    sources = []
    for name, quantity in QUANTITIES:
        figure = variant.figure(quantity)
        if figure is not None:
            sources.append((name, catalog.sources[figure.source].title))
    accuracies, said, latencies = [], [], []
    for precision in PRECISIONS:
        accuracy = variant.figure("top1", precision)
        if accuracy is not None:
            accuracies.append((precision, accuracy.value))
            kind = CHECKPOINTS.get(accuracy.precision, "")
            where = catalog.sources[accuracy.source].title
            said.append((precision, f"Trained {kind} network: {where}"))
        latency = variant.figure("latency_ms", precision)
        if latency is not None:
            where = catalog.sources[latency.source].title
            latencies.append((precision, f"{latency.value:g} ms on {latency.on}", where))
    macs, params, top1 = (variant.figure(each) for each in ("macs", "params", "top1"))
    return VariantRow(
        name=variant.name,
        alpha=variant.alpha,
        resolution=variant.resolution,
        top1=top1.value if top1 else None,
        macs=macs.value if macs else None,
        params=params.value if params else None,
        top1_by=tuple(accuracies),
        top1_said=tuple(said),
        sources=tuple(sources),
        reference=tuple(latencies),
    )
