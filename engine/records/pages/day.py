"""One page for a class: what was measured on a day, in large figures, without names."""

from collections.abc import Sequence
from dataclasses import replace

from engine.records.document.content import (
    Big,
    Block,
    Cell,
    Column,
    Document,
    Headline,
    Paragraph,
    Table,
)
from engine.records.pages.comparison import comparison_headline, lab_footer, notes_of
from engine.records.pages.ranking import (
    Group,
    interval_cell,
    named_apart,
    rank_runs,
    ranking_figure,
    steady_ms,
)
from engine.records.pages.words import DOT, NONE, count, ms, phone_name
from engine.records.values import RunRecord, RunRow

MOST = 8
"""Rows that one page has room for."""


def without_names(row: RunRow) -> RunRow:
    """Return a run without what a person wrote."""
    return replace(row, facts=replace(row.facts, note="", place=""), tags=(), origin="")


def day_document(day: str, records: Sequence[RunRecord]) -> Document:
    """Return the page of a day.

    Args:
        day: As ``2026-05-01``.
        records: Its runs, already without names and serials; at least one.
    """
    rows = [each.row for each in records]
    steady = {each.row.id: steady_ms(each) for each in records}
    groups, worth = rank_runs(named_apart(rows), steady)
    shown = [each for each in groups if each.place is not None][:MOST]
    blocks: list[Block] = [_headline(groups, rows)]
    if figure := ranking_figure(shown, "Median latency"):
        blocks.append(figure)
    if shown:
        blocks.append(_table(shown, len(groups), worth))
    phones = sorted({phone_name(row.facts.phone) for row in rows})
    counted = sum(row.digest.count for row in rows if row.digest)
    return Document(
        title=f"Measured on {day}",
        subtitle=f"{count(len(rows))} runs{DOT}{count(counted)} inferences{DOT}{', '.join(phones)}",
        blocks=(*blocks, Paragraph(_EXPLAINED, quiet=True)),
        footer=lab_footer(rows),
        large=True,
    )


_EXPLAINED = (
    "Latency is how long the model takes for one picture; half of the pictures took less than "
    "the median. The interval says how sure that is: 19 of 20 such intervals hold the true value."
)


def _headline(groups: Sequence[Group], rows: Sequence[RunRow]) -> Headline:
    head = comparison_headline(groups, notes_of(rows))
    ranked = [each for each in groups if each.place is not None]
    if not ranked:
        return head
    figures = [Big("Measured", count(len(groups)), "kinds", f"in {count(len(rows))} runs")]
    if ranked[0].median_ms is not None:
        best = [each.name for each in ranked if each.place == 1]
        time = ms(ranked[0].median_ms, ranked[0].interval_ms)
        figures.append(Big("Fastest", time, "ms", _shared(best)))
    rates = {each.name: f"{each.fps:.1f}" for each in ranked if each.fps is not None}
    if rates:
        most = max(rates.values(), key=float)
        figures.append(Big("Most results", most, "FPS", _shared(_alike(rates, most))))
    sizes = {each.name: f"{each.facts.model_size_bytes / 1e6:.2f}" for each in ranked}
    least = min(sizes.values(), key=float)
    figures.append(Big("Smallest model", least, "MB", _shared(_alike(sizes, least))))
    return replace(head, figures=tuple(figures), verdict="", reasons=(), state="none")


def _alike(values: dict[str, str], value: str) -> list[str]:
    return [name for name, each in values.items() if each == value]


def _shared(names: Sequence[str]) -> str:
    """Name the one that it is, or say how many share it."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _table(shown: Sequence[Group], total: int, worth: str) -> Table:
    rows = tuple(
        (
            Cell(str(each.place), each.place),
            Cell(each.name),
            Cell(NONE)
            if each.median_ms is None
            else Cell(ms(each.median_ms, each.interval_ms), each.median_ms),
            interval_cell(each.interval_ms),
            Cell(NONE if each.fps is None else f"{each.fps:.1f}", each.fps),
            Cell(f"{each.facts.model_size_bytes / 1e6:.2f}", each.facts.model_size_bytes),
        )
        for each in shown
    )
    columns = (
        Column("Place", number=True),
        Column("What"),
        Column("Median", "ms", number=True),
        Column("95 % interval", "ms", number=True),
        Column("Pipeline", "FPS", number=True),
        Column("Model", "MB", number=True),
    )
    more = total - len(shown)
    left_out = f" {more} more are not shown here or may not be ranked." if more else ""
    return Table("Ranking", columns, rows, worth + left_out)
