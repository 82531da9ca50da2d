"""The report of a series: a sweep, an A/B test, the mirror's cost, a QA session."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.measuring.comparison import Difference, compare_blocks, spread
from engine.measuring.sweep_plan import SweepPlan
from engine.records.document.content import (
    Big,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Headline,
    KeyValues,
    Table,
)
from engine.records.pages.comparison import (
    comparison_headline,
    lab_footer,
    notes_of,
    phones_blocks,
    runs_table,
)
from engine.records.pages.facts import fact_rows
from engine.records.pages.ranking import (
    named_apart,
    rank_runs,
    ranking_figure,
    ranking_table,
    steady_ms,
)
from engine.records.pages.run_figures import stage_figure
from engine.records.pages.session import session_blocks, session_headline
from engine.records.pages.words import DOT, NONE, count, moment, ms
from engine.records.values import End, Flag, RunRecord, RunRow, Series, Step

KINDS = {
    "sweep": "Sweep",
    "ab": "A/B test",
    "mirror-cost": "What the mirror costs",
    "qa": "QA session",
}
NOT_SHOWN = ("folder", "phones")
"""Of a QA plan: where it was on this computer, and what the steps tell."""
PAIRS = ("ab", "mirror-cost")
PAUSED_FIRST = ("mirror paused", "mirror on")
"""The places of a mirror's cost: from the first to the second."""


def series_document(
    series: Series, steps: Sequence[Step], records: Sequence[RunRecord]
) -> Document:
    """Return the report of a series.

    Args:
        series: The series.
        steps: What came of its steps, in the order of time; none but of a QA session.
        records: Its runs; there may be none.
    """
    rows = [each.row for each in records]
    steady = {each.row.id: steady_ms(each) for each in records}
    members = _places(series, rows)
    counted = _last_of_blocks(members)
    blocks: list[Block] = []
    if series.kind in PAIRS:
        blocks += _pair(series, members, steady)
    elif series.kind == "qa":
        blocks.append(session_headline(series, steps, notes_of(rows)))
        blocks += session_blocks(steps, rows)
    else:
        blocks += _sweep(counted, steady, _so_far(series, steps, rows))
    if members and series.kind != "qa":
        blocks.append(_spread(counted, steady))
    named = {row.id: name for name, each in members.items() for row in each}
    if records:
        blocks += _pipeline(named, records)
        blocks += [Heading("The runs"), runs_table(rows, named), *phones_blocks(rows)]
    if plan := fact_rows(_plan_facts(series.plan)):
        blocks += [Heading("The plan"), KeyValues(plan)]
    title = series.title or KINDS.get(series.kind, series.kind)
    return Document(
        title=title,
        subtitle=f"{KINDS.get(series.kind, series.kind)}, series {series.id}{DOT}"
        f"{moment(series.started_utc)}",
        blocks=tuple(blocks),
        footer=lab_footer(rows),
    )


def _places(series: Series, rows: Sequence[RunRow]) -> dict[str, list[RunRow]]:
    """Group the runs by what they are in the series; a QA session measures in its steps."""
    if series.kind == "qa" or not all(row.facts.place for row in rows):
        return named_apart(rows)
    names = short_names(row.facts.place for row in rows)
    found: dict[str, list[RunRow]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        found.setdefault(names[row.facts.place], []).append(row)
    return found


def short_names(places: Iterable[str]) -> dict[str, str]:
    """Return each place's name without what all of them have in common.

    A place is ``v1_0.50_128-int8, xnnpack, 4 threads, loop``; its first part always stays.
    """
    distinct = list(dict.fromkeys(places))
    parts = {place: place.split(", ") for place in distinct}
    common = set.intersection(*(set(each[1:]) for each in parts.values())) if parts else set()
    short = {
        place: ", ".join([each[0], *(part for part in each[1:] if part not in common)])
        for place, each in parts.items()
    }
    return short if len(set(short.values())) == len(short) else {each: each for each in distinct}


def _last_of_blocks(members: dict[str, list[RunRow]]) -> dict[str, list[RunRow]]:
    """Leave of each block the last run that counts, else the last; a block may be repeated."""
    kept = {}
    for name, rows in members.items():
        last: dict[int, RunRow] = {}
        for row in sorted(rows, key=lambda row: (row.valid, row.id)):
            last[row.id if row.facts.block is None else -row.facts.block] = row
        kept[name] = sorted(last.values(), key=lambda row: row.id)
    return kept


def _unfinished(series: Series) -> tuple[str, ...]:
    if not series.outcome:
        return ("The series is not finished; it can be resumed.",)
    return () if series.outcome == "completed" else (f"The series ended: {series.outcome}.",)


def _so_far(series: Series, steps: Sequence[Step], rows: Sequence[RunRow]) -> tuple[str, ...]:
    """Say what of the plan is missing, and why."""
    plan = _plan(series.plan)
    if plan is None:
        return _unfinished(series)
    done = {(row.facts.place, row.facts.block) for row in rows if row.end is End.COMPLETED}
    planned = len(plan.places) * plan.blocks
    told = list(_unfinished(series))
    if len(done) < planned:
        told.append(f"{len(done)} of {planned} planned runs were completed.")
    refused = {str(each.facts.get("place")): each.comment for each in steps if each.comment}
    told += [f"{place}: {why}" for place, why in sorted(refused.items())]
    return tuple(told)


def _plan(values: dict[str, Any]) -> SweepPlan | None:
    try:
        return SweepPlan.from_json(values)
    except LabError:  # another kind of series, or of an older lab
        return None


def _plan_facts(values: dict[str, Any]) -> dict[str, Any]:
    """Return a plan with its configurations by their names."""
    plan = _plan(values)
    values = {name: value for name, value in values.items() if name not in NOT_SHOWN}
    return values if plan is None else values | {"places": [each.name for each in plan.places]}


def _sweep(
    members: dict[str, list[RunRow]],
    steady: dict[int, NDArray[np.float64]],
    reasons: tuple[str, ...],
) -> list[Block]:
    groups, worth = rank_runs(members, steady)
    rows = [row for each in members.values() for row in each]
    head = comparison_headline(groups, notes_of(rows))
    blocks: list[Block] = [_with_reasons(head, reasons)]
    if not groups:
        return blocks
    blocks.append(Heading("Ranking"))
    if figure := ranking_figure(groups, "Median latency"):
        blocks.append(figure)
    blocks.append(ranking_table(groups, "Ranking", worth))
    return blocks


def _pair(
    series: Series,
    members: dict[str, list[RunRow]],
    steady: dict[int, NDArray[np.float64]],
) -> list[Block]:
    """Answer for two things: how far apart they are, or that no difference was found."""
    names = _two(series, members)
    counted = _last_of_blocks(
        {
            name: [row for row in members[name] if _counts(series, row) and len(steady[row.id])]
            for name in names
        }
    )
    rows = [row for each in members.values() for row in each]
    if len(names) < 2 or not all(counted.values()):
        return [
            Headline(
                "There is nothing to compare yet: both need a run that counts.",
                state="fail",
                verdict="No answer",
                reasons=_unfinished(series),
                note=notes_of(rows),
            )
        ]
    a, b = names
    blocks = [[steady[row.id] for row in counted[name]] for name in names]
    difference = compare_blocks(*blocks, names=(a, b))
    return [
        Headline(
            answer=difference.sentence,
            figures=_pair_figures(difference, names, [len(each) for each in blocks]),
            state="none" if difference.detectable else "warn",
            verdict="A difference was found" if difference.detectable else "No detectable change",
            reasons=(*_unfinished(series), *_left_out(members, counted)),
            note=notes_of(rows),
        ),
        *_side_by_side(members, steady),
    ]


def _two(series: Series, members: dict[str, list[RunRow]]) -> tuple[str, ...]:
    """Return the two places, the one that is compared with first."""
    if series.kind == "mirror-cost" and set(PAUSED_FIRST) <= set(members):
        return PAUSED_FIRST
    if plan := _plan(series.plan):
        planned = {each.name: number for number, each in enumerate(plan.places)}
        return tuple(
            sorted(members, key=lambda name: planned.get(members[name][0].facts.place, 0))
        )[:2]
    return tuple(sorted(members))[:2]


def _counts(series: Series, row: RunRow) -> bool:
    """Whether a run counts here: a mirror's cost needs those with the mirror on."""
    if series.kind != "mirror-cost":
        return row.valid
    flags = [flag for flag in row.flags if flag.invalidates and flag is not Flag.MIRROR_ON]
    return row.end is End.COMPLETED and not flags


def _left_out(
    members: dict[str, list[RunRow]], counted: dict[str, list[RunRow]]
) -> tuple[str, ...]:
    out = sum(len(members[name]) - len(each) for name, each in counted.items())
    return (f"{out} runs do not count; the table of runs says why.",) if out else ()


def _pair_figures(
    difference: Difference, names: Sequence[str], blocks: Sequence[int]
) -> tuple[Big, ...]:
    low, high = difference.interval
    told = f"{100 * (low - 1):+.1f} to {100 * (high - 1):+.1f} %".replace("-", "\N{MINUS SIGN}")
    change = f"{100 * (difference.ratio - 1):+.1f}".replace("-", "\N{MINUS SIGN}")
    figures = [
        Big(name, ms(value), "ms", f"{number} block{'s' * (number != 1)}")
        for name, value, number in zip(
            names, (difference.a_ms, difference.b_ms), blocks, strict=True
        )
    ]
    note = f"95 % interval {told}" if high < float("inf") else "no interval: one block each"
    return (*figures, Big("Change of the median", change, "%", note))


def _side_by_side(
    members: dict[str, list[RunRow]], steady: dict[int, NDArray[np.float64]]
) -> list[Block]:
    """Draw the two in no order: they are told apart by their difference, not by a place."""
    groups, _ = rank_runs(members, steady)
    ordered = sorted(groups, key=lambda each: each.name)
    figure = ranking_figure(ordered, "Median latency", ranked=False)
    return [Heading("Side by side"), figure] if figure else []


def _spread(members: dict[str, list[RunRow]], steady: dict[int, NDArray[np.float64]]) -> Table:
    """Return how far times scatter within a run and from run to run."""
    rows = []
    for name, runs in sorted(members.items()):
        blocks = [steady[row.id] for row in runs if len(steady[row.id])]
        within, between = spread(blocks)
        one = len(blocks) < 2
        rows.append(
            (
                Cell(name),
                Cell(count(len(blocks)), len(blocks)),
                Cell(f"{100 * within:.1f}", within) if blocks else Cell(NONE),
                Cell(NONE) if one else Cell(f"{100 * between:.1f}", between),
            )
        )
    columns = (
        Column("What"),
        Column("Blocks", number=True),
        Column("Within a run", "%", number=True),
        Column("From run to run", "%", number=True),
    )
    note = "Standard deviations relative to the median. The second says what a repeat would give."
    return Table("Spread", columns, tuple(rows), note)


def _pipeline(named: dict[int, str], records: Sequence[RunRecord]) -> list[Block]:
    """Return the stages of the first run of each thing."""
    first: dict[str, RunRecord] = {}
    for record in sorted(records, key=lambda each: (not each.row.valid, each.row.id)):
        first.setdefault(named[record.row.id], record)
    chosen = [(name, each.analysis) for name, each in sorted(first.items())]
    figure = stage_figure(chosen)
    return [Heading("From the model to the app"), figure] if figure else []


def _with_reasons(head: Headline, reasons: tuple[str, ...]) -> Headline:
    if not reasons:
        return head
    state = "warn" if head.state == "ok" else head.state
    return Headline(
        head.answer, head.figures, state, head.verdict, (*reasons, *head.reasons), head.note
    )
