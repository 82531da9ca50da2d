"""Writes what came of a retraining into files for a person."""

import csv
import io
from pathlib import Path

from engine.accuracy.evaluation import Evaluation
from engine.accuracy.report import write_report
from engine.files import write_whole
from engine.training.model_card import ModelCard
from engine.training.retraining import Retrained


def write_card(card: ModelCard, stem: Path) -> Path:
    """Write a card as JSON and Markdown beside a model; return the Markdown's path.

    Args:
        card: The card.
        stem: The files' path without their ends ``.card.json`` and ``.card.md``.

    Raises:
        LabError: If they cannot be written.
    """
    write_whole(stem.with_name(f"{stem.name}.card.json"), card.to_json())
    page = stem.with_name(f"{stem.name}.card.md")
    write_whole(page, card.to_markdown().encode("utf-8", "replace"))
    return page


def write_reports(result: Retrained, folder: Path) -> Path:
    """Write the card, and for each precision the evaluation and its confusion.

    Returns:
        The card to read.

    Raises:
        LabError: If they cannot be written.
    """
    for precision, evaluation in result.evaluations.items():
        write_report(evaluation, folder / f"report-{precision}.html")
        write_whole(folder / f"confusion-{precision}.csv", _confusion(evaluation))
    return write_card(result.card, folder / "model")


def _confusion(evaluation: Evaluation) -> bytes:
    """Return counts as CSV: rows truth, columns what the model said."""
    label = evaluation.pictures.label
    names = [label(index) for index in evaluation.seen]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["is / said", *names])
    for name, row in zip(names, evaluation.confusion().tolist(), strict=True):
        writer.writerow([name, *row])
    return text.getvalue().encode("utf-8", "replace")
