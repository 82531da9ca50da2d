"""What the details say of a line: its figures with every source, and its differences."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gui.models.figure_list import FigureLine
from gui.models.lines import Line

if TYPE_CHECKING:
    from engine.catalog.variants import Catalog, Figure
    from engine.model_table import Kept, Network

WEIGHTS_SAID = {
    "untrained": "Random weights: speed and size are real, answers mean nothing.",
    "fetched": "Trained weights, fetched from where they are published.",
    "imported": "Imported from a file.",
    "trained": "Trained weights, put in by the lab.",
    "sample": "Trained by the lab; ships with it.",
    "damaged": "The file can no longer be read. Remove it and get it again.",
}
MOST_JUDGED = 6
KINDS = (("float", "float"), ("quant", "8-bit"))


def figure_lines(line: Line, catalog: "Catalog") -> list[FigureLine]:
    """Return the figures of a line with their sources."""
    if line.kept is not None:
        return list(_kept_lines(line.kept))
    return list(_network_lines(line.network, catalog)) if line.network is not None else []


def said_of(line: Line) -> str:
    """Return what a line is, in a sentence."""
    if line.kept is not None:
        return WEIGHTS_SAID[line.kept.weights]
    if line.network is None:
        return ""
    count = len(line.network.models)
    models = "no model of it" if not count else f"{count} model{'s' if count > 1 else ''} of it"
    return f"{line.network.entry.network}, {line.network.entry.task}; {models} on this computer."


def _network_lines(network: "Network", catalog: "Catalog") -> Iterator[FigureLine]:
    entry = network.entry
    for quantity, word, unit in (("macs", "MACs", 1e6), ("params", "Parameters", 1e6)):
        figures = sorted(entry.figures(quantity), key=lambda f: f.source != "counted")
        texts = [f"{figure.value / unit:,.2f} M".replace(",", " ") for figure in figures]
        yield from _lines(word, figures, texts, catalog)
    for quantity, word in (("top1", "Top-1"), ("top5", "Top-5"), ("coco_map", "mAP")):
        for kind, kind_word in KINDS:
            figures = [f for f in entry.figures(quantity) if f.precision == kind]
            texts = [f"{100 * figure.value:.1f} %" for figure in figures]
            yield from _lines(f"{word}, {kind_word}", figures, texts, catalog)
    for precision, size in network.sizes.items():
        yield FigureLine(f"File, {precision}", f"{size / 1e6:.2f} MB", "as the lab builds it")
    for kind, kind_word in KINDS:
        figures = [f for f in entry.figures("latency_ms") if f.precision == kind]
        first = True
        for figure in figures:
            tip = _tip(figure, catalog)
            what = f"Latency, {kind_word}" if first else ""
            yield FigureLine(what, f"{figure.value:g} ms", figure.on, tip)
            first = False


def _lines(
    word: str, figures: "list[Figure]", texts: list[str], catalog: "Catalog"
) -> Iterator[FigureLine]:
    for number, (figure, text) in enumerate(zip(figures, texts, strict=True)):
        title = catalog.sources[figure.source].title
        yield FigureLine("" if number else word, text, title, _tip(figure, catalog))


def _tip(figure: "Figure", catalog: "Catalog") -> str:
    source = catalog.sources[figure.source]
    said = f"{source.title}. {source.where}. {source.date}."
    return f"{said} {source.note}" if source.note else said


def _kept_lines(kept: "Kept") -> Iterator[FigureLine]:
    facts = kept.facts
    if facts is not None:
        yield FigureLine("For", facts.task, f"{facts.precision}, {_input(kept)}")
        yield FigureLine(
            "MACs", f"{facts.macs / 1e6:,.2f} M".replace(",", " "), "counted in the file"
        )
        yield FigureLine("Parameters", f"{facts.params / 1e6:.2f} M", "counted in the file")
        yield FigureLine("File", f"{facts.size_bytes / 1e6:.2f} MB", str(kept.path), str(kept.path))
        if facts.classes:
            labels = "with labels" if facts.labels or kept.labels else "without labels"
            yield FigureLine("Classes", str(facts.classes), labels)
        yield FigureLine("sha256", facts.sha256[:10], "", facts.sha256)
    if kept.source:
        yield FigureLine("From", "", kept.source, kept.source)
    if kept.licence:
        yield FigureLine("Licence", kept.licence, "")
    if kept.verified:
        yield FigureLine("Checked", "", kept.verified, kept.verified)
    for number, judged in enumerate(kept.judged[:MOST_JUDGED]):
        yield FigureLine(
            "" if number else "Your pictures",
            f"{100 * judged.top1 / judged.pictures:.1f} %",
            f"top-1, n = {judged.pictures}, {judged.utc[:10]}",
            f"Measured on your pictures in {judged.folder}; {judged.preprocessing}",
        )


def _input(kept: "Kept") -> str:
    shape = kept.facts.inputs[0].shape if kept.facts is not None and kept.facts.inputs else ()
    return " x ".join(str(each) for each in shape[1:])
