"""What others published or claimed: grey beside what was measured, never ranked with it."""

from dataclasses import dataclass
from typing import Final

from engine.catalog.selection import Candidate
from engine.catalog.variants import Baseline, Catalog, Variant

REPORT: Final = "Report, Mi A1"

_WHY: Final = {
    "hosted": "another phone, an earlier TensorFlow Lite, random input in a loop without a camera",
    "benchmarks": "another phone, an earlier TensorFlow Lite on the big cores alone, random input",
    "garden": "another phone, one big core, an earlier TensorFlow Lite, random input in a loop",
}


@dataclass(frozen=True, slots=True)
class ReferenceSeries:
    """Latencies of one source on one phone.

    Attributes:
        title: ``Pixel 3, CPU, 4 threads``.
        why: Why they are not comparable with what is measured here.
        source: Where they were published.
        points: One candidate each, its origin ``reference``.
    """

    title: str
    why: str
    source: str
    points: tuple[Candidate, ...]


def reference_series(catalog: Catalog) -> tuple[ReferenceSeries, ...]:
    """Return the published latencies by phone and what ran on it, and the report's own."""
    groups: dict[tuple[str, str], list[Candidate]] = {}
    networks: tuple[Variant | Baseline, ...] = (*catalog.variants, *catalog.baselines)
    for network in networks:
        for figure in network.latency_ms:
            key = (figure.on, figure.source)
            groups.setdefault(key, []).append(
                _point(network, figure.precision, figure.value, figure.on, figure.source)
            )
    published = [
        ReferenceSeries(on, _WHY[source], catalog.sources[source].title, tuple(points))
        for (on, source), points in groups.items()
    ]
    return (*published, _report(catalog))


def shown_series(catalog: Catalog) -> tuple[ReferenceSeries, ...]:
    """Return what is drawn beside measurements: Pixel 3 and 4 on the CPU, and the report."""
    every = reference_series(catalog)
    wanted = ("Pixel 3, CPU, 4 threads", "Pixel 4, CPU, 4 threads", REPORT)
    return tuple(each for each in every if each.title in wanted)


def _point(
    network: Variant | Baseline, kind: str, latency_ms: float, on: str, source: str
) -> Candidate:
    precision = "int8" if kind == "quant" else "float32"
    top1 = [each for each in network.figures("top1", precision) if each.source == source]
    figure = top1[0] if top1 else network.figure("top1", precision)
    alpha = float(network.name.split("_")[-2]) if "." in network.name else None
    return Candidate(
        name=f"{network.name}-{precision}",
        alpha=alpha,
        resolution=network.resolution,
        precision=precision,
        top1=figure.value if figure else None,
        top1_origin="published" if figure else "",
        top1_note="published, ILSVRC-2012" if figure else "",
        latency_ms=latency_ms,
        latency_origin="reference",
        macs=network.macs[0].value,
        note=f"{on}; not comparable: {_WHY[source]}",
    )


def _report(catalog: Catalog) -> ReferenceSeries:
    """The student report's two classifiers; its detector has no top-1."""
    why = "another phone, TensorFlow Mobile, the whole app's time with camera and drawing"
    claimed = (
        (catalog.variant("v1_0.50_128"), 60.0),
        (catalog.baseline("inception_v1_224"), 300.0),
    )
    points = tuple(_reported(network, latency_ms, why) for network, latency_ms in claimed)
    return ReferenceSeries(REPORT, why, catalog.sources["report"].title, points)


def _reported(network: Variant | Baseline, latency_ms: float, why: str) -> Candidate:
    figure = network.figure("top1", "float32")
    return Candidate(
        name=f"{network.name}-float32",
        alpha=getattr(network, "alpha", None),
        resolution=network.resolution,
        precision="float32",
        top1=figure.value if figure else None,
        top1_origin="published" if figure else "",
        top1_note="published, ILSVRC-2012: the report's own figure is of two classes",
        latency_ms=latency_ms,
        latency_origin="reference",
        macs=network.macs[0].value,
        note=f"{REPORT}; not comparable: {why}",
    )
